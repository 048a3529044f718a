"""The worlds of the two axes: teams that look bad, teams that hardly do, and genuine groups that look bad too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from samehand.simulation.parameters import (
    ALL_PROFILE_DATA,
    HOUR_S,
    Campaign,
    Disguise,
    Fans,
    Mirrors,
    Newsroom,
    Patriots,
    Population,
    Protest,
    Rally,
    Script,
    Sessions,
    Style,
    Team,
    TeamTrace,
    Volunteers,
    WorldParameters,
)
from samehand.simulation.ranges import base, homophily, log_uniform

__all__ = ["TEAM_MARKS", "disguise", "grid", "grid_organic", "grid_withheld"]

TEAM_MARKS: Final = (
    "burst",
    "default_handles",
    "name_template",
    "bio_template",
    "avatar_reuse",
    "one_client",
    "shared_infrastructure",
    "repurposed",
    "follower_asymmetry",
    "deletion",
    "automation",
    "aloof",
)
"""What a planted team may bear; badges, sites and followers are for those who own to what they are."""

_SMALLEST, _LARGEST = 8, 60
_MOST_TEAMS = 6


def grid(rng: np.random.Generator) -> WorldParameters:
    """Two to six teams with three to six marks each, among all genuine groups that act together or look alike."""
    other: Script = ("han", "arabic")[int(rng.integers(0, 2))]
    foreign = float(rng.uniform(0.1, 0.4))
    accounts = int(log_uniform(rng, 6_000, 15_000))
    organic = base(
        rng,
        name="grid",
        accounts=accounts,
        activities=int(accounts * rng.uniform(6, 12)),
        scripts=(("latin", 1 - foreign), (other, foreign)),
        population=_population(rng),
        **homophily(rng),
    )
    peopled = replace(organic, **_genuine(rng, organic.days, organic.accounts))
    return replace(peopled, teams=_teams(rng, peopled, other))


def grid_organic(rng: np.random.Generator) -> WorldParameters:
    """The grid without its teams: whatever is found inauthentic there is a mistake."""
    return replace(grid(rng), name="grid-organic", teams=())


def grid_withheld(rng: np.random.Generator) -> WorldParameters:
    """The grid as a platform hands it over that gives posts only: no profiles, apps, log-ins, ties or deletions."""
    return replace(grid(rng), name="grid-withheld", withheld=(ALL_PROFILE_DATA,))


def _population(rng: np.random.Generator) -> Population:
    return Population(
        default_handles=float(rng.uniform(0.05, 0.25)),
        null_bios=float(rng.uniform(0.25, 0.6)),
        default_avatars=float(rng.uniform(0.03, 0.2)),
        popular_avatars=float(rng.uniform(0.02, 0.1)),
        newcomers=float(rng.uniform(0.02, 0.1)),
        surges=int(rng.integers(0, 5)),
        odd_clients=float(rng.uniform(0.02, 0.12)),
        conversations=float(rng.uniform(0.4, 1.5)),
        deleted=log_uniform(rng, 0.005, 0.05),
        past=float(rng.uniform(0.1, 0.35)),
        past_days=float(rng.uniform(150, 500)),
        renamed=float(rng.uniform(0.03, 0.15)),
        bots=float(rng.uniform(0.001, 0.008)),
        shared_devices=float(rng.uniform(0.01, 0.06)),
        networks=float(rng.uniform(0.08, 0.25)),
    )


def _share(rng: np.random.Generator, low: float = 0.4, high: float = 0.95) -> float:
    return float(rng.uniform(low, high))


def disguise(rng: np.random.Generator) -> Disguise:
    """Three to six marks of a team, each borne by .4 to .95 of its accounts; bought stock is aged, other fresh."""
    marks = rng.choice(TEAM_MARKS, size=int(rng.integers(3, 7)), replace=False).tolist()
    aged = "repurposed" in marks or rng.random() < 0.5
    shares: dict[str, Any] = {str(mark): _share(rng) for mark in marks}
    return Disguise(
        **shares,
        burst_days=log_uniform(rng, 1, 30),
        burst_age_days=float(rng.uniform(400, 1_200) if aged else rng.uniform(0, 45)),
        avatars=int(rng.integers(1, 7)),
        addresses=int(rng.integers(1, 6)),
        devices=int(rng.integers(1, 9)),
        gap_days=float(rng.uniform(60, 300)),
        period_s=log_uniform(rng, 1_200, 3 * HOUR_S),
        jitter_s=log_uniform(rng, 2, 120),
        automation_days=float(rng.uniform(2, 8)),
    )


def _sizes(rng: np.random.Generator, everyone: int) -> list[int]:
    """Sizes of teams that are .1 to 5 % of all accounts together, log-uniform, as far as 2 to 6 teams can be."""
    least, most = 2 * _SMALLEST, _MOST_TEAMS * _LARGEST
    wanted = round(log_uniform(rng, max(least, 0.001 * everyone), min(most, 0.05 * everyone)))
    fewest, many = max(2, -(-wanted // _LARGEST)), min(_MOST_TEAMS, wanted // _SMALLEST)
    count = int(rng.integers(fewest, many + 1))
    sizes: list[int] = []
    for left in range(count - 1, -1, -1):
        low = max(_SMALLEST, wanted - left * _LARGEST)
        high = min(_LARGEST, wanted - left * _SMALLEST)
        size = round(low + (high - low) * rng.beta(1.0, max(left, 0.01)))
        sizes.append(size)
        wanted -= size
    return sizes


def _teams(rng: np.random.Generator, world: WorldParameters, other: Script) -> tuple[Team, ...]:
    everyone = world.accounts + sum(group.size for group in world.crowds if not isinstance(group, Protest))
    scripts: tuple[Script, Script] = ("latin", other)
    return tuple(_team(rng, size, world.days, scripts[int(rng.random() < 0.4)]) for size in _sizes(rng, everyone))


def _team(rng: np.random.Generator, size: int, days: float, script: Script) -> Team:
    """A team of medium strength: bursts most often, else hours, one in six a list of edited texts."""
    style: Style = ("burst", "burst", "burst", "slow", "slow", "list")[int(rng.integers(0, 6))]
    traces: tuple[TeamTrace, ...] = ("repost", "url", "hashtag", "text")
    order = rng.permutation(len(traces))[: int(rng.integers(1, 4))]
    chosen: tuple[TeamTrace, ...] = ("text",) if style == "list" else tuple(traces[place] for place in order)
    first = float(rng.uniform(0, 0.4)) * days
    words = "text" in chosen
    return Team(
        size=size,
        objects=int(rng.integers(12, 41)),
        participation=_share(rng, 0.4, 0.9),
        window_s=log_uniform(rng, 30, HOUR_S) if style == "burst" else log_uniform(rng, HOUR_S, 8 * HOUR_S),
        trace=chosen[0],
        also=chosen[1:],
        style=style,
        camouflage=float(rng.uniform(0, 10)),
        first_day=first,
        days=float(rng.uniform(0.3, 1.0)) * (days - first),
        borrowed=float(rng.choice([0.0, rng.uniform(0.1, 0.6)])),
        session_objects=int(rng.integers(1, 5)),
        script=script,
        edits=(int(rng.integers(1, 4)) if style == "list" else int(rng.integers(0, 4))) if words else 0,
        addressed=_share(rng, 0.3, 1.0) if words and rng.random() < 0.3 else 0.0,
        look=disguise(rng),
    )


def _genuine(rng: np.random.Generator, days: float, accounts: int) -> dict[str, Any]:
    """Every group that acts together and is no operation, each with what makes it look like one."""
    day = float(rng.uniform(0.25, 0.75)) * days
    return {
        "sessions": Sessions(share=float(rng.uniform(0.1, 0.3))),
        "fans": tuple(_fans(rng) for _ in range(int(rng.integers(1, 3)))),
        "newsrooms": tuple(_newsroom(rng) for _ in range(int(rng.integers(1, 3)))),
        "protests": (_protest(rng, day, accounts),),
        "mirrors": Mirrors(groups=int(rng.integers(3, 9)), posts=int(rng.integers(8, 30))),
        "patriots": tuple(_patriots(rng) for _ in range(int(rng.integers(1, 3)))),
        "rallies": (_rally(rng, days),),
        "campaigns": (_campaign(rng),),
        "volunteers": tuple(_volunteers(rng) for _ in range(int(rng.integers(1, 3)))),
    }


def _fans(rng: np.random.Generator) -> Fans:
    look = Disguise(
        burst=_share(rng, 0.1, 0.5), burst_days=float(rng.uniform(10, 90)), burst_age_days=float(rng.uniform(20, 800)),
        avatar_reuse=_share(rng, 0.1, 0.5), avatars=int(rng.integers(1, 6)), badge=_share(rng, 0.3, 0.9),
        name_template=_share(rng, 0.0, 0.3), followership=_share(rng, 0.6, 1.0),
    )  # fmt: skip
    return Fans(size=int(rng.integers(30, 200)), posts=int(rng.integers(10, 40)), activities=5, look=look)


def _newsroom(rng: np.random.Generator) -> Newsroom:
    look = Disguise(
        burst=_share(rng, 0.5, 1.0), burst_days=7.0, burst_age_days=float(rng.uniform(30, 2_000)),
        bio_template=_share(rng, 0.5, 1.0), name_template=_share(rng, 0.4, 1.0), avatar_reuse=_share(rng, 0.5, 1.0),
        one_client=_share(rng, 0.7, 1.0), shared_infrastructure=_share(rng, 0.7, 1.0), addresses=1,
        devices=int(rng.integers(2, 7)), site=_share(rng, 0.8, 1.0), aloof=_share(rng, 0.3, 1.0),
    )  # fmt: skip
    return Newsroom(
        size=int(rng.integers(8, 41)),
        headlines=int(rng.integers(30, 120)),
        lag_s=log_uniform(rng, 5, 300),
        admins=int(rng.integers(2, 6)),
        look=look,
    )


def _protest(rng: np.random.Generator, day: float, accounts: int) -> Protest:
    """A twentieth to a third of those who protest sign up in the event's days, many under the platform's handles."""
    look = Disguise(
        burst=_share(rng, 0.05, 0.35), burst_days=float(rng.uniform(2, 5)), burst_age_days=-day - 2,
        default_handles=_share(rng, 0.1, 0.5), avatar_reuse=_share(rng, 0.0, 0.3), avatars=int(rng.integers(1, 4)),
        badge=_share(rng, 0.0, 0.4), deletion=_share(rng, 0.0, 0.1),
    )  # fmt: skip
    size = int(accounts * rng.uniform(0.05, 0.25))
    return Protest(size=size, day=day, hours=log_uniform(rng, 2, 12), look=look)


def _patriots(rng: np.random.Generator) -> Patriots:
    look = Disguise(
        age_factor=float(rng.uniform(1.0, 2.0)), badge=_share(rng, 0.2, 0.8), followership=_share(rng, 0.5, 1.0),
        avatar_reuse=_share(rng, 0.0, 0.3), avatars=int(rng.integers(1, 5)), follower_asymmetry=_share(rng, 0.0, 0.3),
    )  # fmt: skip
    return Patriots(
        size=int(rng.integers(40, 400)),
        officials=int(rng.integers(1, 6)),
        posts=int(rng.integers(15, 80)),
        participation=_share(rng, 0.05, 0.35),
        delay_median_s=log_uniform(rng, 300, 3 * HOUR_S),
        delay_sigma=float(rng.uniform(1.1, 1.8)),
        activities=float(rng.uniform(5, 20)),
        look=look,
    )


def _rally(rng: np.random.Generator, days: float) -> Rally:
    day = float(rng.uniform(0.2, 0.8)) * days
    look = Disguise(
        burst=_share(rng, 0.05, 0.3), burst_days=30.0, burst_age_days=-day, default_handles=_share(rng, 0.05, 0.3),
        followership=_share(rng, 0.6, 1.0), badge=_share(rng, 0.0, 0.4),
    )  # fmt: skip
    return Rally(
        size=int(rng.integers(100, 601)),
        posts=int(rng.integers(1, 5)),
        participation=_share(rng, 0.4, 0.95),
        day=day,
        minutes=log_uniform(rng, 15, 90),
        activities=float(rng.uniform(3, 12)),
        look=look,
    )


def _campaign(rng: np.random.Generator) -> Campaign:
    return Campaign(
        size=int(rng.integers(50, 401)),
        texts=int(rng.integers(1, 9)),
        participation=_share(rng, 0.3, 0.8),
        hours=log_uniform(rng, 0.3, 24),
        personal=_share(rng, 0.0, 0.4),
        activities=float(rng.uniform(4, 15)),
        look=Disguise(avatar_reuse=_share(rng, 0.0, 0.4), badge=_share(rng, 0.0, 0.5)),
    )


def _volunteers(rng: np.random.Generator) -> Volunteers:
    look = Disguise(
        burst=_share(rng, 0.0, 0.4), burst_days=float(rng.uniform(7, 60)), burst_age_days=float(rng.uniform(0, 200)),
        badge=_share(rng, 0.2, 0.8),
        followership=_share(rng, 0.5, 1.0), name_template=_share(rng, 0.0, 0.3), bio_template=_share(rng, 0.0, 0.3),
        one_client=_share(rng, 0.0, 0.4), shared_infrastructure=_share(rng, 0.0, 0.3), site=_share(rng, 0.1, 0.6),
    )  # fmt: skip
    return Volunteers(
        size=int(rng.integers(20, 151)),
        texts=int(rng.integers(8, 41)),
        participation=_share(rng, 0.1, 0.5),
        days=float(rng.uniform(0.3, 4.0)),
        edits=int(rng.integers(0, 3)),
        activities=float(rng.uniform(5, 20)),
        look=look,
    )
