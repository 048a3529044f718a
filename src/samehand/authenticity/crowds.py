"""What the crowd outside of a network does with the same things: its hours, and the texts that it posts, too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.authenticity.controls import distinct, rows_of
from samehand.authenticity.material import Material
from samehand.coordination import Activities
from samehand.records import Column
from samehand.traces import spoken

__all__ = ["SharedText", "crowd_hours", "posted_by_many"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_HOUR_US = 3_600 * 1_000_000
_TEXTS = 20
"""Texts of a network that are looked for outside: those that most members posted."""


class SharedText(NamedTuple):
    """How many members, and accounts of no network, posted the text with a link that most members posted."""

    members: int
    outsiders: int


def crowd_hours(a: Activities, members: I32, networked: Flags) -> tuple[F64, F64, int]:
    """Activity by hour, of the network and of the crowd, on objects that at least two members touched.

    Returns:
        float64[hours] of the network and of accounts of no network, and how many such accounts there are.

    """
    own = a.by_account[rows_of(a.account_start, members.astype(np.int64))]
    pairs = distinct(a.obj[own].astype(np.int64) * a.accounts + a.account[own])
    shared, count = np.unique(pairs // max(a.accounts, 1), return_counts=True)
    rows = rows_of(a.object_start, shared[count >= 2])
    if not len(rows):
        return np.zeros(1), np.zeros(1), 0
    hour = a.at[rows] // _HOUR_US
    hour -= hour.min()
    inside = np.zeros(a.accounts, np.bool_)
    inside[members] = True
    mine, crowd = inside[a.account[rows]], ~networked[a.account[rows]]
    size = int(hour.max()) + 1
    found = [np.bincount(hour[part], minlength=size).astype(np.float64) for part in (mine, crowd)]
    return found[0], found[1], int((np.bincount(a.account[rows][crowd]) > 0).sum())


def posted_by_many(material: Material, members: I32, networked: Flags) -> SharedText | None:
    """The text with a link that most members posted and, of equals, most others; None where no texts or links came."""
    posts = material.posts
    if posts.text is None or posts.urls is None:
        return None
    link = material.first_links
    rows = np.sort(posts.order[rows_of(posts.start, members.astype(np.int64))])
    rows = rows[link[rows] >= 0]
    said = _said(posts.text, rows)
    code = said.dictionary_encode()
    number = pc.fill_null(code.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    rows, number = rows[number >= 0], number[number >= 0]
    if not len(rows):
        return SharedText(0, 0)
    pair, which = np.unique(number * (int(link.max()) + 1) + link[rows], return_inverse=True)
    once = distinct(which.astype(np.int64) * material.accounts + posts.account[rows])
    count = np.bincount(once // material.accounts, minlength=len(pair))
    first = np.full(len(pair), len(rows))
    np.minimum.at(first, which, np.arange(len(rows)))
    best = SharedText(0, 0)
    for k in np.lexsort((first, -count))[:_TEXTS]:
        row = rows[first[k]]
        crowd = np.flatnonzero((link == link[row]) & ~networked[posts.account])
        same = pc.equal(_said(posts.text, crowd), code.dictionary[int(number[first[k]])])
        others = crowd[pc.fill_null(same, False).to_numpy(zero_copy_only=False)]
        best = max(best, SharedText(int(count[k]), len(np.unique(posts.account[others]))))
    return best


def _said(text: Column, rows: npt.NDArray[np.integer]) -> Column:
    """What is said in some posts, null where it is too little."""
    texts, enough = spoken(text.take(pa.array(rows)))
    found: Column = pc.if_else(enough, texts, None)
    return found
