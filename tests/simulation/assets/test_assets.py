"""Worlds of pages, groups and accounts hold what they promise."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from samehand.errors import UsageError
from samehand.records import Dataset, schema_of
from samehand.simulation import ASSET_SCENARIOS, AssetWorld, asset_scenario, draw_assets, write_assets


@pytest.fixture(scope="module")
def world() -> AssetWorld:
    return draw_assets(asset_scenario("assets", 8, scale=0.2), 8)


def _roles(world: AssetWorld) -> dict[str, str]:
    return {row["asset_id"]: row["role"] for row in world.truth.to_pylist()}


@pytest.mark.parametrize("name", list(ASSET_SCENARIOS))
def test_a_world_has_the_declared_tables_and_its_operation(name: str) -> None:
    drawn = draw_assets(asset_scenario(name, 2, scale=0.05), 2)

    assert all(table.schema.equals(schema_of(kind)) for kind, table in drawn.tables.items())
    assert sum(role == "team" for role in _roles(drawn).values()) == drawn.parameters.size
    assert drawn.tables["logins"].num_rows > 0 or name == "assets-withheld"


def test_the_same_seed_draws_the_same_world(world: AssetWorld) -> None:
    again = draw_assets(asset_scenario("assets", 8, scale=0.2), 8)

    assert all(again.tables[name].equals(table) for name, table in world.tables.items())


def test_ids_and_the_order_of_assets_tell_nothing_of_the_operation(world: AssetWorld) -> None:
    roles = _roles(world)
    order = [roles[name] == "team" for name in world.tables["assets"]["asset_id"].to_pylist()]
    half = len(order) // 2

    assert 0.25 < sum(order[:half]) / max(1, sum(order)) < 0.75  # fails by luck less than once in 10,000 for 30 assets


def test_every_page_and_group_is_run_by_somebody(world: AssetWorld) -> None:
    run = {row["target_id"] for row in world.tables["relations"].to_pylist() if row["role"] in ("admin", "moderator")}
    pages = {row["asset_id"] for row in world.tables["assets"].to_pylist() if row["kind"] != "account"}

    assert pages == run


def test_genuine_people_share_addresses_devices_and_offices_too(world: AssetWorld) -> None:
    roles, holders = _roles(world), defaultdict[str, set[str]](set)
    for row in world.tables["logins"].to_pylist():
        holders[row["ip"]].add(row["asset_id"])
        holders[row["device_id"]].add(row["asset_id"])
    shared = [some for some in holders.values() if len(some) > 1 and all(roles[name] != "team" for name in some)]
    offices = [some for some in shared if sum(roles[name] == "agency" for name in some) >= 3]

    assert len(shared) > 100
    assert offices


def test_activists_share_the_operations_images_members_and_hours() -> None:
    drawn = draw_assets(asset_scenario("assets", 9), 9)
    roles, media = _roles(drawn), defaultdict[str, Counter[str]](Counter)
    for row in drawn.tables["posts"].to_pylist():
        for name in row["media_hashes"]:
            media[name][roles[row["asset_id"]]] += 1
    followed = [row for row in drawn.tables["relations"].to_pylist() if row["role"] in ("follower", "member")]

    assert any(counts["activist"] and counts["team"] for counts in media.values())
    assert any(roles[row["asset_id"]] == "activist" and roles[row["target_id"]] == "team" for row in followed)
    assert any(roles[row["asset_id"]] == "team" and roles[row["target_id"]] == "activist" for row in followed)


def test_a_written_world_opens_as_a_dataset_with_its_truth(world: AssetWorld, tmp_path: Path) -> None:
    write_assets(world, tmp_path / "w")

    opened = Dataset.open(tmp_path / "w")
    assert opened.rows("logins") == world.tables["logins"].num_rows
    assert (tmp_path / "w" / "truth.csv").read_text().startswith("platform,asset_id,role,team,kind")
    assert (tmp_path / "w" / "indicators.csv").read_text().startswith("kind,value\nasset,")


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'assets-quiet'"):
        asset_scenario("assets-quite", 0)
