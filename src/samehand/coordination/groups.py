"""Groups: is this set of accounts together in time more often than such objects bring unrelated people together?

The search that proposed the group looked at no time. What it is held against, window by window:

* All objects of one session make one *occasion*, one observation.
* In an occasion a forest of pairs is grown over the members, an object giving one edge at most, the rarest first: so
  many coincidences are free of one another (a pair that meets on five objects in one session gives one).
* That some edge hits is priced by the chance of its objects (the union bound); for an object with several members the
  chance is that half of their pairs fall together, measured on unrelated sharers of crowd objects.
* Each further edge, given that these people are in one session, is a throw of chance `AGAIN` or the objects' own
  chance, whichever is larger; and with chance `FLASH` something set off the whole session at once. A broad session is
  read at three steps only: some, half, four fifths of its edges.
* The surprises (-ln of the step's tail) of all occasions are summed and held against a Chernoff bound, which needs no
  variance and no simulation: P(sum >= s) <= inf_t exp(-t s) prod E exp(t X).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.coordination.meetings import Meetings
from samehand.coordination.reference import MEMBER_GRID, Reference, odds_scaled

__all__ = [
    "ALL_TRACES",
    "MINIMUM_OCCASIONS",
    "GroupTest",
    "judge_group",
    "least_p_value",
    "session_us",
    "test_group",
    "tested_rows",
]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Part = tuple[int, float, float, Flags]
"""A trace (or all), least breadth, least share of the sharers, and the meetings of that slice."""

MINIMUM_OCCASIONS = 3
AGAIN = 0.5
"""Two people in one session fall within the same minute less than half of the time (organic sets: .13 to .35)."""
FLASH = 0.01
"""Crowd objects whose sharers nearly all come within a minute: about .005 of them in the organic sets looked at."""
SLICES = ((0.0, 0.0), (0.45, 0.0), (0.0, 0.5), (0.2, 0.5))
"""What is looked at: all objects; those that nearly half of the members share; those that hardly anybody else shares
(half of the sharers are members); those that a fifth of the members and hardly anybody else share."""
DEEPEST = 12
"""More edges than this in one occasion tell no more."""
ALL_TRACES = -1


@dataclass(frozen=True)
class GroupTest:
    """A group held against chance.

    Attributes:
        p_value: the smallest bound over windows and traces times their number, at most 1.
        window: index of the window that gave it.
        kind: the trace that gave it, or `ALL_TRACES`.
        breadth, own: its objects were shared by at least this share of the members, and at least this share of their
            sharers are members.
        occasions: observations at that window.
        together: occasions in which some edge hit.
        expected: mean chance of a meeting at that window.

    """

    p_value: float
    window: int
    kind: int
    breadth: float
    own: float
    occasions: int
    together: int
    expected: float


NOTHING = GroupTest(1.0, 0, ALL_TRACES, 0.0, 0.0, 0, 0, 1.0)


def session_us(window_us: int) -> int:
    """How long one session lasts when looked at through a window: a quarter of an hour, two windows for wide ones."""
    return max(15 * 60 * 1_000_000, min(3 * window_us, window_us + 3600 * 1_000_000))


@nb.njit(cache=True)
def _root(parent: I64, x: int) -> int:
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@nb.njit(cache=True)
def _spans(obj: I32, moment: I64) -> tuple[I64, I64, I64]:
    """Where each object's meetings begin and end, and its moment (the median of its meetings')."""
    n = len(obj)
    begin, end, when = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    objects, s = 0, 0
    while s < n:
        e = s
        while e < n and obj[e] == obj[s]:
            e += 1
        begin[objects], end[objects], when[objects] = s, e, np.sort(moment[s:e])[(e - s - 1) // 2]
        objects += 1
        s = e
    return begin[:objects], end[:objects], when[:objects]


@nb.njit(cache=True)
def _binomial_tail(n: int, chance: float, least: int) -> float:
    """P(at least `least` of n throws)."""
    total, term = 0.0, (1 - chance) ** n
    for h in range(n + 1):
        if h >= least:
            total += term
        term *= (n - h) / (h + 1) * chance / (1 - chance)
    return min(1.0, total)


@nb.njit(cache=True)
def _session_tail(means: F64, least: int) -> float:
    """P(at least `least` edges of one session hit): some edge is the first, the others follow it `AGAIN` or in a flash."""
    total, n = 0.0, len(means)
    for e in range(n - least + 1):
        again = max(AGAIN, means[e + 1 :].mean() if e + 1 < n else 0.0)
        further = _binomial_tail(n - e - 1, again, least - 1)
        total += means[e] * (FLASH + (1 - FLASH) * further if least > 1 else 1.0)
    return min(1.0, total)


@nb.njit(cache=True)
def _edge(
    low: int, high: int, first: I64, second: I64, apart: I64, chance: F64, window: int, parent: I64, seen: Flags, crowd: float,
    halves: F64, grid: I64,
) -> tuple[bool, bool, float]:  # fmt: skip
    """One object's edge in the forest: whether it is free, whether it hit, and its chance; joins the members."""
    free, inside, mean, joined, parts = 0, 0, 0.0, 1, 0
    last, root = -1, -1
    for r in range(low, high):
        if first[r] != last:  # a member's rows follow one another
            last, root = first[r], _root(parent, first[r])
        other = _root(parent, second[r])
        if root != other:
            free += 1
            inside += apart[r] <= window
            mean += chance[r]
            for x in (root, other):
                if not seen[x]:
                    seen[x] = True
                    parts += 1
    if free == 0:
        return False, False, 0.0
    for r in range(low, high):
        a, b = _root(parent, first[r]), _root(parent, second[r])
        if a != b:
            parent[a] = b
            joined += 1
            if joined == parts:  # all are one now: the other rows join nothing
                break
    seen[:] = False
    mean = min(0.95, mean / free)
    if joined > 2:
        g = 0
        while g + 1 < len(grid) and grid[g + 1] <= joined:
            g += 1
        factor = max(1.0, mean / (1 - mean) / (crowd / (1 - crowd)))
        # never likelier than Markov's bound on the mean; and where being together is usual, half of them usually are
        mean = min(0.95, 2 * mean, max(odds_scaled(halves[g], factor), (2 * mean) ** 3))
    return True, inside >= 0.5 * free, mean


@nb.njit(cache=True)
def _occasions(
    obj: I32, first: I64, second: I64, members: int, moment: I64, apart: I64, chance: F64, window: int, session: int,
    sharers: I32, kind: I64, crowd: F64, halves: F64, grid: I64,
) -> tuple[F64, F64]:  # fmt: skip
    """For each occasion the surprise reached in nats, and the tails of its steps (0 where a step is not used)."""
    begin, end, when = _spans(obj, moment)
    order = np.argsort(when, kind="mergesort")
    n = len(order)
    reached, tail = np.zeros(n), np.zeros((n, 3))
    parent, seen, means = np.arange(members), np.zeros(members, np.bool_), np.empty(DEEPEST)
    occasions, s = 0, 0
    while s < n:
        e = s
        while e < n and when[order[e]] - when[order[s]] <= session:
            e += 1
        parent[:] = np.arange(members)
        rarest_first = order[s:e][np.argsort(sharers[obj[begin[order[s:e]]]], kind="mergesort")]
        edges, hits = 0, 0
        for o in rarest_first:
            if edges == DEEPEST:
                break
            k = kind[obj[begin[o]]]
            free, hit, mean = _edge(
                begin[o], end[o], first, second, apart, chance, window, parent, seen, crowd[k], halves[k], grid
            )
            if free:
                means[edges] = mean
                edges, hits = edges + 1, hits + hit
        steps = (1, (edges + 1) // 2, int(np.ceil(0.8 * edges)))
        for k in range(3):
            if k > 0 and steps[k] == steps[k - 1]:
                continue
            tail[occasions, k] = _session_tail(means[:edges], steps[k])
            if hits >= steps[k]:
                reached[occasions] = -np.log(tail[occasions, k])
        occasions += 1
        s = e
    return reached[:occasions], tail[:occasions]


@nb.njit(cache=True)
def _moment_generating(theta: float, tail: F64) -> float:
    """E e^(theta X) of X = -ln tail[k] where step k is the last one reached, P(step >= k) = tail[k]; 0 is no step."""
    total, above = 1.0, 0.0
    for k in range(len(tail) - 1, -1, -1):
        if tail[k] > 0:
            total += (tail[k] - above) * (tail[k] ** -theta - 1.0)
            above = tail[k]
    return total


@nb.njit(cache=True)
def chernoff_bound(reached: F64, tail: F64) -> float:
    """An upper bound of P(the summed surprise of independent occasions is at least what was reached)."""
    total, best = reached.sum(), 0.0
    for step in range(24):
        theta = 0.05 * 1.33**step
        value = theta * total
        for i in range(len(reached)):
            value -= np.log(_moment_generating(theta, tail[i]))
        best = max(best, value)
    return float(np.exp(-best))


@dataclass(frozen=True)
class _Group:
    """A group's meetings with its members numbered from 0, and how many members share each meeting's object."""

    meetings: Meetings
    kinds: I64
    first: I64
    second: I64
    members: int
    sharing: F64
    own: F64

    @classmethod
    def of(cls, meetings: Meetings, reference: Reference, sharers: I32) -> _Group:
        present = np.zeros(int(max(meetings.first.max(initial=-1), meetings.second.max(initial=-1))) + 1, np.bool_)
        present[meetings.first] = present[meetings.second] = True
        number = np.cumsum(present) - 1
        # objects come one after the other: the number of pairs that share one says how many accounts do
        begin = np.flatnonzero(np.diff(meetings.obj, prepend=-1))
        pairs = np.diff(np.append(begin, len(meetings.obj)))
        sharing = np.repeat((1 + np.sqrt(1 + 8 * pairs)) / 2, pairs)
        return cls(
            meetings, reference.kind[meetings.obj], number[meetings.first], number[meetings.second], int(present.sum()),
            sharing, sharing / sharers[meetings.obj],
        )  # fmt: skip

    def rows(self, kind: int, breadth: float, own: float) -> Flags:
        """The meetings of one trace (or of all) on objects of one slice."""
        inside = (self.sharing >= breadth * self.members) & (self.own >= own)
        return inside if kind == ALL_TRACES else inside & (self.kinds == kind)

    def parts(self) -> list[Part]:
        """What is tested: each trace by itself and all together, with all objects and with the broadly shared ones."""
        present = np.unique(self.kinds).tolist()
        found: list[Part] = []
        for kind in [*present, ALL_TRACES] if len(present) > 1 else present:
            seen: set[bytes] = set()
            for breadth, own in SLICES:
                rows = self.rows(kind, breadth, own)
                if rows.any() and rows.tobytes() not in seen:
                    found.append((kind, breadth, own, rows))
                    seen.add(rows.tobytes())
        return found

    def best(self, rows: Flags, reference: Reference, sharers: I32, windows: int) -> GroupTest:
        """The best of the first windows for some of the meetings, not yet paid for; `NOTHING` with too few occasions."""
        part, first, second = self.meetings.where(rows), self.first[rows], self.second[rows]
        moment, apart = part.moment_us, part.apart_us
        best = NOTHING
        for w, width in enumerate(reference.windows_us[:windows].tolist()):
            reached, tail = _occasions(
                part.obj, first, second, self.members, moment, apart, part.chance[:, w], width, session_us(width), sharers,
                reference.kind, reference.crowd[:, w], reference.halves[:, w], np.asarray(MEMBER_GRID, np.int64),
            )  # fmt: skip
            if len(reached) < MINIMUM_OCCASIONS:
                continue
            p = chernoff_bound(reached, tail)
            if best is NOTHING or p < best.p_value:
                mean = float(part.chance[:, w].mean())
                best = GroupTest(p, w, ALL_TRACES, 0.0, 0.0, len(reached), int((reached > 0).sum()), mean)
        return best


def tested_rows(meetings: Meetings, reference: Reference, sharers: I32, test: GroupTest) -> Flags:
    """The meetings that a group's test speaks of: of its trace, on objects shared by enough of the members.

    A team's own things are those that many of its members share; what two of them happen to share besides is noise.
    Who shared what decides this, no time does.
    """
    return _Group.of(meetings, reference, sharers).rows(test.kind, test.breadth, test.own)


def _least(group: _Group, parts: list[Part], reference: Reference, sharers: I32) -> float:
    at_once = replace(group, meetings=group.meetings._replace(at_j=group.meetings.at_i))
    tests = [at_once.best(rows, reference, sharers, 1) for _, _, _, rows in parts]
    found = [test.p_value for test in tests if test is not NOTHING]
    return min(1.0, min(found) * len(found) * len(reference.windows_us)) if found else 1.0


def _best(group: _Group, parts: list[Part], reference: Reference, sharers: I32) -> GroupTest:
    tests = []
    for kind, breadth, own, rows in parts:
        found = group.best(rows, reference, sharers, len(reference.windows_us))
        if found is not NOTHING:
            tests.append(replace(found, kind=kind, breadth=breadth, own=own))
    if not tests:
        return NOTHING
    best = min(tests, key=lambda test: test.p_value)
    return replace(best, p_value=min(1.0, best.p_value * len(tests) * len(reference.windows_us)))


def least_p_value(meetings: Meetings, reference: Reference, sharers: I32) -> float:
    """The p-value these meetings would have if all were at once: what opportunity alone allows.

    The narrowest window, whose chances are the smallest, decides.
    """
    group = _Group.of(meetings, reference, sharers)
    return _least(group, group.parts(), reference, sharers)


def test_group(meetings: Meetings, reference: Reference, sharers: I32) -> GroupTest:
    """Hold a group's meetings against chance: trace by trace and all together, at the best window.

    Args:
        meetings: of the group's members, in object order.
        reference: the chances; its windows are those tried.
        sharers: int32[objects], sizes.

    Returns:
        The best test; its p-value is paid for (times windows, times parts tried). p = 1 below three occasions.

    """
    group = _Group.of(meetings, reference, sharers)
    return _best(group, group.parts(), reference, sharers)


def judge_group(meetings: Meetings, reference: Reference, sharers: I32) -> tuple[float, GroupTest]:
    """What `least_p_value` and `test_group` say, in one pass."""
    group = _Group.of(meetings, reference, sharers)
    parts = group.parts()
    return _least(group, parts, reference, sharers), _best(group, parts, reference, sharers)
