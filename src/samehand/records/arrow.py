"""Names for Arrow's types as this project uses them: columns of any type, and its kernels.

The published stubs of `pyarrow.compute` reject many arguments that the kernels take (plain text beside arrays, arrays
of a type that is known at run time only), so the module is untyped here; results get their type where they land.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

__all__ = ["Chunked", "Column", "compute", "mask", "places"]

Column: TypeAlias = "pa.Array[Any]"
Chunked: TypeAlias = "pa.ChunkedArray[Any]"
compute: Any = pyarrow.compute


def places(indices: npt.NDArray[np.integer[Any]]) -> Column:
    """Row numbers as Arrow's `take` wants them."""
    found: Column = pa.array(indices)
    return found


def mask(rows: npt.NDArray[np.bool_]) -> pa.BooleanArray:
    """Marked rows as Arrow's `filter` wants them."""
    return pa.array(rows)
