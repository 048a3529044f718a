"""Distinct accounts around targets, by what they did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ANY", "MEASURES", "Counter", "Reach", "Target", "count_audience"]

MEASURES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "followers_ge1": ("relations", ("follower",)),
    "members_ge1": ("relations", ("member",)),
    "viewers": ("engagements", ("view",)),
    "engagers": ("engagements", ("like", "comment", "share", "click")),
}
"""Each measure, its table, and the roles or kinds that count: accounts that followed one or more of the targets, and so on."""
ANY: Final = "any"


@dataclass(frozen=True)
class Target:
    """An asset whose audience is counted."""

    platform: str
    asset_id: str

    @property
    def key(self) -> str:
        """`platform:asset_id`."""
        return f"{self.platform}:{self.asset_id}"


@dataclass(frozen=True)
class Reach:
    """One count.

    Attributes:
        measure: one of MEASURES, or `any` for all of them together.
        target: null for all targets together.
        accounts: how many different ones. low, high: bounds of 95 %, the count itself where it is exact.

    """

    measure: str
    target: Target | None
    accounts: int
    low: int
    high: int


class Counter(Protocol):
    """Counts different keys, group by group, in one pass."""

    method: str

    def add(self, group: tuple[str, str], keys: pa.Array[Any]) -> None:
        """Take keys of a group (measure, target's key)."""

    def count(self, groups: Sequence[tuple[str, str]]) -> tuple[int, int, int]:
        """Different keys in all of the groups together, with bounds of 95 %."""


def count_audience(
    tables: Mapping[str, Iterable[pa.RecordBatch]], targets: Sequence[Target], counter: Counter
) -> list[Reach]:
    """Count.

    Args:
        tables: batches of `relations` (platform, asset_id, role, target_id) and `engagements` (the same with kind).
        targets: whose audience it is.
        counter: exact, or a sketch.

    Returns:
        For each measure, and for any of them, all targets together first, then each alone. A target's own doings with
        another one count: it is an account like others.

    """
    wanted = pa.array([target.key for target in targets], pa.string())
    for table, word in (("relations", "role"), ("engagements", "kind")):
        for batch in tables[table]:
            where = pc.binary_join_element_wise(batch.column("platform"), batch.column("target_id"), ":")
            place = pc.index_in(where, value_set=wanted)
            mine = batch.append_column("place", place).filter(pc.is_valid(place))
            for measure, (of_table, words) in MEASURES.items():
                if of_table == table and mine.num_rows:
                    _add(counter, measure, mine.filter(pc.is_in(mine.column(word), value_set=pa.array(words))), targets)
    found = []
    for measure in (*MEASURES, ANY):
        names = list(MEASURES) if measure == ANY else [measure]
        for target in (None, *targets):
            groups = [(name, one.key) for name in names for one in ([target] if target else targets)]
            found.append(Reach(measure, target, *counter.count(groups)))
    return found


def _add(counter: Counter, measure: str, rows: pa.RecordBatch, targets: Sequence[Target]) -> None:
    keys = pc.binary_join_element_wise(rows.column("platform"), rows.column("asset_id"), ":")
    for place in pc.unique(rows.column("place")).to_pylist():
        counter.add((measure, targets[place].key), keys.filter(pc.equal(rows.column("place"), place)))
