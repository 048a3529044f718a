"""The chain of the detection, in memory: a world in, judged pairs and networks out."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt

from samehand.coordination import (
    UNKNOWN,
    Activities,
    Births,
    Candidates,
    GroupSearch,
    JudgedPairs,
    Network,
    Reference,
    Ties,
    account_delays,
    candidate_groups,
    family_size,
    judge_trace,
    measure_reference,
    measure_ties,
    merge_networks,
    networks_of_groups,
    networks_of_pairs,
    pairs_beyond_pace,
    sorted_activities,
    step_up,
)
from samehand.engine import Engine
from samehand.runs.authorship import Authorship, Explained, beyond_authors, joined_sets
from samehand.runs.loading import LoadedTrace, World

__all__ = ["Found", "TraceOfRun", "search_world"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TraceOfRun:
    """One trace with the part of the reference that belongs to it, and its judged pairs.

    significant, paced: row numbers of the pairs that pass, and of those that would but for their accounts' own pace.
    """

    loaded: LoadedTrace
    reference: Reference
    judged: JudgedPairs
    q_value: F64
    significant: I64
    paced: I64


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        traces: in catalogue order.
        windows_us: int64[w], ascending.
        fused: activities of all traces together; objects of trace k begin at `offsets[k]`.
        reference: measured on `fused`.
        births: of the fused objects.
        family: pairs x traces x windows.
        ties, candidates, groups: the search for groups.
        networks: what passed, most significant first.
        explained: what passed but has an innocent explanation.
        timings: seconds by step.
        level: the false discovery rate asked for; half of it is for pairs, half for groups.

    """

    traces: tuple[TraceOfRun, ...]
    windows_us: I64
    fused: Activities
    offsets: tuple[int, ...]
    reference: Reference
    births: Births
    family: int
    ties: Ties
    candidates: Candidates
    groups: GroupSearch
    networks: tuple[Network, ...]
    explained: tuple[Explained, ...]
    timings: dict[str, float]
    level: float


def _fused(
    traces: tuple[LoadedTrace, ...], accounts: int
) -> tuple[Activities, npt.NDArray[np.int64], tuple[int, ...], Births]:
    """All traces' activities in one, with their objects numbered one after the other."""
    sizes = [trace.activities.objects for trace in traces]
    offsets = tuple(int(n) for n in np.concatenate(([0], np.cumsum(sizes)))) if traces else (0,)
    kind = np.repeat(np.arange(len(traces), dtype=np.int64), sizes) if traces else np.zeros(0, np.int64)
    parts = [trace.activities for trace in traces]
    empty = np.zeros(0, np.int32)
    joined = sorted_activities(
        np.concatenate([part.account for part in parts] or [empty]),
        np.concatenate([part.obj + offset for part, offset in zip(parts, offsets, strict=False)] or [empty]),
        np.concatenate([part.at for part in parts] or [np.zeros(0, np.int64)]),
        np.concatenate([np.where(part.post < 0, -1, part.post) for part in parts] or [empty]),
        accounts=accounts, objects=offsets[-1],
    )  # fmt: skip
    births = Births(
        np.concatenate([trace.births.author for trace in traces] or [empty]),
        np.concatenate([trace.births.birth_us for trace in traces] or [np.zeros(0, np.int64)]),
    )
    return joined, kind, offsets, births


def _part(reference: Reference, k: int, low: int, high: int) -> Reference:
    """The reference of one trace's objects."""
    return Reference(
        reference.windows_us, reference.kind[low:high] - k, reference.chance[low:high], reference.pace, reference.hours,
        reference.crowd[k : k + 1], reference.halves[k : k + 1], tuple(c for c in reference.classes if c.kind == k),
    )  # fmt: skip


def _significant(
    loaded: LoadedTrace, reference: Reference, judged: JudgedPairs, q_value: F64, level: float
) -> tuple[I64, I64]:
    """The pairs of a trace that pass, and those that would but for their accounts' own pace (row numbers)."""
    hit = np.flatnonzero((q_value <= level).any(axis=1))
    births = loaded.births
    if not len(hit) or not (births.birth_us != UNKNOWN).any():
        return hit, hit[:0]
    delays = account_delays(loaded.activities, births)
    p_value = pairs_beyond_pace(loaded.activities, reference, births, delays, judged.first[hit], judged.second[hit])
    beyond = p_value <= judged.evidence.p_value[q_value <= level].max()
    return hit[beyond], hit[~beyond]


def _pair_networks(trace: TraceOfRun, rows: I64, kind: int, level: float, family: int) -> list[Network]:
    """Components of some significant pairs of a trace: what links them is one behaviour."""
    judged = trace.judged
    window = judged.evidence.p_value[rows].argmin(axis=1)
    return networks_of_pairs(
        judged.first[rows], judged.second[rows], judged.evidence.p_value[rows, window], trace.q_value[rows, window],
        window.astype(np.int32), judged.evidence.occasions[rows, window], kind=kind, family=family, level=level,
    )  # fmt: skip


def search_world(world: World, windows_s: tuple[int, ...], *, level: float, engine: Engine, seed: int = 0) -> Found:
    """Find the networks of a world.

    Args:
        world: loaded.
        windows_s: seconds, ascending, none below the time resolution.
        level: the false discovery rate; half for pairs, half for groups.
        engine: where blocks of accounts run.
        seed: of the community search.

    """
    timings: dict[str, float] = {}
    clock = perf_counter()

    def lap(step: str) -> None:
        nonlocal clock
        timings[step] = round(perf_counter() - clock, 3)
        clock = perf_counter()

    windows_us = np.asarray(windows_s, np.int64) * 1_000_000
    fused, kind, offsets, births = _fused(world.traces, world.accounts)
    lap("fuse")
    ties = measure_ties(fused, kind, engine)
    candidates = candidate_groups(ties, world.accounts, seed=seed)
    lap("search")
    reference = measure_reference(fused, windows_us, kind, candidates.root)
    lap("reference")
    family = sum(family_size(trace.active, len(windows_us)) for trace in world.traces)
    judged = []
    for k, loaded in enumerate(world.traces):
        own = _part(reference, k, offsets[k], offsets[k + 1])
        judged.append((own, judge_trace(loaded.activities, own, engine, level=level / 2, family=family)))
    lap("pairs")
    q = step_up(np.concatenate([j.evidence.p_value.ravel() for _, j in judged] or [np.zeros(0)]), family)
    cuts = np.cumsum([j.evidence.p_value.size for _, j in judged])[:-1]
    traces = []
    for loaded, (own, pairs), part in zip(world.traces, judged, np.split(q, cuts) if judged else [], strict=True):
        q_value = part.reshape(pairs.evidence.p_value.shape)
        traces.append(TraceOfRun(loaded, own, pairs, q_value, *_significant(loaded, own, pairs, q_value, level / 2)))
    groups = networks_of_groups(fused, reference, candidates, level=level / 2)
    lap("groups")
    authorship = Authorship(fused, reference, births, account_delays(fused, births))
    early, single = [], list(groups.networks)
    for k, trace in enumerate(traces):
        single += _pair_networks(trace, trace.significant, k, level / 2, family)
        for network in _pair_networks(trace, trace.paced, k, level / 2, family):
            author, _ = authorship.author(network, authorship.meetings(network))
            early.append(authorship.explained(network.members, author))
    beyond, more = beyond_authors(single, authorship, groups.cut)
    kept = merge_networks(beyond)
    explained = joined_sets([*early, *more], kept)
    lap("networks")
    return Found(
        tuple(traces), windows_us, fused, offsets, reference, births, family, ties, candidates, groups, tuple(kept),
        explained, timings, level,
    )  # fmt: skip
