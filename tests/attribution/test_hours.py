"""Hours and holidays: what they tell, and that a zone alone never tells one of its countries from another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from samehand.attribution import CALENDARS, calendar_fit, days_off, hours_evidence, hours_fit, reach, weigh

I64 = npt.NDArray[np.int64]
HOUR, DAY = 3_600_000_000, 86_400_000_000
ZONE = [name for name, (_, _, offset) in CALENDARS.items() if offset == 8]


def _days(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=k) for k in range(count))


def _at_work(
    calendar: str, first: date, days: int, *, accounts: int = 30, seed: int = 1, rate: float = 3
) -> dict[str, I64]:
    """Accounts that work from nine to six, local time, on the working days of a calendar."""
    rng = np.random.default_rng(seed)
    offset = CALENDARS[calendar][2]
    found: dict[str, I64] = {}
    for k in range(accounts):
        times = [
            (day - date(1970, 1, 1)).days * DAY + int((rng.uniform(9, 18) - offset) * HOUR)
            for day in _days(first, days)
            for _ in range(rng.poisson(0.1 if day in days_off(calendar, day.year) else rate))
        ]
        found[f"a{k}"] = np.sort(np.array(times, np.int64))
    return found


def test_a_made_up_weekend_is_worked_and_a_holiday_is_not() -> None:
    assert date(2019, 10, 1) in days_off("CN", 2019)
    assert date(2019, 10, 1) in days_off("HK", 2019)
    assert date(2019, 10, 12) not in days_off("CN", 2019), "a Saturday that makes up for the week of the national day"
    assert date(2019, 10, 12) in days_off("HK", 2019)
    assert date(2019, 6, 15) in days_off("HK", 2019), "offices rest on Saturdays, whatever the statute"
    assert date(2019, 5, 13) in days_off("HK", 2019)
    assert date(2019, 5, 13) not in days_off("CN", 2019)
    assert date(2019, 3, 1) in days_off("IR", 2019), "a Friday"


@pytest.mark.parametrize("calendar", ["CN", "HK"])
def test_hours_of_utc_plus_8_alone_never_tell_beijing_from_hong_kong(calendar: str) -> None:
    """Three months on which both rest and work alike: the zone is found, and nobody is named."""
    apart = [
        day for day in _days(date(2019, 6, 10), 60) if (day in days_off("CN", 2019)) != (day in days_off("HK", 2019))
    ]
    assert len(apart) <= 1
    accounts = _at_work(calendar, date(2019, 6, 10), 60)
    fit = hours_fit(accounts)
    assert fit is not None
    assert fit.offset == 8
    assert fit.lift > 3
    assert calendar_fit(accounts, ZONE).told is None
    items = hours_evidence(accounts, "the platform")
    assert [one.kind for one in items] == ["working_hours"]
    assert items[0].country == ""
    reached = reach(items, weigh(items), coordinated=True)
    assert (reached.level, reached.where, reached.signable) == ("L1", "", False)


@pytest.mark.parametrize("calendar", ["CN", "HK", "SG"])
def test_a_year_of_holidays_tells_whose_calendar_it_is_and_still_names_nobody(calendar: str) -> None:
    accounts = _at_work(calendar, date(2019, 1, 1), 365)
    fit = calendar_fit(accounts, ZONE)
    assert fit.told == calendar
    assert fit.why == ""
    items = hours_evidence(accounts, "the platform")
    assert [one.kind for one in items] == ["working_hours", "holiday_calendar"]
    assert items[1].country == calendar
    assert reach(items, weigh(items), coordinated=True).level == "L1"


def test_one_protest_on_a_holiday_is_one_day() -> None:
    """People of leisure who all post on a single public holiday of Hong Kong keep no calendar by that."""
    rng = np.random.default_rng(3)
    accounts: dict[str, I64] = {}
    for k in range(200):
        times = [
            (day - date(1970, 1, 1)).days * DAY + int((rng.uniform(10, 24) - 8) * HOUR)
            for day in _days(date(2019, 6, 1), 120)
            for _ in range(rng.poisson(40 if day == date(2019, 7, 1) else 1))
        ]
        accounts[f"a{k}"] = np.sort(np.array(times, np.int64))
    assert calendar_fit(accounts, ZONE).told is None
    assert all(one.country == "" for one in hours_evidence(accounts, "the platform"))


def test_no_activity_says_nothing() -> None:
    assert hours_fit({"a": np.array([], np.int64)}) is None
    assert hours_evidence({}, "the platform") == []
    assert calendar_fit({}, ZONE).told is None


def test_a_burst_of_a_few_days_is_no_habit_and_no_evidence() -> None:
    noon = np.int64(1_767_268_800_000_000)  # a Thursday
    day = np.int64(86_400_000_000)
    burst = {f"a{k}": np.array([noon + day * n for n in range(2)], np.int64) for k in range(30)}
    weeks = {f"a{k}": np.array([noon + day * n for n in range(28) if n % 7 not in (2, 3)], np.int64) for k in range(30)}
    assert hours_evidence(burst, "the platform") == []
    assert [one.kind for one in hours_evidence(weeks, "the platform")] == ["working_hours"]
