"""Accounts that were stopped before they were active, as counts: the part of a sweep of which nothing else can be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

__all__ = ["PreActivity", "channel_of", "preactivity_of"]

COLUMNS: Final = pa.schema(
    [
        ("created_on", pa.string()),
        ("channel", pa.string()),
        ("rule_families", pa.string()),
        ("accounts", pa.int64()),
        ("posted", pa.int64()),
        ("reinstated", pa.int64()),
    ]
)
UNKNOWN: Final = "unknown"
CHANNELS: Final = frozenset({"direct", "search", "app_store", "play_store", "embed", "invite", "link", "qr"})


@dataclass(frozen=True)
class PreActivity:
    """The table `preactivity_daily`, and what is not in it.

    Attributes:
        table: created_on (day of the sign-up), channel (what the referrer begins with), rule_families (independent families
            that held the wave together, joined by `|`), accounts, posted (of these, with any post), reinstated.
        cells: that are left out because fewer than k accounts are in them. accounts: in these.

    """

    table: pa.Table
    cells: int
    accounts: int


def channel_of(referrer: str | None) -> str:
    """The way by which somebody came, without the code of an invitation or the address of a link; `other` for what is none."""
    kind = referrer.partition(":")[0] if referrer else UNKNOWN
    return kind if kind in CHANNELS or kind == UNKNOWN else "other"


def preactivity_of(
    signups: Iterable[pa.RecordBatch], families: Mapping[tuple[str, str], str], *, posted: Set[tuple[str, str]],
    reinstated: Set[tuple[str, str]], k: int,
) -> PreActivity:  # fmt: skip
    """Count sign-ups of accounts that were acted on, by day, channel and rule families.

    Args:
        signups: batches with platform, asset_id, at and referrer. families: what held together the wave of each account that
            was acted on. posted: accounts with any post. reinstated: accounts that were given back.
        k: a cell with fewer accounts is left out and counted.

    """
    cells: dict[tuple[str, str, str], Counter[str]] = {}
    seen: set[tuple[str, str]] = set()
    for batch in signups:
        for row in batch.to_pylist():
            key = (row["platform"], row["asset_id"])
            if key not in families or key in seen:
                continue
            seen.add(key)
            cell = cells.setdefault(
                (row["at"].date().isoformat(), channel_of(row["referrer"]), families[key]), Counter()
            )
            cell.update(accounts=1, posted=int(key in posted), reinstated=int(key in reinstated))
    kept = {cell: count for cell, count in sorted(cells.items()) if count["accounts"] >= k}
    left = [count["accounts"] for cell, count in cells.items() if cell not in kept]
    rows: list[dict[str, Any]] = [
        {
            "created_on": day,
            "channel": channel,
            "rule_families": names,
            **{
                name: value if name == "accounts" or value == 0 or value >= k else None for name, value in count.items()
            },
        }
        for (day, channel, names), count in kept.items()
    ]
    return PreActivity(pa.Table.from_pylist(rows, COLUMNS), len(left), sum(left))
