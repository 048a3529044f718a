"""Pairs of accounts in one odd period, as rows of `edges` with their receipts: the posts that began their sessions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.coordination import session_starts
from samehand.records import TIME
from samehand.runs.columns import coded, key_columns
from samehand.runs.loading import World
from samehand.runs.search import Found
from samehand.traces import PERIOD_TRACE

__all__ = ["period_tables"]

I64 = npt.NDArray[np.int64]

RECEIPTS = 12
"""Sessions of each pair that are shown: of the account with fewer, each beside the other's nearest in time."""


def _shown(starts: list[I64], at: I64) -> tuple[I64, I64]:
    """Posts that began sessions of the first account, and the one of the second that began nearest in time."""
    one, other = starts
    one = one[np.linspace(0, len(one) - 1, min(RECEIPTS, len(one))).astype(np.int64)]
    after = np.minimum(np.searchsorted(at[other], at[one]), len(other) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(at[other[before]] - at[one]) < np.abs(at[other[after]] - at[one])
    return one, other[np.where(nearer, before, after)]


def period_tables(world: World, found: Found) -> tuple[pa.Table, pa.Table]:
    """The edges of trace `period`, with their receipts.

    In an edge, window_s is the period, shared_objects is 1 (the period), co_activities and occasions are the sessions of
    the account that has fewer and the days on which these began, expected is the power (1) that no rhythm would have.
    """
    pairs, rows = found.periods.pairs, found.periods.significant
    first, second = pairs.first[rows], pairs.second[rows]
    period_s = np.round(pairs.period_s[rows]).astype(np.int64)
    p_value = pairs.p_value[rows]
    edges = pa.table(
        {
            **key_columns(world, PERIOD_TRACE, first, second, period_s),
            "shared_objects": np.ones(len(rows), np.int64),
            "co_activities": pairs.starts[rows].astype(np.int64),
            "occasions": pairs.days[rows].astype(np.int64),
            "expected": np.ones(len(rows)),
            "p_value": p_value,
            "q_value": found.periods.q_value[rows],
            "bits": -np.log2(np.maximum(p_value, 1e-300)),
            "sampled": np.zeros(len(rows), np.bool_),
        }
    )
    begins, start = session_starts(world.post_account, world.post_at, world.accounts)
    of = [begins[start[u] : start[u + 1]] for u in range(world.accounts)] if len(rows) else []
    shown = [_shown([of[u], of[v]], world.post_at) for u, v in zip(first.tolist(), second.tolist(), strict=True)]
    owner = np.repeat(np.arange(len(rows)), [len(one) for one, _ in shown]).astype(np.int64)
    empty = np.zeros(0, np.int64)
    post_a = np.concatenate([one for one, _ in shown] or [empty])
    post_b = np.concatenate([other for _, other in shown] or [empty])
    return edges, _receipts(world, first[owner], second[owner], period_s[owner], post_a, post_b)


def _receipts(
    world: World, first: npt.NDArray[np.int32], second: npt.NDArray[np.int32], period_s: I64, post_a: I64, post_b: I64
) -> pa.Table:
    said = pa.array([f"period of {seconds / 60:.1f} min" for seconds in period_s.tolist()], pa.string())
    return pa.table(
        {
            **key_columns(world, PERIOD_TRACE, first, second, period_s),
            "object_id": said.dictionary_encode(),
            "post_a": coded(world.post_ids, post_a),
            "post_b": coded(world.post_ids, post_b),
            "at_a": pa.array(world.post_at[post_a], pa.timestamp("us")).cast(TIME),
            "at_b": pa.array(world.post_at[post_b], pa.timestamp("us")).cast(TIME),
            "base_rate": pa.nulls(len(post_a), pa.float64()),
        }
    )
