"""Files of posts as JSON: what a format makes of each value becomes rows of text cells."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from samehand.errors import FormatError
from samehand.sources.batches import RAW_CHARACTERS, RawBatch, Reject
from samehand.sources.json_cells import Cells
from samehand.sources.json_stream import ITEM, Entry, JsonStream, Mark, Place, Walk, json_file
from samehand.sources.streams import Limits

__all__ = ["Documents", "Reading", "members_of", "pages", "refused"]

_BATCH = 8_192
_FIRST = 100


@dataclass(frozen=True)
class Reading:
    """How a format reads JSON.

    Attributes:
        expected: what its files hold, for the message that refuses another.
        left_out: reasons of rejects that are of this format all the same; a file that begins with others only is refused.
        walk: which containers are walked rather than read whole.
        lines: whether its files may have one object a line.
        rows: cells by column for each row, in the file's order, or a reject; the numbers of rejects do not matter.

    """

    expected: str
    left_out: tuple[str, ...]
    walk: Walk
    lines: bool
    rows: Callable[[Iterator[Entry]], Iterator[Cells | Reject]]


def refused(reason: str, value: Any) -> Reject:
    """A value that becomes no row, not numbered yet."""
    return Reject(0, reason, json.dumps(value, ensure_ascii=False)[:RAW_CHARACTERS])


def pages(lists: tuple[str, ...], beside: tuple[str, ...] = ()) -> Walk:
    """Walk arrays, and objects that begin with one of these lists or with what stands beside them."""
    begins = re.compile(rb'\{\s*"(' + "|".join((*lists, *beside)).encode() + rb')"\s*:')

    def walk(place: Place, head: bytes) -> bool:
        if place == ():
            return head.startswith(b"[") or begins.match(head) is not None
        return len(place) == 1 and place[0] in lists

    return walk


def members_of(entries: Iterator[Entry], lists: tuple[str, ...]) -> Iterator[Any]:
    """What such a file holds, wherever it is: members of arrays and of these lists, else the values; rejects, too."""
    for place, value in entries:
        if isinstance(value, Reject):
            yield value
        elif value is Mark.OPENED or place[-1:] not in ((), (ITEM,)):
            continue
        else:
            found = [value[name] for name in lists if isinstance(value.get(name), list)] if _page(place, value) else []
            yield from (inner for members in found for inner in members) if found else (value,)


def _page(place: Place, value: Any) -> bool:
    return place == () and isinstance(value, dict)


class Documents:
    """A file of JSON; its rows count from 1.

    Args:
        path: the file.
        limits: what is safe to open.
        reading: how the format reads it.
        columns: names of the cells.

    Raises:
        FormatError: the first rows are none of this format's.

    """

    def __init__(self, path: Path, limits: Limits, reading: Reading, columns: tuple[str, ...]) -> None:
        file = json_file(path, limits, reading.walk) if reading.lines else JsonStream(path, limits, reading.walk)
        self.stream = file.stream
        self.columns = list(columns)
        self._rows = reading.rows(file.entries())
        self._first = list(islice(self._rows, _FIRST))
        if self._first and not any(_ours(row, reading) for row in self._first):
            reasons = dict.fromkeys(row.reason for row in self._first if isinstance(row, Reject))
            found = next((row.raw for row in self._first if isinstance(row, Reject)), "")[:100]
            self.stream.close()
            raise FormatError(
                f"{path} cannot be read: expected {reading.expected}; {', '.join(reasons)}; it begins with {found}"
            )

    def batches(self) -> Iterator[RawBatch]:
        """The rows, thousands at a time."""
        numbers: list[int] = []
        rows: list[Cells] = []
        rejects: list[Reject] = []
        for number, row in enumerate(self._all(), start=1):
            if isinstance(row, Reject):
                rejects.append(Reject(number, row.reason, row.raw))
            else:
                numbers.append(number)
                rows.append(row)
            if len(rows) + len(rejects) >= _BATCH:
                yield self._batch(numbers, rows, rejects)
                numbers, rows, rejects = [], [], []
        yield self._batch(numbers, rows, rejects)

    def _all(self) -> Iterator[Cells | Reject]:
        yield from self._first
        yield from self._rows

    def _batch(self, numbers: list[int], rows: list[Cells], rejects: list[Reject]) -> RawBatch:
        columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in self.columns}
        return RawBatch(pa.table(columns), np.array(numbers, np.int64), rejects)


def _ours(row: Cells | Reject, reading: Reading) -> bool:
    return not isinstance(row, Reject) or row.reason in reading.left_out
