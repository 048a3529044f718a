"""Arrays that grow as sign-ups come."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["grown"]

Kind = TypeVar("Kind", bound=np.generic)


def grown(array: npt.NDArray[Kind], rows: int, fill: float = 0) -> npt.NDArray[Kind]:
    """The array with room for so many rows: itself, or a copy of twice the length or more whose new rows are `fill`."""
    if len(array) >= rows:
        return array
    wider = np.full((max(rows, 2 * len(array)), *array.shape[1:]), fill, array.dtype)
    wider[: len(array)] = array
    return wider
