"""Findings in profiles: when accounts were made, and how alike they look."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.authenticity.controls import Pool
from samehand.authenticity.findings import Detector, Measure
from samehand.authenticity.likeness import alike_bios, alike_pictures, categories, handle_shape
from samehand.authenticity.material import DAY_US, Material
from samehand.authenticity.sets import Densest, Leading, Mean, Twins
from samehand.coordination import UNKNOWN
from samehand.records import Column
from samehand.traces import fold

__all__ = ["PROFILE_DETECTORS"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_WINDOW_DAYS: Final = (1, 7, 30)
_DEFAULT: Final = r"[^0-9][0-9]{5,}$"
"""A name with five digits and more at its end, the form that platforms propose; four may be a year of birth."""


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y-%m-%d")


def _creation(material: Material, pool: Pool) -> Measure | None:
    created = material.profiles.created
    if not (created != UNKNOWN).any():
        return None
    times = created[pool.accounts]
    windows = np.array(_WINDOW_DAYS, np.int64) * DAY_US

    def receipts(members: I32, view: int) -> list[str]:
        own = np.sort(times[members])
        ends = np.searchsorted(own, own + windows[view])
        first = int((ends - np.arange(len(own))).argmax())
        begin, last = _day(int(own[first])), _day(int(own[ends[first] - 1]))
        inside = members[(times[members] >= own[first]) & (times[members] < own[first] + windows[view])]
        when = begin if begin == last else f"{begin} to {last}"
        return [f"created {when}: {len(inside)} accounts", material.listed(pool.accounts[inside])]

    views = tuple(f"within {n} day{'s' if n > 1 else ''}" for n in _WINDOW_DAYS)
    return Measure(times != UNKNOWN, lambda _: Densest(times, windows, views), receipts)


def _of_pool(column: Column, pool: Pool) -> list[Any]:
    found: list[Any] = column.take(pa.array(pool.accounts)).to_pylist()
    return found


def _twin_receipts(material: Material, pool: Pool, code: I32, what: str) -> Any:
    def receipts(members: I32, _: int) -> list[str]:
        groups = [(n, c) for c, n in Counter(code[members].tolist()).items() if n > 1]  # by first appearance
        groups.sort(key=lambda group: -group[0])
        return [
            f"{what}: {n} accounts: {material.listed(pool.accounts[members[code[members] == c]])}"
            for n, c in groups[:5]
        ]

    return receipts


def _twins(material: Material, pool: Pool, code: I32, what: str) -> Measure:
    return Measure(code >= 0, lambda _: Twins(np.maximum(code, 0)), _twin_receipts(material, pool, code, what))


def _supplied(column: Column) -> bool:
    return bool(column.null_count < len(column))


def _names(material: Material, pool: Pool) -> Measure | None:
    if not _supplied(material.profiles.display_name):
        return None
    names = [
        None if n is None else fold(" ".join(n.split())) or None for n in _of_pool(material.profiles.display_name, pool)
    ]
    return _twins(material, pool, categories(names), "one display name")


def _bios(material: Material, pool: Pool) -> Measure | None:
    if not _supplied(material.profiles.bio):
        return None
    return _twins(material, pool, alike_bios(_of_pool(material.profiles.bio, pool)), "one template of a bio")


def _avatars(material: Material, pool: Pool) -> Measure | None:
    if not _supplied(material.profiles.avatar):
        return None
    return _twins(material, pool, alike_pictures(_of_pool(material.profiles.avatar, pool)), "one picture")


def _shapes(material: Material, pool: Pool) -> Measure | None:
    if not _supplied(material.profiles.handle):
        return None
    shapes = [None if h is None else handle_shape(h) for h in _of_pool(material.profiles.handle, pool)]
    code = categories(shapes)

    def receipts(members: I32, _: int) -> list[str]:
        lead = _leading(code, np.flatnonzero(code >= 0)).category(members)
        own = members[code[members] == lead]
        return [f"handle of the form {shapes[int(own[0])]}: {len(own)} accounts", material.listed(pool.accounts[own])]

    return Measure(code >= 0, lambda places: _leading(code, places), receipts)


def _leading(code: I32, places: npt.NDArray[Any]) -> Leading:
    size = int(code.max(initial=0)) + 1
    share = np.bincount(code[places], minlength=size) / max(len(places), 1)
    return Leading(np.maximum(code, 0), share)


def _default_handles(material: Material, pool: Pool) -> Measure | None:
    if not _supplied(material.profiles.handle):
        return None
    handle = material.profiles.handle.take(pa.array(pool.accounts))
    known = np.asarray(pc.is_valid(handle).to_numpy(zero_copy_only=False), np.bool_)
    marked = pc.fill_null(pc.match_substring_regex(handle, _DEFAULT), False).to_numpy(zero_copy_only=False)
    flag = np.asarray(marked, np.float64)

    def receipts(members: I32, _: int) -> list[str]:
        own = members[flag[members] > 0]
        return [f"name and five or more digits: {len(own)} accounts", material.listed(pool.accounts[own])]

    return Measure(known, lambda _: Mean(flag), receipts)


PROFILE_DETECTORS: Final = (
    Detector(
        "creation", 1, "creation", "made within the densest day, week or month", "share", ("assets.created_at",), 0.25,
        "a debut, a campaign or a protest that people joined for; an employer's accounts made together", _creation,
    ),
    Detector(
        "same_names", 1, "profile", "with a display name that another member has", "share", ("assets.display_name",),
        0.25, "fans who take an idol's name; a newsroom's brand", _names,
    ),
    Detector(
        "same_bios", 1, "profile", "with a bio made from the same template as another member's", "share",
        ("assets.bio",), 0.25, "a campaign's or an employer's wording", _bios,
    ),
    Detector(
        "same_avatars", 1, "profile", "with the picture of another member", "share", ("assets.avatar_hash",), 0.25,
        "a flag, an idol, a frame of a campaign; a platform's default picture", _avatars,
    ),
    Detector(
        "same_handle_shapes", 1, "profile", "with a handle of one form", "share", ("assets.handle",), 0.25,
        "a platform's proposal; a convention of an office or a school", _shapes,
    ),
    Detector(
        "default_handles", 1, "profile", "with a handle of the form that platforms propose", "share",
        ("assets.handle",), 0.25, "people who joined in a hurry", _default_handles,
    ),
)  # fmt: skip
