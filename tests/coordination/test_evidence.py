from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samehand.coordination import (
    Activities,
    Meetings,
    candidate_groups,
    count_pairs,
    judge_pairs,
    measure_reference,
    measure_ties,
    owners,
    pair_evidence,
    pair_meetings,
)
from samehand.coordination.evidence import SESSION_US, poisson_binomial_tail
from samehand.engine import LocalEngine
from tests.worlds import WINDOWS_US, activities_of, draw_crowd, flat_reference

F64 = npt.NDArray[np.float64]

_CHANCES = st.lists(st.floats(1e-9, 0.95), max_size=12)
_ACTIONS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7), st.integers(0, 12_000)), max_size=40)
CHANCE = (0.01, 0.03, 0.2, 0.4)


def _exact_tail(chances: list[float], least: int) -> float:
    state = np.array([1.0])
    for chance in chances:
        state = np.convolve(state, [1 - chance, chance])
    return float(state[max(least, 0) :].sum())


@settings(deadline=None, max_examples=300)
@given(chances=_CHANCES, least=st.integers(-1, 14))
def test_the_tail_is_the_exact_convolution(chances: list[float], least: int) -> None:
    got = poisson_binomial_tail(np.array(chances), least)

    assert got == pytest.approx(_exact_tail(chances, least), rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(n=st.integers(1, 60), chance=st.floats(1e-6, 0.95), least=st.integers(0, 60))
def test_the_tail_of_like_chances_is_binomial_even_when_it_is_tiny(n: int, chance: float, least: int) -> None:
    got = poisson_binomial_tail(np.full(n, chance), least)

    assert got == pytest.approx(stats.binom.sf(least - 1, n, chance), rel=1e-8, abs=1e-290)


@settings(deadline=None, max_examples=200)
@given(chances=_CHANCES.filter(bool), least=st.integers(0, 12), raised=st.integers(0, 11), by=st.floats(1.0, 3.0))
def test_more_hits_are_rarer_and_likelier_objects_make_them_commoner(
    chances: list[float], least: int, raised: int, by: float
) -> None:
    likelier = list(chances)
    likelier[raised % len(chances)] = min(0.95, likelier[raised % len(chances)] * by)
    tail = poisson_binomial_tail(np.array(chances), least)

    assert poisson_binomial_tail(np.array(chances), least + 1) <= tail <= 1.0
    assert poisson_binomial_tail(np.array(likelier), least) >= tail * (1 - 1e-12)


def _all_pairs(a: Activities) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    pairs = np.array(list(combinations(range(a.accounts), 2)), np.int32).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def _slow_judgement(
    a: Activities, m: Meetings, rows: list[int], window: int
) -> tuple[int, int, int, int, float, float]:
    """The Python twin of `judge_pairs`, for one pair and one window."""
    sat = {r: (int(a.sitting[m.i[r]]), int(a.sitting[m.j[r]])) for r in rows}
    rank = {r: (int(a.sharers[m.obj[r]]), int(m.obj[r])) for r in rows}
    standing = [r for r in rows if all(sat[q] != sat[r] or rank[q] >= rank[r] for q in rows)]
    inside = {r for r in rows if m.apart_us[r] <= WINDOWS_US[window]}
    occasions, began = 0, None
    for moment in sorted(int(m.moment_us[r]) for r in standing if r in inside):
        if began is None or moment - began > SESSION_US:
            occasions, began = occasions + 1, moment
    chances = [float(m.chance[r, window]) for r in standing]
    p_value = _exact_tail(chances, occasions) if len(standing) >= 2 else 1.0
    return len(rows), len(standing), len(inside), occasions, sum(chances), p_value


@settings(deadline=None, max_examples=200)
@given(actions=_ACTIONS)
def test_pairs_are_judged_as_the_slow_twin_judges_them(actions: list[tuple[int, int, int]]) -> None:
    a = activities_of(actions, accounts=4, objects=8)
    reference = flat_reference(a, CHANCE)
    first, second = _all_pairs(a)
    meetings = pair_meetings(a, reference, first, second)
    owner = owners(meetings, first, second)
    found = judge_pairs(a, meetings, len(first), owner, WINDOWS_US)
    for r in range(len(first)):
        rows = np.flatnonzero(owner == r).tolist()
        for w in range(len(WINDOWS_US)):
            shared, things, together, occasions, expected, p_value = _slow_judgement(a, meetings, rows, w)
            assert (found.shared[r], found.things[r]) == (shared, things)
            assert (found.co_activities[r, w], found.occasions[r, w]) == (together, occasions)
            assert found.expected[r, w] == pytest.approx(expected)
            assert found.p_value[r, w] == pytest.approx(min(1.0, p_value))


@settings(deadline=None, max_examples=100)
@given(times=st.lists(st.integers(0, 600), min_size=1, max_size=9), later=st.integers(-(10**6), 10**6))
def test_what_two_share_in_one_sitting_is_one_thing_and_too_little_to_say(times: list[int], later: int) -> None:
    """The trap of one timeline: five things reposted in one quarter of an hour are one observation."""
    a = activities_of([row for k, t in enumerate(times) for row in ((0, k, t), (1, k, t + later))])
    found = pair_evidence(a, flat_reference(a, (1e-6,) * 4), *_all_pairs(a))

    assert (found.shared.tolist(), found.things.tolist()) == ([len(times)], [1])
    assert (found.p_value == 1.0).all()


@settings(deadline=None, max_examples=200)
@given(
    one=st.dictionaries(st.integers(0, 9), st.integers(0, 20_000), max_size=10),
    two=st.dictionaries(st.integers(0, 9), st.integers(0, 20_000), max_size=10),
    later=st.integers(-(10**6), 10**6),
)
def test_opportunity_does_not_depend_on_when_the_other_was_there(
    one: dict[int, int], two: dict[int, int], later: int
) -> None:
    """Whether a pair is insufficient is known before its times are held against each other."""
    judged = []
    for delay in (0, later):
        rows = [(0, k, t) for k, t in one.items()] + [(1, k, t + delay) for k, t in two.items()]
        a = activities_of(rows, accounts=2, objects=10)
        found = pair_evidence(a, flat_reference(a, CHANCE), *_all_pairs(a))
        judged.append((found.shared.tolist(), found.things.tolist(), found.expected.tolist()))

    assert judged[0] == judged[1]


def test_one_shared_object_is_never_evidence() -> None:
    a = activities_of([(0, 0, 0.0), (1, 0, 0.0)])

    assert pair_evidence(a, flat_reference(a, (1e-9,) * 4), *_all_pairs(a)).p_value.tolist() == [[1.0] * 4]


def test_days_apart_are_separate_occasions_and_one_session_is_one() -> None:
    things = [(u, k, 86_400.0 * k + u) for k in range(5) for u in (0, 1)]
    session = [(u, 5 + k, 86_400.0 * 9 + 300 * k + u) for k in range(5) for u in (0, 1)]
    a = activities_of([*things, *session])
    found = pair_evidence(a, flat_reference(a, CHANCE), *_all_pairs(a))

    assert (found.shared[0], found.things[0]) == (10, 6)
    assert found.co_activities[0].tolist() == [10] * 4
    assert found.occasions[0].tolist() == [6] * 4
    assert found.p_value[0, 0] == pytest.approx(0.01**6)


SEEDS = range(10)


def _null_p_values(seed: int, communities: int) -> F64:
    """p-values [pairs, windows] of account-disjoint, scored pairs where everyone's delay was drawn alike."""
    rng = np.random.default_rng(seed)
    crowd = draw_crowd(rng, communities=communities)
    a = crowd.activities()
    ties = measure_ties(a, np.zeros(a.objects, np.int64), LocalEngine(1))
    reference = measure_reference(a, WINDOWS_US, root=candidate_groups(ties, a.accounts).root)
    ever = count_pairs(a, 4e9)
    order = rng.permutation(len(ever.first))
    taken: set[int] = set()
    drawn = []
    for row in order.tolist():
        pair = {int(ever.first[row]), int(ever.second[row])}
        if not pair & taken:
            taken |= pair
            drawn.append(row)
    rows = np.sort(drawn)
    found = pair_evidence(a, reference, ever.first[rows], ever.second[rows])
    return np.asarray(found.p_value[found.things >= 2])


@pytest.mark.parametrize("communities", [1, 12])
def test_p_values_are_not_smaller_than_uniform_where_times_mean_nothing(communities: int) -> None:
    """Seeds 0 to 9, four windows each. Were the p-values exactly uniform, a seed and window would fail with chance
    .01, and more than the binomial .999 quantile of 40 (3) with less than .001; they are conservative, so rarer.
    """
    rejected, pairs = 0, 0
    for seed in SEEDS:
        p = _null_p_values(seed, communities)
        pairs += len(p)
        rejected += sum(bool(stats.kstest(p[:, w], "uniform", alternative="greater").pvalue < 0.01) for w in range(4))

    assert pairs > 500
    assert rejected <= stats.binom.ppf(0.999, 4 * len(SEEDS), 0.01)
