"""What is held in memory: recent sign-ups, and how often each fact was seen.

Rows pass through three ages: the *window* (the last days, where waves are looked for), the *baseline* (the weeks before,
which say what is usual) and out. A row that was held to be of a wave when it left the window does not enter the
baseline, so a wave does not teach the system that it is normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.signups.arrays import grown
from samehand.signups.coding import CodedRows
from samehand.signups.facts import FACTS

__all__ = ["BASELINE", "SHORT_BASELINE", "WINDOW", "Index", "Ledger", "key_of", "number_of"]

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int8]
F64 = npt.NDArray[np.float64]

FACTS_COUNT: Final = len(FACTS)
SHORT_BASELINE: Final = 1_000
"""Rows; a shorter baseline says nothing by itself."""
WINDOW, BASELINE = 0, 1
"""Columns of what is counted."""


@nb.njit(cache=True, inline="always")
def key_of(a: np.int64 | int, b: np.int64 | int, c: int) -> np.uint64:
    """A hash of three small numbers (splitmix64 rounds); never 0."""
    z = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(29))) + np.uint64(b) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(32))) * np.uint64(0x94D049BB133111EB) + np.uint64(c + 2) * np.uint64(0xD6E8FEB86659FD93)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = z ^ (z >> np.uint64(31))
    return z if z != np.uint64(0) else np.uint64(1)


@nb.njit(cache=True, inline="always")
def _slot(keys: U64, key: np.uint64) -> int:
    """Where a key is, or where it would go."""
    mask = np.uint64(len(keys) - 1)
    at = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)
    at = at & mask
    while keys[at] != np.uint64(0) and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return int(at)


@nb.njit(cache=True)
def _fill(keys: U64, numbers: I32, into: U64, of_into: I32) -> None:
    for i in range(len(keys)):
        at = _slot(into, keys[i])
        into[at] = keys[i]
        of_into[at] = numbers[i]


@dataclass
class Index:
    """An open table from 64-bit keys to consecutive numbers."""

    keys: U64 = field(default_factory=lambda: np.zeros(1 << 16, np.uint64))
    numbers: I32 = field(default_factory=lambda: np.zeros(1 << 16, np.int32))
    count: int = 0

    @classmethod
    def of(cls, keys: U64, numbers: I32) -> Index:
        """A table with room for as many again."""
        size = 1 << 16
        while size * 3 < len(keys) * 10:
            size *= 2
        index = cls()
        index._fill(size, keys, numbers)
        return index

    def numbered(self, hashes: U64) -> I32:
        """Numbers of hashes, of any shape; new ones get new numbers, and -1 stands for 0, which is nothing."""
        rows = hashes.reshape(len(hashes), math.prod(hashes.shape[1:]))
        into, done = np.empty(rows.shape, np.int32), 0
        while done < len(rows):
            more, self.count = _intern(self.keys, self.numbers, self.count, rows[done:], into[done:])
            done += more
            if done < len(rows):
                self.widen()
        return into.reshape(hashes.shape)

    def widen(self) -> None:
        """Twice the room."""
        used = np.flatnonzero(self.keys)
        self._fill(2 * len(self.keys), self.keys[used], self.numbers[used])

    def _fill(self, size: int, keys: U64, numbers: I32) -> None:
        self.keys, self.numbers, self.count = np.zeros(size, np.uint64), np.zeros(size, np.int32), len(keys)
        _fill(keys, numbers, self.keys, self.numbers)


@nb.njit(cache=True, inline="always")
def number_of(keys: U64, numbers: I32, key: np.uint64) -> int:
    """The number of a key; -1 where the table does not have it."""
    at = _slot(keys, key)
    return int(numbers[at]) if keys[at] != np.uint64(0) else -1


@nb.njit(cache=True, inline="always")
def _number(keys: U64, numbers: I32, count: int, key: np.uint64) -> int:
    """The number of a key; a new key gets `count`."""
    at = _slot(keys, key)
    if keys[at] == np.uint64(0):
        keys[at] = key
        numbers[at] = count
    return int(numbers[at])


@nb.njit(cache=True)
def _intern(keys: U64, numbers: I32, count: int, hashes: U64, into: I32) -> tuple[int, int]:
    """Number facts row by row; stops before a row for which the table is too full. Rows done, and the new count."""
    room = len(keys) * 6 // 10
    for i in range(len(hashes)):
        if count + hashes.shape[1] > room:
            return i, count
        for f in range(hashes.shape[1]):
            if hashes[i, f] == np.uint64(0):
                into[i, f] = -1
                continue
            number = _number(keys, numbers, count, hashes[i, f])
            if number == count:
                count += 1
            into[i, f] = number
    return len(hashes), count


@nb.njit(cache=True)
def _add_local(
    keys: U64, numbers: I32, count: int, codes: I32, strata: I32, counts: I32, column: int, step: int
) -> tuple[int, int]:  # fmt: skip
    """Count facts by stratum, in one column of `counts`; stops where there is no room. Rows done, and the new count."""
    room = min(len(keys) * 6 // 10, len(counts))
    for i in range(len(codes)):
        if count + 2 * codes.shape[1] > room:
            return i, count
        for k in range(2):
            if strata[i, k] < 0:
                continue
            for f in range(codes.shape[1]):
                if codes[i, f] >= 0:
                    number = _number(keys, numbers, count, key_of(np.int64(codes[i, f]), np.int64(strata[i, k]), 7))
                    if number == count:
                        count += 1
                    counts[number, column] += step
    return len(codes), count


@nb.njit(cache=True)
def _add_single(codes: I32, strata: I32, counts: I32, column: int, step: int) -> None:
    for i in range(len(codes)):
        for f in range(codes.shape[1]):
            if codes[i, f] >= 0:
                counts[codes[i, f], column] += step
        for k in range(2):
            if strata[i, k] >= 0:
                counts[strata[i, k], column] += step


@nb.njit(cache=True)
def _chain(codes: I32, low: int, high: int, latest: I32, previous: I32) -> None:
    """Each row's last row before it with the same fact, fact by fact; -1 for none."""
    for i in range(low, high):
        for f in range(codes.shape[1]):
            v = codes[i, f]
            previous[i, f] = -1 if v < 0 else latest[v]
            if v >= 0:
                latest[v] = i


@dataclass
class Ledger:
    """The rows in memory, oldest first, and their counts.

    Attributes:
        window_us, baseline_us: how long a row is in the window, and in the baseline after that.
        codes: int32[rows, facts], numbers of facts; -1 where there is none. strata: int32[rows, 2], numbers too.
        at_us, net_type: as in CodedRows. known: bool[rows], held to be of a wave.
        previous: int32[rows, facts], the row before that has the same fact; -1 for none. latest: int32[numbers], the last.
        first: rows that were forgotten: row r of the stream lies at r - first.
        begin, middle, end: the baseline is rows begin..middle, the window middle..end (places in the arrays).
        counted: rows from here on have arrived since time last passed, and are in no count yet.
        singles: int32[numbers, 2], rows in window and baseline of each fact or stratum.
        locals_: the same for a fact within a stratum.

    """

    window_us: int
    baseline_us: int
    codes: I32 = field(default_factory=lambda: np.zeros((1024, FACTS_COUNT), np.int32))
    strata: I32 = field(default_factory=lambda: np.zeros((1024, 2), np.int32))
    at_us: I64 = field(default_factory=lambda: np.zeros(1024, np.int64))
    net_type: I8 = field(default_factory=lambda: np.zeros(1024, np.int8))
    known: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1024, np.bool_))
    previous: I32 = field(default_factory=lambda: np.zeros((1024, FACTS_COUNT), np.int32))
    latest: I32 = field(default_factory=lambda: np.full(1 << 16, -1, np.int32))
    first: int = 0
    begin: int = 0
    middle: int = 0
    end: int = 0
    counted: int = 0
    facts_index: Index = field(default_factory=Index)
    local_index: Index = field(default_factory=Index)
    singles: I32 = field(default_factory=lambda: np.zeros((1 << 16, 2), np.int32))
    locals_: I32 = field(default_factory=lambda: np.zeros((1 << 16, 2), np.int32))
    in_window: int = 0
    in_baseline: int = 0

    def arrive(self, rows: CodedRows) -> None:
        """Take rows into the window, in order of time; they count from the next `advance` on.

        So what is usual for a row does not depend on how many rows came with it.
        """
        low, high = self.end, self.end + len(rows)
        for name in ("codes", "strata", "at_us", "net_type", "known", "previous"):
            setattr(self, name, grown(getattr(self, name), high))
        self.codes[low:high] = self.numbered(rows.facts)
        self.strata[low:high] = self.numbered(rows.strata)
        self.at_us[low:high], self.net_type[low:high], self.known[low:high] = rows.at_us, rows.net_type, False
        self.latest = grown(self.latest, self.facts_index.count, -1)
        _chain(self.codes, low, high, self.latest, self.previous)
        self.end = high

    def advance(self, now_us: int) -> None:
        """Let time pass: rows that arrived count, leave the window for the baseline, and the baseline for good."""
        if self.end > self.counted:
            low, self.counted = self.counted, self.end
            self._count(np.arange(low, self.end), WINDOW, 1)
            self.in_window += self.end - low
        to = self.middle + int(np.searchsorted(self.at_us[self.middle : self.end], now_us - self.window_us))
        if to > self.middle:
            low, self.middle = self.middle, to
            learned = low + np.flatnonzero(~self.known[low:to])
            self._count(learned, WINDOW, -1)
            self._count(learned, BASELINE, 1)
            self.in_window -= len(learned)
            self.in_baseline += len(learned)
        oldest = now_us - self.window_us - self.baseline_us
        to = self.begin + int(np.searchsorted(self.at_us[self.begin : self.middle], oldest))
        if to > self.begin:
            low, self.begin = self.begin, to
            learned = low + np.flatnonzero(~self.known[low:to])
            self._count(learned, BASELINE, -1)
            self.in_baseline -= len(learned)

    def set_apart(self, rows: I64) -> None:
        """Hold rows to be of a wave, or of accounts taken down: they count no more, in the window or in the baseline.

        Args:
            rows: places of rows that are counted, each once.

        """
        rows = rows[~self.known[rows]]
        self.known[rows] = True
        recent, older = rows[rows >= self.middle], rows[rows < self.middle]
        self.in_window -= len(recent)
        self.in_baseline -= len(older)
        self._count(recent, WINDOW, -1)
        self._count(older, BASELINE, -1)

    def numbered(self, hashes: U64) -> I32:
        """Numbers of hashes; new ones get new numbers, and -1 stands for nothing."""
        into = self.facts_index.numbered(hashes)
        self.singles = grown(self.singles, self.facts_index.count)
        return into

    def _count(self, rows: I64, column: int, step: int) -> None:
        codes, strata, done = self.codes[rows], self.strata[rows], 0
        _add_single(codes, strata, self.singles, column, step)
        index = self.local_index
        while done < len(rows):
            more, index.count = _add_local(
                index.keys, index.numbers, index.count, codes[done:], strata[done:], self.locals_, column, step
            )  # fmt: skip
            done += more
            if done < len(rows):
                if index.count + 2 * FACTS_COUNT > len(index.keys) * 6 // 10:
                    index.widen()
                self.locals_ = grown(self.locals_, len(index.keys) * 6 // 10)

    def forget(self) -> I32:
        """Drop the rows before the baseline, and the facts that no other row has; what is kept is numbered anew.

        Returns:
            int32[old numbers]: the new number of each; -1 for those that are no more. Rows move down by the old `begin`.

        """
        gone, numbers = self.begin, self.facts_index.count
        for name in ("codes", "strata", "at_us", "net_type", "known", "previous"):
            setattr(self, name, getattr(self, name)[gone : self.end].copy())
        self.previous = np.where(self.previous >= gone, self.previous - gone, -1).astype(np.int32)
        alive = np.zeros(numbers, np.bool_)
        for column in (*self.codes.T, *self.strata.T):
            alive[column[column >= 0]] = True
        new = np.where(alive, np.cumsum(alive) - 1, -1).astype(np.int32)
        self.codes = np.where(self.codes >= 0, new[self.codes], -1).astype(np.int32)
        self.strata = np.where(self.strata >= 0, new[self.strata], -1).astype(np.int32)
        self.singles = self.singles[:numbers][alive]
        latest = self.latest[:numbers][alive]
        self.latest = np.where(latest >= gone, latest - gone, -1).astype(np.int32)
        old = self.facts_index
        used = np.flatnonzero(old.keys)
        used = used[alive[old.numbers[used]]]
        self.facts_index = Index.of(old.keys[used], new[old.numbers[used]])
        self.first, self.begin, self.middle, self.end = self.first + gone, 0, self.middle - gone, self.end - gone
        self.counted = self.end
        self._count_anew()
        return new

    def _count_anew(self) -> None:
        self.local_index, self.locals_ = Index(), np.zeros((1 << 16, 2), np.int32)
        singles = self.singles.copy()
        rows = np.flatnonzero(~self.known[: self.end])
        self._count(rows[rows >= self.middle], WINDOW, 1)
        self._count(rows[rows < self.middle], BASELINE, 1)
        self.singles = singles  # they were right; only those within a stratum are counted anew

    def usual(self, facts: I32) -> F64:
        """The usual share of facts: of the baseline, or of all rows in memory while the baseline is short."""
        seen, rows = self.singles[facts, BASELINE].astype(np.float64), float(self.in_baseline)
        if self.in_baseline < SHORT_BASELINE:
            seen, rows = seen + self.singles[facts, WINDOW], rows + self.in_window
        return np.asarray((seen + 0.5) / (rows + 1.0))
