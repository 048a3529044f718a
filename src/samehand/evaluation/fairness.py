"""Who is hit by mistake: rates of groups of genuine people beside the rates of all others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy.stats import beta

from samehand.evaluation.power import wilson

__all__ = ["GroupRate", "group_rates", "pooled_groups", "rate_ratio", "spread"]

Counts = Mapping[str, Mapping[str, tuple[int, int, int]]]
LEAST_PEOPLE = 500


@dataclass(frozen=True)
class GroupRate:
    """How often genuine people of a group are hit.

    Attributes:
        group: its name. people, hit: counts.
        interval: of the rate, 95 % (Wilson).
        ratio: of its rate to that of all others; nan where nobody is hit, infinite where nobody else is.
        ratio_interval: 95 %.

    """

    group: str
    people: int
    hit: int
    interval: tuple[float, float]
    ratio: float
    ratio_interval: tuple[float, float]


def rate_ratio(hit: int, people: int, other_hit: int, others: int) -> tuple[float, tuple[float, float]]:
    """The ratio of two rates with a 95 % interval that is never too narrow for independent rare events.

    Given how many were hit in all, those of the group are binomial (Przyborowski & Wilenski 1940); the interval is that of
    Clopper and Pearson for their share. Adding a half to the counts instead (Katz) calls a small group unfairly hit where
    nobody is hit at all.

    Returns:
        The ratio, nan where nobody is hit or a side has nobody, and its interval, then from 0 to infinity.

    """
    total = hit + other_hit
    if not total or not people or not others:
        return math.nan, (0.0, math.inf)
    low = float(beta.ppf(0.025, hit, other_hit + 1)) if hit else 0.0
    high = float(beta.ppf(0.975, hit + 1, other_hit)) if other_hit else 1.0
    scale = others / people
    between = scale * low / (1 - low), scale * high / (1 - high) if high < 1 else math.inf
    return (scale * hit / other_hit if other_hit else math.inf), between


def pooled_groups(worlds: Iterable[Counts]) -> dict[str, dict[str, tuple[int, int, int]]]:
    """The sums over worlds of kind of group -> group -> people, challenged or more, limited or more."""
    sums: dict[str, dict[str, Counter[int]]] = {}
    for world in worlds:
        for kind, groups in world.items():
            for group, counts in groups.items():
                sums.setdefault(kind, {}).setdefault(group, Counter()).update(dict(enumerate(counts)))
    return {kind: {name: (c[0], c[1], c[2]) for name, c in groups.items()} for kind, groups in sums.items()}


def group_rates(groups: Mapping[str, tuple[int, int]], *, least: int = LEAST_PEOPLE) -> list[GroupRate]:
    """The rates of groups that make up everybody, the highest first.

    Args:
        groups: group -> people, hit.
        least: groups of fewer people are among the others of each group, and have no row.

    """
    people, hit = (sum(column) for column in zip(*groups.values(), strict=True)) if groups else (0, 0)
    found = []
    for name, (mine, mine_hit) in groups.items():
        if mine < max(1, least):
            continue
        ratio, between = rate_ratio(mine_hit, mine, hit - mine_hit, people - mine)
        found.append(GroupRate(name, mine, mine_hit, wilson(mine_hit, mine), ratio, between))
    return sorted(found, key=lambda one: (-one.hit / one.people, one.group))


def spread(rates: Iterable[GroupRate]) -> float:
    """The highest rate of a group over the lowest: infinite where only the lowest is 0; nan where both are."""
    each = [one.hit / one.people for one in rates]
    if len(each) < 2 or not max(each):
        return math.nan
    return max(each) / min(each) if min(each) else math.inf
