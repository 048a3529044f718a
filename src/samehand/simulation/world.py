"""Throw the dice: from parameters and a seed to a world whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from samehand.simulation import crowds, organic, teams
from samehand.simulation.ledger import Ledger
from samehand.simulation.organic import PHRASES, Stage
from samehand.simulation.parameters import WorldParameters
from samehand.simulation.people import SCRIPTS, Integers, People, draw_people
from samehand.simulation.tables import assets_table, name_all, posts_table, settled, truth_table
from samehand.simulation.things import Things, draw_things

__all__ = ["World", "draw_world"]


@dataclass(frozen=True)
class World:
    """A drawn world.

    Attributes:
        parameters, seed: what it was drawn from.
        posts, assets: tables of the declared schemas; posts in order of time.
        truth: platform, asset_id, role (organic, fan, newsroom, protest, mirror, team), team (null but for teams).

    """

    parameters: WorldParameters
    seed: int
    posts: pa.Table
    assets: pa.Table
    truth: pa.Table


@dataclass(frozen=True)
class Cast:
    """The accounts of each group, in the order in which the parameters name the groups."""

    fans: list[Integers]
    newsrooms: list[Integers]
    mirrors: tuple[Integers, Integers]
    teams: list[Integers]


def draw_world(parameters: WorldParameters, seed: int) -> World:
    """Draw a world; the same parameters and seed give the same tables.

    All randomness comes from one generator seeded by `seed`. What organic accounts do is drawn before anything that
    is planted, so two worlds that differ only in their teams' style share their organic base's distribution, not its
    rows.
    """
    rng = np.random.default_rng(seed)
    people, cast = _cast(rng, parameters)
    things = draw_things(rng, parameters, people)
    adored: list[Integers] = []
    for plan, accounts in zip(parameters.fans, cast.fans, strict=True):
        things, posts = crowds.adored(rng, parameters, people, things, plan, accounts)
        adored.append(posts)
    stage = Stage(rng, parameters, people, things, _opened(parameters, things))
    _everyday(stage)
    _groups(stage, cast, adored)
    rows = settled(stage.ledger, parameters)
    names = name_all(rng, people)
    posts_of_world = posts_table(rng, parameters, rows, stage.ledger, people, names)
    assets = assets_table(rng, parameters, people, names)
    return World(parameters, seed, posts_of_world, assets, truth_table(parameters, people, names))


def _cast(rng: np.random.Generator, world: WorldParameters) -> tuple[People, Cast]:
    """Draw the accounts of all groups, those of each group side by side."""
    mirrors = rng.integers(2, 6, world.mirrors.groups if world.mirrors else 0)
    groups: list[tuple[str, str, int, int | None]] = [("fan", "", plan.size, None) for plan in world.fans]
    groups += [("newsroom", "", plan.size, None) for plan in world.newsrooms]
    groups += [("mirror", "", int(size), None) for size in mirrors]
    groups += [
        ("team", f"team-{number + 1}", plan.size, SCRIPTS.index(plan.script) if plan.script != "latin" else None)
        for number, plan in enumerate(world.teams)
    ]
    people = draw_people(rng, world, groups)
    ends = world.accounts + np.cumsum([0, *(size for _, _, size, _ in groups)])
    blocks = [np.arange(low, high, dtype=np.int64) for low, high in pairwise(ends)]
    cut = np.cumsum([0, len(world.fans), len(world.newsrooms), len(mirrors), len(world.teams)])
    parts = [blocks[low:high] for low, high in pairwise(cut)]
    mirrored = np.concatenate([np.empty(0, dtype=np.int64), *parts[2]])
    return people, Cast(parts[0], parts[1], (mirrored, np.repeat(np.arange(len(mirrors)), mirrors)), parts[3])


def _opened(world: WorldParameters, things: Things) -> Ledger:
    """A ledger in which the world's own objects bear the first numbers."""
    ledger = Ledger()
    ledger.new_sources(things.owner, things.post_born_s)
    ledger.new_urls(len(things.urls))
    ledger.new_tags(len(things.hashtags))
    ledger.new_texts(PHRASES, SCRIPTS.index(world.scripts[0][0]))
    return ledger


def _everyday(stage: Stage) -> None:
    """What organic accounts do: exactly as many activities of each kind as the parameters say."""
    world, rng, ledger = stage.world, stage.rng, stage.ledger
    shared = round(world.activities * world.repost_share)
    linked = round(world.activities * world.url_share)
    rest = max(world.activities - shared - linked - world.posts, 0)
    together = round(shared * world.sessions.share) if world.sessions else 0
    ledger.add(organic.written(stage))
    ledger.add(organic.reposts(stage, stage.people.pick(rng, shared - together)))
    ledger.add(organic.links(stage, stage.people.pick(rng, linked)))
    ledger.add(organic.plain(stage, stage.people.pick(rng, rest)))
    if world.sessions:
        ledger.add(organic.sessions(stage, world.sessions, together))


def _groups(stage: Stage, cast: Cast, adored: list[Integers]) -> None:
    world, ledger = stage.world, stage.ledger
    for fans, accounts, posts in zip(world.fans, cast.fans, adored, strict=True):
        ledger.add(crowds.fans(stage, fans, accounts, posts))
        ledger.add(teams.camouflage(stage, accounts, fans.activities))
    for newsroom, accounts in zip(world.newsrooms, cast.newsrooms, strict=True):
        ledger.add(crowds.newsroom(stage, newsroom, accounts))
    if world.mirrors:
        ledger.add(crowds.mirrors(stage, world.mirrors, *cast.mirrors))
    for protest in world.protests:
        rows, crowd = crowds.protest(stage, protest)
        ledger.add(rows)
        stage.people.role[crowd] = "protest"
    for team, accounts in zip(world.teams, cast.teams, strict=True):
        ledger.add(teams.team(stage, team, accounts))
        ledger.add(teams.camouflage(stage, accounts, round(team.camouflage * team.objects * team.participation)))
