"""Named worlds: parameters drawn from ranges by seed."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from samehand.errors import UsageError
from samehand.simulation.august import august
from samehand.simulation.grid import grid, grid_organic, grid_withheld
from samehand.simulation.parameters import (
    LOOKS_ONLY,
    Disguise,
    Fans,
    Mirrors,
    Newsroom,
    Protest,
    Sessions,
    Style,
    Team,
    TeamTrace,
    WorldParameters,
)
from samehand.simulation.ranges import base, crowds, homophily, log_uniform

__all__ = ["SCENARIOS", "scenario_parameters"]

HOUR_S = 3600.0
_Draw = Callable[[np.random.Generator], WorldParameters]


def _comparison(_: np.random.Generator) -> WorldParameters:
    """Five co-link teams and 200 fast fans among 20,000 independent accounts: the peers' comparison, exactly."""
    team = Team(size=30, objects=20, participation=0.7, window_s=60.0, camouflage=10 / 14)
    return WorldParameters(
        name="comparison",
        rhythm=0.0,
        pace_sigma=0.0,
        speed_sigma=0.0,
        hashtag_share=0.0,
        reply_share=0.0,
        mention_share=0.0,
        phrase_share=0.0,
        repeats=True,
        camouflage_reposts=True,
        fans=(Fans(),),
        teams=(team,) * 5,
    )


def _comparison_communities(rng: np.random.Generator) -> WorldParameters:
    """The comparison among 40 interest communities of strong homophily."""
    return replace(_comparison(rng), name="comparison-communities", communities=40, homophily=0.9)


def _null(rng: np.random.Generator) -> WorldParameters:
    """Nothing planted, no communities, no crowds."""
    return base(rng, name="null")


def _null_communities(rng: np.random.Generator) -> WorldParameters:
    """Nothing planted, interest communities of strong homophily."""
    return base(rng, name="null-communities", **homophily(rng))


def _null_sessions(rng: np.random.Generator) -> WorldParameters:
    """Nothing planted, communities, and readers of one timeline who repost the same things at the same time."""
    sessions = Sessions(share=float(rng.uniform(0.3, 0.6)), readers=float(rng.uniform(3, 6)))
    return base(rng, name="null-sessions", sessions=sessions, **homophily(rng))


def _hongkong_teams() -> tuple[Team, ...]:
    """Aged stock with a burst of two years before, fresh accounts of one office, and a list with one bio."""
    return (
        Team(size=28, objects=36, participation=0.55, window_s=300.0, trace="repost", also=("url", "text"),
             camouflage=1.0, first_day=6, days=8, session_objects=2, script="han",
             look=Disguise(burst=0.45, burst_days=28.0, burst_age_days=640.0, one_client=0.6, follower_asymmetry=0.4)),
        Team(size=18, objects=16, participation=0.7, window_s=90.0, trace="url", camouflage=0.5,
             look=Disguise(burst=0.7, burst_days=14.0, burst_age_days=20.0, avatar_reuse=0.5, avatars=2,
                           shared_infrastructure=0.8)),
        Team(size=14, objects=18, participation=0.6, window_s=6 * HOUR_S, trace="text", style="staggered",
             camouflage=1.5, script="han",
             look=Disguise(bio_template=0.6, one_client=0.7, deletion=0.5)),
    )  # fmt: skip


def _hongkong(rng: np.random.Generator) -> WorldParameters:
    """A small world in the manner of 2019: a protest, a newsroom, fans, and three teams in two scripts."""
    newsroom = Disguise(
        burst=0.8, burst_days=7.0, burst_age_days=900.0, bio_template=0.8, avatar_reuse=0.9, one_client=0.9,
        shared_infrastructure=0.9, addresses=1, site=0.95,
    )  # fmt: skip
    return WorldParameters(
        name="hongkong",
        days=20.0,
        accounts=3_000,
        activities=36_000,
        posts=2_000,
        urls=1_400,
        hashtags=400,
        authors=200,
        communities=16,
        homophily=0.85,
        scripts=(("latin", 0.6), ("han", 0.4)),
        zones=(8.0, 8.0, 8.0, 0.0, -5.0),
        sessions=Sessions(share=0.15),
        fans=(Fans(size=60, posts=25, activities=6, look=Disguise(badge=0.5, followership=0.8)),),
        newsrooms=(Newsroom(size=14, headlines=60, look=newsroom),),
        population=LOOKS_ONLY,
        protests=(Protest(size=1_000, posts=30, activities=3.0, day=float(rng.uniform(7, 12))),),
        mirrors=Mirrors(groups=3, posts=12),
        teams=_hongkong_teams(),
    )


def _drawn_team(rng: np.random.Generator, sizes: tuple[int, int], objects: tuple[int, int], **fixed: Any) -> Team:
    """A team whose strength is drawn from ranges; slow and staggered ones act over hours."""
    style: Style = ("burst", "burst", "slow", "staggered")[int(rng.integers(0, 4))]
    traces: tuple[TeamTrace, ...] = ("repost", "url", "hashtag", "text")
    drawn: dict[str, Any] = {
        "size": int(rng.integers(sizes[0], sizes[1] + 1)),
        "objects": int(rng.integers(objects[0], objects[1] + 1)),
        "participation": float(rng.uniform(0.3, 0.9)),
        "style": style,
        "window_s": log_uniform(rng, 10, HOUR_S) if style == "burst" else log_uniform(rng, 2 * HOUR_S, 12 * HOUR_S),
        "trace": traces[int(rng.integers(0, len(traces)))],
        "camouflage": float(rng.uniform(0, 20)),
        "borrowed": float(rng.choice([0.0, rng.uniform(0.2, 1.0)])),
        "session_objects": int(rng.integers(1, 6)),
    }
    return Team(**{**drawn, **fixed})


def _weak(rng: np.random.Generator) -> WorldParameters:
    """Six to ten teams that are hard to see: small, half-hearted, slow, well covered."""
    organic = base(rng, name="weak", accounts=int(rng.integers(8_000, 12_001)), **homophily(rng))
    teams = tuple(_drawn_team(rng, (5, 30), (4, 20)) for _ in range(int(rng.integers(6, 11))))
    return replace(organic, teams=teams, **crowds(rng, organic.days, organic.accounts))


def _mixture(rng: np.random.Generator) -> WorldParameters:
    """One week of 10,000 organic accounts with an operation of 300 to 500 accounts in many unlike teams."""
    organic = base(
        rng,
        name="mixture",
        accounts=10_000,
        activities=int(rng.integers(15_000, 45_001)),
        days=7.0,
        scripts=(("latin", 0.8), ("arabic", 0.2)),
        **homophily(rng),
    )
    wanted, teams = int(rng.integers(300, 501)), []
    while wanted >= 10:
        size = int(min(log_uniform(rng, 10, 60), wanted))
        first = float(rng.uniform(0, 3))
        fixed = {"resolution_s": 60, "camouflage": float(rng.uniform(0, 5)), "first_day": first}
        teams.append(_drawn_team(rng, (size, size), (4, 30), days=float(rng.uniform(2, 7 - first)), **fixed))
        wanted -= size
    crowd = crowds(rng, organic.days, organic.accounts)
    return replace(organic, teams=tuple(teams), **{**crowd, "protests": ()})


SCENARIOS: Final[dict[str, _Draw]] = {
    "comparison": _comparison,
    "comparison-communities": _comparison_communities,
    "null": _null,
    "null-communities": _null_communities,
    "null-sessions": _null_sessions,
    "hongkong": _hongkong,
    "august": august,
    "weak": _weak,
    "mixture": _mixture,
    "grid": grid,
    "grid-organic": grid_organic,
    "grid-withheld": grid_withheld,
}
"""Each scenario and how it draws its parameters; the first line of each docstring says what it is."""


_DRAWN_AS: Final = {"grid-organic": "grid", "grid-withheld": "grid"}
"""Scenarios that take another one's draw, so that the same seed gives the same world but for what they change."""


def scenario_parameters(name: str, seed: int, scale: float = 1.0) -> WorldParameters:
    """Draw a scenario's parameters from its ranges.

    Args:
        name: one of SCENARIOS.
        seed: of the draw; the same name and seed give the same parameters.
        scale: factor on the organic base, density unchanged: accounts, activities, objects, authors and protests.
            Fans, newsrooms, mirrors, movements and teams keep their sizes.

    Raises:
        UsageError: no scenario bears that name, or the scale is not above 0.

    """
    if name not in SCENARIOS:
        near = difflib.get_close_matches(name, SCENARIOS, n=1, cutoff=0.0)
        raise UsageError(
            f"there is no scenario '{name}'; did you mean '{near[0]}'? Scenarios are {', '.join(SCENARIOS)}"
        )
    if not 0 < scale < float("inf"):
        raise UsageError(f"--scale is a factor above 0, not {scale}")
    drawn = SCENARIOS[name](np.random.default_rng([seed, zlib.crc32(_DRAWN_AS.get(name, name).encode())]))
    return drawn if scale == 1.0 else _scaled(drawn, scale)


def _scaled(world: WorldParameters, scale: float) -> WorldParameters:
    def times(count: int, least: int = 1) -> int:
        return max(least, round(count * scale))

    return replace(
        world,
        accounts=times(world.accounts, world.communities),
        activities=times(world.activities),
        posts=times(world.posts, world.communities),
        urls=times(world.urls, world.communities),
        hashtags=times(world.hashtags),
        authors=times(world.authors),
        protests=tuple(
            replace(protest, size=min(times(protest.size), times(world.accounts))) for protest in world.protests
        ),
    )
