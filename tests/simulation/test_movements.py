"""Genuine groups do what they are said to do, and look it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta

import numpy as np

from samehand.simulation import (
    Campaign,
    Disguise,
    Fans,
    Newsroom,
    Patriots,
    Population,
    Protest,
    Rally,
    Volunteers,
    World,
    WorldParameters,
    draw_world,
)
from tests.simulation.reading import accounts_of, assets_of, bits_apart, posts_of, rows_of, table_of

SMALL = WorldParameters(
    accounts=600, activities=5_000, posts=300, urls=200, hashtags=60, authors=60, days=20.0, population=Population()
)


def _delays(world: World, accounts: set[str], authors: set[str]) -> list[float]:
    """Seconds from the posts of some authors to the accounts' reposts of them."""
    born = {row["post_id"]: row["posted_at"] for row in rows_of(world)}
    return [
        (row["posted_at"] - born[row["ref_post_id"]]).total_seconds()
        for row in posts_of(world, accounts, "repost")
        if row["ref_asset_id"] in authors
    ]


def _followed(world: World, accounts: set[str], role: str = "follower") -> tuple[str, int]:
    """The account that most of these are tied to, and by how many."""
    ties = Counter(row["target_id"] for row in table_of(world, "relations", accounts) if row["role"] == role)
    return ties.most_common(1)[0]


def test_patriots_repost_the_same_officials_within_minutes_to_hours() -> None:
    look = Disguise(age_factor=2.0, badge=0.5, followership=0.8)
    plan = Patriots(size=80, officials=2, posts=30, participation=0.3, delay_median_s=1_800, look=look)
    world = draw_world(replace(SMALL, patriots=(plan,)), 3)
    patriots = accounts_of(world, "patriot")
    reposted = Counter(row["ref_asset_id"] for row in posts_of(world, patriots, "repost"))
    officials = {account for account, _ in reposted.most_common(2)}
    delays = _delays(world, patriots, officials)

    assert len(patriots) == 80
    # 80 x 30 x .3 = 720, and what they repost of them besides; 5 standard errors are 110
    assert 610 < len(delays) < 850
    assert 1_200 < np.median(delays) < 2_700
    assert _followed(world, patriots)[1] >= 64


def test_patriots_are_older_than_others() -> None:
    world = draw_world(replace(SMALL, patriots=(Patriots(size=150, look=Disguise(age_factor=2.5)),)), 3)
    made = [
        np.median([row["created_at"].timestamp() for row in assets_of(world, accounts_of(world, role))])
        for role in ("patriot", "organic")
    ]

    assert made[0] < made[1] - 60 * 86_400


def test_a_rally_reposts_its_leader_within_the_minutes_and_some_came_for_it() -> None:
    look = Disguise(burst=0.2, burst_days=30.0, burst_age_days=-10.0, followership=1.0)
    plan = Rally(size=200, posts=2, participation=0.8, day=10.0, minutes=60.0, look=look)
    world = draw_world(replace(SMALL, rallies=(plan,)), 3)
    followers = accounts_of(world, "follower")
    leader, count = _followed(world, followers)
    delays = [delay for delay in _delays(world, followers, {leader}) if delay < 6 * 3_600]
    came = [row["created_at"] > SMALL.start + timedelta(days=-20) for row in assets_of(world, followers)]

    assert count >= 200 - (leader in followers)
    # some of the 320 fall before their accounts were made
    assert 260 < len(delays) < 360
    assert 0.8 < np.mean([delay <= 3_600 for delay in delays]) < 0.97
    assert np.mean(came) >= 0.2


def test_a_campaigns_button_posts_one_text_and_one_link_through_one_client_hours_apart() -> None:
    world = draw_world(replace(SMALL, campaigns=(Campaign(size=100, texts=2, participation=0.7, personal=0.2),)), 3)
    supporters = accounts_of(world, "campaigner")
    links: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in posts_of(world, supporters):
        for url in row["urls"] or ():
            links[url].append(row)
    pressed = sorted(links.values(), key=len)[-2:]

    assert all(50 <= len(rows) <= 90 for rows in pressed)
    for rows in pressed:
        texts = Counter(str(row["text"]) for row in rows)
        assert 0.65 < texts.most_common(1)[0][1] / len(rows) < 0.95
        assert len({row["client"] for row in rows}) == 1
        times = sorted(row["posted_at"] for row in rows)  # type: ignore[type-var]
        assert times[len(times) // 2] - times[0] > timedelta(hours=1)  # type: ignore[operator]


def test_volunteers_post_from_one_kit_with_words_of_their_own() -> None:
    plan = Volunteers(size=60, texts=10, participation=0.4, edits=2, look=Disguise(followership=0.7))
    world = draw_world(replace(SMALL, volunteers=(plan,)), 3)
    volunteers = accounts_of(world, "volunteer")
    texts = [frozenset(row["text"].split()) for row in posts_of(world, volunteers, "original")]
    near = [sum(len(text & other) >= 0.7 * len(text) for other in texts) for text in texts if len(text) >= 8]

    # 60 x 10 x .4 = 240 copies in ten families of some 24; 1 to 3 % come before their accounts were made
    assert 180 < sum(count >= 6 for count in near) < 300
    assert len(volunteers) == 60
    assert _followed(world, volunteers, "member")[1] == 42


def test_a_protest_makes_accounts_sign_up_in_its_days_under_default_handles() -> None:
    look = Disguise(burst=0.3, burst_days=3.0, burst_age_days=-10.0, default_handles=0.4)
    world = draw_world(replace(SMALL, protests=(Protest(size=300, day=8.0, look=look),)), 3)
    rows = assets_of(world, accounts_of(world, "protest"))
    day = SMALL.start + timedelta(days=8)
    came = [abs(row["created_at"] - day) <= timedelta(days=2) for row in rows]

    # some of the 90 wrote what others repost before, and so were there
    assert 60 <= sum(came) <= 100
    assert sum(row["handle"][-8:].isdigit() for row in rows) >= 120
    assert world.events.num_rows == 1
    assert world.events["starts_at"].to_pylist() == [day]


def test_a_newsroom_shares_bio_site_picture_week_office_and_client() -> None:
    look = Disguise(
        burst=1.0, burst_days=7.0, burst_age_days=200.0, bio_template=1.0, avatar_reuse=1.0, one_client=1.0,
        shared_infrastructure=1.0, addresses=1, site=1.0,
    )  # fmt: skip
    world = draw_world(replace(SMALL, newsrooms=(Newsroom(size=15, headlines=20, admins=3, look=look),)), 3)
    staff = accounts_of(world, "newsroom")
    pages = assets_of(world, staff)
    made = [row["created_at"] for row in pages]
    hosts = {url.split("/")[2] for row in posts_of(world, staff) for url in row["urls"] or ()}
    pictures = [row["avatar_hash"] for row in pages if row["avatar_hash"]]
    admins = Counter(row["asset_id"] for row in world.relations.to_pylist() if row["role"] == "admin")
    office = Counter(row["ip"] for row in table_of(world, "logins", staff)).most_common(1)[0][1]

    assert {row["kind"] for row in pages} == {"page"}
    assert max(made) - min(made) <= timedelta(days=7)
    assert hosts == {row["profile_url"].split("/")[2] for row in pages}
    assert len(hosts) == 1
    assert max(bits_apart(pictures[0], other) for other in pictures) <= 20
    assert sorted(admins.values()) == [15, 15, 15]
    assert office > 0.75 * len(table_of(world, "logins", staff))
    assert Counter(row["client"] for row in posts_of(world, staff)).most_common(1)[0][1] > 0.8 * len(
        posts_of(world, staff)
    )


def test_fans_follow_their_idol() -> None:
    look = Disguise(followership=0.9, badge=0.5)
    world = draw_world(replace(SMALL, fans=(Fans(size=50, posts=20, participation=0.6, look=look),)), 3)
    fans = accounts_of(world, "fan")
    idol, count = _followed(world, fans)
    adored = Counter(row["ref_asset_id"] for row in posts_of(world, fans, "repost")).most_common(1)[0][0]

    assert idol == adored
    assert count >= 45
