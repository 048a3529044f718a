"""Rows that are one thing made one row: the first value that is not null stays, lists are united, differences counted.

Pure functions of Arrow tables and NumPy arrays; `staging` streams tables of any size through them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records.arrow import Chunked, Column, places
from samehand.records.schema import DATASET_TABLES, KEYS

__all__ = ["Duplicates", "find_duplicates", "key_columns", "key_hashes", "keyed_hashes", "merge_rows"]

Indices = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


def key_columns(table: str) -> tuple[str, ...]:
    """The columns that make a row of a table one thing: its key, or all columns where none is declared."""
    return KEYS.get(table) or tuple(DATASET_TABLES[table].names)


def key_hashes(keys: pa.Table) -> Hashes:
    """A 64-bit hash of each row, 40 ns a row; equal rows have equal hashes, null equals null.

    It only finds suspects: `keyed_hashes` confirms them, since anyone can build collisions of a public hash function.
    """
    if keys.num_rows == 0:
        return np.empty(0, np.uint64)
    columns = ", ".join(f'"{name}"' for name in keys.column_names)
    with _hasher().cursor() as connection:
        connection.register("keys", keys)
        found = connection.execute(f"SELECT hash({columns}) AS h FROM keys").fetchnumpy()["h"]
    return np.asarray(found, dtype=np.uint64)


@functools.cache
def _hasher() -> duckdb.DuckDBPyConnection:
    """One connection for the process: to open one takes 13 ms, to hash a batch 2."""
    return duckdb.connect(config={"threads": 1})


def keyed_hashes(keys: pa.Table) -> Hashes:
    """Python's SipHash of each row as 64-bit integers, under a key that a file's author cannot know."""
    columns = [
        (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
        for column in keys.itercolumns()
    ]
    hashes = np.fromiter(map(hash, zip(*columns, strict=True)), dtype=np.int64, count=keys.num_rows)
    return hashes.view(np.uint64)


@dataclass(frozen=True)
class Duplicates:
    """Rows that share their key with another row, by their number from the table's start.

    Attributes:
        rows: numbers of all rows of groups of two or more, ascending.
        first: for each of `rows`, the number of the first row of its group.

    """

    rows: Indices
    first: Indices

    def __len__(self) -> int:
        return len(self.rows)


def find_duplicates(hashes: Hashes, confirm: Callable[[Indices], Hashes]) -> Duplicates:
    """Find the rows whose key another row has, too.

    Args:
        hashes: one public hash a row, in row order.
        confirm: gives keyed hashes of the rows whose numbers it is handed (ascending).

    """
    suspects = _repeated(hashes)
    if len(suspects) == 0:
        return Duplicates(suspects, suspects)
    public, keyed = hashes[suspects], confirm(suspects)
    first = np.full(len(suspects), -1, np.int64)
    # an eighth at a time: sorting needs several copies, and rows of one key share the top bits of their hash
    eighths = (public >> np.uint64(61)).astype(np.uint8)
    for eighth in range(8):
        _mark_first(first, np.flatnonzero(eighths == eighth), public, keyed)
    real = first >= 0
    return Duplicates(suspects[real], suspects[first[real]])


def _mark_first(first: Indices, chosen: Indices, public: Hashes, keyed: Hashes) -> None:
    """Write into `first`, for each chosen row whose two hashes occur twice, the place of the first row with them."""
    # a stable sort, so that the first of a group stays its first row
    order = chosen[np.lexsort((keyed[chosen], public[chosen]))]
    by_public, by_key = public[order], keyed[order]
    changes = (by_public[1:] != by_public[:-1]) | (by_key[1:] != by_key[:-1])
    begins = np.flatnonzero(np.r_[True, changes][: len(order)])
    sizes = np.diff(np.r_[begins, len(order)])
    first[order] = np.repeat(np.where(sizes > 1, order[begins], -1), sizes)


def _repeated(hashes: Hashes) -> Indices:
    """Numbers of the rows whose hash occurs more than once."""
    ordered = np.sort(hashes)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    repeated = repeated[np.r_[True, repeated[1:] != repeated[:-1]]] if len(repeated) else repeated
    if len(repeated) == 0:
        return np.empty(0, np.int64)
    found = []
    step = 1 << 20
    for start in range(0, len(hashes), step):
        part = hashes[start : start + step]
        place = np.minimum(np.searchsorted(repeated, part), len(repeated) - 1)
        found.append(np.flatnonzero(repeated[place] == part) + start)
    return np.concatenate(found).astype(np.int64)


def merge_rows(table: pa.Table, group: Indices, keys: Sequence[str]) -> tuple[pa.Table, dict[str, Mask]]:
    """Make one row of each group.

    Args:
        table: rows in the order in which they were read.
        group: a number for each row; rows of one number become one row.
        keys: columns that are equal within a group.

    Returns:
        One row for each group by ascending number, and for each column with differences which rows of `table` had
        another value than the one that stays.

    """
    order = np.argsort(group, kind="stable")
    table = table.take(places(order))
    ordered = group[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, np.int64)
    of_row = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(ordered)]))
    merged: list[Column | Chunked] = []
    differing: dict[str, Mask] = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if name in keys:
            merged.append(column.take(places(starts)))
        elif pa.types.is_list(column.type):
            merged.append(_united(column, of_row, len(starts)))
        else:
            values, differs = _first_value(column, of_row, starts)
            merged.append(values)
            if differs.any():
                differing[name] = np.empty_like(differs)
                differing[name][order] = differs
    return pa.Table.from_arrays(merged, schema=table.schema), differing


def _first_value(column: Column, of_row: Indices, starts: Indices) -> tuple[Column, Mask]:
    """The first value that is not null of each group, and which rows hold another one."""
    valid = np.asarray(pc.is_valid(column))
    place = np.where(valid, np.arange(len(valid)), len(valid))
    first = np.minimum.reduceat(place, starts) if len(starts) else starts
    chosen: Column = pa.array(first, mask=first == len(valid))
    values = column.take(chosen)
    same = pc.equal(column, values.take(places(of_row)))
    return values, ~np.asarray(pc.fill_null(same, True))


def _united(column: Column, of_row: Indices, groups: int) -> Column:
    """The lists of each group as one list without repetition, in the order of reading; null where all are null."""
    codes = pc.list_flatten(column).dictionary_encode()
    owner = of_row[np.asarray(pc.list_parent_indices(column))]
    code = np.asarray(codes.indices).astype(np.int64)
    _, first = np.unique(owner.astype(np.int64) * (len(codes.dictionary) + 1) + code, return_index=True)
    first.sort()
    counts = np.bincount(owner[first], minlength=groups)
    offsets = np.r_[0, np.cumsum(counts)].astype(np.int32)
    given = np.bincount(of_row[np.asarray(pc.is_valid(column))], minlength=groups) > 0
    values = codes.dictionary.take(places(code[first]))
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=column.type, mask=pa.array(~given))
