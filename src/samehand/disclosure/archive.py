"""The tables of a release: who was acted on and what they did, as far as it finds nobody who has few readers.

Columns are those of Twitter's archives, so that notebooks that read these read ours. Accounts that many follow are shown as
they were: they spoke to the public. Of the others ids are hashed under this release's keys, profiles are left out, what could
tell one from the next is blunted until k are alike, and their posts are shown as counts alone. Texts are in no table: a search
finds them again. What is shown in clear names nobody else (`samehand.disclosure.scrubbing`). What is left out is counted. In
the vetted tier (`samehand.disclosure.vetted`) all accounts are shown as they were, with their texts, and nobody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa

from samehand.disclosure.anonymity import SUPPRESSED, blunted
from samehand.disclosure.pseudonyms import ReleaseKeys
from samehand.disclosure.scrubbing import Plain
from samehand.traces import canonical_url, registered_domain

__all__ = ["MANY_FOLLOWERS", "POST_COLUMNS", "USER_COLUMNS", "Archive", "Left", "archive_of"]

MANY_FOLLOWERS: Final = 5_000
"""Whom so many followed when they were acted on is shown as they were."""
USER_COLUMNS: Final = (
    "userid", "user_display_name", "user_screen_name", "user_reported_location", "user_profile_description", "user_profile_url",
    "follower_count", "following_count", "account_creation_date", "account_language",
)  # fmt: skip
POST_COLUMNS: Final = (
    *USER_COLUMNS, "tweetid", "tweet_language", "tweet_text", "tweet_time", "tweet_client_name", "in_reply_to_tweetid",
    "in_reply_to_userid", "quoted_tweet_tweetid", "is_retweet", "retweet_userid", "retweet_tweetid", "latitude", "longitude",
    "quote_count", "reply_count", "like_count", "retweet_count", "hashtags", "urls", "user_mentions", "poll_choices",
)  # fmt: skip
QUASI: Final = ("account_language", "account_creation_date", "follower_count", "following_count")
"""What somebody outside could know of an account, whatever it is called."""


@dataclass(frozen=True)
class Left:
    """What is not in the tables.

    Attributes:
        suppressed: small accounts whose quasi-identifiers are left out. steps: by column how often it was blunted.
        rare: by table the counts that are left out because fewer than k accounts are behind them.
        texts: posts whose text is left out: all of them, or in the vetted tier what others wrote.

    """

    suppressed: int
    steps: Mapping[str, int]
    rare: Mapping[str, int]
    texts: int


@dataclass(frozen=True)
class Archive:
    """The tables of a release.

    Attributes:
        users, posts: in Twitter's columns; posts of accounts with many followers only. posts_daily: posts of the others by
            network, day, language and kind. hashtags, domains, clients, templates: what networks used, by how many accounts of
            these others; in the vetted tier, in which there are none, of all.
        small: how many accounts are shown under a hash. left: what is not there. k: so many are alike, or behind a count.

    """

    users: pa.Table
    posts: pa.Table
    posts_daily: pa.Table
    hashtags: pa.Table
    domains: pa.Table
    clients: pa.Table
    templates: pa.Table
    small: int
    left: Left
    k: int

    @property
    def tables(self) -> dict[str, pa.Table]:
        """By name."""
        named = ("users", "posts", "posts_daily", "hashtags", "domains", "clients", "templates")
        return {name: getattr(self, name) for name in named}


def archive_of(
    assets: pa.Table, posts: pa.Table, networks: Mapping[tuple[str, str], str], keys: ReleaseKeys, *, k: int = 5,
    many: int = MANY_FOLLOWERS, sites: Set[str] = frozenset(), vetted: bool = False,
) -> Archive:  # fmt: skip
    """The tables of a release.

    Args:
        assets, posts: of a dataset. networks: by platform and id of each account that is disclosed the network that it is in.
        keys: of this release. k: so many accounts at least are alike, or behind a count. many: followers from which on an
            account is shown as it was. vetted: whether all are, with their texts. sites: of the operation's own, whose pages
            are shown then.

    """
    everybody = assets.to_pylist()
    members = [row for row in everybody if _key(row) in networks]
    large = {_key(row) for row in members if vetted or (row["followers"] or 0) >= many}
    plain = Plain.of(everybody, large, sites if vetted else frozenset(), keys)
    theirs = [row for row in posts.to_pylist() if _key(row) in networks]
    group = {key: keys.hashed("group", key[0], network) for key, network in networks.items()}
    shown = {_key(row): _user(row, keys, plain if _key(row) in large else None) for row in members}
    small = [shown[key] for key in sorted(shown) if key not in large]
    alike = blunted(small, STEPS, k)
    users = [shown[key] for key in sorted(shown) if key in large] + sorted(
        alike.rows, key=lambda row: str(row["userid"])
    )
    of_small = [row for row in theirs if _key(row) not in large]
    daily, rare_days = _daily(of_small, group, k)
    # posts of large accounts are rows: counted here, too, they could be taken away until fewer than k are left
    counted = {name: _used(theirs if vetted else of_small, group, values, k) for name, values in USED.items()}
    rare = {"posts_daily": rare_days, **{name: left for name, (_, left) in counted.items()}}
    told = [_post(row, shown[_key(row)], keys, large, plain, vetted=vetted) for row in theirs if _key(row) in large]
    texts = sum(bool(row["text"]) for row in theirs) - sum(bool(row["tweet_text"]) for row in told)
    return Archive(
        pa.Table.from_pylist(users, _schema(USER_COLUMNS)),
        pa.Table.from_pylist(told, _schema(POST_COLUMNS)),
        daily, counted["hashtags"][0], counted["domains"][0], counted["clients"][0], counted["templates"][0], len(small),
        Left(alike.suppressed, alike.steps, rare, texts), k,
    )  # fmt: skip


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["platform"], row["asset_id"]


def _schema(columns: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in columns])


# --- blunting


def _month(value: str) -> str:
    return value[:7]


def _year(value: str) -> str:
    return value[:4]


def _years(value: str) -> str:
    """Before 2015, or from then on in fives."""
    year = int(value[:4]) if value[:4].isdecimal() else 0
    return f"{year // 5 * 5}-{year // 5 * 5 + 4}" if year >= 2015 else "before 2015"


def _decade(value: str) -> str:
    """The power of ten of a count: `100` for 100 to 999."""
    count = int(value) if value.isdecimal() else 0
    return "0" if count == 0 else str(10 ** (len(str(count)) - 1))


def _halves(value: str) -> str:
    return "under 100" if not value.isdecimal() or int(value) < 100 else "100 or more"


def _left_out(value: str) -> str:  # noqa: ARG001 (whatever it was)
    return SUPPRESSED


STEPS: Final[Mapping[str, Sequence[Callable[[Any], Any]]]] = {
    "account_language": (str, _left_out), "account_creation_date": (_month, _year, _years, _left_out),
    "follower_count": (_decade, _halves, _left_out), "following_count": (_decade, _halves, _left_out),
}  # fmt: skip


# --- rows


def _user(row: Mapping[str, Any], keys: ReleaseKeys, plain: Plain | None) -> dict[str, Any]:
    """An account: in clear as `plain` shows it, or under its hash."""
    made = row["created_at"]
    counts = {"follower_count": str(row["followers"] or 0), "following_count": str(row["following"] or 0)}
    common = {
        **counts, "account_creation_date": made.date().isoformat() if made else "", "account_language": row["language"] or "",
    }  # fmt: skip
    if plain:
        name, place, bio = (plain.text(row["platform"], row[column]) for column in ("display_name", "location", "bio"))
        link = plain.link(row["profile_url"], row["platform"])
        return {
            "userid": row["asset_id"], "user_display_name": name, "user_screen_name": row["handle"],
            "user_reported_location": place, "user_profile_description": bio, "user_profile_url": link, **common,
        }  # fmt: skip
    hashed = keys.hashed("account", row["platform"], row["asset_id"])
    return {
        "userid": hashed, "user_display_name": hashed, "user_screen_name": hashed, "user_reported_location": None,
        "user_profile_description": None, "user_profile_url": None, **common,
    }  # fmt: skip


def _post(
    row: Mapping[str, Any], user: Mapping[str, Any], keys: ReleaseKeys, large: set[tuple[str, str]], plain: Plain, *,
    vetted: bool,
) -> dict[str, Any]:  # fmt: skip
    """A post of an account that many followed; the ids of posts and of third parties are hashed all the same.

    In the vetted tier posts of members bear their ids; the text of what they reposted is theirs who wrote it.
    """
    platform, kind = row["platform"], row["kind"]
    of_member = vetted and (platform, row["ref_asset_id"]) in large
    ref = row["ref_post_id"]
    if ref and not of_member:
        ref = keys.hashed("post", platform, ref)
    whom = _person(platform, row["ref_asset_id"], keys, large)
    text = plain.text(platform, row["text"]) if vetted and (kind != "repost" or of_member) else None
    links = sorted({found for url in row["urls"] or () if (found := plain.link(url, platform))})
    return {
        **user, "tweetid": row["post_id"] if vetted else keys.hashed("post", platform, row["post_id"]),
        "tweet_language": row["language"], "tweet_time": _time(row["posted_at"], vetted=vetted),
        "tweet_text": text, "tweet_client_name": plain.text(platform, row["client"]),
        "in_reply_to_tweetid": ref if kind == "reply" else None, "in_reply_to_userid": whom if kind == "reply" else None,
        "quoted_tweet_tweetid": ref if kind == "quote" else None, "is_retweet": str(kind == "repost"),
        "retweet_userid": whom if kind == "repost" else None, "retweet_tweetid": ref if kind == "repost" else None,
        "latitude": None, "longitude": None, "quote_count": None, "reply_count": _text(row["reply_count"]),
        "like_count": _text(row["like_count"]), "retweet_count": _text(row["repost_count"]),
        "hashtags": _joined(plain.text(platform, one) for one in row["hashtags"] or ()), "urls": _joined(links),
        "user_mentions": _joined([_person(platform, one, keys, large) for one in row["mentions"] or ()]), "poll_choices": None,
    }  # fmt: skip


def _person(platform: str, asset_id: str | None, keys: ReleaseKeys, large: set[tuple[str, str]]) -> str | None:
    if asset_id is None or (platform, asset_id) in large:
        return asset_id
    return keys.hashed("mention", platform, asset_id)


def _time(at: datetime, *, vetted: bool) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S" if vetted else "%Y-%m-%d %H:00")


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _joined(values: Iterable[str | None] | None) -> str:
    return "[" + ", ".join(one for one in values or () if one) + "]"


def _domain(url: str) -> str | None:
    """The site of a link; None of an address, which a release has nowhere."""
    canonical = canonical_url(url)
    site = registered_domain(canonical) if canonical else None
    return site if site and not site.replace(".", "").isdecimal() else None


# --- counts


COUNTS: Final = (("posts", pa.int64()), ("accounts", pa.int64()))


def _daily(rows: Sequence[Mapping[str, Any]], group: Mapping[tuple[str, str], str], k: int) -> tuple[pa.Table, int]:
    """Posts by network, day, language and kind, where k accounts or more are behind a count; and how many are left out."""
    posts: Counter[tuple[str, ...]] = Counter()
    behind: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        cell = (
            group[_key(row)],
            row["posted_at"].astimezone(UTC).date().isoformat(),
            row["language"] or "",
            row["kind"],
        )
        posts[cell] += 1
        behind.setdefault(cell, set()).add(row["asset_id"])
    kept = [
        dict(zip(("network", "day", "language", "kind"), cell, strict=True), posts=count, accounts=len(behind[cell]))
        for cell, count in sorted(posts.items()) if len(behind[cell]) >= k
    ]  # fmt: skip
    columns = [
        *((name, pa.string()) for name in ("network", "day", "language", "kind")),
        ("posts", pa.int64()),
        ("accounts", pa.int64()),
    ]
    return pa.Table.from_pylist(kept, pa.schema(columns)), len(posts) - len(kept)


def _words(row: Mapping[str, Any]) -> list[str]:
    """The text as one thing to be counted: its words without case; never shown."""
    text = " ".join((row["text"] or "").casefold().split())
    return [text] if len(text) > 20 and row["kind"] != "repost" else []


USED: Final[Mapping[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    "hashtags": lambda row: [one.casefold() for one in row["hashtags"] or ()],
    "domains": lambda row: [found for url in row["urls"] or () if (found := _domain(url))],
    "clients": lambda row: [row["client"]] if row["client"] else [], "templates": _words,
}  # fmt: skip


def _used(
    rows: Sequence[Mapping[str, Any]], group: Mapping[tuple[str, str], str],
    values: Callable[[Mapping[str, Any]], list[str]], k: int,
) -> tuple[pa.Table, int]:  # fmt: skip
    """What networks used, by how many of their accounts, where these are k or more; of a template its number, not its words."""
    posts: Counter[tuple[str, str]] = Counter()
    behind: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        for value in set(values(row)):
            cell = (group[_key(row)], value)
            posts[cell] += 1
            behind.setdefault(cell, set()).add(row["asset_id"])
    kept = sorted((cell for cell in posts if len(behind[cell]) >= k), key=lambda cell: (cell[0], -posts[cell], cell[1]))
    templates = values is _words
    found = [
        {
            "network": cell[0], "value": f"template {number}" if templates else cell[1], "posts": posts[cell],
            "accounts": len(behind[cell]),
        }
        for number, cell in enumerate(kept, start=1)
    ]  # fmt: skip
    texts = [("network", pa.string()), ("value", pa.string())]
    return pa.Table.from_pylist(found, pa.schema([*texts, *COUNTS])), len(posts) - len(kept)
