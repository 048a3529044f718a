"""Tables on their way out: CSV that a spreadsheet cannot be made to run, JSONL, Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from samehand.errors import UsageError
from samehand.records.files import private_file

__all__ = ["neutralise", "write_csv", "write_table"]

_LEADERS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def neutralise(value: str) -> str:
    """A cell's text with a leading apostrophe where a spreadsheet would run it.

    That is text that begins with `=`, `+`, `-`, `@` (or their full-width forms), a tab or a line break; plain numbers
    such as `-12.5` stay as they are.
    """
    if value.startswith(_LEADERS) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def write_csv(path: Path, table: pa.Table) -> None:
    """Write a table as CSV, readable by its owner only, whole or not at all.

    Times are ISO 8601 in UTC, nulls empty, lists joined by `|`, and every text cell and name is neutralised.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([neutralise(name) for name in table.column_names])
    for row in _rows(table):
        writer.writerow([_cell(value) for value in row.values()])
    private_file(path, text.getvalue())


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table in the format that the suffix names: `.csv`, `.jsonl` or `.parquet`.

    Raises:
        UsageError: the suffix is another one.

    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        write_csv(path, table)
    elif suffix == ".jsonl":
        lines = (json.dumps(_plain(row), ensure_ascii=False, allow_nan=False) + "\n" for row in _rows(table))
        private_file(path, "".join(lines))
    elif suffix == ".parquet":
        staged = path.with_name(f".{path.name}.new")
        staged.touch(mode=0o600)
        pq.write_table(table, staged, compression="zstd")
        staged.replace(path)
    else:
        raise UsageError(f"{path} has no suffix that names a format; use .csv, .jsonl or .parquet")


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, list):
        return neutralise("|".join(_cell(item) for item in value))
    return neutralise(value) if isinstance(value, str) else str(value)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON can hold it: times as text, numbers that are none as null."""
    plain = {name: _time(value) if isinstance(value, datetime) else value for name, value in row.items()}
    return {name: None if isinstance(value, float) and value - value != 0 else value for name, value in plain.items()}
