"""`samehand audience`: who was reached by the targets of a file, into a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from samehand.audience import (
    ANY,
    MEASURES,
    ExactCounter,
    Reach,
    SketchCounter,
    Target,
    count_audience,
    count_events,
    count_spending,
)
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.records import Dataset, private_file, write_table
from samehand.runs.seed_files import read_cells

__all__ = ["SKETCH_ABOVE", "Audience", "measure_audience", "read_targets"]

Said = Callable[[str], None]
SKETCH_ABOVE = 20_000_000
"""Rows of relations and engagements above which sketches count."""
_SCHEMA = pa.schema(
    [
        ("measure", pa.string()), ("platform", pa.string()), ("target_id", pa.string()), ("unit", pa.string()),
        ("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("method", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Audience:
    """What was counted: rows of measure, platform, target_id, unit, value, low, high and method; targets not found; notes."""

    path: Path
    targets: int
    rows: tuple[dict[str, Any], ...]
    unmatched: tuple[str, ...]
    notes: tuple[str, ...]


def read_targets(path: str | Path, platforms: dict[str, list[str]]) -> tuple[list[Target], list[str]]:
    """Read a CSV of asset_id, and of platform where an id is one on several.

    Args:
        path: the file.
        platforms: each asset's id and where it is known.

    Returns:
        Targets, each once, and what was not found with its reason.

    Raises:
        NotFoundError: no such file.
        FormatError: the column is missing, an id is empty, or there are no rows.

    """
    file, found, unmatched = Path(path), list[Target](), list[str]()
    for row, cells in read_cells(file, ("asset_id",), "targets", also=("platform",)):
        name, platform = cells["asset_id"], cells["platform"]
        if not name:
            raise FormatError(f"{file}, row {row}, asset_id: is empty; write the asset's")
        known = [one for one in platforms.get(name, []) if not platform or one == platform]
        if len(known) == 1:
            found.append(Target(known[0], name))
        else:
            where = f"{platform}:{name}" if platform else name
            why = "is one on several platforms; add the column platform" if known else "is no asset of the dataset"
            unmatched.append(f"row {row}, {where}: {why}")
    if not found and not unmatched:
        raise FormatError(f"{file}: has no rows; write at least one target")
    return list(dict.fromkeys(found)), unmatched


def measure_audience(
    dataset: str | Path, targets: str | Path, out: str | Path, *, sketch: bool | None = None, say: Said | None = None
) -> Audience:
    """Count the audience of targets and write the counts.

    Args:
        dataset: the dataset's folder.
        targets: a CSV, see `read_targets`.
        out: a file, its suffix .csv, .jsonl, .parquet or .json.
        sketch: whether sketches count; None: above SKETCH_ABOVE rows.
        say: is told what is being done.

    Raises:
        UsageError: the suffix is another one.
        NotFoundError: there is no folder for the file.
        FormatError: the targets cannot be read, or none of them is in the dataset.
        MissingExtraError: sketches are asked for, and the library is not there.

    """
    file = Path(out)
    if file.suffix.lower() not in (".csv", ".jsonl", ".parquet", ".json"):
        raise UsageError(f"{file} has no suffix that names a format; use .csv, .jsonl, .parquet or .json")
    if not file.absolute().parent.is_dir():
        raise NotFoundError(f"{file.parent}: there is no such folder for the counts; make it")
    opened = Dataset.open(dataset)
    found, unmatched = read_targets(targets, _platforms(opened))
    if not found:
        raise FormatError(f"{targets}: no target is in {dataset}; " + "; ".join(unmatched[:10]))
    rows = opened.rows("relations") + opened.rows("engagements")
    counter = SketchCounter() if (rows > SKETCH_ABOVE if sketch is None else sketch) else ExactCounter()
    if say:
        say(f"counting {rows:,} rows for {len(found)} targets ({counter.method})")
    tables = {
        "relations": opened.batches("relations", ["platform", "asset_id", "role", "target_id"]),
        "engagements": opened.batches("engagements", ["platform", "asset_id", "kind", "target_id"]),
    }
    reach = count_audience(tables, found, counter)
    absent = [name for name in ("relations", "engagements", "ads", "events") if not opened.rows(name)]
    lines = [_known(row, absent) for row in (*(_line(one, counter.method) for one in reach), *_money(opened, found))]
    notes = tuple(f"the dataset holds no {name}: that is unknown, not none" for name in absent)
    if file.suffix.lower() == ".json":
        facts = {"dataset": opened.hash, "targets": [one.key for one in found], "unmatched": unmatched,
                 "notes": list(notes), "counts": lines}  # fmt: skip
        private_file(file, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    else:
        write_table(file, pa.Table.from_pylist(lines, schema=_SCHEMA))
    return Audience(file, len(found), tuple(lines), tuple(unmatched), notes)


def _platforms(opened: Dataset) -> dict[str, list[str]]:
    """Where each id is known: described, or followed, joined or looked at."""
    found: dict[str, list[str]] = {}
    for name, column in (("assets", "asset_id"), ("relations", "target_id"), ("engagements", "target_id")):
        for batch in opened.batches(name, ["platform", column]):
            pairs = pa.Table.from_batches([batch]).group_by(["platform", column]).aggregate([])
            for row in pairs.to_pylist():
                held = found.setdefault(row[column], [])
                if row["platform"] not in held:
                    held.append(row["platform"])
    return found


def _row(measure: str, unit: str, value: float | None, method: str = "exact", **other: Any) -> dict[str, Any]:
    bounds = {"low": value, "high": value}
    common = {"measure": measure, "platform": None, "target_id": None, "unit": unit, "value": value}
    return {**common, **bounds, "method": method, **other}


def _known(row: dict[str, Any], absent: list[str]) -> dict[str, Any]:
    """A row with null for what the dataset does not hold; of `any` the upper bound, where half of it is not held."""
    measure = row["measure"]
    table = MEASURES[measure][0] if measure in MEASURES else "ads" if measure.startswith("ad") else "events"
    half = {"relations", "engagements"}.intersection(absent)
    unknown: tuple[str, ...]
    if measure != ANY:
        unknown = ("value", "low", "high") if table in absent else ()
    else:
        unknown = ("value", "low", "high") if len(half) > 1 else ("high",) if half else ()
    return row | dict.fromkeys(unknown)


def _line(one: Reach, method: str) -> dict[str, Any]:
    where = {"platform": one.target.platform, "target_id": one.target.asset_id} if one.target else {}
    return _row(one.measure, "accounts", one.accounts, method, low=one.low, high=one.high, **where)


def _money(opened: Dataset, targets: list[Target]) -> list[dict[str, Any]]:
    spending = count_spending(opened.table("ads", ["platform", "ad_id", "advertiser_id", "spend", "currency"]), targets)
    events = count_events(opened.table("events", ["platform", "event_id", "host_id", "interested", "going"]), targets)
    lines = [_row("ads", "ads", sum(one["ads"] for one in spending))]
    lines += [_row("ad_spend", one["currency"] or "unknown", one["spend"]) for one in spending]
    lines += [_row("ads_without_spend", "ads", sum(one["without_spend"] for one in spending))]
    lines += [_row("events", "events", events["events"])]
    lines += [_row(f"event_{name}", "sum over events", events[name]) for name in ("interested", "going")]
    return lines
