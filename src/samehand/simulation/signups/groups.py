"""The hard negatives H1 to H14: genuine people who look like an operation; and the surges of a world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from samehand.simulation.signups import publics, venues
from samehand.simulation.signups.parameters import HARD
from samehand.simulation.signups.rows import Rows
from samehand.simulation.signups.sampling import between
from samehand.simulation.signups.stage import Stage

__all__ = ["GROUPS", "hard_negatives", "surges"]

GROUPS: Final[dict[str, Callable[[Stage, np.random.Generator], Rows]]] = {
    "H1": venues.campuses,
    "H2": publics.protests,
    "H3": venues.carriers,
    "H4": venues.sharers,
    "H5": venues.classes,
    "H6": publics.dissidents,
    "H7": venues.offices,
    "H8": venues.conferences,
    "H9": publics.old_handsets,
    "H10": publics.defaults,
    "H11": publics.refugees,
    "H12": publics.returning,
    "H13": publics.patriots,
    "H14": publics.nights,
}
"""How each of them is drawn; the first line of each docstring says who they are."""


def hard_negatives(stage: Stage, rng: np.random.Generator) -> list[Rows]:
    """The people of each hard negative that the world has; each group's randomness is its own."""
    seeds = rng.integers(0, 1 << 62, len(HARD))
    made = []
    for number, name in enumerate(HARD):
        if name in stage.parameters.groups:
            rows = GROUPS[name](stage, np.random.default_rng(int(seeds[number])))
            rows.scenario[:] = number + 1
            made.append(rows)
    return made


def surges(stage: Stage, rng: np.random.Generator) -> list[Rows]:
    """Marketing bursts, and the surge of the platform if there is one."""
    made = [publics.marketing(stage, rng) for _ in range(stage.parameters.surges)]
    if stage.parameters.surge is not None:
        made.append(publics.platform_surge(stage, rng, between(rng, stage.parameters.surge)))
    return made
