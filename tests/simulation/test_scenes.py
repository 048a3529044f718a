"""Each declared feature of a world is measurably there."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from samehand.simulation import (
    Mirrors,
    Newsroom,
    Protest,
    Sessions,
    Team,
    World,
    WorldParameters,
    draw_world,
    scenario_parameters,
)
from tests.simulation.reading import accounts_of, by_url, only_of, posts_of

SMALL = WorldParameters(accounts=600, activities=6_000, posts=400, urls=300, hashtags=60, authors=60, days=20.0)


def _team(team: Team, **changed: object) -> World:
    return draw_world(replace(SMALL, teams=(team,), **changed), 11)  # type: ignore[arg-type]


def test_activity_is_spread_as_widely_as_pareto_says() -> None:
    world = draw_world(replace(SMALL, accounts=5_000, activities=50_000, posts=1_000), 1)
    counts = np.array(sorted(Counter(world.posts["asset_id"].to_pylist()).values()))

    assert counts[-1] > 30 * np.median(counts)


def test_without_repeats_nobody_reposts_a_thing_twice() -> None:
    rows = posts_of(draw_world(SMALL, 1), accounts_of(draw_world(SMALL, 1), "organic"), "repost")

    assert len({(row["asset_id"], row["ref_post_id"]) for row in rows}) == len(rows)


def _texts(**changed: object) -> list[datetime]:
    """When accounts write of their own accord, unmoved by any popular object."""
    world = draw_world(replace(SMALL, repost_share=0.0, url_share=0.0, activities=20_000, **changed), 1)  # type: ignore[arg-type]
    return [row["posted_at"] for row in world.posts.to_pylist() if row["kind"] == "original"]


def test_accounts_sleep_when_worlds_have_a_rhythm() -> None:
    def unevenness(rhythm: float) -> float:
        hours = Counter(at.hour for at in _texts(rhythm=rhythm, zones=(8.0,)))
        return max(hours.values()) / hours[min(range(24), key=lambda hour: hours[hour])]

    assert unevenness(1.5) > 5
    assert unevenness(0.0) < 1.4


def test_weekends_are_quieter_than_working_days() -> None:
    days = Counter(at.weekday() for at in _texts(days=28.0))

    assert (days[5] + days[6]) / 2 < 0.85 * sum(days[day] for day in range(5)) / 5


def test_zones_move_the_day() -> None:
    def middle(zone: float) -> float:
        turns = np.array([at.hour + at.minute / 60 for at in _texts(zones=(zone,), rhythm=2.0)]) * np.pi / 12
        return float(np.angle(np.exp(1j * turns).mean()) * 12 / np.pi)

    assert (middle(-5.0) - middle(3.0)) % 24 == pytest.approx(8, abs=0.5)


def test_readers_of_one_timeline_repost_several_things_together() -> None:
    def together(sessions: Sessions | None) -> int:
        world = draw_world(replace(SMALL, accounts=3_000, posts=3_000, activities=12_000, sessions=sessions), 1)
        seen: dict[str, list[tuple[object, str]]] = defaultdict(list)
        for row in posts_of(world, accounts_of(world, "organic"), "repost"):
            seen[row["ref_post_id"]].append((row["posted_at"], row["asset_id"]))
        pairs: Counter[tuple[str, str]] = Counter()
        for rows in seen.values():
            for (at, who), (later, other) in pairwise(sorted(rows)):
                if later - at <= timedelta(minutes=15):  # type: ignore[operator]
                    pairs[min(who, other), max(who, other)] += 1
        return sum(count >= 3 for count in pairs.values())

    assert together(Sessions(share=0.5)) > 20 * max(1, together(None))


@pytest.mark.parametrize("trace", ["repost", "url", "hashtag", "text"])
def test_a_team_leaves_the_trace_that_it_was_told_to(trace: str) -> None:
    world = _team(Team(size=12, objects=10, participation=1.0, window_s=30.0, trace=trace))  # type: ignore[arg-type]
    rows = posts_of(world, accounts_of(world, "team"))
    keys = {
        "repost": [row["ref_post_id"] for row in rows if row["kind"] == "repost"],
        "url": [url for row in rows for url in row["urls"] or ()],
        "hashtag": [tag for row in rows for tag in row["hashtags"] or ()],
        "text": [row["text"] for row in rows if row["kind"] == "original"],
    }[trace]

    # a member does not repost itself
    assert {11 if trace == "repost" else 12} == set(Counter(keys).values())
    assert len(set(keys)) == 10


def test_several_traces_take_turns() -> None:
    world = _team(Team(size=10, objects=9, participation=1.0, window_s=30.0, trace="url", also=("hashtag", "text")))
    rows = posts_of(world, accounts_of(world, "team"))

    assert len({url for row in rows for url in row["urls"] or ()}) == 3
    assert len({tag for row in rows for tag in row["hashtags"] or ()}) == 3


def test_a_slow_team_takes_hours() -> None:
    world = _team(Team(size=20, objects=12, participation=0.8, window_s=6 * 3600.0, style="slow"))
    spans = [
        (max(row["posted_at"] for row in rows) - min(row["posted_at"] for row in rows)).total_seconds()
        for rows in only_of(world, accounts_of(world, "team")).values()
    ]

    assert 3_600 < np.median(spans) <= 6 * 3_600


def test_a_staggered_team_works_its_list_in_one_order_hours_apart() -> None:
    world = _team(
        Team(size=10, objects=12, participation=1.0, window_s=8 * 3600.0, style="staggered", session_objects=3)
    )
    orders = []
    for rows in only_of(world, accounts_of(world, "team")).values():
        rows.sort(key=lambda row: row["posted_at"])
        orders.append([row["asset_id"] for row in rows])
        assert rows[-1]["posted_at"] - rows[0]["posted_at"] > timedelta(hours=4)
    places = np.array([[order.index(account) for account in orders[0]] for order in orders])

    # a member keeps its place but for neighbours that the jitter swaps
    assert np.abs(places - np.arange(10)).max() <= 2


def test_camouflage_is_as_heavy_as_it_was_told_to_be() -> None:
    world = _team(Team(size=20, objects=10, participation=0.5, window_s=60.0, camouflage=4.0))
    members = accounts_of(world, "team")
    planted = sum(len(rows) for rows in only_of(world, members).values())

    # a few reposts of one thing twice are left out
    assert 0.85 * 20 * 20 <= len(posts_of(world, members)) - planted <= 20 * 20


def test_borrowed_objects_are_shared_by_others_too() -> None:
    team = Team(size=15, objects=20, participation=1.0, window_s=60.0, borrowed=1.0, first_day=5)
    world = _team(team, zipf=0.5)
    outsiders = by_url(world, accounts_of(world, "organic"))
    shared = by_url(world, accounts_of(world, "team"))

    assert sum(url in outsiders for url, rows in shared.items() if len(rows) >= 12) >= 10


def test_a_team_keeps_to_its_days_and_to_its_resolution() -> None:
    world = _team(Team(size=8, objects=12, participation=1.0, window_s=300.0, first_day=3, days=4, resolution_s=60))
    rows = posts_of(world, accounts_of(world, "team"))
    start = SMALL.start

    assert all(start + timedelta(days=3) <= row["posted_at"] <= start + timedelta(days=7, minutes=6) for row in rows)
    assert all(row["posted_at"].second == 0 for row in rows)


def test_a_newsroom_posts_headline_and_link_within_minutes() -> None:
    world = draw_world(replace(SMALL, newsrooms=(Newsroom(size=15, headlines=30, lag_s=40.0),)), 2)
    staff = accounts_of(world, "newsroom")
    stories = only_of(world, staff)
    spans = [
        (max(row["posted_at"] for row in rows) - min(row["posted_at"] for row in rows)).total_seconds()
        for rows in stories.values()
    ]

    assert len(staff) == 15
    assert len(stories) == 30
    assert all(len({row["text"] for row in rows}) == 1 for rows in stories.values())
    assert np.median(spans) < 300


def test_a_protest_surges_within_hours() -> None:
    world = draw_world(replace(SMALL, protests=(Protest(size=300, day=6.0, hours=4.0),)), 2)
    crowd = accounts_of(world, "protest")
    tags = Counter(tag for row in posts_of(world, crowd) for tag in row["hashtags"] or ())
    chant, uses = tags.most_common(1)[0]
    times = [row["posted_at"] for row in posts_of(world, crowd) if chant in (row["hashtags"] or ())]
    event = SMALL.start + timedelta(days=6)

    assert len(crowd) == 300
    assert uses > 100
    assert np.mean([event <= at <= event + timedelta(hours=16) for at in times]) > 0.8


def test_mirrors_come_in_groups_of_two_to_five_seconds_apart() -> None:
    world = draw_world(replace(SMALL, mirrors=Mirrors(groups=6, posts=15)), 2)
    groups = only_of(world, accounts_of(world, "mirror"))

    assert 12 <= len(accounts_of(world, "mirror")) <= 30
    assert max(len(rows) for rows in groups.values()) <= 5


def test_scripts_follow_their_shares() -> None:
    world = draw_world(replace(SMALL, communities=10, scripts=(("latin", 0.5), ("han", 0.5))), 2)
    languages = Counter(world.assets["language"].to_pylist())

    assert {"en", "zh"} == set(languages)


def test_drawn_teams_lie_within_the_ranges_of_the_power_map() -> None:
    teams = [team for seed in range(30) for team in scenario_parameters("weak", seed).teams]

    assert all(5 <= team.size <= 30 and 4 <= team.objects <= 20 for team in teams)
    assert all(0.3 <= team.participation <= 0.9 and team.camouflage <= 20 for team in teams)
    assert {"burst", "slow", "staggered"} == {team.style for team in teams}
    assert all(10 <= team.window_s <= 3_600 for team in teams if team.style == "burst")


@pytest.mark.parametrize("seed", range(10))
def test_a_mixture_plants_three_to_five_hundred_accounts_in_many_teams(seed: int) -> None:
    teams = scenario_parameters("mixture", seed).teams

    assert 290 <= sum(team.size for team in teams) <= 500
    assert len(teams) >= 6
    assert all(10 <= team.size <= 60 and team.resolution_s == 60 for team in teams)
