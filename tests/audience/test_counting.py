"""Counts, held against sets; sketches, held against exact counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.audience import (
    MEASURES,
    ExactCounter,
    Reach,
    SketchCounter,
    Target,
    count_audience,
    count_events,
    count_spending,
    relative_error,
)

WHO, WHERE = st.sampled_from([f"u{k}" for k in range(8)]), st.sampled_from(["x", "y", "z"])
RELATIONS = st.lists(st.tuples(WHO, st.sampled_from(["follower", "member", "admin"]), WHERE), max_size=40)
ENGAGEMENTS = st.lists(
    st.tuples(WHO, st.sampled_from(["view", "like", "comment", "share", "click"]), WHERE), max_size=40
)
TARGETS = [Target("p", "x"), Target("p", "y")]


def _batches(rows: list[tuple[str, str, str]], word: str) -> list[pa.RecordBatch]:
    table = pa.table(
        {
            "platform": pa.array(["p"] * len(rows), pa.string()),
            "asset_id": pa.array([row[0] for row in rows], pa.string()),
            word: pa.array([row[1] for row in rows], pa.string()),
            "target_id": pa.array([row[2] for row in rows], pa.string()),
        }
    )
    return list(table.to_batches(max_chunksize=7))


def _count(relations: Any, engagements: Any, counter: Any) -> list[Reach]:
    tables = {"relations": _batches(relations, "role"), "engagements": _batches(engagements, "kind")}
    return count_audience(tables, TARGETS, counter)


@given(RELATIONS, ENGAGEMENTS)
def test_counts_are_those_of_sets(
    relations: list[tuple[str, str, str]], engagements: list[tuple[str, str, str]]
) -> None:
    found = {(one.measure, one.target): one.accounts for one in _count(relations, engagements, ExactCounter())}

    rows = {"relations": relations, "engagements": engagements}
    for target in (None, *TARGETS):
        wanted = {"x", "y"} if target is None else {target.asset_id}
        sets = {
            measure: {who for who, word, where in rows[table] if word in words and where in wanted}
            for measure, (table, words) in MEASURES.items()
        }
        assert {name: found[(name, target)] for name in sets} == {name: len(some) for name, some in sets.items()}
        assert found[("any", target)] == len(set().union(*sets.values()))


def test_a_sketchs_bounds_hold_the_exact_count_as_often_as_they_say() -> None:
    """Forty unions (seeds 0 to 39) of two sketches: bounds of 95 % miss more than seven with a chance below .002."""
    pytest.importorskip("datasketches", reason="the extra `sketch` is not installed")
    missed, errors = 0, []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        exact, sketch = ExactCounter(), SketchCounter()
        for target in ("x", "y"):
            keys = pa.array([f"{seed}:{k}" for k in rng.integers(0, 60_000, 30_000).tolist()])
            for counter in (exact, sketch):
                counter.add(("viewers", target), keys)
        groups = [("viewers", "x"), ("viewers", "y")]
        right, (estimate, low, high) = exact.count(groups)[0], sketch.count(groups)
        missed += not low <= right <= high
        errors.append(estimate / right - 1)

    assert missed <= 7
    assert np.std(errors) < 1.5 * relative_error()


def test_currencies_are_never_added_up() -> None:
    rows = [
        ("x", 1.5, "HKD"),
        ("x", 2.0, "HKD"),
        ("y", 4.0, "TWD"),
        ("x", None, "HKD"),
        ("z", 9.0, "HKD"),
        ("y", 1.0, None),
    ]
    ads = pa.table(
        {
            "platform": ["p"] * 6, "ad_id": [str(k) for k in range(6)], "advertiser_id": [row[0] for row in rows],
            "spend": [row[1] for row in rows], "currency": [row[2] for row in rows],
        }
    )  # fmt: skip

    assert count_spending(ads, TARGETS) == [
        {"currency": "HKD", "ads": 3, "spend": 3.5, "without_spend": 1},
        {"currency": "TWD", "ads": 1, "spend": 4.0, "without_spend": 0},
        {"currency": None, "ads": 1, "spend": 1.0, "without_spend": 0},
    ]


def test_events_of_targets_are_counted_and_what_nobody_says_is_null() -> None:
    events = pa.table(
        {
            "platform": ["p", "p"], "event_id": ["1", "2"], "host_id": ["x", "z"],
            "interested": pa.array([5, 7], pa.int64()), "going": pa.array([None, 3], pa.int64()),
        }
    )  # fmt: skip

    assert count_events(events, TARGETS) == {"events": 1, "interested": 5, "going": None}
