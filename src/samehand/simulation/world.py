"""Throw the dice: from parameters and a seed to a world whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from samehand.records import empty_table
from samehand.simulation import crowds, movements, organic, teams
from samehand.simulation.accounts import events_table, history_table, logins_table, profiles_table, relations_table
from samehand.simulation.ledger import Ledger
from samehand.simulation.lives import Lives, lived
from samehand.simulation.marks import Group
from samehand.simulation.organic import PHRASES, Stage
from samehand.simulation.parameters import WorldParameters
from samehand.simulation.people import SCRIPTS, Integers, People, draw_people
from samehand.simulation.tables import assets_table, name_all, posts_table, settled, truth_table
from samehand.simulation.things import Things, draw_things
from samehand.simulation.withholding import without

__all__ = ["World", "draw_world"]


_LIVES = 2
"""Beside the seed: the generator of what a population adds."""

Cast: TypeAlias = dict[str, list[Integers]]
"""The accounts of each group by role, in the order in which the parameters name the groups."""


@dataclass(frozen=True)
class World:
    """A drawn world.

    Attributes:
        parameters, seed: what it was drawn from.
        posts, assets: tables of the declared schemas; posts in order of time.
        truth: platform, asset_id, role (organic, fan, newsroom, protest, mirror, patriot, follower, campaigner,
            volunteer, team), team (null but for teams).
        asset_history, relations, logins, events: tables of the declared schemas, empty where there is no population.

    """

    parameters: WorldParameters
    seed: int
    posts: pa.Table
    assets: pa.Table
    truth: pa.Table
    asset_history: pa.Table
    relations: pa.Table
    logins: pa.Table
    events: pa.Table


@dataclass(frozen=True)
class _Scene:
    """What came of the groups: those that bear looks, and who went to each protest."""

    groups: tuple[Group, ...]
    crowds: tuple[Integers, ...]


def draw_world(parameters: WorldParameters, seed: int) -> World:
    """Draw a world; the same parameters and seed give the same tables.

    All that accounts do comes from one generator seeded by `seed`; what a population adds comes from a second one. What
    organic accounts do is drawn before anything that is planted, so two worlds that differ only in their teams' style
    share their organic base's distribution, not its rows.
    """
    rng, aside = np.random.default_rng(seed), np.random.default_rng([seed, _LIVES])
    people, cast = _cast(rng, parameters)
    things = draw_things(rng, parameters, people)
    adored: list[Integers] = []
    for plan, accounts in zip(parameters.fans, cast["fan"], strict=True):
        things, posts = crowds.adored(rng, parameters, people, things, plan, accounts)
        adored.append(posts)
    stage = Stage(rng, parameters, people, things, _opened(parameters, things))
    _everyday(stage)
    scene = _groups(stage, cast, adored)
    population = parameters.population
    if population is not None:
        names = name_all(rng, people)
        lives = lived(replace(stage, rng=aside), population, names, scene.groups)
        tables = _peopled(rng, aside, stage, lives, scene)
    else:
        rows = settled(stage.ledger, parameters)
        names = name_all(rng, people)
        tables = {name: empty_table(name) for name in ("asset_history", "relations", "logins", "events")}
        tables["posts"] = posts_table(rng, parameters, rows, stage.ledger, people, names, aside)
        tables["assets"] = assets_table(rng, parameters, people, names)
    truth = truth_table(parameters, people, names)
    return World(parameters, seed, truth=truth, **without(tables, parameters.withheld))


def _peopled(
    rng: np.random.Generator, aside: np.random.Generator, stage: Stage, lives: Lives, scene: _Scene
) -> dict[str, pa.Table]:
    """All tables of a world that has a population."""
    world, people, names = stage.world, stage.people, lives.names
    protests = list(zip(world.protests, scene.crowds, strict=True))
    return {
        "posts": posts_table(rng, world, lives.rows, stage.ledger, people, names, aside),
        "assets": profiles_table(world, people, names, lives.profiles),
        "asset_history": history_table(aside, world, people, names, lives.profiles, lives.changes),
        "relations": relations_table(world, names, lives.ties),
        "logins": logins_table(world, names, lives.logins),
        "events": events_table(aside, world, names, lives.profiles.words, protests),
    }


def _cast(rng: np.random.Generator, world: WorldParameters) -> tuple[People, Cast]:
    """Draw the accounts of all groups, those of each group side by side."""
    mirrors = rng.integers(2, 6, world.mirrors.groups if world.mirrors else 0)
    sizes: dict[str, list[int]] = {
        "fan": [plan.size for plan in world.fans],
        "newsroom": [plan.size for plan in world.newsrooms],
        "mirror": mirrors.tolist(),
        "patriot": [plan.size for plan in world.patriots],
        "follower": [plan.size for plan in world.rallies],
        "campaigner": [plan.size for plan in world.campaigns],
        "volunteer": [plan.size for plan in world.volunteers],
    }
    groups: list[tuple[str, str, int, int | None]] = [
        (role, "", size, None) for role, several in sizes.items() for size in several
    ]
    groups += [
        ("team", f"team-{number + 1}", plan.size, SCRIPTS.index(plan.script) if plan.script != "latin" else None)
        for number, plan in enumerate(world.teams)
    ]
    people = draw_people(rng, world, groups)
    ends = world.accounts + np.cumsum([0, *(size for _, _, size, _ in groups)])
    blocks = [np.arange(low, high, dtype=np.int64) for low, high in pairwise(ends)]
    cast: Cast = {role: [] for role in (*sizes, "team")}
    for (role, *_), block in zip(groups, blocks, strict=True):
        cast[role].append(block)
    return people, cast


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


def _groups(stage: Stage, cast: Cast, adored: list[Integers]) -> _Scene:
    """Let every group act, the planted teams last."""
    world, ledger = stage.world, stage.ledger
    groups: list[Group] = []
    for fans, accounts, posts in zip(world.fans, cast["fan"], adored, strict=True):
        ledger.add(crowds.fans(stage, fans, accounts, posts))
        ledger.add(teams.camouflage(stage, accounts, fans.activities))
        groups.append(Group("fan", accounts, fans.look, about=int(stage.things.owner[posts[0]])))
    for newsroom, accounts in zip(world.newsrooms, cast["newsroom"], strict=True):
        ledger.add(crowds.newsroom(stage, newsroom, accounts))
        site = len(ledger.sites) - 1 if newsroom.look.site > 0 else -1
        groups.append(Group("newsroom", accounts, newsroom.look, site=site, admins=newsroom.admins))
    if world.mirrors:
        fed = np.concatenate([np.empty(0, dtype=np.int64), *cast["mirror"]])
        sizes = [len(accounts) for accounts in cast["mirror"]]
        ledger.add(crowds.mirrors(stage, world.mirrors, fed, np.repeat(np.arange(len(sizes)), sizes)))
    went: list[Integers] = []
    for protest in world.protests:
        rows, crowd = crowds.protest(stage, protest)
        ledger.add(rows)
        stage.people.role[crowd] = "protest"
        groups.append(Group("protest", crowd, protest.look))
        went.append(crowd)
    groups += _movements(stage, cast)
    for team, accounts in zip(world.teams, cast["team"], strict=True):
        ledger.add(teams.team(stage, team, accounts))
        ledger.add(teams.camouflage(stage, accounts, round(team.camouflage * team.objects * team.participation)))
        groups.append(Group("team", accounts, team.look))
    return _Scene(tuple(groups), tuple(went))


def _movements(stage: Stage, cast: Cast) -> list[Group]:
    """Let those act who believe the same or were asked to."""
    world, ledger = stage.world, stage.ledger
    groups: list[Group] = []
    for patriots, accounts in zip(world.patriots, cast["patriot"], strict=True):
        officials = movements.leaders(stage, accounts, patriots.officials)
        ledger.add(movements.patriots(stage, patriots, accounts, officials))
        groups.append(Group("patriot", accounts, patriots.look, about=int(officials[0])))
    for rally, accounts in zip(world.rallies, cast["follower"], strict=True):
        leader = int(movements.leaders(stage, accounts, 1)[0])
        ledger.add(movements.rally(stage, rally, accounts, leader))
        groups.append(Group("follower", accounts, rally.look, about=leader))
    for campaign, accounts in zip(world.campaigns, cast["campaigner"], strict=True):
        ledger.add(movements.campaign(stage, campaign, accounts))
        groups.append(Group("campaigner", accounts, campaign.look))
    for kit, accounts in zip(world.volunteers, cast["volunteer"], strict=True):
        ledger.add(movements.volunteers(stage, kit, accounts))
        party = int(movements.leaders(stage, accounts, 1)[0])
        groups.append(Group("volunteer", accounts, kit.look, about=party, tie="member"))
    return groups
