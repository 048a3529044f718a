"""Habits of every account, measured in one pass over its posts: clients, gaps, hours, silences, deletions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

__all__ = ["Habits", "measure_habits"]

F64 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int8]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DAY_US: Final = 86_400 * 1_000_000
GAPS_NEEDED: Final = 10
SHORTEST_GAP_US: Final = 60 * 1_000_000
"""Shorter gaps are the pace of a sitting; thumbs and tools are alike there."""
POSTS_FOR_HOURS: Final = 40
DAYS_FOR_HOURS: Final = 5


@dataclass(frozen=True)
class Habits:
    """One value for each account; NaN or -1 where its posts are too few to say.

    Attributes:
        client: int32, the client of most of its posts, -1 unknown.
        regular: float64, the share of its gaps (of a minute and more) that are of one length, give or take 5 %.
        awake: float64, hours of the day without its longest quiet stretch (24: never quiet), over all days together.
        own: int64, posts that are no reposts; deleted: int64.
        silence_us: int64, its longest gap; woke: int64, place in `Posts.order` of the post after it, -1 with under two posts.
        span_us: int64, from first to last post.

    """

    client: I32
    regular: F64
    awake: F64
    own: I64
    deleted: I64
    silence_us: I64
    woke: I64
    span_us: I64


@nb.njit(cache=True)
def _clients(order: I32, start: I64, client: I32, clients: int) -> I32:
    out = np.full(len(start) - 1, -1, np.int32)
    count = np.zeros(clients + 1, np.int64)
    for a in range(len(out)):
        for k in range(start[a], start[a + 1]):
            count[client[order[k]] + 1] += 1
        best = 0
        for k in range(start[a], start[a + 1]):
            c = client[order[k]]
            if c >= 0 and count[c + 1] > best:  # of equals the one used first
                best, out[a] = count[c + 1], c
        for k in range(start[a], start[a + 1]):
            count[client[order[k]] + 1] = 0
    return out


@nb.njit(cache=True)
def _regular(order: I32, start: I64, at: I64, shortest: int, needed: int) -> F64:
    out = np.full(len(start) - 1, np.nan)
    count = np.zeros(1000, np.int64)
    for a in range(len(out)):
        gaps = 0
        for k in range(start[a] + 1, start[a + 1]):
            gap = at[order[k]] - at[order[k - 1]]
            if gap >= shortest:
                gaps += 1
                count[min(998, int(np.log(gap / shortest) / 0.05))] += 1
        best = 0
        for b in range(999):  # two neighbouring bins, so that no edge cuts a habit in two
            best = max(best, count[b] + count[b + 1])
        if gaps >= needed:
            out[a] = best / gaps
        count[:] = 0
    return out


@nb.njit(cache=True)
def _awake(order: I32, start: I64, at: I64, day: int, posts: int, days: int) -> F64:
    out = np.full(len(start) - 1, np.nan)
    for a in range(len(out)):
        used = np.zeros(48, np.bool_)
        seen, last = 0, np.int64(-1)
        for k in range(start[a], start[a + 1]):
            t = at[order[k]]
            used[t % day * 48 // day] = True
            if t // day != last:
                seen, last = seen + 1, t // day
        if start[a + 1] - start[a] < posts or seen < days:
            continue
        longest, run = 0, 0
        for b in range(96):
            run = 0 if used[b % 48] else run + 1
            longest = max(longest, min(run, 48))
        out[a] = 24 - longest / 2
    return out


@nb.njit(cache=True)
def _silences(order: I32, start: I64, at: I64) -> tuple[I64, I64, I64]:
    size = len(start) - 1
    silence, woke, span = np.zeros(size, np.int64), np.full(size, -1, np.int64), np.zeros(size, np.int64)
    for a in range(size):
        for k in range(start[a] + 1, start[a + 1]):
            gap = at[order[k]] - at[order[k - 1]]
            if gap > silence[a]:
                silence[a], woke[a] = gap, k
        if start[a + 1] > start[a]:
            span[a] = at[order[start[a + 1] - 1]] - at[order[start[a]]]
    return silence, woke, span


def measure_habits(
    order: I32, start: I64, *, account: I32, at: I64, client: I32, deleted: Flags, reposts: Flags
) -> Habits:
    """Measure every account.

    Args:
        order, start: posts by (account, time), and where each account's begin.
        account, at, client, deleted, reposts: of each post.

    """
    accounts = len(start) - 1
    return Habits(
        _clients(order, start, client, int(client.max(initial=-1)) + 1),
        _regular(order, start, at, SHORTEST_GAP_US, GAPS_NEEDED),
        _awake(order, start, at, DAY_US, POSTS_FOR_HOURS, DAYS_FOR_HOURS),
        np.bincount(account[~reposts], minlength=accounts), np.bincount(account[deleted], minlength=accounts),
        *_silences(order, start, at),
    )  # fmt: skip
