"""When accounts were made: growth, weeks, days on which many came, and the bursts of groups."""

from __future__ import annotations

import numpy as np

from samehand.simulation.ledger import Ledger, Rows
from samehand.simulation.looks import DAY_S, Population
from samehand.simulation.marks import Marks
from samehand.simulation.parameters import WorldParameters
from samehand.simulation.people import People, Reals

__all__ = ["known_since", "made", "within_lives"]


def made(
    rng: np.random.Generator, world: WorldParameters, population: Population, people: People, marks: Marks
) -> Reals:
    """When each account was made, in seconds since the world's start (mostly below 0).

    Half are years old, a third months, the rest weeks; fewer are made at weekends, most in the hours in which an
    account is awake. Members of teams are there when the world starts.
    """
    count = len(people)
    kind = rng.random(count)
    age_days = np.where(kind < 0.55, rng.exponential(1_000, count), rng.exponential(280, count))
    age_days = np.where(kind > 0.9, rng.uniform(0, 90, count), age_days)
    for _ in range(population.surges):
        came = rng.choice(count, round(count * rng.uniform(0.01, 0.03)), replace=False)
        age_days[came] = rng.uniform(20, 900) + rng.random(len(came))
    for group in marks.groups:
        age_days[group.accounts] *= group.look.age_factor
    new = (rng.random(count) < population.newcomers) & (people.role != "team")
    age_days[new] = -0.9 * world.days * rng.random(int(new.sum()))
    at_s = _in_hours(rng, people, _fewer_at_weekends(rng, world, -age_days * DAY_S))
    at_s[people.role == "team"] = np.minimum(at_s[people.role == "team"], -1.0)
    for group, account in marks.bearers("burst"):
        ago_days = group.look.burst_age_days + group.look.burst_days * rng.random(len(account))
        at_s[account] = -ago_days * DAY_S
    return at_s


def _fewer_at_weekends(rng: np.random.Generator, world: WorldParameters, at_s: Reals) -> Reals:
    weekday = (np.floor((world.start.timestamp() + at_s) / DAY_S) + 3) % 7
    moves = (weekday >= 5) & (rng.random(len(at_s)) < 0.3)
    return at_s - np.where(moves, DAY_S * rng.integers(2, 4, len(at_s)), 0.0)


def _in_hours(rng: np.random.Generator, people: People, at_s: Reals) -> Reals:
    hour = (people.peak - people.zone + rng.normal(0, 4, len(at_s))) % 24
    moved: Reals = np.floor(at_s / DAY_S) * DAY_S + hour * 3_600
    return moved


def known_since(rng: np.random.Generator, ledger: Ledger, at_s: Reals) -> Reals:
    """When accounts were made, none after it wrote what others repost or answer."""
    owner, born_s = np.concatenate(ledger.owner), np.concatenate(ledger.born_s)
    first_s = np.full(len(at_s), np.inf)
    np.minimum.at(first_s, owner, born_s)
    return np.where(first_s < at_s, first_s - DAY_S * rng.exponential(20, len(at_s)), at_s)


def within_lives(rows: Rows, made_s: Reals) -> Rows:
    """The rows that an account posted after it was made."""
    return rows.take(rows.at_s >= made_s[rows.account])
