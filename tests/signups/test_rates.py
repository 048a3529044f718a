"""How often whom: on worlds of the generator, whose truth is known."""

from __future__ import annotations

from collections import Counter

import pytest

from samehand.policy import DECISIONS
from samehand.simulation import SignupWorld, draw_signups, signup_scenario
from tests.signups.streams import decided, highest

CHALLENGE, LIMIT = DECISIONS.index("challenge"), DECISIONS.index("limit")


def _rungs(name: str, seed: int, scale: float) -> dict[str, Counter[int]]:
    """By role, how many accounts got to which rung."""
    world: SignupWorld = draw_signups(signup_scenario(name, seed, scale), seed)
    best, found = highest(decided(world.signups)), {"genuine": Counter[int](), "operation": Counter[int]()}
    for asset, role in zip(world.truth["asset_id"].to_pylist(), world.truth["role"].to_pylist(), strict=True):
        found.setdefault(role, Counter())[best[asset]] += 1
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_hardly_any_genuine_person_is_challenged_in_a_world_without_an_operation(seed: int) -> None:
    """Seeds 1 and 2, 10,000 people with all that looks like an operation and is none: 6 and 0 were challenged when written.

    The world is a fixed draw, so it fails by a change of the code only; the bound is .2 % of them.
    """
    genuine = _rungs("signups-quiet", seed, 0.25)["genuine"]

    assert genuine.total() > 9_000
    assert sum(count for rung, count in genuine.items() if rung >= CHALLENGE) <= 0.002 * genuine.total()


@pytest.mark.parametrize(("name", "seed"), [("signups-e0", 1), ("signups-e1", 1)])
def test_most_of_an_operation_that_hides_little_is_limited_and_people_are_not(name: str, seed: int) -> None:
    """Seed 1: 122 of 123 (E0) and 116 of 123 (E1) of the operation were limited when written; fixed draws."""
    found = _rungs(name, seed, 0.3)
    limited = {role: sum(n for rung, n in rungs.items() if rung >= LIMIT) for role, rungs in found.items()}

    assert limited["operation"] > 0.5 * found["operation"].total()
    assert limited["genuine"] <= 0.001 * found["genuine"].total()
