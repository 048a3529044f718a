from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from samehand.coordination import Activities, Candidates, Ties, candidate_groups, measure_ties, sorted_activities
from samehand.coordination.search import ALIKE, LARGEST, SMALLEST
from samehand.engine import LocalEngine
from tests.worlds import Crowd, activities_of, draw_crowd


def _ties(a: Activities) -> Ties:
    return measure_ties(a, np.zeros(a.objects, np.int64), LocalEngine(1))


def _world(seed: int) -> Crowd:
    rng = np.random.default_rng(seed)
    return draw_crowd(rng, communities=30).with_team(rng, range(1500, 1515), 12)


def _groups(found: Candidates) -> set[tuple[int, ...]]:
    return {tuple(group.tolist()) for group in found.groups}


def test_a_team_is_among_the_candidates_and_hangs_together() -> None:
    a = _world(0).activities()
    found = candidate_groups(_ties(a), a.accounts)

    assert tuple(range(1500, 1515)) in _groups(found)
    assert len(set(found.root[1500:1515].tolist())) == 1
    assert found.root[1500] >= 0


@pytest.mark.parametrize("seed", [1, 2])
def test_times_play_no_part_in_the_search(seed: int) -> None:
    """What is kept is who shared what and in which of their sittings; every time itself is drawn anew."""
    world = _world(seed)
    before = world.activities()
    shuffled = np.random.default_rng(seed).permutation(before.at)
    after = sorted_activities(
        before.account, before.obj, shuffled, np.full(len(before), -1), accounts=before.accounts, objects=before.objects,
        sitting=before.sitting,
    )  # fmt: skip
    one, two = _ties(before), _ties(after)

    assert len(one.first) > 100
    assert (one.first.tolist(), one.second.tolist()) == (two.first.tolist(), two.second.tolist())
    assert np.array_equal(one.nats, two.nats)
    assert _groups(candidate_groups(one, before.accounts)) == _groups(candidate_groups(two, after.accounts))


def test_things_shared_in_one_sitting_of_each_tie_nobody() -> None:
    world = draw_crowd(np.random.default_rng(3), objects=6000)
    things = np.repeat(np.arange(6000, 6006), 2)
    once = world.with_rows(np.tile([7, 8], 6), things, 10**6 + 60.0 * np.arange(12))
    often = world.with_rows(np.tile([7, 8], 6), things, 10**6 + 86_400.0 * np.arange(12))
    tied = [
        set(zip(t.first.tolist(), t.second.tolist(), strict=True))
        for t in (_ties(once.activities()), _ties(often.activities()))
    ]

    assert (7, 8) not in tied[0]
    assert (7, 8) in tied[1]


def test_one_shared_thing_ties_nobody() -> None:
    assert len(_ties(activities_of([(0, 0, 0), (1, 0, 0), (2, 1, 0)])).first) == 0


def test_the_search_repeats_for_a_seed() -> None:
    a = _world(4).activities()
    ties = _ties(a)
    runs = [candidate_groups(ties, a.accounts, seed=9) for _ in range(3)]

    assert all([g.tolist() for g in run.groups] == [g.tolist() for g in runs[0].groups] for run in runs)
    assert all(np.array_equal(run.root, runs[0].root) for run in runs)


def test_near_twins_are_looked_at_once_and_sizes_keep_to_their_bounds() -> None:
    a = _world(5).activities()
    groups = [set(g.tolist()) for g in candidate_groups(_ties(a), a.accounts).groups]

    assert len(groups) > 20
    assert all(SMALLEST <= len(group) <= LARGEST for group in groups)
    assert all(len(x & y) < ALIKE * len(x | y) for x, y in combinations(groups, 2))


def test_members_of_a_candidate_are_distinct_accounts_in_order() -> None:
    a = _world(6).activities()

    assert all((np.diff(group) > 0).all() for group in candidate_groups(_ties(a), a.accounts).groups)


@pytest.mark.parametrize("accounts", [0, 1, 2])
def test_nothing_to_search_is_no_error(accounts: int) -> None:
    a = activities_of([(u, u, 0) for u in range(accounts)], accounts=accounts, objects=accounts)
    found = candidate_groups(_ties(a), accounts)

    assert found.groups == ()
    assert found.root.tolist() == [-1] * accounts
