from __future__ import annotations

import numpy as np
import pytest

from samehand.coordination import period_pairs, session_starts, step_up
from samehand.coordination.rhythm import DAY_US

MINUTE_US = 60_000_000


def _ordinary(rng: np.random.Generator, accounts: int, days: float, posts: int) -> tuple[list[int], list[int]]:
    """People with hours of their own, some of whom post in bursts."""
    who: list[int] = []
    at: list[int] = []
    for account in range(accounts):
        peak, count = rng.uniform(0, 24), int(rng.integers(posts // 2, 2 * posts))
        day = rng.integers(0, int(days), count)
        hour = (peak + rng.normal(0, 3, count)) % 24
        moment = (day * 24 + hour) * 60
        if account % 3 == 0:
            moment = np.repeat(moment[: count // 3 + 1], 3) + rng.exponential(20, 3 * (count // 3 + 1))
        who += [account] * len(moment)
        at += (moment * MINUTE_US).astype(int).tolist()
    return who, at


def _scheduled(rng: np.random.Generator, period_min: float, days: float, kept: float) -> list[int]:
    """A tool that runs every `period_min` minutes, posts at a share of its runs, two minutes sooner or later."""
    steps = np.arange(rng.uniform(0, period_min), days * 24 * 60, period_min)
    steps = steps[rng.random(len(steps)) < kept]
    moments: list[int] = ((steps + rng.normal(0, 2, len(steps))) * MINUTE_US).astype(int).tolist()
    return moments


def _pairs(who: list[int], at: list[int], accounts: int) -> tuple[set[tuple[int, int]], int]:
    found = period_pairs(np.array(who, np.int32), np.array(at, np.int64), accounts, level=0.005)
    family = found.eligible * (found.eligible - 1) // 2
    q = step_up(found.p_value, family) if len(found.first) else np.zeros(0)
    hit = q <= 0.005
    return set(zip(found.first[hit].tolist(), found.second[hit].tolist(), strict=True)), found.eligible


def test_accounts_that_one_tool_drives_are_paired_and_nobody_else() -> None:
    rng = np.random.default_rng(1)
    who, at = _ordinary(rng, 150, 14, 40)
    for account in range(150, 158):
        moments = _scheduled(rng, 53.0, 14, 0.3)
        who += [account] * len(moments)
        at += moments
    pairs, _ = _pairs(who, at, 158)

    assert {member for pair in pairs for member in pair} == set(range(150, 158))


def test_two_tools_of_unlike_periods_are_not_paired() -> None:
    rng = np.random.default_rng(2)
    who: list[int] = []
    at: list[int] = []
    for account, period in enumerate([53.0, 53.0, 71.0, 71.0]):
        moments = _scheduled(rng, period, 14, 0.5)
        who += [account] * len(moments)
        at += moments

    assert _pairs(who, at, 4)[0] == {(0, 1), (2, 3)}


@pytest.mark.parametrize("seed", range(8))
def test_ordinary_people_share_no_period(seed: int) -> None:
    """At a rate of .005 a world, eight worlds: a true procedure fails here by luck in at most 4 % of seed sets."""
    who, at = _ordinary(np.random.default_rng([seed, 7]), 300, 21, 60)
    pairs, eligible = _pairs(who, at, 300)

    assert eligible > 200
    assert pairs == set()


@pytest.mark.parametrize("period_min", [60.0, 90.0, 120.0, 480.0])
def test_the_clock_and_the_day_are_no_odd_period(period_min: float) -> None:
    rng = np.random.default_rng(3)
    who: list[int] = []
    at: list[int] = []
    for account in range(6):
        moments = _scheduled(rng, period_min, 14, 0.6)
        who += [account] * len(moments)
        at += moments

    assert _pairs(who, at, 6)[0] == set()


def test_one_event_that_many_answer_is_no_common_period() -> None:
    """Two people who answer the same moments would have the same spectrum: these moments are taken out."""
    rng = np.random.default_rng(4)
    moments = np.sort(rng.integers(0, 14 * DAY_US, 40))
    who = [account for account in range(2) for _ in moments]
    at = [int(moment + rng.integers(0, 30_000_000)) for _ in range(2) for moment in moments]

    assert _pairs(who, at, 2)[0] == set()


def test_a_session_begins_after_a_pause_of_ten_minutes() -> None:
    at = np.array([0, 5, 14, 25, 100], np.int64) * MINUTE_US
    begins, start = session_starts(np.array([0, 0, 0, 0, 1], np.int32), at, 3)

    assert at[begins].tolist() == [0, 25 * MINUTE_US, 100 * MINUTE_US]
    assert start.tolist() == [0, 2, 3, 3]


def test_too_few_sessions_or_days_are_not_looked_at() -> None:
    moments = np.arange(9) * DAY_US
    short = np.arange(12) * DAY_US // 3
    who = np.array([0] * 9 + [1] * 12, np.int32)

    assert period_pairs(who, np.concatenate((moments, short)), 2, level=0.005).eligible == 0


@pytest.mark.parametrize("days", ["workdays", "weekly", "every day", "some days"])
def test_whoever_posts_at_an_hour_of_their_own_on_certain_days_shares_no_period(days: str) -> None:
    """Forty people who post at a set hour: the rhythm of workdays has lines at every seventh of a day's."""
    rng = np.random.default_rng(9)
    who: list[int] = []
    at: list[int] = []
    chosen = {"workdays": range(5), "weekly": range(1), "every day": range(7), "some days": range(0, 7, 3)}[days]
    for account in range(40):
        hour = rng.uniform(7, 20)
        for week in range(40):
            for day in chosen:
                if rng.random() < 0.9:
                    who.append(account)
                    at.append(int(((week * 7 + day) * 24 + hour) * 60 * MINUTE_US + rng.normal(0, 20) * MINUTE_US))
    pairs, eligible = _pairs(who, at, 40)

    assert eligible == 40
    assert pairs == set()
