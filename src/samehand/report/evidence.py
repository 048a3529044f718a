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
from samehand.report.coded import Words, read_coded

__all__ = [
    "Account",
    "Activity",
    "Evidence",
    "Thing",
    "Tie",
    "Ties",
    "accounts_mentioned",
    "accounts_named",
    "posts_read",
]

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
class Ties:
    """The strongest of some ties, in order, and how many there are."""

    strongest: tuple[Tie, ...]
    total: int


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
WITH inside AS (
    SELECT a.network, r.* FROM receipts r JOIN members a ON a.account = r.account_a
    JOIN members b ON b.account = r.account_b AND a.network = b.network
    WHERE r.trace <> $fused OR NOT EXISTS (SELECT 1 FROM receipts WHERE trace <> $fused)),
ends AS (
    SELECT network, account_a AS account, trace, object, post_a AS post, at_a AS at_us, base_rate FROM inside
    UNION ALL
    SELECT network, account_b, trace, object, post_b, at_b, base_rate FROM inside)
SELECT network, account, trace, object, post, at_us, min(base_rate) AS base_rate FROM ends GROUP BY ALL
"""

_PAIRS = """
CREATE TEMP TABLE pairs AS
SELECT a.network, e.account_a, e.account_b, max(e.bits) AS bits, min(e.p_value) AS p, max(e.shared_objects) AS shared,
       max(e.co_activities) AS together
FROM edges e JOIN members a ON a.account = e.account_a
JOIN members b ON b.account = e.account_b AND a.network = b.network
GROUP BY a.network, e.account_a, e.account_b;
CREATE TEMP TABLE loose AS
SELECT e.account_a, e.account_b, max(e.bits) AS bits, min(e.p_value) AS p, max(e.shared_objects) AS shared,
       max(e.co_activities) AS together
FROM edges e ANTI JOIN pairs USING (account_a, account_b) GROUP BY e.account_a, e.account_b
"""

_THINGS = """
SELECT trace, object, count(DISTINCT account) AS members, count(*) AS activities,
       min(base_rate) AS rate, min(at_us) AS first_us, max(at_us) AS last_us
FROM tied WHERE network = ? GROUP BY trace, object
ORDER BY trace = ?, members DESC, rate ASC NULLS LAST, first_us, trace, object
"""

_EXAMPLES = """
SELECT account, min(at_us) AS at_us, arg_min(post, (at_us, post)) AS post
FROM tied WHERE network = ? AND trace = ? AND object = ?
GROUP BY account ORDER BY at_us, account LIMIT ?
"""

_STRONGEST = "ORDER BY bits DESC, p, account_a, account_b"

_TRACED = f"""
SELECT t.account_a, t.account_b, t.bits, t.p, t.shared, t.together, list_sort(list(DISTINCT e.trace))
FROM top t JOIN edges e ON e.account_a = t.account_a AND e.account_b = t.account_b GROUP BY ALL {_STRONGEST}
"""

_TIES = f"WITH top AS (SELECT * EXCLUDE network FROM pairs WHERE network = ? {_STRONGEST} LIMIT ?) {_TRACED}"

_LOOSE = f"WITH top AS (SELECT * FROM loose {_STRONGEST} LIMIT ?) {_TRACED}"

_WITHIN = (
    "FROM pairs WHERE network = ? AND account_a IN (SELECT unnest(?::BIGINT[])) "
    "AND account_b IN (SELECT unnest(?::BIGINT[]))"
)

_AMONG = f"WITH top AS (SELECT * EXCLUDE network {_WITHIN} {_STRONGEST} LIMIT ?) {_TRACED}"


class Evidence:
    """A run's edges and receipts, opened for questions about one network at a time."""

    def __init__(self, run: Run) -> None:
        coded = read_coded(run)
        self._words = coded.words
        self._database = duckdb.connect(config={"threads": 2})
        self._database.register("members", coded.members)
        self._database.register("edges", coded.edges)
        self._database.register("receipts", coded.receipts)
        self._database.execute(_TIED, {"fused": Words.place(coded.words.trace, "fused")})
        self._database.execute(_PAIRS)
        self._database.unregister("receipts")

    def __enter__(self) -> Evidence:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.execute(query, list(values)).fetchall()

    def _network(self, network_id: str) -> int:
        return Words.place(self._words.network, network_id)

    def _traces(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._words.trace[number].as_py() for number in numbers)

    def _tie(self, row: tuple[Any, ...]) -> Tie:
        words = self._words
        a, b, bits, p_value, shared, together, traces = row
        return Tie(words.account(a), words.account(b), bits, p_value, shared, together, self._traces(traces))

    def spans(self) -> dict[str, tuple[int, int, tuple[str, ...]]]:
        """For each network its first and last tied activity (microseconds since 1970) and its traces."""
        rows = self._rows(
            "SELECT network, min(at_us), max(at_us), list_sort(list(DISTINCT trace)) FROM tied GROUP BY network"
        )
        return {self._words.network[row[0]].as_py(): (row[1], row[2], self._traces(row[3])) for row in rows}

    def moments(self, network_id: str) -> list[int]:
        """When members published what is tied, each post once; microseconds since 1970, ascending."""
        query = "SELECT at_us FROM (SELECT DISTINCT account, at_us, post FROM tied WHERE network = ?) ORDER BY at_us"
        return [row[0] for row in self._rows(query, self._network(network_id))]

    def things(self, network_id: str) -> tuple[list[Thing], int]:
        """The objects that most members share, rarest first among equals, with examples; and how many there are.

        A post that bears a link, a hashtag and a text ties by all three: an object whose examples were all shown with
        an earlier one is passed over. Sites come after everything else, as links say more.
        """
        words, network = self._words, self._network(network_id)
        rows = self._rows(_THINGS, network, Words.place(words.trace, "domain"))
        found: list[Thing] = []
        seen: set[tuple[Account, int]] = set()
        for trace, thing, members, activities, rate, first, last in rows[: LOOKED_AT * THINGS]:
            examples = tuple(
                Activity(words.account(account), at_us, None if post is None else words.post[post].as_py())
                for account, at_us, post in self._rows(_EXAMPLES, network, trace, thing, EXAMPLES)
            )
            acts = {(activity.account, activity.at_us) for activity in examples}
            if acts <= seen:
                continue
            seen |= acts
            name, object_id = words.trace[trace].as_py(), words.object[thing].as_py()
            found.append(Thing(name, object_id, members, activities, rate, first, last, examples))
            if len(found) == THINGS:
                break
        return found, len(rows)

    def ties(self, network_id: str, limit: int) -> Ties:
        """The strongest pairs of members with an edge."""
        network = self._network(network_id)
        rows = self._rows(_TIES, network, limit)
        total = self._rows("SELECT count(*) FROM pairs WHERE network = ?", network)[0][0]
        return Ties(tuple(self._tie(row) for row in rows), total)

    def ties_among(self, network_id: str, accounts: Iterable[Account], limit: int) -> Ties:
        """The strongest pairs of some of the members."""
        network, numbers = self._network(network_id), [self._words.number_of(account) for account in accounts]
        rows = self._rows(_AMONG, network, numbers, numbers, limit)
        total = self._rows(f"SELECT count(*) {_WITHIN}", network, numbers, numbers)[0][0]
        return Ties(tuple(self._tie(row) for row in rows), total)

    def traces(self, network_id: str) -> list[str]:
        """The traces of the edges between members, in order."""
        query = "SELECT DISTINCT e.trace FROM edges e JOIN pairs p USING (account_a, account_b) WHERE p.network = ? ORDER BY 1"
        return list(self._traces(row[0] for row in self._rows(query, self._network(network_id))))

    def loose_ties(self, limit: int) -> tuple[list[Tie], int]:
        """The strongest pairs with an edge that are not of one network, and how many there are."""
        total = self._rows("SELECT count(*) FROM loose")[0][0]
        return [self._tie(row) for row in self._rows(_LOOSE, limit)], total


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
