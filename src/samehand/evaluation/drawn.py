"""Simulated worlds as a run sees them: drawn, written as a dataset, read back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samehand.engine import LocalEngine
from samehand.records import Dataset
from samehand.runs import Found, World, load_world, search_world
from samehand.simulation import World as DrawnWorld
from samehand.simulation import draw_world, scenario_parameters, write_world
from samehand.traces import named_traces

__all__ = ["WINDOWS_S", "Searched", "drawn_worlds", "loaded", "searched_worlds"]

WINDOWS_S = (10, 60, 600, 3600, 21600)
"""The windows of a run at default settings."""


def loaded(world: DrawnWorld) -> World:
    """What a run would load of a drawn world's dataset, all traces."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world"
        write_world(world, path)
        return load_world(Dataset.open(path), named_traces(None))


def drawn_worlds(scenario: str, seeds: range, *, scale: float = 1.0) -> Iterator[tuple[int, World]]:
    """The worlds of a scenario, one a seed, loaded."""
    for seed in seeds:
        yield seed, loaded(draw_world(scenario_parameters(scenario, seed, scale), seed))


@dataclass(frozen=True)
class Searched:
    """A drawn world after a search at default settings.

    truth: (role, team) of each asset_id; assets: the asset_id of each account number.
    """

    seed: int
    drawn: DrawnWorld
    found: Found
    truth: dict[str, tuple[str, str | None]]
    assets: list[str]


def searched_worlds(scenario: str, seeds: range, *, level: float) -> Iterator[Searched]:
    """Draw the worlds of a scenario, one a seed, and search each for networks.

    Args:
        scenario: a scenario's name.
        seeds: one world each.
        level: the false discovery rate asked for.

    """
    for seed in seeds:
        drawn = draw_world(scenario_parameters(scenario, seed), seed)
        world = loaded(drawn)
        found = search_world(world, WINDOWS_S, level=level, engine=LocalEngine())
        truth = {row["asset_id"]: (row["role"], row["team"]) for row in drawn.truth.to_pylist()}
        yield Searched(seed, drawn, found, truth, world.assets.to_pylist())
