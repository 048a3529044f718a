"""What is held about each sign-up in memory, and the decisions that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.policy import DECISIONS
from samehand.records import schema_of
from samehand.signups.arrays import grown
from samehand.signups.ladder import Evidence

__all__ = ["NO_EVIDENCE", "Standing", "decisions_table"]

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int8]
F64 = npt.NDArray[np.float64]

NO_EVIDENCE = -12.0
"""Score of a sign-up of which nothing is known: the log odds of one in 160,000."""
_NOTHING = {"d": NO_EVIDENCE, "f": np.nan}
"""What stands in a new row, by the kind of number; 0 else."""


@dataclass
class Standing:
    """What is held about each row in memory, at the same places as in the ledger.

    Attributes:
        rung: int8, place in DECISIONS. lifted: bool, by a person, so that the machine does not raise it again.
        taken: bool, of an account that is taken down already, so that there is nothing more to decide.
        odds, families, all_families, members: as in Evidence, of the wave that it fits best.
        wave: int32, that wave's number; 0 for none.
        known_odds, known_families: as in Evidence. hop: int8, over how many steps it is tied to accounts taken down.
        learned, device, by_device: as in Evidence.

    """

    rung: I8 = field(default_factory=lambda: np.zeros(1024, np.int8))
    odds: F64 = field(default_factory=lambda: np.full(1024, NO_EVIDENCE))
    families: I8 = field(default_factory=lambda: np.zeros(1024, np.int8))
    all_families: I8 = field(default_factory=lambda: np.zeros(1024, np.int8))
    known_families: I8 = field(default_factory=lambda: np.zeros(1024, np.int8))
    known_odds: F64 = field(default_factory=lambda: np.full(1024, NO_EVIDENCE))
    wave: I32 = field(default_factory=lambda: np.zeros(1024, np.int32))
    members: I32 = field(default_factory=lambda: np.zeros(1024, np.int32))
    hop: I8 = field(default_factory=lambda: np.zeros(1024, np.int8))
    lifted: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1024, np.bool_))
    taken: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1024, np.bool_))
    learned: npt.NDArray[np.float32] = field(default_factory=lambda: np.full(1024, np.nan, np.float32))
    device: I32 = field(default_factory=lambda: np.zeros(1024, np.int32))
    by_device: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1024, np.bool_))

    def begin(self, low: int, high: int) -> None:
        """Nothing is held about new rows yet."""
        for one in fields(self):
            array = grown(getattr(self, one.name), high)
            array[low:high] = _NOTHING.get(array.dtype.char, 0)
            setattr(self, one.name, array)

    def forget(self, gone: int, end: int) -> None:
        """Follow a ledger that has dropped its first rows and has `end` left."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name)[gone : gone + end].copy())

    def evidence(self, rows: I64) -> Evidence:
        """What speaks against some rows."""
        return Evidence(
            np.maximum(self.odds[rows], self.known_odds[rows]),
            np.maximum(self.families[rows], self.known_families[rows]),
            np.maximum(self.all_families[rows], self.known_families[rows]),
            self.known_families[rows], self.known_odds[rows], self.members[rows],
            self.learned[rows].astype(np.float64), self.device[rows], self.by_device[rows],
        )  # fmt: skip


def decisions_table(
    names: Sequence[tuple[str, str]], at_us: I64, decided_us: I64, rungs: I8, scores: F64, p_values: F64, waves: I32,
    reasons: Sequence[Sequence[str]], version: str,
) -> pa.Table:  # fmt: skip
    """Rows of `decisions`; a p-value of NaN and a wave of 0 are null."""
    n = len(rungs)
    micro = pa.timestamp("us", "UTC")
    wave = pa.array([f"W{number}" if number else None for number in waves.tolist()], pa.string())
    columns = [
        pa.array([platform for platform, _ in names], pa.string()), pa.array([asset for _, asset in names], pa.string()),
        pa.array(at_us, micro), pa.array(decided_us, micro),
        pa.DictionaryArray.from_arrays(pa.array(rungs), pa.array(DECISIONS)).cast(pa.string()), pa.array(scores),
        pa.array(p_values, mask=np.isnan(p_values)), wave, pa.array(list(reasons), pa.list_(pa.string())),
        pa.array([version] * n, pa.string()),
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=schema_of("decisions"))
