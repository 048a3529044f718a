"""The five traps: what looks coordinated and is not, and a team that hides behind what it makes itself.

Each world is a crowd of 1,500 accounts with 15,000 actions. Where nothing is planted a run may report a network in at
most 2 of 100 worlds, so that two of five worlds do with chance below .004.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from samehand.coordination import (
    UNKNOWN,
    Births,
    candidate_groups,
    group_meetings,
    measure_reference,
    measure_ties,
    members_with_evidence,
)
from samehand.coordination import groups as groups_of
from samehand.engine import LocalEngine
from samehand.runs.search import Found
from tests.worlds import DAY_S, WINDOWS_US, Crowd, draw_crowd, members_of, search_of

F64 = npt.NDArray[np.float64]

SEEDS = range(5)


def _null_search(crowd: Crowd) -> Found:
    return search_of(crowd.activities())


def test_a_like_minds_share_rare_things_and_make_no_network() -> None:
    found = [_null_search(draw_crowd(np.random.default_rng(seed), communities=30)) for seed in SEEDS]

    assert sum(len(one.ties.first) for one in found) > 100, "the search itself must be tempted"
    assert sum(bool(one.networks) for one in found) <= 1


@pytest.mark.parametrize("seed", [10, 11, 12])
def test_b_a_team_that_fills_a_class_of_objects_does_not_make_its_own_curve(seed: int) -> None:
    """60 things of the class of 11 to 20 sharers are the team's alone, where the crowd has some dozens."""
    rng = np.random.default_rng(seed)
    crowd = draw_crowd(rng)
    both = crowd.with_team(rng, range(1500, 1520), 60)
    chances = []
    for world in (crowd, both):
        a = world.activities()
        ties = measure_ties(a, np.zeros(a.objects, np.int64), LocalEngine(1))
        reference = measure_reference(a, WINDOWS_US, root=candidate_groups(ties, a.accounts).root)
        (like,) = (c for c in reference.classes if c.smallest == 11)
        chances.append(like.chance[1])
    alone, beside = chances

    assert beside <= 2 * alone
    assert set(range(1500, 1520)) in members_of(search_of(both.activities()))


def _always_early(seed: int) -> tuple[Crowd, Births]:
    """60 accounts (3000 on), each half a minute after the birth of 25 of 100 things that 300 people share."""
    rng = np.random.default_rng(seed)
    crowd = draw_crowd(rng, accounts=3000, objects=300, actions=6000)
    born_s = rng.random(100) * 28 * DAY_S
    drawn = np.unique(rng.integers(0, 3000, 30_000) * 100 + np.repeat(np.arange(100), 300))
    who, what = drawn // 100, drawn % 100
    later_s = np.exp(np.log(3600) + 1.8 * rng.standard_normal(len(who)))
    world = crowd.with_rows(who, 300 + what, born_s[what] + later_s)
    early = np.repeat(np.arange(3000, 3060), 25)
    things = np.concatenate([rng.choice(100, 25, replace=False) for _ in range(60)])
    born_us = np.round(np.concatenate((crowd.born_s, born_s)) * 1e6).astype(np.int64)
    births = Births(rng.integers(0, 3000, 400).astype(np.int32), born_us)
    return world.with_rows(early, 300 + things, born_s[things] + 30 * rng.random(len(things))), births


@pytest.mark.parametrize("seed", [40, 41])
def test_c_the_pace_of_accounts_that_are_always_early_is_higher(seed: int) -> None:
    pace = measure_reference(_always_early(seed)[0].activities(), WINDOWS_US).pace

    assert pace[3000:, 1].mean() > 1.5
    assert pace[:3000, 1].mean() < 1.1
    assert (pace >= 1).all()


def test_c_accounts_that_are_always_early_with_many_authors_make_no_network() -> None:
    world, births = _always_early(40)

    assert members_of(search_of(world.activities(), births=births)) == []


FANS, AUTHOR = np.arange(1500, 1560), 3


def _with_fans(rng: np.random.Generator) -> tuple[Crowd, Crowd, F64]:
    """A crowd; the same with 60 fans, each a minute after four of ten of one author's 40 posts; when these were posted."""
    crowd = draw_crowd(rng)
    born_s = np.sort(rng.random(40)) * 28 * DAY_S
    who, post = np.meshgrid(FANS, np.arange(40), indexing="ij")
    joins = rng.random(who.shape) < 0.4
    who, post = who[joins], post[joins]
    at_s = born_s[post] + np.exp(np.log(60) + rng.standard_normal(len(who)))
    return crowd, crowd.with_rows(who, crowd.objects + post, at_s), born_s


@pytest.mark.parametrize("seed", [20, 21, 22])
def test_c_fast_fans_of_one_author_are_no_network_or_their_author_is_named(seed: int) -> None:
    rng = np.random.default_rng(seed)
    crowd, world, born_s = _with_fans(rng)
    births = Births(
        np.concatenate((rng.integers(0, 1500, crowd.objects), np.full(40, AUTHOR))).astype(np.int32),
        np.round(np.concatenate((crowd.born_s, born_s)) * 1e6).astype(np.int64),
    )
    found = search_of(world.activities(), births=births)

    assert not set(FANS.tolist()) & set().union(*members_of(found))
    assert (set(FANS.tolist()), AUTHOR) in [(set(one.members.tolist()), one.author) for one in found.explained]


def test_c_a_team_that_waits_and_bursts_on_one_authors_posts_is_still_a_team() -> None:
    """What explains fans must not explain a team: it comes hours later, at one moment."""
    rng = np.random.default_rng(23)
    crowd = draw_crowd(rng)
    born_s = np.sort(rng.random(20)) * 27 * DAY_S
    waits_s = rng.random(20) * 12 * 3600
    who, post = (part.ravel() for part in np.meshgrid(np.arange(1500, 1515), np.arange(20), indexing="ij"))
    world = crowd.with_rows(who, crowd.objects + post, born_s[post] + waits_s[post] + 60 * rng.random(len(who)))
    births = Births(
        np.concatenate((np.full(crowd.objects, -1), np.full(20, 3))).astype(np.int32),
        np.round(np.concatenate((crowd.born_s, born_s)) * 1e6).astype(np.int64),
    )

    assert members_of(search_of(world.activities(), births=births)) == [set(range(1500, 1515))]


def test_d_readers_of_one_timeline_in_one_quarter_of_an_hour_make_no_network() -> None:
    """300 sessions of four readers who repost six new things together: one session is one observation."""
    found = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        world = draw_crowd(rng)
        people = [rng.choice(1500, 4, replace=False) for _ in range(300)]
        who = np.repeat(np.concatenate(people), 6)
        thing = world.objects + np.repeat(np.arange(300) * 6, 24) + np.tile(np.arange(6), 1200)
        opens = np.repeat(rng.random(300) * 28 * DAY_S, 24)
        found.append(_null_search(world.with_rows(who, thing, opens + 900 * rng.random(len(who)))))

    assert sum(bool(one.networks) for one in found) <= 1


@pytest.mark.parametrize("seed", [30, 31, 32])
def test_e_who_merely_shares_a_teams_things_is_left_out(seed: int) -> None:
    """Twelve of a team, and four who share its things hours later: all are one group, only the team is together."""
    rng = np.random.default_rng(seed)
    crowd = draw_crowd(rng)
    team, others = np.arange(1500, 1512), np.arange(1512, 1516)
    world = crowd.with_team(rng, team, 20, participation=0.8)
    begins = np.array([world.at_us[world.obj == crowd.objects + k].min() / 1e6 for k in range(20)])
    who, thing = (part.ravel() for part in np.meshgrid(others, np.arange(20), indexing="ij"))
    world = world.with_rows(who, crowd.objects + thing, begins[thing] + 3600 * (1 + 30 * rng.random(len(who))))
    a = world.activities()
    reference = measure_reference(a, WINDOWS_US)
    group = np.arange(1500, 1516).astype(np.int32)
    test = groups_of.test_group(group_meetings(a, reference, group), reference, a.sharers)
    members, _ = members_with_evidence(group_meetings(a, reference, group), reference, a.sharers, group, test)

    assert test.p_value < 1e-3
    assert members.tolist() == team.tolist()
    assert not {*others.tolist()} & set().union(*members_of(search_of(a)))


def test_c_fans_are_set_aside_even_where_one_of_them_is_of_a_team() -> None:
    """One account links 60 fans of an author with a team of 12: the fans are explained, the team is a network."""
    rng = np.random.default_rng(24)
    crowd, world, born_s = _with_fans(rng)
    team = np.arange(1559, 1571)
    world = world.with_team(rng, team, 24, participation=0.9)
    births = Births(
        np.concatenate((rng.integers(0, 1500, crowd.objects), np.full(40, AUTHOR), np.full(24, -1))).astype(np.int32),
        np.concatenate((np.round(np.concatenate((crowd.born_s, born_s)) * 1e6).astype(np.int64), np.full(24, UNKNOWN))),
    )
    found = search_of(world.activities(), births=births)

    assert members_of(found) == [set(team.tolist())]
    (explained,) = found.explained
    assert explained.author == AUTHOR
    assert set(explained.members.tolist()) == set(FANS.tolist()) - {1559}
