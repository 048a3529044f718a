"""One tool: accounts whose sessions begin in one odd period, which is no hour of the clock and no habit of days.

A session begins after a pause. Where there is no rhythm, the power z(f) = |sum exp(2 pi i f s)|^2 / n of an account's
n session starts s is exponential with mean one (Rayleigh's test; Mardia and Jupp 2000, section 6.3.1; lighter in its
tail for few starts). An account's own background around a frequency takes the place of that mean where it is higher:
bursts and quiet hours raise a broad floor. So does the mean power of the same starts with their times of day dealt
out anew among their days: whoever posts at nine on workdays has lines at every seventh of a day's rhythm, and these stay.
Two accounts are held against the power that both reach at one frequency; starts in one and the same ten minutes are
taken out first, for a common event would fake a common period.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

__all__ = ["PeriodPairs", "period_pairs", "session_starts"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

DAY_US = 86_400 * 1_000_000
PAUSE_US = 10 * 60 * 1_000_000
CELL_US = 10 * 60 * 1_000_000
LEAST_STARTS, LEAST_DAYS = 10, 6.0
SLOWEST, FASTEST = 3.0, 36.0
"""Times a day: periods of eight hours to forty minutes."""
STEP = 1 / 14
AROUND_WHOLE = 1 / 7
"""Left out on both sides of whole numbers a day: daily rhythm and its overtones, schedules by the clock."""
BACKGROUND = 2.0
"""The floor is the median power within this many times a day, on both sides."""
HABIT_DRAWS = 60
MOST_ACCOUNTS = 150
"""Accounts compared at one frequency, the strongest first: a tool that thousands use would make millions of pairs."""
LOOSEST = 10_000.0
"""So many times more than one pair can pass together; the screen leaves room for that."""


class PeriodPairs(NamedTuple):
    """Pairs of accounts in one odd period, ascending.

    first, second: int32, account numbers, first < second; period_s: float64, seconds; power: float64, what the weaker
    of the two reaches; p_value: float64, over the frequencies looked at; starts: int32, sessions of the one that has
    fewer; days: int32, on which these begin; eligible: how many accounts could be looked at.
    """

    first: I32
    second: I32
    period_s: F64
    power: F64
    p_value: F64
    starts: I32
    days: I32
    eligible: int


def _grid() -> tuple[F64, npt.NDArray[np.bool_]]:
    """All times a day from the slowest to the fastest, and which of them are looked at."""
    every = np.arange(SLOWEST, FASTEST, STEP)
    return every, np.asarray(np.abs(every - np.round(every)) > AROUND_WHOLE)


@nb.njit(cache=True)
def _starts(account: I32, at: I64, order: I64, pause: int) -> npt.NDArray[np.bool_]:
    out = np.zeros(len(order), np.bool_)
    for k in range(len(order)):
        p = order[k]
        out[k] = k == 0 or account[p] != account[order[k - 1]] or at[p] - at[order[k - 1]] > pause
    return out


def session_starts(account: I32, at: I64, accounts: int) -> tuple[I64, I64]:
    """The posts that begin a session, by account and time, and where each account's begin (int64[accounts + 1])."""
    order = np.lexsort((at, account)).astype(np.int64)
    begins = order[_starts(account, at, order, PAUSE_US)] if len(order) else order
    return begins, np.searchsorted(account[begins], np.arange(accounts + 1)).astype(np.int64)


@nb.njit(cache=True)
def _power(days: F64, low: float, step: float, count: int) -> F64:
    """Z at `count` frequencies from `low` on."""
    real, imaginary = np.zeros(count), np.zeros(count)
    for s in days:
        c, d = np.cos(2 * np.pi * low * s), np.sin(2 * np.pi * low * s)
        turn_c, turn_d = np.cos(2 * np.pi * step * s), np.sin(2 * np.pi * step * s)
        for f in range(count):
            real[f] += c
            imaginary[f] += d
            c, d = c * turn_c - d * turn_d, c * turn_d + d * turn_c
    return np.asarray((real**2 + imaginary**2) / max(len(days), 1))


@nb.njit(cache=True)
def _of_habit(days: F64, frequency: float) -> float:
    """The mean power at one frequency where each start keeps its day and gets another start's time of day."""
    day = np.floor(days)
    hour = days - day
    np.random.seed(len(days))
    total = 0.0
    for _ in range(HABIT_DRAWS):
        real, imaginary, other = 0.0, 0.0, np.random.permutation(len(days))
        for k in range(len(days)):
            turn = 2 * np.pi * frequency * (day[k] + hour[other[k]])
            real += np.cos(turn)
            imaginary += np.sin(turn)
        total += (real**2 + imaginary**2) / len(days)
    return total / HABIT_DRAWS


@nb.njit(cache=True)
def _above_background(days: F64, low: float, step: float, used: npt.NDArray[np.bool_], reach: int, least: float) -> F64:
    """The power beside the account's own background; zero where a frequency is not looked at or the power is below `least`."""
    z = _power(days, low, step, len(used))
    out = np.zeros(len(used))
    for f in range(len(used)):
        if used[f] and z[f] >= least:  # the backgrounds take nearly all of the time, and only ever lower
            near = z[max(0, f - reach) : f + reach + 1]
            floor = max(1.0, np.median(near) / np.log(2.0))
            if z[f] / floor >= least:
                out[f] = z[f] / max(floor, _of_habit(days, low + f * step))
    return out


@nb.njit(cache=True)
def _screen(
    days: F64, start: I64, who: I32, low: float, step: float, used: npt.NDArray[np.bool_], reach: int, least: float
) -> tuple[I32, I32, F64]:
    """(account, frequency, power) wherever an account's power is at least this."""
    out_who, out_f, out_z = [np.int32(0) for _ in range(0)], [np.int32(0) for _ in range(0)], [0.0 for _ in range(0)]
    for u in who:
        z = _above_background(days[start[u] : start[u + 1]], low, step, used, reach, least)
        for f in range(len(z)):
            if z[f] >= least:
                out_who.append(np.int32(u))
                out_f.append(np.int32(f))
                out_z.append(z[f])
    return np.array(out_who, np.int32), np.array(out_f, np.int32), np.array(out_z)


@nb.njit(cache=True)
def _apart(one: F64, other: F64, cell: float) -> tuple[F64, F64]:
    """The starts of two accounts, in each shared cell of time one of them only, in turn."""
    keep_one, keep_other = np.ones(len(one), np.bool_), np.ones(len(other), np.bool_)
    i, j, turn = 0, 0, False
    while i < len(one) and j < len(other):
        a, b = np.floor(one[i] / cell), np.floor(other[j] / cell)
        if a == b:
            keep_one[i], keep_other[j] = turn, not turn
            turn = not turn
            i, j = i + 1, j + 1
        elif a < b:
            i += 1
        else:
            j += 1
    return one[keep_one], other[keep_other]


@nb.njit(cache=True)
def _both(
    days: F64, start: I64, first: I32, second: I32, low: float, step: float, used: npt.NDArray[np.bool_], reach: int,
    least: float, cell: float,
) -> tuple[F64, I32, I32, I32]:  # fmt: skip
    """For each pair the power that both reach at their best common frequency, that frequency, fewest starts, days."""
    power, best = np.zeros(len(first)), np.zeros(len(first), np.int32)
    starts, on_days = np.zeros(len(first), np.int32), np.zeros(len(first), np.int32)
    for r in range(len(first)):
        u, v = first[r], second[r]
        one, other = _apart(days[start[u] : start[u + 1]], days[start[v] : start[v + 1]], cell)
        z = np.minimum(
            _above_background(one, low, step, used, reach, least),
            _above_background(other, low, step, used, reach, least),
        )
        best[r] = np.argmax(z)
        power[r] = z[best[r]]
        fewer = one if len(one) <= len(other) else other
        starts[r] = len(fewer)
        for k in range(len(fewer)):
            on_days[r] += k == 0 or np.floor(fewer[k]) != np.floor(fewer[k - 1])
    return power, best, starts, on_days


def _together(who: I32, f: I32, z: F64) -> tuple[I32, I32]:
    """Pairs of accounts that are strong at one frequency or the next, each once, ascending."""
    parts = [np.zeros((0, 2), np.int32)]
    for at in np.unique(f):
        here = (f == at) | (f == at + 1)
        ranked = who[here][np.argsort(-z[here], kind="stable")]
        _, once = np.unique(ranked, return_index=True)
        strongest = np.sort(ranked[np.sort(once)[:MOST_ACCOUNTS]])
        i, j = np.triu_indices(len(strongest), 1)
        parts.append(np.column_stack((strongest[i], strongest[j])).astype(np.int32))
    pairs = np.unique(np.concatenate(parts), axis=0)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def period_pairs(account: I32, at: I64, accounts: int, *, level: float) -> PeriodPairs:
    """Pairs of accounts whose sessions begin in one odd period, judged; all others count as p = 1.

    Args:
        account, at: every post's account and time (microseconds).
        accounts: how many there are.
        level: the false discovery rate that will be asked for, over all pairs of eligible accounts.

    """
    begins, start = session_starts(account, at, accounts)
    days = at[begins] / DAY_US
    count = np.diff(start)
    span = np.zeros(accounts)
    some = count > 0
    span[some] = days[start[1:][some] - 1] - days[start[:-1][some]]
    who = np.flatnonzero((count >= LEAST_STARTS) & (span >= LEAST_DAYS)).astype(np.int32)
    every, used = _grid()
    tested, reach = int(used.sum()), round(BACKGROUND / STEP)
    family = len(who) * (len(who) - 1) / 2
    least = max(np.log(max(tested * family / (level * LOOSEST), 1.0)) / 2, 4.0)
    first, second = _together(*_screen(days, start, who, SLOWEST, STEP, used, reach, least))
    power, best, starts, on_days = _both(
        days, start, first, second, SLOWEST, STEP, used, reach, least, CELL_US / DAY_US
    )  # fmt: skip
    p_value = np.minimum(tested * np.exp(-2 * power), 1.0)
    enough = (starts >= LEAST_STARTS) & (p_value < level)
    return PeriodPairs(
        first[enough], second[enough], 86_400 / every[best[enough]], power[enough], p_value[enough], starts[enough],
        on_days[enough], len(who),
    )  # fmt: skip
