from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.coordination import (
    Activities,
    Bands,
    PairCounts,
    count_pairs,
    group_meetings,
    open_window,
    pair_meetings,
    pairs_of_block,
)
from tests.worlds import Action, activities_of, flat_reference

ACCOUNTS, OBJECTS = 6, 5
Counted = dict[tuple[int, int], int]


@st.composite
def _actions(draw: st.DrawFn) -> list[Action]:
    """Actions of six accounts on five objects; a post is its account's own and has one time."""
    single = st.tuples(st.integers(0, ACCOUNTS - 1), st.integers(0, OBJECTS - 1), st.integers(0, 90))
    rows: list[Action] = list(draw(st.lists(single, max_size=25)))
    post = st.tuples(
        st.integers(0, ACCOUNTS - 1),
        st.integers(0, 90),
        st.lists(st.integers(0, OBJECTS - 1), min_size=1, max_size=4, unique=True),
    )
    for number, (account, at, objects) in enumerate(draw(st.lists(post, max_size=12))):
        rows += [(account, o, at, number) for o in objects]
    return rows


def _together(a: Activities, width_us: int) -> dict[tuple[int, int], dict[int, int]]:
    """The oracle: for each pair its objects, each with the least time between two actions that count for it."""
    content: dict[int, set[int]] = {}
    for o, p in zip(a.obj.tolist(), a.post.tolist(), strict=True):
        content.setdefault(p, set()).add(o)
    found: dict[tuple[int, int], dict[int, int]] = {}
    for i, j in combinations(range(len(a)), 2):
        u, v = sorted((int(a.account[i]), int(a.account[j])))
        o, apart = int(a.obj[i]), abs(int(a.at[i] - a.at[j]))
        if u == v or a.obj[j] != o or apart > width_us:
            continue
        both = content[int(a.post[i])] & content[int(a.post[j])]
        if min(both, key=lambda other: (a.sharers[other], other)) != o:
            continue
        objects = found.setdefault((u, v), {})
        objects[o] = min(apart, objects.get(o, apart))
    return found


def _counted(found: PairCounts) -> Counted:
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    assert all(u < v for u, v in pairs)
    return dict(zip(pairs, found.objects.tolist(), strict=True))


@settings(deadline=None, max_examples=400)
@given(actions=_actions(), window=st.integers(0, 60), minimum=st.integers(1, 3))
def test_the_kernel_counts_what_brute_force_counts(actions: list[Action], window: int, minimum: int) -> None:
    a = activities_of(actions, accounts=ACCOUNTS, objects=OBJECTS)
    expected = {
        pair: len(objects) for pair, objects in _together(a, window * 1_000_000).items() if len(objects) >= minimum
    }

    assert _counted(count_pairs(a, window, minimum=minimum)) == expected


@settings(deadline=None, max_examples=200)
@given(actions=_actions(), seed=st.integers(0, 1000), minimum=st.integers(1, 2))
def test_weights_count_the_closest_of_several_times_and_the_smallest_step_that_holds_it(
    actions: list[Action], seed: int, minimum: int
) -> None:
    a = activities_of(actions, accounts=ACCOUNTS, objects=OBJECTS)
    steps = np.array([5, 20, 60], np.int64) * 1_000_000
    # a narrower step weighs more, as -ln of a smaller chance does
    weights = np.sort(np.random.default_rng(seed).integers(1, 64, (OBJECTS, 3)), axis=1)[:, ::-1].astype(np.float32)
    found = pairs_of_block(
        a, open_window(a, 60), 0, ACCOUNTS, minimum=minimum, weights=weights, steps_us=steps, floor=20.0
    )
    expected = {}
    for pair, objects in _together(a, 60_000_000).items():
        score = sum(float(weights[o, int(np.searchsorted(steps, apart))]) for o, apart in objects.items())
        if len(objects) >= minimum and score >= 20.0:
            expected[pair] = score

    assert dict(zip(_counted(found), found.score.tolist(), strict=True)) == expected


@settings(deadline=None, max_examples=100)
@given(actions=_actions(), cut=st.integers(0, ACCOUNTS), window=st.integers(0, 60))
def test_blocks_of_accounts_put_together_are_the_whole(actions: list[Action], cut: int, window: int) -> None:
    a = activities_of(actions, accounts=ACCOUNTS, objects=OBJECTS)
    opened = open_window(a, window)
    parts = [pairs_of_block(a, opened, low, high, minimum=1) for low, high in ((0, cut), (cut, ACCOUNTS))]
    whole = count_pairs(a, window, minimum=1)

    for column in range(5):
        assert np.concatenate([part[column] for part in parts]).tolist() == whole[column].tolist()


@settings(deadline=None, max_examples=100)
@given(actions=_actions(), seed=st.integers(0, 1000))
def test_the_order_of_the_rows_changes_no_count(actions: list[Action], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(actions))
    one = activities_of(actions, accounts=ACCOUNTS, objects=OBJECTS)
    two = activities_of([actions[k] for k in order], accounts=ACCOUNTS, objects=OBJECTS)

    assert _counted(count_pairs(one, 30, minimum=1)) == _counted(count_pairs(two, 30, minimum=1))


@settings(deadline=None, max_examples=200)
@given(actions=_actions(), window=st.integers(1, 60))
def test_bands_that_reach_every_neighbour_are_exact(actions: list[Action], window: int) -> None:
    a = activities_of(actions, accounts=ACCOUNTS, objects=OBJECTS)
    exact = count_pairs(a, window, minimum=1)
    banded = count_pairs(a, window, minimum=1, bands=Bands(cap=0, neighbours=len(actions) + 1))

    assert _counted(banded) == _counted(exact)
    assert banded.sampled.all()
    assert not exact.sampled.any()


@settings(deadline=None, max_examples=100)
@given(actions=_actions(), neighbours=st.integers(1, 3))
def test_narrow_bands_see_fewer_pairs_and_invent_none(actions: list[Action], neighbours: int) -> None:
    a = activities_of(actions, accounts=ACCOUNTS, objects=OBJECTS)
    exact = _counted(count_pairs(a, 30, minimum=1))
    banded = _counted(count_pairs(a, 30, minimum=1, bands=Bands(cap=2, neighbours=neighbours)))

    assert all(count <= exact[pair] for pair, count in banded.items())


@pytest.mark.parametrize(
    ("apart_s", "together"), [(0.0, 1), (60.0, 1), (60.000001, 0), (7 * 86_400 + 5, 0), (86_400.0, 0)]
)
def test_the_edge_of_a_window_is_inside_and_days_are_not_dropped(apart_s: float, together: int) -> None:
    """A peer takes the seconds of a time difference without its days: 7 days and 5 s were 5 s."""
    a = activities_of([(0, 0, 100.0), (1, 0, 100.0 + apart_s)])

    assert len(count_pairs(a, 60, minimum=1).first) == together


def test_no_bin_edge_cuts_a_pair() -> None:
    """A peer cuts time into bins: two shares a second apart are lost where a bin ends."""
    pairs = [(account, k, 59.5 + 60 * k + account) for k in range(200) for account in (0, 1)]

    assert _counted(count_pairs(activities_of(pairs), 1)) == {(0, 1): 200}


def test_an_account_is_never_its_own_partner() -> None:
    """A peer stores self loops."""
    a = activities_of([(0, 0, t) for t in range(9)] + [(0, 1, t) for t in range(9)])

    assert _counted(count_pairs(a, 60, minimum=1)) == {}


def test_who_acts_often_on_one_object_shares_one_object() -> None:
    """A peer counts pairs of rows, so that hyperactive accounts look coordinated."""
    often = [(0, 0, t) for t in range(50)] + [(1, 0, t) for t in range(50)]
    a = activities_of([*often, (0, 1, 0.0), (1, 1, 1.0)])

    assert _counted(count_pairs(a, 60)) == {(0, 1): 2}


def test_a_copied_post_with_a_link_and_three_tags_is_one_fact() -> None:
    posts = [(account, o, 10.0 * account, account) for account in (0, 1) for o in range(4)]

    assert _counted(count_pairs(activities_of(posts), 60, minimum=1)) == {(0, 1): 1}


def _hub(accounts: int) -> tuple[list[Action], list[int]]:
    rng = np.random.default_rng(5)
    team = sorted(rng.choice(accounts, 6, replace=False).tolist())
    crowd: list[Action] = [(u, 0, float(t)) for u, t in enumerate(rng.integers(0, 600, accounts).tolist())]
    return crowd + [(u, 1 + k, 9_000.0 * k + d) for k in range(5) for d, u in enumerate(team)], team


def test_an_object_shared_20000_times_in_ten_minutes_hides_no_team_on_other_objects() -> None:
    actions, team = _hub(20_000)
    a = activities_of(actions)
    found = count_pairs(a, 60, minimum=5)

    assert set(_counted(found)) == set(combinations(team, 2))


def test_what_a_banded_object_brings_is_marked_as_sampled() -> None:
    actions, team = _hub(6_000)
    a = activities_of(actions)
    opened = open_window(a, 600)
    found = pairs_of_block(a, opened, 0, a.accounts, minimum=1)
    from_team = np.isin(found.first, team) & np.isin(found.second, team)

    assert opened.banded.tolist() == [True] + [False] * 5
    assert from_team.sum() == 15
    assert found.sampled[~from_team].all()
    assert (found.sampled[from_team] == (found.objects[from_team] == 6)).all()


def test_a_banded_object_pairs_the_same_neighbours_on_every_object() -> None:
    """What is sampled is a fixed part of all pairs: who is seen together once is seen together again."""
    a = activities_of([(u, o, 1_000.0 * o) for u in range(300) for o in range(4)])
    found = count_pairs(a, 60, minimum=1, bands=Bands(cap=50, neighbours=4))

    assert set(found.objects.tolist()) == {4}
    assert len(found.first) >= 4 * 300 - 4 * 5


def test_times_before_1970_are_times() -> None:
    a = activities_of([(0, 0, -5_000.0), (1, 0, -4_990.0), (0, 1, -9.0), (1, 1, 1.0)])

    assert _counted(count_pairs(a, 10)) == {(0, 1): 2}
    assert _counted(count_pairs(a, 10, bands=Bands(cap=0, neighbours=4))) == {(0, 1): 2}


@settings(deadline=None, max_examples=300)
@given(actions=_actions())
def test_a_meeting_is_the_closest_two_actions_that_count(actions: list[Action]) -> None:
    a = activities_of(actions, accounts=ACCOUNTS, objects=OBJECTS)
    reference = flat_reference(a, (0.1,) * 4)
    pairs = np.array(list(combinations(range(ACCOUNTS), 2)), np.int32)
    by_pair = pair_meetings(a, reference, pairs[:, 0].copy(), pairs[:, 1].copy())
    by_object = group_meetings(a, reference, np.arange(ACCOUNTS, dtype=np.int32))
    expected = {(*pair, o): apart for pair, objects in _together(a, 10**9).items() for o, apart in objects.items()}
    for m in (by_pair, by_object):
        keys = zip(m.first.tolist(), m.second.tolist(), m.obj.tolist(), strict=True)
        assert dict(zip(keys, m.apart_us.tolist(), strict=True)) == expected
        assert a.account[m.i].tolist() == m.first.tolist()
        assert a.account[m.j].tolist() == m.second.tolist()
        assert a.at[m.i].tolist() == m.at_i.tolist()


def test_the_hundredth_time_that_an_account_acts_on_a_thing_counts_as_the_first_does() -> None:
    """What the kernel counts must open down to posts, however often one of the two was there before."""
    often = [(0, o, 64.0 * k + 100_000 * o) for o in range(3) for k in range(100)]
    a = activities_of([*often, *((1, o, 64.0 * 99 + 100_000 * o) for o in range(3))])
    meetings = pair_meetings(a, flat_reference(a, (0.1,) * 4), np.array([0], np.int32), np.array([1], np.int32))

    assert _counted(count_pairs(a, 10)) == {(0, 1): 3}
    assert meetings.apart_us.tolist() == [0, 0, 0]
