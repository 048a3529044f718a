"""From ledger rows to the declared tables: opaque ids, words, addresses, the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from samehand.records import POST_KINDS, TIME, empty_table, schema_of
from samehand.simulation.columns import Column, as_text, glued, lists, looked_up, strings, taken
from samehand.simulation.ledger import REPOST, Ledger, Rows
from samehand.simulation.organic import PHRASES
from samehand.simulation.parameters import DAY_S, WorldParameters
from samehand.simulation.people import SCRIPTS, Integers, People, Reals
from samehand.simulation.words import addresses, edited, phrases, sentences, vocabulary

__all__ = [
    "LANGUAGES",
    "TRUTH",
    "Names",
    "assets_table",
    "declared",
    "moments_column",
    "name_all",
    "posts_table",
    "settled",
    "truth_table",
]

TRUTH = pa.schema(
    [
        pa.field("platform", pa.string(), nullable=False),
        pa.field("asset_id", pa.string(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("team", pa.string()),
    ]
)
_KINDS = strings(POST_KINDS[:3])
LANGUAGES = strings(["en", "zh", "ar"])


@dataclass(frozen=True)
class Names:
    """What things are called.

    Attributes:
        asset_id, handle: of accounts: opaque ids in random order, and handles.
        clients: of each number; empty where no client is known. sites: host of each site of the ledger.

    """

    asset_id: Column
    handle: Column
    clients: Sequence[str] = ()
    sites: Sequence[str] = ()


def name_all(rng: np.random.Generator, people: People) -> Names:
    """Ids and handles that say nothing of a role or an order."""
    number = rng.permutation(len(people))
    words = vocabulary(rng, "latin")
    word = taken(words, rng.integers(0, len(words), len(people)))
    return Names(
        asset_id=as_text(1_000_000_007 + 7_919 * number),
        handle=glued(word, as_text(number), between="_"),
    )


def settled(ledger: Ledger, world: WorldParameters) -> Rows:
    """All rows in order of account and time, times cut to their resolution, second reposts of one thing left out."""
    rows = Rows.joined(ledger.rows)
    rows = rows.take(np.lexsort((rows.at_s, rows.account)))
    if world.repeats:
        return rows
    shares = np.flatnonzero(rows.kind == REPOST)
    key = rows.account[shares] * ledger.sources + rows.target[shares]
    keep = rows.kind != REPOST
    keep[shares[np.unique(key, return_index=True)[1]]] = True
    return rows.take(keep)


def _times(rows: Rows, world: WorldParameters) -> Integers:
    start_s = int(world.start.timestamp())
    second = np.floor(rows.at_s).astype(np.int64) + start_s
    return second // rows.resolution_s * rows.resolution_s * 1_000_000


def _scripts(rows: Rows, people: People) -> Integers:
    return np.where(rows.script >= 0, rows.script, people.script[rows.account])


def _said(rng: np.random.Generator, rows: Rows, ledger: Ledger, people: People, aside: np.random.Generator) -> Column:
    """The words of each row; a repost bears those of its target."""
    scripts = np.array(ledger.scripts, dtype=np.int64)
    shared = pa.chunked_array(
        [strings(phrases(rng, PHRASES)), *sentences(rng, scripts[PHRASES:], shortest=8).chunks],
        pa.string(),
    )
    row_of = np.full(max(ledger.sources, 1), -1, dtype=np.int64)
    row_of[rows.source[rows.source >= 0]] = np.flatnonzero(rows.source >= 0)
    own = np.flatnonzero((rows.text < 0) & (rows.kind != REPOST))
    place = np.full(len(rows), -1, dtype=np.int64)
    place[own] = len(shared) + np.arange(len(own))
    place[rows.text >= 0] = rows.text[rows.text >= 0]
    copies = np.flatnonzero((rows.text >= 0) & (rows.edits > 0))
    place[copies] = len(shared) + len(own) + np.arange(len(copies))
    reposts = rows.kind == REPOST
    place[reposts] = place[row_of[rows.target[reposts]]]
    fresh = sentences(rng, _scripts(rows, people)[own])
    changed = _copies(aside, rows.take(copies), shared, ledger)
    return looked_up(pa.chunked_array([*shared.chunks, *fresh.chunks, changed], pa.string()), place)


def _copies(aside: np.random.Generator, rows: Rows, shared: Column, ledger: Ledger) -> Column:
    """The shared text of each row with the row's number of words changed."""
    scripts = np.array(ledger.scripts, dtype=np.int64)[rows.text]
    made = np.full(len(rows), "", dtype=object)
    for code in np.unique(scripts):
        copies = np.flatnonzero(scripts == code)
        words = vocabulary(aside, SCRIPTS[code], 1_500).to_pylist()
        made[copies] = edited(aside, looked_up(shared, rows.text[copies]).to_pylist(), rows.edits[copies], words)
    return strings(made.tolist())


def _in_order(rng: np.random.Generator, rows: Rows, world: WorldParameters) -> tuple[Rows, Integers, Column]:
    """The rows in order of time, their times and their ids."""
    at_us = _times(rows, world)
    number = rng.permutation(len(rows))
    order = np.lexsort((number, at_us))
    return rows.take(order), at_us[order], as_text(100_000_000_000_037 + 10_007 * number[order])


def posts_table(
    rng: np.random.Generator,
    world: WorldParameters,
    rows: Rows,
    ledger: Ledger,
    people: People,
    names: Names,
    aside: np.random.Generator,
) -> pa.Table:
    """The posts in order of time, with ids that carry no information.

    `aside` draws what came later than the first worlds (edits, greetings), so that those stay as they are.
    """
    rows, at_us, post_id = _in_order(rng, rows, world)
    row_of = np.full(max(ledger.sources, 1), -1, dtype=np.int64)
    row_of[rows.source[rows.source >= 0]] = np.flatnonzero(rows.source >= 0)
    target = np.where(rows.target >= 0, row_of[rows.target], -1)
    target_owner = np.where(target >= 0, rows.account[target], -1)
    url = looked_up(_on_sites(addresses(rng, max(ledger.urls, 1)), ledger, names), rows.url)
    tag_words = vocabulary(rng, "latin", max(ledger.tags, 1))
    tags = [looked_up(tag_words, rows.tag), looked_up(tag_words, rows.tag2)]
    mention = np.where(rows.kind == REPOST, target_owner, rows.mention)
    handle = looked_up(names.handle, mention)
    greets = looked_up(vocabulary(aside, "latin", max(ledger.greetings, 1)), rows.greeting)
    columns: dict[str, Column] = {
        "platform": pa.array(np.full(len(rows), world.platform)),
        "post_id": post_id,
        "asset_id": taken(names.asset_id, rows.account),
        "posted_at": pa.array(at_us, pa.int64()).cast(TIME),
        "kind": taken(_KINDS, rows.kind),
        "text": _dressed(_said(rng, rows, ledger, people, aside), rows, handle, url, tags, greets),
        "language": taken(LANGUAGES, _scripts(rows, people)),
        **({"client": looked_up(strings(names.clients), rows.client)} if names.clients else {}),
        "ref_post_id": looked_up(post_id, target),
        "ref_asset_id": looked_up(names.asset_id, target_owner),
        "urls": lists([url]),
        "hashtags": lists(tags),
        "mentions": lists([looked_up(names.asset_id, np.where(rows.kind == REPOST, -1, mention))]),
        "deleted_at": moments_column(world, rows.deleted_s),
    }
    return declared("posts", columns, len(rows))


def moments_column(world: WorldParameters, at_s: Reals) -> Column:
    """Times to the second; null for NaN."""
    never = np.isnan(at_s)
    second = np.floor(np.where(never, 0.0, at_s)).astype(np.int64) + int(world.start.timestamp())
    column: Column = pa.array(second * 1_000_000, pa.int64(), mask=never).cast(TIME)
    return column


def _on_sites(urls: Column, ledger: Ledger, names: Names) -> Column:
    """Addresses, those that lie on a group's site moved there."""
    if not ledger.sites:
        return urls
    moved = pa.chunked_array([urls]).combine_chunks().to_pylist()
    for host, numbers in zip(names.sites, ledger.sites, strict=True):
        for number in numbers.tolist():
            moved[number] = f"https://{host}.example/story/{100_000 + 37 * number}"
    return strings(moved)


def _dressed(words: Column, rows: Rows, handle: Column, url: Column, tags: list[Column], greets: Column) -> Column:
    """Words as a platform shows them: who is greeted or named before, hashtags and address after."""
    before = strings(["@", "RT @"]), strings(["", ":"])
    repost = (rows.kind == REPOST).astype(np.int64)
    named = glued(looked_up(before[0], repost), handle, looked_up(before[1], repost))
    hashes = [glued("#", tag) for tag in tags]
    return glued(greets, named, words, *hashes, url, between=" ", skip_null=True)


def declared(table: str, columns: dict[str, Column], rows: int) -> pa.Table:
    """A table of the declared schema; columns that are not given are null."""
    schema = schema_of(table)
    ready = [
        columns[field.name].cast(field.type) if field.name in columns else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(ready, schema=schema).combine_chunks() if rows else empty_table(table)


def assets_table(rng: np.random.Generator, world: WorldParameters, people: People, names: Names) -> pa.Table:
    """The accounts in order of their ids; profiles are drawn alike for every role."""
    count = len(people)
    age_days = rng.exponential(900, count) + 2
    # to the day, as archives have it
    made_us = np.floor(world.start.timestamp() / DAY_S - age_days).astype(np.int64) * 86_400_000_000
    words = vocabulary(rng, "latin")
    display = [taken(words, rng.integers(0, len(words), count)) for _ in range(2)]
    followers = np.round(np.exp(rng.normal(5, 1.6, count))).astype(np.int64)
    columns: dict[str, Column] = {
        "platform": pa.array(np.full(count, world.platform)),
        "asset_id": names.asset_id,
        "kind": pa.array(np.full(count, "account")),
        "handle": names.handle,
        "display_name": glued(*display, between=" "),
        "language": taken(LANGUAGES, people.script),
        "created_at": pa.array(made_us, pa.int64()).cast(TIME),
        "followers": pa.array(followers),
        "following": pa.array(np.round(np.exp(rng.normal(5, 1.2, count))).astype(np.int64)),
    }
    return declared("assets", columns, count).sort_by([("platform", "ascending"), ("asset_id", "ascending")])


def truth_table(world: WorldParameters, people: People, names: Names) -> pa.Table:
    """Who is what: platform, asset_id, role, team (null for those of no team), in order of the ids."""
    table = pa.table(
        {
            "platform": pa.array(np.full(len(people), world.platform)),
            "asset_id": names.asset_id,
            "role": pa.array(people.role.tolist(), pa.string()),
            "team": pa.array([name or None for name in people.team.tolist()], pa.string()),
        },
        schema=TRUTH,
    )
    return table.sort_by([("asset_id", "ascending")])
