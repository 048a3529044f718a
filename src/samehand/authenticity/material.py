"""What is known of accounts, numbered and typed: nothing after this module sees a table.

Missing is said in one way for each type: -1 for counts and numbers, `UNKNOWN` for times, null for texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.authenticity.habits import Habits, measure_habits
from samehand.authenticity.keys import SharedKeys, admin_keys, followed_keys, login_keys
from samehand.authenticity.pseudonyms import chosen_names
from samehand.coordination import UNKNOWN
from samehand.records import POST_KINDS, Column

__all__ = ["Events", "Material", "Posts", "Profiles", "Rewrites", "build_material"]

I8 = npt.NDArray[np.int8]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DAY_US: Final = 86_400 * 1_000_000
EVENT_US: Final = 3 * 3_600 * 1_000_000
"""How long an event lasts that does not say when it ends."""
NAMED: Final = 20
"""Accounts that a receipt names; more are counted."""
REWRITTEN: Final = ("handle", "display_name", "language", "bio")
"""Fields whose change is a rewrite."""


@dataclass(frozen=True)
class Posts:
    """Posts in time order.

    Attributes:
        account: int32[n]; at: int64[n], microseconds; kind: int8[n], place in `POST_KINDS`.
        client: int32[n], -1 where it is not known.
        target: int32[n], whose post it reposts, answers or quotes: an account's number, from `accounts` on somebody who is
            no account of the data, -1 nobody or not known.
        target_names: `platform:asset_id` of targets that are no accounts, from number `accounts` on.
        deleted: bool[n]; deletion_known, replies_known: bool[accounts], whether the account's platform supplied any.
        text, urls: the columns as they came, None where they did not.
        order: int32[n], posts by (account, time); start: int64[accounts + 1], where each account's begin in it.

    """

    account: I32
    at: I64
    kind: I8
    client: I32
    target: I32
    target_names: Column
    deleted: Flags
    deletion_known: Flags
    replies_known: Flags
    text: Column | None
    urls: Column | None
    order: I32
    start: I64

    def of(self, account: int) -> I32:
        """The rows of an account's posts, in time order."""
        return self.order[self.start[account] : self.start[account + 1]]

    def counts(self) -> I64:
        """int64[accounts], posts of each account."""
        return np.diff(self.start)


@dataclass(frozen=True)
class Profiles:
    """What accounts say of themselves: int64[accounts] and string columns of that length, with their nulls.

    A handle or display name that is a pseudonym (`chosen_names`) is null.
    """

    created: I64
    followers: I64
    following: I64
    handle: Column
    display_name: Column
    bio: Column
    profile_url: Column
    avatar: Column


@dataclass(frozen=True)
class Rewrites:
    """Changes of profiles by (account, time): int32 account, int64 at, int8 field (place in `REWRITTEN`).

    `known` bool[accounts]: whether the account's platform supplied any history.
    """

    account: I32
    at: I64
    field: I8
    known: Flags


@dataclass(frozen=True)
class Events:
    """Public events: int64 starts and ends (microseconds), by start."""

    starts: I64
    ends: I64


@dataclass(frozen=True)
class Material:
    """All that the findings look at. `platform` int32[accounts] numbers the platforms."""

    platforms: Column
    assets: Column
    platform: I32
    posts: Posts
    profiles: Profiles
    rewrites: Rewrites
    logins: SharedKeys | None
    admins: SharedKeys | None
    followed: SharedKeys | None
    events: Events | None

    @property
    def accounts(self) -> int:
        """Number of accounts."""
        return len(self.assets)

    @cached_property
    def habits(self) -> Habits:
        """Habits of every account."""
        p = self.posts
        return measure_habits(
            p.order, p.start, account=p.account, at=p.at, client=p.client, deleted=p.deleted,
            reposts=p.kind == POST_KINDS.index("repost"),
        )  # fmt: skip

    @cached_property
    def breaks_seen(self) -> dict[int, list[str]]:
        """What was found of the breaks in accounts' pasts (module `history`), as far as anybody asked."""
        return {}

    @cached_property
    def first_links(self) -> I32:
        """int32[posts], a number for the first link of each post that is no repost, -1 where there is none."""
        out = np.full(len(self.posts.account), -1, np.int32)
        if self.posts.urls is None:
            return out
        length = pc.fill_null(pc.list_value_length(self.posts.urls), 0).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero((length > 0) & (self.posts.kind != POST_KINDS.index("repost")))
        lists = self.posts.urls.take(pa.array(rows))
        starts = np.cumsum(length[rows]) - length[rows]
        out[rows] = _codes(pc.list_flatten(lists).take(pa.array(starts)))
        return out

    def name(self, account: int) -> str:
        """`platform:asset_id` of an account, or of a target that is none."""
        if account >= self.accounts:
            return str(self.posts.target_names[account - self.accounts])
        return f"{self.platforms[account]}:{self.assets[account]}"

    def listed(self, accounts: I32) -> str:
        """Accounts by name, in the order of their numbers; the first twenty, and how many more there are."""
        names = [self.name(int(a)) for a in np.sort(accounts)]
        return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _column(table: pa.Table | None, name: str, kind: pa.DataType) -> Column:
    """A column of a table as one array, nulls where the table or the column is not there."""
    rows = 0 if table is None else table.num_rows
    if table is None or name not in table.column_names:
        return pa.nulls(rows, kind)
    return pa.concat_arrays(table.column(name).cast(kind).chunks) if rows else pa.array([], kind)


def _text(table: pa.Table | None, name: str) -> Column:
    return _column(table, name, pa.string())


def _times(table: pa.Table | None, name: str) -> I64:
    column = _column(table, name, pa.timestamp("us", "UTC")).cast(pa.int64())
    return np.asarray(pc.fill_null(column, int(UNKNOWN)).to_numpy(zero_copy_only=False), np.int64)


def _counts(table: pa.Table | None, name: str) -> I64:
    return np.asarray(pc.fill_null(_column(table, name, pa.int64()), -1).to_numpy(zero_copy_only=False), np.int64)


def _codes(column: Column) -> I32:
    """Numbers by first appearance, -1 for null."""
    coded = column.dictionary_encode()
    return np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), np.int32)


def _names(platform: Column, key: Column) -> Column:
    return pc.binary_join_element_wise(platform, key, ":")


def _numbers(keys: Column, names: Column) -> I32:
    found = pc.fill_null(pc.index_in(keys, value_set=names, skip_nulls=True), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int32)


def _targets(posts: pa.Table | None, account: I32, accounts: Column) -> tuple[I32, Column]:
    """Whose post each post refers to, by the author that is named, else by the post where it is in the data."""
    platform, author = _text(posts, "platform"), _text(posts, "ref_asset_id")
    p, a = _codes(platform), _codes(author)
    wide = np.where(a >= 0, p.astype(np.int64) * (int(a.max(initial=0)) + 1) + a, -1)
    _, first, back = np.unique(wide, return_index=True, return_inverse=True)
    distinct = _names(platform.take(pa.array(first)), author.take(pa.array(first)))
    number = _numbers(distinct, accounts).copy()
    strangers = np.flatnonzero((number < 0) & (wide[first] >= 0))
    strangers = strangers[np.argsort(first[strangers], kind="stable")]
    number[strangers] = len(accounts) + np.arange(len(strangers), dtype=np.int32)
    target = number[back].astype(np.int32) if len(wide) else np.zeros(0, np.int32)
    reference = _text(posts, "ref_post_id")
    open_rows = np.flatnonzero((target < 0) & pc.is_valid(reference).to_numpy(zero_copy_only=False))
    if len(open_rows):
        asked = _names(platform.take(pa.array(open_rows)), reference.take(pa.array(open_rows)))
        there = _numbers(asked, _names(platform, _text(posts, "post_id")))
        target[open_rows] = np.where(there >= 0, account[there], -1)
    return target, distinct.take(pa.array(strangers))


def _of_platforms(mark: Flags, account: I32, platform: I32) -> Flags:
    """bool[accounts]: whether a marked row belongs to any account of the same platform."""
    supplied = np.zeros(int(platform.max(initial=0)) + 1, np.bool_)
    supplied[platform[account[mark]]] = True
    return supplied[platform]


def _posts(posts: pa.Table | None, account: I32, names: Column, platform: I32) -> Posts:
    kinds = _numbers(_text(posts, "kind"), pa.array(POST_KINDS, pa.string())).astype(np.int8)
    target, strangers = _targets(posts, account, names)
    deleted = _times(posts, "deleted_at") != UNKNOWN
    replies = (kinds == POST_KINDS.index("reply")) & (target >= 0)
    start = np.zeros(len(names) + 1, np.int64)
    start[1:] = np.cumsum(np.bincount(account, minlength=len(names)))
    has = set() if posts is None else set(posts.column_names)
    return Posts(
        account, _times(posts, "posted_at"), kinds, _codes(_text(posts, "client")), target, strangers, deleted,
        _of_platforms(deleted, account, platform), _of_platforms(replies, account, platform),
        _text(posts, "text") if "text" in has else None,
        _column(posts, "urls", pa.list_(pa.string())) if "urls" in has else None,
        np.argsort(account, kind="stable").astype(np.int32), start,
    )  # fmt: skip


def _profiles(profiles: pa.Table | None, names: Column, assets: Column, platform: I32) -> Profiles:
    here = _names(_text(profiles, "platform"), _text(profiles, "asset_id"))
    row = _numbers(names, here)
    missing, rows = row < 0, pa.array(row, mask=row < 0)

    def number(values: I64, none: int) -> I64:
        return np.where(missing, none, values[row]) if len(values) else np.full(len(row), none, np.int64)

    def text(name: str) -> Column:
        found: Column = _text(profiles, name).take(rows)
        return found

    return Profiles(
        number(_times(profiles, "created_at"), int(UNKNOWN)), number(_counts(profiles, "followers"), -1),
        number(_counts(profiles, "following"), -1),
        chosen_names(text("handle"), assets, platform), chosen_names(text("display_name"), assets, platform),
        text("bio"), text("profile_url"), text("avatar_hash"),
    )  # fmt: skip


def _rewrites(history: pa.Table | None, names: Column, created: I64, platform: I32) -> Rewrites:
    account = _numbers(_names(_text(history, "platform"), _text(history, "asset_id")), names)
    at, field = _times(history, "at"), _numbers(_text(history, "field"), pa.array(REWRITTEN, pa.string()))
    known = _of_platforms(account >= 0, account, platform)
    value = _codes(_text(history, "value"))
    keep = np.flatnonzero((account >= 0) & (field >= 0) & (at != UNKNOWN))
    keep = keep[np.lexsort((at[keep], field[keep], account[keep]))]
    who, what, when, said = account[keep], field[keep], at[keep], value[keep]
    follows = np.zeros(len(keep), np.bool_)
    follows[1:] = (np.diff(who) == 0) & (np.diff(what) == 0)
    changed = np.zeros(len(keep), np.bool_)
    changed[1:] = follows[1:] & (np.diff(said) != 0) & (np.diff(when) > 0)
    # the first value on record is a rewrite where the account was there long before it
    changed |= ~follows & (created[who] != UNKNOWN) & (when - created[who] > DAY_US)
    rows = np.flatnonzero(changed)
    rows = rows[np.lexsort((what[rows], when[rows], who[rows]))]
    return Rewrites(who[rows], when[rows], what[rows].astype(np.int8), known)


def _events(events: pa.Table | None) -> Events | None:
    starts, ends = _times(events, "starts_at"), _times(events, "ends_at")
    ends = np.where(ends == UNKNOWN, starts + EVENT_US, ends)
    rows = np.flatnonzero(starts != UNKNOWN)
    rows = rows[np.lexsort((ends[rows], starts[rows]))]
    return Events(starts[rows], ends[rows]) if len(rows) else None


def build_material(
    *,
    platforms: Column,
    assets: Column,
    account: I32,
    posts: pa.Table | None = None,
    profiles: pa.Table | None = None,
    history: pa.Table | None = None,
    logins: pa.Table | None = None,
    relations: pa.Table | None = None,
    events: pa.Table | None = None,
) -> Material:
    """Number what is known of accounts.

    Args:
        platforms, assets: string arrays, each account's platform and id; an account's number is its place.
        account: int32[posts], the author of each post.
        posts: columns of the table `posts` in (posted_at, platform, post_id) order.
        profiles, history, logins, relations, events: the tables `assets`, `asset_history`, `logins`, `relations` and
            `events`, rows in any order. A table, a column or a cell that is not there was not supplied; it is never
            counted against anybody.

    """
    names = _names(platforms.cast(pa.string()), assets.cast(pa.string()))
    platform = _codes(platforms)
    known = _profiles(profiles, names, assets, platform)
    author = account.astype(np.int32, copy=False) if posts is not None else np.zeros(0, np.int32)
    return Material(
        platforms, assets, platform, _posts(posts, author, names, platform), known,
        _rewrites(history, names, known.created, platform), login_keys(logins, names), admin_keys(relations, names),
        followed_keys(relations, names), _events(events),
    )  # fmt: skip
