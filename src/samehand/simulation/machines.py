"""Accounts that post by the clock: those of an operation, and bots that are nobody's operation."""

from __future__ import annotations

import numpy as np

from samehand.simulation.ledger import Ledger, Rows
from samehand.simulation.looks import DAY_S, Disguise
from samehand.simulation.marks import Marks
from samehand.simulation.parameters import WorldParameters
from samehand.simulation.people import Integers, People, Reals

__all__ = ["machines", "ticking"]


def ticking(
    rng: np.random.Generator, account: Integers, *, period_s: float, jitter_s: float, first_s: Reals, last_s: Reals
) -> Rows:
    """Words of their own, one period after the other from a moment to another one, each account in its own phase."""
    count = np.maximum(np.floor((last_s - first_s) / period_s), 0).astype(np.int64)
    who = np.repeat(np.arange(len(account)), count)
    beat = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    phase_s = period_s * rng.random(len(account))
    at_s = first_s[who] + phase_s[who] + beat * period_s + jitter_s * rng.standard_normal(len(who))
    return Rows.of(account[who], np.maximum(at_s, first_s[who]))


def machines(
    rng: np.random.Generator, world: WorldParameters, people: People, ledger: Ledger, marks: Marks, made_s: Reals
) -> list[Rows]:
    """What machines post: each group's by its period through its tool, and bots each by its own."""
    parts = [
        _operated(rng, world, group.look, who).through(ledger.new_tool()) for group, who in marks.bearers("automation")
    ]
    if world.population is None:
        return parts
    bots = rng.choice(people.organic, round(world.population.bots * people.organic), replace=False).astype(np.int64)
    for bot in bots:
        period_s = float(rng.choice([3_600.0, 7_200.0, 21_600.0, DAY_S, rng.uniform(1_800, 40_000)]))
        account = np.array([bot], dtype=np.int64)
        first_s = np.maximum(made_s[account], 0.0)
        # a bot for an hour a day would be nobody's bot: it runs for most of the world
        last_s = np.full(1, world.days * DAY_S * rng.uniform(0.5, 1.0))
        posts = ticking(rng, account, period_s=period_s, jitter_s=30 * rng.random(), first_s=first_s, last_s=last_s)
        parts.append(posts.through(ledger.new_tool() if rng.random() < 0.5 else -1))
    return parts


def _operated(rng: np.random.Generator, world: WorldParameters, look: Disguise, account: Integers) -> Rows:
    days = min(look.automation_days, world.days)
    first_s = np.full(len(account), DAY_S * rng.uniform(0, world.days - days))
    period = {"period_s": look.period_s, "jitter_s": look.jitter_s}
    return ticking(rng, account, **period, first_s=first_s, last_s=first_s + days * DAY_S)
