"""Columns of run tables by numbers: millions of rows repeat a few words."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.runs.loading import World

__all__ = ["coded", "key_columns", "taken"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


def taken(array: pa.Array[Any], index: npt.NDArray[Any]) -> pa.Array[Any]:
    """The elements of these numbers."""
    return array.take(pa.array(index))


def coded(words: pa.Array[Any], index: npt.NDArray[np.integer[Any]]) -> pa.Array[Any]:
    """Words by their numbers, null below zero, as a dictionary column: millions of rows repeat a few words."""
    used = np.zeros(len(words), np.bool_)
    missing = index < 0
    used[index[~missing] if missing.any() else index] = True
    number = np.cumsum(used, dtype=np.int32) - np.int32(1)
    places = number[index] if len(words) else np.full(len(index), -1, np.int32)
    indices = pa.array(places, mask=missing) if missing.any() else pa.array(places)
    return pa.DictionaryArray.from_arrays(indices, taken(words, np.flatnonzero(used)))


def key_columns(world: World, trace: str, first: I32, second: I32, window_s: I64) -> dict[str, Any]:
    """The columns that name an edge: two accounts (by number), a trace, a window."""
    return {
        "platform_a": coded(world.platforms, first),
        "asset_a": coded(world.assets, first),
        "platform_b": coded(world.platforms, second),
        "asset_b": coded(world.assets, second),
        "trace": coded(pa.array([trace], pa.string()), np.zeros(len(first), np.int32)),
        "window_s": window_s,
    }
