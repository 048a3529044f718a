"""Worlds of who is behind it: a state is named where it left what nobody forges, and nowhere else."""

from __future__ import annotations

import numpy as np

from samehand.attribution import CALENDARS, days_off
from samehand.evaluation import attributed_worlds
from samehand.simulation import Truth, attribution_world

SEEDS = range(400, 408)
"""Few, as this is a guard; tools/bench/attribution.py measures."""


def test_no_world_that_is_not_a_states_names_one_forged_or_not() -> None:
    others: tuple[Truth, ...] = ("aligned_volunteers", "spam_for_hire", "false_flag", "genuine_movement")
    for forged in (False, True):
        found = attributed_worlds(SEEDS[:4], others, forged=forged)
        assert len(found) == 16
        assert [one.world.truth for one in found if one.names_a_state] == []


def test_a_state_that_left_two_unforgeable_traces_is_named() -> None:
    found = [one for one in attributed_worlds(SEEDS, ["state_directed"]) if len(one.world.left) >= 2]
    assert len(found) >= 3
    assert sum(one.names_a_state for one in found) >= 0.8 * len(found)


def test_a_world_is_drawn_the_same_from_the_same_seed() -> None:
    off = {name: days_off(name, 2019) for name in CALENDARS}
    one, other = (attribution_world("false_flag", 5, off=off) for _ in range(2))
    assert one.found == other.found
    assert one.theirs == other.theirs
    assert all(np.array_equal(one.times[name], other.times[name]) for name in one.times)
