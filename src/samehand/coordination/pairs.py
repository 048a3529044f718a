"""Which pairs of accounts are together beyond chance, over a whole run, with the false discovery rate controlled.

The family is every pair of accounts that could have been, times traces, times windows. Most of it is never computed:
the kernel passes on only pairs whose evidence could matter. For a pair with hits on objects of chance q the tail is
never below the product of those q, so a pair whose summed -ln q stays under the floor cannot reach a p-value that
Benjamini-Hochberg could reject; it counts with p = 1, which only makes the procedure more careful.

Benjamini-Hochberg controls the rate under independence and under positive regression dependence (Benjamini and
Yekutieli 2001). Pairs that share an account or an object lean the same way, which is the latter; windows of one pair
are nested. `docs/calibration.md` measures the realised rate.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samehand.coordination.arrays import Activities
from samehand.coordination.evidence import PairEvidence, pair_evidence
from samehand.coordination.kernel import Bands, Window, open_window, pairs_of_block
from samehand.coordination.pruning import prune
from samehand.coordination.reference import Reference
from samehand.engine import Engine

__all__ = ["JudgedPairs", "blocks_of", "family_size", "judge_trace", "step_up"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]

MOST_REJECTED = 1_000_000
"""So many rejections the floor leaves room for; beyond, some true pairs are missed, none is added."""
ACTIVITIES_A_BLOCK = 50_000
ROUNDING = 1e-3
"""Scores are summed in single precision; the floor gives way by this many nats."""


@dataclass(frozen=True)
class JudgedPairs:
    """Pairs of one trace that came through the screen.

    first, second: int32[n], first < second, ascending; evidence: at every window; sampled: whether an object that was
    banded is among those shared; screened: how many pairs were judged exactly; family: pairs x windows.
    """

    first: I32
    second: I32
    evidence: PairEvidence
    sampled: npt.NDArray[np.bool_]
    screened: int
    family: int
    banded_objects: int


def family_size(accounts: int, windows: int) -> int:
    """All pairs of accounts that left the trace, times windows."""
    return accounts * (accounts - 1) // 2 * windows


def blocks_of(activities: Activities) -> list[tuple[int, int]]:
    """Blocks of accounts with about equally many activities each; one empty block where there is no account."""
    count = max(1, len(activities) // ACTIVITIES_A_BLOCK)
    cuts = np.searchsorted(activities.account_start, np.linspace(0, len(activities), count + 1))
    cuts[0], cuts[-1] = 0, activities.accounts
    edges = np.unique(cuts).tolist()
    return list(itertools.pairwise(edges)) or [(0, 0)]


def _judge_block(
    activities: Activities, reference: Reference, fewer: Activities, window: Window, weights: npt.NDArray[np.float32],
    floor: float, low: int, high: int,
) -> tuple[I32, I32, npt.NDArray[np.bool_], PairEvidence, int]:  # fmt: skip
    found = pairs_of_block(
        fewer, window, low, high, minimum=2, weights=weights, steps_us=reference.windows_us, floor=floor
    )
    evidence = pair_evidence(activities, reference, found.first, found.second)
    keep = evidence.p_value.min(axis=1) <= np.exp(-floor) if len(found.first) else np.zeros(0, np.bool_)
    kept = evidence.where(keep)
    return found.first[keep], found.second[keep], found.sampled[keep], kept, len(found.first)


def judge_trace(
    activities: Activities,
    reference: Reference,
    engine: Engine,
    *,
    level: float,
    family: int,
    bands: Bands | None = None,
) -> JudgedPairs:
    """Screen and judge the pairs of one trace.

    Args:
        activities: sorted activities of the trace.
        reference: measured on them; its windows are those tested, the last the widest.
        engine: where blocks run.
        level: the false discovery rate that will be asked for.
        family: the size of the whole run's family.
        bands: when popular objects are banded.

    """
    window = open_window(activities, float(reference.windows_us[-1]) / 1e6, bands)
    weights = -np.log(reference.chance).astype(np.float32)
    # the procedure can reject a p-value as large as the level itself, where most pairs of a small family are true
    floor = -float(np.log(level * min(1.0, MOST_REJECTED / max(family, 1)))) - ROUNDING
    banded_objects = int(window.banded.sum())
    fewer, window = prune(activities, window, weights, reference.windows_us, floor)
    parts = list(
        engine.map_blocks(
            lambda low, high: _judge_block(activities, reference, fewer, window, weights, floor, low, high),
            blocks_of(fewer),
        )
    )
    evidence = PairEvidence(*(np.concatenate(columns) for columns in zip(*(part[3] for part in parts), strict=True)))
    first, second, sampled = (np.concatenate([part[k] for part in parts]) for k in range(3))
    active = int((np.diff(activities.account_start) > 0).sum())
    return JudgedPairs(
        first, second, evidence, sampled, sum(part[4] for part in parts),
        family_size(active, len(reference.windows_us)), banded_objects,
    )  # fmt: skip


def step_up(p_values: F64, family: int) -> F64:
    """Benjamini-Hochberg q-values of some p-values out of a family; those not given count as 1.

    Args:
        p_values: any shape.
        family: how many hypotheses there are in all.

    """
    flat = p_values.ravel()
    order = np.argsort(flat, kind="stable")
    raw = flat[order] * family / np.arange(1, len(flat) + 1)
    q = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    out = np.empty_like(flat)
    out[order] = q
    return out.reshape(p_values.shape)
