"""A wave's profile: how its sign-ups differ from what is usual, fact by fact, and how well any row fits it.

For a fact with values v the wave's share is (1 - nu) c(v)/m + nu q(v): c of its m members have the value, and nu is how
often its members bear a value that no other member bears (Good-Turing). q(v) is the usual share: that of the baseline or
(for a quarter) the present share among those who are no members, whichever is larger. A row's evidence is the sum over
families of ln(share in the wave / usual share); a member is compared with the other members, never with itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from samehand.signups.facts import FACTS, FAMILIES, Family
from samehand.signups.ledger import BASELINE, SHORT_BASELINE, WINDOW, Ledger, key_of, number_of

__all__ = [
    "FAMILY_OF", "MAKERS", "MAKER_PLACES", "Profile", "apart", "fit", "measure_profile", "profile_of", "renumbered", "summed",
]  # fmt: skip

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
U64 = npt.NDArray[np.uint64]
F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FAMILY_OF = np.array([FAMILIES.index(fact.family) for fact in FACTS], np.int64)
MOST_NATS = 6.0
LEAST_NATS = -3.0
"""What one fact can say for and against."""
MAKERS: Final[tuple[Family, ...]] = ("device", "client", "contact", "name", "picture", "pace")
"""Families that tell of who made the accounts; network, place and channel tell of where people are."""
MAKER_PLACES = [FAMILIES.index(family) for family in MAKERS]
ELSEWHERE = [place for place in range(len(FAMILIES)) if place not in MAKER_PLACES]
MOST_ELSEWHERE = 5.0
"""What all the other families together can say for."""
DAMPED = 0.8
"""Families are not quite independent: their sum counts for this much."""
STRATUM_PRIOR = 30.0
NOW = 0.25
"""How much the present share counts beside that of the baseline: a release or a surge raises it, but so does a wave."""


@dataclass(frozen=True)
class Profile:
    """What the members of a wave have in common.

    Attributes:
        size: members.
        start: int64[facts + 1], where each fact's values begin.
        values: int32[k], numbers of facts, ascending for each fact. counts: float64[k], members with the value.
        usual: float64[k], q(v).
        present: float64[facts], members that have the fact at all. novelty: float64[facts], nu.
        local_keys: uint64[j], ascending, of a value or a stratum with the stratum. local_counts: float64[j], members there
            that are in the window.

    """

    size: int
    start: I64
    values: I32
    counts: F64
    usual: F64
    present: F64
    novelty: F64
    local_keys: U64
    local_counts: F64


@nb.njit(cache=True)
def _local_keys(codes: I32, strata: I32) -> U64:
    out = np.zeros(len(codes) * (codes.shape[1] + 1) * 2, np.uint64)
    k = 0
    for i in range(len(codes)):
        for side in range(2):
            s = strata[i, side]
            if s < 0:
                continue
            out[k] = key_of(np.int64(s), np.int64(s), 8)
            k += 1
            for f in range(codes.shape[1]):
                if codes[i, f] >= 0:
                    out[k] = key_of(np.int64(codes[i, f]), np.int64(s), 7)
                    k += 1
    return out[:k]


def measure_profile(ledger: Ledger, rows: I64) -> Profile:
    """The profile of some rows of the window (places in the ledger)."""
    counted = rows[~ledger.known[rows]]
    return _measured(ledger, ledger.codes[rows], ledger.codes[counted], ledger.strata[counted])


def renumbered(profile: Profile, new: I32) -> Profile:
    """A profile after the facts got new numbers; values that no row has any more (-1) are left out."""
    values = new[profile.values]
    order = np.lexsort((values, np.repeat(np.arange(len(FACTS)), np.diff(profile.start))))
    order = order[values[order] >= 0]
    fact = np.repeat(np.arange(len(FACTS)), np.diff(profile.start))[order]
    start = np.searchsorted(fact, np.arange(len(FACTS) + 1)).astype(np.int64)
    return apart(
        replace(profile, start=start, values=values[order], counts=profile.counts[order], usual=profile.usual[order])
    )


def apart(profile: Profile) -> Profile:
    """A profile whose members are set apart: the window does not count them any more."""
    return replace(profile, local_keys=np.zeros(0, np.uint64), local_counts=np.zeros(0))


def profile_of(ledger: Ledger, codes: I32) -> Profile:
    """The profile of accounts that are not in the window: int32[members, facts], their facts' numbers in the ledger."""
    return _measured(ledger, codes, codes[:0], np.zeros((0, 2), np.int32))


def _measured(ledger: Ledger, codes: I32, counted: I32, strata: I32) -> Profile:
    """The profile of accounts, of which some (`counted`, in `strata`) are in what the window counts."""
    start, values, counts, usual = [0], [], [], []
    present, novelty = np.zeros(len(FACTS)), np.zeros(len(FACTS))
    others = max(1.0, float(ledger.in_window - len(counted)))
    for f in range(len(FACTS)):
        own = codes[:, f]
        value, count = np.unique(own[own >= 0], return_counts=True)
        base = ledger.usual(value)
        there = counted[:, f]
        there = np.sort(there[there >= 0])
        mine = np.searchsorted(there, value, side="right") - np.searchsorted(there, value)
        now = np.maximum(ledger.singles[value, WINDOW] - mine, 0) / others
        present[f] = count.sum()
        novelty[f] = ((count == 1).sum() + 0.5) / (present[f] + 1.0)
        kept = count > 1
        values.append(value[kept])
        counts.append(count[kept].astype(np.float64))
        usual.append(np.maximum(base, NOW * now)[kept])
        start.append(start[-1] + int(kept.sum()))
    local_keys, local_counts = np.unique(_local_keys(counted, strata), return_counts=True)
    return Profile(
        len(codes), np.array(start, np.int64), np.concatenate(values).astype(np.int32), np.concatenate(counts),
        np.concatenate(usual), present, novelty, local_keys, local_counts.astype(np.float64),
    )  # fmt: skip


@nb.njit(cache=True, inline="always")
def _members_there(keys: U64, counts: F64, key: np.uint64) -> float:
    at = np.searchsorted(keys, key)
    return counts[at] if at < len(keys) and keys[at] == key else 0.0


@nb.njit(cache=True)
def _fit(
    rows: I64, codes: I32, strata: I32, known: Flags, member: Flags, start: I64, values: I32, counts: F64, usual: F64,
    present: F64, novelty: F64, local_keys: U64, local_counts: F64, family: I64, keys: U64, numbers: I32, locals_: I32,
    singles: I32, counted: int, column: int, out: F64,
) -> None:  # fmt: skip
    facts = codes.shape[1]
    for k in range(len(rows)):
        i = rows[k]
        for g in range(out.shape[1]):
            out[k, g] = 0.0
        for f in range(facts):
            v = codes[i, f]
            if v < 0 or present[f] < 2:
                continue
            low, high = start[f], start[f + 1]
            at = low + np.searchsorted(values[low:high], v)
            own = 1.0 if member[k] else 0.0
            nu = novelty[f]
            nats = np.log(nu)
            if at < high and values[at] == v and counts[at] - own > 0:
                q = usual[at]
                for side in range(2):
                    s = strata[i, side]
                    if s >= 0:
                        number = number_of(keys, numbers, key_of(np.int64(v), np.int64(s), 7))
                        here = locals_[number, column] if number >= 0 else 0
                        q = max(q, (here + STRATUM_PRIOR * usual[at]) / (singles[s, column] + STRATUM_PRIOR))
                        # and now, among those who are no members
                        alone = 0.0 if member[k] or known[i] or i >= counted else 1.0
                        now = (locals_[number, WINDOW] if number >= 0 else 0) - alone
                        people = singles[s, WINDOW] - alone
                        now -= _members_there(local_keys, local_counts, key_of(np.int64(v), np.int64(s), 7))
                        people -= _members_there(local_keys, local_counts, key_of(np.int64(s), np.int64(s), 8))
                        q = max(q, NOW * (now + STRATUM_PRIOR * usual[at]) / (max(people, 0.0) + STRATUM_PRIOR))
                m = max(present[f] - own, 1.0)
                nats = np.log((1 - nu) * (counts[at] - own) / m / q + nu)
            nats = min(MOST_NATS, max(LEAST_NATS, nats))
            g = family[f]
            if out[k, g] == 0.0 or nats > out[k, g]:
                out[k, g] = nats


def fit(ledger: Ledger, rows: I64, profile: Profile, member: Flags | None = None) -> F64:
    """float64[rows, families]: nats by which rows fit a profile, family by family; 0 where nothing is known.

    A family says what its most telling fact says. What is usual in the row's own language or country is usual.

    Args:
        ledger: what is in memory.
        rows: places in it.
        profile: what they are held against.
        member: bool[rows], which rows are among those that the profile was measured on; none when None.

    """
    out = np.empty((len(rows), len(FAMILIES)))
    column = BASELINE if ledger.in_baseline >= SHORT_BASELINE else WINDOW
    _fit(
        rows, ledger.codes, ledger.strata, ledger.known, np.zeros(len(rows), np.bool_) if member is None else member,
        profile.start, profile.values, profile.counts, profile.usual, profile.present, profile.novelty,
        profile.local_keys, profile.local_counts, FAMILY_OF, ledger.local_index.keys,
        ledger.local_index.numbers, ledger.locals_, ledger.singles, ledger.counted, column, out,
    )  # fmt: skip
    return out


def summed(nats: F64) -> F64:
    """What the families say together: those of the makers, and the others as far as they may count."""
    makers, others = nats[:, MAKER_PLACES].sum(axis=1), nats[:, ELSEWHERE].sum(axis=1)
    return np.asarray(DAMPED * (makers + np.minimum(others, MOST_ELSEWHERE)))
