"""The worlds of the two axes: what is planted, what is genuine, and what is not handed over."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from samehand.errors import UsageError
from samehand.simulation import Protest, World, WorldParameters, draw_world, scenario_parameters

SEEDS = range(40)
ROLES = {"organic", "fan", "newsroom", "protest", "mirror", "patriot", "follower", "campaigner", "volunteer"}


@cache
def _drawn(name: str) -> World:
    return draw_world(scenario_parameters(name, 6, scale=0.1), 6)


def _planted(world: WorldParameters) -> float:
    """Planted accounts, as a share of all."""
    teams = sum(team.size for team in world.teams)
    genuine = sum(group.size for group in world.crowds if not isinstance(group, Protest))
    return teams / (world.accounts + teams + genuine)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_grid_lies_within_its_ranges(seed: int) -> None:
    world = scenario_parameters("grid", seed)

    assert 6_000 <= world.accounts <= 15_000
    assert 14 <= world.days <= 30
    assert 2 <= len(world.teams) <= 6
    assert 0.001 <= _planted(world) <= 0.05
    for team in world.teams:
        assert 8 <= team.size <= 60
        assert 12 <= team.objects <= 40
        assert 0.4 <= team.participation <= 0.9
        assert team.camouflage <= 10
        assert 3 <= len(team.look.marks) <= 6
        assert all(0.4 <= getattr(team.look, mark) <= 0.95 for mark in team.look.marks)


def test_planted_shares_are_spread_over_the_whole_range() -> None:
    shares = np.array([_planted(scenario_parameters("grid", seed)) for seed in range(200)])

    assert shares.min() < 0.002
    assert shares.max() > 0.02
    assert np.log10(shares).std() > 0.2


def test_every_mark_and_every_style_comes_up() -> None:
    teams = [team for seed in SEEDS for team in scenario_parameters("grid", seed).teams]

    assert len({mark for team in teams for mark in team.look.marks}) == 12
    assert {team.style for team in teams} == {"burst", "slow", "list"}
    assert any(team.edits for team in teams)
    assert any(team.addressed for team in teams)


def test_a_grid_holds_every_genuine_group_and_its_teams() -> None:
    assert set(_drawn("grid").truth["role"].to_pylist()) == ROLES | {"team"}
    assert _drawn("grid").logins.num_rows
    assert _drawn("grid").events.num_rows == 1


def test_grid_organic_is_the_grid_without_its_teams() -> None:
    whole, organic = scenario_parameters("grid", 6, scale=0.1), scenario_parameters("grid-organic", 6, scale=0.1)

    assert organic.teams == ()
    assert (organic.patriots, organic.accounts) == (whole.patriots, whole.accounts)
    assert set(_drawn("grid-organic").truth["role"].to_pylist()) == ROLES


def test_all_profile_data_withheld_leaves_posts_only() -> None:
    whole, bare = _drawn("grid"), _drawn("grid-withheld")
    dark = ("client", "deleted_at")
    shown = [name for name in bare.assets.column_names if bare.assets[name].null_count < bare.assets.num_rows]

    assert shown == ["platform", "asset_id", "kind"]
    assert [bare.posts[name].null_count for name in dark] == [bare.posts.num_rows] * 2
    assert bare.posts.drop_columns(list(dark)).equals(whole.posts.drop_columns(list(dark)))
    assert [table.num_rows for table in (bare.logins, bare.relations, bare.asset_history)] == [0, 0, 0]
    assert bare.truth.equals(whole.truth)


def test_a_table_or_a_column_can_be_withheld_by_itself() -> None:
    parameters = scenario_parameters("grid", 6, scale=0.1)
    drawn = draw_world(
        WorldParameters(**{**vars(parameters), "withheld": ("logins", "assets.bio", "posts.client")}),
        6,
    )
    tables: dict[str, pa.Table] = {"assets": drawn.assets, "posts": drawn.posts}

    assert drawn.logins.num_rows == 0
    assert drawn.relations.equals(_drawn("grid").relations)
    assert tables["assets"]["bio"].null_count == drawn.assets.num_rows
    assert tables["posts"]["client"].null_count == drawn.posts.num_rows
    assert tables["assets"]["handle"].null_count == 0


@pytest.mark.parametrize("name", ["posts", "posts.asset_id", "assets.smell", "ads"])
def test_what_cannot_be_withheld_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be withheld"):
        WorldParameters(withheld=(name,))
