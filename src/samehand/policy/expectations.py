"""What precision to expect of each rung, from what a bench has measured and shipped beside the policy."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from samehand.policy.signups import RUNGS, SignupPolicy

__all__ = ["SHARES", "Expected", "expected_precision"]

SHARES: Final = (0.01, 0.05, 0.20)
"""Shares of operations among sign-ups for which the precision is given."""
MEASURED: Final = "packs/signups.expected.json"
Z: Final = 1.96


@dataclass(frozen=True)
class Expected:
    """Of one rung: the share of operations that reach it, and the precision at each of SHARES."""

    name: str
    recall: float
    precision: tuple[float, ...]


def _upper(hits: int, trials: int) -> float:
    """The upper end of Wilson's 95 % interval."""
    share, z2 = hits / trials, Z * Z / trials
    return (share + z2 / 2 + Z * math.sqrt(share * (1 - share) / trials + z2 / trials / 4)) / (1 + z2)


def expected_precision(policy: SignupPolicy) -> list[Expected]:
    """What to expect of each rung that the machine may take; empty for a policy that nobody has measured."""
    try:
        measured = json.loads(files("samehand.policy").joinpath(MEASURED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    if measured["version"] != policy.version:
        return []
    found = []
    for name in RUNGS:
        counts = measured["rungs"][name]
        recall = counts["reached"] / counts["operation"]
        wrong = _upper(counts["wrong"], counts["genuine"])
        found.append(Expected(name, recall, tuple(p * recall / (p * recall + (1 - p) * wrong) for p in SHARES)))
    return found
