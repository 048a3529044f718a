"""The growth of a network from its seeds: round by round, hop by hop, until chance or a reviewer says no."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from samehand.expansion.chance import LEAST_TIE, Reference, eligible, false_discovery_q, local_fdr, measure_chance
from samehand.expansion.holdings import Holdings
from samehand.expansion.scoring import OPERATOR, Circle, Scores, Shared, score

__all__ = ["Answers", "ExpansionParameters", "Grown", "Hop", "Inclusion", "grow"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

ROUNDS = 12
"""In a hop; in each all that the hop took in and all who might come are ranked together, so that the rate is the hop's."""
ANCHOR = 1.0
"""Nats that the object of a path says at the least."""
ESTIMATED = 10.0
"""Answers that the estimate of a hop's precision weighs as much as."""


@dataclass(frozen=True)
class ExpansionParameters:
    """What an expansion is asked to do.

    Attributes:
        hops: how many shared objects may lie between a seed and a member.
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
        asset: its number. hop, round: when. total, operator: nats. p_value, q_value, local_fdr: at that moment.
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
    row: int
    through: int
    support: tuple[tuple[int, float, int], ...]
    members: int


@dataclass(frozen=True)
class Hop:
    """One hop: how many came in, the precision to expect, what the reviewer said, and whether it went on."""

    hop: int
    rounds: int
    included: int
    precision: float
    yes: int
    no: int
    reference_networks: int
    reference_assets: int


@dataclass
class Grown:
    """A network that was grown.

    Attributes:
        seeds: assets at the outset. inclusions: in order. hops: one a hop. stopped: why it went no further.
        reasons: how many assets that share something were left out, by reason.

    """

    seeds: tuple[int, ...]
    inclusions: list[Inclusion] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    stopped: str = ""
    reasons: dict[str, int] = field(default_factory=dict)


def grow(shared: Shared, seeds: tuple[int, ...], parameters: ExpansionParameters, answers: Answers | None = None) -> Grown:
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
        else:
            continue
        break
    growth.found.stopped = growth.found.stopped or f"{parameters.hops} hops were asked for"
    growth.count_the_rest()
    return growth.found


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
        self.level = np.full(size, np.iinfo(np.int32).max, np.int64)
        self.level[list(begun)] = 0
        self.best_q = np.ones(size)
        self.scores: Scores | None = None
        self.anchored = np.zeros(size, bool)

    @property
    def member(self) -> Flags:
        return self.level < np.iinfo(np.int32).max

    def circle(self) -> Circle:
        return Circle(self.member, self.shared.named, self._weights())

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
        """Take in whom one more shared object reaches, in rounds, the surest first."""
        begun = len(self.found.inclusions)
        reference = Reference(np.zeros(0), np.zeros(0), 0, 0)
        for turn in range(1, ROUNDS + 1):
            reference, included = self._round(hop, turn, begun)
            if not included:
                break
        new = self.found.inclusions[begun:]
        yes = sum(self.level[k] == hop for k in ())
        estimated = 1 - float(np.mean([one.local_fdr for one in new])) if new else 1.0
        precision, yes, no = self._audited(hop, estimated)
        return Hop(hop, turn, len(new), precision, yes, no, reference.networks, reference.assets)

    def _audited(self, hop: int, estimated: float) -> tuple[float, int, int]:
        """The precision that a hop has by its own estimate and by the answers about whom it would have reached."""
        del hop
        yes, no = len(self.answers.yes), len(self.answers.no)
        return (ESTIMATED * estimated + yes) / (ESTIMATED + yes + no), yes, no

    def _round(self, hop: int, turn: int, begun: int) -> tuple[Reference, int]:
        shared, circle = self.shared, self.circle()
        self.scores = scores = score(shared, circle)
        reference = measure_chance(shared, circle, scores, self.rng)
        rows, level = self._anchors(scores, hop)
        anchored = rows >= 0
        self.anchored |= anchored
        totals = eligible(scores)
        open_to = ~circle.member & ~self.barred
        candidates = np.flatnonzero(open_to & anchored & (totals > 0))
        p = reference.p_values(totals, shared.all.is_account)[candidates]
        q, local = np.ones(len(p)), np.ones(len(p))
        for kind in (True, False):
            of_kind = shared.all.is_account[candidates] == kind
            before = [
                one.p_value for one in self.found.inclusions[begun:] if shared.all.is_account[one.asset] == kind
            ]
            tried = int((open_to & (shared.all.is_account == kind)).sum()) + len(before)
            every = np.concatenate([before, p[of_kind]])
            q[of_kind], local[of_kind] = (f(every, tried)[len(before) :] for f in (false_discovery_q, local_fdr))
        self.best_q[candidates] = np.minimum(self.best_q[candidates], q)
        taken = np.flatnonzero((q <= self.parameters.fdr) & (local <= 1 - self.parameters.least_precision))
        for k in taken[np.argsort(p[taken], kind="stable")].tolist():
            asset = int(candidates[k])
            self.found.inclusions.append(
                Inclusion(
                    asset, int(level[asset]) + 1, turn, float(totals[asset]), float(scores.operator[asset]), float(p[k]),
                    float(q[k]), float(local[k]), int(rows[asset]), self._bridge(int(rows[asset]), circle.member, hop),
                    self._support(asset, scores), int(circle.member.sum()),
                )
            )  # fmt: skip
        for one in self.found.inclusions[len(self.found.inclusions) - len(taken) :]:
            self.level[one.asset] = one.hop
        return reference, len(taken)

    def _anchors(self, scores: Scores, hop: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """For each asset the surest operator's holding that a member below this hop, or the tip, has too; and its level."""
        shared = self.shared
        nearest = np.full(len(shared.named), np.iinfo(np.int32).max, np.int64)
        np.minimum.at(nearest, shared.objects, self.level[shared.assets])
        nearest[shared.named > 0] = 0
        speaks = (scores.evidence >= ANCHOR) & OPERATOR[shared.attribute] & (nearest[shared.objects] < hop)
        rows = np.flatnonzero(speaks)
        order = rows[np.lexsort((rows, -scores.evidence[rows], shared.assets[rows]))]
        first = np.concatenate(([True], np.diff(shared.assets[order]) != 0)) if len(order) else np.zeros(0, bool)
        found, level = np.full(len(shared.all), -1, np.int64), np.zeros(len(shared.all), np.int64)
        found[shared.assets[order[first]]] = order[first]
        level[shared.assets[order[first]]] = nearest[shared.objects[order[first]]]
        return found, level

    def _bridge(self, row: int, member: Flags, hop: int) -> int:
        """The member that holds the same object, the nearest to the seeds first; -1 where the tip names the object."""
        shared = self.shared
        if shared.named[shared.objects[row]]:
            return -1
        low, high = np.searchsorted(shared.objects, [shared.objects[row], shared.objects[row] + 1])
        holders = shared.assets[low:high]
        inside = holders[member[holders] & (self.level[holders] < hop)]
        return int(inside[np.argmin(self.level[inside])])

    def _support(self, asset: int, scores: Scores) -> tuple[tuple[int, float, int], ...]:
        """The surest holding of each attribute: its row, its nats, and how many members hold the object."""
        shared = self.shared
        rows = np.flatnonzero((shared.assets == asset) & (scores.evidence > 0))
        best: dict[int, int] = {}
        for row in rows.tolist():
            kind = int(shared.attribute[row])
            if kind not in best or scores.evidence[row] > scores.evidence[best[kind]]:
                best[kind] = row
        member = self.member
        found = []
        for row in best.values():
            low, high = np.searchsorted(shared.objects, [shared.objects[row], shared.objects[row] + 1])
            found.append((row, float(scores.evidence[row]), int(member[shared.assets[low:high]].sum())))
        return tuple(sorted(found, key=lambda one: (-one[1], one[0])))

    def count_the_rest(self) -> None:
        """Why assets that share anything with the network were left out."""
        shared, member = self.shared, self.member
        scores = score(shared, self.circle())
        touched = np.bincount(shared.assets[scores.evidence > 0], minlength=len(shared.all)) > 0
        audience = self._audience()
        left = (touched | audience | self.barred) & ~member
        reasons = [
            ("a reviewer said no", self.barred),
            ("only follows, joined, or is followed by what is of the network", audience & ~touched),
            ("shares only what others may share too: links, images, texts, moments", touched & (scores.operator <= 0)),
            ("run mostly by others", self._run_by_others()),
            (f"tie of the operator's grade below {LEAST_TIE:g} nats", scores.operator < LEAST_TIE),
            ("beyond the hops asked for", ~self.anchored),
            ("not beyond chance at the rate asked for", self.best_q > 0),
        ]
        for words, flags in reasons:
            now = left & flags
            if now.any():
                self.found.reasons[words] = int(now.sum())
            left &= ~now

    def _run_by_others(self) -> Flags:
        holdings = self.shared.all
        ours = np.bincount(holdings.runs[:, 1], self.member[holdings.runs[:, 0]], len(holdings))
        return ~holdings.is_account & (ours > 0) & (2 * ours < holdings.staff)

    def _audience(self) -> Flags:
        return np.zeros(len(self.shared.all), bool)


_ = Holdings, replace
