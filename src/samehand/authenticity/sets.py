"""Statistics of a set of accounts, and what swapping its members with like accounts does to them.

A set and its controls stand in strata of like accounts. If its members are ordinary, any other choice of as many from
each stratum was as likely: the share of such choices that reach the set's statistic is its p-value (a permutation test
within strata; Pesarin and Salmaso 2010, ch. 1; with the set itself counted, Phipson and Smyth 2010). A statistic of
several views (three windows) is the smallest of the views' ranks, held against the same of every choice, so that trying
three is paid for exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import numba as nb
import numpy as np
import numpy.typing as npt

__all__ = ["Densest", "Leading", "Mean", "Purity", "SetTest", "Statistic", "Twins", "judge_set"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FEW_SETS: Final = 999
MANY_SETS: Final = 9_999
LOOK_CLOSER: Final = 0.02
"""Where the first 999 sets give no more than this, 9,000 more are drawn. P(p <= a) stays at most a for every a: below
this the longer test decides, and it is valid; above it the shorter one does."""
CONTROL_SETS: Final = 200
_CELLS: Final = 4_000_000
"""Accounts of drawn sets held at one time."""


class Statistic(Protocol):
    """A number (or several views of one) for a set of accounts; larger is less like ordinary accounts."""

    @property
    def views(self) -> tuple[str, ...]:
        """What each view is called."""

    def of(self, sets: I32) -> F64:
        """float64[b, views] of sets int32[b, m] of places in the pool."""

    def seen(self, sets: I32, view: int, like: I32) -> F64:
        """float64[b], the same as a reader wants it, for sets that are looked at as the set `like` is."""


@dataclass(frozen=True)
class Mean:
    """The mean of a value over the set."""

    values: F64
    views: tuple[str, ...] = ("",)

    def of(self, sets: I32) -> F64:
        """The mean over each set."""
        return np.asarray(self.values[sets].mean(axis=1)[:, None])

    def seen(self, sets: I32, view: int, like: I32) -> F64:
        """The mean."""
        del view, like
        return np.asarray(self.values[sets].mean(axis=1))


@nb.njit(cache=True)
def _densest(times: I64, sets: I32, windows: I64) -> F64:
    out = np.empty((len(sets), len(windows)))
    for b in range(len(sets)):
        here = np.sort(times[sets[b]])
        for w in range(len(windows)):
            low, best = 0, 0
            for high in range(len(here)):
                while here[high] - here[low] >= windows[w]:
                    low += 1
                best = max(best, high - low + 1)
            out[b, w] = best / len(here)
    return out


@dataclass(frozen=True)
class Densest:
    """The share of the set that lies within the densest window, for several windows (int64, unit of `times`)."""

    times: I64
    windows: I64
    views: tuple[str, ...]

    def of(self, sets: I32) -> F64:
        """The shares in each set's own densest windows."""
        return np.asarray(_densest(self.times, sets, self.windows))

    def seen(self, sets: I32, view: int, like: I32) -> F64:
        """The share in the densest window of one length."""
        del like
        return self.of(sets)[:, view]


@nb.njit(cache=True)
def _leading(code: I32, share: F64, sets: I32) -> F64:
    out = np.empty((len(sets), 1))
    count = np.zeros(len(share), np.int64)
    m = sets.shape[1]
    for b in range(len(sets)):
        for k in sets[b]:
            count[code[k]] += 1
        best = -1.0
        for k in sets[b]:
            best = max(best, count[code[k]] / m - share[code[k]])
        for k in sets[b]:
            count[code[k]] = 0
        out[b, 0] = best
    return out


@dataclass(frozen=True)
class Leading:
    """How far one category's share in the set exceeds its share in the pool (set and controls, so that it is fair).

    code: int32[pool], categories from 0; share: float64[categories].
    """

    code: I32
    share: F64
    views: tuple[str, ...] = ("",)

    def of(self, sets: I32) -> F64:
        """The largest excess."""
        return np.asarray(_leading(self.code, self.share, sets))

    def category(self, members: I32) -> int:
        """The leading category of a set; among equals the one whose account has the lowest place."""
        count = np.bincount(self.code[members], minlength=len(self.share)) / len(members)
        excess = np.round(count - self.share, 12)
        return int(self.code[members][int(np.argmax(excess[self.code[members]]))])

    def seen(self, sets: I32, view: int, like: I32) -> F64:
        """The share of the category that leads in the set `like`."""
        del view
        return np.asarray((self.code[sets] == self.category(like)).mean(axis=1))


@nb.njit(cache=True)
def _twins(code: I32, categories: int, sets: I32) -> F64:
    out = np.empty((len(sets), 1))
    count = np.zeros(categories, np.int64)
    for b in range(len(sets)):
        for k in sets[b]:
            count[code[k]] += 1
        found = 0
        for k in sets[b]:
            found += count[code[k]] > 1
        for k in sets[b]:
            count[code[k]] = 0
        out[b, 0] = found / sets.shape[1]
    return out


@dataclass(frozen=True)
class Twins:
    """The share of the set whose category another one of the set has, too."""

    code: I32
    views: tuple[str, ...] = ("",)

    def of(self, sets: I32) -> F64:
        """The share with a twin."""
        return np.asarray(_twins(self.code, int(self.code.max(initial=-1)) + 1, sets))

    def seen(self, sets: I32, view: int, like: I32) -> F64:
        """The share with a twin."""
        del view, like
        return self.of(sets)[:, 0]


@nb.njit(cache=True)
def _purity(start: I64, key: I32, users: I32, sets: I32) -> F64:
    out = np.empty((len(sets), 1))
    count = np.zeros(len(users), np.int64)
    for b in range(len(sets)):
        for a in sets[b]:
            for k in range(start[a], start[a + 1]):
                count[key[k]] += 1
        total = 0.0
        for a in sets[b]:
            best = 0.0
            for k in range(start[a], start[a + 1]):
                if count[key[k]] > 1:
                    best = max(best, (count[key[k]] - 1) / (users[key[k]] - 1))
            total += best
        for a in sets[b]:
            for k in range(start[a], start[a + 1]):
                count[key[k]] = 0
        out[b, 0] = total / sets.shape[1]
    return out


@dataclass(frozen=True)
class Purity:
    """How far what members share is theirs alone.

    A member's score is, over its keys, the largest share of a key's other users that are in the set: 1 on a device that
    nobody else has, near 0 on an address that thousands of strangers use. The set's is the mean.
    start: int64[pool + 1], key: int32[pairs], users: int32[keys].
    """

    start: I64
    key: I32
    users: I32
    views: tuple[str, ...] = ("",)

    def of(self, sets: I32) -> F64:
        """The mean score."""
        return np.asarray(_purity(self.start, self.key, self.users, sets))

    def seen(self, sets: I32, view: int, like: I32) -> F64:
        """The mean score."""
        del view, like
        return self.of(sets)[:, 0]


class SetTest(NamedTuple):
    """What the swaps say: the view that stands out most, its value, what control sets show, and the p-value."""

    view: int
    value: float
    expected: float
    p_value: float


@nb.njit(cache=True)
def _swapped(order: I32, start: I64, take: I64, throws: F64) -> I32:
    """Sets drawn without replacement, `take[s]` from each stratum s; one throw in [0, 1) for each account drawn."""
    out = np.empty(throws.shape, np.int32)
    for b in range(len(throws)):
        k = 0
        for s in range(len(take)):
            low, high = start[s], start[s + 1]
            for t in range(take[s]):
                there = low + t + int(throws[b, k] * (high - low - t))
                order[low + t], order[there] = order[there], order[low + t]
                out[b, k] = order[low + t]
                k += 1
    return out


def _drawn(places: I32, stratum: I32, take: I64, rng: np.random.Generator, sets: int) -> I32:
    """Sets of places; `stratum` is ascending, and take[s] at most the number of places in it."""
    start = np.searchsorted(stratum, np.arange(len(take) + 1)).astype(np.int64)
    return np.asarray(_swapped(places.copy(), start, take, rng.random((sets, int(take.sum())))))


def _statistics(statistic: Statistic, swap: Any, sets: int, size: int) -> F64:
    """The statistic of many drawn sets, a block at a time."""
    step = max(1, _CELLS // max(size, 1))
    parts = [statistic.of(swap(min(step, sets - done))) for done in range(0, sets, step)]
    return np.concatenate(parts)


def _p_value(rows: F64) -> tuple[float, int]:
    """The p-value of the first row among all rows, by the smallest of its views' ranks, and that view."""
    rows = np.round(rows, 12)
    ordered = np.sort(rows, axis=0)
    at_least = np.stack(
        [len(rows) - np.searchsorted(o, r, side="left") for o, r in zip(ordered.T, rows.T, strict=True)]
    )
    smallest = at_least.min(axis=0)
    return float((smallest <= smallest[0]).mean()), int(at_least[:, 0].argmin())


def judge_set(statistic: Statistic, member: Flags, stratum: I32, places: I32, rng: np.random.Generator) -> SetTest:
    """Hold a set against its controls.

    Args:
        statistic: over places of the pool.
        member: bool[n], which of the places are the set; the others are its controls.
        stratum: int32[n], numbers from 0 on, ascending; every stratum has members and controls.
        places: int32[n], places of the pool that are looked at.
        rng: seeded by the caller, so that a run repeats.

    """
    take = np.bincount(stratum, weights=member).astype(np.int64)
    own = places[member][None, :]
    rows = statistic.of(own)

    def swap(sets: int) -> I32:
        return _drawn(places, stratum, take, rng, sets)

    rows = np.concatenate((rows, _statistics(statistic, swap, FEW_SETS, own.shape[1])))
    p_value, view = _p_value(rows)
    if p_value <= LOOK_CLOSER:
        rows = np.concatenate((rows, _statistics(statistic, swap, MANY_SETS - FEW_SETS, own.shape[1])))
        p_value, view = _p_value(rows)
    fewer = np.minimum(take, np.bincount(stratum, weights=~member).astype(np.int64))
    controls = _drawn(places[~member], stratum[~member], fewer, rng, CONTROL_SETS)
    value = statistic.seen(own, view, own[0])[0]
    return SetTest(view, float(value), float(statistic.seen(controls, view, own[0]).mean()), p_value)
