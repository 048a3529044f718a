"""What a search found, as the tables of a run: networks, members, edges and the receipts of each edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.authenticity import findings_table
from samehand.coordination import (
    Actions,
    Network,
    PairEvidence,
    group_actions,
    judge_pairs,
    owners,
    pair_meetings,
)
from samehand.records import TIME, empty_table, schema_of
from samehand.runs.columns import coded, key_columns, taken
from samehand.runs.explanations import explain_network
from samehand.runs.loading import World
from samehand.runs.periods import period_tables
from samehand.runs.search import Found, TraceOfRun
from samehand.runs.verdicts import Verdicts, coordinated_state

__all__ = ["run_tables"]

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

CORE_TAIL = 0.01


@dataclass(frozen=True)
class _TraceEdges:
    """The co-active pairs of one network in one trace, each at one window, and their actions inside it."""

    first: I32
    second: I32
    window: I64
    evidence: PairEvidence
    q_value: F64
    sampled: npt.NDArray[np.bool_]
    i: I32
    j: I32
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


def _evidence(trace: TraceOfRun, actions: Actions, start: I64, rows: I64, windows_us: I64) -> PairEvidence:
    """The evidence of each pair: what was judged before where it was, the same recursion where it was not."""
    fresh = rows < 0
    again = trace.judged.evidence.take(np.maximum(rows, 0)) if len(trace.judged.first) else None
    if again is not None and not fresh.any():
        return again
    lengths = np.diff(start)
    chosen = actions.take(np.repeat(fresh, lengths))
    owner = np.repeat(np.arange(int(fresh.sum())), lengths[fresh])
    activities = trace.loaded.activities
    judged = judge_pairs(activities, chosen.priced(activities, trace.reference), int(fresh.sum()), owner, windows_us)
    if again is None:
        return judged
    both = again._asdict()
    for name, own in judged._asdict().items():
        both[name][fresh] = own
    return PairEvidence(**both)


def _of_several(found: Found, obj: I32, owner: I64, pairs: int) -> npt.NDArray[np.bool_]:
    """Which pairs share things of more than one trace: for the others the trace itself has said all there is to say."""
    kind = np.searchsorted(np.asarray(found.offsets), obj, side="right")
    least, most = np.full(pairs, len(found.offsets)), np.zeros(pairs, np.int64)
    np.minimum.at(least, owner, kind)
    np.maximum.at(most, owner, kind)
    return np.asarray(least < most)


def _several_only(found: Found, actions: Actions, start: I64) -> tuple[Actions, I64]:
    """The pairs that share things of more than one trace, still pair by pair."""
    lengths = np.diff(start)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    keep = _of_several(found, found.fused.obj[actions.i], owner, len(lengths))
    return actions.take(keep[owner]), np.concatenate(([0], np.cumsum(lengths[keep]))).astype(np.int64)


def _trace_edges(trace: TraceOfRun, network: Network, found: Found) -> _TraceEdges | None:
    """Every pair of members that was together in this trace, at its best window if significant, else the network's."""
    a, windows_us = trace.loaded.activities, found.windows_us
    actions, start = group_actions(a, network.members).by_pair(a, network.members)
    if trace is found.together and len(actions.i):
        actions, start = _several_only(found, actions, start)
    if not len(actions.i):
        return None
    first, second = a.account[actions.i[start[:-1]]], a.account[actions.j[start[:-1]]]
    rows = _screened_rows(trace, first, second)
    evidence = _evidence(trace, actions, start, rows, windows_us)
    pair = np.arange(len(rows))
    q = np.ones((len(rows), len(windows_us)))
    sampled = np.zeros(len(rows), np.bool_)
    known = rows >= 0
    q[known], sampled[known] = trace.q_value[rows[known]], trace.judged.sampled[rows[known]]
    window = np.where(q.min(axis=1) < 1.0, q.argmin(axis=1), network.window)
    together = evidence.co_activities[pair, window] > 0
    number = np.cumsum(together) - 1
    owner = np.repeat(pair, np.diff(start))
    apart = np.abs(a.at[actions.i] - a.at[actions.j])
    inside = together[owner] & (apart <= windows_us[window[owner]])
    return _TraceEdges(
        first[together], second[together], window[together], evidence.where(together), q[pair, window][together],
        sampled[together], actions.i[inside], actions.j[inside], number[owner[inside]],
    )  # fmt: skip


def _loose_edges(trace: TraceOfRun, network_of: I64, found: Found) -> _TraceEdges | None:
    """The significant pairs of a trace that are not of one network, each at its best window."""
    a, judged, windows_us = trace.loaded.activities, trace.judged, found.windows_us
    u, v = judged.first[trace.significant], judged.second[trace.significant]
    rows = trace.significant[(network_of[u] < 0) | (network_of[u] != network_of[v])]
    if trace is found.together:
        both = pair_meetings(a, trace.reference, judged.first[rows], judged.second[rows])
        owner = owners(both, judged.first[rows], judged.second[rows])
        rows = rows[_of_several(found, both.obj, owner, len(rows))]
    if not len(rows):
        return None
    first, second, evidence = judged.first[rows], judged.second[rows], judged.evidence.take(rows)
    q = trace.q_value[rows]
    window = q.argmin(axis=1)
    meetings = pair_meetings(a, trace.reference, first, second)
    owner = owners(meetings, first, second)
    inside = meetings.apart_us <= windows_us[window[owner]]
    return _TraceEdges(
        first, second, window, evidence, q[np.arange(len(rows)), window], judged.sampled[rows], meetings.i[inside],
        meetings.j[inside], owner[inside],
    )  # fmt: skip


def _edge_table(world: World, trace: TraceOfRun, e: _TraceEdges, windows_us: I64) -> pa.Table:
    row = np.arange(len(e.first))
    return pa.table(
        {
            **key_columns(world, trace.loaded.name, e.first, e.second, windows_us[e.window] // 1_000_000),
            "shared_objects": e.evidence.shared.astype(np.int64),
            "co_activities": e.evidence.co_activities[row, e.window].astype(np.int64),
            "occasions": e.evidence.occasions[row, e.window].astype(np.int64),
            "expected": e.evidence.expected[row, e.window],
            "p_value": e.evidence.p_value[row, e.window],
            "q_value": e.q_value,
            "bits": -np.log2(np.maximum(e.evidence.p_value[row, e.window], 1e-300)),
            "sampled": e.sampled,
        }
    )


def _receipt_table(world: World, trace: TraceOfRun, e: _TraceEdges, windows_us: I64) -> pa.Table:
    activities, window = trace.loaded.activities, e.window[e.owner]
    obj = activities.obj[e.i]
    return pa.table(
        {
            **key_columns(
                world, trace.loaded.name, e.first[e.owner], e.second[e.owner], windows_us[window] // 1_000_000
            ),
            "object_id": coded(trace.loaded.objects, obj),
            "post_a": coded(world.post_ids, activities.post[e.i]),
            "post_b": coded(world.post_ids, activities.post[e.j]),
            "at_a": pa.array(activities.at[e.i], pa.timestamp("us")).cast(TIME),
            "at_b": pa.array(activities.at[e.j], pa.timestamp("us")).cast(TIME),
            "base_rate": trace.reference.chance[obj, window],
        }
    )


def _member_table(world: World, name: str, network: Network) -> pa.Table:
    return pa.table(
        {
            "network_id": pa.array([name] * len(network.members), pa.string()),
            "platform": taken(world.platforms, network.members),
            "asset_id": taken(world.assets, network.members),
            "role": pa.array(["core" if tail <= CORE_TAIL else "amplifier" for tail in network.tail], pa.string()),
            "score": np.clip(network.excess, 0.0, 1.0),
        },
        schema=schema_of("members"),
    )


def run_tables(world: World, found: Found, verdicts: Verdicts | None = None) -> dict[str, pa.Table]:
    """The run tables `networks`, `members`, `edges`, `receipts` and `findings` of what was found.

    An edge row is a pair and a trace at one window: its most significant one if the pair passed by itself, else the
    window of its network. A pair that shares things of several traces has a `fused` row besides, all of them as one.
    Significant pairs that are in no network come after, and pairs in one odd period last. Every edge has receipts, the
    posts behind each object it was together on.
    """
    edges, receipts, members, rows = [], [], [], []
    network_of = np.full(world.accounts, -1, np.int64)
    judged = verdicts.judged if verdicts else ()
    every = [*found.traces, *([found.together] if found.together else [])]

    def add(trace: TraceOfRun, part: _TraceEdges | None) -> None:
        if part is not None and len(part.first):
            edges.append(_edge_table(world, trace, part, found.windows_us))
            receipts.append(_receipt_table(world, trace, part, found.windows_us))

    for number, network in enumerate(found.networks, start=1):
        name = f"N{number}"
        members.append(_member_table(world, name, network))
        network_of[network.members] = number
        for trace in every:
            add(trace, _trace_edges(trace, network, found))
        rows.append(
            {
                "network_id": name,
                "size": len(network.members),
                "p_value": network.p_value,
                "q_value": network.q_value,
                "coordinated": coordinated_state(network.q_value, found.level),
                "inauthentic": judged[number - 1].inauthentic if judged else "unknown",
                "flagged": judged[number - 1].flagged if judged else False,
                "explanation": "\n".join(explain_network(world, found, network)),
            }
        )
    for trace in every:
        add(trace, _loose_edges(trace, network_of, found))
    in_period = period_tables(world, found)
    edges.append(in_period[0])
    receipts.append(in_period[1])
    tables = {"edges": edges, "receipts": receipts, "members": members}
    joined = {name: pa.concat_tables(parts) if parts else empty_table(name) for name, parts in tables.items()}
    return {
        **joined,
        "networks": pa.Table.from_pylist(rows, schema=schema_of("networks")),
        "findings": findings_table(judged, [str(row["network_id"]) for row in rows])
        if judged
        else empty_table("findings"),
    }
