"""Accounts: who is in the world, what each likes, when each is awake, how fast each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samehand.simulation.parameters import WorldParameters

__all__ = ["SCRIPTS", "Integers", "People", "Reals", "draw_people"]

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

SCRIPTS = ("latin", "han", "arabic")


@dataclass(frozen=True)
class People:
    """All accounts of a world, one entry each; the organic ones come first.

    Attributes:
        role: one of organic, fan, newsroom, protest, mirror, team; team: its name, or the empty string.
        community: number of its interest community. script: index into SCRIPTS.
        weight: of activity. pace: factor on its delays. zone: hours ahead of UTC.
        peak: local hour of most activity. weekend: activity on Saturday and Sunday, against 1 on working days.
        organic: how many of the accounts are organic.

    """

    role: npt.NDArray[np.str_]
    team: npt.NDArray[np.str_]
    community: Integers
    script: Integers
    weight: Reals
    pace: Reals
    zone: Reals
    peak: Reals
    weekend: Reals
    organic: int

    def __len__(self) -> int:
        return len(self.community)

    def pick(self, rng: np.random.Generator, count: int) -> Integers:
        """Draw organic accounts by their weight of activity, with replacement."""
        total = np.cumsum(self.weight[: self.organic])
        found: Integers = np.searchsorted(total, rng.random(count) * total[-1], side="right").astype(np.int64)
        return found


def draw_people(
    rng: np.random.Generator, world: WorldParameters, groups: Sequence[tuple[str, str, int, int | None]]
) -> People:
    """Draw the organic accounts, and after them those of each group.

    Args:
        rng: the world's randomness.
        world: its parameters.
        groups: role, team name, number of accounts and script (None: that of the community). The accounts of a
            group belong to one community.

    """
    sizes = [size for _, _, size, _ in groups]
    total = world.accounts + sum(sizes)
    place = np.repeat(np.arange(len(groups)), sizes)
    share = np.arange(1, world.communities + 1) ** -0.5
    community = rng.choice(world.communities, size=world.accounts, p=share / share.sum())
    home = rng.integers(0, world.communities, len(groups))
    community = np.concatenate([community, home[place]]).astype(np.int64)
    zones = np.asarray(world.zones)
    own = rng.random(total) < (0.3 if world.communities > 1 else 1.0)
    zone = np.where(own, rng.choice(zones, total), rng.choice(zones, world.communities)[community])
    script = _scripts(rng, world, community)
    for group, (_, _, _, wanted) in enumerate(groups):
        if wanted is not None:
            script[world.accounts :][place == group] = wanted
    return People(
        role=np.concatenate([np.full(world.accounts, "organic"), np.array([g[0] for g in groups], "U16")[place]]),
        team=np.concatenate([np.full(world.accounts, ""), np.array([g[1] for g in groups], "U32")[place]]),
        community=community,
        script=script,
        weight=rng.pareto(world.pareto, total) + 1,
        pace=np.exp(world.pace_sigma * rng.standard_normal(total)),
        zone=zone,
        peak=rng.normal(17.0, 3.0, total) % 24,
        weekend=rng.uniform(0.4, 1.0, total),
        organic=world.accounts,
    )


def _scripts(rng: np.random.Generator, world: WorldParameters, community: Integers) -> Integers:
    chance = np.array([share for _, share in world.scripts])
    codes = np.array([SCRIPTS.index(script) for script, _ in world.scripts])
    if world.communities == 1:
        return rng.choice(codes, len(community), p=chance / chance.sum()).astype(np.int64)
    # communities in a random order take the scripts in turn until each has its share
    filled = np.searchsorted(np.cumsum(chance / chance.sum()), (np.arange(world.communities) + 0.5) / world.communities)
    written: Integers = codes[rng.permutation(filled)][community].astype(np.int64)
    return written
