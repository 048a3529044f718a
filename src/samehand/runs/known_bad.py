"""The file of `--known-bad`: accounts that were taken down already, with what they showed when they signed up."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from samehand.errors import FormatError, NotFoundError
from samehand.records import schema_of
from samehand.sources import read_times

__all__ = ["read_known_bad"]

TIME_LIKE = "a time like 2019-08-19T12:00:00Z"


def read_known_bad(path: str | Path) -> pa.Table:
    """Read a CSV of accounts already taken down: the columns of `signups`, and `removed_at`.

    Raises:
        NotFoundError: no such file.
        FormatError: a column is missing, or a value cannot be read; the message says where.

    """
    file = Path(path)
    if not file.is_file():
        raise NotFoundError(f"{file}: there is no such file of accounts taken down")
    schema = schema_of("signups")
    table = _read_cells(file, [*schema.names, "removed_at"])
    for name in (*schema.names, "removed_at"):
        times = table.column_names.count(name)
        if times > 1 or (not times and name in ("platform", "asset_id", "removed_at")):
            found = "more than one column" if times else "no column"
            raise FormatError(f"{file}: has {found} {name}; it needs those of signups, and removed_at, each once")
    for needed in ("platform", "asset_id", "removed_at", *(["at"] if "at" in table.column_names else [])):
        if (row := pc.index(pc.is_null(table.column(needed)), True).as_py()) >= 0:
            wanted = "an account's platform and id" if needed in ("platform", "asset_id") else TIME_LIKE
            raise FormatError(f"{file}, row {row + 2}, {needed}: is empty; write {wanted}")
    columns = {
        field.name: table.column(field.name) if field.name in table.column_names else pa.nulls(len(table), pa.string())
        for field in schema
    }
    columns["removed_at"] = _times(table.column("removed_at"), "removed_at", file)
    columns["at"] = _times(columns["at"], "at", file) if "at" in table.column_names else columns["removed_at"]
    if "flow_ms" in table.column_names:
        columns["flow_ms"] = _whole(table.column("flow_ms"), "flow_ms", file)
    return pa.table(columns)


def _read_cells(file: Path, columns: list[str]) -> pa.Table:
    """A CSV's cells as text, empty ones null."""
    broken: list[pacsv.InvalidRow] = []

    def stop(row: pacsv.InvalidRow) -> str:
        broken.append(row)
        return "error"

    try:
        return pacsv.read_csv(
            file, read_options=pacsv.ReadOptions(use_threads=False),
            parse_options=pacsv.ParseOptions(invalid_row_handler=stop),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )  # fmt: skip
    except pa.ArrowInvalid as error:
        if broken:
            row = broken[0]
            raise FormatError(
                f"{file}, row {row.number}: has {row.actual_columns} cells, and the header has {row.expected_columns}; "
                "put cells that hold a comma in quotes"
            ) from error
        raise FormatError(f"{file}: is no CSV with a header in UTF-8: {error}") from error


def _times(column: pa.ChunkedArray[Any], name: str, file: Path) -> pa.Array[Any]:
    """Moments; a time without a zone is UTC's."""
    cells = pc.utf8_trim_whitespace(column).combine_chunks()
    times = read_times(cells)
    if times.unreadable.any():
        _refuse(file, int(times.unreadable.argmax()), name, column, TIME_LIKE)
    return times.values


def _whole(column: pa.ChunkedArray[Any], name: str, file: Path) -> pa.ChunkedArray[Any]:
    """Whole numbers."""
    whole = pc.match_substring_regex(pc.fill_null(column, "0"), r"^[+-]?\d{1,18}$")
    if (row := pc.index(whole, False).as_py()) >= 0:
        _refuse(file, row, name, column, "whole milliseconds")
    return pc.cast(column, pa.int64())


def _refuse(file: Path, row: int, name: str, column: pa.ChunkedArray[Any], wanted: str) -> NoReturn:
    raise FormatError(f"{file}, row {row + 2}, {name}: {column[row].as_py()!r} cannot be read; write {wanted}")
