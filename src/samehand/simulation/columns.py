"""Arrow columns by number: take, join, list; typed here once, as the stubs of pyarrow are too narrow for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.simulation.people import Integers

__all__ = ["Column", "as_text", "glued", "lists", "looked_up", "strings", "taken"]

Column: TypeAlias = Any
"""An Arrow array, or several as one: pa.Array or pa.ChunkedArray."""

_compute: Any = pc


def strings(values: Sequence[str]) -> Column:
    """A column of texts."""
    return pa.array(list(values), pa.string())


def as_text(numbers: Integers) -> Column:
    """Numbers in decimal."""
    return _compute.cast(pa.array(numbers), pa.string())


def taken(values: Column, numbers: Integers) -> Column:
    """The value of each number."""
    return values.take(pa.array(numbers))


def looked_up(values: Column, numbers: Integers) -> Column:
    """The value of each number, as a chunked array; null for -1."""
    found = pa.chunked_array([values]) if isinstance(values, pa.Array) else values
    indices: Any = pa.array(np.maximum(numbers, 0), mask=numbers < 0)
    return found.take(indices)


def glued(*parts: Column, between: str = "", skip_null: bool = False) -> Column:
    """Texts put together row by row; a null makes the row null, or is left out."""
    return _compute.binary_join_element_wise(*parts, between, null_handling="skip" if skip_null else "emit_null")


def lists(columns: Sequence[Column]) -> Column:
    """For each row the list of what it has in the columns; null where it has nothing."""
    present = [column.is_valid().to_numpy() for column in columns]
    counts = np.sum(present, axis=0)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    order = np.argsort(np.concatenate([np.flatnonzero(has) for has in present]), kind="stable")
    values = pa.chunked_array([chunk for column in columns for chunk in column.drop_null().chunks], pa.string())
    flat = taken(values, order).combine_chunks()
    make: Any = pa.ListArray.from_arrays
    return make(pa.array(offsets), flat, mask=pa.array(counts == 0))
