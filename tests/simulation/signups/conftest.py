from __future__ import annotations

from dataclasses import replace

import pytest

from samehand.simulation import SignupWorld, draw_signups, signup_scenario

SEED = 3


def world_of(name: str, seed: int = SEED, **changed: object) -> SignupWorld:
    return draw_signups(replace(signup_scenario(name, seed), **changed), seed)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def quiet() -> SignupWorld:
    return world_of("signups-quiet")


@pytest.fixture(scope="session")
def levels() -> dict[str, SignupWorld]:
    """A world of each level in which one account in twenty is the operation's."""
    return {level: world_of(f"signups-{level.lower()}", prevalence=0.05) for level in ("E0", "E1", "E2", "E3", "E4")}


@pytest.fixture(scope="session")
def recidivism() -> SignupWorld:
    return draw_signups(signup_scenario("signups-recidivism", SEED, scale=0.006), SEED)
