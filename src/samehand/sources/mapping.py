"""The TOML map that says which of a file's columns is which column of a table; read, written and guessed."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from samehand.errors import FormatError, NotFoundError
from samehand.records import DATASET_TABLES, required_columns
from samehand.sources.rows import plain_name

__all__ = ["DEFAULTS", "ColumnMap", "guess", "mapped_names", "needed", "read_map"]

DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "posts": {"kind": "original", "post_id": "the file's content and the row"},
    "assets": {"kind": "account"},
}
"""Columns that a table needs and a file may lack, and what stands in for them; `platform` has `--platform` besides."""

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "platform": ("network", "site", "source_platform"),
    "asset_id": (
        "user_id", "userid", "author_id", "account_id", "accountid", "page_id", "profile_id", "from_id", "uid",
        "author", "username", "user_name", "screen_name", "user_screen_name", "user", "account", "handle",
    ),
    "post_id": ("id", "id_str", "tweet_id", "tweetid", "status_id", "message_id", "content_id", "post", "postid"),
    "posted_at": (
        "created_at", "timestamp", "time", "date", "datetime", "tweet_time", "publish_date", "published_at",
        "created_utc", "post_created", "share_time", "at",
    ),
    "at": ("timestamp", "time", "date", "datetime", "created_at"),
    "created_at": ("account_creation_date", "account_created_at", "created", "registered_at", "created_utc"),
    "kind": ("type", "post_type"),
    "text": ("content", "message", "body", "tweet_text", "full_text", "tweet", "caption"),
    "language": ("lang", "tweet_language", "account_language"),
    "client": ("tweet_client_name", "application", "via", "device"),
    "ref_post_id": ("retweet_id", "retweeted_id", "repost_id", "retweet_tweetid", "reference_id", "parent_id"),
    "ref_asset_id": ("retweeted_user_id", "retweet_userid", "reference_user_id"),
    "urls": ("url", "links", "link", "expanded_urls", "shared_url"),
    "hashtags": ("hashtag", "tags"),
    "mentions": ("user_mentions", "mentioned_users"),
    "like_count": ("likes", "favorite_count", "favourites", "favorites", "reactions"),
    "repost_count": ("retweets", "retweet_count", "shares", "share_count"),
    "reply_count": ("replies", "comments", "comment_count"),
    "handle": ("screen_name", "username", "user_screen_name", "user_name", "account"),
    "display_name": ("name", "full_name", "user_display_name", "page_name"),
    "bio": ("description", "about", "user_profile_description"),
    "followers": ("follower_count", "followers_count", "subscribers"),
    "following": ("following_count", "friends_count", "friends"),
    "posts_count": ("statuses_count", "tweet_count", "updates"),
    "object_id": ("object", "url", "item"),
    "trace": ("behaviour", "behavior", "action"),
}  # fmt: skip


@dataclass(frozen=True)
class ColumnMap:
    """Which column of a file is which of a table.

    Attributes:
        columns: the table's column -> the file's.
        constants: the table's column -> the value of every row.
        separator: what joins the items of a list.
        timezone: the zone of times without one, or None.
        time_format: a `strptime` pattern of the times, or None.

    """

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    separator: str = "|"
    timezone: str | None = None
    time_format: str | None = None

    def toml(self) -> str:
        """The map as a TOML file."""
        lines = ["[columns]", *(f"{name} = {_quoted(column)}" for name, column in self.columns.items())]
        if self.constants:
            lines += ["", "[constants]", *(f"{name} = {_quoted(value)}" for name, value in self.constants.items())]
        lines += ["", "[lists]", f"separator = {_quoted(self.separator)}"]
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def needed(table: str) -> list[str]:
    """The columns that a file of a table must have: required, and nothing stands in for them."""
    return [name for name in required_columns(table) if name != "platform" and name not in DEFAULTS.get(table, {})]


def read_map(path: Path, table: str) -> ColumnMap:
    """Read a map.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is no TOML, or names a section, key or column that there is not.

    """
    if not path.is_file():
        raise NotFoundError(f"{path} is not there; name a TOML file with --map")
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} is no TOML: {error}") from error
    names = DATASET_TABLES[table].names
    columns = _section(path, facts, "columns", names)
    constants = _section(path, facts, "constants", names)
    lists = _section(path, facts, "lists", ["separator"])
    times = _section(path, facts, "times", ["timezone", "format"])
    _known(path, facts, ["columns", "constants", "lists", "times"], "section")
    missing = [name for name in needed(table) if name not in columns and name not in constants]
    if missing:
        raise FormatError(
            f"{path} names no column for {', '.join(missing)}, which table '{table}' needs; add it to [columns]"
        )
    separator = lists.get("separator", "|")
    if not separator:
        raise FormatError(f'{path}: the separator of [lists] is empty; name the text that joins the items, such as "|"')
    return ColumnMap(columns, constants, separator, times.get("timezone"), times.get("format"))


def _section(path: Path, facts: Mapping[str, Any], section: str, known: Iterable[str]) -> dict[str, str]:
    values = facts.get(section, {})
    if not isinstance(values, dict):
        raise FormatError(f"{path}: [{section}] is no section; write `[{section}]` on a line of its own")
    _known(path, values, known, f"key of [{section}]")
    for name, value in values.items():
        if not isinstance(value, str):
            raise FormatError(f"{path}: {name} in [{section}] is no text; write it between quotation marks")
    return dict(values)


def _known(path: Path, given: Iterable[str], known: Iterable[str], what: str) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            raise FormatError(f"{path}: '{name}' is no {what}; {hint}")


def mapped_names(table: str, columns: list[str]) -> dict[str, str]:
    """Columns of a file that bear the names of a table's, whatever their case."""
    found = {plain_name(column): column for column in reversed(columns)}
    return {name: found[name] for name in DATASET_TABLES[table].names if name in found}


def guess(table: str, columns: list[str]) -> ColumnMap:
    """The likeliest map: by names that are met, then by likeness; what cannot be guessed is left out."""
    chosen = mapped_names(table, columns)
    free = {plain_name(column): column for column in reversed(columns) if column not in chosen.values()}
    for name in DATASET_TABLES[table].names:
        if name in chosen:
            continue
        spelling = next((word for word in _SPELLINGS.get(name, ()) if word in free), None)
        if spelling is None:
            spelling = next(iter(difflib.get_close_matches(name, list(free), 1, cutoff=0.8)), None)
        if spelling is not None:
            chosen[name] = free.pop(spelling)
    return ColumnMap({name: chosen[name] for name in DATASET_TABLES[table].names if name in chosen})
