"""August 2019 anew: 936 accounts of one operation in eight teams, amid a city and its movement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from samehand.simulation.grid import grid
from samehand.simulation.parameters import (
    HOUR_S,
    Disguise,
    Fans,
    Mirrors,
    Newsroom,
    Protest,
    Sessions,
    Team,
    WorldParameters,
)

__all__ = ["august"]

_START: Final = datetime(2019, 7, 29, tzinfo=UTC)
_SIZES: Final = (240, 180, 150, 120, 96, 70, 48, 32)


def _aged() -> Disguise:
    """Bought stock, years old, that once spoke of other things."""
    return Disguise(
        burst=0.6, burst_days=20.0, burst_age_days=820.0, repurposed=0.7, gap_days=160.0, one_client=0.8,
        follower_asymmetry=0.5,
    )  # fmt: skip


def _fresh() -> Disguise:
    """Made weeks before, in one office."""
    return Disguise(burst=0.8, burst_days=9.0, burst_age_days=24.0, shared_infrastructure=0.85, addresses=4, devices=6)


def _teams() -> tuple[Team, ...]:
    big, links, texts = _SIZES[:3], _SIZES[3:6], _SIZES[6:]
    reposts = [
        Team(size=size, objects=34, participation=0.5, window_s=600.0, trace="repost", also=("url",), camouflage=2.0,
             first_day=2.0 + k, days=14.0, session_objects=2, script="han", look=_aged())
        for k, size in enumerate(big)
    ]  # fmt: skip
    pages = [
        Team(size=size, objects=30, participation=0.55, window_s=300.0, trace="url", camouflage=1.5, first_day=4.0 + k,
             days=12.0, script="han", look=replace(_fresh(), avatar_reuse=0.5, avatars=3))
        for k, size in enumerate(links)
    ]  # fmt: skip
    said = [
        Team(size=size, objects=28, participation=0.6, window_s=6 * HOUR_S, trace="text", style="staggered", camouflage=1.0,
             first_day=3.0, days=14.0, script="han", look=replace(_fresh(), bio_template=0.6, deletion=0.4))
        for size in texts
    ]  # fmt: skip
    return (*reposts, *pages, *said)


def august(rng: np.random.Generator) -> WorldParameters:
    """A city in August 2019: 9,000 people, a movement in its streets, and 936 accounts of one operation in eight teams."""
    population = grid(rng).population
    newsroom = Disguise(
        burst=0.8, burst_days=7.0, burst_age_days=900.0, bio_template=0.8, avatar_reuse=0.9, one_client=0.9,
        shared_infrastructure=0.9, addresses=1, site=0.95,
    )  # fmt: skip
    surge = Disguise(burst=0.3, burst_days=10.0, burst_age_days=-3.0, default_handles=0.3, badge=0.5)
    return WorldParameters(
        name="august",
        start=_START,
        days=21.0,
        accounts=9_000,
        activities=90_000,
        posts=5_000,
        urls=3_500,
        hashtags=800,
        authors=500,
        communities=24,
        homophily=0.85,
        scripts=(("latin", 0.5), ("han", 0.5)),
        zones=(8.0, 8.0, 8.0, 0.0, -5.0),
        sessions=Sessions(share=0.15),
        fans=(Fans(size=120, posts=25, activities=6, look=Disguise(badge=0.5, followership=0.8)),),
        newsrooms=(Newsroom(size=14, headlines=60, look=newsroom),),
        population=population,
        protests=(
            Protest(size=1_500, posts=40, activities=4.0, day=6.0, look=surge),
            Protest(size=1_200, posts=40, activities=4.0, day=13.0, look=surge),
        ),
        mirrors=Mirrors(groups=3, posts=12),
        teams=_teams(),
    )
