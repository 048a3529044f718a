"""Intervals for shares over worlds: worlds drawn anew, since accounts of one world are no independent trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from samehand.evaluation.scoring import WorldScore, add_up

__all__ = ["bootstrap", "drawn_anew"]

DRAWS = 1000


def drawn_anew(scores: Sequence[WorldScore], *, seed: int = 0) -> list[WorldScore]:
    """Sums over worlds drawn anew with replacement, a thousand of them; none where there are fewer than two worlds.

    Args:
        scores: of one detector, one a world; those in which it did not run are left out.
        seed: of the draws.

    """
    ran = [one for one in scores if one.ran]
    if len(ran) < 2:
        return []
    picks = np.random.default_rng(seed).integers(len(ran), size=(DRAWS, len(ran)))
    return [add_up([ran[k] for k in row], "drawn") for row in picks.tolist()]


def bootstrap(drawn: Sequence[WorldScore], figure: Callable[[WorldScore], float]) -> tuple[float, float] | None:
    """A 95 % percentile interval of a figure of the sum over worlds.

    Args:
        drawn: sums over worlds drawn anew.
        figure: of a sum of worlds; draws in which it is nan are left out.

    Returns:
        The interval; None where there are no draws, or the figure never is a number.

    """
    values = np.array([figure(one) for one in drawn])
    values = values[~np.isnan(values)]
    return (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))) if len(values) else None
