"""Each mark of a Disguise is borne by so many of a team's accounts as its share says."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from samehand.errors import UsageError
from samehand.simulation import Disguise, Population, Team, World, WorldParameters, draw_world
from tests.simulation.reading import accounts_of, assets_of, bits_apart, posts_of, table_of

SMALL = WorldParameters(
    accounts=600, activities=5_000, posts=300, urls=200, hashtags=60, authors=60, days=20.0, population=Population()
)
SIZE = 40


@cache
def _marked(**marks: Any) -> tuple[World, set[str]]:
    """A world with one team that bears these marks, and its accounts."""
    team = Team(size=SIZE, objects=10, participation=0.7, window_s=600.0, camouflage=1.0, look=Disguise(**marks))
    world = draw_world(replace(SMALL, teams=(team,)), 11)
    return world, accounts_of(world, "team")


def test_a_burst_makes_its_share_of_accounts_within_its_days() -> None:
    world, members = _marked(burst=0.6, burst_days=4.0, burst_age_days=500.0)
    end = SMALL.start - timedelta(days=500)
    made = [row["created_at"] for row in assets_of(world, members)]

    assert 24 <= sum(end - timedelta(days=4) <= at <= end for at in made) <= 26


def test_accounts_named_by_the_platform_have_a_name_and_eight_digits() -> None:
    world, members = _marked(default_handles=0.75)
    named = [row for row in assets_of(world, members) if re.fullmatch(r"[A-Z][a-z]+\d{8}", row["handle"])]

    # the other 10 are named by the platform as often as all are: more than 8 of them once in a million seeds
    assert 30 <= len(named) <= 38


def test_a_name_template_gives_one_word_to_all_that_follow_it() -> None:
    world, members = _marked(name_template=0.5)
    last = Counter(row["display_name"].split()[-1] for row in assets_of(world, members))

    assert 20 <= last.most_common(1)[0][1] <= 21


def test_a_bio_template_is_changed_by_a_word_or_two() -> None:
    world, members = _marked(bio_template=0.8)
    bios = [set(row["bio"].split()) for row in assets_of(world, members) if row["bio"]]
    alike = max(sum(len(bio & other) >= 0.5 * len(bio) for other in bios) for bio in bios)

    # two copies may have four words changed between them
    assert 25 <= alike <= 33
    assert len({tuple(sorted(bio)) for bio in bios}) > 20


def test_reused_pictures_are_a_few_bits_apart() -> None:
    world, members = _marked(avatar_reuse=0.75, avatars=2)
    hashes = [row["avatar_hash"] for row in assets_of(world, members) if row["avatar_hash"]]
    near = [sum(bits_apart(one, other) <= 20 for other in hashes) for one in hashes]

    # 30 wear one of two pictures, but for those that show none (3 %)
    assert 26 <= sum(count >= 8 for count in near) <= 40


def test_one_client_is_used_by_its_share_and_by_few_others() -> None:
    world, members = _marked(one_client=0.75)
    used: Counter[str] = Counter()
    for row in posts_of(world, members):
        used[row["client"]] += 1
    everyone = Counter(world.posts["client"].to_pylist())
    tool = max(used, key=lambda client: used[client] / everyone[client])

    # 3 of 4 accounts, nine in ten of their posts
    assert 0.55 < used[tool] / sum(used.values()) < 0.8
    assert everyone[tool] - used[tool] < 0.02 * sum(everyone.values())


def test_shared_infrastructure_is_a_few_addresses_and_devices() -> None:
    world, members = _marked(shared_infrastructure=0.8, addresses=2, devices=3)
    rows = table_of(world, "logins", members)
    addresses = Counter(row["ip"] for row in rows).most_common(2)
    devices = Counter(row["device_id"] for row in rows).most_common(3)

    # .8 of the accounts, .9 of their log-ins
    assert 0.6 < sum(count for _, count in addresses) / len(rows) < 0.85
    assert 0.6 < sum(count for _, count in devices) / len(rows) < 0.85


def test_a_repurposed_account_wrote_another_script_and_fell_silent_before() -> None:
    world, members = _marked(repurposed=0.75, gap_days=120.0)
    before = [row for row in posts_of(world, members) if row["posted_at"] < SMALL.start - timedelta(days=120)]
    languages = Counter(row["language"] for row in before)
    bought = {row["asset_id"] for row in before if row["language"] != "en"}
    history = Counter(row["field"] for row in table_of(world, "asset_history", bought))

    assert len(bought) == 30
    assert languages.most_common(1)[0][0] in {"zh", "ar"}
    assert not [row for row in posts_of(world, bought) if -120 < (row["posted_at"] - SMALL.start).days < -1]
    assert dict(history) == {"handle": 60, "display_name": 60, "language": 60}


def test_lopsided_accounts_follow_many_and_are_followed_by_few() -> None:
    world, members = _marked(follower_asymmetry=0.75)
    lopsided = [row for row in assets_of(world, members) if row["following"] > 10 * row["followers"]]
    organic = assets_of(world, accounts_of(world, "organic"))

    assert 25 <= len(lopsided) <= 36
    assert np.mean([row["following"] > 10 * row["followers"] for row in organic]) < 0.25


def test_who_covers_its_tracks_deletes_most_of_its_posts() -> None:
    world, members = _marked(deletion=0.5)
    posts = posts_of(world, members)

    # half of the accounts, .7 of their posts, and the others as all do
    assert 0.25 < np.mean([row["deleted_at"] is not None for row in posts]) < 0.5


def test_automation_beats_round_the_clock_on_its_period() -> None:
    world, members = _marked(automation=1.0, period_s=3_180.0, jitter_s=10.0, automation_days=5.0)
    client = Counter(row["client"] for row in posts_of(world, members)).most_common(1)[0][0]
    gaps, hours = [], set()
    for account in members:
        times = sorted(row["posted_at"] for row in posts_of(world, {account}) if row["client"] == client)
        gaps += [(later - at).total_seconds() for at, later in pairwise(times)]
        hours |= {at.hour for at in times}

    assert abs(np.median(gaps) - 3_180) < 15
    assert np.mean([abs(gap - 3_180) < 60 for gap in gaps]) > 0.95
    assert len(hours) == 24


def test_nobody_answers_those_who_keep_to_themselves() -> None:
    world, members = _marked(aloof=1.0)
    answered = {row["ref_asset_id"] for row in world.posts.to_pylist() if row["kind"] == "reply"}
    organic = accounts_of(world, "organic")

    assert not answered & members
    assert len(answered & organic) > 0.6 * len(organic)


def test_a_badge_is_in_the_name_or_the_bio() -> None:
    world, members = _marked(badge=0.75)
    words = Counter(
        word
        for row in assets_of(world, members)
        for word in {*row["display_name"].split(), *(row["bio"] or "").split()}
    )

    assert 30 <= words.most_common(1)[0][1] <= 32


def test_a_site_is_what_profiles_link_to() -> None:
    world, members = _marked(site=0.5)
    hosts = Counter((row["profile_url"] or "//nothing").split("/")[2] for row in assets_of(world, members))
    hosts.pop("nothing", None)

    assert hosts.most_common(1)[0][1] == 20


def test_marks_of_nothing_leave_a_team_like_everybody() -> None:
    world, members = _marked()
    organic = accounts_of(world, "organic")
    shares = [np.mean([row["bio"] is None for row in assets_of(world, who)]) for who in (members, organic)]

    # 40 accounts: 4 standard errors; seed 11
    assert abs(shares[0] - shares[1]) < 4 * (0.24 / SIZE) ** 0.5


def test_a_look_without_a_population_is_refused() -> None:
    team = Team(size=5, objects=4, participation=0.5, window_s=60.0, look=Disguise(burst=0.5))

    with pytest.raises(UsageError, match="population"):
        WorldParameters(teams=(team,))


@pytest.mark.parametrize(("wrong", "said"), [({"burst": 1.5}, "burst is a share"), ({"avatars": 0}, "one thing")])
def test_a_disguise_that_makes_no_sense_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Disguise(**wrong)
