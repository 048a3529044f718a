"""Which profiles are alike: bios by the order of their words, pictures by the distance of their hashes.

Words are identities: no letter decides anything, and one word put in another's place everywhere changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.traces import spoken, words

__all__ = ["alike_bios", "alike_pictures", "categories", "handle_shape"]

I32 = npt.NDArray[np.int32]

SHINGLE: Final = 3
LIKE: Final = 0.5
"""Bios of five words and more are alike from this Jaccard similarity of their runs of three words on."""
_TEMPLATE_WORDS: Final = 5
_COMMONPLACE: Final = 200
"""A run of words that more different bios than this share makes none of them alike."""
NEAR: Final = 31
"""Bits of 256 in which two PDQ hashes may differ and still be one picture (the distance its authors recommend)."""
_PDQ: Final = re.compile(r"pdq:([0-9a-fA-F]{64})")
_RUNS: Final = re.compile(r"[0-9]+|[^\W\d_]+|[\W_]")


def categories(values: Sequence[Hashable | None]) -> I32:
    """Numbers by first appearance, -1 for None."""
    number: dict[Hashable, int] = {}
    return np.array([-1 if v is None else number.setdefault(v, len(number)) for v in values], np.int32)


class _Sets:
    """Disjoint sets of numbers; each is called by its lowest."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def find(self, one: int) -> int:
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self.parent[high] = low


def _shingles(said: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(said[k : k + SHINGLE]) for k in range(len(said) - SHINGLE + 1)}


def _joined_bios(bios: list[tuple[str, ...]], sets: _Sets) -> None:
    """Join different bios that share half of their runs of words."""
    runs = [_shingles(bio) if len(bio) >= _TEMPLATE_WORDS else set() for bio in bios]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, found in enumerate(runs):
        for run in found:
            holders[run].append(number)
    for number, found in enumerate(runs):
        common = Counter(
            other for run in found if len(holders[run]) <= _COMMONPLACE for other in holders[run] if other < number
        )
        for other, shared in common.items():
            if shared >= LIKE * (len(found) + len(runs[other]) - shared):
                sets.join(number, other)


def alike_bios(bios: Sequence[str | None]) -> I32:
    """Numbers of groups of bios that are alike, -1 where a bio is null or says too little (under four different words).

    Links and mentions in a bio are left out.
    """
    folded, enough = spoken(pa.array(bios, pa.string()))
    said = [
        tuple(words(text)) if good else None for text, good in zip(folded.to_pylist(), enough.to_pylist(), strict=True)
    ]
    code = categories(said)
    distinct: list[tuple[str, ...]] = list(dict.fromkeys(bio for bio in said if bio is not None))
    sets = _Sets(len(distinct))
    _joined_bios(distinct, sets)
    root = np.array([sets.find(k) for k in range(len(distinct))] + [-1], np.int32)  # the last serves -1
    return np.asarray(root[code])


def alike_pictures(hashes: Sequence[str | None]) -> I32:
    """Numbers of groups of pictures: the same hash, or PDQ hashes at most `NEAR` bits apart; -1 for null."""
    code = categories(hashes)
    distinct = list(dict.fromkeys(h for h in hashes if h is not None))
    found = [(k, match[1]) for k, h in enumerate(distinct) if (match := _PDQ.fullmatch(h))]
    sets = _Sets(len(distinct))
    if found:
        number = np.array([k for k, _ in found])
        bits = np.frombuffer(b"".join(bytes.fromhex(text) for _, text in found), np.uint64).reshape(-1, 4)
        for k in range(1, len(bits)):
            apart = np.bitwise_count(bits[:k] ^ bits[k]).sum(axis=1)
            for near in np.flatnonzero(apart <= NEAR):
                sets.join(int(number[k]), int(number[near]))
    root = np.array([sets.find(k) for k in range(len(distinct))] + [-1], np.int32)
    return np.asarray(root[code])


def handle_shape(handle: str) -> str:
    """The classes of a handle's characters with their run lengths: `L14 D1`; other characters as they are."""
    runs = _RUNS.findall(handle)
    return " ".join(f"D{len(r)}" if r[0].isdecimal() else f"L{len(r)}" if r[0].isalpha() else r for r in runs)
