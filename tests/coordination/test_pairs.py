from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samehand.coordination import Activities, Bands, family_size, judge_trace, pair_evidence, step_up
from samehand.coordination import pairs as pairs_module
from samehand.coordination.pairs import blocks_of
from samehand.engine import LocalEngine
from tests.worlds import activities_of, draw_crowd, flat_reference

F64 = npt.NDArray[np.float64]
CHANCE = (0.004, 0.02, 0.1, 0.3)


@settings(deadline=None, max_examples=300)
@given(p=st.lists(st.floats(0, 1), max_size=30), missing=st.integers(0, 200))
def test_step_up_is_benjamini_hochberg_with_the_missing_p_values_at_one(p: list[float], missing: int) -> None:
    whole = np.array([*p, *[1.0] * missing])
    expected = stats.false_discovery_control(whole) if len(whole) else whole

    assert step_up(np.array(p), len(whole)) == pytest.approx(expected[: len(p)], rel=1e-12)


@settings(deadline=None, max_examples=50)
@given(p=st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=9))
def test_step_up_keeps_the_shape_and_the_order_of_what_it_is_given(p: list[list[float]]) -> None:
    table = np.array(p)
    q = step_up(table, table.size)

    assert q.shape == table.shape
    assert (q >= table * (1 - 1e-12)).all()
    assert (np.diff(q.ravel()[np.argsort(table.ravel(), kind="stable")]) >= 0).all()


@pytest.mark.parametrize(("accounts", "windows", "family"), [(0, 4, 0), (1, 4, 0), (2, 4, 4), (100, 3, 14_850)])
def test_the_family_is_every_pair_of_accounts_at_every_window(accounts: int, windows: int, family: int) -> None:
    assert family_size(accounts, windows) == family


def _rejected(a: Activities, level: float, family: int) -> dict[tuple[int, int, int], float]:
    """All pairs judged, one by one and without a screen; a pair with one object inside the widest window is no edge."""
    pairs = np.array(list(combinations(range(a.accounts), 2)), np.int32)
    found = pair_evidence(a, flat_reference(a, CHANCE), pairs[:, 0].copy(), pairs[:, 1].copy())
    p = np.where((found.co_activities[:, -1] >= 2)[:, None], found.p_value, 1.0)
    q = step_up(p, family)
    return {(int(pairs[r, 0]), int(pairs[r, 1]), w): float(q[r, w]) for r, w in np.argwhere(q <= level).tolist()}


@settings(deadline=None, max_examples=120)
@given(
    seed=st.integers(0, 10**6),
    accounts=st.integers(2, 12),
    team=st.integers(0, 6),
    level=st.sampled_from([0.005, 0.05, 0.2]),
)
def test_the_screen_loses_no_pair_that_the_procedure_over_all_pairs_would_reject(
    seed: int, accounts: int, team: int, level: float
) -> None:
    rng = np.random.default_rng(seed)
    rows = [(int(rng.integers(accounts)), int(rng.integers(12)), float(rng.integers(0, 40) * 3_000)) for _ in range(60)]
    rows += [
        (u, 12 + k, 86_400.0 * k + rng.integers(0, 700))
        for k in range(rng.integers(1, 6))
        for u in range(min(team, accounts))
    ]
    a = activities_of(rows, accounts=accounts, objects=18)
    family = family_size(accounts, 4)
    judged = judge_trace(a, flat_reference(a, CHANCE), LocalEngine(1), level=level, family=family)
    q = step_up(judged.evidence.p_value, family)
    found = {
        (int(judged.first[r]), int(judged.second[r]), w): float(q[r, w]) for r, w in np.argwhere(q <= level).tolist()
    }

    assert found == pytest.approx(_rejected(a, level, family))


def test_a_banded_run_says_how_many_objects_it_banded() -> None:
    a = activities_of([(u, 0, float(u)) for u in range(60)] + [(u, 1, 10.0) for u in range(3)])
    judged = judge_trace(a, flat_reference(a, CHANCE), LocalEngine(1), level=0.01, family=1000, bands=Bands(50, 4))

    assert judged.banded_objects == 1
    assert judged.family == family_size(60, 4)


def test_blocks_cover_every_account_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs_module, "ACTIVITIES_A_BLOCK", 500)
    a = draw_crowd(np.random.default_rng(0), accounts=300, objects=100, actions=4000).activities()
    blocks = blocks_of(a)

    assert len(blocks) > 3
    assert [low for low, _ in blocks] == [0, *(high for _, high in blocks[:-1])]
    assert blocks[-1][1] == a.accounts


def test_more_blocks_and_threads_judge_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    a = draw_crowd(rng, accounts=300, objects=100, actions=4000).with_team(rng, range(300, 310), 8).activities()
    reference = flat_reference(a, CHANCE)
    judged = []
    for size, threads in ((10**6, 1), (300, 3)):
        monkeypatch.setattr(pairs_module, "ACTIVITIES_A_BLOCK", size)
        judged.append(judge_trace(a, reference, LocalEngine(threads), level=0.01, family=family_size(310, 4)))
    one, two = judged

    assert len(one.first) > 20
    assert np.array_equal(one.first, two.first)
    assert np.array_equal(one.second, two.second)
    assert np.array_equal(one.evidence.p_value, two.evidence.p_value)
    assert one.screened == two.screened
