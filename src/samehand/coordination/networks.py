"""Networks: the groups and the linked pairs that pass the run's false discovery rate, without overlaps.

The rate asked for is split in half: one half for groups (Benjamini-Hochberg over the candidates that could pass at
all, which opportunity alone decides; Tarone 1990), one for pairs (over every pair, trace and window of the run).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from samehand.coordination.arrays import Activities
from samehand.coordination.groups import ALL_TRACES, judge_group, test_group
from samehand.coordination.meetings import group_meetings
from samehand.coordination.members import members_with_evidence
from samehand.coordination.reference import Reference
from samehand.coordination.search import Candidates, Ties

__all__ = [
    "PERIOD",
    "GroupSearch",
    "Network",
    "merge_networks",
    "networks_of_groups",
    "networks_of_pairs",
    "unite_networks",
]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]


PERIOD = -2
"""The kind of a network that one odd period shows."""


@dataclass(frozen=True)
class Network:
    """A set of accounts found together.

    Attributes:
        members: int32, ascending account numbers.
        excess: float64, each member's excess over chance with the others, 0 to 1.
        tail: float64, the tail of each member's own hits.
        p_value, q_value: of the network.
        window: index of the window that shows it best.
        kind: the trace that shows it best, `ALL_TRACES`, or `PERIOD`.
        by: "group" or "pairs".
        occasions: observations behind it.

    """

    members: I32
    excess: F64
    tail: F64
    p_value: float
    q_value: float
    window: int
    kind: int
    by: str
    occasions: int


@dataclass(frozen=True)
class GroupSearch:
    """What the test of groups made of the candidates: how many there were, could have passed, and passed.

    cut is the p-value that the step-up procedure asks for; left_out counts accounts without evidence of their own.
    """

    candidates: int
    testable: int
    passed: int
    cut: float
    left_out: int
    networks: tuple[Network, ...]


def _testable(least: F64, level: float) -> int:
    """Tarone's number: the smallest k such that at most k candidates could reach level / k."""
    count = 1
    while int((least <= level / count).sum()) > count:
        count += 1
    return count


def networks_of_groups(
    activities: Activities, reference: Reference, candidates: Candidates, *, level: float
) -> GroupSearch:
    """Test candidate groups and keep the members with evidence of their own, best group first, without overlaps.

    Args:
        activities: all traces together, objects numbered apart.
        reference: measured on them.
        candidates: from `candidate_groups`.
        level: the false discovery rate for groups.

    """
    judged = [
        judge_group(group_meetings(activities, reference, group), reference, activities.sharers)
        for group in candidates.groups
    ]
    least = np.array([possible for possible, _ in judged])
    p = np.array([test.p_value for _, test in judged])
    tests = _testable(least, level) if len(judged) else 0
    p = np.where(least <= level / max(tests, 1), p, 1.0)
    order = np.argsort(p, kind="stable")
    q = p[order] * tests / np.arange(1, len(p) + 1)
    q = np.minimum(np.minimum.accumulate(q[::-1])[::-1], 1.0)
    passed = int((q <= level).sum())
    cut = level * max(passed, 1) / max(tests, 1)
    taken = np.zeros(activities.accounts, np.bool_)
    networks: list[Network] = []
    left_out = 0
    for rank in range(passed):
        index = int(order[rank])
        group, test = candidates.groups[index], judged[index][1]
        again = bool(taken[group].any())
        group = group[~taken[group]]
        if len(group) < 2:
            continue
        meetings = group_meetings(activities, reference, group)
        if again:
            test = test_group(meetings, reference, activities.sharers)
            if test.p_value > cut:
                continue
        members, standing = members_with_evidence(meetings, reference, activities.sharers, group, test)
        left_out += len(group) - len(members)
        if len(members) < 2:
            continue
        taken[members] = True
        networks.append(
            Network(
                members, standing.excess, standing.tail, test.p_value, float(q[rank]), test.window, test.kind, "group",
                test.occasions,
            )
        )  # fmt: skip
    return GroupSearch(len(judged), tests, passed, cut, left_out, tuple(networks))


def networks_of_pairs(
    first: I32,
    second: I32,
    p_value: F64,
    q_value: F64,
    window: I32,
    occasions: I32,
    *,
    kind: int,
    family: int,
    level: float,
) -> list[Network]:
    """Components of the significant pairs whose best pair holds against the whole family by itself (Bonferroni).

    Among thousands of true pairs the rate allows some false ones; a network of nothing but such a pair is none. A
    network's p-value is its best pair's at that pair's window, its q-value the same pair's over the run's family.

    Args:
        first, second, p_value, q_value, window, occasions: the significant pairs of one trace, each at its best window.
        kind: the trace.
        family: pairs x traces x windows of the run.
        level: the rate for pairs.

    """
    names, ends = np.unique(np.concatenate((first, second)), return_inverse=True)
    half = len(first)
    links = coo_array((np.ones(half, np.int8), (ends[:half], ends[half:])), shape=(len(names), len(names)))
    count, label = connected_components(links, directed=False)
    of_pair = label[ends[:half]]
    order = np.lexsort((p_value, of_pair))
    starts = np.searchsorted(of_pair[order], np.arange(count + 1))
    networks = []
    for component in range(count):
        members = names[label == component].astype(np.int32)
        edges = order[starts[component] : starts[component + 1]]
        best = int(edges[0])
        if p_value[best] * family > level:
            continue
        networks.append(
            Network(
                members, np.ones(len(members)), np.zeros(len(members)), float(p_value[best]),
                float(q_value[best]), int(window[best]), kind, "pairs", int(occasions[edges].max()),
            )
        )  # fmt: skip
    return networks


def _touch(a: I32, b: I32) -> bool:
    return bool(np.isin(a, b, assume_unique=True).any())


def _joined(a: Network, b: Network) -> Network:
    """Two networks as one: the more significant leads, a member keeps its better standing."""
    lead, other = (a, b) if a.p_value <= b.p_value else (b, a)
    members = np.union1d(lead.members, other.members).astype(np.int32)
    excess, tail = np.zeros(len(members)), np.ones(len(members))
    for network in (other, lead):
        at = np.searchsorted(members, network.members)
        excess[at] = np.maximum(excess[at], network.excess)
        tail[at] = np.minimum(tail[at], network.tail)
    return replace(
        lead, members=members, excess=excess, tail=tail, q_value=min(a.q_value, b.q_value),
        by=lead.by if lead.by == other.by else "group and pairs", occasions=max(a.occasions, b.occasions),
        kind=lead.kind if lead.kind == other.kind else ALL_TRACES,
    )  # fmt: skip


def merge_networks(networks: list[Network]) -> list[Network]:
    """Join networks that share any member; most significant first, ties by size and first member."""
    merged: list[Network] = []
    for network in sorted(networks, key=lambda n: (n.p_value, -len(n.members), int(n.members[0]))):
        apart = [other for other in merged if not _touch(other.members, network.members)]
        for other in merged:
            if _touch(other.members, network.members):
                network = _joined(other, network)
        merged = [*apart, network]
    return sorted(merged, key=lambda n: (n.p_value, -len(n.members), int(n.members[0])))


UNITED_NATS = 10.0
"""Nats by which what two accounts share goes beyond chance, times left aside, for a tie between two networks."""
UNITED_SHARE = 0.5
"""Two networks are one where at least this share of the pairs across them are so tied."""


def unite_networks(networks: list[Network], ties: Ties, accounts: int) -> list[Network]:
    """Join networks that work on the same rare things, though not at the same time.

    A team whose members come one after the other falls into those who are near each other in time. Each part has passed
    the test by itself, so nobody is added by this.

    Args:
        networks: without overlaps.
        ties: pairs of accounts by what they share, from the search.
        accounts: number of accounts.

    """
    home = np.full(accounts, -1, np.int64)
    for number, network in enumerate(networks):
        home[network.members] = number
    a, b = home[ties.first], home[ties.second]
    across = (a >= 0) & (b >= 0) & (a != b) & (ties.nats >= UNITED_NATS)
    low, high = np.minimum(a, b)[across], np.maximum(a, b)[across]
    pairs, count = np.unique(low * max(len(networks), 1) + high, return_counts=True)
    one, other = pairs // max(len(networks), 1), pairs % max(len(networks), 1)
    size = np.array([len(network.members) for network in networks], np.int64)
    alike = count >= UNITED_SHARE * size[one] * size[other] if len(pairs) else np.zeros(0, np.bool_)
    links = coo_array((np.ones(int(alike.sum()), np.int8), (one[alike], other[alike])), shape=(len(networks),) * 2)
    _, label = connected_components(links, directed=False) if networks else (0, np.zeros(0, np.int32))
    united: dict[int, Network] = {}
    for network, group in zip(networks, np.asarray(label).tolist(), strict=True):
        united[group] = _joined(united[group], network) if group in united else network
    return sorted(united.values(), key=lambda n: (n.p_value, -len(n.members), int(n.members[0])))
