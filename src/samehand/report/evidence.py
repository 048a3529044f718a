"""What ties a network together, read from the receipts: who did what to which object, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import Dataset, Run

__all__ = ["Account", "Activity", "Evidence", "Thing", "Tie", "accounts_mentioned", "accounts_named", "posts_read"]

Account: TypeAlias = tuple[str, str]
"""Platform and asset_id."""

EXAMPLES: Final = 6
THINGS: Final = 8
LOOKED_AT: Final = 8
"""Objects looked at for each one shown."""


@dataclass(frozen=True)
class Activity:
    """One account's activity on one object; the time in microseconds since 1970, UTC."""

    account: Account
    at_us: int
    post_id: str | None


@dataclass(frozen=True)
class Thing:
    """An object that members shared within a window.

    Attributes:
        trace, object_id: what it is.
        members: how many different ones are tied by it; activities: how often.
        base_rate: the chance that two unrelated accounts who both shared it fall within the window; null if unknown.
        first_us, last_us: first and last of these activities.
        examples: the first activities, one an account.

    """

    trace: str
    object_id: str
    members: int
    activities: int
    base_rate: float | None
    first_us: int
    last_us: int
    examples: tuple[Activity, ...]


@dataclass(frozen=True)
class Tie:
    """The evidence on one pair, all traces together: `bits` is its strongest, `traces` where it was found."""

    a: Account
    b: Account
    bits: float
    p_value: float
    shared_objects: int
    co_activities: int
    traces: tuple[str, ...]


_TIED = """
CREATE TEMP TABLE tied AS
WITH ends AS (
    SELECT a.network_id, r.platform_a AS platform, r.asset_a AS asset_id, r.trace, r.object_id, r.post_a AS post_id,
           epoch_us(r.at_a) AS at_us, r.base_rate
    FROM receipts r JOIN members a ON a.platform = r.platform_a AND a.asset_id = r.asset_a
    JOIN members b ON b.platform = r.platform_b AND b.asset_id = r.asset_b AND a.network_id = b.network_id
    UNION ALL
    SELECT a.network_id, r.platform_b, r.asset_b, r.trace, r.object_id, r.post_b, epoch_us(r.at_b), r.base_rate
    FROM receipts r JOIN members a ON a.platform = r.platform_a AND a.asset_id = r.asset_a
    JOIN members b ON b.platform = r.platform_b AND b.asset_id = r.asset_b AND a.network_id = b.network_id)
SELECT network_id, platform, asset_id, trace, object_id, post_id, at_us, min(base_rate) AS base_rate FROM ends
WHERE trace <> 'fused' OR NOT EXISTS (SELECT 1 FROM receipts WHERE trace <> 'fused')
GROUP BY ALL
"""

_THINGS = """
SELECT trace, object_id, count(DISTINCT (platform, asset_id)) AS members, count(*) AS activities,
       min(base_rate) AS rate, min(at_us) AS first_us, max(at_us) AS last_us
FROM tied WHERE network_id = ? GROUP BY trace, object_id
ORDER BY trace = 'domain', members DESC, rate ASC NULLS LAST, first_us, trace, object_id
"""

_EXAMPLES = """
SELECT platform, asset_id, min(at_us) AS at_us, arg_min(post_id, (at_us, post_id)) AS post_id
FROM tied WHERE network_id = ? AND trace = ? AND object_id = ?
GROUP BY platform, asset_id ORDER BY at_us, platform, asset_id LIMIT ?
"""

_TIES = """
SELECT e.platform_a, e.asset_a, e.platform_b, e.asset_b, max(e.bits) AS bits, min(e.p_value) AS p,
       max(e.shared_objects) AS shared, max(e.co_activities) AS together,
       list_sort(list(DISTINCT e.trace)) AS traces
FROM edges e JOIN members a ON a.platform = e.platform_a AND a.asset_id = e.asset_a
JOIN members b ON b.platform = e.platform_b AND b.asset_id = e.asset_b AND a.network_id = b.network_id
WHERE a.network_id = ? GROUP BY ALL ORDER BY bits DESC, p, 1, 2, 3, 4
"""


_LOOSE = """
SELECT e.platform_a, e.asset_a, e.platform_b, e.asset_b, max(e.bits) AS bits, min(e.p_value) AS p,
       max(e.shared_objects) AS shared, max(e.co_activities) AS together,
       list_sort(list(DISTINCT e.trace)) AS traces, count(*) OVER () AS found
FROM edges e LEFT JOIN members a ON a.platform = e.platform_a AND a.asset_id = e.asset_a
LEFT JOIN members b ON b.platform = e.platform_b AND b.asset_id = e.asset_b
GROUP BY e.platform_a, e.asset_a, e.platform_b, e.asset_b
HAVING NOT coalesce(bool_or(a.network_id = b.network_id), false)
ORDER BY bits DESC, p, 1, 2, 3, 4 LIMIT ?
"""


def _tie(row: tuple[Any, ...]) -> Tie:
    return Tie((row[0], row[1]), (row[2], row[3]), row[4], row[5], row[6], row[7], tuple(row[8]))


class Evidence:
    """A run's edges and receipts, opened for questions about one network at a time."""

    def __init__(self, run: Run) -> None:
        self._database = duckdb.connect(config={"threads": 2})
        for name in ("edges", "receipts", "members"):
            self._database.register(name, run.table(name))
        self._database.execute(_TIED)

    def __enter__(self) -> Evidence:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.execute(query, list(values)).fetchall()

    def spans(self) -> dict[str, tuple[int, int, tuple[str, ...]]]:
        """For each network its first and last tied activity (microseconds since 1970) and its traces."""
        rows = self._rows(
            "SELECT network_id, min(at_us), max(at_us), list_sort(list(DISTINCT trace)) FROM tied GROUP BY network_id"
        )
        return {row[0]: (row[1], row[2], tuple(row[3])) for row in rows}

    def moments(self, network_id: str) -> list[int]:
        """When members published what is tied, each post once; microseconds since 1970, ascending."""
        query = (
            "SELECT at_us FROM (SELECT DISTINCT platform, asset_id, at_us, post_id FROM tied WHERE network_id = ?) "
            "ORDER BY at_us"
        )
        return [row[0] for row in self._rows(query, network_id)]

    def things(self, network_id: str) -> tuple[list[Thing], int]:
        """The objects that most members share, rarest first among equals, with examples; and how many there are.

        A post that bears a link, a hashtag and a text ties by all three: an object whose examples were all shown with
        an earlier one is passed over. Sites come after everything else, as links say more.
        """
        rows = self._rows(_THINGS, network_id)
        found: list[Thing] = []
        seen: set[tuple[Account, int]] = set()
        for trace, object_id, members, activities, rate, first, last in rows[: LOOKED_AT * THINGS]:
            examples = tuple(
                Activity((platform, asset_id), at_us, post_id)
                for platform, asset_id, at_us, post_id in self._rows(_EXAMPLES, network_id, trace, object_id, EXAMPLES)
            )
            acts = {(activity.account, activity.at_us) for activity in examples}
            if acts <= seen:
                continue
            seen |= acts
            found.append(Thing(trace, object_id, members, activities, rate, first, last, examples))
            if len(found) == THINGS:
                break
        return found, len(rows)

    def ties(self, network_id: str) -> list[Tie]:
        """Every pair of members with an edge, the strongest first."""
        return [_tie(row) for row in self._rows(_TIES, network_id)]

    def loose_ties(self, limit: int) -> tuple[list[Tie], int]:
        """The strongest pairs with an edge that are not of one network, and how many there are."""
        rows = self._rows(_LOOSE, limit)
        return [_tie(row) for row in rows], rows[0][9] if rows else 0


def _matching(
    dataset: Dataset, table: str, key: str, columns: Sequence[str], wanted: Iterable[str]
) -> Iterable[Mapping[str, Any]]:
    values = pa.array(sorted(set(wanted)), pa.string())
    if not len(values):
        return
    for batch in dataset.batches(table, columns):
        hits: Any = pc.is_in(batch.column(key), value_set=values)
        yield from batch.filter(hits).to_pylist()


def posts_read(dataset: Dataset, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The posts of the given platforms and ids: kind, text, urls, hashtags; read in a stream."""
    keys = set(wanted)
    columns = ("platform", "post_id", "kind", "text", "urls", "hashtags")
    rows = _matching(dataset, "posts", "post_id", columns, (key for _, key in keys))
    return {key: row for row in rows if (key := (row["platform"], row["post_id"])) in keys}


def accounts_named(dataset: Dataset, wanted: Iterable[Account]) -> dict[Account, Mapping[str, Any]]:
    """Handle, display name, and day of creation of the given accounts; read in a stream."""
    by_platform: dict[str, set[str]] = defaultdict(set)
    for platform, asset_id in wanted:
        by_platform[platform].add(asset_id)
    rows = _matching(
        dataset,
        "assets",
        "asset_id",
        ("platform", "asset_id", "handle", "display_name", "created_at"),
        (asset_id for ids in by_platform.values() for asset_id in ids),
    )
    return {
        (row["platform"], row["asset_id"]): row
        for row in rows
        if row["asset_id"] in by_platform.get(row["platform"], ())
    }


def accounts_mentioned(dataset: Dataset, words: Iterable[str]) -> set[str]:
    """Those of the words that are an account's id or handle; read in a stream."""
    wanted = sorted(set(words))
    return {
        row[column]
        for column in ("asset_id", "handle")
        for row in _matching(dataset, "assets", column, ("asset_id", "handle"), wanted)
    }
