"""Drawing codes by weight, many at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.signups.rows import Array

__all__ = ["Grouped", "between", "powered", "weighted"]


def weighted(rng: np.random.Generator, weight: Array, count: int) -> Array:
    """`count` indices, each with a chance in proportion to its weight."""
    total = np.cumsum(weight, dtype=np.float64)
    found: Array = np.searchsorted(total, rng.random(count) * total[-1], side="right")
    return np.minimum(found, len(weight) - 1)


def powered(rng: np.random.Generator, size: int | Array, count: int, power: float = 2.5) -> Array:
    """`count` indices below `size`, small ones more often: the popular come first."""
    found: Array = np.floor(size * rng.random(count) ** power).astype(np.int64)
    return found


def between(rng: np.random.Generator, bounds: tuple[float, float], *, log: bool = False) -> float:
    """A number between two bounds, uniform or log-uniform."""
    low, high = bounds
    return float(np.exp(rng.uniform(np.log(low), np.log(high)))) if log else float(rng.uniform(low, high))


@dataclass(frozen=True)
class Grouped:
    """Items in groups, to draw one of a given group by its weight.

    Attributes:
        items: numbers of the items, those of a group beside each other.
        total: running sum of weights over the items, each group's weights summing to 1.
        first: running number of each group's first item; one entry more than groups.

    """

    items: Array
    total: Array
    first: Array

    @classmethod
    def of(cls, group: Array, weight: Array, groups: int) -> Grouped:
        """Sort items by group; a group without items must not be asked for."""
        items = np.argsort(group, kind="stable")
        counts = np.bincount(group, minlength=groups)
        first = np.concatenate([[0], np.cumsum(counts)])
        sums = np.bincount(group, weights=weight, minlength=groups)
        share = weight[items] / np.maximum(sums[group[items]], 1e-300)
        return cls(items, np.cumsum(share), first)

    def has(self, group: Array) -> Array:
        """Whether each group has an item."""
        found: Array = self.first[group + 1] > self.first[group]
        return found

    def draw(self, rng: np.random.Generator, group: Array) -> Array:
        """An item of each entry's group."""
        first, end = self.first[group], self.first[group + 1]
        floor = np.where(first > 0, self.total[np.maximum(first - 1, 0)], 0.0)
        ceiling = self.total[np.maximum(end - 1, 0)]
        found = np.searchsorted(self.total, floor + rng.random(len(group)) * (ceiling - floor), side="right")
        drawn: Array = self.items[np.clip(found, first, np.maximum(end - 1, 0))]
        return drawn
