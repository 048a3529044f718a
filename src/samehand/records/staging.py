"""One table on its way into a dataset: written in a stream, then merged with itself and with what was there before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from samehand.records.arrow import places
from samehand.records.merging import (
    Duplicates,
    Hashes,
    Indices,
    find_duplicates,
    key_columns,
    key_hashes,
    keyed_hashes,
    merge_rows,
)
from samehand.records.schema import DATASET_TABLES

__all__ = ["HELD", "MergeCounts", "Stage", "TableSink"]

GROUP_ROWS = 131_072
"""Rows of a Parquet row group: fixed, so that the same rows give the same bytes however they were handed in."""

ONE_FILE_ROWS = 4_000_000
"""Up to so many rows a table that grows is rewritten as one file; beyond, its new rows become a further part."""

HELD = -1
"""The source number of rows that the dataset held before, or that were derived: their merges are not counted."""

_RANGE_BYTES = 96 << 20
_MOST_RANGES = 200

Batches = Callable[[], Iterator[pa.RecordBatch]]


class TableSink:
    """A Parquet file that takes batches of any size and writes row groups of one size; readable by its owner only."""

    def __init__(self, file: Path, schema: pa.Schema) -> None:
        self.file = file
        self.rows = 0
        self.schema = schema
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._writer = pq.ParquetWriter(file, schema, compression="zstd")
        file.chmod(0o600)

    def write(self, table: pa.Table) -> None:
        """Take rows; the table has the sink's schema."""
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        self.rows += table.num_rows
        if self._waiting_rows >= GROUP_ROWS:
            self._flush(self._waiting_rows - self._waiting_rows % GROUP_ROWS)

    def _flush(self, rows: int) -> None:
        together = pa.concat_tables(self._waiting)
        self._writer.write_table(together.slice(0, rows), row_group_size=GROUP_ROWS)
        rest = together.slice(rows)
        self._waiting, self._waiting_rows = ([rest] if rest.num_rows else []), rest.num_rows

    def close(self) -> None:
        """Write what waits and end the file."""
        if self._waiting_rows:
            self._flush(self._waiting_rows)
        self._writer.close()


@dataclass
class MergeCounts:
    """What merging did, for each source number: rows that were merged, and rows that differed by column."""

    merged: dict[int, int] = field(default_factory=dict)
    differing: dict[int, dict[str, int]] = field(default_factory=dict)


class Stage:
    """Collects one table's new rows and joins them to the table's earlier files.

    Args:
        name: the table.
        folder: where work in progress is kept.
        held: the Parquet files of the table as the dataset held it.

    """

    def __init__(self, name: str, folder: Path, held: list[Path]) -> None:
        self.name = name
        self.schema = DATASET_TABLES[name]
        self.held = held
        self.rows = 0
        self._folder = folder
        self._sink: TableSink | None = None
        self._hashes: list[Hashes] = []
        self._runs: list[tuple[int, int]] = []
        self._bytes = 0

    def add(self, table: pa.Table, source: int) -> None:
        """Take rows that have the table's schema."""
        if table.num_rows == 0:
            return
        if self._sink is None:
            self._sink = TableSink(self._folder / f"{self.name}.staged.parquet", self.schema)
        self._sink.write(table)
        self._hashes.append(key_hashes(table.select(key_columns(self.name))))
        self._runs.append((source, table.num_rows))
        self.rows += table.num_rows
        self._bytes += table.nbytes

    def finish(self, target: Path) -> MergeCounts:
        """Write the table below `target`: the rows held before, then the new ones, each thing once."""
        if self._sink is not None:
            self._sink.close()
        files = [*self.held, *([self._sink.file] if self._sink else [])]
        held_rows = sum(pq.read_metadata(file).num_rows for file in self.held)
        hashes = [key_hashes(keys) for keys in _tables(self.held, key_columns(self.name))] + self._hashes
        self._hashes = []
        duplicates = find_duplicates(_joined(hashes), lambda rows: self._confirm(files, rows))
        if len(duplicates) == 0:
            self._place(files, held_rows + self.rows, target)
            return MergeCounts()
        counts = _Counter([(HELD, held_rows), *self._runs])
        sink = TableSink(target / f"{self.name}.parquet", self.schema)
        ranges = _ranges(duplicates, max(1, _RANGE_BYTES // max(1, self._bytes // max(1, self.rows))))
        spills = _spill(files, duplicates, ranges, self._folder)
        _rewrite(files, duplicates, ranges, spills, sink, counts, key_columns(self.name))
        sink.close()
        return counts.found

    def _confirm(self, files: list[Path], rows: Indices) -> Hashes:
        found = [
            keyed_hashes(keys.take(places(rows[low:high] - start)))
            for keys, start, low, high in _with_rows(_tables(files, key_columns(self.name)), rows)
            if high > low
        ]
        return _joined(found)

    def _place(self, files: list[Path], rows: int, target: Path) -> None:
        """No two rows are one thing: keep the files as they are where that is possible."""
        whole = target / f"{self.name}.parquet"
        if len(files) == 1:
            _link(files[0], whole)
        elif files and rows > ONE_FILE_ROWS:
            whole.mkdir(mode=0o700)
            for number, file in enumerate(files):
                _link(file, whole / f"part-{number:05d}.parquet")
        else:
            sink = TableSink(whole, self.schema)
            for table in _tables(files, self.schema.names):
                sink.write(table)
            sink.close()


def _link(file: Path, target: Path) -> None:
    """A second name for a file: what is in a dataset is never written to again."""
    target.hardlink_to(file)


def _joined(parts: list[Hashes]) -> Hashes:
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _tables(files: Iterable[Path], columns: Iterable[str]) -> Iterator[pa.Table]:
    """The rows of some files in order, a row group or less at a time."""
    names = list(columns)
    for file in files:
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=GROUP_ROWS, columns=names):
                yield pa.Table.from_batches([batch]).select(names)


def _with_rows(tables: Iterable[pa.Table], rows: Indices) -> Iterator[tuple[pa.Table, int, int, int]]:
    """Each table with its first row's number and the span of `rows` that falls within it."""
    start = 0
    for table in tables:
        end = start + table.num_rows
        low, high = np.searchsorted(rows, [start, end])
        yield table, start, int(low), int(high)
        start = end


def _ranges(duplicates: Duplicates, most: int) -> Indices:
    """First-row numbers at which a new range of groups begins, so that a range holds about `most` rows."""
    first = np.sort(duplicates.first)
    return np.unique(first[:: max(most, len(first) // _MOST_RANGES)])


def _spill(files: list[Path], duplicates: Duplicates, ranges: Indices, folder: Path) -> list[Path]:
    """Write the duplicate rows to one file for each range, with their numbers and those of their first rows."""
    schema = pq.read_schema(files[0]).append(pa.field("row", pa.int64())).append(pa.field("first", pa.int64()))
    spills = [folder / f"spill-{number:05d}.arrow" for number in range(len(ranges))]
    writers: list[pa.RecordBatchFileWriter] = []
    try:
        for spill in spills:
            writers.append(pa.ipc.new_file(str(spill), schema, options=pa.ipc.IpcWriteOptions(compression="lz4")))
            spill.chmod(0o600)
        for table, start, low, high in _with_rows(_tables(files, schema.names[:-2]), duplicates.rows):
            rows, first = duplicates.rows[low:high], duplicates.first[low:high]
            where = np.searchsorted(ranges, first, side="right") - 1
            for number in np.unique(where):
                chosen = where == number
                part = table.take(places(rows[chosen] - start))
                part = part.append_column(schema.field("row"), pa.array(rows[chosen]))
                writers[number].write_table(part.append_column(schema.field("first"), pa.array(first[chosen])))
    finally:
        for writer in writers:
            writer.close()
    return spills


class _Counter:
    """Counts merged and differing rows by the source that they came from."""

    def __init__(self, runs: list[tuple[int, int]]) -> None:
        self.found = MergeCounts()
        self._source = [source for source, _ in runs]
        self._ends = np.cumsum([rows for _, rows in runs])

    def _by_source(self, rows: Indices) -> Iterator[tuple[int, int]]:
        runs, counts = np.unique(np.searchsorted(self._ends, rows, side="right"), return_counts=True)
        for run, count in zip(runs.tolist(), counts.tolist(), strict=True):
            if self._source[run] != HELD:
                yield self._source[run], count

    def merged(self, rows: Indices) -> None:
        for source, count in self._by_source(rows):
            self.found.merged[source] = self.found.merged.get(source, 0) + count

    def differs(self, column: str, rows: Indices) -> None:
        for source, count in self._by_source(rows):
            columns = self.found.differing.setdefault(source, {})
            columns[column] = columns.get(column, 0) + count


def _gathered(reader: pa.RecordBatchFileReader) -> Iterator[pa.Table]:
    """All of a spill, as a rule; in parts where it is larger than a range should be, as when one key fills it."""
    batches: list[pa.RecordBatch] = []
    for number in range(reader.num_record_batches):
        batches.append(reader.get_batch(number))
        if number + 1 == reader.num_record_batches or sum(batch.nbytes for batch in batches) > 2 * _RANGE_BYTES:
            yield pa.Table.from_batches(batches)
            batches = []


def _merged_range(spill: Path, counts: _Counter, keys: tuple[str, ...]) -> tuple[pa.Table, Indices]:
    """One row for each group of a range, and its first row's number; part by part, so that no group is too large."""
    held: pa.Table | None = None
    numbers = np.empty(0, np.int64)
    with pa.ipc.open_file(str(spill)) as reader:
        for part in _gathered(reader):
            rows, first = (np.asarray(part.column(name)) for name in ("row", "first"))
            counts.merged(rows[rows != first])
            part = part.drop_columns(["row", "first"])
            together = part if held is None else pa.concat_tables([held, part])
            held, differing = merge_rows(together, np.r_[numbers, first], keys)
            for column, mask in differing.items():
                counts.differs(column, rows[mask[len(numbers) :]])
            numbers = np.unique(np.r_[numbers, first])
    spill.unlink()
    assert held is not None
    return held, numbers


def _rewrite(
    files: list[Path],
    duplicates: Duplicates,
    ranges: Indices,
    spills: list[Path],
    sink: TableSink,
    counts: _Counter,
    keys: tuple[str, ...],
) -> None:
    """Write all rows in the order of their first appearance, the rows of each group as the one that they became."""
    loaded = -1
    merged, numbers = sink.schema.empty_table(), np.empty(0, np.int64)
    for table, start, low, high in _with_rows(_tables(files, sink.schema.names), duplicates.rows):
        rows, first = duplicates.rows[low:high], duplicates.first[low:high]
        if len(rows) == 0:
            sink.write(table)
            continue
        plain = np.setdiff1d(np.arange(table.num_rows), rows - start, assume_unique=True)
        pieces, where_to = [table.take(places(plain))], [plain]
        leaders = rows[rows == first]
        where = np.searchsorted(ranges, leaders, side="right") - 1
        for number in np.unique(where):
            if number != loaded:
                merged, numbers = _merged_range(spills[number], counts, keys)
                loaded = number
            mine = leaders[where == number]
            pieces.append(merged.take(places(np.searchsorted(numbers, mine))))
            where_to.append(mine - start)
        order = np.argsort(np.concatenate(where_to), kind="stable")
        sink.write(pa.concat_tables(pieces).take(places(order)))
