"""The techniques of the DISARM framework, as the MISP galaxy lists them (`disarm.NOTICE.txt`)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Technique", "disarm_techniques"]


@dataclass(frozen=True)
class Technique:
    """A technique: its id (`T0049.002`), name, the tactic that it serves, and the galaxy's own id of it."""

    technique_id: str
    name: str
    tactic: str
    uuid: str


@cache
def disarm_techniques() -> Mapping[str, Technique]:
    """Every technique by its id."""
    lines = (files("samehand.records") / "disarm.csv").read_text("utf-8").splitlines()
    return {row["technique"]: Technique(*row.values()) for row in csv.DictReader(lines)}
