"""Posts made by hand, as tables that traces read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from samehand.records import schema_of
from samehand.traces import TRACES, Objects


def posts_table(rows: Sequence[Mapping[str, Any]], table: str = "posts") -> pa.Table:
    """Posts (or rows of another table) with only what the rows say; the rest is null."""
    schema = schema_of(table)
    defaults = {"kind": "original"} if table == "posts" else {}
    filled = [{**defaults, **row} for row in rows]
    fields = [pa.array([_value(row.get(field.name), field) for row in filled], field.type) for field in schema]
    return pa.table(fields, names=schema.names)


def _value(value: object, field: pa.Field[Any]) -> object:
    """Dates are written as texts in examples."""
    is_date = pa.types.is_timestamp(field.type) and isinstance(value, str)
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC) if is_date else value


def found(trace: str, *rows: Mapping[str, Any]) -> Objects:
    """What a trace finds in these posts."""
    return TRACES[trace].find(posts_table(rows, TRACES[trace].table).select(list(TRACES[trace].columns)))


def keys(trace: str, *rows: Mapping[str, Any]) -> list[str]:
    """The objects that a trace finds, post by post."""
    return [str(key) for key in found(trace, *rows).keys.to_pylist()]
