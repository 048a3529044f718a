"""Worlds with known truth: organic accounts, crowds that are no operation, and planted teams.

In: a scenario's name and a seed, or WorldParameters. Out: a World with posts, assets and the truth about each account.
"""

from samehand.simulation.disk import write_archive, write_world
from samehand.simulation.parameters import (
    Fans,
    Mirrors,
    Newsroom,
    Protest,
    Sessions,
    Team,
    WorldParameters,
)
from samehand.simulation.scenarios import SCENARIOS, scenario_parameters
from samehand.simulation.world import World, draw_world

__all__ = [
    "draw_world",
    "scenario_parameters",
    "SCENARIOS",
    "write_world",
    "write_archive",
    "World",
    "WorldParameters",
    "Team",
    "Fans",
    "Newsroom",
    "Protest",
    "Mirrors",
    "Sessions",
]
