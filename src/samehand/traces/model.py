"""What a trace is: a declaration that turns posts into (post, object) pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Objects", "Trace", "list_objects", "one_object"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Objects:
    """What one trace found in a table of posts.

    Attributes:
        rows: int64, the row in the table of posts, ascending; a post with several objects comes several times.
        keys: string array of the same length, never null: the object's name, the same for all who left this trace on it.
        dropped: how many (post, object) candidates fell out, by reason.

    """

    rows: Ints
    keys: pa.Array[Any]
    dropped: Mapping[str, int]

    def __len__(self) -> int:
        """How many (post, object) pairs there are."""
        return len(self.rows)


@dataclass(frozen=True)
class Trace:
    """One behaviour that makes activities comparable across accounts.

    Attributes:
        name: the trace's name in tables and on the command line.
        title: what it is, in a few words, for people.
        columns: the columns of `table` that `find` reads.
        find: rows of `table` (those columns, in time order) -> the objects found.
        example: two or more rows, and the object each one must yield (None for no object); feeds tests and docs.
        table: the table of the dataset that holds it.
        time: the column that says when.
        fused: whether it is evidence of its own beside the other traces. One that shows the same act once more, narrower
            (a fast repost is a repost), or no act at all (an address) is judged for pairs alone: it backs a network that
            others make, and makes none.
        of_platform: whether its objects are a platform's own ids; links, tags, words and images are the same everywhere.

    """

    name: str
    title: str
    columns: tuple[str, ...]
    find: Callable[[pa.Table], Objects]
    example: tuple[tuple[Mapping[str, object], str | None], ...]
    table: str = "posts"
    time: str = "posted_at"
    fused: bool = True
    of_platform: bool = False


def one_object(keys: pa.Array[Any] | pa.ChunkedArray[Any], *, missing: str) -> Objects:
    """Objects where a post has at most one: a key for each row; null and empty ones are counted under `missing`."""
    flat = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
    there = pc.fill_null(pc.not_equal(flat, ""), False)
    rows = np.flatnonzero(there.to_numpy(zero_copy_only=False)).astype(np.int64)
    found = flat.filter(there)
    return Objects(rows, found, {missing: len(flat) - len(found)} if len(flat) > len(found) else {})


def list_objects(lists: pa.Array[Any] | pa.ChunkedArray[Any], *, dropped: Mapping[str, int] | None = None) -> Objects:
    """Objects where a post has a list of them: one for each element; null and empty elements fall out."""
    flat = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    rows = pc.list_parent_indices(flat)
    keys = pc.list_flatten(flat)
    good = pc.and_(pc.is_valid(keys), pc.not_equal(keys, ""))
    good = pc.fill_null(good, False)
    reasons = dict(dropped or {})
    if empty := len(keys) - int(pc.sum(good).as_py() or 0):
        reasons["empty"] = empty
    return Objects(rows.filter(good).to_numpy().astype(np.int64), keys.filter(good), reasons)
