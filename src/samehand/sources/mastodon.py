"""Mastodon's statuses as its REST API gives them, and those of the servers that speak it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from samehand.sources.batches import Reject
from samehand.sources.documents import Reading, members_of, pages, refused
from samehand.sources.formats import Format, Records, Shape
from samehand.sources.html_text import read_html
from samehand.sources.json_cells import Cells, list_of, object_in, objects_in, text_of
from samehand.sources.json_stream import Entry
from samehand.sources.rows import Rows, first_of_each

__all__ = ["MASTODON"]

_LISTS: Final = ("statuses", "ancestors", "descendants")
_COLUMNS: Final = (
    "uri", "account", "created_at", "kind", "text", "language", "client", "ref_id", "ref_account", "urls", "hashtags",
    "mentions", "media", "like_count", "repost_count", "reply_count", "handle", "display_name", "bio", "profile_url",
    "account_created_at", "followers", "following", "posts", "account_kind",
)  # fmt: skip
_COUNTS: Final = {
    "like_count": "favourites_count",
    "repost_count": "reblogs_count",
    "reply_count": "replies_count",
}


def _rows(entries: Iterator[Entry]) -> Iterator[Cells | Reject]:
    for status in members_of(entries, _LISTS):
        yield from (status,) if isinstance(status, Reject) else _statuses(status)


def _statuses(status: Any) -> Iterator[Cells | Reject]:
    """A status, and after a boost the status that it carries."""
    if not object_in(status, "account") or "content" not in status:
        yield refused("the value is no status of Mastodon", status)
        return
    carried = object_in(status, "reblog")
    if not carried:
        yield _status(status)
        return
    inner = _status(carried)
    said = {name: inner[name] for name in ("text", "language", "urls", "hashtags", "mentions", "media")}
    target = {"kind": "repost", "ref_id": inner["uri"], "ref_account": inner["account"]}
    yield {**_status(status), **said, **target}
    yield inner


def _status(status: dict[str, Any]) -> Cells:
    read = read_html(text_of(status.get("content")) or "")
    warning = text_of(status.get("spoiler_text")) or ""
    media = objects_in(status.get("media_attachments"))
    return {
        "uri": text_of(status.get("uri") or status.get("url")),
        "created_at": text_of(status.get("created_at")),
        "text": "\n\n".join(part for part in (warning, read.text) if part.strip()),
        "language": text_of(status.get("language")),
        "client": text_of(object_in(status, "application").get("name")),
        "urls": list_of([*read.links, object_in(status, "card").get("url")]),
        "hashtags": list_of(tag.get("name") for tag in objects_in(status.get("tags"))),
        "mentions": list_of(one.get("url") for one in objects_in(status.get("mentions"))),
        "media": list_of(f"id:{one.get('remote_url') or one.get('url')}" for one in media if one.get("url")),
        **{name: text_of(status.get(count)) for name, count in _COUNTS.items()},
        **_target(status),
        **_account(object_in(status, "account")),
    }


def _target(status: dict[str, Any]) -> Cells:
    """What a status answers or quotes; of what it answers, the server tells its own number only."""
    answered = text_of(status.get("in_reply_to_id"))
    quoted = object_in(status, "quote", "quoted_status")
    if answered is None and quoted:
        author = text_of(object_in(quoted, "account").get("url"))
        return {"kind": "quote", "ref_id": text_of(quoted.get("uri")), "ref_account": author}
    known = [object_in(status, "account"), *objects_in(status.get("mentions"))]
    urls = {text_of(one.get("id")): text_of(one.get("url")) for one in known}
    who = text_of(status.get("in_reply_to_account_id"))
    kind = "original" if answered is None and who is None else "reply"
    return {"kind": kind, "ref_id": answered, "ref_account": urls.get(who) if who else None}


def _account(account: dict[str, Any]) -> Cells:
    url, handle = text_of(account.get("url") or account.get("uri")), text_of(account.get("acct"))
    if handle and "@" not in handle:
        # of its own accounts a server leaves the host out
        handle = f"{handle}@{_host(url or '')}".rstrip("@")
    return {
        "account": url,
        "handle": handle,
        "display_name": text_of(account.get("display_name")),
        "bio": read_html(text_of(account.get("note")) or "").text,
        "profile_url": url,
        "account_created_at": text_of(account.get("created_at")),
        "followers": text_of(account.get("followers_count")),
        "following": text_of(account.get("following_count")),
        "posts": text_of(account.get("statuses_count")),
        "account_kind": "group" if account.get("group") is True else "account",
    }


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _read(rows: Rows) -> Records:
    key = {"platform": rows.constant(rows.context.platform), "asset_id": rows.id("account", required=True)}
    posts = {
        **key,
        "post_id": rows.id("uri", required=True),
        "posted_at": rows.time("created_at", required=True),
        "kind": rows.word("kind"),
        "text": rows.text("text"),
        "language": rows.word("language"),
        "client": rows.word("client"),
        "ref_post_id": rows.id("ref_id"),
        "ref_asset_id": rows.id("ref_account"),
        **{name: rows.items(name) for name in ("urls", "hashtags", "mentions")},
        "media_hashes": rows.items("media"),
        **{name: rows.number(name) for name in _COUNTS},
    }
    assets = {
        **key,
        "kind": rows.word("account_kind"),
        "handle": rows.word("handle"),
        "display_name": rows.text("display_name"),
        "bio": rows.text("bio"),
        "profile_url": rows.word("profile_url"),
        "created_at": rows.time("account_created_at"),
        "followers": rows.number("followers"),
        "following": rows.number("following"),
        "posts_count": rows.number("posts"),
    }
    return {"posts": rows.record("posts", posts), "assets": first_of_each(rows.record("assets", assets))}


MASTODON: Final = Format(
    name="mastodon",
    title="Mastodon: statuses as the REST API gives them",
    platform="mastodon",
    content="json",
    reading=Reading(
        expected="statuses of Mastodon, one object a line or in an array, with `id`, `uri`, `account` and `content`",
        left_out=(),
        walk=pages(_LISTS, ("accounts", "hashtags")),
        lines=True,
        rows=_rows,
    ),
    shapes=(
        Shape(
            name="statuses",
            table="posts",
            required=("uri", "account", "created_at"),
            optional=_COLUMNS,
            read=_read,
            zone="UTC",
            example=(
                '[{"id":"101","uri":"https://one.example/users/ann/statuses/101","created_at":"2024-05-01T10:00:00.000Z",'
                '"account":{"id":"1","acct":"ann","url":"https://one.example/@ann","display_name":"Ann"},"content":'
                '"<p>look at <a href=\\"https://example.org/cat\\">this</a></p>","tags":[{"name":"cats"}],"mentions":[],'
                '"media_attachments":[],"language":"en","favourites_count":2,"reblogs_count":1,"replies_count":0},',
                '{"id":"102","uri":"https://one.example/users/bo/statuses/102","created_at":"2024-05-01T10:00:09.000Z",'
                '"account":{"id":"2","acct":"bo","url":"https://one.example/@bo"},"content":"<p>so it is</p>",'
                '"in_reply_to_id":"101","in_reply_to_account_id":"1","mentions":[{"id":"1","url":"https://one.example/@ann",'
                '"acct":"ann"}],"tags":[],"media_attachments":[]}]',
            ),
        ),
    ),
)
