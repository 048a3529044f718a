"""Ordinary accounts bear what operations bear too, at the rates that the population says."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import pairwise

import numpy as np
import pytest

from samehand.errors import UsageError
from samehand.simulation import Population, World, WorldParameters, draw_world
from tests.simulation.reading import accounts_of, assets_of, rows_of

PEOPLED = WorldParameters(
    accounts=3_000, activities=24_000, posts=1_500, urls=800, authors=200, days=20.0, population=Population()
)
RANGES = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "100.64.0.0/10")


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(PEOPLED, 4)


def test_default_handles_are_as_many_as_asked_for_and_more_among_the_young(world: World) -> None:
    rows = world.assets.to_pylist()
    plain = np.array([bool(re.fullmatch(r"[A-Z][a-z]+\d{8}", row["handle"])) for row in rows])
    young = np.array([row["created_at"] > PEOPLED.start - timedelta(days=90) for row in rows])

    # 5 standard errors of .12 in 3,000 are .03
    assert abs(plain.mean() - 0.12) < 0.03
    assert plain[young].mean() > 2 * plain[~young].mean()


def test_handles_are_unlike(world: World) -> None:
    handles = [handle.lower() for handle in world.assets["handle"].to_pylist() if handle]

    assert len(set(handles)) == len(handles) == 3_000


def test_many_have_no_bio_and_some_the_platforms_own_picture(world: World) -> None:
    pictures = Counter(world.assets["avatar_hash"].drop_null().to_pylist())

    assert abs(world.assets["bio"].null_count / 3_000 - 0.4) < 0.05
    assert all(re.fullmatch("pdq:[0-9a-f]{64}", picture) for picture in pictures if picture)
    assert abs(pictures.most_common(1)[0][1] / 3_000 - 0.1) < 0.03


def test_nobody_posts_before_being_made(world: World) -> None:
    made = {row["asset_id"]: row["created_at"] for row in world.assets.to_pylist()}

    assert all(row["posted_at"] >= made[row["asset_id"]] for row in rows_of(world))


def test_newcomers_come_while_the_world_runs_and_weekends_bring_fewer(world: World) -> None:
    made = [at for at in world.assets["created_at"].to_pylist() if at is not None]
    days = Counter(at.weekday() for at in made)

    assert 0.02 < np.mean([at > PEOPLED.start for at in made]) < 0.08
    assert (days[5] + days[6]) / 2 < 0.9 * sum(days[day] for day in range(5)) / 5


def test_friends_answer_each_other(world: World) -> None:
    answers = {(row["asset_id"], row["ref_asset_id"]) for row in rows_of(world) if row["kind"] == "reply"}
    mutual = sum((other, one) in answers for one, other in answers)

    assert 0.2 < mutual / len(answers) < 0.9


def test_some_posts_are_deleted_after_they_were_posted(world: World) -> None:
    gone = [row for row in rows_of(world) if row["deleted_at"]]

    assert abs(len(gone) / world.posts.num_rows - 0.02) < 0.005
    assert all(row["deleted_at"] >= row["posted_at"] for row in gone)


def test_every_post_has_a_client_and_the_tail_is_long(world: World) -> None:
    used = Counter(world.posts["client"].to_pylist())

    assert world.posts["client"].null_count == 0
    assert len(used) > 40
    assert sum(count for _, count in used.most_common(6)) > 0.85 * world.posts.num_rows


def test_log_ins_come_from_addresses_that_nobody_has_and_that_people_share(world: World) -> None:
    ranges = [ip_network(part) for part in RANGES]
    users: dict[str, set[str]] = defaultdict(set)
    for row in world.logins.to_pylist():
        users[row["ip"]].add(row["asset_id"])

    assert all(any(ip_address(ip) in part for part in ranges) for ip in users)
    assert max(len(who) for who in users.values()) > 20
    assert np.median([len(who) for who in users.values()]) <= 2


def test_a_history_ends_in_what_an_account_is_called_now(world: World) -> None:
    now = {row["asset_id"]: row for row in world.assets.to_pylist()}
    last: dict[tuple[str, str], str] = {}
    for row in sorted(world.asset_history.to_pylist(), key=lambda row: row["at"]):
        last[row["asset_id"], row["field"]] = row["value"]

    assert {"handle", "display_name", "language"} == {field for _, field in last}
    assert all(now[account][field] == value for (account, field), value in last.items())


def test_some_ordinary_accounts_have_a_past_and_few_of_them_fell_silent(world: World) -> None:
    earlier: dict[str, list[datetime]] = defaultdict(list)
    for row in rows_of(world):
        if row["posted_at"] < PEOPLED.start - timedelta(days=1):
            earlier[row["asset_id"]].append(row["posted_at"])
    silent = [who for who, times in earlier.items() if max(times) < PEOPLED.start - timedelta(days=90)]

    assert 0.1 < len(earlier) / 3_000 < 0.25
    assert 0 < len(silent) < 0.35 * len(earlier)


def test_a_few_bots_beat_on_a_period_of_their_own() -> None:
    world = draw_world(replace(PEOPLED, population=Population(bots=0.01)), 4)
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows_of(world):
        times[row["asset_id"], row["client"]].append(row["posted_at"].timestamp())
    regular = 0
    for moments in times.values():
        gaps = np.array([later - at for at, later in pairwise(moments)])
        regular += len(gaps) >= 10 and bool(np.mean(abs(gaps / np.median(gaps) - 1) < 0.1) > 0.8)

    assert 8 <= regular <= 40


def test_posts_count_is_at_least_what_the_world_holds(world: World) -> None:
    held = Counter(world.posts["asset_id"].to_pylist())

    assert all(row["posts_count"] >= held[row["asset_id"]] for row in assets_of(world, accounts_of(world, "organic")))


def test_relations_name_accounts_that_are_there(world: World) -> None:
    accounts = set(world.assets["asset_id"].to_pylist())
    made = {row["asset_id"]: row["created_at"] for row in world.assets.to_pylist()}
    rows = world.relations.to_pylist()

    assert rows
    assert all(row["target_id"] in accounts and row["asset_id"] != row["target_id"] for row in rows)
    assert all(row["since"] >= made[row["asset_id"]] for row in rows)


def test_a_population_whose_shares_are_none_is_refused() -> None:
    with pytest.raises(UsageError, match="null_bios is a share"):
        Population(null_bios=2.0)


def test_most_people_have_friends_who_follow_them_back(world: World) -> None:
    ties = {(row["asset_id"], row["target_id"]) for row in world.relations.to_pylist()}
    followed = {target for _, target in ties}

    assert len(followed) > 0.7 * 3_000
    assert 0.2 < sum((target, account) in ties for account, target in ties) / len(ties) < 0.6
