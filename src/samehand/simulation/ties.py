"""Who follows and administers whom, and what the world's events were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.looks import DAY_S
from samehand.simulation.marks import Group, Marks
from samehand.simulation.parameters import WorldParameters
from samehand.simulation.people import Integers, People, Reals
from samehand.simulation.things import Things

__all__ = ["Ties", "ties"]

FOLLOWED = 5.0
"""Of the world's authors, draws of an account on average; some hit the same author twice, so 3 or so remain."""

FRIENDS, MUTUAL = 1.5, 0.6
"""Friends that an account follows first, on average, and the share of them who follow back."""


@dataclass(frozen=True)
class Ties:
    """One entry a relation: account has the role (follower, member, admin) towards target since (seconds of the world)."""

    account: Integers
    role: list[str]
    target: Integers
    since_s: Reals


def ties(
    rng: np.random.Generator, world: WorldParameters, people: People, things: Things, marks: Marks, made_s: Reals
) -> Ties:
    """Everybody follows some authors, popular ones more, and some friends; groups the account that they are about."""
    count = np.minimum(rng.poisson(FOLLOWED * np.minimum(people.weight, 10) / 2.5), len(np.unique(things.owner)))
    account = np.repeat(np.arange(len(people)), count)
    target = things.owner[things.posts.pick(rng, people.community[account], world.homophily)]
    since_s = _since(rng, world, made_s, account)
    parts = [(account, "follower", target, since_s)]
    for group, accounts in marks.bearers("followership"):
        if group.about >= 0:
            at_s = _since(rng, world, made_s, accounts)
            parts.append((accounts, group.tie, np.full(len(accounts), group.about), at_s))
    parts += _befriended(rng, world, people, marks, made_s)
    parts += [_administered(rng, world, people, group, made_s) for group in marks.groups if group.admins]
    account = np.concatenate([part[0] for part in parts])
    target = np.concatenate([part[2] for part in parts])
    role = np.repeat([part[1] for part in parts], [len(part[0]) for part in parts])
    kind = np.unique(role, return_inverse=True)[1]
    key = np.unique((account * len(people) + target) * 3 + kind, return_index=True)[1]
    key = key[account[key] != target[key]]
    since = np.concatenate([part[3] for part in parts])[key]
    return Ties(account[key], role[key].tolist(), target[key], since)


def _befriended(
    rng: np.random.Generator, world: WorldParameters, people: People, marks: Marks, made_s: Reals
) -> list[tuple[Integers, str, Integers, Reals]]:
    """Friends of one community, most of whom follow back; nobody follows those who have few followers."""
    order = np.lexsort((rng.random(len(people)), people.community))
    one = np.repeat(np.arange(len(order)), rng.poisson(FRIENDS, len(order)))
    other = (one + rng.integers(1, 12, len(one))) % len(order)
    back = rng.random(len(one)) < MUTUAL
    account = np.concatenate([order[one], order[other[back]]])
    target = np.concatenate([order[other], order[one[back]]])
    seen = ~marks.borne["follower_asymmetry"][target]
    account, target = account[seen], target[seen]
    since_s = np.maximum(_since(rng, world, made_s, account), made_s[target])
    return [(account, "follower", target, since_s)]


def _since(rng: np.random.Generator, world: WorldParameters, made_s: Reals, account: Integers) -> Reals:
    """When an account followed: soon after it was made, most often."""
    life_s = world.days * DAY_S - made_s[account]
    at_s: Reals = made_s[account] + life_s * rng.beta(0.7, 1.6, len(account))
    return at_s


def _administered(
    rng: np.random.Generator, world: WorldParameters, people: People, group: Group, made_s: Reals
) -> tuple[Integers, str, Integers, Reals]:
    """Each page by all of a few organic accounts."""
    admins = rng.choice(people.organic, min(group.admins, people.organic), replace=False).astype(np.int64)
    account, target = (part.ravel() for part in np.meshgrid(admins, group.accounts, indexing="ij"))
    since_s = np.minimum(
        np.maximum(made_s[account], made_s[target]) + DAY_S * rng.random(len(account)), world.days * DAY_S
    )
    return account, "admin", target, since_s
