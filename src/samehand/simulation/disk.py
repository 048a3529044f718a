"""A world on disk: as a dataset with its truth beside it, or as a platform would hand it over."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from samehand.errors import InputError
from samehand.records import private_file, write_dataset
from samehand.simulation.world import World

__all__ = ["TWEET_COLUMNS", "USER_COLUMNS", "write_archive", "write_world"]

_PROFILE: Final = (
    "user_display_name,user_screen_name,user_reported_location,user_profile_description,user_profile_url,"
    "follower_count,following_count,account_creation_date,account_language"
)
USER_COLUMNS: Final = tuple(f"userid,{_PROFILE}".split(","))
TWEET_COLUMNS: Final = tuple(
    f"tweetid,userid,{_PROFILE},tweet_language,tweet_text,tweet_time,tweet_client_name,in_reply_to_userid,"
    "in_reply_to_tweetid,quoted_tweet_tweetid,is_retweet,retweet_userid,retweet_tweetid,latitude,longitude,quote_count,"
    "reply_count,like_count,retweet_count,hashtags,urls,user_mentions,poll_choices".split(",")
)
_BATCH = 20_000


def write_world(world: World, path: Path) -> None:
    """Write a world's tables as a dataset, and `truth.csv` beside the tables.

    An earlier dataset at `path` is replaced.

    Raises:
        InputError: `path` exists and is no dataset.

    """
    with write_dataset(path, replace=True) as writer:
        writer.add("assets", world.assets)
        writer.add("posts", world.posts)
        for name in ("asset_history", "relations", "logins", "events"):
            table: pa.Table = getattr(world, name)
            if table.num_rows:
                writer.add(name, table)
    rows = ([row[name] or "" for name in world.truth.column_names] for row in world.truth.to_pylist())
    private_file(path / "truth.csv", _csv(world.truth.column_names, rows))


def write_archive(world: World, folder: Path) -> tuple[Path, Path]:
    """Write a world in the columns of Twitter's information-operations archive.

    Returns:
        The paths of `users.csv` and `tweets.csv`. Times are to the second, lists `[a, b]`, nothing is an empty cell.

    Raises:
        InputError: `folder` exists and is no folder.

    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} exists and is no folder; name another one with --raw")
    folder.mkdir(parents=True, exist_ok=True)
    profiles = {str(asset["asset_id"]): _profile(asset) for asset in world.assets.to_pylist()}
    users = ([key, *profile] for key, profile in profiles.items())
    private_file(folder / "users.csv", _csv(USER_COLUMNS, users))
    tweets = (_tweet(post, profiles[str(post["asset_id"])]) for post in _rows(world.posts))
    private_file(folder / "tweets.csv", _csv(TWEET_COLUMNS, tweets))
    return folder / "users.csv", folder / "tweets.csv"


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()


def _profile(asset: dict[str, Any]) -> list[object]:
    made: datetime | None = asset["created_at"]
    return [
        asset["display_name"] or "",
        asset["handle"] or "",
        asset["location"] or "",
        asset["bio"] or "",
        asset["profile_url"] or "",
        asset["followers"],
        asset["following"],
        f"{made:%Y-%m-%d}" if made else "",
        asset["language"] or "",
    ]


def _tweet(post: dict[str, Any], profile: list[object]) -> list[object]:
    def when(kind: str, column: str) -> str:
        return str(post[column] or "") if post["kind"] == kind else ""

    def listed(column: str) -> str:
        return f"[{', '.join(post[column])}]" if post[column] else ""

    return [
        post["post_id"],
        post["asset_id"],
        *profile,
        post["language"],
        post["text"],
        f"{post['posted_at']:%Y-%m-%d %H:%M:%S}",
        post["client"] or "",
        when("reply", "ref_asset_id"),
        when("reply", "ref_post_id"),
        "",
        str(post["kind"] == "repost").lower(),
        when("repost", "ref_asset_id"),
        when("repost", "ref_post_id"),
        *("", "", "", "", "", ""),
        listed("hashtags"),
        listed("urls"),
        listed("mentions"),
        "",
    ]
