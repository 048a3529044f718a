from __future__ import annotations

from dataclasses import dataclass

import pytest

from samehand.records import Dataset, Run
from samehand.simulation import draw_world, scenario_parameters, write_world
from tests.report.made_runs import run_of


@dataclass(frozen=True)
class Made:
    """A run of a world, and the dataset it was made from."""

    run: Run
    dataset: Dataset


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    world = draw_world(scenario_parameters("hongkong", 3, scale=0.3), 3)
    write_world(world, folder / "hongkong")
    dataset = Dataset.open(folder / "hongkong")
    return Made(run_of(world, folder / "run", folder / "hongkong", dataset.hash), dataset)
