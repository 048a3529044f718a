"""Redrawn times: what was together in the data must not be together by construction afterwards."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from samehand.coordination import UNKNOWN, Births, sorted_activities
from samehand.evaluation import redrawn
from samehand.runs.loading import LoadedTrace, World
from tests.worlds import DAY_S, draw_crowd

I64 = npt.NDArray[np.int64]
ACCOUNTS, THINGS = 15, 4


def _trace(name: str, account: I64, obj: I64, at_us: I64, post: I64, accounts: int) -> LoadedTrace:
    objects = int(obj.max()) + 1
    unknown = Births(np.full(objects, -1, np.int32), np.full(objects, UNKNOWN, np.int64))
    activities = sorted_activities(account, obj, at_us, post, accounts=accounts, objects=objects)
    return LoadedTrace(name, activities, pa.array([str(k) for k in range(objects)]), accounts, {}, unknown)


def _world(*traces: LoadedTrace, accounts: int) -> World:
    return World(pa.array(["x"] * accounts), pa.array([str(k) for k in range(accounts)]), pa.array([]), traces)


def _crowd_and_team(seed: int) -> tuple[World, int]:
    """A crowd, and from its last account on a team that posts each of `THINGS` things in one and the same second.

    Each post of the team also bears a link that no other post has.
    """
    rng = np.random.default_rng(seed)
    crowd = draw_crowd(rng, actions=6000)
    who, thing = (part.ravel() for part in np.meshgrid(np.arange(ACCOUNTS), np.arange(THINGS), indexing="ij"))
    moment = np.round(rng.random(THINGS) * 28 * DAY_S).astype(np.int64) * 1_000_000
    account, obj = np.append(crowd.account, crowd.accounts + who), np.append(crowd.obj, crowd.objects + thing)
    at, post = np.append(crowd.at_us, moment[thing]), np.arange(len(obj))
    accounts, team_posts = crowd.accounts + ACCOUNTS, post[len(crowd.obj) :]
    shared = _trace("repost", account, obj, at, post, accounts)
    own = _trace("url", crowd.accounts + who, np.arange(len(who)), moment[thing], team_posts, accounts)
    return _world(shared, own, accounts=accounts), crowd.objects


def _together(world: World, first_object: int) -> float:
    """The share of pairs of the team's posts on one thing that are at the same second."""
    a, hits, pairs = world.traces[0].activities, 0, 0
    for o in range(first_object, first_object + THINGS):
        at = a.at[a.object_start[o] : a.object_start[o + 1]] // 1_000_000
        same = at[:, None] == at[None, :]
        hits += int(same.sum()) - len(at)
        pairs += len(at) * (len(at) - 1)
    return hits / pairs


def test_a_team_that_posts_in_one_second_is_together_no_more() -> None:
    """Its posts are tied with the first one of each thing, and bear links of their own: both must not keep them."""
    world, first = _crowd_and_team(1)

    assert _together(world, first) == 1.0
    # what is left is the team's part of the delays of things of its size
    assert _together(redrawn(world, 1), first) < 0.1


@pytest.mark.parametrize("seed", [1, 2])
def test_no_two_posts_that_stay_share_an_object(seed: int) -> None:
    rng = np.random.default_rng(seed)
    crowd = draw_crowd(rng, actions=6000)
    at = np.round(crowd.at_us / 3.6e9).astype(np.int64) * 3_600_000_000 + np.arange(len(crowd.obj))
    post = np.arange(len(crowd.obj))
    world = _world(_trace("repost", crowd.account, crowd.obj, at, post, crowd.accounts), accounts=crowd.accounts)
    after = redrawn(world, seed).traces[0].activities
    before = world.traces[0].activities
    old = np.empty(len(post), np.int64)
    old[before.post] = before.at
    stays = old[after.post] == after.at
    staying = np.bincount(after.obj[stays], minlength=after.objects)

    # a post that moves lands on its old microsecond only by chance
    assert (staying <= 2).mean() > 0.99
    assert stays.mean() < 0.25


def test_no_post_comes_before_the_thing_and_accounts_keep_their_things() -> None:
    world, _ = _crowd_and_team(3)
    before, after = world.traces[0].activities, redrawn(world, 3).traces[0].activities

    assert (after.at[after.object_start[:-1]] >= before.at[before.object_start[:-1]]).all()
    assert (after.sharers == before.sharers).all()
    pairs = [set(zip(a.account.tolist(), a.obj.tolist(), strict=True)) for a in (before, after)]
    assert pairs[0] == pairs[1]


def test_all_traces_of_a_post_move_together() -> None:
    world, _ = _crowd_and_team(4)
    after = redrawn(world, 4)
    times: list[dict[int, int]] = []
    for trace in after.traces:
        a = trace.activities
        times.append(dict(zip(a.post.tolist(), a.at.tolist(), strict=True)))
    shared, own = times

    assert {post: shared[post] for post in own} == own


def test_the_same_seed_gives_the_same_times() -> None:
    world, _ = _crowd_and_team(5)
    one, two, other = (redrawn(world, seed).traces[0].activities.at for seed in (7, 7, 8))

    assert (one == two).all()
    assert not (one == other).all()
