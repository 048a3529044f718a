from __future__ import annotations

import pytest

from samehand.simulation import World, draw_world, scenario_parameters


@pytest.fixture(scope="session")
def comparison() -> World:
    return draw_world(scenario_parameters("comparison", 7), 7)


@pytest.fixture(scope="session")
def hongkong() -> World:
    return draw_world(scenario_parameters("hongkong", 3), 3)
