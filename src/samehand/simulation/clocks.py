"""Times: the delay curve of objects and the waking hours of accounts, both at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from samehand.simulation.parameters import DAY_S, HOUR_S, WorldParameters
from samehand.simulation.people import Integers, People, Reals

__all__ = ["arrivals", "awake", "lognormal", "moments"]

ROUNDS = 24
"""Redraws of a time that falls into an account's night; a floor of .14 leaves less than 3 in 100 of the worst cases."""


def awake(world: WorldParameters, people: People, account: Integers, at_s: Reals) -> Reals:
    """How active an account is at a time, against 1 in its best hour; times in seconds since the world's start."""
    if world.rhythm == 0:
        return np.ones(len(at_s))
    local_s = world.start.timestamp() + at_s + people.zone[account] * HOUR_S
    turn = 2 * np.pi * (local_s / HOUR_S - people.peak[account]) / 24
    weekday = (np.floor(local_s / DAY_S) + 3) % 7
    week = np.where(weekday >= 5, people.weekend[account], 1.0)
    return np.asarray(np.exp(world.rhythm * (np.cos(turn) - 1)) * week, dtype=np.float64)


def _thinned(
    rng: np.random.Generator,
    world: WorldParameters,
    people: People,
    account: Integers,
    draw: Callable[[Integers], Reals],
) -> Reals:
    """Redraw each time until the account is awake then; `draw` gives fresh times for rows."""
    rows = np.arange(len(account))
    at_s = draw(rows)
    for _ in range(ROUNDS):
        asleep = rng.random(len(rows)) >= awake(world, people, account[rows], at_s[rows])
        rows = rows[asleep]
        if not len(rows):
            break
        at_s[rows] = draw(rows)
    return at_s


def moments(
    rng: np.random.Generator,
    world: WorldParameters,
    people: People,
    account: Integers,
    *,
    first_day: float = 0.0,
    days: float | None = None,
) -> Reals:
    """One time an entry, at random within the days but by the account's profile; seconds since the world's start."""
    span = (world.days - first_day if days is None else days) * DAY_S
    return _thinned(rng, world, people, account, lambda rows: first_day * DAY_S + span * rng.random(len(rows)))


def lognormal(rng: np.random.Generator, count: int, *, median_s: float, sigma: float) -> Reals:
    """Delays in seconds."""
    return median_s * np.exp(sigma * rng.standard_normal(count))


def arrivals(
    rng: np.random.Generator, world: WorldParameters, people: People, account: Integers, born_s: Reals, speed: Reals
) -> Reals:
    """When each account comes to an object born at `born_s`.

    The delay is lognormal with the world's median times the object's and the account's own factors, at most the
    world's cap, given that the account is awake when it ends. Seconds since the world's start.
    """
    median_s = world.delay_median_s * speed * people.pace[account]

    def draw(rows: Integers) -> Reals:
        delay = median_s[rows] * np.exp(world.delay_sigma * rng.standard_normal(len(rows)))
        # a pile of activities exactly at the cap would look like a team
        late = delay > world.delay_cap_s
        delay[late] = world.delay_cap_s * rng.random(int(late.sum()))
        return born_s[rows] + delay

    return _thinned(rng, world, people, account, draw)
