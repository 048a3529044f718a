"""Cells of a file -> text, numbers and lists of records, a column at a time; what is empty is null."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import Column, places

__all__ = ["bracketed", "found_in", "joined", "read_flags", "read_items", "read_numbers", "read_text", "trimmed"]

_STRINGS: Final = pa.list_(pa.string())
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_LARGEST: Final = 2.0**63


def read_text(values: Column) -> Column:
    """Text as it is; null where there is nothing but blanks."""
    text = values.cast(pa.string())
    there: Column = pc.if_else(pc.not_equal(pc.utf8_trim_whitespace(text), ""), text, pa.scalar(None, pa.string()))
    return there


def trimmed(values: Column) -> Column:
    """Text without surrounding blanks; null where nothing is left."""
    text = pc.utf8_trim_whitespace(values.cast(pa.string()))
    there: Column = pc.if_else(pc.not_equal(text, ""), text, pa.scalar(None, pa.string()))
    return there


def read_numbers(values: Column, kind: pa.DataType) -> tuple[Column, npt.NDArray[np.bool_]]:
    """Whole numbers (`12`, `1,234`, `12.0`) or, for float64, any; null and marked where there is another thing."""
    if not pa.types.is_string(values.type) and not pa.types.is_large_string(values.type):
        values = values.cast(pa.string())
    text = trimmed(values)
    try:
        read = text.cast(kind)
    except pa.ArrowInvalid:
        coded = text.dictionary_encode()
        parse = _whole if pa.types.is_integer(kind) else _real
        read = pa.array([parse(str(value)) for value in coded.dictionary.to_pylist()], kind).take(coded.indices)
    if pa.types.is_floating(kind):
        read = pc.if_else(pc.is_finite(read), read, pa.scalar(None, kind))
    return read, np.asarray(pc.and_(pc.is_valid(text), pc.is_null(read)))


def _real(value: str) -> float | None:
    try:
        return float(value.replace(",", "") if _THOUSANDS.fullmatch(value) else value)
    except ValueError:
        return None


def _whole(value: str) -> int | None:
    number = _real(value)
    if number is None or not number.is_integer() or not -_LARGEST <= number < _LARGEST:
        return None
    try:
        return int(value)
    except ValueError:
        return int(number)


def read_flags(values: Column) -> Column:
    """Whether a cell says yes: true, t, yes, y, 1, 1.0 in any case; everything else, and nothing, is no."""
    said = pc.utf8_lower(pc.fill_null(trimmed(values), ""))
    flags: Column = pc.is_in(said, pa.array(["true", "t", "yes", "y", "1", "1.0"]))
    return flags


def read_items(values: Column, separator: str) -> Column:
    """Lists of text: cells joined by `separator`, or JSON arrays; no empty items, none twice, an empty list is null."""
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        return _clean(values.cast(_STRINGS))
    text = trimmed(values)
    arrays = pc.and_(pc.starts_with(text, "["), pc.ends_with(text, "]"))
    if pc.any(arrays).as_py():
        return _each(text, lambda cell: _from_json(cell) or cell.split(separator))
    if text.null_count == len(text):
        return pa.nulls(len(text), _STRINGS)
    return _clean(pc.split_pattern(text, separator))


def bracketed(values: Column) -> Column:
    """Lists as Twitter's archives write them: `[a, b]`, `['a', 'b']`; items without blanks, else as `read_items`."""
    text = trimmed(values)
    if pc.any(pc.match_substring(text, "'")).as_py() or pc.any(pc.match_substring(text, '"')).as_py():
        return _each(text, _from_brackets)
    inner = pc.utf8_trim(text, "[] ")
    # a comma may belong to a URL: it parts items where a blank or another URL follows
    return _clean(pc.split_pattern(pc.replace_substring(inner, ",http", ", http"), ", "))


def _from_brackets(cell: str) -> list[str]:
    quoted = re.findall(r"""'([^']*)'|"([^"]*)\"""", cell)
    if quoted:
        return [single or double for single, double in quoted]
    return cell.strip("[] ").replace(",http", ", http").split(", ")


def _from_json(cell: str) -> list[str] | None:
    if not (cell.startswith("[") and cell.endswith("]")):
        return None
    try:
        items = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return [item if isinstance(item, str) else json.dumps(item) for item in items if item is not None]


def _each(text: Column, read: Callable[[str], list[str]]) -> Column:
    coded = text.dictionary_encode()
    lists = pa.array([read(str(cell)) for cell in coded.dictionary.to_pylist()], _STRINGS)
    return _clean(lists.take(coded.indices))


def _clean(lists: Column) -> Column:
    """Items without blanks around them, no empty ones, none twice in a list; an empty list becomes null."""
    owner = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
    coded = trimmed(pc.list_flatten(lists)).dictionary_encode()
    there = np.asarray(pc.is_valid(coded.indices))
    owner, code = owner[there], np.asarray(pc.drop_null(coded.indices)).astype(np.int64)
    if len(owner) > 1 and (owner[1:] == owner[:-1]).any():
        _, first = np.unique(owner * (len(coded.dictionary) + 1) + code, return_index=True)
        first.sort()
        owner, code = owner[first], code[first]
    counts = np.bincount(owner, minlength=len(lists))
    offsets = pa.array(np.r_[0, np.cumsum(counts)].astype(np.int32))
    items = coded.dictionary.take(places(code))
    return pa.ListArray.from_arrays(offsets, items, type=_STRINGS, mask=pa.array(counts == 0))


_FOUND: Final[dict[str, Any]] = {
    "urls": re.compile(r"https?://[^\s<>\"'\]\[)(|…]+", re.IGNORECASE),
    "hashtags": re.compile(r"(?<![\w/&])[#＃](\w*[^\W\d]\w*)"),
    "mentions": re.compile(r"(?<![\w/@])[@＠](\w{2,30})"),
}


def joined(first: Column, second: Column, separator: str) -> Column:
    """Two texts as one, or the one of them that is there."""
    # Arrow's own skipping of nulls loses the rows of a batch that has nothing but nulls
    both: Column = pc.coalesce(pc.binary_join_element_wise(first, second, separator), first, second)
    return both


def found_in(text: Column, what: str) -> Column:
    """The `urls`, `hashtags` or `mentions` that a text holds, for files that have no column for them."""
    find = _FOUND[what].findall
    marks = {"urls": ("://",), "hashtags": ("#", "＃"), "mentions": ("@", "＠")}[what]
    marked = [pc.fill_null(pc.match_substring(text, mark), False) for mark in marks]
    rows = np.flatnonzero(np.logical_or.reduce([np.asarray(there) for there in marked]))
    if not len(rows):
        return pa.nulls(len(text), _STRINGS)
    lists = [[item.rstrip(".,;:!?") for item in find(value)] for value in text.take(places(rows)).to_pylist()]
    found = _clean(pa.array(lists, _STRINGS))
    back = np.full(len(text), -1, np.int64)
    back[rows] = np.arange(len(rows))
    everywhere: Column = found.take(pa.array(back, mask=back < 0))
    return everywhere
