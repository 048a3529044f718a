"""The activities of one trace as plain sorted arrays: all that the pair kernel, on any engine, needs to see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

__all__ = ["Activities", "radix_order", "sorted_activities"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PAUSE_US = 15 * 60 * 1_000_000
LONGEST_SITTING_US = 60 * 60 * 1_000_000


@dataclass(frozen=True)
class Activities:
    """Activities sorted by (object, time, account, post); accounts and objects are numbered from 0 without gaps.

    Attributes:
        account: int32[n], who.
        obj: int32[n], on what; objects are numbered by first appearance, so that no letter decides an order.
        at: int64[n], when, in microseconds since 1970 (UTC).
        post: int32[n], the row of the post in the table of posts, or -1 - i for an activity without one (no two are equal).
        object_start: int64[objects + 1], where each object's activities begin.
        by_account: int32[n], positions in the arrays above, sorted by (account, object, time).
        account_start: int64[accounts + 1], where each account's positions begin in `by_account`.
        sharers: int32[objects], distinct accounts on each object (its size).
        repeated: bool[objects], whether some account left the trace on it more than once.
        known_sitting: int32[n], each activity's sitting where it was handed in.
        post_start, post_objects: for posts with several objects, their objects from the rarest on; `post_slot` int32[n]
            says which one a position belongs to (-1 for none).

    """

    account: I32
    obj: I32
    at: I64
    post: I32
    object_start: I64
    by_account: I32
    account_start: I64
    sharers: I32
    repeated: Flags
    known_sitting: I32 | None
    post_slot: I32
    post_start: I64
    post_objects: I32

    @property
    def accounts(self) -> int:
        """Number of accounts."""
        return len(self.account_start) - 1

    @property
    def objects(self) -> int:
        """Number of objects."""
        return len(self.object_start) - 1

    @cached_property
    def sitting(self) -> I32:
        """int32[n], the number of the account's sitting.

        What an account does in one sitting is one decision to be there, so things that two accounts share in one
        sitting of each are one thing.
        """
        if self.known_sitting is not None:
            return self.known_sitting
        rows = np.arange(len(self.account), dtype=np.int32)
        by_time = radix_order(self.at, rows) if len(rows) else rows
        by_account_time = radix_order(self.account, by_time) if len(rows) else rows
        return np.asarray(_sittings(self.account, self.at, by_account_time, PAUSE_US, LONGEST_SITTING_US))

    def __len__(self) -> int:
        """Number of activities."""
        return len(self.account)


@nb.njit(cache=True)
def _starts(keys: I32, size: int) -> I64:
    """Where each small integer key begins once the keys are sorted, with the end of the last."""
    start = np.zeros(size + 1, np.int64)
    for key in keys:
        start[key + 1] += 1
    for k in range(size):
        start[k + 1] += start[k]
    return start


@nb.njit(cache=True)
def _sittings(account: I32, at: I64, by_time: I32, gap: int, longest: int) -> I32:
    """Number each account's sittings: a pause, or a long sitting, begins a new one. `by_time` sorts by (account, time)."""
    out = np.empty(len(account), np.int32)
    last_account, last, began, number = np.int32(-1), np.int64(0), np.int64(0), np.int32(0)
    for p in by_time:
        if account[p] != last_account:
            last_account, began, number = account[p], at[p], np.int32(0)
        elif at[p] - last > gap or at[p] - began > longest:
            began, number = at[p], np.int32(number + 1)
        last = at[p]
        out[p] = number
    return out


@nb.njit(cache=True)
def _sizes(account: I32, object_start: I64, accounts: int) -> tuple[I32, Flags]:
    """Distinct accounts of each object, and whether an account comes back to it."""
    objects = len(object_start) - 1
    sharers = np.zeros(objects, np.int32)
    repeated = np.zeros(objects, np.bool_)
    seen = np.full(accounts, -1, np.int32)
    for o in range(objects):
        for i in range(object_start[o], object_start[o + 1]):
            if seen[account[i]] == o:
                repeated[o] = True
            else:
                sharers[o] += 1
            seen[account[i]] = o
    return sharers, repeated


@nb.njit(cache=True)
def _times_named(post: I32, size: int) -> I32:
    counts = np.zeros(size, np.int32)
    for p in post:
        if p >= 0:
            counts[p] += 1
    return counts


def _posts_with_several(post: I32, obj: I32, sharers: I32) -> tuple[I32, I64, I32]:
    """For posts that left the trace on several objects: a slot for each position, and their objects, rarest first."""
    slot = np.full(len(post), -1, np.int32)
    counts = _times_named(post, int(post.max(initial=0)) + 1)
    if counts.max(initial=0) <= 1:
        return slot, np.zeros(1, np.int64), np.empty(0, np.int32)
    many = np.flatnonzero((post >= 0) & (counts[np.maximum(post, 0)] > 1))
    positions = many[np.lexsort((obj[many], sharers[obj[many]], post[many]))]
    owner = post[positions]
    fresh = np.concatenate(([True], np.diff(owner) != 0))
    slot[positions] = np.cumsum(fresh, dtype=np.int32) - 1
    starts = np.append(np.flatnonzero(fresh), len(owner)).astype(np.int64)
    return slot, starts, obj[positions]


@nb.njit(cache=True)
def _common_step(keys: I64 | I32, low: np.int64) -> int:
    """The largest of a second, a millisecond and 1 that all keys are whole steps above the lowest."""
    step = 1_000_000
    for key in keys:
        while (key - low) % step:
            step //= 1000
        if step == 1:
            break
    return step


@nb.njit(cache=True)
def _by_digits(here: Any, there: Any, rows: I32, out: I32, span: np.uint64) -> I32:
    """Order rows by their keys, least significant digit first, 11 bits at a time; keys of 32 or of 64 bits."""
    shift = np.uint64(0)
    while shift < np.uint64(64) and (shift == np.uint64(0) or (span >> shift) > np.uint64(0)):
        start = np.zeros(2049, np.int64)
        for key in here:
            start[((np.uint64(key) >> shift) & np.uint64(0x7FF)) + np.uint64(1)] += 1
        for digit in range(2048):
            start[digit + 1] += start[digit]
        for k in range(len(here)):
            place = (np.uint64(here[k]) >> shift) & np.uint64(0x7FF)
            there[start[place]], out[start[place]] = here[k], rows[k]
            start[place] += 1
        here, there, rows, out = there, here, out, rows
        shift += np.uint64(11)
    return rows


@nb.njit(cache=True)
def radix_order(keys: I64 | I32, order: I32) -> I32:
    """A stable order by integer keys, starting from an order.

    Digits of 11 bits go to 2,048 places that stay in the nearest memory, which a count of each key would not. Times are
    mostly whole seconds: counted in those, a month has 22 bits instead of 42, two passes instead of four.
    """
    n, low = len(order), np.int64(keys.min())
    step = _common_step(keys, low)
    span = np.uint64((np.int64(keys.max()) - low) // step)
    rows, out = order.copy(), np.empty(n, np.int32)
    if span < np.uint64(1) << np.uint64(32):
        narrow = np.empty(n, np.uint32)
        for k in range(n):
            narrow[k] = np.uint32((keys[order[k]] - low) // step)
        return _by_digits(narrow, np.empty(n, np.uint32), rows, out, span)
    wide = np.empty(n, np.uint64)
    for k in range(n):
        wide[k] = np.uint64((keys[order[k]] - low) // step)
    return _by_digits(wide, np.empty(n, np.uint64), rows, out, span)


@nb.njit(cache=True)
def _settle_ties(obj: I32, at: I64, account: I32, post: I32, order: I32) -> None:
    """Put activities on one object at one time in the order of (account, post), in place; they are few."""
    s = 0
    while s < len(obj):
        e, settled = s + 1, True
        while e < len(obj) and at[e] == at[s] and obj[e] == obj[s]:
            settled &= account[e] > account[e - 1] or (account[e] == account[e - 1] and post[e] >= post[e - 1])
            e += 1
        if not settled:
            keys = account[s:e].astype(np.int64) * (np.int64(1) << 32) + post[s:e]
            placed = np.argsort(keys, kind="mergesort")
            account[s:e], post[s:e], order[s:e] = account[s:e][placed], post[s:e][placed], order[s:e][placed]
        s = e


def _narrow(values: npt.NDArray[np.integer]) -> I32:
    return values.astype(np.int32, copy=False)


def _named(post: I32) -> I32:
    """Posts with a number of its own for each activity without one."""
    nameless = np.flatnonzero(post < 0)
    if len(nameless):
        post = post.copy()
        post[nameless] = -1 - np.arange(len(nameless), dtype=np.int32)
    return post


def _object_order(obj: I32, at: I64, objects: int) -> tuple[I32, I64]:
    """The order by (object, time), and where each object begins in it."""
    rows = np.arange(len(obj), dtype=np.int32)
    return (radix_order(obj, radix_order(at, rows)) if len(rows) else rows), _starts(obj, objects)


def sorted_activities(
    account: npt.NDArray[np.integer],
    obj: npt.NDArray[np.integer],
    at: I64,
    post: npt.NDArray[np.integer],
    *,
    accounts: int,
    objects: int,
    sitting: I32 | None = None,
) -> Activities:
    """Sort activities and index them by account.

    Args:
        account: who, 0 <= account < accounts.
        obj: on what, 0 <= obj < objects.
        at: when, microseconds since 1970.
        post: the post's row, -1 where there is none.
        accounts, objects: how many there are.
        sitting: the sitting of each activity where it is known; else a pause of a quarter of an hour, or an hour, begins
            a new one.

    """
    order, object_start = _object_order(_narrow(obj), at, objects)
    what = np.repeat(np.arange(objects, dtype=np.int32), np.diff(object_start))
    at, who, source = at[order], _narrow(account)[order], _named(_narrow(post))[order]
    _settle_ties(what, at, who, source, order)
    sat = None if sitting is None else _narrow(sitting)[order]
    del account, obj, post, sitting, order
    rows = np.arange(len(who), dtype=np.int32)
    by_account, account_start = (radix_order(who, rows) if len(rows) else rows), _starts(who, accounts)
    sharers, repeated = _sizes(who, object_start, accounts)
    slots = _posts_with_several(source, what, sharers)
    return Activities(who, what, at, source, object_start, by_account, account_start, sharers, repeated, sat, *slots)
