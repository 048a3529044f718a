"""Members: of a group that is together beyond chance, those who bring evidence of their own.

A group that merely contains a team is significant too. Each account is therefore looked at by its own meetings with
the others: how much of what chance leaves open it is together (its excess), and the tail of its own hits. Who falls
short is left out, and the rest is looked at again without them; of parts that were never together the largest stays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from samehand.coordination.evidence import poisson_binomial_tail
from samehand.coordination.groups import GroupTest, session_us, tested_rows
from samehand.coordination.meetings import Meetings
from samehand.coordination.reference import Reference

__all__ = ["Standing", "member_standing", "members_with_evidence"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

LEAST_EXCESS = 0.5
"""Of the mean excess of the group's upper third."""
MEMBER_FDR = 0.1
"""Of the members kept, this share may be there by chance (Storey's estimate)."""
ROUNDS = 6
MARGIN = 1.5
"""The chance of a member's hit is taken half as large again: it is tested after the group was chosen."""


class Standing(NamedTuple):
    """For each member: excess (0 chance, 1 always together), and the tail of its own hits."""

    excess: F64
    tail: F64


def _own_standing(mine: Meetings, member: int, window: int, width_us: int) -> tuple[float, float]:
    moment = np.where(mine.first == member, mine.at_i, mine.at_j)
    order = np.argsort(moment, kind="stable")
    moment, inside, chance = moment[order], (mine.apart_us <= width_us)[order], mine.chance[order, window]
    starts, session = [0], session_us(width_us)
    while (following := int(np.searchsorted(moment, moment[starts[-1]] + session, side="right"))) < len(moment):
        starts.append(following)
    lengths = np.diff([*starts, len(moment)])
    together = np.add.reduceat(inside.astype(np.float64), starts) / lengths
    expected = np.add.reduceat(chance, starts) / lengths
    excess = (together - expected).sum() / max((1 - expected).sum(), 1e-9)
    tail = poisson_binomial_tail(np.minimum(expected * MARGIN, 0.95), int((together >= 0.4).sum()))
    return float(excess), float(tail)


def member_standing(meetings: Meetings, members: I32, window: int, width_us: int) -> Standing:
    """How each member stands with the others, occasion by occasion.

    Args:
        meetings: of the members.
        members: account numbers.
        window, width_us: the window's index in the reference, and its width.

    """
    excess, tail = np.zeros(len(members)), np.ones(len(members))
    rows = len(meetings.obj)
    ends = np.concatenate((meetings.first, meetings.second))
    order = np.argsort(ends, kind="stable")
    low, high = (np.searchsorted(ends[order], members, side=side) for side in ("left", "right"))
    for k, member in enumerate(members.tolist()):
        if high[k] > low[k]:
            mine = np.sort(order[low[k] : high[k]] % rows)
            excess[k], tail[k] = _own_standing(meetings.take(mine), member, window, width_us)
    return Standing(excess, tail)


def bystanders_among(tail: F64) -> float:
    """How many members are only there by chance, read off the upper half of their tails (Storey 2002)."""
    return float(min(len(tail), (int((tail > 0.5).sum()) + 1) / 0.5))


def member_q_values(tail: F64, bystanders: float) -> F64:
    """Storey's q-values of the members' tails.

    In a group of nothing but a team a weak tail is enough; in one that drags along many bystanders it is not.

    Args:
        tail: of the members that are left.
        bystanders: of the whole group, before anybody was left out.

    """
    order = np.argsort(tail, kind="stable")
    raw = tail[order] * bystanders / np.arange(1, len(tail) + 1)
    q = np.empty(len(tail))
    q[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return q


def _linked(meetings: Meetings, members: I32, width_us: int) -> Flags:
    """The largest set of members who were together with one another, directly or through others (ties: the first)."""
    inside = meetings.apart_us <= width_us
    ends = np.searchsorted(members, (meetings.first[inside], meetings.second[inside]))
    links = coo_array((np.ones(ends.shape[1], np.int8), (ends[0], ends[1])), shape=(len(members), len(members)))
    _, label = connected_components(links, directed=False)
    return np.asarray(label == np.bincount(label).argmax())


def members_with_evidence(
    meetings: Meetings, reference: Reference, sharers: I32, group: I32, test: GroupTest
) -> tuple[I32, Standing]:
    """The members of a significant group that have evidence of their own, and how they stand with each other.

    Args:
        meetings: of the group's members.
        reference, sharers: what the group was tested on.
        group: its accounts, ascending.
        test: what the group's test found: the objects, trace and window that it speaks of are those looked at.

    """
    width = int(reference.windows_us[test.window])
    meetings = meetings.where(tested_rows(meetings, reference, sharers, test))
    kept, bystanders = group, None
    for _ in range(ROUNDS):
        standing = member_standing(meetings, kept, test.window, width)
        bystanders = bystanders_among(standing.tail) if bystanders is None else bystanders
        upper = np.sort(standing.excess)[-max(3, len(kept) // 3) :].mean()
        strong = standing.excess >= LEAST_EXCESS * max(upper, 1e-9)
        keep = strong & (member_q_values(standing.tail, bystanders) <= MEMBER_FDR)
        if keep.all():  # a pair that was together only with each other is no part of a team beside it
            keep = _linked(meetings, kept, width)
        if keep.all() or keep.sum() < 2:
            return kept[keep], Standing(standing.excess[keep], standing.tail[keep])
        kept = kept[keep]
        meetings = meetings.where(np.isin(meetings.first, kept) & np.isin(meetings.second, kept))
    return kept, Standing(standing.excess[keep], standing.tail[keep])
