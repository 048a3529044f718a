"""Matched controls: accounts that did what the members did, and are in no network.

Whoever joins a protest in its first days is new; whoever touches what a network touched, on the days it did, is the one to
compare its members with. Where too few did, the comparison falls back step by step, and the step is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from samehand.authenticity.material import DAY_US, Material
from samehand.coordination import Activities

__all__ = [
    "LEVELS",
    "OTHER_NETWORKS",
    "Controls",
    "Pool",
    "Surroundings",
    "controls_of",
    "distinct",
    "other_networks_pool",
    "rows_of",
    "survey",
]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LEVELS: Final = (
    "same objects on the same days to a like degree, like volume and hours",
    "same objects on the same days to a like degree, like volume",
    "same objects on the same days, like volume",
    "active on the same days, like volume",
    "like volume",
)
"""From the closest comparison to the widest; how far a stratum of members had to go is said with each network."""
OTHER_NETWORKS: Final = "members of other networks, like volume"
FEWEST: Final = 5
"""Controls that a stratum of members needs, and no fewer than it has members; else the next level is tried."""
SEVERAL: Final = 3
"""Members who touch an object on one day before it counts as the network's (two in networks of under ten). With one, what
everybody does that day let passers-by in: of sets of a surge's newcomers 27 % had p <= .05, with two 9 %, with three 7 %."""
MOST: Final = 20
"""Controls kept for each member of a stratum (no fewer than 100): more only make the mean of the controls smoother."""
WIDEST: Final = 3
"""Neighbouring bins of volume that may be taken together: a factor of eight."""
FEWEST_NETWORKS: Final = 3
"""Other networks that it takes to speak of networks in general: one or two may be the same hand's."""
_DEGREES: Final = 12
"""Bins of two by how much an account shares with a network: from all to 1 in 4,096."""
_ANY_VOLUME: Final = 64
_CLOSE: Final = 2
"""Bins of degree in which members and controls still share to a like degree: a factor of four."""
_NO_PHASE: Final = 4
_FEW_TIMES: Final = 5


@dataclass(frozen=True)
class Surroundings:
    """What matching needs of all accounts, measured once.

    volume: int64[accounts], log2 bin of posts (or activities, where there are more of them); phase: int64[accounts], the
    quarter of the day around which an account is active, 4 for those with few times; day: int64[n], of each activity,
    from 0; network: int32[accounts], which network an account is in, -1 none.
    """

    volume: I64
    phase: I64
    day: I64
    network: I32


@dataclass(frozen=True)
class Pool:
    """Members of a network and their controls, by (stratum, account).

    Attributes:
        accounts: int32[n]; member: bool[n]; stratum: int32[n], from 0 on, ascending.
        network: int32[m], all members, those too that have no controls.
        level: int8[strata], place in `LEVELS`, -1 for members of other networks.

    """

    accounts: I32
    member: Flags
    stratum: I32
    network: I32
    level: npt.NDArray[np.int8]

    def levels(self) -> dict[str, int]:
        """How many members were matched at each level."""
        found = np.bincount(self.level[self.stratum[self.member]] + 1, minlength=len(LEVELS) + 1)
        names = (OTHER_NETWORKS, *LEVELS)
        return {name: int(n) for name, n in zip(names, found, strict=True) if n}

    def same_objects(self) -> bool:
        """Whether most members are held against accounts that touched the same objects on the same days."""
        level = self.level[self.stratum[self.member]]
        return len(level) > 0 and float(((level >= 0) & (level <= 2)).mean()) > 0.5


def distinct(values: I64) -> I64:
    """Distinct values, ascending. Sorting takes a fifth of the time of numpy's `unique`, which hashes."""
    ordered = np.sort(values)
    keep = np.ones(len(ordered), np.bool_)
    keep[1:] = ordered[1:] != ordered[:-1]
    return np.asarray(ordered[keep])


def _phases(account: I32, at: I64, accounts: int) -> I64:
    angle = (at % DAY_US) * (2 * np.pi / DAY_US)
    x = np.bincount(account, weights=np.cos(angle), minlength=accounts)
    y = np.bincount(account, weights=np.sin(angle), minlength=accounts)
    quarter = np.floor(np.arctan2(y, x) / (np.pi / 2)).astype(np.int64) % 4
    return np.where(np.bincount(account, minlength=accounts) >= _FEW_TIMES, quarter, _NO_PHASE)


def survey(material: Material, activities: Activities, networks: Sequence[I32]) -> Surroundings:
    """Measure what matching needs of all accounts."""
    posts = material.posts
    volume = np.maximum(posts.counts(), np.diff(activities.account_start))
    use = (posts.account, posts.at) if len(posts.account) else (activities.account, activities.at)
    network = np.full(material.accounts, -1, np.int32)
    for number, members in enumerate(networks):
        network[members] = number
    day = activities.at // DAY_US
    return Surroundings(
        np.log2(np.maximum(volume, 1)).astype(np.int64), _phases(*use, material.accounts),
        day - day.min(initial=0) if len(day) else day, network,
    )  # fmt: skip


def rows_of(start: I64, chosen: I64) -> I64:
    """The places of several slices, one after the other."""
    length = start[chosen + 1] - start[chosen]
    ends = np.cumsum(length)
    return np.repeat(start[chosen] - ends + length, length) + np.arange(int(length.sum()))


@dataclass(frozen=True)
class _Alike:
    """Accounts by what they share with a network.

    touched, active: bool[accounts], whether an account touched what several members touched on the same day, and whether
    it was active on those days; degree: int64[accounts], bin of the chance that a random (other) member did what a
    random activity of the account did, on that day.
    """

    touched: Flags
    active: Flags
    degree: I64


def _alike(a: Activities, around: Surroundings, members: I32) -> _Alike:
    own = a.by_account[rows_of(a.account_start, members.astype(np.int64))]
    days = int(around.day.max(initial=0)) + 1
    found, member = a.obj[own].astype(np.int64) * days + around.day[own], a.account[own].astype(np.int64)
    pairs = distinct(found * a.accounts + member)
    moments, count = np.unique(pairs // max(a.accounts, 1), return_counts=True)
    moments = moments[count >= (SEVERAL if len(members) >= 10 else 2)]
    touched, active = np.zeros(a.accounts, np.bool_), np.zeros(a.accounts, np.bool_)
    if not len(moments):
        return _Alike(touched, active, np.zeros(a.accounts, np.int64))
    near = rows_of(a.object_start, distinct(moments // days))
    keys = a.obj[near].astype(np.int64) * days + around.day[near]
    at = np.minimum(np.searchsorted(moments, keys), len(moments) - 1)
    there = moments[at] == keys
    touched[a.account[near[there]]] = True
    on = np.zeros(days, np.bool_)
    on[moments % days] = True
    active[a.account[on[around.day]]] = True
    return _Alike(touched, active, _degrees(a, members, a.account[near[there]], at[there], len(moments)))


def _degrees(a: Activities, members: I32, account: I32, moment: I64, moments: int) -> I64:
    """Bins, from 0, of how much each account shares with the members; a member is not counted as its own like."""
    inside = np.zeros(a.accounts, np.bool_)
    inside[members] = True
    once = distinct(account.astype(np.int64) * moments + moment)
    who, when = once // moments, once % moments
    together = np.bincount(when[inside[who]], minlength=moments)
    others = (together[when] - inside[who]) / np.maximum(len(members) - inside[who], 1)
    score = np.bincount(who, weights=others, minlength=a.accounts) / np.maximum(np.diff(a.account_start), 1)
    return np.asarray(np.maximum(np.floor(np.log2(np.maximum(score, 1e-9))).astype(np.int64) + _DEGREES, 0))


def _ranges(value: I64, own: I32, others: npt.NDArray[np.integer[Any]], widest: int) -> list[tuple[int, int]]:
    """Ranges of bins [low, high] with members, from the top down, wide enough to hold controls where that is possible."""
    size = int(value.max(initial=0)) + 1
    mine, theirs = np.bincount(value[own], minlength=size), np.bincount(value[others], minlength=size)
    ranges: list[tuple[int, int]] = []
    high = size - 1
    while high >= 0:
        low = high
        while (
            low > 0 and high - low + 1 < widest and mine[low : high + 1].any() and not _enough(mine, theirs, low, high)
        ):
            low -= 1
        if mine[low : high + 1].any():
            ranges.append((low, high))
        high = low - 1
    if len(ranges) > 1 and not _enough(mine, theirs, *ranges[-1]) and ranges[-2][1] - ranges[-1][0] < widest:
        ranges[-2:] = [(ranges[-1][0], ranges[-2][1])]
    return ranges


def _enough(own: I64, others: I64, low: int, high: int) -> bool:
    return int(others[low : high + 1].sum()) >= max(FEWEST, int(own[low : high + 1].sum()))


@dataclass(frozen=True)
class _Stratum:
    members: I32
    controls: I32
    level: int


def _inside(value: I64, accounts: npt.NDArray[np.integer[Any]], low: int, high: int) -> I32:
    return np.asarray(accounts[(value[accounts] >= low) & (value[accounts] <= high)], np.int32)


def _enough_controls(strata: list[_Stratum]) -> bool:
    return all(len(s.controls) >= max(FEWEST, len(s.members)) for s in strata)


def _same_objects(own: I32, like: I32, alike: _Alike, around: Surroundings) -> list[_Stratum]:
    """Strata by how much is shared with the network, then by volume, then by hours where there are controls enough.

    How much is shared comes first: it is what sorts a surge's newcomers from passers-by.
    """
    strata: list[_Stratum] = []
    for low, high in _ranges(alike.degree, own, like, _DEGREES + 1):
        mine, theirs = _inside(alike.degree, own, low, high), _inside(alike.degree, like, low, high)
        for least, most in _ranges(around.volume, mine, theirs, _ANY_VOLUME):
            these, those = _inside(around.volume, mine, least, most), _inside(around.volume, theirs, least, most)
            close = high - low < _CLOSE and most - least < WIDEST
            by_hours = [
                _Stratum(these[around.phase[these] == q], those[around.phase[those] == q], 0)
                for q in np.unique(around.phase[these])
            ]
            fits = close and _enough_controls(by_hours)
            strata += by_hours if fits else [_Stratum(these, those, 1 if close else 2)]
    return strata


def _of_volume(own: I32, like: I32, alike: _Alike, volume: I64) -> list[_Stratum]:
    """Strata by volume alone, among those active on the same days where there are enough of them."""
    strata: list[_Stratum] = []
    for low, high in _ranges(volume, own, like, WIDEST):
        mine, theirs = _inside(volume, own, low, high), _inside(volume, like, low, high)
        steps = [_Stratum(mine, theirs[alike.active[theirs]], 3), _Stratum(mine, theirs, 4)]
        strata += [step for step in steps if _enough_controls([step])][:1]
    return strata


def _pool(strata: list[_Stratum], network: I32, rng: np.random.Generator) -> Pool:
    accounts, member, stratum = [], [], []
    for number, one in enumerate(strata):
        most, controls = max(100, MOST * len(one.members)), one.controls
        if len(controls) > most:
            controls = np.sort(rng.choice(controls, most, replace=False))
        both = np.concatenate((one.members, controls)).astype(np.int32)
        order = np.argsort(both, kind="stable")
        accounts.append(both[order])
        member.append((np.arange(len(both)) < len(one.members))[order])
        stratum.append(np.full(len(both), number, np.int32))
    if not strata:
        return Pool(np.zeros(0, np.int32), np.zeros(0, np.bool_), np.zeros(0, np.int32), network, np.zeros(0, np.int8))
    level = np.array([one.level for one in strata], np.int8)
    return Pool(np.concatenate(accounts), np.concatenate(member), np.concatenate(stratum), network, level)


@dataclass(frozen=True)
class Controls:
    """The kinds of controls of one network.

    matched: accounts of no network, as close as there are; wide: those of like volume alone, for findings for which too few
    of the matched have data.
    """

    matched: Pool
    wide: Pool


def controls_of(activities: Activities, around: Surroundings, members: I32, rng: np.random.Generator) -> Controls:
    """The controls of a network.

    Args:
        activities: of all traces.
        around: measured on them.
        members: int32.
        rng: draws which controls are kept where there are very many.

    """
    members = np.sort(members).astype(np.int32)
    inside = np.bincount(members, minlength=len(around.network)) > 0
    free = np.asarray(np.flatnonzero((around.network < 0) & ~inside), np.int32)
    alike = _alike(activities, around, members)
    wide = _of_volume(members, free, alike, around.volume)
    close = _same_objects(members, np.asarray(free[alike.touched[free]], np.int32), alike, around)
    matched = _pool(close if _enough_controls(close) else wide, members, rng)
    return Controls(matched, _pool(wide, members, rng))


def other_networks_pool(around: Surroundings, members: I32, rng: np.random.Generator) -> Pool | None:
    """The members of a network with members of other networks; None where there are fewer than three others."""
    members = np.sort(members).astype(np.int32)
    inside = np.bincount(members, minlength=len(around.network)) > 0
    others = np.asarray(np.flatnonzero((around.network >= 0) & ~inside), np.int32)
    if len(np.unique(around.network[others])) < FEWEST_NETWORKS:
        return None
    strata = []
    for low, high in _ranges(around.volume, members, others, WIDEST):
        one = _Stratum(_inside(around.volume, members, low, high), _inside(around.volume, others, low, high), -1)
        strata += [one] if _enough_controls([one]) else []
    return _pool(strata, members, rng)
