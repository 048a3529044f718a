"""CSV files that 4CAT (Capture and Analysis Toolkit) exports; columns depend on where it had its data from.

They are those of each data source's `map_item` or `return_cols` in https://github.com/digitalmethodsinitiative/4cat.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import Column
from samehand.sources.formats import Format, Records, Shape
from samehand.sources.rows import Rows, first_of_each
from samehand.sources.values import found_in, joined, read_items

__all__ = ["FOURCAT"]

_NO_TARGET: Final = "reposts have no target: they tie accounts by their text"
_COMMON: Final = ("unix_timestamp", "thread_id")
_NOBODY: Final = ("[deleted]", "Anonymous")


def _post(rows: Rows, author: Column, post: Column) -> dict[str, Column]:
    """What all have. The time in seconds goes first: 4CAT writes the other in its server's zone, which need not be UTC."""
    posted = pc.coalesce(rows.time("unix_timestamp"), rows.time("timestamp"))
    rows.reject(
        np.asarray(pc.is_null(posted)), "timestamp and unix_timestamp are missing, or no times that can be read"
    )
    text = rows.text("body")
    return {
        "platform": rows.constant(rows.context.platform),
        "post_id": post,
        "asset_id": author,
        "posted_at": posted,
        "text": text,
        "urls": _links(rows, "urls") if "urls" in rows else found_in(text, "urls"),
        "hashtags": rows.items("hashtags", ",") if "hashtags" in rows else found_in(text, "hashtags"),
        "mentions": rows.items("mentions", ",") if "mentions" in rows else found_in(text, "mentions"),
    }


def _records(rows: Rows, posts: dict[str, Column], **asset: Column) -> Records:
    kind = asset.pop("kind", rows.constant("account"))
    assets = {"platform": posts["platform"], "asset_id": posts["asset_id"], "kind": kind, **asset}
    made = rows.record("assets", assets)
    return {"posts": rows.record("posts", posts), "assets": first_of_each(made)}


def _author(rows: Rows, name: str = "author") -> Column:
    author = rows.id(name, required=True)
    nobody = pc.fill_null(pc.is_in(author, pa.array(_NOBODY)), False)
    rows.reject(np.asarray(nobody), "author is nobody: deleted or anonymous")
    return author


def _links(rows: Rows, name: str) -> Column:
    """Links joined by commas, which may be part of a link as well."""
    return read_items(pc.replace_substring_regex(rows.word(name), ",(https?:)", "\x1f\\1"), "\x1f")


def _count(rows: Rows, name: str) -> Column:
    """A number that 4CAT knew; it writes -1 where it did not."""
    number = rows.number(name)
    return pc.if_else(pc.greater_equal(number, 0), number, pa.scalar(None, pa.int64()))


def _answers(rows: Rows, post: Column, to: Column) -> dict[str, Column]:
    """A post of a thread answers its beginning, unless it is that."""
    own = pc.fill_null(pc.equal(post, to), True)
    return {"kind": pc.if_else(own, "original", "reply"), "ref_post_id": pc.if_else(own, rows.nothing(), to)}


def _titled(rows: Rows) -> Column:
    return joined(rows.text("subject"), rows.text("body"), "\n\n")


def _tweets(rows: Rows) -> Records:
    """Whom a tweet repeats or answers is told by name only, and never which tweet."""
    repost = rows.flags("is_retweet")
    if pc.any(repost).as_py():
        rows.context.notes[_NO_TARGET] = None
    kind = pc.case_when(
        pc.make_struct(repost, rows.flags("is_reply"), rows.flags("is_quote_tweet")),
        "repost", "reply", "quote", "original",
    )  # fmt: skip
    images = pc.replace_substring_regex(rows.word("images"), "(^|,)(https?:)", "\\1id:\\2")
    posts = {
        **_post(rows, rows.id("author_id", required=True), rows.id("id", required=True)),
        "kind": kind,
        "language": rows.word("language_guess"),
        "client": rows.word("source"),
        "media_hashes": read_items(images, ","),
        "like_count": _count(rows, "like_count"),
        "repost_count": _count(rows, "retweet_count"),
        "reply_count": _count(rows, "reply_count"),
    }
    return _records(rows, posts, handle=rows.word("author"), display_name=rows.text("author_fullname"))


def _messages(rows: Rows) -> Records:
    """Telegram: older files number messages by chat, newer ones have the chat in the id; a channel may be the author."""
    chat, number = rows.id("chat", required=True), rows.id("id", required=True)
    bare = pc.match_substring_regex(number, r"^\d+$")
    sender, answered = rows.id("author"), rows.id("reply_to")
    forwarded = [rows.word(f"author_forwarded_from_{name}") for name in ("id", "username", "name")]
    forward = pc.is_valid(pc.coalesce(*forwarded, rows.word("unix_timestamp_forwarded_from")))
    if pc.any(forward).as_py():
        rows.context.notes[_NO_TARGET] = None
    common = _post(
        rows, pc.coalesce(sender, chat), pc.if_else(bare, pc.binary_join_element_wise(chat, number, "-"), number)
    )
    attached = pc.fill_null(rows.word("link_attached"), "")
    joined = pc.binary_join(pc.coalesce(common["urls"], pa.scalar([""], common["urls"].type)), "\x1f")
    posts = {
        **common,
        "kind": pc.if_else(forward, "repost", pc.if_else(pc.is_valid(answered), "reply", "original")),
        "ref_post_id": pc.if_else(forward, rows.nothing(), pc.binary_join_element_wise(chat, answered, "-")),
        "ref_asset_id": pc.if_else(forward, rows.id("author_forwarded_from_id"), rows.nothing()),
        "urls": read_items(pc.binary_join_element_wise(joined, attached, "\x1f"), "\x1f"),
    }
    kind = pc.if_else(pc.is_valid(sender), "account", "channel")
    handle = pc.if_else(pc.is_valid(sender), rows.word("author_username"), chat)
    return _records(rows, posts, kind=kind, handle=handle, display_name=rows.text("author_name"))


def _tiktok(rows: Rows) -> Records:
    author = _author(rows)
    posts = {
        **_post(rows, author, rows.id("id", required=True)),
        "kind": rows.constant("original"),
        "like_count": _count(rows, "likes"),
        "repost_count": _count(rows, "shares"),
        "reply_count": _count(rows, "comments"),
    }
    name, followers = rows.text("author_full"), _count(rows, "author_followers")
    return _records(rows, posts, handle=author, display_name=name, followers=followers)


def _instagram(rows: Rows) -> Records:
    """Files of before 2022 have comments, too, which answer `parent_id`."""
    author, comment = _author(rows), pc.fill_null(pc.equal(rows.word("type"), "comment"), False)
    posts = {
        **_post(rows, author, rows.id("id", required=True)),
        "kind": pc.if_else(comment, "reply", "original"),
        "ref_post_id": pc.if_else(comment, rows.id("parent_id"), rows.nothing()),
        "like_count": _count(rows, "num_likes"),
        "reply_count": _count(rows, "num_comments"),
    }
    return _records(rows, posts, handle=author, display_name=rows.text("author_fullname"))


def _reddit(rows: Rows) -> Records:
    """Ids get the prefix that Reddit's own files have, so that the two are merged."""
    author, number, parent = _author(rows), rows.id("id", required=True), rows.id("parent")
    comment = pc.is_valid(parent)
    own = pc.fill_null(pc.match_substring_regex(rows.word("url"), r"reddit\.com/r/[^/]+/comments/"), False)
    link = pc.if_else(pc.or_(own, comment), rows.nothing(), rows.word("url"))
    common = _post(rows, author, pc.binary_join_element_wise(pc.if_else(comment, "t1", "t3"), number, "_"))
    posts = {
        **common,
        "kind": pc.if_else(comment, "reply", "original"),
        "text": _titled(rows),
        "ref_post_id": parent,
        "urls": pc.if_else(pc.is_valid(link), read_items(link, "\x1f"), common["urls"]),
        "hashtags": rows.items("hashtags"),
        "mentions": rows.items("mentions"),
        "like_count": rows.number("score"),
    }
    return _records(rows, posts, handle=author)


def _board(rows: Rows) -> Records:
    """4chan and its like: numbers are a board's own, and hardly anybody has a name."""
    author, number, thread = _author(rows), rows.id("id", required=True), rows.id("thread_id")
    board = rows.id("board")
    post, beginning = joined(board, number, "/"), joined(board, thread, "/")
    picture = pc.binary_join_element_wise("id:md5", rows.word("image_md5"), "-")
    posts = {
        **_post(rows, author, post),
        **_answers(rows, post, pc.if_else(pc.is_valid(thread), beginning, rows.nothing())),
        "text": _titled(rows),
        "media_hashes": read_items(picture, "\x1f"),
    }
    return _records(rows, posts, handle=author)


def _other(rows: Rows) -> Records:
    author, post = _author(rows), rows.id("id", required=True)
    posts = {**_post(rows, author, post), **_answers(rows, post, rows.id("thread_id")), "text": _titled(rows)}
    return _records(rows, posts, handle=author)


_TWEET: Final = (
    "author_fullname", "source", "language_guess", "is_reply", "is_quote_tweet", "retweet_count", "reply_count",
    "like_count", "hashtags", "urls", "images", "mentions",
)  # fmt: skip
_MESSAGE: Final = (
    "author_username", "author_name", "reply_to", "author_forwarded_from_id", "author_forwarded_from_username",
    "unix_timestamp_forwarded_from", "link_attached",
)  # fmt: skip

FOURCAT: Final = Format(
    name="4cat",
    title="4CAT's CSV of posts, whichever platform they are from",
    platform="unknown",
    shapes=(
        Shape(
            name="X and Twitter",
            table="posts",
            platform="twitter",
            required=("id", "author", "author_id", "body", "timestamp", "is_retweet"),
            optional=(*_COMMON, *_TWEET),
            read=_tweets,
            zone="UTC",
            example=(
                "id,thread_id,timestamp,unix_timestamp,body,author,author_fullname,author_id,source,language_guess,"
                "retweet_count,reply_count,like_count,is_retweet,retweeted_user,is_quote_tweet,is_reply,hashtags,urls,mentions",
                "1,1,2024-05-01 10:00:00,1714557600,look #cats,ann_example,Ann,11,Web App,en,1,0,3,no,,no,no,cats,"
                "https://example.org/cat,",
                "2,2,2024-05-01 10:00:09,1714557609,RT @ann_example: look #cats,bo_example,Bo,12,Web App,en,1,0,0,yes,"
                "ann_example,no,no,cats,https://example.org/cat,ann_example",
            ),
        ),
        Shape(
            name="Telegram",
            table="posts",
            platform="telegram",
            required=("id", "chat", "author", "body", "timestamp", "author_forwarded_from_name"),
            optional=(*_COMMON, *_MESSAGE),
            ignored=("is_reply", "timestamp_forwarded_from", "entities_mentioned", "all_connections", "body_markdown"),
            read=_messages,
            zone="UTC",
            example=(
                "id,thread_id,chat,author,author_username,author_name,body,reply_to,views,timestamp,unix_timestamp,"
                "author_forwarded_from_name,author_forwarded_from_username,author_forwarded_from_id,link_attached",
                "cats-1,cats,cats,77,cats,Cats,look,,9,2024-05-01 10:00:00,1714557600,,,,https://example.org/cat",
                "cats-2,cats,cats,12,bo_example,Bo,dogs are fine,1,3,2024-05-01 10:00:09,1714557609,Dogs,dogs,78,",
            ),
        ),
        Shape(
            name="TikTok",
            table="posts",
            platform="tiktok",
            required=("id", "author", "body", "timestamp", "tiktok_url"),
            optional=(*_COMMON, "author_full", "author_followers", "likes", "comments", "shares", "hashtags"),
            spellings={"likes": ("amount_likes",), "comments": ("amount_comments",), "shares": ("amount_shares",)},
            read=_tiktok,
            zone="UTC",
            example=(
                "id,thread_id,author,author_full,author_id,author_followers,body,timestamp,unix_timestamp,music_id,tiktok_url,"
                "likes,comments,shares,plays,hashtags",
                "71,71,ann_example,Ann,11,5,look #cats #pets,2024-05-01 10:00:00,1714557600,9,"
                'https://tiktok.com/@ann_example/video/71,3,1,0,50,"cats,pets"',
            ),
        ),
        Shape(
            name="Instagram",
            table="posts",
            platform="instagram",
            required=("id", "author", "body", "timestamp", "num_likes"),
            optional=(*_COMMON, "parent_id", "type", "author_fullname", "num_comments", "hashtags", "mentions"),
            spellings={"mentions": ("mentioned",)},
            read=_instagram,
            zone="UTC",
            example=(
                "id,thread_id,parent_id,body,author,author_fullname,timestamp,type,url,hashtags,num_likes,num_comments,"
                "unix_timestamp",
                "Cx1,Cx1,Cx1,look #cats,ann_example,Ann,2024-05-01 10:00:00,photo,https://www.instagram.com/p/Cx1,cats,3,-1,"
                "1714557600",
            ),
        ),
        Shape(
            name="Reddit",
            table="posts",
            platform="reddit",
            required=("id", "thread_id", "author", "body", "timestamp", "subreddit", "parent"),
            optional=("unix_timestamp", "subject", "url", "score"),
            ignored=("image_md5",),
            read=_reddit,
            zone="UTC",
            example=(
                "thread_id,id,timestamp,body,subject,author,domain,url,image_md5,subreddit,parent,score",
                "x,x,1714557600,,A cat,ann_example,example.org,https://example.org/cat,,cats,,10",
                "x,a,1714557700,nice,,bo_example,,,,cats,t3_x,1",
            ),
        ),
        Shape(
            name="4chan and other boards",
            table="posts",
            platform="4chan",
            required=("id", "thread_id", "author", "body", "timestamp", "country_code", "image_md5"),
            optional=("unix_timestamp", "board", "subject"),
            read=_board,
            zone="UTC",
            example=(
                "thread_id,id,timestamp,board,body,subject,author,image_file,image_md5,country_name,country_code",
                "5,5,2024-05-01 10:00:00,pets,look,Cats,Ann!trip,1.jpg,q1w2e3==,Germany,DE",
                "5,6,2024-05-01 10:00:09,pets,>>5 nice,,Bo,,,France,FR",
            ),
        ),
        Shape(
            name="any other",
            table="posts",
            required=("id", "author", "body", "timestamp"),
            optional=(*_COMMON, "subject", "hashtags", "urls", "mentions"),
            spellings={"unix_timestamp": ("timestamp_unix",)},
            read=_other,
            zone="UTC",
            example=(
                "id,thread_id,timestamp,author,subject,body",
                "1,1,2024-05-01 10:00:00,ann_example,A cat,look https://example.org/cat",
                "2,1,2024-05-01 10:00:09,bo_example,,nice",
            ),
        ),
    ),
)
