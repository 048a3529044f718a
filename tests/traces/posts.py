"""Posts made by hand, as tables that traces read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from samehand.records import schema_of
from samehand.traces import TRACES, Objects

POSTS = schema_of("posts")


def posts_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Posts with only what the rows say; the rest is null."""
    filled = [{"kind": "original", **row} for row in rows]
    columns = {name: [row.get(name) for row in filled] for name in POSTS.names}
    fields = [pa.array(columns[field.name], field.type) for field in POSTS]
    return pa.table(fields, names=POSTS.names)


def found(trace: str, *rows: Mapping[str, Any]) -> Objects:
    """What a trace finds in these posts."""
    return TRACES[trace].find(posts_table(rows).select(list(TRACES[trace].columns)))


def keys(trace: str, *rows: Mapping[str, Any]) -> list[str]:
    """The objects that a trace finds, post by post."""
    return [str(key) for key in found(trace, *rows).keys.to_pylist()]
