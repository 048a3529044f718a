"""Pairs: synchrony given shared interest.

Two accounts share k objects. Under the null each object's two times are as far apart as those of unrelated people on
such objects, so the number that fall within a window is a sum of unlike coin throws, one for each shared object: its
upper tail (Poisson-binomial; Hodges and Le Cam 1960 for its place, computed here exactly) is the pair's p-value. What
is counted are *occasions*. What two accounts share in one sitting of each is one thing, whether they met or not: the
rarest of it stands for it (chosen before any time of the other is looked at), the rest is left out. And togetherness in
one session (`SESSION_US`) is one observation; under the null this only makes the count smaller, so the tail stays an
upper bound. A pair that shares fewer than two things is insufficient and has p = 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.coordination.arrays import Activities
from samehand.coordination.meetings import Meetings, pair_meetings
from samehand.coordination.reference import Reference

__all__ = ["SESSION_US", "PairEvidence", "judge_pairs", "pair_evidence", "poisson_binomial_tail"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

SESSION_US = 30 * 60 * 1_000_000
"""Togetherness that begins less than this after an occasion began belongs to it."""


class PairEvidence(NamedTuple):
    """For each pair and window.

    shared: int32[n], objects both touched; things: int32[n], the same with those of one sitting counted once;
    co_activities, occasions: int32[n, w]; expected, p_value: float64[n, w].
    """

    shared: I32
    things: I32
    co_activities: I32
    occasions: I32
    expected: F64
    p_value: F64

    def where(self, keep: npt.NDArray[np.bool_]) -> PairEvidence:
        """The pairs that are kept."""
        return self.take(np.flatnonzero(keep))

    def take(self, rows: npt.NDArray[np.integer]) -> PairEvidence:
        """The pairs of these numbers, in their order."""
        return PairEvidence(*(column[rows] for column in self))


@nb.njit(cache=True)
def poisson_binomial_tail(chances: F64, least: int) -> float:
    """P(at least `least` successes) of independent throws with these chances, by the exact recursion.

    A sum of positive terms, so that small tails keep their relative precision. Returns 1 for `least` <= 0, 0 for more
    than there are throws.
    """
    n = len(chances)
    if least <= 0:
        return 1.0
    if least > n:
        return 0.0
    state = np.zeros(least + 1)  # state[k]: exactly k so far; the last gathers `least` and more
    state[0] = 1.0
    for i in range(n):
        q = chances[i]
        state[least] += state[least - 1] * q
        for k in range(min(i + 1, least - 1), 0, -1):
            state[k] = state[k] * (1 - q) + state[k - 1] * q
        state[0] *= 1 - q
    return float(min(1.0, state[least]))


@nb.njit(cache=True, nogil=True)
def _judge(
    start: I64,
    at_i: I64,
    at_j: I64,
    sit_i: I32,
    sit_j: I32,
    size: I32,
    obj: I32,
    chance: F64,
    windows: I64,
    session: int,
) -> tuple[I32, I32, I32, I32, F64, F64]:
    n, width = len(start) - 1, len(windows)
    shared, things = np.zeros(n, np.int32), np.zeros(n, np.int32)
    together, occasions = np.zeros((n, width), np.int32), np.zeros((n, width), np.int32)
    expected, p_value = np.zeros((n, width)), np.ones((n, width))
    for r in range(n):
        low, high = start[r], start[r + 1]
        shared[r] = high - low
        stands = np.ones(high - low, np.bool_)
        for x in range(high - low):
            for y in range(high - low):
                p, q = low + x, low + y
                rarer = size[q] < size[p] or (size[q] == size[p] and obj[q] < obj[p])
                if rarer and sit_i[p] == sit_i[q] and sit_j[p] == sit_j[q]:
                    stands[x] = False
                    break
        things[r] = stands.sum()
        order = np.argsort(np.minimum(at_i[low:high], at_j[low:high]), kind="mergesort")
        for w in range(width):
            begun, began, count = False, np.int64(0), 0
            chances = np.empty(things[r])
            for t in order:
                s = low + t
                inside = abs(at_i[s] - at_j[s]) <= windows[w]
                together[r, w] += inside
                if not stands[t]:
                    continue
                chances[count] = chance[s, w]
                count += 1
                expected[r, w] += chance[s, w]
                moment = min(at_i[s], at_j[s])
                if inside and (not begun or moment - began > session):
                    occasions[r, w] += 1
                    begun, began = True, moment
            if things[r] >= 2:
                p_value[r, w] = poisson_binomial_tail(chances, occasions[r, w])
    return shared, things, together, occasions, expected, p_value


def judge_pairs(activities: Activities, meetings: Meetings, pairs: int, owner: I64, windows_us: I64) -> PairEvidence:
    """Judge pairs by their meetings.

    Args:
        activities: what the meetings are positions of.
        meetings: pair by pair.
        pairs: how many pairs there are.
        owner: int64[meetings], ascending: the pair of each row.
        windows_us: int64[w].

    """
    a, m = activities, meetings
    start = np.searchsorted(owner, np.arange(pairs + 1)).astype(np.int64)
    return PairEvidence(
        *_judge(
            start, m.at_i, m.at_j, a.sitting[m.i], a.sitting[m.j], a.sharers[m.obj], m.obj, m.chance, windows_us, SESSION_US
        )
    )  # fmt: skip


def owners(meetings: Meetings, first: I32, second: I32) -> I64:
    """The index of the pair that each row of `pair_meetings(first, second)` belongs to; pairs are distinct and ascending."""
    wide = np.int64(1) << 32
    keys = first.astype(np.int64) * wide + second
    return np.searchsorted(keys, meetings.first.astype(np.int64) * wide + meetings.second).astype(np.int64)


def pair_evidence(activities: Activities, reference: Reference, first: I32, second: I32) -> PairEvidence:
    """Judge pairs of accounts at every window of the reference.

    Args:
        activities: sorted activities of one trace.
        reference: measured on them.
        first, second: int32, distinct pairs, first < second, ascending.

    """
    meetings = pair_meetings(activities, reference, first, second)
    return judge_pairs(activities, meetings, len(first), owners(meetings, first, second), reference.windows_us)
