"""The growth of a network from its seeds: round by round, hop by hop, until chance or a reviewer says no."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from samehand.expansion.backing import backing
from samehand.expansion.chance import Reference, eligible, false_discovery_q, local_fdr, measure_chance
from samehand.expansion.scoring import ADMIN, ANCHOR, DEVICE, LEAST_TIE, OPERATOR, Circle, Scores, Shared, score

__all__ = ["Answers", "ExpansionParameters", "Grown", "Hop", "Inclusion", "Lead", "grow"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

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
        p_value, q_value, local_fdr: at that moment; backed: whether among those who are tied, not among all. A page or group
            most of whose staff are members has the largest q-value and local rate of theirs, who runs a seed has 0.
        row: of Shared, the holding by which it is tied; through: the member that holds the object, -1 for a tip's object.
        support: rows of Shared, the best holding of every attribute that says something.
        members: how many there were.

    """

    asset: int
    hop: int
    round: int
    total: float
    operator: float
    p_value: float
    q_value: float
    local_fdr: float
    backed: bool
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
        precision: to expect of them, by their local false discovery rates and the answers.
        no: assets that a reviewer barred and that would have come in.
        reference_networks, reference_assets: that the null was drawn from in the last round.

    """

    hop: int
    rounds: int
    included: int
    precision: float
    no: int
    reference_networks: int
    reference_assets: int


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
        answers: a reviewer's; a yes is a seed, a no is never taken in and weakens what ties it.

    """
    growth = _Growth(shared, parameters, answers or Answers(), seeds)
    for hop in range(1, parameters.hops + 1):
        done = growth.hop(hop)
        growth.found.hops.append(done)
        if not done.included:
            growth.found.stopped = f"hop {hop} brought nobody in"
        elif done.precision < parameters.least_precision:
            growth.found.stopped = f"hop {hop}: precision of {done.precision:.2f}, below {parameters.least_precision:g}"
        if growth.found.stopped:
            break
    growth.found.stopped = growth.found.stopped or f"{parameters.hops} hops were asked for"
    growth.count_the_rest()
    return growth.found


@dataclass(frozen=True)
class _Ranked:
    """Candidates of one round, in order of their p-values."""

    assets: I64
    rows: I64
    p: F64
    q: F64
    local: F64
    backed: Flags
    among: F64


class _Growth:
    """The state of a growth."""

    def __init__(
        self, shared: Shared, parameters: ExpansionParameters, answers: Answers, seeds: tuple[int, ...]
    ) -> None:
        self.shared, self.parameters, self.answers = shared, parameters, answers
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
        begun, turn, no = len(self.found.inclusions), 0, 0
        reference, included = NOTHING_DRAWN, 0
        if self.member.any() or self.shared.named.any():
            for turn in range(1, ROUNDS + 1):
                reference, included, barred = self._round(hop, turn, begun)
                no = max(no, barred)
                if not included:
                    break
        new = self.found.inclusions[begun:]
        estimated = 1 - float(np.mean([one.local_fdr for one in new])) if new else 1.0
        yes = len(self.answers.yes)
        precision = (ESTIMATED * estimated + yes) / (ESTIMATED + yes + no)
        return Hop(hop, turn, len(new), precision, no, reference.networks, reference.assets)

    def _round(self, hop: int, turn: int, begun: int) -> tuple[Reference, int, int]:
        """Score everybody once; returns what the null was, how many came in, and how many only a reviewer kept out."""
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
        taken = {one.asset for one in new}
        new += [one for one in self._held_in_hand(ranked, scores, hop, turn) if one.asset not in taken]
        self.found.inclusions += new
        for one in new:
            self.level[one.asset] = one.hop
        self.found.leads = [
            Lead(int(ranked.assets[k]), float(scores.total[ranked.assets[k]]), float(ranked.p[k]), float(ranked.q[k]),
                 int(ranked.rows[k]))
            for k in np.flatnonzero(~good & ~barred)[:LEADS].tolist()
        ]  # fmt: skip
        return reference, len(new), int((good & barred).sum())

    def _rank(self, scores: Scores, reference: Reference, hop: int, begun: int) -> _Ranked:
        """Whoever is anchored, with p- and q-values: among all, or among those who are tied where that says more."""
        rows, totals = self._anchors(scores, hop), eligible(scores)
        is_account = self.shared.all.is_account
        backed = backing(self.shared, self.circle(), scores)
        assets = np.flatnonzero(~self.member & (rows >= 0) & ((totals > 0) | (backed > 0)))
        tried = self.testable & ~self.member
        p, q, local = self._rates(assets, reference.p_values(totals, is_account), tried, begun, backed=False)
        among = reference.tied_p_values(backed, is_account)
        p_b, q_b, local_b = self._rates(assets, among, ~np.isnan(backed), begun, backed=True)
        better = np.maximum(q_b / self.parameters.fdr, local_b) < np.maximum(q / self.parameters.fdr, local)
        p, q, local = (np.where(better, mine, others) for mine, others in ((p_b, p), (q_b, q), (local_b, local)))
        order = np.lexsort((assets, -totals[assets], p))
        found = assets[order]
        return _Ranked(found, rows[found], p[order], q[order], local[order], better[order], among[found])

    def _rates(self, assets: I64, every_p: F64, tried: Flags, begun: int, *, backed: bool) -> tuple[F64, F64, F64]:
        """p, q and local rate of each, accounts apart from pages and groups, with those that the hop took in before."""
        is_account, p = self.shared.all.is_account, every_p[assets]
        q, local = np.ones(len(p)), np.ones(len(p))
        for kind in (True, False):
            own = (is_account[assets] == kind) & tried[assets]
            hop = [one for one in self.found.inclusions[begun:] if is_account[one.asset] == kind]
            before = [one.p_value for one in hop if one.backed == backed]
            together, count = np.concatenate([before, p[own]]), int((tried & (is_account == kind)).sum()) + len(before)
            q[own], local[own] = (rate(together, count)[len(before) :] for rate in (false_discovery_q, local_fdr))
        return p, q, local

    def _held_in_hand(self, ranked: _Ranked, scores: Scores, hop: int, turn: int) -> list[Inclusion]:
        """What is in the same hand by what *runs* means, as surely as the members are members.

        Pages and groups most of whose staff are members tied to the others, and whoever runs what the tip names, alone or as
        one of few who is backed. And whoever logged in on a device that the tip names, and that few ever used.
        """
        holdings = self.shared.all
        hands = (self.level <= hop) & (scores.operator >= LEAST_TIE) & holdings.is_account
        ours = np.bincount(holdings.runs[:, 1], hands[holdings.runs[:, 0]], len(holdings))
        theirs = (2 * ours > holdings.staff) & ~holdings.is_account
        account, target = holdings.runs.T
        theirs[account[(self.level[target] == 0) & (holdings.staff[target] == 1)]] = True
        few_run = account[(self.level[target] == 0) & (holdings.staff[target] <= FEW_RUN)]
        backed = ranked.assets[ranked.among <= self.parameters.fdr]
        theirs[np.intersect1d(few_run, backed)] = True
        theirs &= ~self.barred
        devices = self.shared.named[self.shared.objects] * (self.shared.attribute == DEVICE) > 0
        few = devices & (holdings.holders[self.shared.objects] <= FEW)
        users = np.zeros(len(holdings), bool)
        users[self.shared.assets[few]] = True
        users &= ~self.barred
        return [
            self._for_sure(ranked, k, scores, hop, turn)
            for k in np.flatnonzero((theirs | users)[ranked.assets]).tolist()
        ]

    def _for_sure(self, ranked: _Ranked, k: int, scores: Scores, hop: int, turn: int) -> Inclusion:
        """An inclusion with the largest rates of those who run it, 0 where the tip itself names what it hangs on."""
        runs, asset = self.shared.all.runs, int(ranked.assets[k])
        staff = set(runs[runs[:, 1] == asset, 0].tolist())
        known = [one for one in self.found.inclusions if one.asset in staff]
        q, local = (max((getattr(who, name) for who in known), default=0.0) for name in ("q_value", "local_fdr"))
        one = self._included(ranked, k, scores, self.member, hop, turn)
        return replace(one, backed=True, q_value=q, local_fdr=local)

    def _included(self, ranked: _Ranked, k: int, scores: Scores, member: Flags, hop: int, turn: int) -> Inclusion:
        asset, row = int(ranked.assets[k]), int(ranked.rows[k])
        through = self._bridge(row, member, hop)
        further = int(self.shared.attribute[row] != ADMIN)
        return Inclusion(
            asset, further + int(self.level[through]) if through >= 0 else 1, turn, float(scores.total[asset]),
            float(scores.operator[asset]), float(ranked.p[k]), float(ranked.q[k]), float(ranked.local[k]),
            bool(ranked.backed[k]), row, through, self._support(asset, scores, member), int(member.sum()),
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
        by_others = self._run_by_others()
        looks_on = self._looks_on()
        left = (touched | looks_on | self.barred | by_others) & ~member
        reasons = [
            ("a reviewer said no", self.barred),
            ("run mostly by others than members", by_others),
            ("only follows or joined what is of the network, or is followed or joined by it", ~touched),
            ("shares only what anybody may share: images, texts, links, moments", scores.operator <= 0),
            (f"tie of the operator's grade below {LEAST_TIE:g} nats", scores.operator < LEAST_TIE),
            ("not beyond chance at the hop's rate", self.ranked),
            ("beyond the hops", touched),
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
