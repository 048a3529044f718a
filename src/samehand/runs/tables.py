"""What a search found, as the tables of a run: networks, members, edges and the receipts of each edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.coordination import (
    Meetings,
    Network,
    PairEvidence,
    group_meetings,
    judge_pairs,
)
from samehand.records import TIME, empty_table, schema_of
from samehand.runs.explanations import explain_network
from samehand.runs.loading import World
from samehand.runs.search import Found, TraceOfRun

__all__ = ["run_tables"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

CORE_TAIL = 0.01
STRONG = 0.1
"""A network is strongly coordinated when its q-value is at most this share of the rate asked for."""


@dataclass(frozen=True)
class _TraceEdges:
    """The co-active pairs of one network in one trace, each at one window, and their meetings inside it."""

    first: I32
    second: I32
    window: I64
    evidence: PairEvidence
    q_value: F64
    sampled: npt.NDArray[np.bool_]
    meetings: Meetings
    owner: I64


def _screened_rows(trace: TraceOfRun, first: I32, second: I32) -> I64:
    """Where each pair stands among the judged pairs of the trace, -1 where it was not judged."""
    wide = np.int64(1) << 32
    known = trace.judged.first.astype(np.int64) * wide + trace.judged.second
    asked = first.astype(np.int64) * wide + second
    if not len(known):
        return np.full(len(asked), -1, np.int64)
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[at] == asked, at, -1)


def _trace_edges(trace: TraceOfRun, network: Network, windows_us: I64) -> _TraceEdges | None:
    """Every pair of members that was together in this trace, at its best window if significant, else the network's."""
    meetings = group_meetings(trace.loaded.activities, trace.reference, network.members)
    if not len(meetings.obj):
        return None
    order = np.lexsort((meetings.obj, meetings.second, meetings.first))
    meetings = meetings.take(order)
    wide = np.int64(1) << 32
    keys, owner = np.unique(meetings.first.astype(np.int64) * wide + meetings.second, return_inverse=True)
    first, second = (keys // wide).astype(np.int32), (keys % wide).astype(np.int32)
    evidence = judge_pairs(trace.loaded.activities, meetings, len(keys), owner.astype(np.int64), windows_us)
    rows = _screened_rows(trace, first, second)
    q = (
        np.where(rows[:, None] >= 0, trace.q_value[rows], 1.0)
        if len(trace.q_value)
        else np.ones((len(keys), len(windows_us)))
    )
    best = q.argmin(axis=1)
    window = np.where(q.min(axis=1) < 1.0, best, network.window)
    together = evidence.co_activities[np.arange(len(keys)), window] > 0
    sampled = (
        np.where(rows >= 0, trace.judged.sampled[rows], False)
        if len(trace.judged.sampled)
        else np.zeros(len(keys), np.bool_)
    )
    number = np.cumsum(together) - 1
    inside = together[owner] & (meetings.apart_us <= windows_us[window[owner]])
    return _TraceEdges(
        first[together], second[together], window[together], evidence.where(together),
        q[np.arange(len(keys)), window][together], sampled[together], meetings.where(inside), number[owner[inside]],
    )  # fmt: skip


def _taken(array: pa.Array[Any], index: npt.NDArray[Any]) -> pa.Array[Any]:
    return array.take(pa.array(index))


def _key_columns(world: World, trace: str, first: I32, second: I32, window_s: I64) -> dict[str, Any]:
    return {
        "platform_a": _taken(world.platforms, first),
        "asset_a": _taken(world.assets, first),
        "platform_b": _taken(world.platforms, second),
        "asset_b": _taken(world.assets, second),
        "trace": pa.array([trace] * len(first), pa.string()),
        "window_s": window_s,
    }


def _edge_table(world: World, trace: TraceOfRun, e: _TraceEdges, windows_us: I64) -> pa.Table:
    row = np.arange(len(e.first))
    return pa.table(
        {
            **_key_columns(world, trace.loaded.name, e.first, e.second, windows_us[e.window] // 1_000_000),
            "shared_objects": e.evidence.shared.astype(np.int64),
            "co_activities": e.evidence.co_activities[row, e.window].astype(np.int64),
            "occasions": e.evidence.occasions[row, e.window].astype(np.int64),
            "expected": e.evidence.expected[row, e.window],
            "p_value": e.evidence.p_value[row, e.window],
            "q_value": e.q_value,
            "bits": -np.log2(np.maximum(e.evidence.p_value[row, e.window], 1e-300)),
            "sampled": e.sampled,
        },
        schema=schema_of("edges"),
    )


def _receipt_table(world: World, trace: TraceOfRun, e: _TraceEdges, windows_us: I64) -> pa.Table:
    m, activities = e.meetings, trace.loaded.activities
    window = e.window[e.owner]

    def posts(positions: I32) -> pa.Array[Any]:
        rows = activities.post[positions]
        return _taken(world.post_ids, np.maximum(rows, 0)) if (rows >= 0).all() else pa.array(
            [world.post_ids[int(r)].as_py() if r >= 0 else None for r in rows], pa.string()
        )  # fmt: skip

    return pa.table(
        {
            **_key_columns(
                world, trace.loaded.name, e.first[e.owner], e.second[e.owner], windows_us[window] // 1_000_000
            ),
            "object_id": _taken(trace.loaded.objects, m.obj),
            "post_a": posts(m.i),
            "post_b": posts(m.j),
            "at_a": pa.array(m.at_i, pa.timestamp("us")).cast(TIME),
            "at_b": pa.array(m.at_j, pa.timestamp("us")).cast(TIME),
            "base_rate": trace.reference.chance[m.obj, window],
        },
        schema=schema_of("receipts"),
    )


def _member_table(world: World, name: str, network: Network) -> pa.Table:
    return pa.table(
        {
            "network_id": pa.array([name] * len(network.members), pa.string()),
            "platform": _taken(world.platforms, network.members),
            "asset_id": _taken(world.assets, network.members),
            "role": pa.array(["core" if tail <= CORE_TAIL else "amplifier" for tail in network.tail], pa.string()),
            "score": np.clip(network.excess, 0.0, 1.0),
        },
        schema=schema_of("members"),
    )


def run_tables(world: World, found: Found) -> dict[str, pa.Table]:
    """The run tables `networks`, `members`, `edges` and `receipts` of what was found.

    An edge row is a pair and a trace at one window: its most significant one if the pair passed by itself, else the
    window of its network. Every edge has receipts, the posts behind each object it was together on.
    """
    edges, receipts, members, rows = [], [], [], []
    for number, network in enumerate(found.networks, start=1):
        name = f"N{number}"
        members.append(_member_table(world, name, network))
        own = [(trace, _trace_edges(trace, network, found.windows_us)) for trace in found.traces]
        for trace, part in own:
            if part is not None and len(part.first):
                edges.append(_edge_table(world, trace, part, found.windows_us))
                receipts.append(_receipt_table(world, trace, part, found.windows_us))
        rows.append(
            {
                "network_id": name,
                "size": len(network.members),
                "p_value": network.p_value,
                "q_value": network.q_value,
                "coordinated": "strong" if network.q_value <= STRONG * found.level else "some",
                "inauthentic": "unknown",
                "flagged": False,
                "explanation": "\n".join(explain_network(world, found, network)),
            }
        )
    tables = {"edges": edges, "receipts": receipts, "members": members}
    joined = {name: pa.concat_tables(parts) if parts else empty_table(name) for name, parts in tables.items()}
    return {**joined, "networks": pa.Table.from_pylist(rows, schema=schema_of("networks"))}
