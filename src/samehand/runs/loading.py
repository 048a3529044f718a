"""From a dataset to sorted activities: posts in time order, the traces left on objects, everything numbered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.coordination import UNKNOWN, Activities, Births, sorted_activities
from samehand.errors import LimitError, UsageError
from samehand.records import Dataset
from samehand.traces import Trace

__all__ = ["LoadedTrace", "World", "between", "load_world", "named", "read_posts"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_ALWAYS = ("platform", "post_id", "asset_id", "posted_at", "kind", "ref_post_id", "ref_asset_id", "urls")
MOST_TEXT = (1 << 31) - 1
_OF_POSTS = ("repost", "reply", "quote", "fast_repost")
"""Traces whose objects are posts, so that their authors and times may be known."""


@dataclass(frozen=True)
class LoadedTrace:
    """One trace of a world.

    Attributes:
        name: the trace.
        activities: sorted; accounts are numbered for the whole world, objects for the trace.
        objects: string array, each object's id (for a text, the first post that said it).
        active: accounts that left the trace at all.
        dropped: (post, object) candidates that fell out, by reason.
        births: what is known of each object's author and original.
        fused: whether it joins the other traces (`traces.Trace`).

    """

    name: str
    activities: Activities
    objects: pa.Array[Any]
    active: int
    dropped: dict[str, int]
    births: Births
    fused: bool = True


@dataclass(frozen=True)
class World:
    """What a run looks at.

    Attributes:
        platforms, assets: string arrays, each account's platform and id; accounts are numbered by first appearance.
        post_ids: string array, each post's id, in (posted_at, platform, post_id) order.
        traces: in catalogue order, those that left any object.
        steps: what was kept and dropped on the way: step, trace, kept, dropped, unit, reason.
        first_us, last_us: when the first and the last post or activity was.
        periods: whether to look for accounts in one odd period.
        post_account, post_at, post_links: int32, int64 and bool, each post's account, time (microseconds) and whether
            it has a link; in the order of `post_ids`.

    """

    platforms: pa.Array[Any]
    assets: pa.Array[Any]
    post_ids: pa.Array[Any]
    traces: tuple[LoadedTrace, ...]
    steps: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    first_us: int = 0
    last_us: int = 0
    post_account: I32 = field(default_factory=lambda: np.zeros(0, np.int32))
    post_at: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    post_links: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    periods: bool = True

    @property
    def accounts(self) -> int:
        """Number of accounts."""
        return len(self.assets)


def _micro(times: pa.ChunkedArray[Any] | pa.Array[Any]) -> I64:
    return np.asarray(times.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy(), np.int64)


def _whole(column: pa.ChunkedArray[Any]) -> pa.Array[Any]:
    return column.combine_chunks()


def between(table: pa.Table, column: str, since: datetime | None, until: datetime | None) -> pa.Table:
    """Rows from `since` on and before `until`; a row without a time falls out where either is given."""
    if since is not None:
        table = table.filter(pc.greater_equal(table.column(column), pa.scalar(since, table.schema.field(column).type)))
    if until is not None:
        table = table.filter(pc.less(table.column(column), pa.scalar(until, table.schema.field(column).type)))
    return table


def _where(posts: pa.Table, expression: str) -> pa.Table:
    """Posts for which an SQL condition over the columns of the posts table holds."""
    numbered = posts.append_column("samehand_row", pa.array(np.arange(posts.num_rows)))
    with duckdb.connect(config={"enable_external_access": "false", "threads": "1"}) as connection:
        connection.register("posts", numbered)
        try:
            rows = connection.execute(f"select samehand_row from posts where ({expression})").fetchnumpy()
        except duckdb.Error as error:
            raise UsageError(
                f"--where cannot be used: {error}; write a condition over {', '.join(posts.column_names)}, "
                "such as \"platform = 'twitter' and language = 'en'\""
            ) from error
    return posts.take(pa.array(np.sort(np.asarray(rows["samehand_row"], np.int64))))


def _in_order(posts: pa.Table) -> pa.Table:
    keys = [("posted_at", "ascending"), ("platform", "ascending"), ("post_id", "ascending")]
    return posts.take(pc.sort_indices(posts, sort_keys=keys))


def named(platform: pa.Array[Any], key: pa.Array[Any]) -> pa.Array[Any]:
    """`platform:key` of each, null where either is."""
    return pc.binary_join_element_wise(platform, key, ":")


@dataclass
class _Found:
    """(account, object key, time, post row) of one trace, before anything is numbered."""

    account: list[I32] = field(default_factory=list)
    keys: list[pa.Array[Any]] = field(default_factory=list)
    at: list[I64] = field(default_factory=list)
    post: list[I32] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)

    def add(self, account: npt.NDArray[Any], keys: pa.Array[Any], at: I64, post: npt.NDArray[Any]) -> None:
        self.account.append(account.astype(np.int32))
        self.keys.append(keys.cast(pa.string()))
        self.at.append(at)
        self.post.append(post.astype(np.int32))


def _once(account: I32, code: I64, post: I32, at: I64) -> npt.NDArray[np.intp]:
    """Rows that say something new: one for each (post, object), one for each (account, object, time) without a post."""
    if len(post) and post.min() >= 0 and np.bincount(post).max() <= 1:
        return np.arange(
            len(post), dtype=np.intp
        )  # no post has two objects: as a rule with links, and most of the work saved
    owner = np.where(post >= 0, post.astype(np.int64), -1 - account.astype(np.int64))
    order = np.lexsort((at, code, owner))
    same = (np.diff(owner[order]) == 0) & (np.diff(code[order]) == 0)
    same &= (owner[order][1:] >= 0) | (np.diff(at[order]) == 0)
    return np.sort(order[np.concatenate(([True], ~same))]) if len(order) else order


def _births(trace: str, names: pa.Array[Any], posts: pa.Table, account: I32, accounts: pa.Array[Any]) -> Births:
    """Author and time of the originals, where the object is a post: from the data, else from what the posts say."""
    author, birth = np.full(len(names), -1, np.int32), np.full(len(names), UNKNOWN, np.int64)
    if trace not in _OF_POSTS or not len(names):
        return Births(author, birth)
    platform = _whole(posts.column("platform"))
    said = pc.index_in(named(platform, _whole(posts.column("ref_post_id"))), value_set=names)
    who = pc.index_in(named(platform, _whole(posts.column("ref_asset_id"))), value_set=accounts)
    both = pc.and_(pc.is_valid(said), pc.is_valid(who)).to_numpy(zero_copy_only=False)
    author[said.filter(both).to_numpy()] = who.filter(both).to_numpy()
    there = pc.index_in(names, value_set=named(platform, _whole(posts.column("post_id"))))
    known = pc.is_valid(there).to_numpy(zero_copy_only=False)
    rows = there.filter(known).to_numpy()
    author[known], birth[known] = account[rows], _micro(posts.column("posted_at"))[rows]
    return Births(author, birth)


def _numbered(
    trace: Trace, found: _Found, posts: pa.Table, account: I32, accounts: pa.Array[Any]
) -> LoadedTrace | None:
    if not sum(len(part) for part in found.at):
        return None
    who, at, post = np.concatenate(found.account), np.concatenate(found.at), np.concatenate(found.post)
    keys = pa.concat_arrays(found.keys)
    order = np.lexsort((post, who, at))  # objects are numbered by first appearance, so that no letter decides
    coded = keys.take(pa.array(order)).dictionary_encode()
    code = coded.indices.to_numpy().astype(np.int64)
    who, at, post = who[order], at[order], post[order]
    once = _once(who, code, post, at)
    if len(once) < len(order):
        reason = "said twice in one post"
        found.dropped[reason] = found.dropped.get(reason, 0) + len(order) - len(once)
    who, code, at, post = who[once], code[once], at[once], post[once]
    names = coded.dictionary
    births = _births(trace.name, names, posts, account, accounts)
    if trace.name == "text":
        _, first = np.unique(code, return_index=True)
        where = post[first]
        said = posts.select(["platform", "post_id"]).take(pa.array(np.maximum(where, 0)))
        ids = named(_whole(said.column("platform")), _whole(said.column("post_id")))
        names = pc.if_else(pa.array(where >= 0), pc.binary_join_element_wise("text of", ids, " "), names)
    activities = sorted_activities(who, code, at, post, accounts=len(accounts), objects=len(names))
    return LoadedTrace(trace.name, activities, names, len(np.unique(who)), found.dropped, births, trace.fused)


def _from_posts(trace: Trace, posts: pa.Table, account: I32, at: I64, found: _Found) -> int:
    """Add what a trace finds; returns how many reposts without a target were tied by their text."""
    objects = trace.find(posts.select(list(trace.columns)))
    keys = objects.keys
    by_text = int(pc.sum(pc.starts_with(keys, "text:")).as_py() or 0) if trace.name == "repost" else 0
    if trace.of_platform and len(keys):
        platform = _whole(posts.column("platform")).take(pa.array(objects.rows))
        keys = named(platform, keys)
    found.add(account[objects.rows], keys, at[objects.rows], objects.rows)
    found.dropped.update({reason: n for reason, n in objects.dropped.items() if n})
    return by_text


def _from_standing(trace: Trace, table: pa.Table, accounts: pa.Array[Any], found: _Found) -> None:
    """Add what a trace of another table than the posts finds."""
    table = table.sort_by([(trace.time, "ascending"), ("platform", "ascending"), ("asset_id", "ascending")])
    objects = trace.find(table.select(list(trace.columns)))
    found.dropped.update({reason: n for reason, n in objects.dropped.items() if n})
    part = table.take(pa.array(objects.rows))
    platform = _whole(part.column("platform"))
    who = pc.index_in(named(platform, _whole(part.column("asset_id"))), value_set=accounts)
    keys = named(platform, objects.keys) if trace.of_platform and len(objects.keys) else objects.keys
    found.add(who.to_numpy(), keys, _micro(part.column(trace.time)), np.full(len(objects), -1))


def _from_activities(table: pa.Table, trace: Trace, posts: pa.Table, accounts: pa.Array[Any], found: _Found) -> None:
    part = table.filter(pc.equal(table.column("trace"), trace.name))
    if not part.num_rows:
        return
    platform = _whole(part.column("platform"))
    who = pc.index_in(named(platform, _whole(part.column("asset_id"))), value_set=accounts)
    names = named(_whole(posts.column("platform")), _whole(posts.column("post_id")))
    post = pc.fill_null(pc.index_in(named(platform, _whole(part.column("post_id"))), value_set=names), -1)
    keys = _whole(part.column("object_id"))
    keys = named(platform, keys) if trace.of_platform else keys
    found.add(who.to_numpy(), keys, _micro(part.column("at")), post.to_numpy())


def read_posts(
    dataset: Dataset,
    columns: list[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    where: str | None = None,
) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Posts of a part of a dataset in (posted_at, platform, post_id) order, and the steps that led there.

    Args:
        dataset: opened.
        columns: of the posts table.
        since, until, where: as in `load_world`.

    Raises:
        UsageError: the condition cannot be read.
        LimitError: the texts are more than one column can hold.

    """
    every = dataset.table("posts", None if where else columns)
    posts = between(every, "posted_at", since, until)
    steps = [
        _step("in the time asked for", None, posts.num_rows, every.num_rows - posts.num_rows, "posts", "outside it")
    ]
    if where:
        kept = _where(posts, where).select(columns)
        steps.append(
            _step("where the condition holds", None, kept.num_rows, posts.num_rows - kept.num_rows, "posts", where)
        )
        posts = kept
    _fits(posts)
    return _in_order(posts), steps


def _fits(posts: pa.Table) -> None:
    """Refuse more text than the 32-bit offsets of a text column reach."""
    held = posts.column("text").nbytes if "text" in posts.column_names else 0
    if held > MOST_TEXT:
        raise LimitError(
            f"the posts hold {held / 2**30:.1f} GiB of text, and {MOST_TEXT / 2**30:.0f} GiB can be looked at in one run; "
            "take a part of them with --since, --until or --where"
        )


def load_world(
    dataset: Dataset,
    traces: list[Trace],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    where: str | None = None,
    periods: bool = True,
) -> World:
    """Read what a run needs of a dataset and number it.

    Args:
        dataset: opened.
        traces: those to look for.
        since, until: posts and activities from `since` on and before `until`.
        where: an SQL condition over the columns of the posts table; activities without a post then fall out.
        periods: whether to look for accounts in one odd period.

    Raises:
        UsageError: the condition cannot be read.

    """
    of_posts = [trace for trace in traces if trace.table == "posts"]
    columns = sorted({*_ALWAYS, *(column for trace in of_posts for column in trace.columns)})
    posts, steps = read_posts(dataset, columns, since=since, until=until, where=where)
    posts = _with_media(posts, dataset)
    extra = _activities(dataset, posts if where else None, since, until)
    standing = {} if where else _standing(dataset, traces, since, until)
    people = _people(posts, [extra, *standing.values()])
    at = _micro(posts.column("posted_at"))
    loaded, told, notes = _loaded(traces, posts, extra, standing, people, at)
    times = np.concatenate((at, _micro(extra.column("at"))))
    return World(
        people.platforms, people.assets, _whole(posts.column("post_id")), loaded, [*steps, *told], notes,
        int(times.min()) if len(times) else 0, int(times.max()) if len(times) else 0, people.of_post, at,
        _with_links(posts), periods,
    )  # fmt: skip


@dataclass(frozen=True)
class _People:
    """The accounts of a world by number, with what names them, and the author of each post."""

    names: pa.Array[Any]
    platforms: pa.Array[Any]
    assets: pa.Array[Any]
    of_post: I32


def _people(posts: pa.Table, others: list[pa.Table]) -> _People:
    """Number the accounts by first appearance; a platform's name may have a colon in it, so names are not cut again."""
    tables = [posts, *others]
    platform = pa.concat_arrays([_whole(table.column("platform")).cast(pa.string()) for table in tables])
    asset = pa.concat_arrays([_whole(table.column("asset_id")).cast(pa.string()) for table in tables])
    coded = named(platform, asset).dictionary_encode()
    code = coded.indices.to_numpy()
    _, first = np.unique(code, return_index=True)
    place = pa.array(first.astype(np.int64))
    return _People(coded.dictionary, platform.take(place), asset.take(place), code.astype(np.int32)[: posts.num_rows])


def _activities(dataset: Dataset, posts: pa.Table | None, since: datetime | None, until: datetime | None) -> pa.Table:
    """Activities in the time asked for; where posts are given, those of these posts only."""
    extra = between(dataset.table("activities"), "at", since, until)
    if posts is None or not extra.num_rows:
        return extra
    names = named(_whole(posts.column("platform")), _whole(posts.column("post_id")))
    mine = named(_whole(extra.column("platform")), _whole(extra.column("post_id")))
    return extra.filter(pc.fill_null(pc.is_in(mine, value_set=names), False))


def _loaded(
    traces: list[Trace], posts: pa.Table, extra: pa.Table, standing: dict[str, pa.Table], people: _People, at: I64
) -> tuple[tuple[LoadedTrace, ...], list[dict[str, Any]], list[str]]:
    """The traces that left any object, what was kept and dropped, and notes."""
    loaded, steps, notes = [], [], []
    for trace in traces:
        found = _Found()
        if trace.table in standing:
            _from_standing(trace, standing[trace.table], people.names, found)
        elif trace.table == "posts" and (by_text := _from_posts(trace, posts, people.of_post, at, found)):
            notes.append(f"{by_text} reposts name no post that they repeat; they are tied by their text instead")
        _from_activities(extra, trace, posts, people.names, found)
        ready = _numbered(trace, found, posts, people.of_post, people.names)
        kept = len(ready.activities) if ready else 0
        for reason, count in found.dropped.items() or {"nothing fell out": 0}.items():
            steps.append(_step("left the trace on an object", trace.name, kept, count, "activities", reason))
        if ready is not None:
            loaded.append(ready)
    return tuple(loaded), steps, notes


def _with_media(posts: pa.Table, dataset: Dataset) -> pa.Table:
    """Posts with the hashes that the table `media` has of their images, after those that they came with."""
    if "media_hashes" not in posts.column_names or not dataset.rows("media"):
        return posts
    media = dataset.table("media", ["platform", "post_id", "hash"])
    media = media.filter(pc.and_(pc.is_valid(media.column("post_id")), pc.is_valid(media.column("hash"))))
    names = named(_whole(posts.column("platform")), _whole(posts.column("post_id")))
    mine = named(_whole(media.column("platform")), _whole(media.column("post_id")))
    at = pc.index_in(mine, value_set=names)
    held = posts.column("media_hashes").to_pylist()
    for row, value in zip(at.to_pylist(), media.column("hash").to_pylist(), strict=True):
        if row is not None and value not in (held[row] or ()):
            held[row] = [*(held[row] or ()), value]
    place = posts.schema.get_field_index("media_hashes")
    return posts.set_column(place, "media_hashes", pa.array(held, posts.schema.field(place).type))


def _standing(
    dataset: Dataset, traces: list[Trace], since: datetime | None, until: datetime | None
) -> dict[str, pa.Table]:
    """The tables besides posts that traces read, where they hold any dated row."""
    found: dict[str, pa.Table] = {}
    for trace in traces:
        if trace.table == "posts" or trace.table in found or not dataset.rows(trace.table):
            continue
        columns = {c for other in traces if other.table == trace.table for c in other.columns}
        table = dataset.table(trace.table, sorted({"platform", "asset_id", trace.time, *columns}))
        table = between(table.filter(pc.is_valid(table.column(trace.time))), trace.time, since, until)
        if table.num_rows:
            found[trace.table] = table
    return found


def _with_links(posts: pa.Table) -> npt.NDArray[np.bool_]:
    """Which posts have a link; none where links were not read, for then nothing asks."""
    if "urls" not in posts.column_names or not posts.num_rows:
        return np.zeros(posts.num_rows, np.bool_)
    lengths = pc.fill_null(pc.list_value_length(_whole(posts.column("urls"))), 0)
    return np.asarray(pc.greater(lengths, 0).to_numpy(zero_copy_only=False), np.bool_)


def _step(step: str, trace: str | None, kept: int, dropped: int, unit: str, reason: str) -> dict[str, Any]:
    return {"step": step, "trace": trace, "kept": kept, "dropped": dropped, "unit": unit, "reason": reason}
