"""CooRTweet's files: shares of opaque objects, or pairs of object and share."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import Column
from samehand.sources.formats import Format, Records, Shape
from samehand.sources.rows import Rows

__all__ = ["COORTWEET"]

_PREFIXES: Final = {"fb_": "facebook", "tw_": "twitter"}
_OBJECTS: Final = {"url_id": "url", "hashtag_id": "hashtag", "domain_id": "domain", "phash_id": "image"}
_FIRST_ROWS: Final = 1_000


def _platforms(rows: Rows, ids: Column) -> Column:
    """The platform that an id's prefix names, when all ids at the file's start have one; else the one asked for."""
    marked = pc.or_(pc.starts_with(ids, "fb_"), pc.starts_with(ids, "tw_"))
    first = pc.all(pc.drop_null(marked.slice(0, _FIRST_ROWS))).as_py()
    if not rows.context.memory.setdefault("prefixes", bool(first) and rows.context.platform == "unknown"):
        return rows.constant(rows.context.platform)
    platforms = rows.constant(rows.context.platform)
    for prefix, platform in _PREFIXES.items():
        platforms = pc.if_else(pc.fill_null(pc.starts_with(ids, prefix), False), platform, platforms)
    return platforms


def _shares(rows: Rows) -> Records:
    """Each row is a post, or one more object of a post; the objects become activities."""
    asset, post = rows.id("account_id", required=True), rows.post_ids("post_id")
    at = rows.time("timestamp", required=True)
    key = {"platform": _platforms(rows, asset), "asset_id": asset, "post_id": post}
    posts = rows.record("posts", {**key, "posted_at": at, "kind": rows.constant("original")})
    activities = []
    for column, trace in _OBJECTS.items():
        named = rows.id(column)
        made = {**key, "trace": rows.constant(trace), "object_id": pc.fill_null(named, ""), "at": at}
        found = rows.record("activities", made)
        activities.append(found.filter(pc.not_equal(found.column("object_id"), "")))
    return {"posts": posts, "activities": pa.concat_tables(activities)}


def _pairs(rows: Rows) -> Records:
    """Each row is a share of an object: a repost, or an activity of the trace that was asked for."""
    asset, post = rows.id("account_id", required=True), rows.post_ids("content_id")
    at, shared = rows.time("timestamp_share", required=True), rows.id("object_id")
    key = {"platform": _platforms(rows, asset), "asset_id": asset, "post_id": post}
    trace = rows.context.trace or "repost"
    if trace == "repost":
        kind = pc.if_else(pc.is_null(shared), "original", "repost")
        return {"posts": rows.record("posts", {**key, "posted_at": at, "kind": kind, "ref_post_id": shared})}
    posts = rows.record("posts", {**key, "posted_at": at, "kind": rows.constant("original")})
    made = {**key, "trace": rows.constant(trace), "object_id": pc.fill_null(shared, ""), "at": at}
    found = rows.record("activities", made)
    return {"posts": posts, "activities": found.filter(np.asarray(pc.not_equal(found.column("object_id"), "")))}


COORTWEET: Final = Format(
    name="coortweet",
    title="CooRTweet: accounts' shares of links, hashtags, domains and images by id, or pairs of object and share",
    platform="unknown",
    takes_trace=True,
    shapes=(
        Shape(
            name="pairs",
            table="posts",
            required=("object_id", "account_id", "content_id", "timestamp_share"),
            spellings={
                "object_id": ("id_object",),
                "account_id": ("id_user", "user_id"),
                "content_id": ("share_id", "post_id"),
                "timestamp_share": ("share_time", "timestamp"),
            },
            read=_pairs,
            example=(
                "object_id,account_id,content_id,timestamp_share",
                "o1,a1,c1,1623881091.0",
                "o1,a2,c2,1623881093.0",
                "o2,a1,c3,1623889483.0",
            ),
        ),
        Shape(
            name="shares",
            table="posts",
            required=("account_id", "post_id", "timestamp"),
            optional=tuple(_OBJECTS),
            spellings={
                "post_id": ("content_id", "id_post"),
                "account_id": ("user_id",),
                "timestamp": ("timestamp_share",),
                "phash_id": ("image_id",),
            },
            read=_shares,
            example=(
                "account_id,post_id,url_id,hashtag_id,domain_id,phash_id,timestamp",
                "fb_1,10,77,,5,,1629589836.0",
                "fb_2,11,77,31,5,,1629589840.0",
                "fb_2,11,77,32,5,,1629589840.0",
                "tw_3,12,,31,,9,1629589900.0",
            ),
        ),
    ),
)
