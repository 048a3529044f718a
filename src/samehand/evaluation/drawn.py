"""Simulated worlds as a run sees them: drawn, written as a dataset, read back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from samehand.records import Dataset
from samehand.runs import World, load_world
from samehand.simulation import World as DrawnWorld
from samehand.simulation import draw_world, scenario_parameters, write_world
from samehand.traces import named_traces

__all__ = ["drawn_worlds", "loaded"]


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
