from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.coordination import group_meetings, members_with_evidence
from samehand.coordination.groups import test_group as group_test
from samehand.coordination.members import MEMBER_FDR, bystanders_among, member_q_values
from samehand.coordination.pairs import step_up
from tests.worlds import DAY_S, Action, activities_of, flat_reference

F64 = npt.NDArray[np.float64]


def _q_values(tail: F64) -> F64:
    return member_q_values(tail, bystanders_among(tail))


def test_among_nothing_but_a_team_a_weak_tail_is_enough() -> None:
    tail = np.array([1e-6] * 20 + [0.2])

    assert (_q_values(tail) <= MEMBER_FDR).all()


def test_among_many_bystanders_a_weak_tail_is_not() -> None:
    tail = np.array([1e-6] * 5 + [0.2] + [1.0] * 20)

    assert (_q_values(tail) <= MEMBER_FDR).tolist() == [True] * 5 + [False] * 21


@given(tails=st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_no_q_value_is_above_the_one_that_counts_all_as_bystanders(tails: list[float]) -> None:
    tail = np.array(tails)

    assert (_q_values(tail) <= step_up(tail, len(tail)) + 1e-12).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_of_those_kept_a_tenth_at_most_are_bystanders(seed: int) -> None:
    """200 groups of 20 of a team and 20 bystanders: the share has a standard error below .01."""
    rng = np.random.default_rng(seed)
    wrong = kept = 0
    for _ in range(200):
        tail = np.concatenate((rng.random(20) * 1e-3, rng.random(20)))
        keep = _q_values(tail) <= MEMBER_FDR
        wrong, kept = wrong + int(keep[20:].sum()), kept + int(keep.sum())

    assert wrong / kept <= MEMBER_FDR + 0.03


def test_a_pair_together_only_with_each_other_is_no_part_of_the_team_beside_it() -> None:
    """Six of a team on ten things; two others share three of these days later, and meet once on a thing of their own."""
    actions: list[Action] = [(u, o, DAY_S * o + 5.0 * u) for o in range(10) for u in range(6)]
    actions += [(u, o, DAY_S * (o + 3.5) + 40_000 * (u - 6)) for o in range(3) for u in (6, 7)]
    actions += [(6, 10, 20.3 * DAY_S), (7, 10, 20.3 * DAY_S + 4)]
    a = activities_of(actions)
    reference = flat_reference(a, (0.01, 0.03, 0.2, 0.4))
    group = np.arange(8, dtype=np.int32)
    meetings = group_meetings(a, reference, group)
    test = group_test(meetings, reference, a.sharers)

    members, standing = members_with_evidence(meetings, reference, a.sharers, group, test)

    assert members.tolist() == [0, 1, 2, 3, 4, 5]
    assert (standing.excess > 0.9).all()
