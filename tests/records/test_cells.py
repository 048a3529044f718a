"""Tables on their way out."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.errors import UsageError
from samehand.records import TIME, neutralise, write_csv, write_table

_TABLE = pa.table(
    {
        "id": ["=1+1", "plain"],
        "at": pa.array([datetime(2024, 5, 1, tzinfo=UTC), None], TIME),
        "items": pa.array([["a", "b"], None], pa.list_(pa.string())),
        "score": [-12.5, 2.0],
        "flag": [True, False],
    }
)


@pytest.mark.parametrize("value", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(value: str) -> None:
    assert neutralise(value) == "'" + value


@pytest.mark.parametrize("value", ["-12.5", "+3", "-1e-5", ".5", "a=1", "", "https://example.org/?a=1", "'quoted"])
def test_numbers_and_plain_text_stay_as_they_are(value: str) -> None:
    assert neutralise(value) == value


@given(st.text())
def test_no_cell_that_goes_out_begins_a_formula(value: str) -> None:
    assert not neutralise(value).startswith(("=", "@", "\t", "\r"))


def test_csv_has_times_in_utc_lists_joined_and_nulls_empty(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", _TABLE)

    with (tmp_path / "t.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))

    assert rows == [
        ["id", "at", "items", "score", "flag"],
        ["'=1+1", "2024-05-01T00:00:00Z", "a|b", "-12.5", "true"],
        ["plain", "", "", "2.0", "false"],
    ]


def test_the_suffix_decides_the_format(tmp_path: Path) -> None:
    for suffix in (".csv", ".jsonl", ".parquet"):
        write_table(tmp_path / f"t{suffix}", _TABLE)

    lines = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]

    assert lines[0] == {"id": "=1+1", "at": "2024-05-01T00:00:00Z", "items": ["a", "b"], "score": -12.5, "flag": True}
    assert pq.read_table(tmp_path / "t.parquet").equals(_TABLE)
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}


def test_a_number_that_is_none_is_null_in_json(tmp_path: Path) -> None:
    write_table(tmp_path / "t.jsonl", pa.table({"x": [float("nan"), float("inf")]}))

    assert (tmp_path / "t.jsonl").read_text() == '{"x": null}\n{"x": null}\n'


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"use \.csv, \.jsonl or \.parquet"):
        write_table(tmp_path / "t.xlsx", _TABLE)
