"""Names for Arrow's columns; pyarrow ships no types, so these tell the reader what the type checker cannot."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Chunked", "Column", "mask", "places"]

Column: TypeAlias = "pa.Array[Any]"
Chunked: TypeAlias = "pa.ChunkedArray[Any]"


def places(indices: npt.NDArray[np.integer[Any]]) -> Column:
    """Row numbers as Arrow's `take` wants them."""
    found: Column = pa.array(indices)
    return found


def mask(rows: npt.NDArray[np.bool_]) -> Column:
    """Marked rows as Arrow's `filter` wants them."""
    found: Column = pa.array(rows)
    return found
