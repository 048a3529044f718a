from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from samehand.signups import FACTS
from samehand.signups.cells import BUNCHES, CELL_FACTS, Cell, cells_possible, strongest_cell, surprise
from samehand.signups.coding import FACT_NUMBER, CodedRows
from samehand.signups.ledger import Ledger

WINDOW_US, BASELINE_US = 1_000, 10_000
BEFORE, NOW = 2_000, 600
FAMILY = {fact.name: fact.family for fact in FACTS}


@given(st.integers(0, 500), st.floats(1e-6, 1e4), st.floats(0.5, 50))
def test_what_is_not_above_the_mean_is_no_surprise(n: int, mu: float, r: float) -> None:
    assert (surprise(float(n), mu, r) == 0.0) == (n <= mu) or surprise(float(n), mu, r) < 1e-9


@given(st.integers(1, 500), st.floats(1e-6, 400), st.floats(0.5, 50))
def test_more_rows_are_never_less_surprising(n: int, mu: float, r: float) -> None:
    assert surprise(n + 1.0, mu, r) >= surprise(float(n), mu, r)


@given(st.integers(1, 500), st.floats(1e-6, 400), st.floats(0.5, 50))
def test_more_rows_expected_are_never_more_surprising(n: int, mu: float, r: float) -> None:
    assert surprise(float(n), 1.1 * mu, r) <= surprise(float(n), mu, r) + 1e-9


@pytest.mark.parametrize("r", [1.0, BUNCHES, 10.0])
@pytest.mark.parametrize("mu", [1e-3, 0.1, 1.0, 5.0, 40.0, 300.0])
def test_the_surprise_bounds_the_tail_of_the_negative_binomial(mu: float, r: float) -> None:
    n = np.arange(1, 400)
    tail = stats.nbinom.sf(n - 1, r, r / (r + mu))
    bound = np.exp([-surprise(float(k), mu, r) for k in n])

    assert (tail <= bound * (1 + 1e-9)).all()


@pytest.mark.parametrize("mu", [0.01, 1.0, 20.0])
def test_the_bound_is_not_far_above_the_tail_where_it_matters(mu: float) -> None:
    n = next(k for k in range(1, 10_000) if stats.nbinom.sf(k - 1, BUNCHES, BUNCHES / (BUNCHES + mu)) < 1e-6)

    assert math.exp(-surprise(float(n), mu, BUNCHES)) < 1e-4


def test_more_rows_and_smaller_cells_are_more_tests() -> None:
    assert cells_possible(0, 5) == 1.0
    assert cells_possible(2_000, 5) == 2 * cells_possible(1_000, 5) == 4 * cells_possible(1_000, 10)


def _ledger(seed: int, shared: dict[str, int], members: int, *, now: dict[str, float] | None = None) -> Ledger:
    """Independent facts, 200 values of each, of one country; the last `members` rows share something besides.

    `now`: facts that a share of all rows of the window has, as after a release.
    """
    rng = np.random.default_rng(seed)
    facts = (rng.integers(0, 200, (BEFORE + NOW, len(FACTS))) + 1_000 * np.arange(1, len(FACTS) + 1)).astype(np.uint64)
    for name, share in (now or {}).items():
        facts[BEFORE:, FACT_NUMBER[name]][rng.random(NOW) < share] = 900_000 + FACT_NUMBER[name]
    for name, value in shared.items():
        facts[len(facts) - members :, FACT_NUMBER[name]] = value
    strata = np.tile(np.array([5_000_001, 5_000_002], np.uint64), (len(facts), 1))
    at = np.where(np.arange(len(facts)) < BEFORE, 0, 5_000).astype(np.int64)
    ledger = Ledger(WINDOW_US, BASELINE_US)
    ledger.arrive(CodedRows(facts, strata, np.zeros(len(facts), np.int8), at))
    ledger.advance(5_001)
    return ledger


def _members(ledger: Ledger, count: int) -> npt.NDArray[np.int64]:
    return np.arange(ledger.end - count, ledger.end)


def _p_value(ledger: Ledger, cell: Cell | None) -> float:
    return 1.0 if cell is None else min(1.0, math.exp(-cell.surprise) * cells_possible(ledger.in_window, 5))


@pytest.mark.parametrize("pair", [("client", "phone"), ("picture", "shape"), ("device", "pace")])
def test_a_planted_pair_is_the_strongest_cell_and_beyond_chance(pair: tuple[str, str]) -> None:
    ledger = _ledger(1, {pair[0]: 800_001, pair[1]: 800_002}, 15)
    cell = strongest_cell(ledger, _members(ledger, 15))

    assert cell is not None
    assert {FACTS[place].name for place in cell.places} == set(pair)
    assert cell.holders.tolist() == _members(ledger, 15).tolist()
    assert cell.expected < 0.5
    assert _p_value(ledger, cell) < 1e-6


def test_independent_facts_are_not_beyond_chance() -> None:
    """Seeds 0 to 19: twenty rows each that have one value of one fact, which they were picked for.

    At valid p-values one of twenty is at or below .0005 with chance .01.
    """
    p_values = []
    for seed in range(20):
        ledger = _ledger(seed, {}, 0)
        column = ledger.codes[ledger.middle : ledger.end, FACT_NUMBER["client"]]
        common = np.bincount(column).argmax()
        members = ledger.middle + np.flatnonzero(column == common)
        p_values.append(_p_value(ledger, strongest_cell(ledger, members)))

    assert min(p_values) > 0.0005


def test_a_release_that_everybody_gets_is_no_surprise() -> None:
    """A third of the window has a version that nobody had before; fifteen of those have one block of telephones in common
    with as many others as before.
    """
    ledger = _ledger(3, {}, 0, now={"client": 0.34})
    column = ledger.codes[:, FACT_NUMBER["client"]]
    fresh = column[ledger.middle : ledger.end]
    members = ledger.middle + np.flatnonzero(fresh == np.bincount(fresh).argmax())

    assert _p_value(ledger, strongest_cell(ledger, members)) > 0.05


def test_rows_of_another_wave_are_no_holders() -> None:
    ledger = _ledger(1, {"client": 800_001, "phone": 800_002}, 30)
    members = _members(ledger, 15)
    ledger.set_apart(np.arange(ledger.end - 30, ledger.end - 15))
    cell = strongest_cell(ledger, members)

    assert cell is not None
    assert cell.holders.tolist() == members.tolist()


def test_a_pair_of_one_family_is_no_cell() -> None:
    ledger = _ledger(1, {"shape": 800_001, "form": 800_002, "stem": 800_003}, 15)
    cell = strongest_cell(ledger, _members(ledger, 15))

    assert cell is None or len({FACTS[place].family for place in cell.places}) == 2


def test_rows_without_two_facts_in_common_have_no_cell() -> None:
    ledger = _ledger(2, {"client": 800_001}, 6)
    members = _members(ledger, 6)
    for fact in FACTS:
        if fact.name != "client":
            ledger.codes[members, FACT_NUMBER[fact.name]] = -1

    assert strongest_cell(ledger, members) is None


def test_a_home_zone_makes_no_cell_and_a_foreign_one_does() -> None:
    home = _ledger(1, {"client": 800_001, "zone": 800_002}, 15)
    home.codes[: home.end, FACT_NUMBER["zone"]] = home.codes[home.end - 1, FACT_NUMBER["zone"]]
    home = _recounted(home)
    foreign = _ledger(1, {"client": 800_001, "zone": 800_002}, 15)
    at_home, abroad = (strongest_cell(one, _members(one, 15)) for one in (home, foreign))

    assert at_home is None or FACT_NUMBER["zone"] not in at_home.places
    assert abroad is not None
    assert FACT_NUMBER["zone"] in abroad.places


def _recounted(ledger: Ledger) -> Ledger:
    """A ledger of the same rows whose counts are those of its codes."""
    fresh = Ledger(WINDOW_US, BASELINE_US)
    facts = np.where(ledger.codes[: ledger.end] >= 0, ledger.codes[: ledger.end].astype(np.int64) + 1, 0)
    strata = ledger.strata[: ledger.end].astype(np.int64) + 1
    fresh.arrive(
        CodedRows(
            facts.astype(np.uint64), strata.astype(np.uint64), ledger.net_type[: ledger.end], ledger.at_us[: ledger.end]
        )
    )
    fresh.advance(5_001)
    return fresh


def test_most_of_a_members_own_thing_is_owned_by_them_and_a_movements_is_not() -> None:
    """Fifteen have it alone; of forty-five that have it fifteen are members."""
    alone = _ledger(1, {"client": 800_001, "phone": 800_002}, 15)
    among = _ledger(1, {"client": 800_001, "phone": 800_002}, 45)
    owned = [strongest_cell(one, _members(one, 15)) for one in (alone, among)]

    assert [one.owned if one else None for one in owned] == pytest.approx([1.0, 1 / 3])


def test_every_cell_fact_is_a_fact() -> None:
    assert set(CELL_FACTS) <= set(FAMILY)


def test_a_window_in_which_everybody_is_of_a_known_wave_can_be_judged() -> None:
    ledger = _ledger(1, {"client": 800_001, "phone": 800_002}, 15)
    ledger.set_apart(np.arange(ledger.middle, ledger.end))
    cell = strongest_cell(ledger, _members(ledger, 15))

    assert cell is None or np.isfinite(cell.surprise)
