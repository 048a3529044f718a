"""Cells: sign-ups of the window that share two facts of different families, held against what is usual.

For two facts a, b the rows expected in the window are the larger of two sums, over all rows and country by country
(countries differ in telephones, names and zones), of N times the largest of

* the share of the pair in the baseline, shrunk towards the product of its two shares by `PRIOR` rows;
* the share of one fact *now*, among those who do not have the other, times the share of the other in the baseline, and
  the other way round: a new release or a surge carries one of the two, and is no wave.

The surprise is the Chernoff exponent of a negative binomial of that mean, for genuine people come in bunches too:
n ln(n/mu) - (n + r) ln((n + r)/(mu + r)), so exp(-surprise) bounds the p-value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.signups.coding import FACT_NUMBER
from samehand.signups.facts import FACTS
from samehand.signups.ledger import BASELINE, WINDOW, Ledger, key_of, number_of

__all__ = ["CELL_FACTS", "Cell", "cells_possible", "strongest_cell", "surprise"]

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
F64 = npt.NDArray[np.float64]
U64 = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

PRIOR = 30.0
FOREIGN = 0.05
_ZONE = FACT_NUMBER["zone"]
LEAST_ROWS, LEAST_SHARE = 4, 0.08
"""A cell speaks for a wave when it has so many rows, and so many for each of its members."""
JUDGED = 6
"""Pairs of facts that are held against the baseline for a wave, the most promising first."""
BUNCHES = 3.0
"""r of the negative binomial: how many bunches genuine people who share something come in."""
CELL_FACTS = (
    "client", "versions", "device", "domain", "mail", "phone", "shape", "form", "stem", "picture", "zone", "pace",
)  # fmt: skip
"""Facts whose pairs are tested: those of who made the accounts, and the zone set where it is foreign."""
_PAIRS = [
    (a, b)
    for a, b in combinations([FACT_NUMBER[name] for name in CELL_FACTS], 2)
    if FACTS[a].family != FACTS[b].family
]  # fmt: skip


@nb.njit(cache=True)
def surprise(n: float, mu: float, r: float) -> float:
    """-ln of a bound of P(at least n | mean mu), negative binomial with r bunches; 0 where n is not above mu."""
    if n <= mu:
        return 0.0
    return float(n * math.log(n / mu) - (n + r) * math.log((n + r) / (mu + r)))


def cells_possible(rows: int, least: int) -> float:
    """How many cells of at least that many rows there can be: the tests that a p-value pays for."""
    return max(1.0, rows * len(_PAIRS) / least)


@dataclass(frozen=True)
class Cell:
    """Two facts with the rows of the window that have both.

    Attributes:
        places: which facts they are. values: their numbers in the ledger.
        holders: int64, rows of the window that have both and are of no other wave.
        owned: of the window's rows that have the rarer of the two, the share that are members.
        expected: how many would be usual. surprise: in nats.

    """

    places: tuple[int, int]
    values: tuple[int, int]
    holders: I64
    owned: float
    expected: float
    surprise: float

    @property
    def rows(self) -> int:
        """How many rows of the window have both."""
        return len(self.holders)


@nb.njit(cache=True)
def _expected(
    a: int, b: int, q_a: float, q_b: float, groups: I64, counts: I64, apart: I64, earlier: I64, keys: U64, numbers: I32,
    locals_: I32, singles: I32,
) -> float:  # fmt: skip
    """Rows expected, country by country of those that have both."""
    total = 0.0
    for k in range(len(groups)):
        country, count = groups[k], float(counts[k])
        if country < 0:
            total += count * min(1.0, max(q_a, q_b))
            continue
        people, usual = float(singles[country, WINDOW]), float(singles[country, BASELINE])
        now_a = base_a = now_b = base_b = 0.0
        at = number_of(keys, numbers, key_of(np.int64(a), np.int64(country), 7))
        if at >= 0:
            now_a, base_a = float(locals_[at, WINDOW]), float(locals_[at, BASELINE])
        at = number_of(keys, numbers, key_of(np.int64(b), np.int64(country), 7))
        if at >= 0:
            now_b, base_b = float(locals_[at, WINDOW]), float(locals_[at, BASELINE])
        here_a = (base_a + PRIOR * q_a) / (usual + PRIOR)
        here_b = (base_b + PRIOR * q_b) / (usual + PRIOR)
        both = (float(earlier[k]) + PRIOR * here_a * here_b) / (usual + PRIOR)
        rest = max(1.0, people - apart[k])
        share_a, share_b = max(here_a, (now_a - apart[k]) / rest), max(here_b, (now_b - apart[k]) / rest)
        total += people * max(both, share_a * here_b, share_b * here_a)
    return total


def _foreign(ledger: Ledger, rows: I64, zone: int) -> Flags:
    """Whether hardly anybody in a row's country has the zone; a zone of the country itself rises with every surge there."""
    countries, place = np.unique(ledger.strata[rows, 1], return_inverse=True)
    index = ledger.local_index
    share = np.ones(len(countries))
    for k, country in enumerate(countries.tolist()):
        if country >= 0:
            share[k] = _local_share(
                zone, country, float(ledger.usual(np.array([zone], np.int32))[0]), index.keys, index.numbers, ledger.locals_,
                ledger.singles,
            )  # fmt: skip
    return np.asarray((share < FOREIGN)[place])


@nb.njit(cache=True)
def _local_share(fact: int, country: int, overall: float, keys: U64, numbers: I32, locals_: I32, singles: I32) -> float:
    """The share of a fact in a country, in the baseline, shrunk towards the share over all."""
    at = number_of(keys, numbers, key_of(np.int64(fact), np.int64(country), 7))
    here = float(locals_[at, BASELINE]) if at >= 0 else 0.0
    return float((here + PRIOR * overall) / (singles[country, BASELINE] + PRIOR))


def _judge(ledger: Ledger, places: tuple[int, int], values: tuple[int, int], others: Flags) -> Cell:
    (fa, fb), (a, b) = places, values
    codes = ledger.codes
    found = ledger.begin + np.flatnonzero(
        (codes[ledger.begin : ledger.end, fa] == a) & (codes[ledger.begin : ledger.end, fb] == b)
        & ~others
    )  # fmt: skip
    if _ZONE in places:
        found = found[_foreign(ledger, found, a if fa == _ZONE else b)]
    before, rows = found[found < ledger.middle], found[found >= ledger.middle]
    q_a, q_b = ledger.usual(np.array([a, b], np.int32)).tolist()
    people = max(1.0, float(ledger.in_window))
    counted = rows[~ledger.known[rows]]
    rest = max(1.0, people - len(counted))
    now_a, now_b = ((float(ledger.singles[fact, WINDOW]) - len(counted)) / rest for fact in (a, b))
    both = (len(before) + PRIOR * q_a * q_b) / (ledger.in_baseline + PRIOR)
    overall = people * max(both, max(q_a, now_a) * q_b, max(q_b, now_b) * q_a)
    groups, counts = np.unique(ledger.strata[rows, 1], return_counts=True)
    apart = np.array([(ledger.strata[counted, 1] == country).sum() for country in groups.tolist()], np.int64)
    earlier = np.array([(ledger.strata[before, 1] == country).sum() for country in groups.tolist()], np.int64)
    local = _expected(
        a, b, q_a, q_b, groups.astype(np.int64), counts, apart, earlier, ledger.local_index.keys, ledger.local_index.numbers,
        ledger.locals_, ledger.singles,
    )  # fmt: skip
    expected = max(overall, local)
    return Cell(places, values, rows, 0.0, expected, surprise(float(len(rows)), expected, BUNCHES))


def strongest_cell(ledger: Ledger, members: I64) -> Cell | None:
    """The most surprising cell of the values that most members have, one of each fact; None where no two are shared.

    Args:
        ledger: what is in memory.
        members: rows, places in it.

    """
    others = ledger.known[ledger.begin : ledger.end].copy()
    others[members - ledger.begin] = False
    commonest: dict[int, int] = {}
    for name in CELL_FACTS:
        own = ledger.codes[members, FACT_NUMBER[name]]
        value, count = np.unique(own[own >= 0], return_counts=True)
        if len(value) and count.max() > 1:
            telling = count * -np.log(np.minimum(ledger.usual(value), 1.0))
            commonest[FACT_NUMBER[name]] = int(value[telling.argmax()])
    pairs = sorted(
        ((_promise(ledger, members, (a, b), (commonest[a], commonest[b])), a, b)
         for a, b in _PAIRS if a in commonest and b in commonest),
        reverse=True,
    )  # fmt: skip
    cells = [
        _judge(ledger, (a, b), (commonest[a], commonest[b]), others) for promise, a, b in pairs[:JUDGED] if promise
    ]
    enough = [cell for cell in cells if cell.rows >= max(LEAST_ROWS, LEAST_SHARE * len(members))]
    best = max(enough, key=lambda cell: cell.surprise, default=None)
    return replace(best, owned=_owned(ledger, best, members)) if best else None


def _promise(ledger: Ledger, members: I64, places: tuple[int, int], values: tuple[int, int]) -> float:
    """How surprising a pair could be by its members alone: those that have both, times what its two facts say."""
    codes = ledger.codes
    both = int(((codes[members, places[0]] == values[0]) & (codes[members, places[1]] == values[1])).sum())
    return both * float(-np.log(np.minimum(ledger.usual(np.array(values, np.int32)), 1.0)).sum())


def _owned(ledger: Ledger, cell: Cell, members: I64) -> float:
    usual = ledger.usual(np.array(cell.values, np.int32))
    rarer = int(usual.argmin())
    column = ledger.codes[:, cell.places[rarer]]
    holders = ledger.middle + np.flatnonzero(column[ledger.middle : ledger.end] == cell.values[rarer])
    return float(np.isin(holders, members).mean()) if len(holders) else 0.0
