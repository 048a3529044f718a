"""Candidate groups, from who shared what alone: no time is looked at, so the times stay unused for the test.

Two accounts that share, in different sittings, more rare objects than their activity explains (a configuration model
inside classes of like objects, Poisson) get a tie of that many nats. As a *test* this fails, like minds share rare
things; as a *search* it serves. Groups are the components and Leiden communities of the ties above several thresholds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import networkit as nk
import numba as nb
import numpy as np
import numpy.typing as npt
from scipy.special import pdtrc

from samehand.coordination.arrays import Activities, sorted_activities
from samehand.coordination.kernel import Bands, open_window, pairs_of_block
from samehand.coordination.meetings import shared_sittings
from samehand.coordination.pairs import blocks_of
from samehand.coordination.reference import SIZE_EDGES
from samehand.engine import Engine

__all__ = ["Candidates", "Ties", "candidate_groups", "measure_ties"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

THRESHOLDS = (5.0, 7.0, 10.0, 15.0, 20.0, 30.0)
RESOLUTIONS = (0.5, 1.0, 2.0, 5.0, 15.0)
SMALLEST, LARGEST = 2, 500
PAIR_BUDGET = 400_000_000
"""Pairs of sharers the search may look at; objects are taken from the rarest on until it is spent."""
LARGEST_OBJECT = 600
ALIKE = 0.9
"""Two candidate groups with at least this share of members in common (Jaccard) are one."""
EVER_S = 4e9


@dataclass(frozen=True)
class Ties:
    """Pairs of accounts that share more rare objects than chance: first < second, and how many nats beyond it."""

    first: I32
    second: I32
    nats: F64
    largest_object: int


@dataclass(frozen=True)
class Candidates:
    """Candidate groups: arrays of account numbers, ascending; and the component of the weakest threshold of each account."""

    groups: tuple[I32, ...]
    root: I32


def _largest_object(sharers: I32) -> int:
    """The popularity up to which all pairs of sharers can be looked at within the budget."""
    sizes = np.bincount(np.minimum(sharers, LARGEST_OBJECT + 1), minlength=LARGEST_OBJECT + 2)[: LARGEST_OBJECT + 1]
    n = np.arange(len(sizes), dtype=np.float64)
    spent = np.cumsum(sizes * n * (n - 1) / 2)
    return max(2, int(np.searchsorted(spent, PAIR_BUDGET, side="right")) - 1)


def _classes(sharers: I32, kind: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    size = np.searchsorted(np.asarray(SIZE_EDGES), sharers, side="right") - 1
    _, number = np.unique(kind.astype(np.int64) * len(SIZE_EDGES) + size, return_inverse=True)
    return np.asarray(number, np.int64)


def _nats(shared: I32, expected: F64) -> F64:
    """-ln of the Poisson tail; nothing for fewer than two shared things."""
    return np.asarray(np.where(shared >= 2, -np.log(np.maximum(pdtrc(shared - 1.0, expected), 1e-300)), 0.0))


@nb.njit(cache=True)
def _expected_shared(first: I32, second: I32, degree: F64, rate: F64) -> F64:
    out = np.zeros(len(first))
    for i in range(len(first)):
        for c in range(len(rate)):
            out[i] += degree[first[i], c] * degree[second[i], c] * rate[c]
    return out


def measure_ties(activities: Activities, kind: npt.NDArray[np.integer], engine: Engine) -> Ties:
    """Ties between accounts by shared rare objects (at least two, of one or several traces).

    Args:
        activities: sorted activities, objects of several traces numbered apart.
        kind: each object's trace as a small integer.
        engine: where blocks run.

    """
    a = activities
    largest = _largest_object(a.sharers)
    rare = (a.sharers[a.obj] >= 2) & (a.sharers[a.obj] <= largest)
    number = np.cumsum((a.sharers >= 2) & (a.sharers <= largest)) - 1
    kept = np.flatnonzero((a.sharers >= 2) & (a.sharers <= largest))
    part = sorted_activities(
        a.account[rare],
        number[a.obj[rare]],
        a.at[rare],
        a.post[rare],
        accounts=a.accounts,
        objects=len(kept),
        sitting=a.sitting[rare],
    )
    group = _classes(part.sharers, kind[kept])
    classes = int(group.max(initial=-1)) + 1
    degree = np.zeros((a.accounts, classes))
    own = np.unique(part.account.astype(np.int64) * max(part.objects, 1) + part.obj)
    np.add.at(degree, (own // max(part.objects, 1), group[own % max(part.objects, 1)]), 1.0)
    n = part.sharers.astype(np.float64)
    meetings = np.bincount(group, weights=n * (n - 1), minlength=classes)
    total = np.bincount(group, weights=n, minlength=classes)
    rate = meetings / np.maximum(total, 1) ** 2
    window = open_window(part, EVER_S, Bands(cap=np.iinfo(np.int32).max))

    def tie_block(low: int, high: int) -> tuple[I32, I32, F64]:
        found = pairs_of_block(part, window, low, high, minimum=2)
        expected = _expected_shared(found.first, found.second, degree, rate)
        # the exact count, by sittings, is never above the count of objects: look closer only where that is enough
        strong = _nats(found.objects, expected) >= THRESHOLDS[0]
        first, second = found.first[strong], found.second[strong]
        nats = _nats(shared_sittings(part, first, second), expected[strong])
        tied = nats >= THRESHOLDS[0]
        return first[tied], second[tied], nats[tied]

    parts = list(engine.map_blocks(tie_block, blocks_of(part)))
    first, second, nats = (np.concatenate([block[k] for block in parts]) for k in range(3))
    return Ties(first, second, nats, largest)


def _graph(ties: Ties, keep: npt.NDArray[np.bool_]) -> tuple[nk.Graph, I64]:
    """The graph of the kept ties over the accounts they touch, and those accounts' numbers."""
    nodes, ends = np.unique(np.concatenate((ties.first[keep], ties.second[keep])), return_inverse=True)
    half = len(ends) // 2
    graph = nk.GraphFromCoo(
        (ties.nats[keep], (ends[:half].astype(np.uint64), ends[half:].astype(np.uint64))),
        n=len(nodes), weighted=True, directed=False,
    )  # fmt: skip
    return graph, nodes.astype(np.int64)


def _parts(labels: npt.NDArray[np.integer], nodes: I64) -> list[I32]:
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    parts = np.split(nodes[order], cuts)
    return [np.sort(part).astype(np.int32) for part in parts if SMALLEST <= len(part) <= LARGEST]


def _distinct(groups: list[I32]) -> tuple[I32, ...]:
    """Groups without near twins; of two alike, the one found first stays.

    Two sets that are alike share a member among the first few of each (the prefix filter of set joins), so only these
    are looked up.
    """
    kept: list[I32] = []
    holding: dict[int, list[int]] = {}
    for group in groups:
        prefix = group[: len(group) - math.ceil(ALIKE * len(group)) + 1].tolist()
        near = sorted({index for member in prefix for index in holding.get(member, ())})
        if any(_alike(group, kept[index]) for index in near):
            continue
        for member in prefix:
            holding.setdefault(member, []).append(len(kept))
        kept.append(group)
    return tuple(kept)


def _alike(one: I32, other: I32) -> bool:
    if min(len(one), len(other)) < ALIKE * max(len(one), len(other)):
        return False
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both >= ALIKE * (len(one) + len(other) - both)


def candidate_groups(ties: Ties, accounts: int, *, seed: int = 0) -> Candidates:
    """Components and Leiden communities of the ties above each threshold, 2 to 500 accounts, near twins once.

    Args:
        ties: from `measure_ties`.
        accounts: number of accounts.
        seed: seeds Leiden, which runs on one thread so that a run repeats.

    """
    nk.setNumberOfThreads(1)
    groups: list[I32] = []
    root = np.full(accounts, -1, np.int32)
    before = -1
    for threshold in THRESHOLDS:
        keep = ties.nats >= threshold
        if (count := int(keep.sum())) in (0, before):  # the same ties have the same communities
            continue
        before = count
        graph, nodes = _graph(ties, keep)
        parts = nk.components.ConnectedComponents(graph).run().getPartition()
        labels = np.asarray(parts.getVector(), np.int64)
        if threshold == THRESHOLDS[0]:
            root[nodes] = labels
        groups += _parts(labels, nodes)
        for resolution in RESOLUTIONS:
            nk.setSeed(seed, False)
            leiden = nk.community.ParallelLeiden(graph, randomize=False, gamma=resolution).run().getPartition()
            groups += _parts(np.asarray(leiden.getVector(), np.int64), nodes)
    return Candidates(_distinct(groups), root)
