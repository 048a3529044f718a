"""Draws of unrelated people from the sharers of an object: how near in time they are.

Draws are made by a generator seeded by the object's number, so that a run repeats and no order of work matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.coordination.arrays import Activities

__all__ = ["RARE", "Drawn", "Relations", "crowd_levels", "draw_pairs", "relations_of"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

RARE = 100
"""Two accounts that share two objects of at most this many sharers, in different sittings, are related."""
DRAWS_SMALL = 48
DRAWS_PER_SHARER = 2
DRAWS_MOST = 1000
SUBSETS = 64


@dataclass(frozen=True)
class Relations:
    """Who hangs together, and who is ordinary.

    lists, sittings, start: each account's distinct rare objects, ascending, and the sitting of its first action on each
    (CSR); root: int32[accounts], component of ties or -1;
    ordinary: bool[accounts], accounts that may stand for people at large.
    """

    lists: I32
    sittings: I32
    start: I64
    root: I32
    ordinary: Flags


class Drawn(NamedTuple):
    """For each object: hits float64[objects, w] inside each window, pairs of unrelated people, pairs drawn in all."""

    hits: F64
    pairs: F64
    drawn: F64


@nb.njit(cache=True)
def _rare_lists(
    account_start: I64, by_account: I32, obj: I32, sitting: I32, sharers: I32, rare: int
) -> tuple[I32, I32, I64]:
    start = np.zeros(len(account_start), np.int64)
    out, sat = np.empty(len(by_account), np.int32), np.empty(len(by_account), np.int32)
    n = 0
    for u in range(len(account_start) - 1):
        last = -1
        for k in range(account_start[u], account_start[u + 1]):
            o = obj[by_account[k]]
            if o != last and 2 <= sharers[o] <= rare:
                out[n], sat[n] = o, sitting[by_account[k]]
                n += 1
            last = o
        start[u + 1] = n
    return out[:n], sat[:n], start


def relations_of(activities: Activities, root: I32 | None, ordinary: Flags) -> Relations:
    """Index who shares rare objects with whom."""
    a = activities
    lists, sittings, start = _rare_lists(a.account_start, a.by_account, a.obj, a.sitting, a.sharers, RARE)
    return Relations(lists, sittings, start, np.full(a.accounts, -1, np.int32) if root is None else root, ordinary)


@nb.njit(cache=True)
def _related(u: int, v: int, lists: I32, sittings: I32, start: I64, root: I32) -> bool:
    """Whether two accounts hang in one component of ties, or share rare objects in at least two sittings."""
    if root[u] >= 0 and root[u] == root[v]:
        return True
    if start[u + 1] - start[u] > start[v + 1] - start[v]:
        u, v = v, u
    low, end, common, own, other = start[v], start[v + 1], False, -1, -1
    for i in range(start[u], start[u + 1]):
        x, high = lists[i], end
        while low < high:  # the longer list is searched: some people share thousands of things
            middle = (low + high) // 2
            if lists[middle] < x:
                low = middle + 1
            else:
                high = middle
        if low == end:
            return False
        if lists[low] == x:
            if common and (sittings[i] != own or sittings[low] != other):
                return True
            common, own, other = True, sittings[i], sittings[low]
    return False


@nb.njit(cache=True)
def _draw(state: np.uint64) -> np.uint64:
    """The next state of a xorshift generator."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state


@nb.njit(cache=True)
def _draw_pairs(
    objects: I32, object_start: I64, account: I32, at: I64, lists: I32, sittings: I32, start: I64, root: I32, ordinary: Flags,
    windows: I64, small: int, per_sharer: int, most: int, chance: F64,
) -> tuple[F64, F64, F64, F64, F64]:  # fmt: skip
    width = len(windows)
    hits = np.zeros((len(object_start) - 1, width))
    pairs, drawn = np.zeros(len(object_start) - 1), np.zeros(len(object_start) - 1)
    observed, expected = np.zeros((len(root), width)), np.zeros((len(root), width))
    for o in objects:
        n = object_start[o + 1] - object_start[o]
        everything = n * (n - 1) // 2 <= small
        draws = n * (n - 1) // 2 if everything else min(most, max(small, per_sharer * n))
        state = np.uint64(o * 2654435761 + 88172645463325252)
        i, j = np.int64(0), np.int64(0)
        for _ in range(draws):
            if everything:
                j += 1
                if j == n:
                    i += 1
                    j = i + 1
            else:
                state = _draw(state)
                i = np.int64(state % np.uint64(n))
                state = _draw(state)
                j = np.int64(state % np.uint64(n))
            a, b = object_start[o] + i, object_start[o] + j
            u, v = account[a], account[b]
            if u == v:
                continue
            drawn[o] += 1
            if not (ordinary[u] and ordinary[v]) or _related(u, v, lists, sittings, start, root):
                continue
            pairs[o] += 1
            apart = abs(at[a] - at[b])
            for w in range(width):
                inside = 1.0 if apart <= windows[w] else 0.0
                hits[o, w] += inside
                observed[u, w] += inside
                observed[v, w] += inside
                expected[u, w] += chance[o, w]
                expected[v, w] += chance[o, w]
    return hits, pairs, drawn, observed, expected


def draw_pairs(
    activities: Activities, relations: Relations, windows_us: I64, objects: I32, chance: F64
) -> tuple[Drawn, F64, F64]:
    """Draw pairs of actions on each object and count those of unrelated, ordinary accounts inside each window.

    Args:
        activities, relations: who did what, and who hangs together.
        windows_us: int64[w].
        objects: the objects to draw from; all pairs of a small one.
        chance: float64[objects, w], what is expected (zeros where nothing is known yet).

    Returns:
        What was drawn of each object; and for each account what was observed and expected, float64[accounts, w].

    """
    a, r = activities, relations
    hits, pairs, drawn, observed, expected = _draw_pairs(
        objects, a.object_start, a.account, a.at, r.lists, r.sittings, r.start, r.root, r.ordinary, windows_us, DRAWS_SMALL,
        DRAWS_PER_SHARER, DRAWS_MOST, chance,
    )  # fmt: skip
    return Drawn(hits, pairs, drawn), observed, expected


@nb.njit(cache=True)
def _subset(
    m: int,
    begin: int,
    n: int,
    state: np.uint64,
    account: I32,
    lists: I32,
    sittings: I32,
    start: I64,
    root: I32,
    chosen: I64,
) -> tuple[int, np.uint64]:
    """Choose up to m positions of mutually unrelated accounts; returns how many were found."""
    k = 0
    for _ in range(4 * m):
        state = _draw(state)
        p = begin + np.int64(state % np.uint64(n))
        fresh = True
        for x in range(k):
            other = account[chosen[x]]
            if other == account[p] or _related(other, account[p], lists, sittings, start, root):
                fresh = False
                break
        if fresh:
            chosen[k] = p
            k += 1
            if k == m:
                break
    return k, state


@nb.njit(cache=True)
def _levels(
    objects: I32, object_start: I64, account: I32, at: I64, lists: I32, sittings: I32, start: I64, root: I32,
    windows: I64, grid: I64, level: float, subsets: int,
) -> F64:  # fmt: skip
    reached, counted = np.zeros((len(windows), len(grid))), np.zeros(len(grid))
    chosen = np.empty(grid[-1], np.int64)
    for o in objects:
        begin, n = object_start[o], object_start[o + 1] - object_start[o]
        state = np.uint64(o * 2654435761 + 1234567891011)
        for g in range(len(grid)):
            m, drawn, own = grid[g], 0, np.zeros(len(windows))
            for _ in range(subsets):
                k, state = _subset(m, begin, n, state, account, lists, sittings, start, root, chosen)
                if k < m:
                    continue
                drawn += 1
                for w in range(len(windows)):
                    inside = 0
                    for x in range(m):
                        for y in range(x + 1, m):
                            inside += abs(at[chosen[x]] - at[chosen[y]]) <= windows[w]
                    own[w] += inside >= level * (m * (m - 1) / 2)
            if drawn:
                counted[g] += 1
                reached[:, g] += own / drawn
    for g in range(len(grid)):
        reached[:, g] = (reached[:, g] + 0.25) / (counted[g] + 0.5)
    return reached


def crowd_levels(
    activities: Activities, relations: Relations, windows_us: I64, objects: I32, grid: tuple[int, ...], level: float
) -> F64:
    """How often m unrelated sharers of a crowd object have at least a share `level` of their pairs inside a window.

    Returns:
        float64[w, grid], the mean over objects, each counted once; a quarter of a hit is added, so that a rare level
        is never believed to be rarer than the number of crowd objects can show.

    """
    a, r = activities, relations
    reached = _levels(
        objects, a.object_start, a.account, a.at, r.lists, r.sittings, r.start, r.root, windows_us, np.asarray(grid, np.int64),
        level, SUBSETS,
    )  # fmt: skip
    return np.asarray(np.clip(np.maximum.accumulate(reached, axis=0), 1e-9, 0.95))
