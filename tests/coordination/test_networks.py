from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.coordination import ALL_TRACES, Network, Ties, merge_networks, networks_of_pairs, unite_networks
from samehand.coordination.networks import _testable


def _network(members: set[int], p_value: float, kind: int = 0, by: str = "group") -> Network:
    sorted_members = np.array(sorted(members), np.int32)
    ones = np.ones(len(members))
    return Network(sorted_members, 0.1 * ones, 0.2 * ones, p_value, min(1.0, 10 * p_value), 1, kind, by, 3)


_NETWORKS = st.lists(
    st.tuples(st.sets(st.integers(0, 15), min_size=2, max_size=5), st.floats(0, 1), st.integers(0, 2)), max_size=10
)


def _components(sets: list[set[int]]) -> set[frozenset[int]]:
    merged: list[set[int]] = []
    for members in sets:
        touching = [other for other in merged if other & members]
        merged = [other for other in merged if not other & members] + [set().union(members, *touching)]
    return {frozenset(members) for members in merged}


@settings(deadline=None, max_examples=300)
@given(drawn=_NETWORKS)
def test_merged_networks_are_disjoint_and_lose_nobody(drawn: list[tuple[set[int], float, int]]) -> None:
    merged = merge_networks([_network(*one) for one in drawn])
    sets = [set(network.members.tolist()) for network in merged]

    assert {frozenset(members) for members in sets} == _components([members for members, _, _ in drawn])
    assert sum(map(len, sets)) == len(set().union(*sets))
    assert [n.p_value for n in merged] == sorted(n.p_value for n in merged)
    for network in merged:
        inside = [(p, kind) for members, p, kind in drawn if members <= set(network.members.tolist())]
        assert network.p_value == min(p for p, _ in inside)
        assert len(network.excess) == len(network.tail) == len(network.members)
        assert network.kind in ({kind for _, kind in inside} if len(inside) == 1 else {ALL_TRACES, inside[0][1]})


def test_a_member_of_two_networks_keeps_its_better_standing() -> None:
    one = Network(np.array([1, 2], np.int32), np.array([0.9, 0.2]), np.array([0.0, 0.5]), 1e-6, 1e-4, 0, 0, "group", 4)
    two = Network(np.array([2, 3], np.int32), np.array([0.6, 0.7]), np.array([0.1, 0.3]), 1e-9, 1e-7, 2, 1, "pairs", 7)
    (both,) = merge_networks([one, two])

    assert both.members.tolist() == [1, 2, 3]
    assert both.excess.tolist() == [0.9, 0.6, 0.7]
    assert both.tail.tolist() == [0.0, 0.1, 0.3]
    assert (both.p_value, both.q_value, both.window, both.kind) == (1e-9, 1e-7, 2, ALL_TRACES)
    assert (both.by, both.occasions) == ("group and pairs", 7)


@settings(deadline=None, max_examples=300)
@given(least=st.lists(st.floats(0, 0.02), max_size=40), level=st.sampled_from([0.005, 0.01, 0.05]))
def test_tarones_number_is_the_smallest_that_holds(least: list[float], level: float) -> None:
    values = np.array(least)
    expected = next(k for k in range(1, len(least) + 2) if sum(value <= level / k for value in least) <= k)

    assert _testable(values, level) == expected


def _of_pairs(pairs: list[tuple[int, int, float]], family: int = 100) -> list[Network]:
    first, second, p = (np.array([row[k] for row in pairs]) for k in range(3))
    same = np.zeros(len(pairs), np.int32)
    return networks_of_pairs(
        first.astype(np.int32),
        second.astype(np.int32),
        p,
        np.minimum(1, 10 * p),
        same + 1,
        same + 2,
        kind=0,
        family=family,
        level=0.01,
    )


def test_linked_pairs_make_one_network_and_unlinked_ones_two() -> None:
    found = _of_pairs([(0, 1, 1e-9), (1, 2, 1e-4), (5, 6, 1e-8), (6, 7, 1e-8)])

    assert sorted(network.members.tolist() for network in found) == [[0, 1, 2], [5, 6, 7]]
    assert min(network.p_value for network in found) == 1e-9


@pytest.mark.parametrize(("p_value", "networks"), [(1e-4, 1), (1.1e-4, 0)])
def test_a_network_whose_best_pair_fails_the_whole_family_is_none(p_value: float, networks: int) -> None:
    """Among thousands of true pairs the rate allows false ones: a network of nothing but one is none."""
    assert len(_of_pairs([(0, 1, p_value), (1, 2, 5e-4)])) == networks


def _ties(pairs: list[tuple[int, int]], nats: float) -> Ties:
    first, second = (np.array([pair[k] for pair in pairs], np.int32) for k in (0, 1))
    return Ties(first, second, np.full(len(pairs), nats), 10)


def test_parts_of_one_team_that_work_on_the_same_rare_things_are_one_network() -> None:
    parts = [_network({0, 1, 2}, 1e-9), _network({3, 4}, 1e-6), _network({7, 8, 9}, 1e-12)]
    across = [(a, b) for a in (0, 1, 2) for b in (3, 4)]
    found = unite_networks(parts, _ties(across, 12.0), 10)

    assert [network.members.tolist() for network in found] == [[7, 8, 9], [0, 1, 2, 3, 4]]
    assert [network.p_value for network in found] == [1e-12, 1e-9]


@pytest.mark.parametrize(("share", "nats"), [(2, 12.0), (6, 9.0)])
def test_few_ties_or_weak_ones_unite_nothing(share: int, nats: float) -> None:
    parts = [_network({0, 1, 2}, 1e-9), _network({3, 4}, 1e-6)]
    across = [(a, b) for a in (0, 1, 2) for b in (3, 4)][:share]

    assert len(unite_networks(parts, _ties(across, nats), 5)) == 2


def test_no_networks_are_united_to_none() -> None:
    assert unite_networks([], _ties([], 1.0), 3) == []
