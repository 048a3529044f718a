"""Twitter's archive of information operations: the users and the tweets of accounts that it removed."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from samehand.sources.formats import Format, Records, Shape
from samehand.sources.rows import Rows, first_of_each

__all__ = ["X_ARCHIVE"]

_USER: Final = (
    "userid",
    "user_display_name",
    "user_screen_name",
    "user_reported_location",
    "user_profile_description",
    "user_profile_url",
    "follower_count",
    "following_count",
    "account_creation_date",
    "account_language",
)
_TWEET: Final = (
    "tweet_language",
    "tweet_text",
    "tweet_client_name",
    "in_reply_to_tweetid",
    "in_reply_to_userid",
    "quoted_tweet_tweetid",
    "is_retweet",
    "retweet_userid",
    "retweet_tweetid",
    "reply_count",
    "like_count",
    "retweet_count",
    "hashtags",
    "urls",
    "user_mentions",
)


def _assets(rows: Rows) -> pa.Table:
    return rows.record(
        "assets",
        {
            "platform": rows.constant(rows.context.platform),
            "asset_id": rows.id("userid", required=True),
            "kind": rows.constant("account"),
            "handle": rows.word("user_screen_name"),
            "display_name": rows.text("user_display_name"),
            "bio": rows.text("user_profile_description"),
            "profile_url": rows.word("user_profile_url"),
            "location": rows.text("user_reported_location"),
            "language": rows.word("account_language"),
            "created_at": rows.time("account_creation_date"),
            "followers": rows.number("follower_count"),
            "following": rows.number("following_count"),
        },
    )


def _users(rows: Rows) -> Records:
    return {"assets": _assets(rows)}


def _tweets(rows: Rows) -> Records:
    """A row is a post, and what it says of its author an asset."""
    retweeted, replied, quoted = (
        rows.id(name) for name in ("retweet_tweetid", "in_reply_to_tweetid", "quoted_tweet_tweetid")
    )
    repost = pc.or_(rows.flags("is_retweet"), pc.is_valid(retweeted))
    reply = pc.or_(pc.is_valid(replied), pc.is_valid(rows.id("in_reply_to_userid")))
    kind = pc.case_when(pc.make_struct(repost, reply, pc.is_valid(quoted)), "repost", "reply", "quote", "original")
    nothing = pa.scalar(None, pa.string())
    posts = {
        "platform": rows.constant(rows.context.platform),
        "post_id": rows.post_ids("tweetid"),
        "asset_id": rows.id("userid", required=True),
        "posted_at": rows.time("tweet_time", required=True),
        "kind": kind,
        "text": rows.text("tweet_text"),
        "language": rows.word("tweet_language"),
        "client": rows.word("tweet_client_name"),
        "ref_post_id": pc.if_else(repost, retweeted, pc.if_else(reply, replied, quoted)),
        "ref_asset_id": pc.if_else(
            repost, rows.id("retweet_userid"), pc.if_else(reply, rows.id("in_reply_to_userid"), nothing)
        ),
        "urls": rows.archive_items("urls"),
        "hashtags": rows.archive_items("hashtags"),
        "mentions": rows.archive_items("user_mentions"),
        "like_count": rows.number("like_count"),
        "repost_count": rows.number("retweet_count"),
        "reply_count": rows.number("reply_count"),
    }
    record = rows.record("posts", posts)
    return {"posts": record, "assets": first_of_each(_assets(rows))}


X_ARCHIVE: Final = Format(
    name="x-archive",
    title="Twitter's archive of information operations: users and tweets CSV, told apart by their header",
    platform="twitter",
    shapes=(
        Shape(
            name="tweets",
            table="posts",
            required=("tweetid", "userid", "tweet_time"),
            optional=(*_USER[1:], *_TWEET),
            read=_tweets,
            zone="UTC",
            example=(
                "tweetid,userid,user_display_name,user_screen_name,user_reported_location,user_profile_description,"
                "user_profile_url,follower_count,following_count,account_creation_date,account_language,"
                "tweet_language,tweet_text,tweet_time,tweet_client_name,in_reply_to_tweetid,in_reply_to_userid,"
                "quoted_tweet_tweetid,is_retweet,retweet_userid,retweet_tweetid,latitude,longitude,quote_count,reply_count,like_count,"
                "retweet_count,hashtags,urls,user_mentions,poll_choices",
                '501,11,Ann,ann_example,,,,12,34,2017-08-30,en,en,"look, a cat",2019-08-01 10:00,Web App,,,,false,,,'
                ',,0,0,3,1,"[cats, pets]","[https://example.org/cat]","[12]",',
                "502,12,Bo,bo_example,,,,5,6,2017-10-16,en,en,RT @ann_example: look,2019-08-01 10:01,Web,,,,true,11,"
                "501,,,0,0,0,1,[],[],[],",
            ),
        ),
        Shape(
            name="users",
            table="assets",
            required=("userid", "account_creation_date"),
            optional=tuple(name for name in _USER if name not in ("userid", "account_creation_date")),
            read=_users,
            zone="UTC",
            example=(
                ",".join(_USER),
                "11,Ann,ann_example,Here,likes cats,https://example.org,12,34,2017-08-30,en",
                '12,Bo,bo_example,,,,"1,005",6,2017-10-16,en',
            ),
        ),
    ),
)
