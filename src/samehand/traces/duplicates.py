"""Near-duplicates: texts that say nearly the same words in nearly the same order are one object.

Texts are sequences of word numbers (`words.number_words`), so no letter plays a part. Each is seen as its set of
shingles (two words in a row; three characters in scripts without spaces). MinHash signatures (Broder 1997), cut into
bands (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4), propose pairs; the exact Jaccard
similarity of the two sets decides; what is alike hangs together.
"""

from __future__ import annotations

from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.traces.forests import root_of, settle, unite
from samehand.traces.words import Spoken

__all__ = ["LEAST_WORDS", "SIMILARITY", "same_words", "similar_texts"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

SIMILARITY: Final = 0.5
"""Least Jaccard similarity of the shingles of two texts. One word of eight replaced leaves .56, two of fifteen .56."""
LEAST_WORDS: Final = 5
"""Words that a text needs to be like another that is not the same (three characters count as one word): in shorter ones
half of the shingles are a turn of phrase. One fewer different ones are asked for."""
BANDS, ROWS = 24, 3
"""Proposes 96 in 100 of the pairs that are just alike enough, and all but three in a thousand at .6."""
LEADERS: Final = 16
"""Texts of one bucket that a new one is compared with; those alike are one leader, so only a crowded one has more."""


@nb.njit(cache=True)
def _mixed(x: np.uint64) -> np.uint64:
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@nb.njit(cache=True)
def _first_alike(start: I64, word: I32) -> I32:
    """The first text of exactly the same words, for each text; -1 for one without words."""
    n = len(start) - 1
    size = 16
    while size < 2 * n:
        size *= 2
    table, out = np.full(size, np.int32(-1)), np.full(n, np.int32(-1))
    for t in range(n):
        low, high = start[t], start[t + 1]
        if low == high:
            continue
        h = np.uint64(high - low)
        for p in range(low, high):
            h = _mixed(h * np.uint64(31) + np.uint64(word[p]))
        place = np.int64(h & np.uint64(size - 1))
        while table[place] >= 0:
            other = table[place]
            begin, same = start[other], start[other + 1] - start[other] == high - low
            p = 0
            while same and p < high - low:
                same = word[begin + p] == word[low + p]
                p += 1
            if same:
                break
            place = (place + 1) & (size - 1)
        if table[place] < 0:
            table[place] = t
        out[t] = table[place]
    return out


def same_words(spoken: Spoken) -> I32:
    """int32[texts]: the first text of exactly the same words in the same order, -1 for a text without words."""
    return np.asarray(_first_alike(spoken.start, spoken.word))


@nb.njit(cache=True)
def _weight(word: I32, low: int, high: int, spaceless: Flags) -> tuple[int, int, bool]:
    """Thirds of words in a text and in its different words, and whether most are characters of a spaceless script."""
    part = np.sort(word[low:high])
    length, different, characters = 0, 0, 0
    for p in range(len(part)):
        one = 1 if spaceless[part[p]] else 3
        characters += spaceless[part[p]]
        length += one
        if p == 0 or part[p] != part[p - 1]:
            different += one
    return length, different, 2 * characters > len(part)


@nb.njit(cache=True)
def _shingles(start: I64, word: I32, spaceless: Flags, texts: I32, least: int) -> tuple[I64, U64]:
    """The sets of shingles of some texts, each sorted; empty for those that are too short to be like another."""
    total = 0
    for t in texts:
        total += start[t + 1] - start[t]
    begin, out, n = np.zeros(len(texts) + 1, np.int64), np.empty(total, np.uint64), 0
    for k in range(len(texts)):
        low, high = start[texts[k]], start[texts[k] + 1]
        length, different, dense = _weight(word, low, high, spaceless)
        width = 3 if dense else 2
        if length >= 3 * least and different >= 3 * (least - 1):
            own = np.empty(high - low - width + 1, np.uint64)
            for p in range(low, high - width + 1):
                h = np.uint64(width)
                for q in range(width):
                    h = _mixed(h * np.uint64(0x9E3779B97F4A7C15) + np.uint64(word[p + q]))
                own[p - low] = h
            own.sort()
            for p in range(len(own)):
                if p == 0 or own[p] != own[p - 1]:
                    out[n] = own[p]
                    n += 1
        begin[k + 1] = n
    return begin, out[:n]


@nb.njit(cache=True)
def _band(begin: I64, shingle: U64, band: int, rows: int) -> U64:
    """One band of every text's MinHash signature as a number; 0 for a text without shingles."""
    out = np.zeros(len(begin) - 1, np.uint64)
    factor, addend = np.empty(rows, np.uint64), np.empty(rows, np.uint64)
    for r in range(rows):
        factor[r] = _mixed(np.uint64(2 * (band * rows + r) + 1)) | np.uint64(1)
        addend[r] = _mixed(np.uint64(2 * (band * rows + r) + 2))
    least = np.empty(rows, np.uint64)
    for t in range(len(out)):
        if begin[t] == begin[t + 1]:
            continue
        least[:] = np.uint64(0xFFFFFFFFFFFFFFFF)
        for p in range(begin[t], begin[t + 1]):
            for r in range(rows):
                value = (shingle[p] * factor[r] + addend[r]) >> np.uint64(16)
                least[r] = min(least[r], value)
        h = np.uint64(band + 1)
        for r in range(rows):
            h = _mixed(h ^ least[r])
        out[t] = max(h, np.uint64(1))
    return out


@nb.njit(cache=True)
def _alike(begin: I64, shingle: U64, a: int, b: int, least: float) -> bool:
    """Whether the Jaccard similarity of two sets of shingles is at least this."""
    i, end_i, j, end_j = begin[a], begin[a + 1], begin[b], begin[b + 1]
    n, m = end_i - i, end_j - j
    need = least * (n + m) / (1 + least)
    if min(n, m) < need:
        return False
    both = 0
    while i < end_i and j < end_j and both + min(end_i - i, end_j - j) >= need:
        if shingle[i] == shingle[j]:
            both, i, j = both + 1, i + 1, j + 1
        elif shingle[i] < shingle[j]:
            i += 1
        else:
            j += 1
    return bool(both >= need)


@nb.njit(cache=True)
def _join(order: I64, key: U64, begin: I64, shingle: U64, parent: I32, least: float, most: int) -> None:
    """Unite the texts of each bucket that are alike; the earliest is the root."""
    leaders = np.empty(most, np.int64)
    s = 0
    while s < len(order):
        e = s
        while e < len(order) and key[order[e]] == key[order[s]]:
            e += 1
        count = 0
        if key[order[s]] != 0:
            for p in range(s, e):
                t, found = order[p], False
                for q in range(count):
                    one = root_of(parent, leaders[q]) == root_of(parent, t)
                    if one or _alike(begin, shingle, leaders[q], t, least):
                        unite(parent, leaders[q], t)
                        found = True
                if not found and count < most:
                    leaders[count] = t
                    count += 1
        s = e


def similar_texts(spoken: Spoken) -> I32:
    """The cluster of each text: the number of the first text that it hangs together with, itself for one that is alone.

    Texts of exactly the same words are always one; others where their shingles' Jaccard similarity is at least
    `SIMILARITY` and both have `LEAST_WORDS` words. -1 for a text without words.

    Args:
        spoken: from `number_words`.

    """
    first = same_words(spoken)
    texts = np.flatnonzero(first == np.arange(len(first))).astype(np.int32)
    begin, shingle = _shingles(spoken.start, spoken.word, spoken.spaceless, texts, LEAST_WORDS)
    parent = np.arange(len(texts), dtype=np.int32)
    for band in range(BANDS):
        key = _band(begin, shingle, band, ROWS)
        _join(np.argsort(key, kind="stable"), key, begin, shingle, parent, SIMILARITY, LEADERS)
    settle(parent)
    place = np.searchsorted(texts, np.maximum(first, 0))
    clustered = texts[parent[np.minimum(place, max(len(texts) - 1, 0))]] if len(texts) else first
    return np.where(first >= 0, clustered, -1).astype(np.int32)
