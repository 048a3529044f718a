"""When accounts are at work: which time zones their hours fit, and whose calendar of public holidays they keep.

Hours alone name nobody: UTC+8 is the zone of Beijing, Hong Kong, Taipei, Singapore and Perth. What tells calendars apart are
the days on which one country works and another does not, make-up working weekends among them. A calendar is told only if
accounts rest on its own days off and work on the other's, on enough such days, day by day and account by account; an event on
one day, as a protest on a holiday, is one day. All of it can be staged, and the diaspora keeps the holidays of home.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import holidays
import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc

from samehand.attribution.evidence import EvidenceItem

__all__ = ["CALENDARS", "CalendarFit", "HoursFit", "calendar_fit", "days_off", "hours_evidence", "hours_fit"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
CALENDARS: Final[Mapping[str, tuple[str, str | None, float]]] = {
    "CN": ("CN", None, 8), "HK": ("HK", None, 8), "TW": ("TW", None, 8), "SG": ("SG", None, 8), "AU-WA": ("AU", "WA", 8),
    "RU": ("RU", None, 3), "BY": ("BY", None, 3), "TR": ("TR", None, 3), "IR": ("IR", None, 3.5), "VN": ("VN", None, 7),
    "IN": ("IN", None, 5.5), "PK": ("PK", None, 5), "UA": ("UA", None, 2), "VE": ("VE", None, -4), "NG": ("NG", None, 1),
}  # fmt: skip
"""Calendars by name: country and part of the `holidays` library, and hours from UTC."""
GENERAL: Final = {"HK": ("public", "optional")}
"""Where offices keep more days than the least that the law gives to all: Hong Kong's general holidays."""
OFFICE: Final = (9, 18)
HOUR, DAY = 3_600_000_000, 86_400_000_000
DRAWS: Final = 400
LEAST_DAYS: Final = 5
"""So many days at least have to tell two calendars apart."""
LEAST_SEEN: Final = 14
"""On so many days at least something has to be done before anything is said of hours: a burst on one day is no habit."""
SURE: Final = 0.05
SHARE_OF_WEEK: Final = 45 / 168
AT_WORK, AT_LEISURE = 1.6, 0.9
"""Office hours hold so many times their share of the week, from which on accounts work, and under which they do not."""


@lru_cache(maxsize=256)
def days_off(calendar: str, year: int) -> frozenset[date]:
    """The days of a year on which a calendar does not work: weekends that are not made up for, and public holidays.

    Where the law names Sunday alone, offices rest on Saturday as well: Hong Kong's Saturdays do not tell it from Beijing.
    """
    country, part, _ = CALENDARS[calendar]
    found = holidays.country_holidays(country, subdiv=part, years=year, categories=GENERAL.get(country))
    worked = set(getattr(found, "weekend_workdays", ()))
    weekend = found.weekend | {5, 6} if 6 in found.weekend else found.weekend
    every = (date(year, 1, 1) + timedelta(days=k) for k in range(366))
    return frozenset(
        day for day in every if day.year == year and ((day.weekday() in weekend and day not in worked) or day in found)
    )


@dataclass(frozen=True)
class HoursFit:
    """Which zones the hours fit.

    Attributes:
        offset: hours from UTC whose office hours hold most. share: of all that is done, each account's each day counting once.
        lift: over that of an even week.
        offsets: all that fit as well in 95 of 100 draws of accounts. accounts, events: how many there are.

    """

    offset: float
    share: float
    lift: float
    offsets: tuple[float, ...]
    accounts: int
    events: int


def _in_office(times_us: I64, offset: float) -> npt.NDArray[np.bool_]:
    local = times_us + int(offset * HOUR)
    weekday = (local // DAY + 3) % 7  # 1970-01-01 was a Thursday
    hour = local % DAY // HOUR
    return np.asarray((weekday < 5) & (hour >= OFFICE[0]) & (hour < OFFICE[1]))


def hours_fit(accounts: Mapping[str, I64], *, seed: int = 0) -> HoursFit | None:
    """Which time zones the activity of accounts fits; None where there is nothing.

    Args:
        accounts: by name the times of what each did, in microseconds UTC. seed: of the draws of accounts.

    """
    offsets = np.arange(-11, 13)
    filled = [times for times in accounts.values() if len(times)]
    if not filled:
        return None
    weights = [_once_a_day(times) for times in filled]
    inside = np.array([
        [weight[_in_office(times, float(one))].sum() for one in offsets]
        for times, weight in zip(filled, weights, strict=True)
    ])  # fmt: skip
    counts = np.array([weight.sum() for weight in weights])
    shares = inside.sum(0) / counts.sum()
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(filled), size=(DRAWS, len(filled)))
    best = (inside[drawn].sum(1) / counts[drawn].sum(1)[:, None]).argmax(1)
    seen = np.bincount(best, minlength=len(offsets)) / DRAWS
    order = np.argsort(-seen, kind="stable")
    enough = int(np.searchsorted(np.cumsum(seen[order]), 0.95)) + 1
    top = int(shares.argmax())
    fitting = sorted({float(offsets[k]) for k in order[:enough]} | {float(offsets[top])})
    return HoursFit(
        float(offsets[top]), float(shares[top]), float(shares[top] / SHARE_OF_WEEK), tuple(fitting), len(filled),
        sum(len(times) for times in filled),
    )  # fmt: skip


def _once_a_day(times_us: I64) -> F64:
    """What each act weighs, so that a day on which somebody does much is one day."""
    _, day, count = np.unique(times_us // DAY, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / count[day], np.float64)


@dataclass(frozen=True)
class CalendarFit:
    """Whose holidays accounts keep.

    Attributes:
        told: the calendar that is told from all others of its zone; None where it cannot be.
        against: by other calendar how many days tell the two apart, on how many of them accounts do as `leading` has it, how
            likely so many are by chance, and in what share of draws of accounts.
        leading: the calendar that fits best. why: what it lacks to be told.

    """

    told: str | None
    leading: str
    against: Mapping[str, tuple[int, int, float, float]]
    why: str


def calendar_fit(accounts: Mapping[str, I64], calendars: Sequence[str], *, seed: int = 0) -> CalendarFit:
    """Whose public holidays accounts keep, of calendars that share a zone.

    Args:
        accounts: by name the times of what each did, in microseconds UTC. calendars: of `CALENDARS`, two or more of one offset.
        seed: of the draws of accounts.

    """
    offset = CALENDARS[calendars[0]][2]
    daily, first = _daily(list(accounts.values()), offset)
    days = [first + timedelta(days=k) for k in range(daily.shape[1])]
    off = {name: np.array([day in days_off(name, day.year) for day in days]) for name in calendars}
    rng = np.random.default_rng(seed)
    drawn = rng.integers(max(len(daily), 1), size=(DRAWS, max(len(daily), 1)))
    leading, best = calendars[0], -1.0
    tables: dict[str, dict[str, tuple[int, int, float, float]]] = {}
    for name in calendars:
        tables[name] = {
            other: _against(daily, off[name], off[other], drawn) for other in calendars if other != name
        }  # fmt: skip
        score = sum(right / days for days, right, _, _ in tables[name].values() if days)
        if score > best:
            leading, best = name, score
    lacking = [
        other
        for other, (count, _, p, share) in tables[leading].items()
        if count < LEAST_DAYS or p > SURE or share < 1 - SURE
    ]
    why = "" if not lacking else f"too few days, or too little on them, tells {leading} from {', '.join(lacking)}"
    return CalendarFit(None if lacking else leading, leading, tables[leading], why)


def _daily(times: Sequence[I64], offset: float) -> tuple[F64, date]:
    """What each account did each day, in local time; and the first day."""
    local = [(one + int(offset * HOUR)) // DAY for one in times if len(one)]
    if not local:
        return np.zeros((0, 0)), date(1970, 1, 1)
    low, high = min(int(one.min()) for one in local), max(int(one.max()) for one in local)
    table = np.stack([np.bincount(one - low, minlength=high - low + 1) for one in local]).astype(float)
    return table, date(1970, 1, 1) + timedelta(days=low)


def _against(
    daily: F64, mine: npt.NDArray[np.bool_], theirs: npt.NDArray[np.bool_], drawn: I64
) -> tuple[int, int, float, float]:
    """Two calendars on the days that tell them apart: how many, on how many accounts do as mine has it, chance, and draws."""
    apart = np.flatnonzero(mine != theirs)
    same = mine == theirs
    if not len(apart) or not len(daily) or not (same & mine).any() or not (same & ~mine).any():
        return len(apart), 0, 1.0, 0.0

    def right(counts: F64) -> npt.NDArray[np.bool_]:
        rest, work = np.median(counts[..., same & mine], -1), np.median(counts[..., same & ~mine], -1)
        middle = ((rest + work) / 2)[..., None]
        rests = counts[..., apart] < middle
        sensible = (rest < work)[..., None]  # who is as busy on days off keeps no calendar
        return np.asarray((rests == mine[apart]) & sensible)

    hits = int(right(daily.sum(0)).sum())
    chance = float(
        bdtrc(hits - 1, len(apart), 0.5)
    )  # scipy.stats takes a second to import, which each command would pay
    draws = right(daily[drawn].sum(1)).mean(-1) > 0.5
    return len(apart), hits, chance, float(draws.mean())


def hours_evidence(accounts: Mapping[str, I64], source: str, *, seed: int = 0) -> list[EvidenceItem]:
    """What hours and holidays say, as evidence; none of it names an actor by itself.

    Args:
        accounts: by name the times of what each did, in microseconds UTC. source: whose data. seed: of the draws.

    """
    fit = hours_fit(accounts, seed=seed)
    if fit is None or len(np.unique(np.concatenate([times // DAY for times in accounts.values()]))) < LEAST_SEEN:
        return []
    graded = {"source": source, "reliability": "A", "credibility": 2}
    zones = ", ".join(f"UTC{offset:+g}" for offset in fit.offsets)
    found: list[EvidenceItem] = []
    if fit.lift >= AT_WORK:
        said = f"Office hours of {zones} hold {fit.share:.0%} of what {fit.accounts:,} accounts did"
        said += f", {fit.lift:.1f} times an even week."
        found.append(EvidenceItem(kind="working_hours", said=said, **graded))  # type: ignore[arg-type]
        near = {offset for _, _, offset in CALENDARS.values() if any(abs(offset - one) < 1 for one in fit.offsets)}
        zone = [name for name, (_, _, offset) in CALENDARS.items() if {offset} == near]
        kept = calendar_fit(accounts, zone, seed=seed) if len(zone) > 1 else None
        if kept is not None and kept.told is not None:
            days = ", ".join(
                f"{right} of {count} days against {other}" for other, (count, right, _, _) in kept.against.items()
            )
            said = f"They rest and work as the calendar of {kept.told} has it: {days}."
            country = CALENDARS[kept.told][0]
            found.append(EvidenceItem(kind="holiday_calendar", said=said, country=country, **graded))  # type: ignore[arg-type]
    elif fit.lift <= AT_LEISURE * 1.2:
        said = f"No zone's office hours hold more than {fit.share:.0%} of what {fit.accounts:,} accounts did."
        found.append(EvidenceItem(kind="leisure_hours", said=said, **graded))  # type: ignore[arg-type]
    return found
