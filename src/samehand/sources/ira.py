"""Tweets of the Internet Research Agency as FiveThirtyEight published them; most have no id and minute resolution."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import Column
from samehand.sources.formats import Format, Records, Shape
from samehand.sources.rows import Rows, first_of_each
from samehand.sources.values import found_in

__all__ = ["IRA"]

_NO_TARGET: Final = "reposts have no target: they tie accounts by their text"


def _kinds(rows: Rows) -> Column:
    """A retweet is a repost, but one that says that it quotes; files without the flag say it by the type alone."""
    said = pc.fill_null(pc.utf8_upper(rows.word("post_type")), "")
    quote = pc.is_in(said, pa.array(["Q", "QUOTE_TWEET", "QUOTE"]))
    repost = pc.or_(rows.flags("retweet"), pc.is_in(said, pa.array(["R", "RETWEET"])))
    if pc.any(repost).as_py():
        rows.context.notes[_NO_TARGET] = None
    kinds: Column = pc.if_else(quote, "quote", pc.if_else(repost, "repost", "original"))
    return kinds


def _tweets(rows: Rows) -> Records:
    author, text = rows.id("author", required=True), rows.text("content")
    key = {"platform": rows.constant(rows.context.platform), "asset_id": author}
    posts = {
        **key,
        "post_id": rows.post_ids("tweet_id"),
        "posted_at": rows.time("publish_date", required=True),
        "kind": _kinds(rows),
        "text": text,
        "language": rows.word("language"),
        "urls": found_in(text, "urls"),
        "hashtags": found_in(text, "hashtags"),
        "mentions": found_in(text, "mentions"),
    }
    assets = {
        **key,
        "kind": rows.constant("account"),
        "handle": author,
        "followers": rows.number("followers"),
        "following": rows.number("following"),
        "posts_count": rows.number("updates"),
    }
    return {"posts": rows.record("posts", posts), "assets": first_of_each(rows.record("assets", assets))}


_SPELLINGS: Final = {"author": ("author_id",)}
_OPTIONAL: Final = ("tweet_id", "language", "following", "followers", "updates", "post_type", "retweet")

IRA: Final = Format(
    name="ira",
    title="FiveThirtyEight's tweets of the Internet Research Agency",
    platform="twitter",
    shapes=(
        Shape(
            name="tweets, as published",
            table="posts",
            required=("external_author_id", "author", "content", "publish_date"),
            optional=_OPTIONAL,
            read=_tweets,
            pattern="us",
            # rounded by a spreadsheet in the files as published, so that it names nobody
            ignored=("external_author_id",),
            example=(
                "external_author_id,author,content,region,language,publish_date,harvested_date,following,followers,"
                "updates,post_type,account_type,retweet,account_category",
                "9.06E+17,ANN_EXAMPLE,look at #cats,Unknown,English,10/1/2017 19:58,10/1/2017 19:59,1052,9636,253,,"
                "left,0,NewsFeed",
                "9.06E+17,BO_EXAMPLE,look at #cats,Unknown,English,10/1/2017 22:43,10/1/2017 22:43,1054,9637,254,"
                "RETWEET,left,1,NewsFeed",
            ),
        ),
        Shape(
            name="tweets, reduced",
            table="posts",
            required=("author", "content", "publish_date"),
            optional=_OPTIONAL,
            spellings=_SPELLINGS,
            read=_tweets,
            example=(
                "author_id,account_category,publish_date,content,following,followers,updates,post_type,retweet,region",
                "ann_example,NewsFeed,2016-10-02 18:00:00,look at #cats https://example.org/cat,12,34,56,,0,Unknown",
                "bo_example,NewsFeed,2016-10-02 18:01:00,look at #cats https://example.org/cat,7,8,9,R,1,Unknown",
            ),
        ),
    ),
)
