from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.stats import rankdata

from samehand.simulation import SignupWorld

Flags = npt.NDArray[np.bool_]


def column(table: pa.Table, name: str) -> npt.NDArray[Any]:
    return np.array(table[name].to_pylist(), dtype=object)


def of_role(world: SignupWorld, role: str) -> Flags:
    found: Flags = column(world.truth, "role") == role
    return found


def of_group(world: SignupWorld, name: str) -> pa.Table:
    """The sign-ups of one hard negative."""
    return world.signups.filter(pa.array(column(world.truth, "scenario") == name))


def auc(score: npt.NDArray[np.float64], positive: Flags) -> float:
    """The chance that a positive row scores above another one."""
    count = int(positive.sum())
    ranks = float(rankdata(score)[positive].sum())
    return (ranks - count * (count + 1) / 2) / (count * (len(positive) - count))


def frequency(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """How many rows have the value of each row."""
    _, where, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    return counts[where].astype(np.float64)


def share(values: npt.NDArray[Any], holds: Callable[[Any], bool]) -> float:
    """Share of the values that are there for which something holds."""
    there = [value for value in values.tolist() if value is not None]
    return sum(map(holds, there)) / len(there)
