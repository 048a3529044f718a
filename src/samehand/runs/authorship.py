"""What explains a network innocently: readers of one author, and people who are always early with many.

In: networks and what is known of originals. Out: the networks that are left, and the accounts that were set aside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from samehand.coordination import (
    ALL_TRACES,
    UNKNOWN,
    Activities,
    Births,
    Delays,
    Meetings,
    Network,
    Reference,
    common_author,
    group_meetings,
    members_with_evidence,
    paced_meetings,
    test_group,
)

__all__ = ["Authorship", "Explained", "beyond_authors", "joined_sets"]

I32 = npt.NDArray[np.int32]

AUTHOR_SHARE = 0.8
"""From this share of a network's moments together on, its posts are one author's, or their originals are known."""


@dataclass(frozen=True)
class Explained:
    """A set of accounts that is no network because something innocent explains it: how, and by whom (-1 nobody)."""

    members: I32
    reason: str
    author: int


@dataclass(frozen=True)
class Authorship:
    """What is needed to say whether an author, or its members' pace, explains a network.

    fused, reference: all traces together; births: of their objects; delays: of their accounts.
    """

    fused: Activities
    reference: Reference
    births: Births
    delays: Delays

    def meetings(self, network: Network) -> Meetings:
        """The meetings of a network's members in the trace that shows it best."""
        found = group_meetings(self.fused, self.reference, network.members)
        if network.kind != ALL_TRACES:
            found = found.where(self.reference.kind[found.obj] == network.kind)
        return found

    def author(self, network: Network, meetings: Meetings) -> tuple[int | None, float]:
        """The author of most meetings inside the network's window, if there is one; the share with a known original."""
        inside = meetings.obj[meetings.apart_us <= self.reference.windows_us[network.window]]
        author = common_author(inside, self.births)
        known = float((self.births.birth_us[inside] != UNKNOWN).mean()) if len(inside) else 0.0
        return (author.author if author is not None and author.share >= AUTHOR_SHARE else None), known

    def explained(self, members: I32, author: int | None) -> Explained:
        """Accounts set aside, with the author that they react to where there is one."""
        if author is None:
            return Explained(members, "always early, with many authors", -1)
        return Explained(members, "fast reactors to one author", author)


def beyond_authors(
    networks: list[Network], authorship: Authorship, cut: float
) -> tuple[list[Network], list[Explained]]:
    """Set aside networks on posts whose originals are known, if their members' own delays explain them.

    Whoever is always early, with one author or with many, is together with others who are. What is left beyond that
    has to pass the cut that groups had to pass.
    """
    kept, early = [], []
    a = authorship
    if not ((a.births.birth_us != UNKNOWN) | (a.births.author >= 0)).any():
        return networks, []
    for network in networks:
        meetings = a.meetings(network)
        author, known = a.author(network, meetings)
        if author is None and known < AUTHOR_SHARE:
            kept.append(network)
            continue
        paced = paced_meetings(meetings, a.births, a.delays, a.reference.windows_us)
        beyond = test_group(paced, a.reference, a.fused.sharers)
        members = network.members[:0]
        if beyond.p_value <= cut:
            members, standing = members_with_evidence(paced, a.reference, a.fused.sharers, network.members, beyond)
        if len(members) >= 2:
            p_value = max(network.p_value, beyond.p_value)
            q_value = max(network.q_value, p_value)  # never below the p-value that speaks now
            kept.append(
                replace(
                    network,
                    members=members,
                    excess=standing.excess,
                    tail=standing.tail,
                    p_value=p_value,
                    q_value=q_value,
                )
            )
        left = np.setdiff1d(network.members, members).astype(np.int32)
        if len(left) >= 2:
            early.append(a.explained(left, author))
    return kept, early


def joined_sets(early: list[Explained], networks: list[Network]) -> tuple[Explained, ...]:
    """Explained sets that overlap as one (the largest speaks), without accounts that are in a network all the same."""
    taken = np.concatenate([network.members for network in networks] or [np.zeros(0, np.int32)])
    joined: list[Explained] = []
    for one in sorted(early, key=lambda e: (-len(e.members), int(e.members[0]))):
        for at, other in enumerate(joined):
            if np.isin(one.members, other.members).any():
                joined[at] = replace(other, members=np.union1d(other.members, one.members).astype(np.int32))
                break
        else:
            joined.append(one)
    left = [replace(one, members=np.setdiff1d(one.members, taken).astype(np.int32)) for one in joined]
    return tuple(one for one in left if len(one.members) >= 2)
