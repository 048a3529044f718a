"""One list: accounts that post several of the same rare texts of their own, whenever they do.

A text that only a few accounts post is tied to no time here, so a list of texts worked off hours apart is seen, which
synchrony misses. There is no null for it: people who copy from an activist's kit of texts look the same, and a shuffle of
who posts which text finds sets as large by chance, because a few accounts hold most of the rare texts. So these sets
make no network; they are shown apart, with what there is to weigh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["RARE", "TextList", "text_lists"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

RARE = 10
"""Accounts that may post a text that is still rare."""
LEAST_TEXTS = 2
LEAST_SET = 3
OCCASION_US = 6 * 3600 * 1_000_000


@dataclass(frozen=True)
class TextList:
    """Accounts that post the same rare texts.

    Attributes:
        members: int32, ascending account numbers; each has two texts or more in common with another one.
        texts: int32, object numbers of the texts that at least two of them posted.
        occasions: how many of these began at least six hours after the one before.
        lag_us: the median time between the first and the second account that posted a text.

    """

    members: I32
    texts: I32
    occasions: int
    lag_us: int


def _first_times(account: I32, obj: I32, at: I64, own: Flags) -> tuple[I64, I64, I64]:
    """(text, account, first time) of the rare texts, text by text."""
    order = np.lexsort((at[own], account[own], obj[own]))
    o, u, t = (values[own][order].astype(np.int64) for values in (obj, account, at))
    fresh = np.ones(len(o), np.bool_)
    fresh[1:] = (np.diff(o) != 0) | (np.diff(u) != 0)
    o, u, t = o[fresh], u[fresh], t[fresh]
    texts, where, size = np.unique(o, return_inverse=True, return_counts=True)
    rare = (size[where] >= 2) & (size[where] <= RARE) if len(texts) else np.zeros(0, np.bool_)
    return o[rare], u[rare], t[rare]


def _pairs(obj: I64, account: I64) -> tuple[I64, I64]:
    """Every pair of accounts on one text, once for each text (objects ascending)."""
    first, second = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for low, high in zip(*_spans(obj), strict=True):
        i, j = np.triu_indices(int(high - low), 1)
        first.append(account[low + i])
        second.append(account[low + j])
    return np.concatenate(first), np.concatenate(second)


def _spans(keys: I64) -> tuple[I64, I64]:
    starts = np.flatnonzero(np.diff(keys, prepend=-1)).astype(np.int64)
    return starts, np.append(starts, len(keys)).astype(np.int64)[1:]


def _described(members: I64, obj: I64, account: I64, at: I64) -> TextList:
    inside = np.isin(account, members)
    o, t = obj[inside], at[inside]
    texts, begins, lags = [], [], []
    for low, high in zip(*_spans(o), strict=True):
        if high - low >= 2:
            times = np.sort(t[low:high])
            texts.append(o[low])
            begins.append(times[0])
            lags.append(times[1] - times[0])
    occasions, last = 0, None
    for begin in sorted(begins):
        if last is None or begin - last >= OCCASION_US:
            occasions, last = occasions + 1, begin
    return TextList(
        members.astype(np.int32), np.asarray(texts, np.int32), occasions, int(np.median(lags)) if lags else 0
    )


def text_lists(account: I32, obj: I32, at: I64, own: Flags) -> tuple[TextList, ...]:
    """Sets of three accounts or more that hang together by two common rare texts or more, the largest first.

    Args:
        account, obj, at: of the activities of the text trace; at in microseconds.
        own: which of them count: not those with a link, whose words are often the headline behind it.

    """
    o, u, t = _first_times(account, obj, at, own)
    first, second = _pairs(o, u)
    names = np.unique(u)
    wide = max(len(names), 1)
    key, common = np.unique(np.searchsorted(names, first) * wide + np.searchsorted(names, second), return_counts=True)
    key = key[common >= LEAST_TEXTS]
    links = coo_array((np.ones(len(key), np.int8), (key // wide, key % wide)), shape=(len(names), len(names)))
    _, label = connected_components(links, directed=False) if len(names) else (0, np.zeros(0, np.int32))
    size = np.bincount(label, minlength=1)
    found = [_described(names[label == k], o, u, t) for k in np.flatnonzero(size >= LEAST_SET)]
    return tuple(sorted(found, key=lambda one: (-len(one.members), int(one.members[0]))))
