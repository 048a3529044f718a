"""The activities of one trace as plain sorted arrays: all that the pair kernel, on any engine, needs to see."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

__all__ = ["Activities", "sorted_activities"]

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
        shared_post: bool[n], whether the activity's post has other objects in this trace too.
        sitting: int32[n], the number of the account's sitting; what an account does in one sitting is one decision to be
            there, so things that two accounts share in one sitting of each are one thing.
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
    sitting: I32
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

    def __len__(self) -> int:
        """Number of activities."""
        return len(self.account)


@nb.njit(cache=True)
def _counting_order(keys: I32, size: int, order: I32) -> tuple[I32, I64]:
    """A stable order by small integer keys, starting from an order, and where each key begins in it."""
    start = np.zeros(size + 1, np.int64)
    for key in keys:
        start[key + 1] += 1
    for k in range(size):
        start[k + 1] += start[k]
    fill = start[:-1].copy()
    out = np.empty(len(keys), np.int32)
    for position in order:
        key = keys[position]
        out[fill[key]] = position
        fill[key] += 1
    return out, start


@nb.njit(cache=True)
def _sittings(account: I32, at: I64, by_time: I64, gap: int, longest: int) -> I32:
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
def _sizes(account: I32, obj: I32, by_account: I32, objects: int) -> tuple[I32, Flags]:
    """Distinct accounts of each object, and whether an account comes back to it."""
    sharers = np.zeros(objects, np.int32)
    repeated = np.zeros(objects, np.bool_)
    last_account, last_object = np.int32(-1), np.int32(-1)
    for position in by_account:
        u, o = account[position], obj[position]
        if u == last_account and o == last_object:
            repeated[o] = True
        else:
            sharers[o] += 1
        last_account, last_object = u, o
    return sharers, repeated


def _posts_with_several(post: I32, obj: I32, sharers: I32) -> tuple[I32, I64, I32]:
    """For posts that left the trace on several objects: a slot for each position, and the slots' objects, rarest first."""
    slot = np.full(len(post), -1, np.int32)
    order = np.lexsort((obj, sharers[obj], post))
    owner = post[order]
    change = np.flatnonzero(np.diff(owner, prepend=np.iinfo(np.int32).min))
    lengths = np.diff(np.append(change, len(owner)))
    several = np.repeat(lengths > 1, lengths)
    positions = order[several]
    starts = np.concatenate(([0], np.cumsum(lengths[lengths > 1]))).astype(np.int64)
    slot[positions] = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), lengths[lengths > 1])
    return slot, starts, obj[positions].astype(np.int32)


def _narrow(values: npt.NDArray[np.integer]) -> I32:
    return values.astype(np.int32)


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
    who, what, source = _narrow(account), _narrow(obj), _narrow(post)
    nameless = np.flatnonzero(source < 0)
    source[nameless] = -1 - np.arange(len(nameless), dtype=np.int32)
    by_time = np.argsort(at, kind="stable").astype(np.int32)
    if len(at) and (np.diff(at[by_time]) == 0).any():
        by_time = np.lexsort((source, who, at)).astype(np.int32)
    order, object_start = _counting_order(what, objects, by_time)
    who, what, at, source = who[order], what[order], at[order], source[order]
    by_account, account_start = _counting_order(who, accounts, np.arange(len(who), dtype=np.int32))
    sharers, repeated = _sizes(who, what, by_account, objects)
    slots = _posts_with_several(source, what, sharers)
    if sitting is None:
        by_account_time = _counting_order(who, accounts, np.argsort(at, kind="stable").astype(np.int32))[0]
        sat = _sittings(who, at, by_account_time.astype(np.int64), PAUSE_US, LONGEST_SITTING_US)
    else:
        sat = sitting.astype(np.int32)[order]
    return Activities(who, what, at, source, object_start, by_account, account_start, sharers, repeated, sat, *slots)
