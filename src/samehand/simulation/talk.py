"""Friends who answer each other."""

from __future__ import annotations

import numpy as np

from samehand.simulation.clocks import lognormal, moments
from samehand.simulation.ledger import REPLY, Rows
from samehand.simulation.marks import Flags
from samehand.simulation.organic import Stage
from samehand.simulation.people import Integers, Reals

__all__ = ["conversations"]

FRIENDS = 4
LONGEST = 8
"""Posts in one conversation at most."""


def conversations(stage: Stage, each: float, talks: Flags, made_s: Reals) -> list[Rows]:
    """Conversations of two friends: one says something, the other answers, and so on, 3.2 posts on average.

    Args:
        stage: its `rng` draws all of this.
        each: conversations for each account that talks.
        talks: which accounts take part.
        made_s: when each account was made; nobody talks before.

    Returns:
        The rows, turn by turn.

    """
    rng, people = stage.rng, stage.people
    crowd = np.flatnonzero(talks)
    count = round(each * len(crowd))
    if len(crowd) < 2 or not count:
        return []
    order = crowd[np.lexsort((rng.random(len(crowd)), people.community[crowd]))]
    weight = np.cumsum(np.minimum(people.weight[order], 20.0))
    first = np.searchsorted(weight, rng.random(count) * weight[-1]).clip(0, len(order) - 1)
    # neighbours in an order by community are friends, mostly of one community
    step = rng.integers(1, FRIENDS // 2 + 1, count) * rng.choice([-1, 1], count)
    pair = np.stack([order[first], order[(first + step) % len(order)]])
    at_s = np.maximum(moments(rng, stage.world, people, pair[0]), made_s[pair].max(axis=0) + 60)
    turns = np.minimum(2 + rng.geometric(0.45, count) - 1, LONGEST)
    return _turns(stage, pair, at_s, turns)


def _turns(stage: Stage, pair: Integers, at_s: Reals, turns: Integers) -> list[Rows]:
    parts: list[Rows] = []
    last = np.empty(0, dtype=np.int64)
    for turn in range(LONGEST):
        going = np.flatnonzero(turns > turn)
        if not len(going):
            break
        kept = np.searchsorted(np.flatnonzero(turns > turn - 1), going)
        speaker, other = pair[turn % 2, going], pair[1 - turn % 2, going]
        at_s = at_s.copy()
        at_s[going] += lognormal(stage.rng, len(going), median_s=900.0, sigma=1.3) if turn else 0.0
        source = stage.ledger.new_sources(speaker, at_s[going])
        said = Rows.of(speaker, at_s[going], source=source)
        if turn:
            said = Rows.of(speaker, at_s[going], REPLY, source=source, target=last[kept]).with_mentions(other)
        parts.append(said)
        last = source
    return parts
