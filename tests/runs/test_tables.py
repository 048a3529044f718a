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
    assert {edge[:3] for edge in edges} == _significant(searched)
    assert receipts == set(edges)
    assert all(row["q_value"] <= 0.005 for row in tables["edges"].to_pylist())


def test_an_edge_is_written_once(searched: Searched) -> None:
    world, found = searched
    rows = run_tables(world, found)["edges"].to_pylist()
    keys = [(row["asset_a"], row["asset_b"], row["trace"]) for row in rows]

    assert len(set(keys)) == len(keys)
    assert _significant(searched) <= set(keys)
