"""Counts by HyperLogLog sketches (Flajolet and others 2007), those of Apache DataSketches: little memory, a stated error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import MissingExtraError

__all__ = ["SketchCounter", "relative_error"]

LG_K: Final = 14
DEVIATIONS: Final = 2
"""Standard deviations between a count and its bounds: 95 %."""


def relative_error(lg_k: int = LG_K) -> float:
    """The relative standard error of the union of sketches of 2^lg_k registers: 1.04 / sqrt(2^lg_k).

    A union's; that of a sketch that was never put together with another one is smaller.
    """
    return float(1.04 / 2 ** (lg_k / 2))


class SketchCounter:
    """Counts in 16 KiB a group, however many there are.

    Raises:
        MissingExtraError: the library is not installed.

    """

    method = f"HyperLogLog, relative standard error {relative_error():.2%}"

    def __init__(self, lg_k: int = LG_K) -> None:
        try:
            import datasketches
        except ImportError as error:
            raise MissingExtraError(
                "sketches need the optional package: pip install 'samehand[sketch]', or count exactly without --sketch"
            ) from error
        self._library: Any = datasketches
        self._lg_k = lg_k
        self._groups: dict[tuple[str, str], Any] = {}

    def add(self, group: tuple[str, str], keys: pa.Array[Any]) -> None:
        """Take keys of a group."""
        library = self._library
        sketch = self._groups.get(group)
        if sketch is None:
            sketch = self._groups[group] = library.hll_sketch(self._lg_k, library.tgt_hll_type.HLL_8)
        for key in pc.unique(keys).to_pylist():
            sketch.update(key)

    def count(self, groups: Sequence[tuple[str, str]]) -> tuple[int, int, int]:
        """Different keys in all of the groups together, with bounds of two standard errors."""
        union = self._library.hll_union(self._lg_k)
        for group in groups:
            if group in self._groups:
                union.update(self._groups[group])
        whole = union.get_result(self._library.tgt_hll_type.HLL_8)
        low, high = whole.get_lower_bound(DEVIATIONS), whole.get_upper_bound(DEVIATIONS)
        return round(whole.get_estimate()), int(low), -int(-high // 1)
