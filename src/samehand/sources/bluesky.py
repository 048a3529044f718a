"""Bluesky's posts: views and feeds of the public API, records as repositories list them, commits as Jetstream sends them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import TIME
from samehand.sources.batches import Reject
from samehand.sources.documents import Reading, members_of, pages, refused
from samehand.sources.formats import Format, Records, Shape
from samehand.sources.json_cells import Cells, list_of, object_in, objects_in, text_of
from samehand.sources.json_stream import Entry
from samehand.sources.rows import Rows, first_of_each

__all__ = ["BLUESKY"]

_POST: Final = "app.bsky.feed.post"
_REPOST: Final = "app.bsky.feed.repost"
_OTHER: Final = "a record of another kind, no post and no repost"
_LISTS: Final = ("feed", "posts", "records")
_COLUMNS: Final = (
    "uri", "did", "created_at", "indexed_at", "kind", "text", "language", "ref_uri", "urls", "hashtags", "mentions",
    "images", "like_count", "repost_count", "reply_count", "handle", "display_name", "description",
    "account_created_at", "followers", "following", "posts",
)  # fmt: skip
_AUTHOR: Final = {
    "did": "did", "handle": "handle", "display_name": "displayName", "description": "description",
    "account_created_at": "createdAt", "followers": "followersCount", "following": "followsCount", "posts": "postsCount",
}  # fmt: skip


def _rows(entries: Iterator[Entry]) -> Iterator[Cells | Reject]:
    for unit in members_of(entries, _LISTS):
        yield from (unit,) if isinstance(unit, Reject) else _unit(unit)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _unit(unit: Any) -> Iterator[Cells | Reject]:
    """A feed's item, a view of a post, a record with its address, or a commit."""
    if "post" in object_in(unit):
        yield from _feed_item(unit)
    elif "commit" in object_in(unit) or "time_us" in object_in(unit):
        yield _commit(unit)
    else:
        yield _post(unit)


def _feed_item(item: dict[str, Any]) -> Iterator[Cells | Reject]:
    """A post, and before it the repost that brought it into the feed."""
    post, reason = _post(item["post"]), object_in(item, "reason")
    by = object_in(reason, "by")
    if by and not isinstance(post, Reject):
        address = text_of(reason.get("uri")) or f"{by.get('did')} reposts {post['uri']}"
        seen = text_of(reason.get("indexedAt"))
        own = {"uri": address, "indexed_at": seen, "created_at": None, "kind": "repost", "ref_uri": post["uri"]}
        said = {name: post[name] for name in ("text", "language", "urls", "hashtags", "mentions", "images")}
        yield {**said, **own, **_author(by)}
    yield post


def _commit(event: dict[str, Any]) -> Cells | Reject:
    commit = object_in(event, "commit")
    kind, key = commit.get("collection"), commit.get("rkey")
    if not commit or kind not in (_POST, _REPOST) or commit.get("operation") not in ("create", "update"):
        return refused(_OTHER, event)
    record = object_in(commit, "record")
    seen = {"uri": f"at://{event.get('did')}/{kind}/{key}", "did": text_of(event.get("did"))}
    return {**seen, "indexed_at": text_of(event.get("time_us")), **_record(record, kind)}


def _post(view: Any) -> Cells | Reject:
    """A view of a post, or a record with its address but without its author's profile."""
    view = object_in(view)
    record = object_in(view, "record") or object_in(view, "value")
    uri = text_of(view.get("uri")) or ""
    kind = record.get("$type") or "/".join(uri.split("/")[3:4])
    if not record or not uri.startswith("at://"):
        return refused("the value is no post of Bluesky", view)
    if kind not in (_POST, _REPOST):
        return refused(_OTHER, view)
    counts = {"like_count": "likeCount", "repost_count": "repostCount", "reply_count": "replyCount"}
    author = _author(object_in(view, "author"))
    return {
        **_record(record, kind),
        **{name: text_of(view.get(count)) for name, count in counts.items()},
        **author,
        "uri": uri,
        "indexed_at": text_of(view.get("indexedAt")),
        "did": author["did"] or uri.split("/")[2],
    }


def _author(author: dict[str, Any]) -> Cells:
    cells = {name: text_of(author.get(field)) for name, field in _AUTHOR.items()}
    # what the platform says where a name does not prove itself is nobody's name
    return {**cells, "handle": None if cells["handle"] == "handle.invalid" else cells["handle"]}


def _record(record: dict[str, Any], kind: str) -> Cells:
    if kind == _REPOST:
        target = text_of(object_in(record, "subject").get("uri"))
        return {"kind": "repost", "ref_uri": target, "created_at": text_of(record.get("createdAt"))}
    features = [one for facet in objects_in(record.get("facets")) for one in objects_in(facet.get("features"))]
    embed = object_in(record, "embed")
    media = object_in(embed, "media") or embed
    answered, quoted = text_of(object_in(record, "reply", "parent").get("uri")), _quoted(embed)
    return {
        "kind": "reply" if answered else "quote" if quoted else "original",
        "ref_uri": answered or quoted,
        "created_at": text_of(record.get("createdAt")),
        "text": text_of(record.get("text")),
        "language": next((one for one in _list(record.get("langs")) if isinstance(one, str)), None),
        "urls": list_of([*(one.get("uri") for one in features), object_in(media, "external").get("uri")]),
        "hashtags": list_of([*(one.get("tag") for one in features), *_list(record.get("tags"))]),
        "mentions": list_of(one.get("did") for one in features),
        "images": list_of(_blobs(media)),
    }


def _quoted(embed: dict[str, Any]) -> str | None:
    """The post that is embedded; lists and feeds can be embedded, too."""
    inner = object_in(embed, "record")
    uri = text_of(inner.get("uri") or object_in(inner, "record").get("uri"))
    return uri if uri and f"/{_POST}/" in uri else None


def _blobs(media: dict[str, Any]) -> Iterator[str]:
    """Addresses of images and videos, which follow from their bytes: the same file has the same one."""
    blobs = [object_in(image, "image", "ref") for image in objects_in(media.get("images"))]
    for blob in [*blobs, object_in(media, "video", "ref")]:
        if isinstance(blob.get("$link"), str):
            yield f"id:{blob['$link']}"


def _read(rows: Rows) -> Records:
    """A post is of the time that its app wrote, unless the network had seen it before: then of that one."""
    ticks = (rows.time(name).cast(pa.int64()) for name in ("created_at", "indexed_at"))
    posted = pc.min_element_wise(*ticks).cast(TIME)
    rows.reject(np.asarray(pc.is_null(posted)), "createdAt and indexedAt are missing, or no times that can be read")
    key = {"platform": rows.constant(rows.context.platform), "asset_id": rows.id("did", required=True)}
    posts = {
        **key,
        "post_id": rows.id("uri", required=True),
        "posted_at": posted,
        "kind": rows.word("kind"),
        "text": rows.text("text"),
        "language": rows.word("language"),
        "ref_post_id": rows.id("ref_uri"),
        "ref_asset_id": _owner(rows.id("ref_uri")),
        **{name: rows.items(name) for name in ("urls", "hashtags", "mentions")},
        "media_hashes": rows.items("images"),
        **{name: rows.number(name) for name in ("like_count", "repost_count", "reply_count")},
    }
    assets = {
        **key,
        "kind": rows.constant("account"),
        "handle": rows.word("handle"),
        "display_name": rows.text("display_name"),
        "bio": rows.text("description"),
        "created_at": rows.time("account_created_at"),
        "followers": rows.number("followers"),
        "following": rows.number("following"),
        "posts_count": rows.number("posts"),
    }
    return {"posts": rows.record("posts", posts), "assets": first_of_each(rows.record("assets", assets))}


def _owner(uris: pa.Array) -> pa.Array:
    """Whose record an address names: `at://did:plc:x/collection/key`."""
    return pc.struct_field(pc.extract_regex(uris, r"^at://(?P<did>did:[^/]+)/"), "did")


BLUESKY: Final = Format(
    name="bluesky",
    title="Bluesky: posts, feeds and records as the public API and Jetstream give them",
    platform="bluesky",
    content="json",
    reading=Reading(
        expected="posts of Bluesky, one object a line or in an array, `feed`, `posts` or `records`, with `uri` and `record`",
        left_out=(_OTHER,),
        walk=pages(_LISTS, ("cursor", "hitsTotal")),
        lines=True,
        rows=_rows,
    ),
    shapes=(
        Shape(
            name="posts",
            table="posts",
            required=("uri", "did", "created_at"),
            optional=_COLUMNS,
            read=_read,
            zone="UTC",
            example=(
                '{"feed":[{"post":{"uri":"at://did:plc:ann/app.bsky.feed.post/1","cid":"c1","author":{"did":"did:plc:ann",'
                '"handle":"ann.example.org","displayName":"Ann"},"record":{"$type":"app.bsky.feed.post","text":"#cats",'
                '"createdAt":"2024-05-01T10:00:00.000Z","langs":["en"],"facets":[{"index":{"byteStart":0,"byteEnd":5},'
                '"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"cats"}]}]},"likeCount":3,"repostCount":1,'
                '"replyCount":0,"indexedAt":"2024-05-01T10:00:01.000Z"},"reason":{"$type":'
                '"app.bsky.feed.defs#reasonRepost","by":{"did":"did:plc:bo","handle":"bo.example.org"},'
                '"indexedAt":"2024-05-01T10:00:09.000Z"}}]}',
                '{"did":"did:plc:cy","time_us":1714557612000000,"kind":"commit","commit":{"operation":"create","collection":'
                '"app.bsky.feed.post","rkey":"2","record":{"$type":"app.bsky.feed.post","text":"nice","createdAt":'
                '"2024-05-01T10:00:12.000Z","reply":{"root":{"uri":"at://did:plc:ann/app.bsky.feed.post/1","cid":"c1"},'
                '"parent":{"uri":"at://did:plc:ann/app.bsky.feed.post/1","cid":"c1"}}}}}',
            ),
        ),
    ),
)
