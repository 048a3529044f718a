"""The growth of a network from its seeds: round by round, hop by hop, until chance or a reviewer says no."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from samehand.expansion.backing import backing
from samehand.expansion.chance import Reference, eligible, false_discovery_q, local_fdr, measure_chance
from samehand.expansion.scoring import ADMIN, ANCHOR, DEVICE, LEAST_TIE, OPERATOR, Circle, Scores, Shared, score

__all__ = ["Answers", "Among", "ExpansionParameters", "Grown", "Hop", "Inclusion", "Lead", "grow"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Among = Literal["all", "tied", "staff", ""]
"""Whom an inclusion was tried among: everybody, the tied, who run a page of the tip; nobody, where it is so by meaning."""

FAR: Final = int(np.iinfo(np.int32).max)
NOTHING_DRAWN: Final = Reference(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), 0, 0)
LEADS = 20
FEW_RUN = 4
"""Who run a page that a tip names, at the most, for each of them to be tried by itself."""
FEW = 12
"""Accounts that used a device at the most, for all of them to come in where a tip names it."""
ROUNDS = 12
"""In a hop; in each all that the hop took in and all who might come are ranked together, so that the rate is the hop's."""
ESTIMATED = 10.0
"""Answers that the estimate of a hop's precision weighs as much as."""


@dataclass(frozen=True)
class ExpansionParameters:
    """What an expansion is asked to do.

    Attributes:
        hops: how many shared things may lie between a seed and a member; a page and who runs it lie together.
        fdr: the false discovery rate of each hop.
        least_precision: of a hop's inclusions, estimated; below it nothing is expanded any further, and an asset whose local
            false discovery rate is above the rest to 1 is left out.
        seed: of the networks drawn for the null.

    """

    hops: int = 2
    fdr: float = 0.05
    least_precision: float = 0.9
    seed: int = 0


@dataclass(frozen=True)
class Answers:
    """What a reviewer said: assets that are of the network, and assets that are not."""

    yes: tuple[int, ...] = ()
    no: tuple[int, ...] = ()


@dataclass(frozen=True)
class Inclusion:
    """One asset that was taken in.

    Attributes:
        asset: its number. hop: shared things between it and the tip, who runs what not counted. round: when.
        total, operator: nats.
        among: whom it was tried among. p_value, q_value, local_fdr: among these, at that moment; None for what is so by
            meaning, which is as sure as the members or the tip that it hangs on.
        row: of Shared, the holding by which it is tied; through: the member that holds the object, -1 for a tip's object.
        support: rows of Shared, the best holding of every attribute that says something.
        members: how many there were.

    """

    asset: int
    hop: int
    round: int
    total: float
    operator: float
    among: Among
    p_value: float | None
    q_value: float | None
    local_fdr: float | None
    row: int
    through: int
    support: tuple[tuple[int, float, int], ...]
    members: int


@dataclass(frozen=True)
class Lead:
    """An asset that was not taken in, and is the next for a reviewer to look at; as in Inclusion."""

    asset: int
    total: float
    p_value: float
    q_value: float
    row: int


@dataclass(frozen=True)
class Hop:
    """One hop.

    Attributes:
        hop: its number. rounds: how often all were scored. included: how many came in.
        precision: to expect of them, by the local false discovery rates of those who were tried and by the answers; None
            where there is neither.
        yes, no: answers about assets that this hop takes in where no answer weakens or bars anything.
        reference_networks, reference_assets: that the null was drawn from in the last round.
        short: kinds of which the reference has too few for a drawn network as large as this one.

    """

    hop: int
    rounds: int
    included: int
    precision: float | None
    yes: int
    no: int
    reference_networks: int
    reference_assets: int
    short: tuple[str, ...]


@dataclass
class Grown:
    """A network that was grown.

    Attributes:
        seeds: assets at the outset. inclusions: in order. hops: one a hop. stopped: why it went no further.
        leads: those who came nearest, the surest first.
        reasons: how many assets that share something were left out, by reason.

    """

    seeds: tuple[int, ...]
    inclusions: list[Inclusion] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    stopped: str = ""
    leads: list[Lead] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)


def grow(
    shared: Shared, seeds: tuple[int, ...], parameters: ExpansionParameters, answers: Answers | None = None
) -> Grown:
    """Grow a network.

    Args:
        shared: the holdings, and what a tip names of them.
        seeds: assets that a tip names.
        parameters: hops and rates.
        answers: a reviewer's; a yes is a seed, a no is never taken in and weakens what ties it. Both count for the precision
            of the hop that takes the asset in when nobody answers.

    """
    answers = answers or Answers()
    growth = _Growth(shared, parameters, answers, seeds, _said_of_hops(shared, seeds, parameters, answers))
    for hop in range(1, parameters.hops + 1):
        done = growth.hop(hop)
        growth.found.hops.append(done)
        if not done.included:
            growth.found.stopped = f"hop {hop} brought nobody in"
        elif done.precision is not None and done.precision < parameters.least_precision:
            growth.found.stopped = f"hop {hop}: precision of {done.precision:.2f}, below {parameters.least_precision:g}"
        if growth.found.stopped:
            break
    growth.found.stopped = growth.found.stopped or f"{parameters.hops} hops were asked for"
    growth.count_the_rest()
    return growth.found


def _said_of_hops(
    shared: Shared, seeds: tuple[int, ...], parameters: ExpansionParameters, answers: Answers
) -> list[tuple[int, int]]:
    """How many yes and no were said of what each hop takes in when nobody answers; empty without answers.

    Answers weaken what ties those whom they are about, so in the growth that has them these no longer rank: what they say of a
    hop is to be seen where they are left out.
    """
    if not (answers.yes or answers.no):
        return []
    unanswered, said, begun = grow(shared, seeds, parameters), list[tuple[int, int]](), 0
    for hop in unanswered.hops:
        of_hop = {one.asset for one in unanswered.inclusions[begun : begun + hop.included]}
        said.append((len(of_hop.intersection(answers.yes)), len(of_hop.intersection(answers.no))))
        begun += hop.included
    return said


@dataclass(frozen=True)
class _Ranked:
    """Candidates of one round, in order of their p-values."""

    assets: I64
    rows: I64
    p: F64
    q: F64
    local: F64
    backed: Flags
    p_tied: F64


def _precision(new: list[Inclusion], yes: int, no: int) -> float | None:
    """What to expect of inclusions; None where none was tried and none was answered."""
    local = [one.local_fdr for one in new if one.local_fdr is not None]
    if not local and not yes + no:
        return None
    return (ESTIMATED * (1 - float(np.mean(local or [0.0]))) + yes) / (ESTIMATED + yes + no)


class _Growth:
    """The state of a growth."""

    def __init__(
        self, shared: Shared, parameters: ExpansionParameters, answers: Answers, seeds: tuple[int, ...],
        said: list[tuple[int, int]],
    ) -> None:  # fmt: skip
        self.shared, self.parameters, self.answers, self.said = shared, parameters, answers, said
        self.rng = np.random.default_rng(parameters.seed)
        size = len(shared.all)
        self.barred = np.zeros(size, bool)
        self.barred[list(answers.no)] = True
        begun = tuple(k for k in dict.fromkeys([*seeds, *answers.yes]) if not self.barred[k])
        self.found = Grown(begun)
        self.level = np.full(size, FAR, np.int64)
        self.level[list(begun)] = 0
        self.ranked = np.zeros(size, bool)
        self.weights, self.testable = self._weights(), shared.all.testable

    @property
    def member(self) -> Flags:
        return self.level < FAR

    def circle(self) -> Circle:
        return Circle(self.member, self.shared.named, self.weights)

    def _weights(self) -> F64 | None:
        """What an object still says when a reviewer said no to some who hold it, and yes to others."""
        if not self.answers.no:
            return None
        said = np.zeros((2, len(self.shared.all)))
        said[0, list(self.answers.yes)] = 1
        said[1, list(self.answers.no)] = 1
        yes, no = (np.bincount(self.shared.objects, row[self.shared.assets], len(self.shared.named)) for row in said)
        return np.asarray((1 + yes) / (1 + yes + 2 * no))

    def hop(self, hop: int) -> Hop:
        """Take in whom one more shared object reaches, in rounds."""
        begun, turn, reference = len(self.found.inclusions), 0, NOTHING_DRAWN
        if self.member.any() or self.shared.named.any():
            for turn in range(1, ROUNDS + 1):
                reference, included = self._round(hop, turn, begun)
                if not included:
                    break
        new = self.found.inclusions[begun:]
        yes, no = self.said[hop - 1] if hop <= len(self.said) else (0, 0)
        return Hop(
            hop,
            turn,
            len(new),
            _precision(new, yes, no),
            yes,
            no,
            reference.networks,
            reference.assets,
            reference.short,
        )

    def _round(self, hop: int, turn: int, begun: int) -> tuple[Reference, int]:
        """Score everybody once; returns what the null was, and how many came in."""
        circle = self.circle()
        scores = score(self.shared, circle)
        reference = measure_chance(self.shared, circle, scores, self.rng)
        ranked = self._rank(scores, reference, hop, begun)
        self.ranked[ranked.assets] = True
        good = (ranked.q <= self.parameters.fdr) & (ranked.local <= 1 - self.parameters.least_precision)
        barred = self.barred[ranked.assets]
        new = [
            self._included(ranked, k, scores, circle.member, hop, turn) for k in np.flatnonzero(good & ~barred).tolist()
        ]
        for further in (self._by_meaning(ranked, scores, hop, turn), self._staff_of_seeds(ranked, scores, hop, turn)):
            taken = {one.asset for one in new}
            new += [one for one in further if one.asset not in taken]
        self.found.inclusions += new
        for one in new:
            self.level[one.asset] = one.hop
        self.found.leads = [
            Lead(int(ranked.assets[k]), float(scores.total[ranked.assets[k]]), float(ranked.p[k]), float(ranked.q[k]),
                 int(ranked.rows[k]))
            for k in np.flatnonzero(~good & ~barred)[:LEADS].tolist()
        ]  # fmt: skip
        return reference, len(new)

    def _rank(self, scores: Scores, reference: Reference, hop: int, begun: int) -> _Ranked:
        """Whoever is anchored, with p- and q-values: among all, or among those who are tied where that says more."""
        rows, totals = self._anchors(scores, hop), eligible(scores)
        is_account = self.shared.all.is_account
        backed = backing(self.shared, self.circle(), scores)
        assets = np.flatnonzero(~self.member & (rows >= 0) & ((totals > 0) | (backed > 0)))
        tried = self.testable & ~self.member
        p, q, local = self._rates(assets, reference.p_values(totals, is_account), tried, begun, "all")
        p_tied = reference.tied_p_values(backed, is_account)
        p_b, q_b, local_b = self._rates(assets, p_tied, ~np.isnan(backed), begun, "tied")
        better = np.maximum(q_b / self.parameters.fdr, local_b) < np.maximum(q / self.parameters.fdr, local)
        p, q, local = (np.where(better, mine, others) for mine, others in ((p_b, p), (q_b, q), (local_b, local)))
        order = np.lexsort((assets, -totals[assets], p))
        found = assets[order]
        return _Ranked(found, rows[found], p[order], q[order], local[order], better[order], p_tied[found])

    def _rates(self, assets: I64, every_p: F64, tried: Flags, begun: int, among: Among) -> tuple[F64, F64, F64]:
        """p, q and local rate of each, accounts apart from pages and groups, with those that the hop took in before."""
        is_account, p = self.shared.all.is_account, every_p[assets]
        q, local = np.ones(len(p)), np.ones(len(p))
        for kind in (True, False):
            own = (is_account[assets] == kind) & tried[assets]
            hop = [one for one in self.found.inclusions[begun:] if is_account[one.asset] == kind]
            before = [one.p_value for one in hop if one.among == among and one.p_value is not None]
            together, count = np.concatenate([before, p[own]]), int((tried & (is_account == kind)).sum()) + len(before)
            q[own], local[own] = (rate(together, count)[len(before) :] for rate in (false_discovery_q, local_fdr))
        return p, q, local

    def _by_meaning(self, ranked: _Ranked, scores: Scores, hop: int, turn: int) -> list[Inclusion]:
        """What is in the same hand by what *runs* means, as surely as the members are members and the tip is right.

        Pages and groups most of whose staff are members tied to the others; who alone runs what the tip names; and whoever
        logged in on a device that the tip names and that few ever used.
        """
        holdings = self.shared.all
        hands = (self.level <= hop) & (scores.operator >= LEAST_TIE) & holdings.is_account
        ours = np.bincount(holdings.runs[:, 1], hands[holdings.runs[:, 0]], len(holdings))
        theirs = (2 * ours > holdings.staff) & ~holdings.is_account
        account, target = holdings.runs.T
        theirs[account[(self.level[target] == 0) & (holdings.staff[target] == 1)]] = True
        devices = self.shared.named[self.shared.objects] * (self.shared.attribute == DEVICE) > 0
        few = devices & (holdings.holders[self.shared.objects] <= FEW)
        theirs[self.shared.assets[few]] = True
        found = np.flatnonzero((theirs & ~self.barred)[ranked.assets]).tolist()
        return [
            replace(
                self._included(ranked, k, scores, self.member, hop, turn),
                among="",
                p_value=None,
                q_value=None,
                local_fdr=None,
            )
            for k in found
        ]

    def _staff_of_seeds(self, ranked: _Ranked, scores: Scores, hop: int, turn: int) -> list[Inclusion]:
        """Who runs what the tip names with few others, and is backed beyond chance among those who do.

        They are few, so they are tried among themselves: some of those who run a page of the tip are likely to be its hand.
        """
        holdings = self.shared.all
        account, target = holdings.runs.T
        staff = np.zeros(len(holdings), bool)
        staff[
            account[(self.level[target] == 0) & (holdings.staff[target] > 1) & (holdings.staff[target] <= FEW_RUN)]
        ] = True
        before = [one.p_value for one in self.found.inclusions if one.among == "staff" and one.p_value is not None]
        tried = np.flatnonzero((staff & ~self.member)[ranked.assets])
        p, count = ranked.p_tied[tried], int((staff & ~self.member).sum()) + len(before)
        together = np.concatenate([before, p])
        q, local = (rate(together, count)[len(before) :] for rate in (false_discovery_q, local_fdr))
        return [
            replace(
                self._included(ranked, k, scores, self.member, hop, turn), among="staff", p_value=float(p[place]),
                q_value=float(q[place]), local_fdr=float(local[place]),
            )
            for place, k in enumerate(tried.tolist())
            if q[place] <= self.parameters.fdr and not self.barred[ranked.assets[k]]
        ]  # fmt: skip

    def _included(self, ranked: _Ranked, k: int, scores: Scores, member: Flags, hop: int, turn: int) -> Inclusion:
        asset, row = int(ranked.assets[k]), int(ranked.rows[k])
        through = self._bridge(row, member, hop)
        further = int(self.shared.attribute[row] != ADMIN)
        return Inclusion(
            asset, further + int(self.level[through]) if through >= 0 else 1, turn, float(scores.total[asset]),
            float(scores.operator[asset]), "tied" if ranked.backed[k] else "all", float(ranked.p[k]), float(ranked.q[k]),
            float(ranked.local[k]), row, through, self._support(asset, scores, member), int(member.sum()),
        )  # fmt: skip

    def _anchors(self, scores: Scores, hop: int) -> I64:
        """For each asset the surest operator's holding that a member below this hop, or the tip, has too; -1 for none."""
        shared = self.shared
        nearest = np.full(len(shared.named), FAR, np.int64)
        np.minimum.at(nearest, shared.objects, self.level[shared.assets])
        nearest[shared.named > 0] = 0
        reach = hop - (shared.attribute != ADMIN)
        speaks = (scores.evidence >= ANCHOR) & OPERATOR[shared.attribute] & (nearest[shared.objects] <= reach)
        rows = np.flatnonzero(speaks)
        order = rows[np.lexsort((rows, -scores.evidence[rows], shared.assets[rows]))]
        first = np.concatenate(([True], np.diff(shared.assets[order]) != 0))[: len(order)]
        found = np.full(len(shared.all), -1, np.int64)
        found[shared.assets[order[first]]] = order[first]
        return found

    def _holders(self, row: int) -> I32:
        low, high = np.searchsorted(self.shared.objects, [self.shared.objects[row], self.shared.objects[row] + 1])
        return self.shared.assets[low:high]

    def _bridge(self, row: int, member: Flags, hop: int) -> int:
        """The member that holds the same object, the nearest to the seeds first; -1 where the tip names the object."""
        if self.shared.named[self.shared.objects[row]]:
            return -1
        holders = self._holders(row)
        reach = hop - int(self.shared.attribute[row] != ADMIN)
        inside = holders[member[holders] & (self.level[holders] <= reach)]
        return int(inside[np.argmin(self.level[inside])])

    def _support(self, asset: int, scores: Scores, member: Flags) -> tuple[tuple[int, float, int], ...]:
        """The surest holding of each attribute: its row, its nats, and how many members hold the object."""
        rows = np.flatnonzero((self.shared.assets == asset) & (scores.evidence > 0))
        best: dict[int, int] = {}
        for row in rows[np.argsort(-scores.evidence[rows], kind="stable")].tolist():
            best.setdefault(int(self.shared.attribute[row]), row)
        return tuple((row, float(scores.evidence[row]), int(member[self._holders(row)].sum())) for row in best.values())

    def count_the_rest(self) -> None:
        """Why assets that share anything with the network were left out, each counted once."""
        shared, member = self.shared, self.member
        scores = score(shared, self.circle())
        touched = np.bincount(shared.assets[scores.evidence > 0], minlength=len(shared.all)) > 0
        speaks = OPERATOR[shared.attribute] & (scores.evidence >= ANCHOR)
        anchored = np.bincount(shared.assets[speaks], minlength=len(shared.all)) > 0
        by_others = self._run_by_others()
        looks_on = self._looks_on()
        left = (touched | looks_on | self.barred | by_others) & ~member
        reasons = [
            ("a reviewer said no", self.barred),
            ("run mostly by others than members", by_others),
            ("only follows or joined what is of the network, or is followed or joined by it", ~touched),
            ("shares only what anybody may share: images, texts, links, moments", scores.operator <= 0),
            (f"tie of the operator's grade below {LEAST_TIE:g} nats", scores.operator < LEAST_TIE),
            (f"many faint ties, and no one thing of {ANCHOR:g} nats", ~anchored),
            ("not beyond chance at the hop's rate", self.ranked),
            ("further away than the last hop", touched),
        ]
        for words, flags in reasons:
            now = left & flags
            if now.any():
                self.found.reasons[words] = int(now.sum())
            left &= ~now

    def _run_by_others(self) -> Flags:
        holdings = self.shared.all
        ours = np.bincount(holdings.runs[:, 1], self.member[holdings.runs[:, 0]], len(holdings))
        return np.asarray(~holdings.is_account & (ours > 0) & (2 * ours < holdings.staff))

    def _looks_on(self) -> Flags:
        who, target = self.shared.all.follows.T
        found = np.zeros(len(self.shared.all), bool)
        found[who[self.member[target]]] = True
        found[target[self.member[who]]] = True
        return found
