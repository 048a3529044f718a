"""Values of JSON whose shape nobody promised: what is not of the kind that was expected is as if it were not there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

__all__ = ["Cells", "list_of", "object_in", "objects_in", "text_of", "whole"]

Cells = dict[str, str | None]
"""A row as text by column; lists are JSON arrays."""


def object_in(value: Any, *names: str) -> dict[str, Any]:
    """The object itself, or what lies in it under these names, one in the other; an empty one where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def objects_in(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [inner for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str | None:
    """Text as it is, another value as JSON; None where there is nothing."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def list_of(values: Iterable[Any]) -> str | None:
    """The texts among these values as a JSON array; None where there are none."""
    items = [value for value in values if isinstance(value, str)]
    return json.dumps(items, ensure_ascii=False) if items else None


def whole(value: Any) -> Any:
    """The same value without half characters (lone surrogates) and NUL, which no table can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    if isinstance(value, dict):
        return {whole(key): whole(inner) for key, inner in value.items()}
    return value
