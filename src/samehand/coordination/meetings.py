"""Meetings: two accounts on one object, the closest two actions that count, and the chance of each window."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.coordination.arrays import Activities, radix_order
from samehand.coordination.kernel import rarest_is
from samehand.coordination.reference import Reference

__all__ = [
    "Actions",
    "Meetings",
    "closest_actions",
    "group_actions",
    "group_meetings",
    "pair_meetings",
    "rare_objects_shared",
    "shared_sittings",
]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


class Meetings(NamedTuple):
    """One row for each (object, pair of accounts), in (object, first, second) order for a group, (pair, object) for pairs.

    obj, first, second: int32; i, j: int32, positions of the two actions; at_i, at_j: int64, microseconds;
    chance: float64[n, w], that their actions fall within each window by accident.
    """

    obj: I32
    first: I32
    second: I32
    i: I32
    j: I32
    at_i: I64
    at_j: I64
    chance: F64

    def where(self, keep: npt.NDArray[np.bool_]) -> Meetings:
        """The rows that are kept."""
        return self if keep.all() else self.take(np.flatnonzero(keep))

    def take(self, rows: npt.NDArray[np.intp]) -> Meetings:
        """The rows of these numbers, in their order."""
        return Meetings(
            self.obj[rows], self.first[rows], self.second[rows], self.i[rows], self.j[rows], self.at_i[rows],
            self.at_j[rows], self.chance[rows],
        )  # fmt: skip

    @property
    def apart_us(self) -> I64:
        """How far apart the two actions are."""
        return np.asarray(np.abs(self.at_i - self.at_j))

    @property
    def moment_us(self) -> I64:
        """The earlier of the two actions."""
        return np.minimum(self.at_i, self.at_j)


class Actions(NamedTuple):
    """Two accounts on one object, unpriced: i, j, positions of the closest two actions, x, y, how many each has there."""

    i: I32
    j: I32
    x: I32
    y: I32

    def take(self, rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Actions:
        """The rows of these numbers, or those that are marked."""
        return Actions(self.i[rows], self.j[rows], self.x[rows], self.y[rows])

    def by_pair(self, activities: Activities, members: I32) -> tuple[Actions, I64]:
        """In (first, second, object) order, from object order; and where each pair begins, with the end of the last."""
        low, high = (np.searchsorted(members, activities.account[side]) for side in (self.i, self.j))
        keys = low * np.int64(len(members)) + high
        if not len(keys):
            return self, np.zeros(1, np.int64)
        order = radix_order(keys, np.arange(len(keys), dtype=np.int32))
        starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
        return self.take(order), np.append(starts, len(keys)).astype(np.int64)

    def priced(self, activities: Activities, reference: Reference) -> Meetings:
        """Attach the chance: of the object, times pace, shared hours, and the ways to be close (a union bound)."""
        a = activities
        u, v, o = a.account[self.i], a.account[self.j], a.obj[self.i]
        chance = _chances(o, u, v, self.x, self.y, reference.chance, reference.pace, reference.hours)
        return Meetings(o, u, v, self.i, self.j, a.at[self.i], a.at[self.j], chance)


@nb.njit(cache=True)
def closest_actions(
    x: int, x_end: int, y: int, y_end: int, by_account: I32, at: I64, obj: I32, post: I32, sharers: I32,
    post_slot: I32, post_start: I64, post_objects: I32,
) -> tuple[int, int]:  # fmt: skip
    """The closest two actions of two accounts on one object that count (positions), or (-1, -1).

    A pair of posts counts for the rarest object that the two share, and for no other. Both spans run in time: for each
    action of the one, those of the other are looked at from the nearest outwards, until they are too far to be better.
    """
    best_i, best_j, best = -1, -1, np.int64(9223372036854775807)
    for p in range(x, x_end):
        i = by_account[p]
        after, end = y, y_end
        while after < end:
            middle = (after + end) // 2
            if at[by_account[middle]] < at[i]:
                after = middle + 1
            else:
                end = middle
        before = after - 1
        while before >= y or after < y_end:
            if after >= y_end or (before >= y and at[i] - at[by_account[before]] <= at[by_account[after]] - at[i]):
                j, before = by_account[before], before - 1
            else:
                j, after = by_account[after], after + 1
            apart = abs(at[i] - at[j])
            if apart >= best:
                break
            if post[i] == post[j]:
                continue
            if (
                post_slot[i] >= 0
                and post_slot[j] >= 0
                and not rarest_is(obj[i], post_slot[i], post_slot[j], sharers, post_start, post_objects)
            ):
                continue
            best_i, best_j, best = i, j, apart
            break
    return best_i, best_j


@nb.njit(cache=True)
def _visits(members: I32, obj: I32, by_account: I32, account_start: I64, sharers: I32) -> tuple[I32, I64, I64]:
    """Each member's distinct shared objects with the span of its actions in `by_account`, sorted by object."""
    total = 0
    for u in members:
        total += account_start[u + 1] - account_start[u]
    objects = np.empty(total, np.int32)
    low, high = np.empty(total, np.int64), np.empty(total, np.int64)
    n = 0
    for u in members:
        x, end = account_start[u], account_start[u + 1]
        while x < end:
            o, y = obj[by_account[x]], x
            while y < end and obj[by_account[y]] == o:
                y += 1
            if sharers[o] >= 2:
                objects[n], low[n], high[n] = o, x, y
                n += 1
            x = y
    order = np.argsort(objects[:n], kind="mergesort")
    return objects[order], low[order], high[order]


@nb.njit(cache=True)
def _group(
    members: I32, obj: I32, at: I64, post: I32, by_account: I32, account_start: I64, sharers: I32, post_slot: I32,
    post_start: I64, post_objects: I32,
) -> tuple[I32, I32, I32, I32]:  # fmt: skip
    objects, low, high = _visits(members, obj, by_account, account_start, sharers)
    n, pairs, s = len(objects), 0, 0
    while s < n:
        e = s
        while e < n and objects[e] == objects[s]:
            e += 1
        pairs += (e - s) * (e - s - 1) // 2
        s = e
    out_i, out_j = np.empty(pairs, np.int32), np.empty(pairs, np.int32)
    out_x, out_y = np.empty(pairs, np.int32), np.empty(pairs, np.int32)
    found, s = 0, 0
    while s < n:
        e = s
        while e < n and objects[e] == objects[s]:
            e += 1
        for x in range(s, e):
            for y in range(x + 1, e):
                i, j = closest_actions(
                    low[x],
                    high[x],
                    low[y],
                    high[y],
                    by_account,
                    at,
                    obj,
                    post,
                    sharers,
                    post_slot,
                    post_start,
                    post_objects,
                )
                if i >= 0:
                    out_i[found], out_j[found] = i, j
                    out_x[found], out_y[found] = high[x] - low[x], high[y] - low[y]
                    found += 1
        s = e
    return out_i[:found], out_j[:found], out_x[:found], out_y[:found]


@nb.njit(cache=True)
def _pairs(
    first: I32, second: I32, obj: I32, at: I64, post: I32, by_account: I32, account_start: I64, sharers: I32,
    post_slot: I32, post_start: I64, post_objects: I32,
) -> tuple[I32, I32, I32, I32]:  # fmt: skip
    room = 0
    for r in range(len(first)):
        u, v = first[r], second[r]
        room += min(account_start[u + 1] - account_start[u], account_start[v + 1] - account_start[v])
    out_i, out_j = np.empty(room, np.int32), np.empty(room, np.int32)
    out_x, out_y = np.empty(room, np.int32), np.empty(room, np.int32)
    found = 0
    for r in range(len(first)):
        u, v = first[r], second[r]
        x, x_end, y, y_end = account_start[u], account_start[u + 1], account_start[v], account_start[v + 1]
        while x < x_end and y < y_end:
            o, other = obj[by_account[x]], obj[by_account[y]]
            if o < other:
                x += 1
                continue
            if other < o:
                y += 1
                continue
            x_next, y_next = x, y
            while x_next < x_end and obj[by_account[x_next]] == o:
                x_next += 1
            while y_next < y_end and obj[by_account[y_next]] == o:
                y_next += 1
            i, j = closest_actions(
                x, x_next, y, y_next, by_account, at, obj, post, sharers, post_slot, post_start, post_objects
            )
            if i >= 0:
                out_i[found], out_j[found], out_x[found], out_y[found] = i, j, x_next - x, y_next - y
                found += 1
            x, y = x_next, y_next
    return out_i[:found], out_j[:found], out_x[:found], out_y[:found]


@nb.njit(cache=True)
def _chances(o: I32, u: I32, v: I32, x: I32, y: I32, chance: F64, pace: F64, hours: npt.NDArray[np.float32]) -> F64:
    out = np.empty((len(o), chance.shape[1]))
    about = 0.0
    for r in range(len(o)):
        if r == 0 or u[r] != u[r - 1] or v[r] != v[r - 1]:
            about = 0.0
            for h in range(hours.shape[1]):
                about += hours[u[r], h] * hours[v[r], h]
        ways = np.float64(x[r]) * y[r] * max(about, 1.0)
        for w in range(chance.shape[1]):
            out[r, w] = min(0.95, chance[o[r], w] * pace[u[r], w] * pace[v[r], w] * ways)
    return out


def group_actions(activities: Activities, members: I32) -> Actions:
    """Every object that two members share, in (object, first, second) order; members ascending."""
    a = activities
    return Actions(
        *_group(
            members, a.obj, a.at, a.post, a.by_account, a.account_start, a.sharers, a.post_slot, a.post_start,
            a.post_objects,
        )
    )  # fmt: skip


def group_meetings(activities: Activities, reference: Reference, members: I32) -> Meetings:
    """Every object that two members share, in (object, first, second) order; members ascending."""
    return group_actions(activities, members).priced(activities, reference)


def pair_meetings(activities: Activities, reference: Reference, first: I32, second: I32) -> Meetings:
    """Every object that each given pair shares, pair by pair, objects ascending."""
    a = activities
    found = _pairs(
        first, second, a.obj, a.at, a.post, a.by_account, a.account_start, a.sharers, a.post_slot, a.post_start,
        a.post_objects,
    )  # fmt: skip
    return Actions(*found).priced(activities, reference)


@nb.njit(cache=True)
def _distinct_sittings(owner_first: I32, owner_second: I32, sit_i: I32, sit_j: I32, first: I32, second: I32) -> I32:
    out = np.zeros(len(first), np.int32)
    r, s, n = 0, 0, len(owner_first)
    while r < len(first):
        e = s
        while e < n and owner_first[e] == first[r] and owner_second[e] == second[r]:
            e += 1
        for x in range(s, e):
            fresh = True
            for y in range(s, x):
                if sit_i[x] == sit_i[y] and sit_j[x] == sit_j[y]:
                    fresh = False
                    break
            out[r] += fresh
        s = e
        r += 1
    return out


def shared_sittings(activities: Activities, first: I32, second: I32) -> I32:
    """For each given pair, how many things it shares when those of one sitting of each count once."""
    a = activities
    i, j, _, _ = _pairs(
        first, second, a.obj, a.at, a.post, a.by_account, a.account_start, a.sharers, a.post_slot, a.post_start,
        a.post_objects,
    )  # fmt: skip
    return np.asarray(
        _distinct_sittings(a.account[i], a.account[j], a.sitting[i], a.sitting[j], first, second), np.int32
    )


def rare_objects_shared(activities: Activities, first: I32, second: I32, *, counts: npt.NDArray[np.bool_]) -> I32:
    """For each given pair, how many of the objects that count it shares; pairs distinct, ascending.

    Args:
        activities: sorted activities.
        first, second: int32.
        counts: bool[objects], the objects that count.

    """
    a = activities
    i, j, _, _ = _pairs(
        first, second, a.obj, a.at, a.post, a.by_account, a.account_start, a.sharers, a.post_slot, a.post_start,
        a.post_objects,
    )  # fmt: skip
    rare = counts[a.obj[i]]
    wide = np.int64(1) << 32
    keys = a.account[i[rare]].astype(np.int64) * wide + a.account[j[rare]]
    asked = first.astype(np.int64) * wide + second
    return (np.searchsorted(keys, asked, side="right") - np.searchsorted(keys, asked, side="left")).astype(np.int32)
