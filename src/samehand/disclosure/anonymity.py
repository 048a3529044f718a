"""k-anonymity: of no row of a table is it rarer than one in k what somebody outside could know of it.

Rows are made alike step by step: first each column that may be blunted is blunted one step, the coarsest gain first, as long as
rows stand out; what stands out still has its quasi-identifiers left out, and is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from samehand.errors import UsageError

__all__ = ["SUPPRESSED", "Blunted", "blunted"]

SUPPRESSED: Final = "*"
"""What stands where a value would tell somebody apart."""
Step = Callable[[Any], Any]


@dataclass(frozen=True)
class Blunted:
    """A table made k-anonymous.

    Attributes:
        rows: with their quasi-identifiers as they may be shown. k: as asked. steps: by column how many times it was blunted.
        suppressed: rows whose quasi-identifiers are left out. smallest: the least of those that are alike, among the others.

    """

    rows: list[dict[str, Any]]
    k: int
    steps: Mapping[str, int]
    suppressed: int
    smallest: int


def blunted(rows: Sequence[Mapping[str, Any]], steps: Mapping[str, Sequence[Step]], k: int) -> Blunted:
    """Make a table k-anonymous over some columns.

    Args:
        rows: as they are. steps: by quasi-identifier the ways to blunt it, each coarser than the one before; the first is
            applied always. k: the least number of rows that are alike, 2 or more.

    Raises:
        UsageError: k is less than 2, or a column has no way to be blunted.

    """
    if k < 2 or not all(steps.values()):
        raise UsageError("rows are made alike in twos at least, over columns that can be blunted")
    taken = dict.fromkeys(steps, 1)
    shown = _apply(rows, steps, taken)
    while (rare := _rare(shown, steps, k)) and (better := _next(rows, steps, taken, k, rare)) is not None:
        taken[better] += 1
        shown = _apply(rows, steps, taken)
    counts = Counter(_key(row, steps) for row in shown)
    out, suppressed = [], 0
    for row in shown:
        if counts[_key(row, steps)] < k:
            row = {**row, **dict.fromkeys(steps, SUPPRESSED)}
            suppressed += 1
        out.append(row)
    kept = [count for count in counts.values() if count >= k]
    return Blunted(out, k, dict(taken), suppressed, min(kept, default=0))


def _apply(
    rows: Sequence[Mapping[str, Any]], steps: Mapping[str, Sequence[Step]], taken: Mapping[str, int]
) -> list[dict[str, Any]]:
    return [{**row, **{name: steps[name][taken[name] - 1](row[name]) for name in steps}} for row in rows]


def _key(row: Mapping[str, Any], columns: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in columns)


def _rare(shown: Sequence[Mapping[str, Any]], columns: Mapping[str, Any], k: int) -> int:
    """How many rows stand out."""
    counts = Counter(_key(row, columns) for row in shown)
    return sum(count for count in counts.values() if count < k)


def _next(
    rows: Sequence[Mapping[str, Any]], steps: Mapping[str, Sequence[Step]], taken: Mapping[str, int], k: int, rare: int
) -> str | None:
    """The column whose next step leaves the fewest rows standing out; None where no step helps."""
    tried = {
        name: _rare(_apply(rows, steps, {**taken, name: taken[name] + 1}), steps, k)
        for name in steps if taken[name] < len(steps[name])
    }  # fmt: skip
    best = min(tried, key=lambda name: (tried[name], name), default=None)
    return best if best is not None and tried[best] < rare else None
