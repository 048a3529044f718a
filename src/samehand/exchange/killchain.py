"""The online operations kill chain of Nimmo and Hutchins (2023), in whose phases Meta publishes what it found."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["PHASES", "Step", "phase_name", "step_of"]

PHASES: Final = (
    "Acquiring assets", "Disguising assets", "Gathering information", "Coordinating and planning", "Testing defenses",
    "Evading detection", "Indiscriminate engagement", "Targeted engagement", "Compromising assets", "Enabling longevity",
)  # fmt: skip
NUMBERED: Final = re.compile(r"^\s*(\d{1,2})((?:\.\d{1,2}){0,2})\.?\s*(.*)$", re.DOTALL)


class Step(NamedTuple):
    """Phase (0 to 9; None where none is told), technique and procedure as written, their spaces set right."""

    phase: int | None
    technique: str
    procedure: str


def phase_name(phase: int) -> str:
    """A phase as Meta heads it: `9. Enabling longevity`."""
    return f"{phase}. {PHASES[phase]}"


def step_of(tactic: str, technique: str, procedure: str) -> Step:
    """Where in the kill chain a row stands.

    Tactics are misspelt, with and without a dot, and some bear another phase's number: the technique's and procedure's
    own number counts first, then the tactic's name, then its number.

    Args:
        tactic, technique, procedure: as written; any may be empty.

    """
    technique, procedure = " ".join(technique.split()), " ".join(procedure.split())
    for one in (procedure, technique):
        if (found := NUMBERED.fullmatch(one)) and found[2] and int(found[1]) < len(PHASES):
            return Step(int(found[1]), technique, procedure)
    found = NUMBERED.fullmatch(tactic)
    name = re.sub(r"[^a-z]", "", (found[3] if found else tactic).lower())
    for phase, said in enumerate(PHASES):
        if name and name == re.sub(r"[^a-z]", "", said.lower()):
            return Step(phase, technique, procedure)
    if found and int(found[1]) < len(PHASES):
        return Step(int(found[1]), technique, procedure)
    return Step(None, technique, procedure)
