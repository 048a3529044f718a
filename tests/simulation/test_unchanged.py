"""Worlds that figures in the docs were measured on stay what they were, whatever else a world can hold since."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from samehand.simulation import LOOKS_ONLY, World, draw_world, scenario_parameters

COLUMNS = ("post_id", "asset_id", "posted_at", "text", "ref_post_id")
POSTS = {
    "comparison": "c4d1bbb2b87f3b00",
    "comparison-communities": "113ff079e1b119ad",
    "null": "5c2bb66f4131043d",
    "null-communities": "bb35a7ed4979eee6",
    "null-sessions": "a2be6bb62cfc3a1b",
    "hongkong": "8572c2cbf1fd5306",
    "weak": "ac276ca63884a15c",
    "mixture": "fdf10edc6f795cf2",
}
"""Of the scenarios' posts at seed 5 and scale .05, before worlds had a population; hongkong since its newsroom has a site."""


def _posts(world: World) -> str:
    found = hashlib.sha256()
    for column in COLUMNS:
        for value in world.posts[column].to_pylist():
            found.update(f"{value}\n".encode())
    return found.hexdigest()[:16]


@pytest.mark.parametrize("name", list(POSTS))
def test_the_posts_of_a_scenario_are_the_ones_that_were_measured(name: str) -> None:
    assert POSTS[name] == _posts(draw_world(scenario_parameters(name, 5, scale=0.05), 5))


@pytest.mark.parametrize("name", ["comparison", "weak", "mixture"])
def test_looks_only_change_no_post(name: str) -> None:
    parameters = replace(scenario_parameters(name, 5, scale=0.05), population=LOOKS_ONLY)
    world = draw_world(parameters, 5)

    assert POSTS[name] == _posts(world)
    assert world.posts["client"].null_count == 0
