"""Fast reactors: people who come early to whatever one author posts are together without being one hand.

Where the time of the original post is known, each account's delays after it are known too. If they alone explain a
pair or a network, every delay drawn from the account's own delays on other posts, then what was found is a pace, not a
team: a team that waits and then bursts is together on one post far more than across posts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.coordination.arrays import Activities
from samehand.coordination.evidence import judge_pairs, owners
from samehand.coordination.meetings import Meetings, pair_meetings
from samehand.coordination.reference import Reference

__all__ = [
    "UNKNOWN",
    "Births",
    "CommonAuthor",
    "Delays",
    "account_delays",
    "common_author",
    "paced_meetings",
    "pairs_beyond_pace",
]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_DELAYS = 40
"""Of more delays than this so many are looked at, evenly spread over authors and time."""
FEWEST_DELAYS = 4
"""Fewer delays than this on one author's posts say little; all of the account's are taken instead."""
UNKNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Births:
    """What is known of where objects come from.

    author: int32[objects], account number of who made the object, -1 unknown; birth_us: int64[objects], when the
    original was posted, `UNKNOWN` where it is not in the data.
    """

    author: I32
    birth_us: I64


@dataclass(frozen=True)
class CommonAuthor:
    """The author behind most of a network's meetings: account number, and the share of the meetings."""

    author: int
    share: float


def common_author(objects: I32, births: Births) -> CommonAuthor | None:
    """The author of most of these objects, each given once for every meeting on it; None where no author is known."""
    authors = births.author[objects]
    known = authors[authors >= 0]
    if not len(known):
        return None
    names, counts = np.unique(known, return_counts=True)
    best = int(np.argmax(counts))
    return CommonAuthor(int(names[best]), float(counts[best] / len(objects)))


@dataclass(frozen=True)
class Delays:
    """How long after the original each account acts: one delay for each of its objects whose original is known.

    start: int64[accounts + 1], where each account's delays begin; author: int32[n], ascending within an account;
    delay_us: int64[n], microseconds after the original.
    """

    start: I64
    author: I32
    delay_us: I64


def account_delays(activities: Activities, births: Births) -> Delays:
    """Each account's delays after originals, its first action on each object, by author and then by object."""
    a = activities
    account, obj = a.account[a.by_account], a.obj[a.by_account]
    again = (np.diff(account, prepend=-1) == 0) & (np.diff(obj, prepend=-1) == 0)
    rows = np.flatnonzero(~again & (births.birth_us[obj] != UNKNOWN))
    rows = rows[np.lexsort((births.author[obj[rows]], account[rows]))]
    start = np.searchsorted(account[rows], np.arange(a.accounts + 1)).astype(np.int64)
    delay = a.at[a.by_account[rows]] - births.birth_us[obj[rows]]
    return Delays(start, births.author[obj[rows]].astype(np.int32), delay)


@nb.njit(cache=True)
def _of_author(low: int, high: int, author: I32, wanted: int) -> tuple[int, int]:
    """Where one author's delays lie among an account's; all of the account's where they are too few."""
    begin = low + int(np.searchsorted(author[low:high], wanted, side="left"))
    end = low + int(np.searchsorted(author[low:high], wanted, side="right"))
    return (begin, end) if wanted >= 0 and end - begin >= FEWEST_DELAYS else (low, high)


@nb.njit(cache=True)
def _paced(
    known: Flags, first: I32, second: I32, wanted: I32, start: I64, author: I32, delay: I64, windows: I64, chance: F64
) -> F64:
    out, share = chance.copy(), np.empty(len(windows))
    u, v, of = -1, -1, -2
    for r in range(len(first)):
        if not known[r]:
            continue
        if first[r] != u or second[r] != v or wanted[r] != of:
            u, v, of = first[r], second[r], wanted[r]
            x, x_end = _of_author(start[u], start[u + 1], author, of)
            y, y_end = _of_author(start[v], start[v + 1], author, of)
            step_x, step_y = (x_end - x - 1) // MOST_DELAYS + 1, (y_end - y - 1) // MOST_DELAYS + 1
            share[:], ways = 0.5, 1.0  # a little added: the lists are short
            for i in range(x, x_end, step_x):
                for j in range(y, y_end, step_y):
                    apart = abs(delay[i] - delay[j])
                    ways += 1
                    for w in range(len(windows)):
                        share[w] += apart <= windows[w]
            share /= ways
        for w in range(len(windows)):
            out[r, w] = min(0.95, max(out[r, w], share[w]))
    return out


def paced_meetings(meetings: Meetings, births: Births, delays: Delays, windows_us: I64) -> Meetings:
    """Meetings whose chance is never below what the two accounts' own delays give.

    Of two accounts, every delay of the one is held against every delay of the other: those on posts of the same author
    where each has enough of them, else all. Meetings on objects whose original's time is unknown keep their chance.
    """
    known = births.birth_us[meetings.obj] != UNKNOWN
    if not known.any():
        return meetings
    chance = _paced(
        known, meetings.first, meetings.second, births.author[meetings.obj].astype(np.int32), delays.start, delays.author,
        delays.delay_us, windows_us, meetings.chance,
    )  # fmt: skip
    return meetings._replace(chance=chance)


def pairs_beyond_pace(
    activities: Activities, reference: Reference, births: Births, delays: Delays, first: I32, second: I32
) -> F64:
    """The smallest p-value over windows of each pair when its accounts' own delays are known to the null.

    Args:
        activities, reference: of one trace.
        births, delays: of its objects and accounts.
        first, second: int32, distinct pairs, first < second, ascending.

    """
    meetings = paced_meetings(pair_meetings(activities, reference, first, second), births, delays, reference.windows_us)
    evidence = judge_pairs(activities, meetings, len(first), owners(meetings, first, second), reference.windows_us)
    return np.asarray(evidence.p_value.min(axis=1))
