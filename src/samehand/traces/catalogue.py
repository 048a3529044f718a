"""The traces there are, each a declaration. A new one is added here (CONTRIBUTING.md tells how)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import UsageError
from samehand.traces.duplicates import similar_texts
from samehand.traces.images import near_hashes
from samehand.traces.links import canonical_urls, domains_of
from samehand.traces.model import Objects, Trace, list_objects, one_object
from samehand.traces.standing import STANDING
from samehand.traces.voice import bare, fold, spoken
from samehand.traces.words import number_words

__all__ = ["PERIOD_TRACE", "TRACES", "named_traces"]

PERIOD_TRACE: Final = "period"
"""The trace that is left on no object: sessions that begin in the same odd period (`coordination.rhythm`)."""


def _flat(table: pa.Table, column: str) -> pa.Array[Any]:
    return table.column(column).combine_chunks() if table.num_rows else pa.array([], table.schema.field(column).type)


def _own(table: pa.Table) -> pa.Array[Any]:
    """True for posts whose content is the account's own: a repost's links and tags are those of the post it repeats."""
    return pc.not_equal(_flat(table, "kind"), "repost")


def _own_lists(table: pa.Table, column: str) -> Objects:
    lists = _flat(table, column)
    own = _own(table)
    reposted = int(pc.sum(pc.if_else(own, 0, pc.list_value_length(lists))).as_py() or 0)
    kept = pc.if_else(own, lists, pa.scalar(None, lists.type))
    return list_objects(kept, dropped={"inside a repost": reposted} if reposted else None)


def _mapped(found: Objects, keys: pa.Array[Any], reason: str) -> Objects:
    """The same rows under other keys; null keys fall out, and a key that comes twice in one post is kept once."""
    good = pc.is_valid(keys).to_numpy(zero_copy_only=False)
    dropped = dict(found.dropped)
    if not good.all():
        dropped[reason] = dropped.get(reason, 0) + int((~good).sum())
    rows, keys = found.rows[good], keys.filter(pa.array(good))
    codes = keys.dictionary_encode().indices.to_numpy().astype(np.int64)
    _, first = np.unique(rows * (int(codes.max(initial=0)) + 1) + codes, return_index=True)
    first.sort()
    if again := len(rows) - len(first):
        dropped["said twice in one post"] = again
    return Objects(rows[first], keys.take(pa.array(first)), dropped)


def _repost(table: pa.Table) -> Objects:
    target = _flat(table, "ref_post_id")
    reposts = pc.invert(_own(table))
    texts, enough = spoken(pc.if_else(pc.and_(reposts, pc.is_null(target)), _flat(table, "text"), None))
    said = pc.if_else(enough, pc.binary_join_element_wise("text", texts, ":"), None)
    keys = pc.coalesce(target, said)
    return one_object(pc.if_else(reposts, keys, None), missing="no repost, or neither target nor text")


def _url(table: pa.Table) -> Objects:
    found = _own_lists(table, "urls")
    return _mapped(found, canonical_urls(found.keys), "not a link")


def _domain(table: pa.Table) -> Objects:
    found = _own_lists(table, "urls")
    return _mapped(found, domains_of(canonical_urls(found.keys)), "no domain")


def _hashtag(table: pa.Table) -> Objects:
    found = _own_lists(table, "hashtags")
    coded = found.keys.dictionary_encode()
    folded = pa.array(
        [fold(tag.strip().lstrip("#＃").strip()) or None for tag in coded.dictionary.to_pylist()], pa.string()
    )
    return _mapped(found, folded.take(coded.indices), "empty")


def _text(table: pa.Table) -> Objects:
    """Near-duplicates as one object, named by its first text; of several quotes of one post in the same words one counts."""
    own = _own(table).to_numpy(zero_copy_only=False)
    texts = bare(pc.if_else(pa.array(own), _flat(table, "text"), None))
    said = number_words(texts)
    cluster, words = similar_texts(said), np.diff(said.start)
    there = pc.fill_null(pc.not_equal(_flat(table, "text"), ""), False).to_numpy(zero_copy_only=False)
    again = _same_quotes(table, np.where(said.informative, cluster, -1))
    reasons = {
        "a repost": ~own,
        "no text": own & ~there,
        "only links, mentions, emoji or signs": own & there & (words == 0),
        "too little said": own & (words > 0) & ~said.informative,
        "quotes the same post in the same words as another": again,
    }
    rows = np.flatnonzero(said.informative & ~again)
    dropped = {reason: int(hit.sum()) for reason, hit in reasons.items() if hit.any()}
    return Objects(rows.astype(np.int64), texts.take(pa.array(cluster[rows])), dropped)


def _same_quotes(table: pa.Table, cluster: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Quotes of a post in words in which an earlier one quoted it: what ties them is the post, not a text of their own."""
    again = np.zeros(table.num_rows, np.bool_)
    quotes = pc.and_(pc.equal(_flat(table, "kind"), "quote"), pc.is_valid(_flat(table, "ref_post_id")))
    rows = np.flatnonzero(quotes.to_numpy(zero_copy_only=False) & (cluster >= 0))
    target = _flat(table, "ref_post_id").take(pa.array(rows)).dictionary_encode().indices.to_numpy().astype(np.int64)
    _, first = np.unique(cluster[rows] * (int(target.max(initial=0)) + 1) + target, return_index=True)
    again[np.delete(rows, first)] = True
    return again


def _image(table: pa.Table) -> Objects:
    """Images by their hashes; those whose PDQ hashes are near are one object, named by the first."""
    found = _own_lists(table, "media_hashes")
    return _mapped(found, near_hashes(found.keys), "")


def _reply(table: pa.Table) -> Objects:
    replies = pc.equal(_flat(table, "kind"), "reply")
    return one_object(pc.if_else(replies, _flat(table, "ref_post_id"), None), missing="no reply, or no target")


def _mention(table: pa.Table) -> Objects:
    return _own_lists(table, "mentions")


def _quote(table: pa.Table) -> Objects:
    quotes = pc.equal(_flat(table, "kind"), "quote")
    return one_object(pc.if_else(quotes, _flat(table, "ref_post_id"), None), missing="no quote, or no target")


LEAST_TAGS: Final = 3
"""Hashtags that make a sequence: two in one order say little."""


def _hashtag_sequence(table: pa.Table) -> Objects:
    """The hashtags of a post in their order, three at least."""
    tags = _hashtag(table)
    starts = np.flatnonzero(np.diff(tags.rows, prepend=-1))
    lengths = np.diff(np.append(starts, len(tags)))
    lists = pa.ListArray.from_arrays(pa.array(np.append(starts, len(tags)), pa.int32()), tags.keys)
    long = lengths >= LEAST_TAGS
    dropped = {"fewer than three hashtags, or a repost": table.num_rows - int(long.sum())}
    keys = pc.binary_join(lists, " ").filter(pa.array(long))
    return Objects(tags.rows[starts[long]], keys, {reason: count for reason, count in dropped.items() if count})


FASTEST: Final = 0.1
LEAST_CURVE: Final = 10
"""Reposts that a post needs for a latency curve of its own; those with fewer share one."""


def _delays(table: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Reposts whose original is in the data: row, number of the original, delay in microseconds."""
    names = pc.binary_join_element_wise(_flat(table, "platform"), _flat(table, "post_id"), ":")
    reposts = pc.if_else(pc.invert(_own(table)), _flat(table, "ref_post_id"), None)
    targets = pc.binary_join_element_wise(_flat(table, "platform"), reposts, ":")
    original = pc.fill_null(pc.index_in(targets, value_set=names), -1).to_numpy().astype(np.int64)
    rows = np.flatnonzero(original >= 0).astype(np.int64)
    at = _flat(table, "posted_at").cast(pa.int64()).to_numpy()
    return rows, original[rows], (at[rows] - at[original[rows]]).astype(np.float64)


def _fast_repost(table: pa.Table) -> Objects:
    """Reposts among the fastest tenth of the original's own; the others of few reposts stand on one curve together."""
    rows, original, delay = _delays(table)
    posts, number, count = np.unique(original, return_inverse=True, return_counts=True)
    curve = np.where(count[number] >= LEAST_CURVE, number, len(posts)) if len(rows) else number
    order = np.lexsort((delay, curve))
    begin = np.searchsorted(curve[order], np.arange(len(posts) + 1))
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows)) - begin[curve[order]]
    size = np.bincount(curve, minlength=len(posts) + 1)
    fast = rank < np.maximum(np.floor(FASTEST * size[curve]), 1)
    dropped = {
        "no repost, or the original is not in the data": table.num_rows - len(rows),
        "not among the fastest tenth": int((~fast).sum()),
    }
    keys = _flat(table, "ref_post_id").take(pa.array(rows[fast]))
    return Objects(rows[fast], keys, {reason: number for reason, number in dropped.items() if number})


COMMON_CLIENT: Final = 0.05
"""A client that more than this share of the accounts with a client use says nothing of two of them."""


def _client(table: pa.Table) -> Objects:
    """The client of posts of one's own, where few use it."""
    own = pc.if_else(_own(table), _flat(table, "client"), None)
    found = one_object(own, missing="no client, or a repost")
    who = pc.binary_join_element_wise(_flat(table, "platform"), _flat(table, "asset_id"), ":").take(
        pa.array(found.rows)
    )
    account = who.dictionary_encode().indices.to_numpy().astype(np.int64)
    client = found.keys.dictionary_encode().indices.to_numpy().astype(np.int64)
    pairs = np.unique(client * (int(account.max(initial=0)) + 1) + account) // (int(account.max(initial=0)) + 1)
    users = np.bincount(pairs, minlength=int(client.max(initial=-1)) + 1)
    rare = users[client] <= max(COMMON_CLIENT * (int(account.max(initial=-1)) + 1), 2)
    dropped = dict(found.dropped)
    if not rare.all():
        dropped["a client that many use"] = int((~rare).sum())
    return Objects(found.rows[rare], found.keys.filter(pa.array(rare)), dropped)


TRACES: Final[dict[str, Trace]] = {
    trace.name: trace
    for trace in (
        Trace(
            "repost",
            "reposted the same post",
            ("kind", "ref_post_id", "text"),
            _repost,
            (
                ({"kind": "repost", "ref_post_id": "77", "text": "RT"}, "77"),
                ({"kind": "original", "ref_post_id": "77"}, None),
                ({"kind": "repost", "text": "Brel  dovan kiru @x mest"}, "text:brel dovan kiru mest"),
            ),
            of_platform=True,
        ),
        Trace(
            "url",
            "shared the same link",
            ("kind", "urls"),
            _url,
            (
                (
                    {"kind": "original", "urls": ["https://www.example.org/a/?utm_source=x&b=1#top"]},
                    "example.org/a?b=1",
                ),
                ({"kind": "original", "urls": [""]}, None),
                ({"kind": "repost", "urls": ["https://example.org/a"]}, None),
            ),
        ),
        Trace(
            "domain",
            "shared links of the same site",
            ("kind", "urls"),
            _domain,
            (
                ({"kind": "original", "urls": ["http://news.example.co.uk/x"]}, "example.co.uk"),
                ({"kind": "original", "urls": ["http://localhost/x"]}, None),
            ),
        ),
        Trace(
            "hashtag",
            "used the same hashtag",
            ("kind", "hashtags"),
            _hashtag,
            (
                ({"kind": "original", "hashtags": ["#Velor"]}, "velor"),
                ({"kind": "repost", "hashtags": ["velor"]}, None),
            ),
        ),
        Trace(
            "text",
            "posted the same words",
            ("kind", "text", "ref_post_id"),
            _text,
            (
                ({"kind": "original", "text": "Brel dovan  KIRU mest https://example.org"}, "brel dovan kiru mest"),
                ({"kind": "original", "text": "yes yes yes yes"}, None),
            ),
        ),
        Trace(
            "image",
            "posted the same image",
            ("kind", "media_hashes"),
            _image,
            (
                ({"kind": "original", "media_hashes": ["id:9"]}, "id:9"),
                ({"kind": "original", "media_hashes": []}, None),
            ),
        ),
        Trace(
            "reply",
            "replied to the same post",
            ("kind", "ref_post_id"),
            _reply,
            (({"kind": "reply", "ref_post_id": "5"}, "5"), ({"kind": "reply", "ref_post_id": None}, None)),
            of_platform=True,
        ),
        Trace(
            "mention",
            "mentioned the same account",
            ("kind", "mentions"),
            _mention,
            (({"kind": "reply", "mentions": ["81"]}, "81"), ({"kind": "repost", "mentions": ["81"]}, None)),
            of_platform=True,
        ),
        Trace(
            "quote",
            "quoted the same post",
            ("kind", "ref_post_id"),
            _quote,
            (({"kind": "quote", "ref_post_id": "5"}, "5"), ({"kind": "repost", "ref_post_id": "5"}, None)),
            of_platform=True,
        ),
        Trace(
            "hashtag_sequence",
            "used the same hashtags in the same order",
            ("kind", "hashtags"),
            _hashtag_sequence,
            (
                ({"kind": "original", "hashtags": ["#Velor", "brel", "kiru"]}, "velor brel kiru"),
                ({"kind": "original", "hashtags": ["velor", "brel"]}, None),
            ),
            fused=False,
        ),
        Trace(
            "fast_repost",
            "was among the first to repost the same post",
            ("platform", "post_id", "posted_at", "kind", "ref_post_id"),
            _fast_repost,
            (
                ({"platform": "x", "post_id": "1", "posted_at": "2019-06-03", "kind": "original"}, None),
                (
                    {"platform": "x", "post_id": "2", "posted_at": "2019-06-03", "kind": "repost", "ref_post_id": "7"},
                    None,
                ),
            ),
            fused=False,
            of_platform=True,
        ),
        Trace(
            "client",
            "posted through the same rare client",
            ("platform", "asset_id", "kind", "client"),
            _client,
            (
                ({"platform": "x", "asset_id": "1", "kind": "original", "client": "velor-post"}, "velor-post"),
                ({"platform": "x", "asset_id": "1", "kind": "repost", "client": "velor-post"}, None),
            ),
            fused=False,
        ),
        *STANDING,
    )
}
"""Every trace by name, in the order in which they are listed and searched."""


def named_traces(names: list[str] | None) -> list[Trace]:
    """The traces of these names (all of them for None), in catalogue order; `period` is a name, but has no objects.

    Raises:
        UsageError: a name is no trace; the message lists those there are.

    """
    wanted = list(TRACES) if names is None else names
    unknown = [name for name in wanted if name not in TRACES and name != PERIOD_TRACE]
    if unknown:
        raise UsageError(f"unknown trace '{unknown[0]}'; traces are {', '.join([*TRACES, PERIOD_TRACE])}")
    return [trace for name, trace in TRACES.items() if name in wanted]
