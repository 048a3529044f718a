"""Real data in which nothing is coordinated any more: the same posts on the same objects, their times drawn anew.

Whole posts move, with all their traces. A post's delay after the first appearance of its anchor (its rarest object,
of those that it does not bring up itself) is drawn from the delays of posts whose anchor is of like kind and size, and
among several draws one is taken that suits the account's own hours and weekdays. A post that brings up all that it
shares stays where it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from samehand.coordination import SIZE_EDGES, Activities, sorted_activities
from samehand.runs import LoadedTrace, World

__all__ = ["redrawn"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

DRAWS = 24
HOUR_US = 3_600_000_000
PROFILE_PRIOR = 0.25


def _anchors(world: World) -> tuple[I64, I64, I64, I64, I64]:
    """One row for each post that moves: account, time, first appearance of its anchor, the anchor's class, post key.

    The anchor is the rarest object that the post shares and does not bring up itself. Of posts that are the first on an
    object at the same moment one brings it up; a post that brings up all that it shares has no anchor and stays, so no
    two posts that stay share anything.
    """
    columns = []
    for k, trace in enumerate(world.traces):
        if not trace.fused:  # what shows the same act once more moves with it
            continue
        a = trace.activities
        first = a.at[a.object_start[:-1]]
        follows = np.ones(len(a), np.bool_)
        follows[a.object_start[:-1]] = False
        rows = np.flatnonzero(follows & (a.sharers[a.obj] >= 2))
        size = np.searchsorted(np.asarray(SIZE_EDGES), a.sharers[a.obj], side="right")
        group = np.full(len(a), k * 100, np.int64) + size
        parts = (a.account, a.at, first[a.obj], group, _post_keys(a, k), a.sharers[a.obj])
        columns.append(np.stack([part[rows].astype(np.int64) for part in parts]))
    table = np.concatenate(columns, axis=1)
    order = np.lexsort((table[3], table[5], table[4]))
    table = table[:, order]
    rare = table[:, np.diff(table[4], prepend=np.iinfo(np.int64).min) != 0]
    return rare[0], rare[1], rare[2], rare[3], rare[4]


def _post_keys(a: Activities, k: int) -> I64:
    """A number for each activity's post; activities without a post have one each."""
    return np.where(a.post >= 0, a.post.astype(np.int64), -1 - k * (1 << 40) - np.arange(len(a)))


def _profiles(account: I64, at: I64, accounts: int) -> tuple[F64, F64]:
    """Each account's share of hours of the day and days of the week, smoothed by everybody's."""
    hour, day = at // HOUR_US % 24, at // (24 * HOUR_US) % 7
    hours, days = np.zeros((accounts, 24)), np.zeros((accounts, 7))
    np.add.at(hours, (account, hour), 1.0)
    np.add.at(days, (account, day), 1.0)
    return hours + PROFILE_PRIOR * hours.sum(0) / hours.sum(), days + PROFILE_PRIOR * days.sum(0) / days.sum()


def _new_times(world: World, rng: np.random.Generator) -> tuple[I64, I64]:
    """Keys of the posts that move, ascending, and their new times."""
    account, at, first, group, post = _anchors(world)
    hours, days = _profiles(account, at, world.accounts)
    drawn = at.copy()
    for value in np.unique(group):
        rows = np.flatnonzero(group == value)
        delays = (at - first)[rows]
        tries = first[rows, None] + rng.choice(delays, (len(rows), DRAWS))
        who = account[rows, None]
        weight = hours[who, tries // HOUR_US % 24] * days[who, tries // (24 * HOUR_US) % 7]
        heap = np.cumsum(weight, axis=1)
        pick = (heap < rng.random((len(rows), 1)) * heap[:, -1:]).sum(axis=1)
        drawn[rows] = tries[np.arange(len(rows)), np.minimum(pick, DRAWS - 1)]
    order = np.argsort(post)
    return post[order], drawn[order]


def _moved(trace: LoadedTrace, k: int, keys: I64, times: I64, accounts: int) -> LoadedTrace:
    a: Activities = trace.activities
    post = _post_keys(a, k)
    at = a.at.copy()
    where = np.minimum(np.searchsorted(keys, post), len(keys) - 1)
    moves = keys[where] == post
    at[moves] = times[where[moves]]
    moved = sorted_activities(
        a.account, a.obj, at, np.where(a.post >= 0, a.post, -1), accounts=accounts, objects=a.objects
    )
    return replace(trace, activities=moved)


def redrawn(world: World, seed: int) -> World:
    """The world with the times of its posts drawn anew.

    Args:
        world: loaded.
        seed: of the draws.

    """
    keys, times = _new_times(world, np.random.default_rng(seed))
    traces = tuple(_moved(trace, k, keys, times, world.accounts) for k, trace in enumerate(world.traces))
    return replace(world, traces=traces)
