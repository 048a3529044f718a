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

from samehand.signups.coding import FACT_NUMBER, NET_TYPES, NOWHERE
from samehand.signups.facts import FACTS, FAMILIES, Family
from samehand.signups.ledger import BASELINE, SHORT_BASELINE, WINDOW, Ledger, key_of, number_of

__all__ = [
    "FAMILY_OF", "MAKERS", "MAKER_PLACES", "Profile", "apart", "fit", "measure_profile", "profile_of", "renumbered", "summed",
]  # fmt: skip

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int8]
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
LEAST_POCKET, MOST_POCKET = 3, 1_000
"""Members that a pocket of a wave has: those of one mail domain in one country, or of one network where people are."""
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
        pockets: int32[p, 4], of members of one pocket that share a value: domain and country, or network and -1; fact; value,
            or -1 for all who have the fact. pocket_counts: float64[p], how many. pocket_keys: uint64[p], ascending, of both.

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
    pockets: I32
    pocket_keys: U64
    pocket_counts: F64


_NETWORK, _DOMAIN = FACT_NUMBER["network"], FACT_NUMBER["domain"]
_NOWHERE = np.array([kind in NOWHERE for kind in (*range(len(NET_TYPES)), -1)])


@nb.njit(cache=True, inline="always")
def _pocket_key(a: int, b: int, fact: int, value: int) -> np.uint64:
    pocket = key_of(np.int64(a), np.int64(b), 11)
    return key_of(np.int64(pocket >> np.uint64(2)), np.int64(fact * 2_147_483_647 + value), 9)


@nb.njit(cache=True)
def _pocket_keys(pockets: I32) -> U64:
    out = np.empty(len(pockets), np.uint64)
    for k in range(len(pockets)):
        out[k] = _pocket_key(pockets[k, 0], pockets[k, 1], pockets[k, 2], pockets[k, 3])
    return out


@nb.njit(cache=True)
def _in_pocket(a: I32, b: I32, codes: I32) -> I32:
    """A line of `pockets` for each fact that a row has, and one for having it at all."""
    out, k = np.empty((2 * codes.size, 4), np.int32), 0
    for i in range(len(codes)):
        for f in range(codes.shape[1]):
            if codes[i, f] >= 0:
                for value in (np.int64(codes[i, f]), np.int64(-1)):
                    out[k, 0], out[k, 1], out[k, 2], out[k, 3] = a[i], b[i], f, value
                    k += 1
    return out[:k]


def _keyed(pockets: I32, counts: F64) -> tuple[I32, U64, F64]:
    """Pockets in the order of their keys."""
    keys = _pocket_keys(pockets)
    order = np.argsort(keys)
    return pockets[order], keys[order], counts[order]


def _pockets_of(ledger: Ledger, rows: I64) -> tuple[I32, F64]:
    """What members of one pocket share, and how many of them."""
    codes, country = ledger.codes[rows], ledger.strata[rows, 1]
    at_home = ~_NOWHERE[ledger.net_type[rows]]
    pairs = (
        np.where((codes[:, _DOMAIN] >= 0) & (country >= 0), codes[:, _DOMAIN], -1), country,
        np.where(at_home, codes[:, _NETWORK], -1), np.full(len(rows), -1, np.int32),
    )  # fmt: skip
    found, counts = [], []
    for a, b in (pairs[:2], pairs[2:]):
        there = np.flatnonzero(a >= 0)
        _, place, size = np.unique(
            a[there].astype(np.int64) << 32 | (b[there].astype(np.int64) + 1), return_inverse=True, return_counts=True
        )
        inside = there[(size[place] >= LEAST_POCKET) & (size[place] <= MOST_POCKET)]
        lines = _in_pocket(a[inside].astype(np.int32), b[inside].astype(np.int32), codes[inside])
        _, first, count = np.unique(_pocket_keys(lines), return_index=True, return_counts=True)
        found.append(lines[first[count > 1]])
        counts.append(count[count > 1].astype(np.float64))
    return np.concatenate(found), np.concatenate(counts)


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
    profile = _measured(ledger, ledger.codes[rows], ledger.codes[counted], ledger.strata[counted])
    pockets, keys, counts = _keyed(*_pockets_of(ledger, rows))
    return replace(profile, pockets=pockets, pocket_keys=keys, pocket_counts=counts)


def renumbered(profile: Profile, new: I32) -> Profile:
    """A profile after the facts got new numbers; values that no row has any more (-1) are left out."""
    values = new[profile.values]
    order = np.lexsort((values, np.repeat(np.arange(len(FACTS)), np.diff(profile.start))))
    order = order[values[order] >= 0]
    fact = np.repeat(np.arange(len(FACTS)), np.diff(profile.start))[order]
    start = np.searchsorted(fact, np.arange(len(FACTS) + 1)).astype(np.int64)
    anew = profile.pockets.copy()
    for column in (0, 1, 3):
        anew[:, column] = np.where(anew[:, column] >= 0, new[anew[:, column]], -1)
    kept = (anew[:, 0] >= 0) & ((anew[:, [1, 3]] >= 0) == (profile.pockets[:, [1, 3]] >= 0)).all(axis=1)
    pockets, keys, shared = _keyed(anew[kept], profile.pocket_counts[kept])
    return apart(
        replace(
            profile, start=start, values=values[order], counts=profile.counts[order], usual=profile.usual[order],
            pockets=pockets, pocket_keys=keys, pocket_counts=shared,
        )
    )  # fmt: skip


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
        np.concatenate(usual), present, novelty, local_keys, local_counts.astype(np.float64), np.zeros((0, 4), np.int32),
        np.zeros(0, np.uint64), np.zeros(0),
    )  # fmt: skip


@nb.njit(cache=True, inline="always")
def _members_there(keys: U64, counts: F64, key: np.uint64) -> float:
    at = np.searchsorted(keys, key)
    return counts[at] if at < len(keys) and keys[at] == key else 0.0


@nb.njit(cache=True)
def _fit(
    rows: I64, codes: I32, strata: I32, net_type: I8, known: Flags, member: Flags, start: I64, values: I32, counts: F64,
    usual: F64, present: F64, novelty: F64, local_keys: U64, local_counts: F64, pocket_keys: U64, pocket_counts: F64,
    family: I64, keys: U64, numbers: I32, locals_: I32, singles: I32, counted: int, column: int, out: F64,
) -> None:  # fmt: skip
    facts = codes.shape[1]
    pocket, pocketed = np.empty((2, 2), np.int64), np.zeros(2, np.bool_)
    for k in range(len(rows)):
        i = rows[k]
        pocket[0, 0], pocket[0, 1] = codes[i, _DOMAIN], strata[i, 1]
        pocket[1, 0], pocket[1, 1] = codes[i, _NETWORK], -1
        pocketed[0] = pocket[0, 0] >= 0 and pocket[0, 1] >= 0
        pocketed[1] = pocket[1, 0] >= 0 and not _NOWHERE[net_type[i]]
        for side in range(2):
            if pocketed[side]:
                f = _DOMAIN if side == 0 else _NETWORK
                key = _pocket_key(pocket[side, 0], pocket[side, 1], f, -1)
                pocketed[side] = _members_there(pocket_keys, pocket_counts, key) > 0
        for g in range(out.shape[1]):
            out[k, g] = 0.0
        for f in range(facts):
            v = codes[i, f]
            if v < 0 or present[f] < 2:
                continue
            low, high = start[f], start[f + 1]
            at = low + np.searchsorted(values[low:high], v)
            own = own_present = 1.0 if member[k] else 0.0
            for side in range(2):
                if pocketed[side]:
                    a, b = pocket[side, 0], pocket[side, 1]
                    own = max(own, _members_there(pocket_keys, pocket_counts, _pocket_key(a, b, f, v)))
                    own_present = max(own_present, _members_there(pocket_keys, pocket_counts, _pocket_key(a, b, f, -1)))
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
                m = max(present[f] - own_present, 1.0)
                nats = np.log((1 - nu) * (counts[at] - own) / m / q + nu)
            nats = min(MOST_NATS, max(LEAST_NATS, nats))
            g = family[f]
            if out[k, g] == 0.0 or nats > out[k, g]:
                out[k, g] = nats


def fit(ledger: Ledger, rows: I64, profile: Profile, member: Flags | None = None) -> F64:
    """float64[rows, families]: nats by which rows fit a profile, family by family; 0 where nothing is known.

    A family says what its most telling fact says. What is usual in the row's own language or country is usual. Members of
    the row's own pocket say nothing for it: an office is not of a wave because its people fit one another.

    Args:
        ledger: what is in memory.
        rows: places in it.
        profile: what they are held against.
        member: bool[rows], which rows are among those that the profile was measured on; none when None.

    """
    out = np.empty((len(rows), len(FAMILIES)))
    column = BASELINE if ledger.in_baseline >= SHORT_BASELINE else WINDOW
    nobody = np.zeros(len(rows), np.bool_)
    _fit(
        rows, ledger.codes, ledger.strata, ledger.net_type, ledger.known, nobody if member is None else member, profile.start,
        profile.values, profile.counts, profile.usual, profile.present, profile.novelty, profile.local_keys,
        profile.local_counts, profile.pocket_keys, profile.pocket_counts, FAMILY_OF, ledger.local_index.keys,
        ledger.local_index.numbers, ledger.locals_, ledger.singles, ledger.counted, column, out,
    )  # fmt: skip
    return out


def summed(nats: F64) -> F64:
    """What the families say together: those of the makers, and the others as far as they may count."""
    makers, others = nats[:, MAKER_PLACES].sum(axis=1), nats[:, ELSEWHERE].sum(axis=1)
    return np.asarray(DAMPED * (makers + np.minimum(others, MOST_ELSEWHERE)))
