"""The lives of accounts around what they do together: births, pasts, talk, machines, apps, looks, log-ins, ties.

All of it is drawn from a generator of its own, so that a world without a population stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from samehand.simulation import births, clients
from samehand.simulation.columns import strings
from samehand.simulation.infrastructure import Logins, logins
from samehand.simulation.ledger import Rows
from samehand.simulation.looks import Population
from samehand.simulation.machines import machines
from samehand.simulation.marks import Group, Marks, dealt
from samehand.simulation.organic import Stage
from samehand.simulation.pasts import Change, pasts
from samehand.simulation.people import Integers
from samehand.simulation.profiles import Profiles, profiles
from samehand.simulation.tables import Names, settled
from samehand.simulation.talk import conversations
from samehand.simulation.ties import Ties, ties

__all__ = ["Lives", "lived"]


@dataclass(frozen=True)
class Lives:
    """What a population adds: all rows of the world, names, looks, log-ins, ties, and what was otherwise before."""

    rows: Rows
    names: Names
    profiles: Profiles
    logins: Logins
    ties: Ties
    changes: list[Change]


def lived(stage: Stage, population: Population, names: Names, groups: tuple[Group, ...]) -> Lives:
    """Give a world's accounts their lives.

    Args:
        stage: the world when all groups have acted, with the generator of lives.
        population: what ordinary accounts look like.
        names: ids of the accounts; their handles are replaced where the population names them.
        groups: those that bear looks.

    """
    rng, world, people, ledger = stage.rng, stage.world, stage.people, stage.ledger
    marks = dealt(rng, len(people), groups)
    made_s = births.known_since(rng, ledger, births.made(rng, world, population, people, marks))
    before = pasts(rng, population, people, marks, made_s, world.days)
    made_s = before.there_s
    talks = ~marks.borne["aloof"] & ~np.isin(people.role, ("newsroom", "mirror"))
    told = conversations(stage, population.conversations, talks, made_s)
    for rows in (*before.rows, *told, *machines(rng, world, people, ledger, marks, made_s)):
        ledger.add(rows)
    posts = births.within_lives(settled(ledger, world), made_s)
    posts = clients.with_clients(rng, population, people, marks, _tools(stage, marks), posts)
    posts = clients.with_deletions(rng, population, marks, posts)
    posted = np.bincount(posts.account, minlength=len(people)).astype(np.int64)
    looks = profiles(rng, population, people, marks, made_s, posted, len(ledger.sites), names.handle.to_pylist())
    apps = clients.client_names(rng, ledger.tools, list(looks.words.latin))
    return Lives(
        rows=posts,
        names=replace(names, handle=strings(looks.handle), clients=apps, sites=looks.sites),
        profiles=looks,
        logins=logins(rng, world, population, marks, made_s),
        ties=ties(rng, world, people, stage.things, marks, made_s),
        changes=before.changes,
    )


def _tools(stage: Stage, marks: Marks) -> Integers:
    """The client that each account's group has for its own; -1 for none."""
    tools = np.full(len(stage.people), -1, dtype=np.int64)
    for _, accounts in marks.bearers("one_client"):
        tools[accounts] = stage.ledger.new_tool()
    return tools
