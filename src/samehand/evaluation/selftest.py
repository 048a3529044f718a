"""A detection small enough for any machine, whose answer is known: does this installation work?"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from samehand.evaluation.truth import TEAM, compare_with_truth
from samehand.runs import DetectParameters, detect
from samehand.simulation import Team, WorldParameters, draw_world, write_world

__all__ = ["SelfTest", "run_self_test"]

_WORLD = WorldParameters(
    name="self-test",
    accounts=400,
    activities=4_000,
    teams=(Team(size=12, objects=16, participation=0.8, window_s=60.0, trace="url"),),
)


@dataclass(frozen=True)
class SelfTest:
    """What a detection on a made-up world found.

    Attributes:
        team, team_found: accounts of the one planted team, and how many of them are in networks.
        others, others_found: all other accounts, and how many of them are in networks.
        seconds: of wall-clock time, compiling the kernels included where that was still to do.

    """

    team: int
    team_found: int
    others: int
    others_found: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the whole team was found, and nobody else."""
        return self.team_found == self.team and self.others_found == 0


def run_self_test() -> SelfTest:
    """Draw a small world in a temporary folder, search it, and compare with what was planted.

    The seed is fixed: on a working installation the answer is always the same.
    """
    began = perf_counter()
    with tempfile.TemporaryDirectory(prefix="samehand-") as name:
        folder = Path(name)
        write_world(draw_world(_WORLD, 0), folder / "world")
        detect(folder / "world", folder / "run", DetectParameters())
        compared = compare_with_truth(folder / "run", folder / "world" / "truth.csv")
    team = next(row for row in compared.roles if row.role == TEAM)
    others = [row for row in compared.roles if row.role != TEAM]
    return SelfTest(
        team.accounts,
        team.in_networks,
        sum(row.accounts for row in others),
        sum(row.in_networks for row in others),
        round(perf_counter() - began, 3),
    )
