"""Fast reactors: people who come early to whatever one author posts are together without being one hand.

Where the time of the original post is known, each account's delays after it are known too. If they alone explain a
network, every delay drawn from the account's own delays on other posts, then what was found is a pace, not a team:
a team that waits and then bursts is together on one post far more than across posts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samehand.coordination.groups import GroupTest, test_group
from samehand.coordination.meetings import Meetings
from samehand.coordination.reference import Reference

__all__ = ["Births", "CommonAuthor", "common_author", "test_beyond_pace"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

MOST_DELAYS = 40
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


def _delays(meetings: Meetings, born: I64) -> dict[int, F64]:
    """Each account's distinct delays after the original, in microseconds, the first `MOST_DELAYS` by object."""
    who = np.concatenate((meetings.first, meetings.second))
    obj = np.concatenate((meetings.obj, meetings.obj))
    delay = np.concatenate((meetings.at_i - born, meetings.at_j - born)).astype(np.float64)
    _, first = np.unique(who.astype(np.int64) << 32 | obj, return_index=True)
    return {int(account): delay[first][who[first] == account][:MOST_DELAYS] for account in np.unique(who[first])}


def _within(a: F64, b: F64, windows_us: I64) -> F64:
    """The share of pairs across two lists of delays inside each window (a little added: lists are short)."""
    apart = np.abs(a[:, None] - b[None, :]).ravel()
    return np.array([((apart <= w).sum() + 0.5) / (len(apart) + 1.0) for w in windows_us])


def test_beyond_pace(meetings: Meetings, reference: Reference, sharers: I32, births: Births) -> GroupTest:
    """Hold a group's meetings against its members' own delays as well as against the reference.

    Meetings on objects whose original's time is unknown keep the chance they had.
    """
    born = births.birth_us[meetings.obj]
    known = born != UNKNOWN
    if not known.any():
        return test_group(meetings, reference, sharers)
    delays = _delays(meetings.where(known), born[known])
    pairs = np.unique(np.stack((meetings.first[known], meetings.second[known]), axis=1), axis=0)
    chance = meetings.chance.copy()
    paced = {(int(u), int(v)): _within(delays[int(u)], delays[int(v)], reference.windows_us) for u, v in pairs}
    for row in np.flatnonzero(known).tolist():
        own = paced[int(meetings.first[row]), int(meetings.second[row])]
        chance[row] = np.clip(np.maximum(chance[row], own), 0, 0.95)
    return test_group(meetings._replace(chance=chance), reference, sharers)
