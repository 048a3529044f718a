from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.coordination import Activities, sorted_activities
from samehand.coordination.arrays import radix_order
from tests.worlds import activities_of

_ACTIONS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(-4_000, 4_000), st.integers(-1, 4)), max_size=40
)
"""(account, object, seconds, post): the post's account is made its own in the tests that need it."""


def _rows(a: Activities) -> list[tuple[int, int, int]]:
    return list(zip(a.account.tolist(), a.obj.tolist(), a.at.tolist(), strict=True))


@settings(deadline=None, max_examples=200)
@given(actions=_ACTIONS)
def test_activities_are_the_rows_handed_in_sorted_by_object_time_account(
    actions: list[tuple[int, int, int, int]],
) -> None:
    a = activities_of(actions, accounts=6, objects=6)

    assert sorted(_rows(a)) == sorted((u, o, t * 1_000_000) for u, o, t, _ in actions)
    assert [(o, t, u) for u, o, t in _rows(a)] == sorted((o, t, u) for u, o, t in _rows(a))


@settings(deadline=None, max_examples=200)
@given(actions=_ACTIONS)
def test_the_indices_of_activities_point_where_they_say(actions: list[tuple[int, int, int, int]]) -> None:
    a = activities_of(actions, accounts=6, objects=6)
    for o in range(6):
        part = slice(a.object_start[o], a.object_start[o + 1])
        owners = a.account[part].tolist()
        assert (a.obj[part] == o).all()
        assert a.sharers[o] == len(set(owners))
        assert a.repeated[o] == (len(set(owners)) < len(owners))
    for u in range(6):
        mine = a.by_account[a.account_start[u] : a.account_start[u + 1]]
        assert (a.account[mine] == u).all()
        assert (np.diff(mine) > 0).all()
    assert sorted(a.by_account.tolist()) == list(range(len(a)))
    assert len(set(a.post[a.post < 0].tolist())) == int((a.post < 0).sum())


@settings(deadline=None, max_examples=200)
@given(actions=_ACTIONS)
def test_the_objects_of_a_post_with_several_run_from_the_rarest_on(actions: list[tuple[int, int, int, int]]) -> None:
    a = activities_of(actions, accounts=6, objects=6)
    for i in range(len(a)):
        mine = np.flatnonzero(a.post == a.post[i])
        if len(mine) == 1:
            assert a.post_slot[i] == -1
            continue
        listed = a.post_objects[a.post_start[a.post_slot[i]] : a.post_start[a.post_slot[i] + 1]].tolist()
        assert listed == sorted(a.obj[mine].tolist(), key=lambda o: (a.sharers[o], o))


@settings(deadline=None, max_examples=100)
@given(actions=_ACTIONS, seed=st.integers(0, 1000))
def test_the_order_of_the_rows_handed_in_does_not_matter(actions: list[tuple[int, int, int, int]], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(actions))
    one = activities_of(actions, accounts=6, objects=6)
    two = activities_of([actions[k] for k in order], accounts=6, objects=6)

    assert _rows(one) == _rows(two)
    assert one.sitting.tolist() == two.sitting.tolist()
    assert np.array_equal(np.maximum(one.post, -1), np.maximum(two.post, -1))


@settings(deadline=None, max_examples=200)
@given(
    times=st.lists(st.integers(0, 20_000), min_size=1, max_size=30), other=st.lists(st.integers(0, 20_000), max_size=9)
)
def test_a_sitting_ends_with_a_pause_of_a_quarter_of_an_hour_or_after_an_hour(
    times: list[int], other: list[int]
) -> None:
    a = activities_of(
        [*((0, k, t) for k, t in enumerate(times)), *((1, k, t) for k, t in enumerate(other))], accounts=2
    )
    mine = sorted(zip(a.at[a.account == 0].tolist(), a.sitting[a.account == 0].tolist(), strict=True))
    number, began, last = 0, mine[0][0], mine[0][0]
    for at, sitting in mine:
        if at - last > 900_000_000 or at - began > 3_600_000_000:
            number, began = number + 1, at
        last = at
        assert sitting == number


@settings(deadline=None, max_examples=100)
@given(at=st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=50))
def test_times_of_any_size_are_sorted(at: list[int]) -> None:
    zeros = np.zeros(len(at), np.int64)
    a = sorted_activities(zeros, zeros, np.array(at, np.int64), zeros - 1, accounts=1, objects=1)

    assert a.at.tolist() == sorted(at)


def test_no_activities_are_no_error() -> None:
    a = activities_of([])

    assert (len(a), a.accounts, a.objects, len(a.sitting)) == (0, 0, 0, 0)


@settings(deadline=None, max_examples=200)
@given(
    keys=st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=60),
    step=st.sampled_from((1, 7, 1000, 5_000, 1_000_000, 60_000_000)),
    seed=st.integers(0, 2**16),
)
def test_sorting_by_digits_is_a_stable_sort_whatever_step_the_keys_have(keys: list[int], step: int, seed: int) -> None:
    values = np.array(keys, np.int64) // 3 * step % (2**60)
    order = np.random.default_rng(seed).permutation(len(values)).astype(np.int32)

    assert order[np.argsort(values[order], kind="stable")].tolist() == radix_order(values, order).tolist()
