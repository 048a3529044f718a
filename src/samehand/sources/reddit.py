"""Reddit's accounts, comments and submissions, with the column names of its API."""

from __future__ import annotations

from typing import Final

import pyarrow.compute as pc

from samehand.records import Column
from samehand.sources.formats import Format, Records, Shape
from samehand.sources.rows import Rows
from samehand.sources.values import found_in, joined

__all__ = ["REDDIT"]


def _post(rows: Rows, author: Column) -> dict[str, Column]:
    return {
        "platform": rows.constant(rows.context.platform),
        "post_id": rows.id("name", required=True),
        "asset_id": author,
        "posted_at": rows.time("created_utc", required=True),
        "like_count": rows.number("score"),
    }


def _author(rows: Rows) -> Column:
    """Who wrote it; Reddit writes `[deleted]` where it no longer says, which is nobody."""
    author = rows.id("author.name", required=True)
    rows.reject(pc.fill_null(pc.equal(author, "[deleted]"), False).to_numpy(zero_copy_only=False), "author was deleted")
    return author


def _comments(rows: Rows) -> Records:
    """A comment replies to its parent. The thread's link is not the author's, so it is no link of the comment."""
    author, text = _author(rows), rows.text("body")
    found = {
        **_post(rows, author),
        "kind": rows.constant("reply"),
        "text": text,
        "ref_post_id": pc.coalesce(rows.id("parent_id"), rows.id("link_id")),
        "urls": found_in(text, "urls"),
    }
    return {"posts": rows.record("posts", found)}


def _submissions(rows: Rows) -> Records:
    """A submission's link is its author's; one that leads to the submission itself is none."""
    author = _author(rows)
    url, title, body = rows.word("url"), rows.text("title"), rows.text("selftext")
    own = pc.fill_null(pc.match_substring_regex(url, r"reddit\.com/r/[^/]+/comments/"), False)
    link = pc.fill_null(pc.if_else(own, "", url), "")
    found = {
        **_post(rows, author),
        "kind": rows.constant("original"),
        "text": joined(title, body, "\n\n"),
        "urls": pc.if_else(
            pc.equal(link, ""), found_in(body, "urls"), pc.list_slice(pc.split_pattern(link, " "), 0, 1)
        ),
        "reply_count": rows.number("num_comments"),
    }
    return {"posts": rows.record("posts", found)}


def _users(rows: Rows) -> Records:
    """Posts name their author by handle, so the handle is the account's id, too."""
    handle = rows.id("name", required=True)
    found = {
        "platform": rows.constant(rows.context.platform),
        "asset_id": handle,
        "kind": rows.constant("account"),
        "handle": handle,
        "created_at": rows.time("created_utc"),
    }
    return {"assets": rows.record("assets", found)}


_SPELLINGS: Final = {"author.name": ("author",), "name": ("fullname",)}

REDDIT: Final = Format(
    name="reddit",
    title="Reddit: users, comments or submissions, told apart by their header",
    platform="reddit",
    shapes=(
        Shape(
            name="comments",
            table="posts",
            required=("name", "author.name", "body", "created_utc", "parent_id"),
            optional=("link_id", "score"),
            spellings=_SPELLINGS,
            ignored=("fullname", "id", "downs", "ups"),
            read=_comments,
            example=(
                "fullname,author.name,body,created_utc,id,link_id,link_url,name,parent_id,score",
                "t1_a,ann_example,nice,1470604422.0,a,t3_x,https://example.org/cat,t1_a,t3_x,1",
                "t1_b,bo_example,see https://example.org/dog,1470604522.0,b,t3_x,https://example.org/cat,t1_b,t1_a,2",
            ),
        ),
        Shape(
            name="submissions",
            table="posts",
            required=("name", "author.name", "title", "created_utc"),
            optional=("url", "selftext", "score", "num_comments"),
            spellings=_SPELLINGS,
            ignored=("fullname", "id", "downs", "ups"),
            read=_submissions,
            example=(
                "name,author.name,title,selftext,url,created_utc,score,num_comments",
                "t3_x,ann_example,A cat,,https://example.org/cat,1470600000,10,2",
                "t3_y,bo_example,Ask,who knows?,https://www.reddit.com/r/cats/comments/y/ask/,1470600100,1,0",
            ),
        ),
        Shape(
            name="users",
            table="assets",
            required=("name", "created_utc", "link_karma"),
            optional=("comment_karma",),
            ignored=("fullname", "id"),
            read=_users,
            example=(
                "fullname,comment_karma,created_utc,id,link_karma,name",
                "t2_1,-7,1467681198.0,1,1,ann_example",
                "t2_2,12,1431683081.0,2,30,bo_example",
            ),
        ),
    ),
)
