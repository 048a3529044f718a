"""Merging against a twin that goes row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from samehand.records.arrow import places
from samehand.records.merging import Hashes, Indices, find_duplicates, key_hashes, keyed_hashes, merge_rows

_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("key", pa.string()),
    ("text", pa.string()),
    ("count", pa.int64()),
    ("items", pa.list_(pa.string())),
]
_SCHEMA = pa.schema(_COLUMNS)

Row = dict[str, Any]

rows_of_few_keys = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["a", "b", "c"]),
            "text": st.none() | st.sampled_from(["x", "y", ""]),
            "count": st.none() | st.integers(0, 2),
            "items": st.none() | st.lists(st.sampled_from(["1", "2", "3"]), max_size=3),
        }
    ),
    max_size=12,
)


def _twin(rows: list[Row]) -> tuple[list[Row], dict[str, list[bool]]]:
    """First value that is not null wins, lists are united in order; which rows had another value."""
    merged: dict[str, Row] = {}
    for row in rows:
        held = merged.setdefault(row["key"], {"key": row["key"], "text": None, "count": None, "items": None})
        for name in ("text", "count"):
            if held[name] is None:
                held[name] = row[name]
        if row["items"] is not None:
            held["items"] = list(dict.fromkeys((held["items"] or []) + row["items"]))
    differing = {
        name: [row[name] is not None and row[name] != merged[row["key"]][name] for row in rows]
        for name in ("text", "count")
    }
    return list(merged.values()), {name: marks for name, marks in differing.items() if any(marks)}


@given(rows_of_few_keys)
def test_merging_in_bulk_equals_merging_row_by_row(rows: list[Row]) -> None:
    first = {row["key"]: number for number, row in reversed(list(enumerate(rows)))}
    group = np.array([first[row["key"]] for row in rows], np.int64)

    merged, differing = merge_rows(pa.Table.from_pylist(rows, schema=_SCHEMA), group, ["key"])

    assert (merged.to_pylist(), {name: mask.tolist() for name, mask in differing.items()}) == _twin(rows)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.sampled_from("xyz")), max_size=20), st.booleans())
def test_duplicates_are_the_rows_whose_key_occurs_twice(keys: list[tuple[str, str | None]], collide: bool) -> None:
    table = pa.table(
        {"p": pa.array([p for p, _ in keys], pa.string()), "i": pa.array([i for _, i in keys], pa.string())}
    )
    public = np.zeros(len(keys), np.uint64) if collide else key_hashes(table)

    def confirm(rows: Indices) -> Hashes:
        return keyed_hashes(table.take(places(rows)))

    found = find_duplicates(public, confirm)

    expected = {row: keys.index(key) for row, key in enumerate(keys) if keys.count(key) > 1}
    assert dict(zip(found.rows.tolist(), found.first.tolist(), strict=True)) == expected


def test_merging_part_by_part_equals_merging_at_once() -> None:
    rows = [
        {"key": "a", "text": t, "count": c, "items": i}
        for t, c, i in [(None, 1, ["1"]), ("x", 2, None), ("y", 1, ["2", "1"])]
    ]
    table = pa.Table.from_pylist(rows, schema=_SCHEMA)
    group = np.zeros(3, np.int64)

    half, _ = merge_rows(table.slice(0, 2), group[:2], ["key"])
    steps, _ = merge_rows(pa.concat_tables([half, table.slice(2)]), group[:2], ["key"])
    once, _ = merge_rows(table, group, ["key"])

    assert steps == once
