"""From ledger rows to the declared tables: opaque ids, words, addresses, the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from samehand.records import POST_KINDS, TIME, empty_table, schema_of
from samehand.simulation.columns import Column, as_text, glued, lists, looked_up, strings, taken
from samehand.simulation.ledger import REPOST, Ledger, Rows
from samehand.simulation.organic import PHRASES
from samehand.simulation.parameters import DAY_S, WorldParameters
from samehand.simulation.people import Integers, People
from samehand.simulation.words import addresses, phrases, sentences, vocabulary

__all__ = ["TRUTH", "Names", "assets_table", "name_all", "posts_table", "settled", "truth_table"]

TRUTH = pa.schema(
    [
        pa.field("platform", pa.string(), nullable=False),
        pa.field("asset_id", pa.string(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("team", pa.string()),
    ]
)
_KINDS = strings(POST_KINDS[:3])
_LANGUAGES = strings(["en", "zh", "ar"])


@dataclass(frozen=True)
class Names:
    """What accounts are called: opaque ids in random order, and handles."""

    asset_id: Column
    handle: Column


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


def _said(rng: np.random.Generator, rows: Rows, ledger: Ledger, people: People) -> Column:
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
    reposts = rows.kind == REPOST
    place[reposts] = place[row_of[rows.target[reposts]]]
    fresh = sentences(rng, people.script[rows.account[own]])
    return looked_up(pa.chunked_array([*shared.chunks, *fresh.chunks], pa.string()), place)


def posts_table(
    rng: np.random.Generator, world: WorldParameters, rows: Rows, ledger: Ledger, people: People, names: Names
) -> pa.Table:
    """The posts in order of time, with ids that carry no information."""
    at_us = _times(rows, world)
    number = rng.permutation(len(rows))
    order = np.lexsort((number, at_us))
    rows, at_us, number = rows.take(order), at_us[order], number[order]
    post_id = as_text(100_000_000_000_037 + 10_007 * number)
    row_of = np.full(max(ledger.sources, 1), -1, dtype=np.int64)
    row_of[rows.source[rows.source >= 0]] = np.flatnonzero(rows.source >= 0)
    target = np.where(rows.target >= 0, row_of[rows.target], -1)
    target_owner = np.where(target >= 0, rows.account[target], -1)
    url = looked_up(addresses(rng, max(ledger.urls, 1)), rows.url)
    tag_words = vocabulary(rng, "latin", max(ledger.tags, 1))
    tags = [looked_up(tag_words, rows.tag), looked_up(tag_words, rows.tag2)]
    mention = np.where(rows.kind == REPOST, target_owner, rows.mention)
    handle = looked_up(names.handle, mention)
    columns: dict[str, Column] = {
        "platform": pa.array(np.full(len(rows), world.platform)),
        "post_id": post_id,
        "asset_id": taken(names.asset_id, rows.account),
        "posted_at": pa.array(at_us, pa.int64()).cast(TIME),
        "kind": taken(_KINDS, rows.kind),
        "text": _dressed(_said(rng, rows, ledger, people), rows, handle, url, tags),
        "language": taken(_LANGUAGES, people.script[rows.account]),
        "ref_post_id": looked_up(post_id, target),
        "ref_asset_id": looked_up(names.asset_id, target_owner),
        "urls": lists([url]),
        "hashtags": lists(tags),
        "mentions": lists([looked_up(names.asset_id, np.where(rows.kind == REPOST, -1, mention))]),
    }
    return _declared("posts", columns, len(rows))


def _dressed(
    words: Column,
    rows: Rows,
    handle: Column,
    url: Column,
    tags: list[Column],
) -> Column:
    """Words as a platform shows them: who is named before, hashtags and address after."""
    before = strings(["@", "RT @"]), strings(["", ":"])
    repost = (rows.kind == REPOST).astype(np.int64)
    named = glued(looked_up(before[0], repost), handle, looked_up(before[1], repost))
    hashes = [glued("#", tag) for tag in tags]
    return glued(named, words, *hashes, url, between=" ", skip_null=True)


def _declared(table: str, columns: dict[str, Column], rows: int) -> pa.Table:
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
        "language": taken(_LANGUAGES, people.script),
        "created_at": pa.array(made_us, pa.int64()).cast(TIME),
        "followers": pa.array(followers),
        "following": pa.array(np.round(np.exp(rng.normal(5, 1.2, count))).astype(np.int64)),
    }
    return _declared("assets", columns, count).sort_by([("platform", "ascending"), ("asset_id", "ascending")])


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
