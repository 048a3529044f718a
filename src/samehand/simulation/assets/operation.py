"""The operation: its accounts, the pages and groups that they run, and the mistakes that tie them."""

from __future__ import annotations

from dataclasses import dataclass, field

from samehand.simulation.assets.organic import Places
from samehand.simulation.assets.parameters import DAY_S
from samehand.simulation.assets.stage import Stage

__all__ = ["Operation", "draw_operation", "log_in_operation"]


@dataclass
class Operation:
    """What the operation has.

    Attributes:
        accounts, pages, groups: its assets. operators: the accounts of each person.
        devices: of each person. rented: addresses that it rents, each with its network. rooms: each person's addresses.
        media, sites, texts: of its own making.

    """

    accounts: list[int] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    operators: list[list[int]] = field(default_factory=list)
    devices: list[list[str]] = field(default_factory=list)
    rented: list[tuple[str, str]] = field(default_factory=list)
    rooms: list[list[int]] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)

    @property
    def assets(self) -> list[int]:
        """All of it."""
        return [*self.accounts, *self.pages, *self.groups]


def draw_operation(stage: Stage) -> Operation:
    """Put the operation on the stage; it works the cause of community 0."""
    rng, world = stage.rng, stage.world
    found = Operation()
    if not world.size:
        return found
    pages, groups = round(world.size * world.page_share), round(world.size * world.group_share)
    count = max(2, world.size - pages - groups)
    found.accounts = [stage.cast("account", "team", 0) for _ in range(count)]
    at = 0
    while at < count:
        size = max(1, int(rng.poisson(world.operators)))
        found.operators.append(found.accounts[at : at + size])
        at += size
    hosts = max(1, round(len(found.operators) / 2))
    network = [stage.name("as") for _ in range(max(1, hosts // 3))]
    found.rented = [(stage.address(60), network[k % len(network)]) for k in range(hosts)]
    for _ in found.operators:
        found.devices.append([stage.name("dev") for _ in range(int(rng.integers(1, 4)))])
        found.rooms.append(stage.pick(range(hosts), int(rng.integers(1, 4))))
    found.media = [stage.name("m") for _ in range(max(4, world.size // 3))]
    found.sites = [stage.name("site") + ".example" for _ in range(max(1, world.size // 60))]
    _run_pages(stage, found, pages, groups)
    _entangle(stage, found)
    return found


def _run_pages(stage: Stage, found: Operation, pages: int, groups: int) -> None:
    """Each page is run by an account of one person, where they are careless by others' too."""
    rng, mistakes = stage.rng, stage.world.mistakes
    managers = stage.pick(found.accounts, max(2, len(found.accounts) // 2))
    for kind, count, out in (("page", pages, found.pages), ("group", groups, found.groups)):
        for _ in range(count):
            target = stage.cast(kind, "team", 0)
            stage.assets[target].fans = int(min(600, 10 + rng.pareto(1.0) * 30))
            staff = stage.pick(managers, 1)
            if rng.random() < mistakes.cross_admin:
                staff += stage.pick(managers, int(rng.integers(1, 4)))
            stage.run_by(target, staff)
            out.append(target)


def _entangle(stage: Stage, found: Operation) -> None:
    """What ties it to genuine people: an account that helps to run theirs, an employee who helps to run its."""
    if stage.world.infiltrates:
        for role in ("activist", "public"):
            targets = stage.of("group", role) or stage.of("page", role)
            for target in stage.pick(targets, 1):
                stage.run_by(target, stage.pick(found.accounts, 1), role="moderator")
    if stage.world.contracts and found.pages:
        stage.run_by(stage.pick(found.pages, 1)[0], stage.pick(stage.of("account", "agency"), 1))


def log_in_operation(stage: Stage, found: Operation, places: Places) -> None:
    """Log its accounts in: on devices and addresses of their own, but for the mistakes."""
    rng, mistakes, days = stage.rng, stage.world.mistakes, stage.world.days
    for accounts, devices, rooms in zip(found.operators, found.devices, found.rooms, strict=True):
        at_home = rng.random() < mistakes.home
        home = places.home[stage.pick(sorted(places.home), 1)[0]]
        for number, account in enumerate(accounts):
            own = [stage.name("dev") for _ in range(int(rng.integers(1, 3)))]
            reuses, rents = rng.random() < mistakes.device, rng.random() < mistakes.address
            for _ in range(int(rng.integers(10, 31))):
                at = float(rng.uniform(0, days)) * DAY_S
                device = devices[int(rng.integers(len(devices)))] if reuses and rng.random() < 0.5 else own[0]
                if rents and rng.random() < 0.6:
                    address, network = found.rented[rooms[int(rng.integers(len(rooms)))]]
                    kind = "hosting"
                elif rng.random() < 0.3:
                    address, network, kind = places.exits[int(rng.integers(len(places.exits)))], "as-vpn", "vpn"
                elif rng.random() < 0.4:
                    carrier = int(rng.integers(len(places.carriers)))
                    pool = places.carriers[carrier]
                    address, network, kind = pool[int(rng.integers(len(pool)))], f"as-mobile-{carrier}", "cgnat"
                else:
                    address, network, kind = stage.address(int(rng.integers(200, 256))), "as-home-0", "residential"
                stage.logins.append((account, at, address, network, kind, device))
            if at_home and number == 0:
                stage.logins.append(
                    (account, float(rng.uniform(0, days)) * DAY_S, home, "as-home-0", "residential", devices[0])
                )
