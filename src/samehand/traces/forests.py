"""What hangs together, link by link (union-find); the earliest of a cluster is its root."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

__all__ = ["root_of", "settle", "unite"]

I32 = npt.NDArray[np.int32]


@nb.njit(cache=True)
def root_of(parent: I32, x: int) -> int:
    """The root that x hangs on; the way there is shortened."""
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@nb.njit(cache=True)
def unite(parent: I32, x: int, y: int) -> None:
    """Let x and y hang together."""
    a, b = root_of(parent, x), root_of(parent, y)
    parent[max(a, b)] = min(a, b)


@nb.njit(cache=True)
def settle(parent: I32) -> None:
    """Let everything hang on its root directly, in place."""
    for x in range(len(parent)):
        parent[x] = root_of(parent, x)
