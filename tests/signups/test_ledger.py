from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.signups import FACTS
from samehand.signups.coding import CodedRows
from samehand.signups.ledger import BASELINE, SHORT_BASELINE, WINDOW, Index, Ledger, key_of, number_of

WINDOW_US, BASELINE_US = 10, 25


def _small_index() -> Index:
    """So small that it has to be widened again and again."""
    return Index(np.zeros(128, np.uint64), np.zeros(128, np.int32))


def _ledger() -> Ledger:
    return Ledger(
        WINDOW_US, BASELINE_US, facts_index=_small_index(), local_index=_small_index(), latest=np.full(2, -1, np.int32),
        singles=np.zeros((128, 2), np.int32), locals_=np.zeros((128, 2), np.int32),
        codes=np.zeros((2, len(FACTS)), np.int32),
    )  # fmt: skip


def _rows(seed: int, times: list[int]) -> CodedRows:
    """Rows with few values of each fact, some of them missing, and few strata."""
    rng = np.random.default_rng(seed)
    n = len(times)
    facts = (rng.integers(0, 4, (n, len(FACTS))) + 100 * np.arange(1, len(FACTS) + 1)).astype(np.uint64)
    facts[rng.random(facts.shape) < 0.3] = 0
    strata = (rng.integers(0, 3, (n, 2)) + np.array([9_000, 9_100])).astype(np.uint64)
    strata[rng.random((n, 2)) < 0.2] = 0
    return CodedRows(facts, strata, np.zeros(n, np.int8), np.array(times, np.int64))


@dataclass
class _Twin:
    """The ledger as its documentation says it: every row kept, everything counted anew."""

    facts: list[list[int]] = field(default_factory=list)
    strata: list[list[int]] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    apart: set[int] = field(default_factory=set)
    entered: dict[int, int] = field(default_factory=dict)

    def ages(self, now: int) -> dict[int, int]:
        """Of each row that counts, whether it is of the window or of the baseline."""
        found = {}
        for row, at in enumerate(self.at):
            if row in self.apart:
                continue
            if at >= now - WINDOW_US:
                found[row] = WINDOW
            elif at >= now - WINDOW_US - BASELINE_US:
                found[row] = BASELINE
        return found


def _assert_equal(ledger: Ledger, twin: _Twin, now: int) -> None:
    ages = twin.ages(now)
    singles: Counter[tuple[int, int]] = Counter()
    locals_: Counter[tuple[int, int, int]] = Counter()
    for row, age in ages.items():
        singles.update((value, age) for value in twin.facts[row] + twin.strata[row] if value)
        locals_.update((value, s, age) for s in twin.strata[row] if s for value in twin.facts[row] if value)
    index, local = ledger.facts_index, ledger.local_index
    values = {value for row in twin.facts + twin.strata for value in row if value}
    number = {value: number_of(index.keys, index.numbers, np.uint64(value)) for value in values}
    for value in values:
        for age in (WINDOW, BASELINE):
            assert ledger.singles[number[value], age] == singles[value, age]
    assert ledger.locals_.sum(axis=0).tolist() == [
        sum(n for key, n in locals_.items() if key[2] == age) for age in (WINDOW, BASELINE)
    ]
    for (value, stratum, age), count in locals_.items():
        at = number_of(local.keys, local.numbers, np.uint64(key_of(number[value], number[stratum], 7)))
        assert ledger.locals_[at, age] == count
    assert ledger.in_window == sum(age == WINDOW for age in ages.values())
    assert ledger.in_baseline == sum(age == BASELINE for age in ages.values())


@settings(max_examples=60)
@given(st.data(), st.integers(0, 10_000))
def test_counts_are_those_of_a_twin_that_counts_everything_anew(data: st.DataObject, seed: int) -> None:
    ledger, twin, now, rng = _ledger(), _Twin(), 0, np.random.default_rng(seed)
    for step in range(data.draw(st.integers(1, 8))):
        times = sorted(now + gap for gap in data.draw(st.lists(st.integers(0, 6), max_size=9)))
        rows = _rows(seed + step, times)
        ledger.arrive(rows)
        twin.facts += rows.facts.tolist()
        twin.strata += rows.strata.tolist()
        twin.at += times
        now = max([now, *times]) + data.draw(st.integers(0, 12))
        ledger.advance(now)
        _assert_equal(ledger, twin, now)
        window = np.arange(ledger.middle, ledger.end)
        chosen = window[rng.random(len(window)) < data.draw(st.sampled_from([0.0, 0.4, 1.0]))]
        ledger.set_apart(chosen)
        twin.apart |= set(chosen.tolist())
        _assert_equal(ledger, twin, now)


def test_rows_set_apart_never_enter_the_baseline() -> None:
    ledger = _ledger()
    ledger.arrive(_rows(1, [0] * 20))
    ledger.advance(1)
    ledger.set_apart(np.arange(20))

    for now in range(2, 60):
        ledger.advance(now)
        assert (ledger.in_window, ledger.in_baseline, int(np.abs(ledger.singles).sum())) == (0, 0, 0)


def test_a_row_that_is_set_apart_twice_is_taken_off_once() -> None:
    ledger = _ledger()
    ledger.arrive(_rows(1, [0] * 20))
    ledger.advance(1)
    ledger.set_apart(np.arange(5))
    ledger.set_apart(np.arange(10))

    assert ledger.in_window == 10


@pytest.mark.parametrize("rows", range(1, 30))
def test_rows_are_taken_off_every_count_however_full_the_table_is(rows: int) -> None:
    ledger = _ledger()
    ledger.arrive(_rows(rows, [0] * rows))
    ledger.advance(1)
    ledger.set_apart(np.arange(rows))

    assert (np.abs(ledger.singles).sum(), np.abs(ledger.locals_).sum()) == (0, 0)


def test_what_arrives_counts_only_when_time_has_passed() -> None:
    ledger = _ledger()
    ledger.arrive(_rows(1, [0] * 20))
    before = (ledger.in_window, int(ledger.singles.sum()))
    ledger.advance(1)

    assert before == (0, 0)
    assert ledger.in_window == 20


@settings(max_examples=30)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=6), st.integers(0, 10_000))
def test_the_row_before_with_the_same_fact_is_found_however_rows_arrive(sizes: list[int], seed: int) -> None:
    rows = _rows(seed, list(range(sum(sizes))))
    ledger, low = _ledger(), 0
    for size in sizes:
        ledger.arrive(rows.between(low, low + size, rows.at_us))
        low += size
    expected = np.full(rows.facts.shape, -1)
    for i in range(len(rows)):
        for f in range(len(FACTS)):
            same = [j for j in range(i) if rows.facts[j, f] == rows.facts[i, f] != 0]
            expected[i, f] = same[-1] if same else -1

    assert ledger.previous[: len(rows)].tolist() == expected.tolist()


def _usual(baseline: int, window: int) -> Any:
    """A ledger with so many rows of each age, of which every fourth has the fact 1."""
    ledger = Ledger(WINDOW_US, BASELINE_US)
    n = baseline + window
    facts = np.zeros((n, len(FACTS)), np.uint64)
    facts[:, 0] = np.where(np.arange(n) % 4 == 0, 1, 2)
    at = np.where(np.arange(n) < baseline, 0, WINDOW_US)
    ledger.arrive(CodedRows(facts, np.zeros((n, 2), np.uint64), np.zeros(n, np.int8), at.astype(np.int64)))
    ledger.advance(WINDOW_US + 1)
    return ledger.usual(np.array([0], np.int32))[0]


def test_what_is_usual_is_the_share_of_the_baseline() -> None:
    assert _usual(SHORT_BASELINE, 400) == pytest.approx((SHORT_BASELINE / 4 + 0.5) / (SHORT_BASELINE + 1))


def test_while_the_baseline_is_short_the_window_says_what_is_usual_too() -> None:
    assert _usual(40, 400) == pytest.approx((110 + 0.5) / 441)
