"""The peers' comparison world, figure by figure (detection notes, section 5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np

from samehand.simulation import World, draw_world, scenario_parameters
from tests.simulation.reading import accounts_of, only_of, posts_of, rows_of


def test_it_has_the_rows_of_the_peers_comparison(comparison: World) -> None:
    kinds = Counter(comparison.posts["kind"].to_pylist())
    links = len(comparison.posts) - comparison.posts["urls"].null_count

    # teams and fans are binomial: 5 standard deviations are 200 rows
    assert abs(comparison.posts.num_rows - 206_801) < 200
    assert abs(kinds["repost"] - 104_728) < 200
    assert abs(links - 62_073) < 200


def test_the_top_object_is_as_popular_as_zipf_says(comparison: World) -> None:
    shared = Counter(row for row in comparison.posts["ref_post_id"].to_pylist() if row)

    assert abs(shared.most_common(1)[0][1] - 15_255) < 700


def test_each_team_shares_twenty_links_within_a_minute_with_the_participation_given(comparison: World) -> None:
    for number in range(1, 6):
        members = accounts_of(comparison, "team", f"team-{number}")
        links = only_of(comparison, members)
        spans = [
            (max(row["posted_at"] for row in rows) - min(row["posted_at"] for row in rows)).total_seconds()
            for rows in links.values()
        ]
        joined = sum(len({row["asset_id"] for row in rows}) for rows in links.values())

        assert len(members) == 30
        assert len(links) == 20
        assert max(spans) <= 60
        # 600 draws at .7: 5 standard errors are .094
        assert abs(joined / 600 - 0.7) < 0.094


def test_each_member_hides_behind_ten_organic_reposts(comparison: World) -> None:
    members = accounts_of(comparison, "team")
    reposts = Counter(row["asset_id"] for row in posts_of(comparison, members, "repost"))

    assert {10} == set(reposts.values())
    assert len(reposts) == 150


def test_the_fans_are_fast_and_have_one_author(comparison: World) -> None:
    fans = accounts_of(comparison, "fan")
    rows = posts_of(comparison, fans)
    born = {row["post_id"]: row["posted_at"] for row in rows_of(comparison)}
    delays = [(row["posted_at"] - born[row["ref_post_id"]]).total_seconds() for row in rows]

    assert len(fans) == 200
    assert len({row["ref_asset_id"] for row in rows}) == 1
    assert len({row["ref_post_id"] for row in rows}) == 40
    assert abs(len(rows) / 8_000 - 0.4) < 0.03
    assert 55 < np.median(delays) < 65


def test_organic_delays_follow_the_lognormal_of_an_hour(comparison: World) -> None:
    organic = accounts_of(comparison, "organic")
    born = {row["post_id"]: row["posted_at"] for row in rows_of(comparison)}
    delays = [
        (row["posted_at"] - born[row["ref_post_id"]]).total_seconds() for row in posts_of(comparison, organic, "repost")
    ]
    logs = np.log(np.maximum(delays, 1))

    # the cap at ten days cuts the upper tail, the spread is a little below 1.8
    assert 3_400 < np.median(delays) < 3_800
    assert 1.7 < logs.std() < 1.85
    assert max(delays) <= 10 * 86_400


def test_in_communities_two_rare_posts_of_one_account_have_common_readers() -> None:
    def common_readers(name: str) -> float:
        world = draw_world(scenario_parameters(name, 2, scale=0.2), 2)
        readers: dict[str, set[str]] = defaultdict(set)
        reads: dict[str, set[str]] = defaultdict(set)
        for row in posts_of(world, accounts_of(world, "organic"), "repost"):
            readers[row["ref_post_id"]].add(row["asset_id"])
            reads[row["asset_id"]].add(row["ref_post_id"])
        rare = {post for post, who in readers.items() if 3 <= len(who) <= 12}
        kept = [sorted(posts & rare) for posts in reads.values()]
        return float(np.mean([len(readers[a] & readers[b]) - 1 for posts in kept for a, b in pairwise(posts)]))

    assert common_readers("comparison-communities") > 3 * common_readers("comparison")
