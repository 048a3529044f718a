"""Who holds what: every asset with the objects that it shares with others, and the rows that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.expansion.attributes import ATTRIBUTES, BY_NAME, STAFF_ROLES
from samehand.traces import canonical_url, registered_domain, spoken

__all__ = ["COLUMNS", "Holdings", "gather"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "assets": ("platform", "asset_id", "kind"),
    "relations": ("platform", "asset_id", "role", "target_id"),
    "logins": ("platform", "asset_id", "ip", "asn", "device_id"),
    "posts": ("platform", "post_id", "asset_id", "posted_at", "kind", "text", "urls", "media_hashes"),
}
"""What is read of a dataset."""

MINUTE_US: Final = 60_000_000
SAID: Final = ("text", "moment")


@dataclass(frozen=True)
class Holdings:
    """Assets and the objects that they hold, numbered by their names; texts and moments by the first post that has them.

    Attributes:
        platforms, ids: string arrays, each asset's platform and id.
        is_account: bool[assets], false for pages, groups and channels.
        attribute: int32[objects], the number of its attribute in ATTRIBUTES.
        names: each object's name; a text is named by its first post.
        objects, assets, rows: int32, int32 and int64 of one length, sorted by (object, asset): who holds what, and the
            first row of the attribute's table that says so.
        holders: int32[objects].
        staff_of: int32[objects], the page or group whose staff it is; -1 for all else.
        has: bool[attributes, assets], whether anything at all is known of an asset there.
        staff: int32[assets], how many run it.
        runs: (account, target) as int32[n, 2], without doubles; run_rows: the first row of each.
        follows: (asset, target) as int32[n, 2]: who follows or joined what.
        lookup: for each attribute, what a seed names -> object.

    """

    platforms: pa.Array[Any]
    ids: pa.Array[Any]
    is_account: Flags
    attribute: I32
    names: tuple[str, ...]
    objects: I32
    assets: I32
    rows: I64
    holders: I32
    staff_of: I32
    has: Flags
    staff: I32
    runs: I32
    run_rows: I64
    follows: I32
    lookup: tuple[Mapping[str, int], ...]

    def __len__(self) -> int:
        """How many assets there are."""
        return len(self.ids)

    @property
    def testable(self) -> Flags:
        """Assets of which anything of the operator's grade is known; nothing else can ever be tied."""
        operator = [attribute.grade == "operator" for attribute in ATTRIBUTES]
        return np.asarray(self.has[operator].any(axis=0))

    def name_of(self, asset: int) -> str:
        """`platform:id` of an asset."""
        return f"{self.platforms[asset].as_py()}:{self.ids[asset].as_py()}"


@dataclass
class _Gathered:
    """Rows of (attribute, key, asset, row) before objects are numbered."""

    parts: list[tuple[int, pa.Array[Any], I64, I64]] = field(default_factory=list)

    def add(self, attribute: str, keys: pa.Array[Any], assets: I64, rows: I64) -> None:
        there = pc.fill_null(pc.not_equal(keys, ""), False).to_numpy(zero_copy_only=False)
        kept = there & (assets >= 0)
        self.parts.append((BY_NAME[attribute], keys.filter(pa.array(kept)), assets[kept], rows[kept]))


def _flat(table: pa.Table, column: str) -> pa.Array[Any]:
    return table.column(column).combine_chunks() if table.num_rows else pa.array([], table.schema.field(column).type)


def _keys(table: pa.Table, column: str = "asset_id") -> pa.Array[Any]:
    return pc.binary_join_element_wise(_flat(table, "platform"), _flat(table, column), ":")


def _numbers(keys: pa.Array[Any], known: pa.Array[Any]) -> I64:
    return np.asarray(pc.fill_null(pc.index_in(keys, value_set=known), -1), np.int64)


def gather(tables: Mapping[str, pa.Table]) -> Holdings:
    """Number assets and what they hold.

    Args:
        tables: by name, with the columns of COLUMNS, in the dataset's order. Receipts are places in these tables.

    """
    relations, logins, posts = (tables[name] for name in ("relations", "logins", "posts"))
    is_staff = pc.is_in(_flat(relations, "role"), value_set=pa.array(STAFF_ROLES)).to_numpy(zero_copy_only=False)
    who, target = _keys(relations), _keys(relations, "target_id")
    every = pa.concat_arrays(
        [_keys(tables["assets"]), who, target.filter(pa.array(is_staff)), _keys(logins), _keys(posts)]
    )
    known = every.drop_null().unique().sort()
    mine = _numbers(_keys(tables["assets"]), known)
    is_account = np.ones(len(known), bool)
    kinds = _flat(tables["assets"], "kind").to_pylist()
    is_account[mine[mine >= 0]] = np.array([kind == "account" for kind in kinds], bool)[mine >= 0]
    account, run = _numbers(who, known), _numbers(target, known)
    is_staff = is_staff & (account >= 0) & (run >= 0)
    listed = set(mine.tolist())
    for place in run[is_staff].tolist():  # whatever is run by others and is nowhere described, is a page
        is_account[place] &= place in listed
    pairs, where = np.unique(np.column_stack([account, run])[is_staff], axis=0, return_index=True)
    run_rows = np.flatnonzero(is_staff)[where]
    gathered = _Gathered()
    _of_logins(gathered, logins, known)
    _of_posts(gathered, posts, known)
    platforms, ids = _split(known)
    audience = np.column_stack([account, run])[~is_staff & (account >= 0) & (run >= 0)].astype(np.int32).reshape(-1, 2)
    return _numbered(
        gathered, platforms, ids, is_account, pairs.reshape(-1, 2).astype(np.int32), run_rows.astype(np.int64), audience,
        _keys(posts, "post_id"),
    )  # fmt: skip


def _split(known: pa.Array[Any]) -> tuple[pa.Array[Any], pa.Array[Any]]:
    """Platform and id of each asset: an id may hold a colon, a platform's name may not."""
    parts = [word.partition(":") for word in known.to_pylist()]
    return pa.array([part[0] for part in parts], pa.string()), pa.array([part[2] for part in parts], pa.string())


def _of_logins(gathered: _Gathered, logins: pa.Table, known: pa.Array[Any]) -> None:
    assets, rows = _numbers(_keys(logins), known), np.arange(logins.num_rows)
    for attribute, column in (("device", "device_id"), ("ip", "ip"), ("asn", "asn")):
        gathered.add(attribute, _flat(logins, column), assets, rows)


def _own_lists(posts: pa.Table, column: str) -> tuple[pa.Array[Any], I64]:
    """Elements of a list column and their rows; what is inside a repost is another's."""
    lists = _flat(posts, column)
    own = pc.not_equal(_flat(posts, "kind"), "repost")
    kept = pc.if_else(own, lists, pa.scalar(None, lists.type))
    return pc.list_flatten(kept), pc.list_parent_indices(kept).to_numpy(zero_copy_only=False).astype(np.int64)


def _of_posts(gathered: _Gathered, posts: pa.Table, known: pa.Array[Any]) -> None:
    assets, at = (
        _numbers(_keys(posts), known),
        _flat(posts, "posted_at").cast(pa.int64()).to_numpy(zero_copy_only=False),
    )
    images, image_rows = _own_lists(posts, "media_hashes")
    gathered.add("media_hash", images, assets[image_rows], image_rows)
    links, link_rows = _own_lists(posts, "urls")
    coded = links.dictionary_encode()
    canonical = pa.array([canonical_url(link or "") for link in coded.dictionary.to_pylist()], pa.string())
    sites = pa.array([registered_domain(link) if link else None for link in canonical.to_pylist()], pa.string())
    urls = canonical.take(coded.indices)
    gathered.add("url", urls, assets[link_rows], link_rows)
    gathered.add("domain", sites.take(coded.indices), assets[link_rows], link_rows)
    own = pc.not_equal(_flat(posts, "kind"), "repost")
    said, enough = spoken(_flat(posts, "text"))
    texts = pc.if_else(pc.and_(own, enough), said, None)
    rows = np.arange(posts.num_rows)
    gathered.add("text", texts, assets, rows)
    for kind, keys, of_rows in (("i", images, image_rows), ("u", urls, link_rows), ("t", texts, rows)):
        minute = pa.array(at[of_rows] // MINUTE_US).cast(pa.string())
        gathered.add("moment", pc.binary_join_element_wise(kind, minute, keys, " "), assets[of_rows], of_rows)


def _numbered(
    gathered: _Gathered, platforms: pa.Array[Any], ids: pa.Array[Any], is_account: Flags, runs: I32, run_rows: I64,
    follows: I32, post_ids: pa.Array[Any],
) -> Holdings:  # fmt: skip
    assets_of, objects_of, rows_of, attribute_of, names = [], [], [], [], []
    has = np.zeros((len(ATTRIBUTES), len(ids)), bool)
    lookup: list[dict[str, int]] = [{} for _ in ATTRIBUTES]
    count, staffs = 0, (np.zeros(0, np.int64), np.zeros(0, np.int32))
    for attribute, code, assets, rows, keys in _coded(gathered, runs, run_rows, platforms, ids):
        if not len(code):
            continue
        has[attribute, assets] = True
        order = np.lexsort((rows, assets, code))
        code, assets, rows = code[order], assets[order], rows[order]
        new = np.concatenate(([True], (np.diff(code) != 0) | (np.diff(assets) != 0)))
        code, assets, rows = code[new], assets[new], rows[new]
        objects_of.append(code + count)
        assets_of.append(assets)
        rows_of.append(rows)
        attribute_of.append(np.full(len(keys), attribute))
        if attribute == BY_NAME["admin"]:
            run = np.unique(runs[:, 1])
            staffs = np.arange(count + len(keys) - len(run), count + len(keys)), run
        lookup[attribute].update({key: count + number for number, key in enumerate(keys)})
        names += _named(attribute, keys, code, rows, post_ids)
        count += len(keys)
    objects, staff_of = _joined(objects_of, np.int32), np.full(count, -1, np.int32)
    staff_of[staffs[0]] = staffs[1]
    return Holdings(
        platforms, ids, is_account, _joined(attribute_of, np.int32), tuple(names), objects, _joined(assets_of, np.int32),
        _joined(rows_of, np.int64), np.bincount(objects, minlength=count).astype(np.int32), staff_of, has,
        np.bincount(runs[:, 1], minlength=len(ids)).astype(np.int32), runs, run_rows, follows, tuple(lookup),
    )  # fmt: skip


def _joined(parts: list[Any], kind: Any) -> Any:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)


def _named(attribute: int, keys: list[str], code: I64, rows: I64, post_ids: pa.Array[Any]) -> list[str]:
    """What each object is called: what was said is never written out, its first post stands for it."""
    word = {BY_NAME["text"]: "text of", BY_NAME["moment"]: "minute of"}.get(attribute)
    if word is None:
        return keys
    first = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(first, code, rows)
    return [f"{word} {post.as_py()}" for post in post_ids.take(pa.array(first))]


def _coded(
    gathered: _Gathered, runs: I32, run_rows: I64, platforms: pa.Array[Any], ids: pa.Array[Any]
) -> list[tuple[int, I64, I64, I64, list[str]]]:
    """Each attribute's (attribute, codes, assets, rows, keys).

    Objects are numbered by their keys, so that the order of rows changes nothing, but what was said by its first appearance,
    so that other words change nothing.
    """
    found = []
    for number, attribute in enumerate(ATTRIBUTES):
        if attribute.name == "admin":
            found.append((number, *_administration(runs, run_rows, platforms, ids)))
            continue
        parts = [part for part in gathered.parts if part[0] == number]
        keys = pa.concat_arrays([part[1] for part in parts])
        assets, rows = (np.concatenate([part[k] for part in parts]) for k in (2, 3))
        order = np.argsort(rows, kind="stable")
        ordered = keys.take(pa.array(order))
        words = ordered.unique() if attribute.name in SAID else ordered.unique().sort()
        code = _numbers(ordered, words)
        found.append((number, code, assets[order], rows[order], words.to_pylist()))
    return found


def _administration(
    runs: I32, run_rows: I64, platforms: pa.Array[Any], ids: pa.Array[Any]
) -> tuple[I64, I64, I64, list[str]]:
    """For each account all that it runs, itself among it; for each page all who run it, itself among them."""
    account, target = runs[:, 0].astype(np.int64), runs[:, 1].astype(np.int64)
    runners, run = np.unique(account), np.unique(target)
    by, of = np.searchsorted(runners, account), np.searchsorted(run, target) + len(runners)
    code, assets = np.concatenate([by, by, of, of]), np.concatenate([account, target, target, account])

    def named(word: str, numbers: I64) -> list[str]:
        return [f"{word} {platforms[k].as_py()}:{ids[k].as_py()}" for k in numbers.tolist()]

    return code, assets, np.tile(run_rows, 4), [*named("run by", runners), *named("staff of", run)]
