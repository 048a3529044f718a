"""What every reader yields: columns of a file as they are, the number of each row, and rows that are none."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["RAW_CHARACTERS", "RawBatch", "Reject"]

RAW_CHARACTERS = 2_000
"""So much of a rejected row is kept as its raw text."""


@dataclass(frozen=True)
class Reject:
    """A row that could not be read: its number in the file, why, and its text."""

    row: int
    reason: str
    raw: str


@dataclass(frozen=True)
class RawBatch:
    """Some rows of a file.

    Attributes:
        table: the file's columns; text, unless the file itself has types.
        rows: the number of each row; the first after the header is 1, empty lines do not count.
        rejects: rows that are missing from `table`, with reasons.

    """

    table: pa.Table
    rows: npt.NDArray[np.int64]
    rejects: list[Reject] = field(default_factory=list)
