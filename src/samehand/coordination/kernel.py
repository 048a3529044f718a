"""The windowed pair kernel: which accounts left the same trace on the same objects at nearly the same time.

A true sliding window: |dt| <= window, no bins. For a block of accounts it walks each account's activities, looks at
the others of the same object inside the window, and counts, for every partner, the *distinct* objects. Pairs are never
materialised: one counter an account, reset after each row (Gustavson's row-wise product). It is a pure function of
sorted arrays and a block of accounts, so another engine runs blocks of it unchanged.

Of one pair of posts all shared objects together count once: an object counts for two posts only if they share none
that is rarer (fewer sharers; ties by number). Objects with more than `Bands.cap` activities inside one window are
banded: within time buckets, accounts are put in the order of a hash and only near neighbours are paired. The order is
the same for every object, so pairs that are seen are seen again; what is banded is sampled, and said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.coordination.arrays import Activities

__all__ = ["Bands", "PairCounts", "Window", "count_pairs", "open_window", "pairs_of_block"]

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DEFAULT_CAP = 4096
DEFAULT_NEIGHBOURS = 32


class PairCounts(NamedTuple):
    """Pairs of accounts, first < second, in ascending order within a block.

    first, second: int32; objects: int32, distinct objects inside the window; score: float32, summed object weights
    (zero when none were given); sampled: whether a banded object was among them.
    """

    first: I32
    second: I32
    objects: I32
    score: F32
    sampled: Flags


@dataclass(frozen=True)
class Bands:
    """When an object is too popular to pair all its sharers, and how many neighbours are then paired."""

    cap: int = DEFAULT_CAP
    neighbours: int = DEFAULT_NEIGHBOURS


@dataclass(frozen=True)
class Window:
    """Activities seen through one window.

    Attributes:
        left, right: int32[n], the positions [left, right) of the same object within the window of each position.
        banded: bool[objects], objects whose sharers are only paired with near neighbours.
        order, rank, bucket: for two staggered rows of time buckets (axis 0), banded activities in (object, bucket, hash)
            order (-1 for one that was left out), the place of each banded position in it, and the number of its bucket;
            empty when nothing is banded.
        slot: int32[n] for banded positions, their place in `rank`, -1 for others; empty when nothing is banded.

    """

    width_us: int
    left: I32
    right: I32
    banded: Flags
    order: I32
    rank: I32
    bucket: I32
    slot: I32
    neighbours: int


@nb.njit(cache=True)
def _bounds(object_start: I64, at: I64, width: int) -> tuple[I32, I32, I64]:
    n = len(at)
    left, right = np.empty(n, np.int32), np.empty(n, np.int32)
    widest = np.zeros(len(object_start) - 1, np.int64)
    for o in range(len(object_start) - 1):
        start, end = object_start[o], object_start[o + 1]
        low, high = start, start
        for i in range(start, end):
            while at[i] - at[low] > width:
                low += 1
            while high < end and at[high] - at[i] <= width:
                high += 1
            left[i], right[i] = low, high
            widest[o] = max(widest[o], high - low)
    return left, right, widest


def _mixed(account: I32) -> npt.NDArray[np.uint64]:
    """A fixed hash of account numbers (the finaliser of SplitMix64)."""
    x = account.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def open_window(activities: Activities, window_s: float, bands: Bands | None = None) -> Window:
    """Find each activity's neighbours in time, and band the objects that are too popular.

    Args:
        activities: sorted activities.
        window_s: seconds; two activities are together when they are at most this far apart.
        bands: when to band; the default bands above 4,096 activities inside one window.

    """
    bands = bands or Bands()
    width = round(window_s * 1_000_000)
    left, right, widest = _bounds(activities.object_start, activities.at, width)
    banded = widest > bands.cap
    none = np.empty((2, 0), np.int32)
    if not banded.any():
        return Window(width, left, right, banded, none, none, none, np.empty(0, np.int32), bands.neighbours)
    positions = np.flatnonzero(banded[activities.obj]).astype(np.int32)
    slot = np.full(len(activities), -1, np.int32)
    slot[positions] = np.arange(len(positions), dtype=np.int32)
    order, rank, bucket = (np.empty((2, len(positions)), np.int32) for _ in range(3))
    hashed = _mixed(activities.account[positions])
    first_us = int(activities.at.min())
    for row, offset in enumerate((0, width)):
        # buckets two windows wide, staggered by one: any two inside a window meet in at least one of the rows
        number = ((activities.at[positions] - first_us + offset) // max(2 * width, 1)).astype(np.int32)
        sorted_slots = np.lexsort((activities.at[positions], hashed, number, activities.obj[positions]))
        order[row] = positions[sorted_slots]
        rank[row, sorted_slots] = np.arange(len(positions), dtype=np.int32)
        bucket[row] = number
    return Window(width, left, right, banded, order, rank, bucket, slot, bands.neighbours)


@nb.njit(cache=True, inline="always")
def rarest_is(o: int, a: int, b: int, sharers: I32, post_start: I64, post_objects: I32) -> bool:
    """Whether o is the rarest object that two posts (slots a and b) share; both lists run from the rarest on."""
    i, j = post_start[a], post_start[b]
    while i < post_start[a + 1] and j < post_start[b + 1]:
        x, y = post_objects[i], post_objects[j]
        if x == y:
            return bool(x == o)
        if sharers[x] < sharers[y] or (sharers[x] == sharers[y] and x < y):
            i += 1
        else:
            j += 1
    return False


@nb.njit(cache=True, nogil=True)
def _block(
    low: int, high: int, account: I32, obj: I32, at: I64, by_account: I32, account_start: I64,
    sharers: I32, repeated: Flags, post_slot: I32, post_start: I64, post_objects: I32,
    left: I32, right: I32, width: int, banded: Flags, order: I32, rank: I32, bucket: I32, slot: I32, neighbours: int,
    weights: F32, steps: I64, minimum: int, floor: float,
) -> tuple[I32, I32, I32, F32, Flags]:  # fmt: skip
    accounts = len(account_start) - 1
    counts = np.zeros(accounts, np.int32)
    scores = np.zeros(accounts if len(steps) else 1, np.float32)
    best = np.zeros(accounts if len(steps) else 1, np.float32)
    stamps = np.full(accounts, -1, np.int32)
    touched = np.empty(accounts, np.int32)
    through_band = np.zeros(accounts if len(rank[0]) else 1, np.bool_)
    weighted = len(steps) > 0
    room = 1024
    firsts, seconds, objects = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    totals, sampled = np.empty(room, np.float32), np.empty(room, np.bool_)
    found = 0
    for u in range(low, high):
        n_touched = 0
        for k in range(account_start[u], account_start[u + 1]):
            i = by_account[k]
            if right[i] - left[i] <= 1:
                continue  # nobody else is there: most activities, and all that has to be fetched for them
            o = obj[i]
            stamped = repeated[o]
            if not weighted and not stamped and not banded[o] and post_slot[i] < 0:
                # nothing to look up but who was there: most of the work, in a loop of its own
                for p in range(left[i], right[i]):
                    v = account[p]
                    if v > u:
                        if counts[v] == 0:
                            touched[n_touched] = v
                            n_touched += 1
                        counts[v] += 1
                continue
            rows = 2 if banded[o] else 1
            for row in range(rows):
                if banded[o]:
                    stamped = True
                    place = rank[row, slot[i]]
                    begin, end = max(0, place - neighbours), min(len(order[row]), place + neighbours + 1)
                else:
                    begin, end = left[i], right[i]
                for p in range(begin, end):
                    j = p
                    if banded[o]:
                        j = order[row, p]
                        if (
                            j < 0
                            or obj[j] != o
                            or bucket[row, slot[j]] != bucket[row, slot[i]]
                            or abs(at[j] - at[i]) > width
                        ):
                            continue
                    v = account[j]
                    if v <= u:
                        continue
                    if (
                        post_slot[i] >= 0
                        and post_slot[j] >= 0
                        and not rarest_is(o, post_slot[i], post_slot[j], sharers, post_start, post_objects)
                    ):
                        continue
                    again = stamped and stamps[v] == o
                    if weighted:
                        apart = abs(at[j] - at[i])
                        step = 0
                        while step < len(steps) - 1 and apart > steps[step]:
                            step += 1
                        weight = weights[o, step]
                        if again:  # of several times on one object, the closest counts
                            if weight > best[v]:
                                scores[v] += weight - best[v]
                                best[v] = weight
                            continue
                        scores[v] += weight
                        best[v] = weight
                    elif again:
                        continue
                    if stamped:
                        stamps[v] = o
                    if counts[v] == 0:
                        touched[n_touched] = v
                        n_touched += 1
                    counts[v] += 1
                    if banded[o]:
                        through_band[v] = True
        kept = 0
        for t in range(n_touched):
            v = touched[t]
            if counts[v] >= minimum and (not weighted or scores[v] >= floor):
                touched[kept], kept = v, kept + 1
                continue
            counts[v] = 0
            stamps[v] = -1
            if weighted:
                scores[v] = 0
            if len(rank[0]):
                through_band[v] = False
        partners = np.sort(touched[:kept])
        if found + kept > room:
            while found + kept > room:
                room *= 2
            firsts, seconds, objects = _grown(firsts, room), _grown(seconds, room), _grown(objects, room)
            totals, sampled = _grown(totals, room), _grown(sampled, room)
        for v in partners:
            firsts[found], seconds[found], objects[found] = u, v, counts[v]
            totals[found] = scores[v] if weighted else 0
            sampled[found] = through_band[v] if len(rank[0]) else False
            found += 1
            counts[v] = 0
            stamps[v] = -1
            if weighted:
                scores[v] = 0
            if len(rank[0]):
                through_band[v] = False
    return firsts[:found], seconds[:found], objects[:found], totals[:found], sampled[:found]


@nb.njit(cache=True)
def _grown(array, room):  # type: ignore[no-untyped-def]
    """A longer copy of an array."""
    larger = np.empty(room, array.dtype)
    larger[: len(array)] = array
    return larger


def pairs_of_block(
    activities: Activities,
    window: Window,
    low: int,
    high: int,
    *,
    minimum: int = 2,
    weights: F32 | None = None,
    steps_us: I64 | None = None,
    floor: float = 0.0,
) -> PairCounts:
    """Pairs (u, v), low <= u < high, u < v, with at least `minimum` distinct objects inside the window.

    Args:
        activities: sorted activities.
        window: what `open_window` made of them.
        low, high: the block of accounts.
        minimum: fewest distinct objects.
        weights: float32[objects, steps], what an object adds to a pair's score when the two are at most `steps_us[k]`
            apart; the smallest such step counts, and of several times on one object the largest weight.
        steps_us: int64[steps], ascending, the last at least the window's width.
        floor: with weights, the least score.

    """
    a = activities
    if weights is None or steps_us is None:
        weights, steps_us = np.empty((0, 0), np.float32), np.empty(0, np.int64)
    return PairCounts(
        *_block(
            low, high, a.account, a.obj, a.at, a.by_account, a.account_start, a.sharers, a.repeated,
            a.post_slot, a.post_start, a.post_objects, window.left, window.right, window.width_us, window.banded,
            window.order, window.rank, window.bucket, window.slot, window.neighbours, weights, steps_us, minimum, floor,
        )
    )  # fmt: skip


def count_pairs(activities: Activities, window_s: float, *, minimum: int = 2, bands: Bands | None = None) -> PairCounts:
    """All pairs with at least `minimum` distinct objects inside one window, in one block."""
    return pairs_of_block(activities, open_window(activities, window_s, bands), 0, activities.accounts, minimum=minimum)
