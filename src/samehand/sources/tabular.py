"""Any table: a CSV, TSV, JSONL or Parquet file whose columns bear the schema's names, or come with a map."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from samehand.errors import FormatError, InputError, LimitError, NotFoundError
from samehand.records import DATASET_TABLES, POST_KINDS, TIME, Column
from samehand.sources.batches import RawBatch, Reject
from samehand.sources.delimited import Delimited
from samehand.sources.formats import Shape
from samehand.sources.jsonl import JsonLines
from samehand.sources.mapping import DEFAULTS, ColumnMap, guess, mapped_names, needed
from samehand.sources.pictures import pdq_of
from samehand.sources.rows import Rows
from samehand.sources.streams import Limits
from samehand.sources.values import found_in

__all__ = ["TABLE_EXAMPLE", "JsonTable", "ParquetTable", "TableFile", "open_table", "table_shape"]

TABLE_EXAMPLE: Final = (
    "platform,post_id,asset_id,posted_at,kind,text,ref_post_id,urls,hashtags",
    "forum,p1,ann,2024-05-01T12:00:00Z,original,look at #cats,,https://example.org/cat|https://example.org/dog,cats",
    "forum,p2,bo,2024-05-01T12:00:09Z,repost,look at #cats,p1,,",
)

_BATCH: Final = 16_384
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "posts": POST_KINDS,
    "assets": ("account", "page", "group", "channel"),
}


def open_table(path: Path, limits: Limits) -> TableFile:
    """A CSV, TSV, JSONL or Parquet file, told apart by its suffix: its columns at once, its rows on demand.

    Raises:
        NotFoundError: there is no such file. FormatError: it is empty, or another kind of file.

    """
    if not path.is_file():
        raise NotFoundError(
            f"{path}: there is no such file" if not path.is_dir() else f"{path} is a folder, not a file"
        )
    name = path.name.lower().removesuffix(".gz").removesuffix(".zst")
    if name.endswith((".jsonl", ".ndjson")):
        return JsonTable(path, limits)
    if name.endswith((".parquet", ".pq")):
        return ParquetTable(path, limits)
    return Delimited(path, limits)


def table_shape(table: str, columns: list[str], given: ColumnMap | None, path: Path) -> tuple[Shape, ColumnMap]:
    """How a file with these columns becomes rows of a table.

    Raises:
        FormatError: a needed column is missing: from the map's file, or from the file when there is no map (then the
            message has a guessed one).

    """
    names = ColumnMap(mapped_names(table, columns)) if given is None else given
    missing = [column for column in names.columns.values() if column not in columns]
    if missing:
        raise FormatError(f"{path} has no column '{missing[0]}', which the map names; it has {', '.join(columns)}")
    lacking = [name for name in needed(table) if name not in names.columns and name not in names.constants]
    if lacking:
        raise FormatError(_question(table, columns, lacking, path))
    shape = Shape(
        name=table,
        table=table,
        required=tuple(names.columns),
        read=lambda rows: {table: _records(table, names, rows)},
        example=TABLE_EXAMPLE,
        pattern=names.time_format,
        zone=None,
    )
    return shape, names


def _question(table: str, columns: list[str], lacking: list[str], path: Path) -> str:
    guessed = guess(table, columns)
    still = [name for name in needed(table) if name not in guessed.columns]
    lines = [
        f"{path} has no column {', '.join(repr(name) for name in lacking)}, which table '{table}' needs; "
        f"it has {', '.join(columns)}",
        "this map is a guess: check it, save it as map.toml and pass it with --map map.toml",
        "",
    ]
    for line in guessed.toml().rstrip().split("\n"):
        lines.append(line)
        if line == "[columns]":
            lines += [f'# {name} = "?"   # needed in [columns], and no column looks like it' for name in still]
    return "\n".join(lines)


def _records(table: str, names: ColumnMap, rows: Rows) -> pa.Table:
    columns: dict[str, Column] = {}
    for field in DATASET_TABLES[table]:
        if field.name in names.constants:
            columns[field.name] = _constant(rows, field, names.constants[field.name])
        elif field.name in names.columns:
            columns[field.name] = _read(rows, field, names, table)
    if "platform" in columns:
        columns["platform"] = pc.coalesce(columns["platform"], rows.constant(rows.context.platform))
    else:
        columns["platform"] = rows.constant(rows.context.platform)
    if table == "posts":
        _complete_posts(rows, columns, names)
    if table == "media":
        columns["hash"] = _hashes(rows, columns)
    if table in _KINDS:
        kinds = pc.coalesce(
            columns.get("kind", pa.nulls(rows.count, pa.string())), rows.constant(DEFAULTS[table]["kind"])
        )
        known = pc.is_in(kinds, pa.array(_KINDS[table]))
        rows.reject(~np.asarray(known), f"kind is none of {', '.join(_KINDS[table])}")
        columns["kind"] = kinds
    return rows.record(table, columns)


def _hashes(rows: Rows, columns: dict[str, Column]) -> Column:
    """The hashes that rows come with, used as they are; else the PDQ hash of the image file that `path` names."""
    given = columns.get("hash", pa.nulls(rows.count, pa.string())).to_pylist()
    paths = columns.get("path", pa.nulls(rows.count, pa.string())).to_pylist()
    found = []
    for value, path in zip(given, paths, strict=True):
        if value is None and path:
            try:
                value = pdq_of(rows.context.folder / path)
            except InputError:
                rows.context.unreadable["path"] += 1
        found.append(value)
    return pa.array(found, pa.string())


def _complete_posts(rows: Rows, columns: dict[str, Column], names: ColumnMap) -> None:
    """Ids for posts that have none; links, hashtags and mentions out of the text when no column has any of them."""
    if "post_id" not in names.constants:
        columns["post_id"] = rows.post_ids("post_id")
    if "text" in columns and not {"urls", "hashtags", "mentions"} & columns.keys():
        rows.context.notes["links, hashtags and mentions were found in the text"] = None
        columns.update({what: found_in(columns["text"], what) for what in ("urls", "hashtags", "mentions")})


def _constant(rows: Rows, field: pa.Field[Any], value: str) -> Column:
    if pa.types.is_list(field.type):
        return pa.array([[value]] * rows.count, field.type)
    try:
        return rows.constant(value).cast(field.type)
    except pa.ArrowInvalid as error:
        raise FormatError(f"the constant {field.name} = '{value}' does not become {field.type}") from error


def _read(rows: Rows, field: pa.Field[Any], names: ColumnMap, table: str) -> Column:
    name, needed_here = field.name, field.name in needed(table)
    if field.type == TIME:
        return rows.time(name, required=needed_here)
    if pa.types.is_list(field.type):
        return rows.items(name, names.separator)
    if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
        return rows.number(name, field.type)
    if name.endswith("_id") or needed_here:
        return rows.id(name, required=needed_here)
    return rows.word(name) if name in ("kind", "platform") else rows.text(name)


class JsonTable:
    """A JSONL file as a table: the columns are the keys of its first thousand objects."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._lines = JsonLines(path, limits)
        self.stream = self._lines.stream
        self._objects = self._lines.objects()
        self._first: list[tuple[int, dict[str, Any] | Reject]] = []
        names: dict[str, None] = {}
        for number, value in self._objects:
            self._first.append((number, value))
            names.update(dict.fromkeys(value) if isinstance(value, dict) else {})
            if len(self._first) == 1_000:
                break
        self.columns = list(names)
        if not self.columns:
            raise FormatError(f"{path} holds no JSON object among its first lines; is it a JSONL file?")

    def batches(self) -> Iterator[RawBatch]:
        """The rows; lists and objects within them as JSON text."""
        waiting: list[tuple[int, dict[str, Any] | Reject]] = []
        for item in self._all():
            waiting.append(item)
            if len(waiting) == _BATCH:
                yield self._batch(waiting)
                waiting = []
        if waiting:
            yield self._batch(waiting)

    def _all(self) -> Iterator[tuple[int, dict[str, Any] | Reject]]:
        yield from self._first
        yield from self._objects

    def _batch(self, items: list[tuple[int, dict[str, Any] | Reject]]) -> RawBatch:
        good = [(number, value) for number, value in items if isinstance(value, dict)]
        columns = {name: pa.array([_cell(value.get(name)) for _, value in good], pa.string()) for name in self.columns}
        rejects = [value for _, value in items if isinstance(value, Reject)]
        return RawBatch(pa.table(columns), np.array([number for number, _ in good], np.int64), rejects)


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else repr(value)


class ParquetTable:
    """A Parquet file; columns keep their types."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self.stream = None
        if not path.is_file():
            raise NotFoundError(f"{path} is not there; check the path")
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise FormatError(f"{path} is no Parquet file that can be read: {error}") from error
        facts = self._file.metadata
        expanded = sum(facts.row_group(number).total_byte_size for number in range(facts.num_row_groups))
        if expanded > limits.expanded_bytes:
            raise LimitError(f"{path} unpacks to more than {limits.expanded_bytes:,} bytes; split it first")
        self.columns = list(self._file.schema_arrow.names)

    def batches(self) -> Iterator[RawBatch]:
        """The rows."""
        row = 1
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH * 4):
                numbers = np.arange(row, row + batch.num_rows, dtype=np.int64)
                row += batch.num_rows
                yield RawBatch(pa.Table.from_batches([batch]), numbers)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{self._path} is damaged: {error}; fetch it again") from error
        finally:
            self._file.close()


TableFile = Delimited | JsonTable | ParquetTable
