"""The eight columns that coordination-network-toolkit reads, by place; the header may say anything."""

from __future__ import annotations

from typing import Final

import pyarrow.compute as pc

from samehand.sources.formats import Format, Records, Shape
from samehand.sources.rows import Rows, first_of_each
from samehand.sources.values import found_in

__all__ = ["TOOLKIT"]


def _messages(rows: Rows) -> Records:
    reposted, replied = rows.id("repost_id"), rows.id("reply_id")
    repost, reply = pc.is_valid(reposted), pc.is_valid(replied)
    text = rows.text("message")
    asset = rows.id("user_id", required=True)
    key = {"platform": rows.constant(rows.context.platform), "asset_id": asset}
    posts = {
        **key,
        "post_id": rows.post_ids("message_id"),
        "posted_at": rows.time("timestamp", required=True),
        "kind": pc.if_else(repost, "repost", pc.if_else(reply, "reply", "original")),
        "text": text,
        "ref_post_id": pc.if_else(repost, reposted, replied),
        "urls": rows.items("urls", " "),
        "hashtags": found_in(text, "hashtags"),
        "mentions": found_in(text, "mentions"),
    }
    assets = rows.record("assets", {**key, "kind": rows.constant("account"), "handle": rows.word("username")})
    named = assets.filter(pc.is_valid(assets.column("handle")))
    return {
        "posts": rows.record("posts", posts),
        "assets": first_of_each(named),
    }


TOOLKIT: Final = Format(
    name="toolkit",
    title="coordination-network-toolkit: eight columns by place, links separated by blanks",
    platform="unknown",
    shapes=(
        Shape(
            name="messages",
            table="posts",
            required=("message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls"),
            positional=True,
            read=_messages,
            example=(
                "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls",
                "m1,u1,ann,,,look at #cats,1566907200,https://example.org/cat https://example.org/dog",
                "m2,u2,bo,m1,,look at #cats,1566907260,",
                "m3,u3,cy,,m1,@ann nice,1566907300.5,",
            ),
        ),
    ),
)
