"""CSV and TSV: Arrow's parser over a repaired stream, and Python's where Arrow gives up; both give the same rows.

Rows are numbered from 1 after the header; empty lines do not count. A row with more or fewer cells than the header is
rejected. A quotation mark that nobody closes spoils its own line only.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from samehand.errors import FormatError
from samehand.sources.batches import RAW_CHARACTERS, RawBatch, Reject
from samehand.sources.streams import CleanStream, Limits, open_clean

__all__ = ["Delimited", "fast_batches", "slow_batches"]

_BLOCK = 4 << 20
_HEADER_BYTES = 1 << 20
_SLOW_ROWS = 16_384
_UNCLOSED = "a quotation mark is never closed"


class RefusedError(Exception):
    """Arrow cannot read this file, or cannot be trusted with it; never seen outside this module."""


class Delimited:
    """A CSV or TSV file: its header is read at once, its rows on demand.

    Attributes:
        columns: the header's cells, made unique; a cell without a name is `column N`.
        delimiter: the character between cells: the one of comma, tab, semicolon and bar that gives most columns.
        stream: the bytes below, with what was repaired in them.

    Raises:
        FormatError: the file is empty, or its first line is no header.

    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.stream = open_clean(path, limits)
        self.columns, self.delimiter = self._header(self.stream)

    def batches(self) -> Iterator[RawBatch]:
        """The rows; whatever Arrow refuses is read again by Python's parser from where the last good batch ended."""
        done = 0
        try:
            for batch in fast_batches(self.stream, self.columns, self.delimiter, self.limits):
                yield batch
                done = max([done, *batch.rows[-1:].tolist(), *(reject.row for reject in batch.rejects)])
        except RefusedError:
            self.stream.close()
            self.stream = open_clean(self.path, self.limits)
            self._header(self.stream)
            yield from slow_batches(self.stream, self.columns, self.delimiter, self.limits, skip=done)
        finally:
            self.stream.close()

    def _header(self, stream: CleanStream) -> tuple[list[str], str]:
        """Read the header and leave the stream at the first row."""
        head = b""
        while True:
            more = stream.read(1 << 16)
            head += more
            delimiter = _delimiter(self.path, head)
            cells, used = _first_record(head, delimiter)
            if cells and (used < len(head) or not more):
                _no_json(self.path, cells)
                stream.unread(head[used:])
                return _unique(cells), delimiter
            if not more:
                raise FormatError(f"{self.path} is empty: there is not even a header line")
            if len(head) > _HEADER_BYTES:
                raise FormatError(
                    f"{self.path} has no header within its first {_HEADER_BYTES:,} bytes; is it a CSV file?"
                )


def _no_json(path: Path, cells: list[str]) -> None:
    """Refuse a file that begins as JSON does: as a header its first line would only be told to lack columns."""
    if re.match(r'\s*(\{\s*("|$)|\[\s*(\{|$))', cells[0]):
        raise FormatError(
            f"{path} looks like JSON, not like CSV; name a format that reads JSON (x-api, telegram, bluesky, mastodon), or for "
            "one JSON object a line save it as .jsonl and import it as `table`"
        )


def _first_record(head: bytes, delimiter: str) -> tuple[list[str], int]:
    """The first record that is not empty and the number of bytes up to its end."""
    lines = io.StringIO(head.decode("utf-8", "replace"), newline="")
    csv.field_size_limit(_HEADER_BYTES * 2)
    for cells in csv.reader(lines, delimiter=delimiter):
        if any(cell.strip() for cell in cells) and not _excel_hint(cells, delimiter):
            # a header is ASCII or whole characters: what is cut off at the end of `head` lies behind it
            return cells, len(lines.getvalue()[: lines.tell()].encode("utf-8"))
    return [], len(head)


def _excel_hint(cells: list[str], delimiter: str) -> bool:
    """Whether a line is Excel's `sep=;`."""
    return delimiter.join(cells).strip().lower() in {f"sep={mark}" for mark in ",;\t|"}


def _delimiter(path: Path, head: bytes) -> str:
    name = path.name.lower().removesuffix(".gz").removesuffix(".zst")
    if name.endswith((".tsv", ".tab")):
        return "\t"
    return max(",\t;|", key=lambda mark: len(_first_record(head, mark)[0]))


def _unique(cells: list[str]) -> list[str]:
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = base = " ".join(cell.split()) or f"column {number}"
        again = 1
        while name in names:
            again += 1
            name = f"{base}#{again}"
        names.append(name)
    return names


def _width_reason(expected: int, actual: int) -> str:
    return f"{actual} cells where the header has {expected}"


class _Tail(io.RawIOBase):
    """Hands a stream on to Arrow and remembers its last bytes."""

    def __init__(self, stream: CleanStream, size: int) -> None:
        super().__init__()
        self._stream = stream
        self._size = size
        self._last = b""
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = _BLOCK) -> bytes:
        try:
            # whole blocks, so that batches are large
            parts = [self._stream.read(size)]
            while parts[-1] and (missing := size - sum(map(len, parts))) > 0:
                parts.append(self._stream.read(missing))
            data = b"".join(parts)
        except BaseException as error:
            self.error = error
            raise
        self._last = (self._last + data)[-self._size :] if len(data) < self._size else data[-self._size :]
        return data

    @property
    def last(self) -> bytes:
        return self._last


def fast_batches(stream: CleanStream, columns: list[str], delimiter: str, limits: Limits) -> Iterator[RawBatch]:
    """Rows by Arrow's parser; a batch is handed out only when the next one, or the end, shows that it is sound.

    Raises:
        RefusedError: Arrow cannot read on, a cell is too long, or the last quotation mark is never closed.

    """
    invalid: deque[Reject] = deque()
    tail = _Tail(stream, 2 * limits.field_bytes + 2)
    held: RawBatch | None = None
    row = 1
    try:
        first = tail.read(_BLOCK)
        if not first:
            return
        stream.unread(first)
        for record_batch in _arrow_reader(tail, len(columns), delimiter, invalid):
            table = pa.Table.from_batches([record_batch]).rename_columns(columns)
            numbers = _numbers(row, table.num_rows, invalid)
            row = int(numbers[-1]) + 1 if len(numbers) else row
            _refuse_long(table, limits)
            if held is not None:
                yield held
            held = RawBatch(table, numbers, [invalid.popleft() for _ in range(_before(invalid, row))])
    except pa.ArrowException as error:
        if tail.error is not None:
            raise tail.error from None
        raise RefusedError(str(error)) from error
    rest = list(invalid)
    if _unclosed(held, rest, tail.last):
        raise RefusedError(_UNCLOSED)
    if held is None:
        held = RawBatch(pa.table({name: pa.array([], pa.string()) for name in columns}), np.empty(0, np.int64))
    yield RawBatch(held.table, held.rows, held.rejects + rest)


def _arrow_reader(tail: _Tail, width: int, delimiter: str, invalid: deque[Reject]) -> Iterable[pa.RecordBatch]:
    """Arrow's batches of text; rows of another width go to `invalid`."""

    def skip(row: pa.csv.InvalidRow) -> Literal["skip"]:
        reason = _width_reason(row.expected_columns, row.actual_columns)
        invalid.append(Reject(row.number or 0, reason, row.text.rstrip("\r\n")[:RAW_CHARACTERS]))
        return "skip"

    names = [str(number) for number in range(width)]
    reader: Iterable[pa.RecordBatch] = pa.csv.open_csv(
        pa.PythonFile(tail, "r"),
        # one thread, for with several Arrow does not know a row's number
        read_options=pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    return reader


def _before(rejects: deque[Reject], row: int) -> int:
    return sum(1 for reject in rejects if reject.row < row)


def _numbers(start: int, count: int, invalid: deque[Reject]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The next row numbers, those of invalid rows left out."""
    gaps = np.array([reject.row for reject in invalid if reject.row >= start], np.int64)
    numbers = np.arange(start, start + count + len(gaps), dtype=np.int64)
    return numbers[~np.isin(numbers, gaps)][:count]


def _refuse_long(table: pa.Table, limits: Limits) -> None:
    if table.nbytes <= limits.field_bytes:
        return
    for column in table.itercolumns():
        longest = pc.max(pc.binary_length(column)).as_py()
        if longest is not None and longest > limits.field_bytes:
            raise RefusedError("a cell is too long")


def _unclosed(held: RawBatch | None, rest: list[Reject], last: bytes) -> bool:
    """Whether the file may end inside quotation marks; when in doubt, Python's parser decides."""
    rejects = [*(held.rejects if held else []), *rest]
    last_row = int(held.rows[-1]) if held and len(held.rows) else 0
    if rejects and rejects[-1].row > last_row:
        return '"' in rejects[-1].raw or len(rejects[-1].raw) >= RAW_CHARACTERS
    if held is None or not len(held.rows):
        return False
    cell = held.table.column(held.table.num_columns - 1)[-1].as_py().replace('"', '""').encode()
    return last.endswith(b'"' + cell)


class _Lines(Iterator[str]):
    """Lines for Python's parser, with those of the record at hand remembered so that they can be put back."""

    def __init__(self, stream: CleanStream, limits: Limits) -> None:
        self._text = io.TextIOWrapper(io.BufferedReader(stream), encoding="utf-8", newline="")
        self._limits = limits
        self._pending: deque[str] = deque()
        self.taken: list[str] = []
        self._size = 0
        self.ended = False

    def begin(self) -> None:
        self.taken, self._size, self.ended = [], 0, False

    def __next__(self) -> str:
        line = self._pending.popleft() if self._pending else self._text.readline(self._limits.line_bytes)
        if not line:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if self._size >= self._limits.line_bytes:
            raise RefusedError("a record is too long")
        return line

    def put_back_rest(self) -> str:
        """Give up the record at hand: its first line is returned, the others will come again."""
        first, *rest = self.taken
        self._pending.extendleft(reversed(rest))
        while not first.endswith(("\n", "\r")) and not self._pending and (more := self._text.readline(1 << 16)):
            if more.endswith(("\n", "\r")):
                break
        return first


def slow_batches(
    stream: CleanStream, columns: list[str], delimiter: str, limits: Limits, *, skip: int = 0
) -> Iterator[RawBatch]:
    """Rows by Python's parser, from the one after `skip` on."""
    records = _records(_Lines(stream, limits), len(columns), delimiter, limits)
    wanted = (record for record in records if record[0] > skip)
    while chunk := list(islice(wanted, _SLOW_ROWS)):
        good = [(row, cells) for row, cells in chunk if isinstance(cells, list)]
        rejects = [cells for _, cells in chunk if isinstance(cells, Reject)]
        cells_by_column = list(zip(*(cells for _, cells in good), strict=True)) or [()] * len(columns)
        arrays = [pa.array(cells, pa.string()) for cells in cells_by_column]
        yield RawBatch(
            pa.Table.from_arrays(arrays, names=columns), np.array([row for row, _ in good], np.int64), rejects
        )


def _records(lines: _Lines, width: int, delimiter: str, limits: Limits) -> Iterator[tuple[int, list[str] | Reject]]:
    """Each record with its number: its cells, or why it is none."""
    csv.field_size_limit(2 * limits.line_bytes)
    reader = csv.reader(lines, delimiter=delimiter)
    row = 0
    while True:
        lines.begin()
        try:
            cells = next(reader, None)
            spoilt = cells is not None and (lines.ended or _too_long(cells, lines.taken, limits))
        except (RefusedError, csv.Error):
            cells, spoilt = [], True
        if cells is None:
            return
        if spoilt:
            row += 1
            long = len(lines.taken) == 1 and len(lines.taken[0]) >= limits.field_bytes
            raw = lines.put_back_rest().rstrip("\r\n")[:RAW_CHARACTERS]
            yield row, Reject(row, "a cell or row is too long" if long else _UNCLOSED, raw)
            reader = csv.reader(lines, delimiter=delimiter)
        elif cells:
            row += 1
            raw = "".join(lines.taken).rstrip("\r\n")[:RAW_CHARACTERS] if len(cells) != width else ""
            yield row, cells if len(cells) == width else Reject(row, _width_reason(width, len(cells)), raw)


def _too_long(cells: list[str], taken: list[str], limits: Limits) -> bool:
    if sum(map(len, taken)) * 4 <= limits.field_bytes:
        return False
    return any(len(cell.encode()) > limits.field_bytes for cell in cells)
