"""Genuine people: households, places, carriers, agencies, newsrooms, activists, big public pages."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from samehand.simulation.assets.stage import Stage

__all__ = ["Places", "draw_people"]


@dataclass
class Places:
    """Addresses and devices: each account's own, and those that many share.

    Attributes:
        home, carrier: each account's address at home and its carrier's addresses.
        devices: each account's devices.
        rooms: (address, network, kind of network, devices, accounts) of places where several people log in.
        carriers: addresses of each mobile carrier. exits: of public VPNs.

    """

    home: dict[int, str] = field(default_factory=dict)
    carrier: dict[int, int] = field(default_factory=dict)
    devices: dict[int, list[str]] = field(default_factory=dict)
    rooms: list[tuple[str, str, str, list[str], list[int]]] = field(default_factory=list)
    carriers: list[list[str]] = field(default_factory=list)
    exits: list[str] = field(default_factory=list)


def draw_people(stage: Stage) -> Places:
    """Put genuine people and what they run on the stage, and draw where they log in."""
    rng, world = stage.rng, stage.world
    places = Places(
        carriers=[[stage.address(100 + k) for _ in range(int(rng.integers(4, 9)))] for k in range(4)],
        exits=[stage.address(110) for _ in range(8)],
    )
    for _ in range(world.accounts):
        stage.cast("account", "organic", int(rng.integers(world.communities)))
    for _ in range(world.pages):
        _page(stage, "page", int(rng.integers(1, 5)))
    for _ in range(world.groups):
        _page(stage, "group", int(rng.integers(2, 7)))
    for _ in range(world.publics):
        _public(stage)
    for _ in range(world.agencies):
        _agency(stage, places)
    for _ in range(world.newsrooms):
        _newsroom(stage, places)
    for _ in range(world.activists):
        _activists(stage, places)
    accounts = stage.of("account")
    _households(stage, places, accounts)
    for _ in range(world.venues):
        guests = stage.pick(accounts, int(rng.integers(4, 41)))
        shared = [stage.name("dev")] if rng.random() < 0.15 else []
        places.rooms.append((stage.address(20), stage.name("as"), "residential", shared, guests))
    return places


def _page(stage: Stage, kind: str, staff: int, role: str = "organic") -> int:
    """A page or group of one community, run by people of it."""
    community = int(stage.rng.integers(stage.world.communities))
    target = stage.cast(kind, role, community)
    near = [n for n in stage.of("account", "organic") if stage.assets[n].community == community]
    stage.assets[target].fans = int(min(400, 5 + stage.rng.pareto(1.1) * 20))
    stage.run_by(target, stage.pick(near or stage.of("account", "organic"), staff))
    return target


def _public(stage: Stage) -> None:
    target = _page(stage, "page", int(stage.rng.integers(8, 21)), role="public")
    stage.assets[target].fans = int(stage.rng.integers(400, 1_000))


def _agency(stage: Stage, places: Places) -> None:
    """An office whose employees run 15 to 40 pages of all communities, most with their owner."""
    rng = stage.rng
    staff = [
        stage.cast("account", "agency", int(rng.integers(stage.world.communities)))
        for _ in range(int(rng.integers(4, 9)))
    ]
    shared = [stage.name("dev") for _ in range(int(rng.integers(1, 4)))]
    places.rooms.append((stage.address(30), stage.name("as"), "hosting", shared, staff))
    people = stage.of("account", "organic")
    for _ in range(int(rng.integers(15, 41))):
        client = _page(stage, "page", 0, role="agency")
        owners = stage.pick(people, 1) if rng.random() < 0.6 else []
        stage.run_by(client, stage.pick(staff, int(rng.integers(1, 4))) + owners)


def _newsroom(stage: Stage, places: Places) -> None:
    rng, community = stage.rng, int(stage.rng.integers(stage.world.communities))
    staff = [stage.cast("account", "newsroom", community) for _ in range(int(rng.integers(8, 15)))]
    places.rooms.append((stage.address(40), stage.name("as"), "hosting", [stage.name("dev")], staff))
    for _ in range(int(rng.integers(3, 7))):
        page = stage.cast("page", "newsroom", community)
        stage.assets[page].fans = int(rng.integers(100, 400))
        stage.run_by(page, stage.pick(staff, int(rng.integers(3, 6))))


def _activists(stage: Stage, places: Places) -> None:
    """A movement of community 0, the operation's own cause: a group, two pages, an office, many who join."""
    rng = stage.rng
    core = [stage.cast("account", "activist", 0) for _ in range(int(rng.integers(12, 41)))]
    lead = core[: int(rng.integers(4, 9))]
    shared = [stage.name("dev")] if rng.random() < 0.5 else []
    places.rooms.append((stage.address(50), stage.name("as"), "residential", shared, lead))
    for kind in ("group", "page", "page")[: int(rng.integers(1, 4))]:
        target = stage.cast(kind, "activist", 0)
        stage.assets[target].fans = int(rng.integers(100, 400))
        stage.run_by(target, stage.pick(lead, int(rng.integers(2, len(lead) + 1))))


def _households(stage: Stage, places: Places, accounts: list[int]) -> None:
    rng = stage.rng
    order = rng.permutation(np.array(accounts)).tolist()
    while order:
        size = int(rng.choice([1, 2, 3, 4, 5], p=[0.35, 0.3, 0.15, 0.13, 0.07]))
        family, order = order[:size], order[size:]
        address, carrier = stage.address(int(rng.integers(200, 256))), int(rng.integers(len(places.carriers)))
        tablet = [stage.name("dev")] if size > 1 and rng.random() < 0.3 else []
        for account in family:
            places.home[account] = address
            places.carrier[account] = carrier
            places.devices[account] = [stage.name("dev") for _ in range(int(rng.integers(1, 3)))] + tablet
