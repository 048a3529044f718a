from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samehand.coordination import candidate_groups, group_meetings, measure_reference, measure_ties
from samehand.coordination import groups as groups_of
from samehand.coordination.groups import AGAIN, FLASH, _binomial_tail, _session_tail, chernoff_bound, session_us
from samehand.engine import LocalEngine
from tests.worlds import DAY_S, WINDOWS_US, Action, activities_of, draw_crowd, flat_reference

F64 = npt.NDArray[np.float64]
CHANCE = (0.01, 0.03, 0.2, 0.4)


@st.composite
def _occasions(draw: st.DrawFn) -> tuple[F64, F64]:
    """Up to four occasions: the tails of the steps that each has (0 for one that it has not), and a step reached."""
    tail = np.zeros((draw(st.integers(1, 4)), 3))
    reached = np.zeros(len(tail))
    for row in range(len(tail)):
        steps = sorted(draw(st.sets(st.integers(1, 2)))) if draw(st.booleans()) else []
        last = draw(st.floats(1e-6, 0.95))
        tail[row, 0] = last
        for k in steps:
            last *= draw(st.floats(0.01, 1.0))
            tail[row, k] = last
        stopped = draw(st.sampled_from([-1, 0, *steps]))
        reached[row] = -np.log(tail[row, stopped]) if stopped >= 0 else 0.0
    return reached, tail


def _exact(reached: F64, tail: F64) -> float:
    """P(the sum of surprises is at least what was reached), over every outcome."""
    outcomes = []
    for row in tail:
        used = [t for t in row if t > 0]
        here = [(0.0, 1 - used[0])]
        here += [(-np.log(t), t - (used[k + 1] if k + 1 < len(used) else 0.0)) for k, t in enumerate(used)]
        outcomes.append(here)
    total = reached.sum()
    return float(
        sum(np.prod([p for _, p in way]) for way in product(*outcomes) if sum(x for x, _ in way) >= total * (1 - 1e-12))
    )


@settings(deadline=None, max_examples=300)
@given(occasions=_occasions())
def test_the_bound_is_never_below_the_exact_tail(occasions: tuple[F64, F64]) -> None:
    reached, tail = occasions

    assert _exact(reached, tail) <= chernoff_bound(reached, tail) * (1 + 1e-9) <= 1 + 1e-9


def test_the_bound_is_not_far_above_the_tail_where_it_matters() -> None:
    """Twelve occasions of chance .05, eight reached: a bound that is useless would miss every weak team."""
    tail = np.zeros((12, 3))
    tail[:, 0] = 0.05
    reached = np.where(np.arange(12) < 8, -np.log(0.05), 0.0)

    assert chernoff_bound(reached, tail) < 20 * stats.binom.sf(7, 12, 0.05)


@settings(deadline=None, max_examples=200)
@given(n=st.integers(0, 11), chance=st.floats(1e-6, 0.95), least=st.integers(-1, 13))
def test_the_binomial_tail_is_scipys(n: int, chance: float, least: int) -> None:
    assert _binomial_tail(n, chance, least) == pytest.approx(stats.binom.sf(least - 1, n, chance), rel=1e-9, abs=1e-12)


def _tested(actions: list[Action], members: int) -> groups_of.GroupTest:
    a = activities_of(actions)
    reference = flat_reference(a, CHANCE)
    meetings = group_meetings(a, reference, np.arange(members, dtype=np.int32))
    return groups_of.test_group(meetings, reference, a.sharers)


@pytest.mark.parametrize(("days", "judged"), [(1, False), (2, False), (3, True), (8, True)])
def test_a_group_of_fewer_than_three_occasions_is_insufficient(days: int, judged: bool) -> None:
    """Five things a day, all at once: however many, a day is one occasion."""
    actions: list[Action] = [
        (u, 5 * d + k, DAY_S * d + 60 * k) for d in range(days) for k in range(5) for u in range(4)
    ]
    found = _tested(actions, 4)

    assert (found.p_value < 1) == judged
    assert found.occasions == (days if judged else 0)


def test_a_group_that_is_never_together_is_no_group() -> None:
    found = _tested([(u, d, DAY_S * d + 7_200.0 * u) for d in range(9) for u in range(4)], 4)

    assert (found.p_value, found.together) == (1.0, 0)


def test_more_occasions_together_are_stronger_evidence() -> None:
    p_values = [
        _tested([(u, d, DAY_S * d + u) for d in range(days) for u in range(4)], 4).p_value for days in (3, 5, 8, 12)
    ]

    assert p_values == sorted(p_values, reverse=True)
    assert p_values[-1] < 1e-9


@pytest.mark.parametrize("window_s", [1, 10, 60, 600, 3600, 86_400])
def test_a_session_is_a_quarter_of_an_hour_at_least_and_longer_than_its_window(window_s: int) -> None:
    session = session_us(window_s * 1_000_000)

    assert session >= 900_000_000
    assert session > window_s * 1_000_000
    assert session <= window_s * 1_000_000 + 3_600_000_000


def test_what_a_group_could_reach_at_best_is_never_above_what_it_reached() -> None:
    for seed in range(5):
        a = draw_crowd(np.random.default_rng(seed), communities=30).activities()
        reference = measure_reference(a, WINDOWS_US)
        for group in candidate_groups(
            measure_ties(a, np.zeros(a.objects, np.int64), LocalEngine(1)), a.accounts
        ).groups:
            meetings = group_meetings(a, reference, group)
            least = groups_of.least_p_value(meetings, reference, a.sharers)
            assert least <= groups_of.test_group(meetings, reference, a.sharers).p_value * (1 + 1e-9)


def test_p_values_of_candidates_are_not_smaller_than_uniform_where_nothing_is_planted() -> None:
    """Seeds 0 to 7, candidates without a common account. At exactly uniform p-values the number at most t exceeds its
    binomial .9995 quantile with chance .0005 for each of two t; the bound is conservative, so it is rarer.
    """
    p_values = []
    for seed in range(8):
        a = draw_crowd(np.random.default_rng(seed), communities=30).activities()
        candidates = candidate_groups(measure_ties(a, np.zeros(a.objects, np.int64), LocalEngine(1)), a.accounts)
        reference = measure_reference(a, WINDOWS_US, root=candidates.root)
        taken: set[int] = set()
        for group in candidates.groups:
            if not taken & set(group.tolist()):
                taken |= set(group.tolist())
                p_values.append(groups_of.test_group(group_meetings(a, reference, group), reference, a.sharers).p_value)
    p = np.array(p_values)

    assert len(p) > 100
    for t in (0.01, 0.1):
        assert (p <= t).sum() <= stats.binom.ppf(0.9995, len(p), t)


@settings(deadline=None, max_examples=40)
@given(means=st.lists(st.floats(0.01, 0.4), min_size=1, max_size=8), seed=st.integers(0, 1000))
def test_the_price_of_a_session_is_never_below_what_such_sessions_do(means: list[float], seed: int) -> None:
    """Edges hit on their own until one does; the others then follow with a half, or all at once with chance .01.

    20,000 sessions: a frequency is above its own chance by more than five standard errors with chance below 1e-6.
    """
    rng = np.random.default_rng(seed)
    chances, n, draws = np.array(means), len(means), 20_000
    first = rng.random((draws, n)) < chances
    hit = first.cumsum(axis=1) > 0
    opened = hit & ~np.column_stack((np.zeros(draws, np.bool_), hit[:, :-1]))
    again = np.maximum(AGAIN, chances)
    follows = (rng.random((draws, n)) < again) | (rng.random((draws, 1)) < FLASH)
    hits = np.where(opened, True, hit & follows).sum(axis=1)
    for least in range(1, n + 1):
        frequency = (hits >= least).mean()
        error = np.sqrt(frequency * (1 - frequency) / draws)
        assert frequency <= _session_tail(chances, least) + 5 * error + 1e-9


def test_all_edges_of_a_session_cost_less_than_any_one_of_them() -> None:
    chances = np.array([0.1, 0.1, 0.1, 0.1])

    assert _session_tail(chances, 1) == pytest.approx(0.4)
    assert _session_tail(chances, 4) == pytest.approx(0.1 * (0.01 + 0.99 / 8))


def test_a_slice_holds_what_hardly_anybody_else_shares() -> None:
    """Three members share one thing alone and one with twelve others; a slice by who shares has the first only."""
    actions: list[Action] = [(u, 0, 100.0 + u) for u in range(3)]
    actions += [(u, 1, 5000.0 + u) for u in range(15)]
    a = activities_of(actions)
    reference = flat_reference(a, CHANCE)
    meetings = group_meetings(a, reference, np.arange(3, dtype=np.int32))
    own = replace(groups_of.NOTHING, breadth=0.0, own=0.5)

    rows = groups_of.tested_rows(meetings, reference, a.sharers, own)

    assert set(meetings.obj[rows].tolist()) == {0}
    assert set(meetings.obj.tolist()) == {0, 1}
