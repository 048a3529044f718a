from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from samehand.records import Dataset, Run
from samehand.runs import Detection, detect
from samehand.simulation import World, draw_world, scenario_parameters, write_world


@dataclass(frozen=True)
class Detected:
    """A simulated world of 1,000 accounts with two strong teams, its dataset and a run over it."""

    world: World
    dataset: Dataset
    run: Run
    detection: Detection


@pytest.fixture(scope="session")
def detected(tmp_path_factory: pytest.TempPathFactory) -> Detected:
    folder: Path = tmp_path_factory.mktemp("detected")
    world = draw_world(scenario_parameters("hongkong", 3, scale=0.3), 3)
    write_world(world, folder / "hongkong")
    detection = detect(folder / "hongkong", folder / "run")
    return Detected(world, Dataset.open(folder / "hongkong"), Run.open(folder / "run"), detection)
