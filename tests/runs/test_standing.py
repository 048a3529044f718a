"""Traces of other tables than posts, the rows of all traces together, and what makes no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from samehand.errors import LimitError
from samehand.records import Run, schema_of
from samehand.runs import DetectParameters, detect, loading
from tests.worlds import DAY_S, START, dataset_of

SECOND_US = 1_000_000
BEGIN_US = int(START.timestamp()) * SECOND_US


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = schema_of(name)
    filled = [{"platform": "x", **row} for row in rows]
    columns = [pa.array([row.get(field.name) for row in filled], field.type) for field in schema]
    return pa.table(columns, schema=schema)


def _crowd(accounts: int = 200, things: int = 60) -> list[dict[str, Any]]:
    """Ordinary people who come hours and days later to links of their own."""
    rng = np.random.default_rng(3)
    return [
        {
            "asset_id": f"o{(thing * 7 + k * k) % accounts}",
            "urls": [f"https://example.net/{thing}"],
            "at_s": DAY_S * (thing % 12) + float(rng.uniform(0, 2 * DAY_S)),
        }
        for thing in range(things)
        for k in range(30)
    ]


def _run(folder: Path, posts: list[dict[str, Any]], **tables: pa.Table) -> Run:
    dataset_of(folder / "data", posts, **tables)
    detect(folder / "data", folder / "run", DetectParameters())
    return Run.open(folder / "run")


def _logins(devices: int) -> list[dict[str, Any]]:
    """Two accounts on the same new device every day, within seconds; everybody else at home."""
    rng = np.random.default_rng(5)
    pair = [
        {"asset_id": name, "at": BEGIN_US + int(DAY_S * day + 4 * k) * SECOND_US, "device_id": f"d{day}"}
        for day in range(devices)
        for k, name in enumerate("ab")
    ]
    others = [
        {
            "asset_id": f"o{k % 100}",
            "at": BEGIN_US + int(rng.uniform(0, 14 * DAY_S)) * SECOND_US,
            "ip": f"192.0.2.{int(rng.integers(0, 40))}",
        }
        for k in range(2_000)
    ]
    return [*pair, *others]


def test_logins_from_one_device_at_one_time_are_an_edge_and_no_network(tmp_path: Path) -> None:
    run = _run(tmp_path, _crowd(), logins=_table("logins", _logins(12)))
    edges = run.table("edges").to_pylist()

    assert [(row["asset_a"], row["asset_b"], row["trace"]) for row in edges] == [("a", "b", "login")]
    assert {row["object_id"] for row in run.table("receipts").to_pylist()} == {f"device:d{k}" for k in range(12)}
    assert run.table("networks").num_rows == 0


def test_a_pair_that_shares_several_traces_has_one_fused_row_with_more_evidence_than_any_of_them(
    tmp_path: Path,
) -> None:
    posts = [
        {
            "asset_id": name,
            "at_s": DAY_S * day + 3 * k,
            **({"urls": [f"https://example.org/{day}"]} if day % 2 else {"hashtags": [f"brel{day}"]}),
        }
        for day in range(12)
        for k, name in enumerate("abcde")
    ]
    run = _run(tmp_path, [*posts, *_crowd()])
    rows = [row for row in run.table("edges").to_pylist() if (row["asset_a"], row["asset_b"]) == ("a", "b")]
    bits = {row["trace"]: row["bits"] for row in rows}

    assert {"url", "hashtag", "fused"} <= set(bits)
    assert bits["fused"] > max(value for trace, value in bits.items() if trace != "fused")
    assert next(row["co_activities"] for row in rows if row["trace"] == "fused") == 12


def test_accounts_with_a_single_object_have_no_bits(tmp_path: Path) -> None:
    """A clique of people who share one thing and nothing else tops the lists of cosine methods."""
    clique = [{"asset_id": f"c{k}", "urls": ["https://example.org/once"], "at_s": float(k % 5)} for k in range(60)]
    run = _run(tmp_path, [*clique, *_crowd()])

    assert run.table("edges").num_rows == 0


def test_lists_of_rare_texts_are_in_the_run_and_make_no_network(tmp_path: Path) -> None:
    texts = [f"brel dovan kiru mest velor an{k} der{k} lip{k}" for k in range(8)]
    posts = [
        {"asset_id": name, "text": text, "at_s": DAY_S * k + 7_000 * place}
        for k, text in enumerate(texts)
        for place, name in enumerate("abcd")
    ]
    run = _run(tmp_path, [*posts, *_crowd()])
    (found,) = run.info["lists"]

    assert found["accounts"] == ["x:a", "x:b", "x:c", "x:d"]
    assert len(found["texts"]) == found["occasions"] == 8
    assert found["median_lag_s"] == 7_000
    assert run.table("networks").num_rows == 0
    assert any("no measure of chance" in note for note in run.info["notes"])


def test_what_happened_after_the_end_of_the_time_asked_for_is_not_held_against_anybody(tmp_path: Path) -> None:
    team = [
        {"asset_id": name, "urls": [f"https://example.org/{day}"], "at_s": DAY_S * day + 2.0 * k}
        for day in range(12)
        for k, name in enumerate("abcdefgh")
    ]
    late = [
        {"asset_id": name, "at": BEGIN_US + int(40 * DAY_S) * SECOND_US, "device_id": "farm"} for name in "abcdefgh"
    ]
    homes = [{"asset_id": f"o{k}", "at": BEGIN_US, "device_id": f"d{k}"} for k in range(200)]
    dataset_of(tmp_path / "data", [*team, *_crowd()], logins=_table("logins", [*late, *homes]))
    states = []
    for name, until in (("all", None), ("then", "2019-06-30")):
        detect(tmp_path / "data", tmp_path / name, DetectParameters(until=until))
        rows = Run.open(tmp_path / name).table("findings").to_pylist()
        states.append({row["state"] for row in rows if row["finding"] == "shared_logins"})

    assert states[0] == {"strong"}
    assert states[1] == {"unknown"}


def test_more_text_than_a_column_holds_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MOST_TEXT", 1_000)
    with pytest.raises(LimitError, match="take a part of them with --since, --until or --where"):
        _run(tmp_path, [{"asset_id": "a", "text": "brel " * 100, "at_s": float(k)} for k in range(9)])
    assert not (tmp_path / "run").exists()
