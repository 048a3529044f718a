"""Where the dots of a small graph go: a force layout that gives the same picture each time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["force_layout"]

ROUNDS = 250


def force_layout(nodes: int, edges: Sequence[tuple[int, int]], *, seed: int = 0) -> npt.NDArray[np.float64]:
    """Place nodes by spring and repulsion (Fruchterman and Reingold 1991), with a pull to the middle.

    Args:
        nodes: how many.
        edges: pairs of node numbers.
        seed: of the first positions.

    Returns:
        float64[nodes, 2], in [0, 1]; one node alone lies in the middle.

    """
    if nodes <= 1:
        return np.full((nodes, 2), 0.5)
    at = np.random.default_rng(seed).random((nodes, 2))
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    ideal = 1.0 / np.sqrt(nodes)
    # in a dense graph springs would crush everything into one dot
    pull = 1.0 / max(1.0, 2 * len(ends) / nodes / 4)
    for heat in np.linspace(0.12, 0.004, ROUNDS):
        gap = at[:, None, :] - at[None, :, :]
        distance = np.maximum(np.sqrt((gap**2).sum(axis=2)), 1e-4)
        push = (gap * (ideal**2 / distance**2)[:, :, None]).sum(axis=1)
        along = at[ends[:, 1]] - at[ends[:, 0]]
        spring = along * np.sqrt((along**2).sum(axis=1, keepdims=True)) / ideal * pull
        np.add.at(push, ends[:, 0], spring)
        np.add.at(push, ends[:, 1], -spring)
        push += (0.5 - at) * 0.6
        length = np.maximum(np.sqrt((push**2).sum(axis=1, keepdims=True)), 1e-9)
        at += push / length * np.minimum(length, heat)
    low, high = at.min(axis=0), at.max(axis=0)
    placed: npt.NDArray[np.float64] = (at - low) / np.maximum(high - low, 1e-9)
    return placed
