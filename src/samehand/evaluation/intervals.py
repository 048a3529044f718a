"""Intervals for shares over worlds: worlds drawn anew, since accounts of one world are no independent trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from samehand.evaluation.scoring import WorldScore, add_up

__all__ = ["bootstrap"]

DRAWS = 1000


def bootstrap(
    scores: Sequence[WorldScore], figure: Callable[[WorldScore], float], *, seed: int = 0
) -> tuple[float, float] | None:
    """A 95 % percentile interval of a figure of the sum over worlds, from worlds drawn anew with replacement.

    Args:
        scores: of one detector, one a world; those in which it did not run are left out.
        figure: of a sum of worlds; draws in which it is nan are left out.
        seed: of the draws.

    Returns:
        The interval; None where there are fewer than two worlds, or the figure never is a number.

    """
    ran = [one for one in scores if one.ran]
    if len(ran) < 2:
        return None
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(ran), size=(DRAWS, len(ran)))
    values = np.array([figure(add_up([ran[k] for k in row], "drawn")) for row in picks.tolist()])
    values = values[~np.isnan(values)]
    return (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))) if len(values) else None
