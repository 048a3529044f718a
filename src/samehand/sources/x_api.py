"""Tweets from Twitter's API, version 2: JSONL of response pages (`data`, `includes`) or of single tweets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import FormatError
from samehand.sources.batches import RAW_CHARACTERS, RawBatch, Reject
from samehand.sources.formats import Format, Records, Shape
from samehand.sources.json_cells import Cells, list_of, object_in, objects_in, text_of
from samehand.sources.jsonl import JsonLines
from samehand.sources.rows import Rows, first_of_each
from samehand.sources.streams import Limits

__all__ = ["X_API", "Pages"]

_TWEET: Final = (
    "id", "author_id", "created_at", "text", "lang", "source", "kind", "ref_id", "ref_author", "urls", "hashtags",
    "mentions", "media", "like_count", "retweet_count", "reply_count",
)  # fmt: skip
_USER: Final = (
    "user_id", "username", "name", "description", "profile_url", "location", "user_created_at", "followers",
    "following", "posts",
)  # fmt: skip
_KINDS: Final = (("retweeted", "repost"), ("replied_to", "reply"), ("quoted", "quote"))
_BATCH: Final = 8_192


def _tweet(tweet: dict[str, Any], authors: dict[str, str]) -> Cells:
    entities, counts = object_in(tweet.get("entities")), object_in(tweet.get("public_metrics"))
    referenced = {
        text_of(ref.get("type")): text_of(ref.get("id")) for ref in objects_in(tweet.get("referenced_tweets"))
    }
    kind, target = next(((kind, referenced[word]) for word, kind in _KINDS if word in referenced), ("original", None))
    reply_to = text_of(tweet.get("in_reply_to_user_id")) if kind == "reply" else None
    keys = object_in(tweet.get("attachments")).get("media_keys")
    return {
        **{name: text_of(tweet.get(name)) for name in ("id", "author_id", "created_at", "text", "lang", "source")},
        "kind": kind,
        "ref_id": target,
        "ref_author": authors.get(target or "") or reply_to,
        "urls": list_of(link.get("expanded_url") or link.get("url") for link in objects_in(entities.get("urls"))),
        "hashtags": list_of(tag.get("tag") for tag in objects_in(entities.get("hashtags"))),
        "mentions": list_of(one.get("id") or one.get("username") for one in objects_in(entities.get("mentions"))),
        "media": list_of(f"id:{key}" for key in keys if isinstance(key, str)) if isinstance(keys, list) else None,
        **{name: text_of(counts.get(name)) for name in ("like_count", "retweet_count", "reply_count")},
    }


def _user(user: dict[str, Any]) -> Cells:
    counts = object_in(user.get("public_metrics"))
    return {
        "user_id": text_of(user.get("id")),
        **{name: text_of(user.get(name)) for name in ("username", "name", "description", "location")},
        "profile_url": text_of(user.get("url")),
        "user_created_at": text_of(user.get("created_at")),
        "followers": text_of(counts.get("followers_count")),
        "following": text_of(counts.get("following_count")),
        "posts": text_of(counts.get("tweet_count")),
    }


class Pages:
    """A JSONL file of pages or tweets; a row is a tweet, or a line that holds none; its number is the line's.

    Raises:
        FormatError: none of the first lines holds a tweet.

    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._lines = JsonLines(path, limits)
        self.stream = self._lines.stream
        self.columns = [*_TWEET, *_USER]
        self._objects = self._lines.objects()
        self._first = list(islice(self._objects, 100))
        lines = [value for _, value in self._first if isinstance(value, dict)]
        if self._first and not any(_tweets_of(line) is not None for line in lines):
            found = sorted({key for line in lines for key in line})[:12]
            raise FormatError(
                f"{path} holds no tweets of API version 2: expected one JSON object a line, with `data` (a page) or "
                f"with `id`, `author_id` and `text` (a tweet); found {', '.join(found) or 'no JSON objects'}"
            )

    def batches(self) -> Iterator[RawBatch]:
        """The tweets; users of a page ride along in the columns of the first of its tweets' rows."""
        tweets: list[tuple[int, Cells]] = []
        users: list[Cells] = []
        rejects: list[Reject] = []
        for number, line in self._all():
            if isinstance(line, Reject):
                rejects.append(line)
                continue
            found = _tweets_of(line)
            if found is None:
                raw = json.dumps(line, ensure_ascii=False)[:RAW_CHARACTERS]
                rejects.append(Reject(number, "the line holds no tweet", raw))
                continue
            included = object_in(line.get("includes"))
            users += [_user(user) for user in objects_in(included.get("users"))]
            authors = {
                str(one.get("id")): str(one["author_id"])
                for one in objects_in(included.get("tweets"))
                if "author_id" in one
            }
            tweets += [(number, _tweet(tweet, authors)) for tweet in found]
            if len(tweets) >= _BATCH:
                yield _batch(tweets, users, rejects)
                tweets, users, rejects = [], [], []
        yield _batch(tweets, users, rejects)

    def _all(self) -> Iterator[tuple[int, dict[str, Any] | Reject]]:
        yield from self._first
        yield from self._objects


def _tweets_of(line: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The tweets of a line; None when it is neither a page nor a tweet. A page may be empty."""
    if "data" in line:
        data = line["data"]
        return objects_in(data) if isinstance(data, list) else [data] if isinstance(data, dict) else None
    if "meta" in line or "includes" in line:
        return []
    return [line] if "id" in line and "text" in line else None


def _batch(tweets: list[tuple[int, Cells]], users: list[Cells], rejects: list[Reject]) -> RawBatch:
    """Tweets and, beside them, users: the tables are as long as the tweets, so users are packed into one cell."""
    columns = {name: pa.array([cells[name] for _, cells in tweets], pa.string()) for name in _TWEET}
    packed = json.dumps(users) if users and tweets else None
    columns["includes"] = pa.array([packed, *[None] * (len(tweets) - 1)] if tweets else [], pa.string())
    return RawBatch(pa.table(columns), np.array([number for number, _ in tweets], np.int64), rejects)


def _read(rows: Rows) -> Records:
    posts = {
        "platform": rows.constant(rows.context.platform),
        "post_id": rows.id("id", required=True),
        "asset_id": rows.id("author_id", required=True),
        "posted_at": rows.time("created_at", required=True),
        "kind": rows.word("kind"),
        "text": rows.text("text"),
        "language": rows.word("lang"),
        "client": rows.word("source"),
        "ref_post_id": rows.id("ref_id"),
        "ref_asset_id": rows.id("ref_author"),
        "urls": rows.items("urls"),
        "hashtags": rows.items("hashtags"),
        "mentions": rows.items("mentions"),
        "media_hashes": rows.items("media"),
        "like_count": rows.number("like_count"),
        "repost_count": rows.number("retweet_count"),
        "reply_count": rows.number("reply_count"),
    }
    made = {"posts": rows.record("posts", posts)}
    packed = [json.loads(cell) for cell in pc.drop_null(rows.raw("includes")).to_pylist()]
    users = [user for cells in packed for user in cells]
    return {**made, "assets": _assets(users, rows)} if users else made


def _assets(users: list[Cells], rows: Rows) -> pa.Table:
    table = pa.table({name: pa.array([user[name] for user in users], pa.string()) for name in _USER})
    of_users = Rows(RawBatch(table, np.arange(len(users))), {name: name for name in _USER}, rows.context)
    found = {
        "platform": of_users.constant(rows.context.platform),
        "asset_id": of_users.id("user_id", required=True),
        "kind": of_users.constant("account"),
        "handle": of_users.word("username"),
        "display_name": of_users.text("name"),
        "bio": of_users.text("description"),
        "profile_url": of_users.word("profile_url"),
        "location": of_users.text("location"),
        "created_at": of_users.time("user_created_at"),
        "followers": of_users.number("followers"),
        "following": of_users.number("following"),
        "posts_count": of_users.number("posts"),
    }
    return first_of_each(of_users.record("assets", found))


X_API: Final = Format(
    name="x-api",
    title="Twitter's API, version 2: JSONL of response pages or of tweets",
    platform="twitter",
    content="jsonl",
    shapes=(
        Shape(
            name="pages or tweets",
            table="posts",
            required=("id", "author_id", "created_at", "text"),
            optional=(*_TWEET, "includes"),
            read=_read,
            zone="UTC",
            example=(
                '{"data":[{"id":"2","author_id":"12","created_at":"2021-06-01T10:00:05.000Z","text":"RT @ann: look",'
                '"referenced_tweets":[{"type":"retweeted","id":"1"}],"public_metrics":{"like_count":0,"retweet_count":1,'
                '"reply_count":0}}],"includes":{"users":[{"id":"12","username":"bo_example","name":"Bo"}],"tweets":'
                '[{"id":"1","author_id":"11","text":"look"}]},"meta":{"result_count":1}}',
                '{"id":"3","author_id":"13","created_at":"2021-06-01T10:00:09.000Z","text":"#cats","entities":{"hashtags":'
                '[{"tag":"cats"}],"urls":[{"url":"https://t.example/1","expanded_url":"https://example.org/cat"}]}}',
            ),
        ),
    ),
)
