"""What genuine accounts do: log in, follow, join and look on."""

from __future__ import annotations

from samehand.simulation.assets.operation import Operation
from samehand.simulation.assets.organic import Places
from samehand.simulation.assets.parameters import DAY_S
from samehand.simulation.assets.stage import Stage

__all__ = ["draw_audience", "draw_onlookers", "log_in_people"]


def log_in_people(stage: Stage, places: Places) -> None:
    """Log people in at home, under way, through a VPN, and in the rooms that they share."""
    rng = stage.rng
    for account, address in places.home.items():
        carrier, devices = places.carrier[account], places.devices[account]
        hidden = rng.random() < 0.06
        for _ in range(int(rng.integers(4, 15))):
            at = stage.moment(stage.assets[account].hour)
            device = devices[int(rng.integers(len(devices)))]
            if hidden and rng.random() < 0.5:
                place = (places.exits[int(rng.integers(len(places.exits)))], "as-vpn", "vpn")
            elif rng.random() < 0.45:
                pool = places.carriers[carrier]
                place = (pool[int(rng.integers(len(pool)))], f"as-mobile-{carrier}", "cgnat")
            else:
                place = (address, f"as-home-{carrier}", "residential")
            stage.logins.append((account, at, *place, device))
    for address, network, kind, shared, guests in places.rooms:
        for account in guests:
            for _ in range(int(rng.integers(1, 9))):
                own = places.devices[account]
                device = shared[int(rng.integers(len(shared)))] if shared and rng.random() < 0.5 else own[0]
                stage.logins.append((account, stage.moment(14), address, network, kind, device))


def draw_audience(stage: Stage, operation: Operation) -> None:
    """Followers of pages, members of groups and those who look on: mostly people of the community."""
    rng = stage.rng
    people = stage.of("account", "organic", "activist", "agency", "newsroom")
    near: dict[int, list[int]] = {}
    for account in people:
        near.setdefault(stage.assets[account].community, []).append(account)
    for target, asset in enumerate(stage.assets):
        if asset.kind == "account":
            continue
        if asset.role == "team" and stage.world.audience:
            continue
        own = round(asset.fans * 0.75)
        crowd = {*stage.pick(near.get(asset.community, people), own), *stage.pick(people, asset.fans - own)}
        if asset.role == "team" or (asset.role == "activist" and operation.accounts):
            crowd |= set(stage.pick(operation.accounts, int(rng.integers(0, 1 + len(operation.accounts) // 2))))
        role = "follower" if asset.kind == "page" else "member"
        for account in sorted(crowd):
            stage.relations.append((account, role, target, float(rng.uniform(-200, stage.world.days)) * DAY_S))
            if rng.random() < 0.3:
                kind = ("view", "view", "like", "comment", "share", "click")[int(rng.integers(6))]
                stage.engagements.append((account, target, kind, stage.moment(stage.assets[account].hour)))
        for account in stage.pick(people, int(rng.integers(0, 1 + asset.fans // 4))):
            stage.engagements.append((account, target, "view", stage.moment(stage.assets[account].hour)))


def draw_onlookers(stage: Stage, operation: Operation) -> None:
    """Accounts that follow or join what is the operation's and do nothing else, each one or a few of them."""
    if not stage.world.audience:
        return
    followers, joiners = stage.world.audience
    for count, targets, role in ((followers, operation.pages, "follower"), (joiners, operation.groups, "member")):
        for _ in range(count if targets else 0):
            account = stage.cast("account", "onlooker", 0)
            for target in stage.pick(targets, int(min(len(targets), stage.rng.geometric(0.7)))):
                stage.relations.append(
                    (account, role, target, float(stage.rng.uniform(-200, stage.world.days)) * DAY_S)
                )
    for target in (*operation.pages, *operation.groups):
        stage.assets[target].fans = sum(
            row[2] == target and row[1] in ("follower", "member") for row in stage.relations
        )
