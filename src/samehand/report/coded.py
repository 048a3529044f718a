"""A run's members, edges and receipts with each word as its number in a sorted list, so that millions of rows are numbers.

Numbers stand in the order of their words: ordering by numbers orders by words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import Chunked, Column, Run

__all__ = ["CodedRun", "Words", "read_coded"]

_ENDS: Final = ("platform_a", "asset_a", "platform_b", "asset_b")
_COLUMNS: Final = {
    "edges": [*_ENDS, "trace", "bits", "p_value", "shared_objects", "co_activities"],
    "receipts": [*_ENDS, "trace", "object_id", "post_a", "post_b", "at_a", "at_b", "base_rate"],
    "members": ["network_id", "platform", "asset_id"],
}
_FIELDS: Final = {
    "platform": ("platform", "platform_a", "platform_b"),
    "asset": ("asset_id", "asset_a", "asset_b"),
    "trace": ("trace",),
    "object": ("object_id",),
    "post": ("post_a", "post_b"),
    "network": ("network_id",),
}


@dataclass(frozen=True)
class Words:
    """The words that numbers stand for, field by field, each in order."""

    platform: Column
    asset: Column
    trace: Column
    object: Column
    post: Column
    network: Column

    def account(self, number: int) -> tuple[str, str]:
        """Platform and id of an account's number."""
        platform, asset = divmod(number, max(len(self.asset), 1))
        return self.platform[platform].as_py(), self.asset[asset].as_py()

    def number_of(self, account: tuple[str, str]) -> int:
        """The number of an account, -1 for one that no table has."""
        platform, asset = self.platform.index(account[0]).as_py(), self.asset.index(account[1]).as_py()
        return int(platform * max(len(self.asset), 1) + asset) if platform >= 0 and asset >= 0 else -1

    @staticmethod
    def place(words: Column, word: str) -> int:
        """The number of a word, -1 for one that does not occur."""
        return int(words.index(word).as_py())


@dataclass(frozen=True)
class CodedRun:
    """Tables of numbers.

    members: network, account; edges: account_a, account_b, trace, bits, p_value, shared_objects, co_activities;
    receipts: account_a, account_b, trace, object, post_a, post_b, at_a, at_b (microseconds), base_rate.
    """

    words: Words
    members: pa.Table
    edges: pa.Table
    receipts: pa.Table


def _sorted_words(columns: list[Chunked]) -> Column:
    dictionaries = [chunk.dictionary for column in columns for chunk in column.chunks]
    words: Column = pa.chunked_array(dictionaries, pa.string()).unique()
    return words.take(pc.sort_indices(words))


def _numbers(column: Chunked, words: Column) -> Chunked:
    chunks = []
    for chunk in column.chunks:
        number = np.asarray(pc.index_in(chunk.dictionary, value_set=words))
        if chunk.null_count or not len(number):
            chunks.append(pa.array(number, pa.int32()).take(chunk.indices))
        else:
            chunks.append(pa.array(number[np.asarray(chunk.indices)]))
    return pa.chunked_array(chunks, pa.int32())


def _accounts(table: pa.Table, platform: str, asset: str, words: Words) -> Chunked:
    assets = _numbers(table.column(asset), words.asset).cast(pa.int64())
    if len(words.platform) <= 1:
        return assets
    platforms = _numbers(table.column(platform), words.platform).cast(pa.int64())
    found: Chunked = pc.add(pc.multiply(platforms, len(words.asset)), assets)
    return found


def _times(column: Chunked) -> Chunked:
    return column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())


def read_coded(run: Run) -> CodedRun:
    """Read what the page needs of a run's tables, as numbers.

    Raises:
        NotFoundError: a table is missing.

    """
    tables = {name: run.table(name, columns, coded=True) for name, columns in _COLUMNS.items()}
    words = Words(
        **{
            field: _sorted_words([t.column(name) for t in tables.values() for name in names if name in t.column_names])
            for field, names in _FIELDS.items()
        }
    )
    members, edges, receipts = tables["members"], tables["edges"], tables["receipts"]

    def ends(table: pa.Table) -> dict[str, Chunked]:
        return {
            "account_a": _accounts(table, "platform_a", "asset_a", words),
            "account_b": _accounts(table, "platform_b", "asset_b", words),
            "trace": _numbers(table.column("trace"), words.trace),
        }

    return CodedRun(
        words,
        pa.table(
            {
                "network": _numbers(members.column("network_id"), words.network),
                "account": _accounts(members, "platform", "asset_id", words),
            }
        ),
        pa.table({**ends(edges), **{name: edges.column(name) for name in _COLUMNS["edges"][5:]}}),
        pa.table(
            {
                **ends(receipts),
                "object": _numbers(receipts.column("object_id"), words.object),
                "post_a": _numbers(receipts.column("post_a"), words.post),
                "post_b": _numbers(receipts.column("post_b"), words.post),
                "at_a": _times(receipts.column("at_a")),
                "at_b": _times(receipts.column("at_b")),
                "base_rate": receipts.column("base_rate"),
            }
        ),
    )
