"""Texts as numbers: every word gets the number of its first appearance, so that nothing after it sees a letter."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.traces.voice import MINIMUM_CHARACTERS, MINIMUM_WORDS, SPACELESS, WORD

__all__ = ["Spoken", "number_words"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint8]

CHUNK = 50_000
WORD_CLASS, SPACELESS_CLASS = 1, 2
_LAST = 0x10FFFF


@dataclass(frozen=True)
class Spoken:
    """Texts as sequences of words.

    Attributes:
        start: int64[texts + 1], where each text's words begin in `word`.
        word: int32, each word's number, by order of first appearance; a character of a script that is written without
            spaces is a word.
        spaceless: bool[words], whether the word of that number is such a character.
        informative: bool[texts], whether a text says enough to be an object (as `voice.informative` has it).

    """

    start: I64
    word: I32
    spaceless: npt.NDArray[np.bool_]
    informative: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """How many texts there are."""
        return len(self.start) - 1


@lru_cache(maxsize=1)
def _classes() -> Codes:
    """For every code point: 0 between words, 1 part of a word, 2 a word by itself."""
    out = np.zeros(_LAST + 1, np.uint8)
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, _LAST + 1))))
    for pattern, code in ((WORD, WORD_CLASS), (SPACELESS, SPACELESS_CLASS)):
        for run in pattern.finditer(everything):
            low, high = ord(everything[run.start()]), ord(everything[run.end() - 1])
            part = out[low : high + 1]
            if code == WORD_CLASS:
                part[:] = code
            else:
                part[part > 0] = code  # only what is a letter or a mark there, no punctuation
    out[0xD800:0xE000] = 0
    return out


@nb.njit(cache=True)
def _informative(codes: U32, low: int, end: int, classes: Codes, words: int, characters: int) -> bool:
    """Whether a text has so many different runs of letters, or so many spaceless characters in these, each once."""
    seen = np.empty(words, np.uint64)
    runs, dense, p = 0, 0, low
    while p < end:
        if classes[codes[p]] == 0:
            p += 1
            continue
        h, spaceless, stop = np.uint64(1469598103934665603), 0, p
        while stop < end and classes[codes[stop]] > 0:
            h = (h ^ np.uint64(codes[stop])) * np.uint64(1099511628211)
            spaceless += classes[codes[stop]] == SPACELESS_CLASS
            stop += 1
        p, again = stop, False
        for q in range(runs):
            again |= seen[q] == h
        if again:
            continue
        seen[runs] = h
        runs, dense = runs + 1, dense + spaceless
        if runs >= words or dense >= characters:
            return True
    return False


@nb.njit(cache=True)
def _slot(codes: U32, low: int, high: int, table: I32, at: I64, length: I32, chars: U32) -> tuple[int, int]:
    """Where the word codes[low:high] stands or would stand in the table, and its number (-1 if it is new)."""
    h = np.uint64(1469598103934665603)
    for p in range(low, high):
        h = (h ^ np.uint64(codes[p])) * np.uint64(1099511628211)
    h ^= h >> np.uint64(29)
    mask = np.uint64(len(table) - 1)
    place = np.int64((h * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(20)) & mask)
    while table[place] >= 0:
        number = table[place]
        if length[number] == high - low:
            same, begin = True, at[number]
            for p in range(high - low):
                if chars[begin + p] != codes[low + p]:
                    same = False
                    break
            if same:
                return int(place), int(number)
        place = (place + 1) & np.int64(mask)
    return int(place), -1


@nb.njit(cache=True)
def _number(
    codes: U32, ends: I64, classes: Codes, table: I32, at: I64, length: I32, chars: U32, known: int, used: int,
    word: I32, start: I64, enough: npt.NDArray[np.bool_],
) -> tuple[int, int, int]:  # fmt: skip
    """Number the words of a chunk of texts; returns how many words and characters are known, and how many were said."""
    said, begin = 0, 0
    for t in range(len(ends)):
        end, p = ends[t], begin
        enough[t] = _informative(codes, begin, end, classes, MINIMUM_WORDS, MINIMUM_CHARACTERS)
        while p < end:
            kind = classes[codes[p]]
            if kind == 0:
                p += 1
                continue
            stop = p + 1
            while kind == 1 and stop < end and classes[codes[stop]] == 1:
                stop += 1
            place, number = _slot(codes, p, stop, table, at, length, chars)
            if number < 0:
                number = known
                table[place], at[known], length[known] = known, used, stop - p
                chars[used : used + stop - p] = codes[p:stop]
                known, used = known + 1, used + stop - p
            word[said] = number
            said, p = said + 1, stop
        begin = end
        start[t] = said
    return known, used, said


@nb.njit(cache=True)
def _rehash(size: int, at: I64, length: I32, chars: U32, known: int) -> I32:
    table = np.full(size, np.int32(-1))
    for number in range(known):
        place, _ = _slot(chars, at[number], at[number] + length[number], table, at, length, chars)
        table[place] = number
    return table


def _grown(values: npt.NDArray[Any], least: int) -> npt.NDArray[Any]:
    if len(values) >= least:
        return values
    bigger = np.zeros(max(least, 2 * len(values)), values.dtype)
    bigger[: len(values)] = values
    return bigger


@dataclass
class _Vocabulary:
    """All words seen so far: their characters end to end, and a table of places by hash."""

    table: I32 = field(default_factory=lambda: np.full(1 << 16, np.int32(-1)))
    at: I64 = field(default_factory=lambda: np.zeros(1 << 15, np.int64))
    length: I32 = field(default_factory=lambda: np.zeros(1 << 15, np.int32))
    chars: U32 = field(default_factory=lambda: np.zeros(1 << 18, np.uint32))
    known: int = 0
    used: int = 0

    def read(self, texts: list[str]) -> tuple[I32, I64, npt.NDArray[np.bool_]]:
        """The words of some texts, where each text's end, and which are informative."""
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
        room = self.known + len(codes)
        self.at, self.length = _grown(self.at, room), _grown(self.length, room)
        self.chars = _grown(self.chars, self.used + len(codes))
        if 2 * room > len(self.table):
            size = 1 << int(2 * room - 1).bit_length()
            self.table = _rehash(size, self.at, self.length, self.chars, self.known)
        word, start, enough = (
            np.empty(len(codes), np.int32),
            np.empty(len(texts), np.int64),
            np.empty(len(texts), np.bool_),
        )
        self.known, self.used, said = _number(
            codes,
            ends,
            _classes(),
            self.table,
            self.at,
            self.length,
            self.chars,
            self.known,
            self.used,
            word,
            start,
            enough,
        )
        return word[:said].copy(), start, enough

    def spaceless(self) -> npt.NDArray[np.bool_]:
        """Which words are characters of a spaceless script."""
        first = self.chars[self.at[: self.known]]
        return np.asarray(_classes()[first] == SPACELESS_CLASS)


def number_words(texts: pa.Array[Any]) -> Spoken:
    """Cut folded texts into words and number these by first appearance; null is a text without words.

    Args:
        texts: string array, folded (`voice.fold`), in the order that numbers the words.

    """
    vocabulary, words, ends, before = _Vocabulary(), [np.zeros(0, np.int32)], [np.zeros(1, np.int64)], 0
    informative = [np.zeros(0, np.bool_)]
    for low in range(0, len(texts), CHUNK):
        part = ["" if text is None else text for text in texts.slice(low, CHUNK).to_pylist()]
        word, end, enough = vocabulary.read(part)
        words.append(word)
        ends.append(end + before)
        informative.append(enough)
        before += len(word)
    return Spoken(np.concatenate(ends), np.concatenate(words), vocabulary.spaceless(), np.concatenate(informative))
