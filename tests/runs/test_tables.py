from __future__ import annotations

from dataclasses import replace

import pytest

from samehand.engine import LocalEngine
from samehand.runs.loading import World, load_world
from samehand.runs.search import Found, search_world
from samehand.runs.tables import run_tables
from samehand.traces import named_traces
from tests.runs.conftest import Detected

Searched = tuple[World, Found]


@pytest.fixture(scope="module")
def searched(detected: Detected) -> Searched:
    world = load_world(detected.dataset, named_traces(["repost", "url"]))
    return world, search_world(world, (60, 600), level=0.01, engine=LocalEngine())


def _significant(searched: Searched) -> set[tuple[str, str, str]]:
    world, found = searched
    names = world.assets.to_pylist()
    return {
        (names[trace.judged.first[row]], names[trace.judged.second[row]], trace.loaded.name)
        for trace in found.traces
        for row in trace.significant.tolist()
    }


def test_every_significant_pair_is_an_edge_with_receipts_even_where_no_network_holds_it(searched: Searched) -> None:
    world, found = searched
    tables = run_tables(world, replace(found, networks=()))
    keys = ("asset_a", "asset_b", "trace", "window_s")
    edges = [tuple(row[key] for key in keys) for row in tables["edges"].to_pylist()]
    receipts = {tuple(row[key] for key in keys) for row in tables["receipts"].to_pylist()}

    assert len(_significant(searched)) > 50
    assert {edge[:3] for edge in edges if edge[2] != "fused"} == _significant(searched)
    assert receipts == set(edges)
    assert all(row["q_value"] <= 0.005 for row in tables["edges"].to_pylist())


def test_a_fused_edge_is_a_significant_pair_that_shares_things_of_several_traces_and_counts_each_pair_of_posts_once(
    searched: Searched,
) -> None:
    world, found = searched
    assert found.together is not None
    names = world.assets.to_pylist()
    judged = found.together.judged
    significant = {(names[judged.first[row]], names[judged.second[row]]) for row in found.together.significant.tolist()}
    tables = run_tables(world, replace(found, networks=()))
    fused = [row for row in tables["edges"].to_pylist() if row["trace"] == "fused"]
    receipts = [row for row in tables["receipts"].to_pylist() if row["trace"] == "fused"]
    posts = [(row["post_a"], row["post_b"]) for row in receipts]

    assert fused
    assert {(row["asset_a"], row["asset_b"]) for row in fused} <= significant
    assert len(set(posts)) == len(posts)
    for row in fused:
        own = [r for r in receipts if (r["asset_a"], r["asset_b"]) == (row["asset_a"], row["asset_b"])]
        assert len(own) == row["co_activities"]


def test_an_edge_is_written_once(searched: Searched) -> None:
    world, found = searched
    rows = run_tables(world, found)["edges"].to_pylist()
    keys = [(row["asset_a"], row["asset_b"], row["trace"]) for row in rows]

    assert len(set(keys)) == len(keys)
    assert _significant(searched) <= set(keys)
