"""How finely a source tells time: measured, because a window below it would see chance as haste."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records.arrow import Chunked, Column
from samehand.records.schema import DATASET_TABLES, TIME

__all__ = ["STEPS_S", "ResolutionMeter", "time_column"]

STEPS_S: Final = (1e-6, 1e-3, 1.0, 60.0, 3600.0, 86400.0)
"""The steps that are told apart, in seconds."""

SHARE: Final = 0.999
"""A step is the resolution when at least this share of a source's times are multiples of it."""

DISTINCT: Final = 5
"""Steps above a second are believed from so many distinct times on: four even minutes may be chance."""


def time_column(table: str) -> str | None:
    """The first column of a table that always holds a time, or None."""
    for column in DATASET_TABLES[table]:
        if column.type == TIME and not column.nullable:
            return str(column.name)
    return None


class ResolutionMeter:
    """Measures the time resolution of a stream of times: the largest of `STEPS_S` of which 99.9 % are multiples."""

    def __init__(self) -> None:
        self._seen = 0
        self._fits = np.zeros(len(STEPS_S), np.int64)
        self._distinct: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def take(self, times: Chunked | Column) -> None:
        """Look at more times (`timestamp[us, UTC]`); nulls are passed over."""
        ticks = np.asarray(pc.drop_null(times).cast(pa.int64()))
        self._seen += len(ticks)
        if len(self._distinct) < DISTINCT:
            self._distinct = np.unique(np.r_[self._distinct, ticks])[:DISTINCT]
        left = ticks
        for place, step in enumerate(STEPS_S):
            left = left[left % round(step * 1e6) == 0]
            self._fits[place] += len(left)

    @property
    def step_s(self) -> float | None:
        """The resolution in seconds; None when there were no times."""
        if self._seen == 0:
            return None
        fitting = [
            step
            for step, count in zip(STEPS_S, self._fits.tolist(), strict=True)
            if count >= SHARE * self._seen and (step <= 1 or len(self._distinct) == DISTINCT)
        ]
        return fitting[-1]
