"""A batch of a file's rows under a format's eyes: cells by column name, row by row accepted or rejected."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import DATASET_TABLES, Chunked, Column, mask, places
from samehand.sources.batches import RAW_CHARACTERS, RawBatch, Reject
from samehand.sources.times import read_times
from samehand.sources.values import bracketed, read_flags, read_items, read_numbers, read_text, trimmed

__all__ = ["Columns", "Context", "Rows", "first_of_each", "plain_name"]

Columns = Mapping[str, Column]


def plain_name(column: str) -> str:
    """A column's name as formats compare it: lower case, blanks and hyphens as underscores."""
    return "_".join(column.strip().lower().replace("-", " ").split())


@dataclass
class Context:
    """What holds for a whole file, and what was seen in it so far.

    Attributes:
        platform: the platform of rows that do not say their own.
        trace: what the user gave as `--trace`, or None.
        zone: the zone of times without one.
        zone_known: whether that zone is a fact of the format or was given, rather than assumed.
        identity: what ids that a file lacks are made of, with the row's number.
        pattern: how times are written where that is not one of the usual ways.
        unreadable: for each optional column, values that could not be read and became null.
        zoneless: times without a zone.
        made_ids: posts without an id of their own.
        notes: what a reader of the dataset should know.
        memory: what a format wants to remember from the first batch to the last.
        folder: where the file lies; paths in it are read from there.

    """

    platform: str
    trace: str | None
    zone: str
    zone_known: bool
    identity: str
    pattern: str | None = None
    unreadable: Counter[str] = field(default_factory=Counter)
    zoneless: int = 0
    made_ids: int = 0
    notes: dict[str, None] = field(default_factory=dict)
    memory: dict[str, bool] = field(default_factory=dict)
    folder: Path = field(default_factory=Path)


class Rows:
    """Cells of a batch by column; every reading of a required cell marks the rows where it is missing.

    Args:
        batch: the rows.
        names: for each column that the format knows, the file's own name of it.
        context: what holds for the file.

    """

    def __init__(self, batch: RawBatch, names: Mapping[str, str], context: Context) -> None:
        self.context = context
        self.count = batch.table.num_rows
        self._batch = batch
        self._names = names
        self._reasons: list[str | None] = []
        self._ids: dict[tuple[str, bool], Column] = {}
        self._bad = np.zeros(self.count, bool)
        self._why = np.full(self.count, -1, np.int16)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def raw(self, name: str) -> Column:
        """A column as it stands in the file; nulls where the file has none."""
        if name not in self._names:
            return self.nothing()
        column: Column = self._batch.table.column(self._names[name]).combine_chunks()
        return column

    def text(self, name: str) -> Column:
        """Text as it is, null where blank."""
        return read_text(self.raw(name))

    def word(self, name: str) -> Column:
        """Text without surrounding blanks, null where blank."""
        return trimmed(self.raw(name))

    def id(self, name: str, *, required: bool = False) -> Column:
        """Ids: trimmed, `123.0` is `123`; one that a spreadsheet rounded (`1.23E+17`) is unreadable."""
        if (name, required) in self._ids:
            return self._ids[name, required]
        ids = self.word(name)
        if pc.any(pc.ends_with(ids, ".0")).as_py():
            ids = pc.replace_substring_regex(ids, r"^(\d+)\.0$", r"\1")
        if pc.any(pc.match_substring(ids, "E+")).as_py():
            rounded = pc.fill_null(pc.match_substring_regex(ids, r"^\d(\.\d+)?E\+\d+$"), False)
            ids = pc.if_else(rounded, pa.scalar(None, pa.string()), ids)
            self._unreadable(name, np.asarray(rounded), "was rounded by a spreadsheet", required=required)
        if required:
            self.reject(np.asarray(pc.is_null(ids)), f"{self._label(name)} is missing")
        self._ids[name, required] = ids
        return ids

    def time(self, name: str, *, required: bool = False) -> Column:
        """Times as `timestamp[us, UTC]`."""
        cells = self.raw(name)
        if pa.types.is_string(cells.type):
            cells = trimmed(cells)
        times = read_times(cells, self.context.zone, self.context.pattern)
        self.context.zoneless += times.zoneless
        self._unreadable(name, times.unreadable, "is no time that can be read", required=required)
        if required:
            self.reject(np.asarray(pc.is_null(times.values)), f"{self._label(name)} is missing")
        return times.values

    def number(self, name: str, kind: pa.DataType | None = None) -> Column:
        """Whole numbers, or those of another type."""
        values, unreadable = read_numbers(self.raw(name), kind or pa.int64())
        self._unreadable(name, unreadable, "is no number", required=False)
        return values

    def flags(self, name: str) -> Column:
        """Whether a cell says yes."""
        return read_flags(self.raw(name))

    def items(self, name: str, separator: str = "|") -> Column:
        """Lists of text without empty or repeated items."""
        return read_items(self.raw(name), separator)

    def archive_items(self, name: str) -> Column:
        """Lists as `[a, b]`."""
        return bracketed(self.raw(name))

    def constant(self, value: str) -> Column:
        """The same text in every row."""
        return pa.array([value], pa.string()).take(places(np.zeros(self.count, np.int32)))

    def nothing(self) -> Column:
        """Null text in every row."""
        return pa.nulls(self.count, pa.string())

    def post_ids(self, name: str) -> Column:
        """Ids of posts; one that is missing or unreadable is made of the file's content and the row's number."""
        made = pc.binary_join_element_wise(self.context.identity, pa.array(self._batch.rows).cast(pa.string()), ":")
        given = self.id(name)
        self.context.made_ids += given.null_count
        ids: Column = pc.coalesce(given, made)
        return ids

    def reject(self, bad: npt.NDArray[np.bool_], reason: str) -> None:
        """Reject rows; the first reason counts."""
        fresh = bad & ~self._bad
        if fresh.any():
            self._why[fresh] = len(self._reasons)
            self._reasons.append(reason)
            self._bad |= fresh

    def _label(self, name: str) -> str:
        return self._names.get(name, name)

    def _unreadable(self, name: str, where: npt.NDArray[np.bool_], what: str, *, required: bool) -> None:
        if not where.any():
            return
        if required:
            self.reject(where, f"{self._label(name)} {what}")
        else:
            self.context.unreadable[self._label(name)] += int(where.sum())

    def record(self, table: str, columns: Columns) -> pa.Table:
        """The accepted rows of a table; columns that are not given are null."""
        schema = DATASET_TABLES[table]
        arrays = [columns.get(field.name, pa.nulls(self.count, field.type)) for field in schema]
        made = pa.Table.from_arrays(
            [array.cast(field.type) for array, field in zip(arrays, schema, strict=True)], schema=schema
        )
        return made.filter(mask(~self._bad)) if self._bad.any() else made

    def aside(self, names: list[str]) -> pa.Table:
        """Columns of the accepted rows that no table has, as text, with the row's number."""
        columns: list[Column | Chunked] = [pa.array(self._batch.rows)]
        for name in names:
            columns.append(read_text(_as_text(self._batch.table.column(name)).combine_chunks()))
        return pa.Table.from_arrays(columns, names=["row", *names]).filter(mask(~self._bad))

    def rejects(self) -> list[Reject]:
        """The rejected rows of this batch, those of the reader included, by number."""
        own = []
        for place in np.flatnonzero(self._bad).tolist():
            cells = [self._batch.table.column(name)[place].as_py() for name in self._batch.table.column_names]
            reason = self._reasons[self._why[place]]
            own.append(Reject(int(self._batch.rows[place]), str(reason), _csv_line(cells)))
        return sorted([*self._batch.rejects, *own], key=lambda reject: reject.row)


def first_of_each(assets: pa.Table) -> pa.Table:
    """The first row of each asset."""
    codes = assets.column("asset_id").combine_chunks().dictionary_encode().indices
    _, first = np.unique(np.asarray(codes), return_index=True)
    return assets.take(np.sort(first))


def _as_text(column: Chunked) -> Chunked:
    """A column of any type as text; lists and structs as Python shows them."""
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.chunked_array([[None if cell is None else str(cell) for cell in column.to_pylist()]], pa.string())


def _csv_line(cells: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["" if cell is None else cell for cell in cells])
    return line.getvalue()[:RAW_CHARACTERS]
