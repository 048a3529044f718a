"""Handles that are no handles: hashes and random ids that a data set shows instead.

Letters play no part: equality with the id, length and the classes of characters decide.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import Column

__all__ = ["chosen_names"]

I32 = npt.NDArray[np.int32]

_HASH: Final = r"^([0-9a-fA-F]{16,}|[A-Za-z0-9+/_=-]{24,})$"
"""Hexadecimal of 64 bits or more, or base64 of 18 bytes or more."""
_UNIFORM: Final = 0.9
_FEWEST: Final = 20
_LONG: Final = 10
"""Shorter names may well be of one length: most Chinese ones have three characters."""


def _hash_like(names: Column) -> npt.NDArray[np.bool_]:
    looks = pc.and_(pc.match_substring_regex(names, _HASH), pc.match_substring_regex(names, "[0-9]"))
    return np.asarray(pc.fill_null(looks, False).to_numpy(zero_copy_only=False), np.bool_)


def _classes(names: Column) -> npt.NDArray[np.int64]:
    """Length, and which classes of characters (letter, digit, other) a name has, as one number."""
    kinds = [pc.match_substring_regex(names, found) for found in (r"\p{L}", "[0-9]", r"[^\p{L}0-9]")]
    parts = [pc.fill_null(kind, False).to_numpy(zero_copy_only=False).astype(np.int64) for kind in kinds]
    length = pc.fill_null(pc.utf8_length(names), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.asarray(length * 8 + parts[0] * 4 + parts[1] * 2 + parts[2])


def chosen_names(names: Column, assets: Column, platform: I32) -> Column:
    """Names as somebody chose them; null where a name is the id, looks like a hash, or is one of a uniform kind.

    A platform whose names are nearly all of one length (ten characters or more) and of the same classes of characters, or
    nearly all hashes, has handed out pseudonyms: all of its names are null.

    Args:
        names, assets: string arrays, one of each account.
        platform: int32, the platform of each account.

    """
    there = pc.and_(pc.is_valid(names), pc.not_equal(names, assets.cast(pa.string())))
    keep = np.asarray(pc.fill_null(there, False).to_numpy(zero_copy_only=False), np.bool_)
    hashed, kind = _hash_like(names), _classes(names)
    for number in np.unique(platform):
        rows = np.flatnonzero(keep & (platform == number))
        if len(rows) < _FEWEST:
            continue
        kinds, count = np.unique(kind[rows], return_counts=True)
        commonest = count[kinds >= 8 * _LONG].max(initial=0)
        if commonest >= _UNIFORM * len(rows) or hashed[rows].mean() >= _UNIFORM:
            keep[rows] = False
    return pc.if_else(pa.array(keep & ~hashed), names, pa.scalar(None, pa.string()))
