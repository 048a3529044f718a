"""Real data in which nothing is coordinated any more: the same posts on the same objects, their times drawn anew.

Whole posts move, with all their traces. A post's delay after the first appearance of its rarest object is drawn from
the delays of posts whose rarest object is of like kind and size, and among several draws the one is taken that suits
the account's own hours and weekdays. The first post of an object stays where it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from samehand.coordination import SIZE_EDGES, Activities, sorted_activities
from samehand.runs.loading import LoadedTrace, World

__all__ = ["redrawn"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

DRAWS = 24
HOUR_US = 3_600_000_000
PROFILE_PRIOR = 0.25


def _rarest(world: World) -> tuple[I64, I64, I64, I64, I64]:
    """Every activity that stands for its post: account, time, first appearance of its object, class, post key."""
    columns = []
    for k, trace in enumerate(world.traces):
        a = trace.activities
        first = a.at[a.object_start[:-1]]
        size = np.searchsorted(np.asarray(SIZE_EDGES), a.sharers[a.obj], side="right")
        post = np.where(a.post >= 0, a.post.astype(np.int64), -1 - k * (1 << 40) - np.arange(len(a)))
        group = np.full(len(a), k * 100, np.int64) + size
        columns.append(np.stack((a.account.astype(np.int64), a.at, first[a.obj], group, post, a.sharers[a.obj])))
    table = np.concatenate(columns, axis=1)
    order = np.lexsort((table[3], table[5], table[4]))
    table = table[:, order]
    fresh = np.concatenate(([True], np.diff(table[4]) != 0))
    rare = table[:, fresh]
    return rare[0], rare[1], rare[2], rare[3], rare[4]


def _profiles(account: I64, at: I64, accounts: int) -> tuple[F64, F64]:
    """Each account's share of hours of the day and days of the week, smoothed by everybody's."""
    hour, day = at // HOUR_US % 24, at // (24 * HOUR_US) % 7
    hours, days = np.zeros((accounts, 24)), np.zeros((accounts, 7))
    np.add.at(hours, (account, hour), 1.0)
    np.add.at(days, (account, day), 1.0)
    return hours + PROFILE_PRIOR * hours.sum(0) / hours.sum(), days + PROFILE_PRIOR * days.sum(0) / days.sum()


def _new_times(world: World, rng: np.random.Generator) -> tuple[I64, I64]:
    """Post keys, ascending, and their new times."""
    account, at, first, group, post = _rarest(world)
    hours, days = _profiles(account, at, world.accounts)
    drawn = at.copy()
    for value in np.unique(group):
        rows = np.flatnonzero((group == value) & (at > first))
        if len(rows) < 2:
            continue
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
    post = np.where(a.post >= 0, a.post.astype(np.int64), -1 - k * (1 << 40) - np.arange(len(a)))
    at = times[np.searchsorted(keys, post)]
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
