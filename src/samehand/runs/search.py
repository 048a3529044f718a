"""The chain of the detection, in memory: a world in, judged pairs and networks out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import numpy.typing as npt

from samehand.coordination import (
    ALL_TRACES,
    UNKNOWN,
    Activities,
    Births,
    Candidates,
    GroupSearch,
    JudgedPairs,
    Network,
    Reference,
    Ties,
    candidate_groups,
    common_author,
    family_size,
    group_meetings,
    judge_trace,
    measure_reference,
    measure_ties,
    merge_networks,
    networks_of_groups,
    networks_of_pairs,
    sorted_activities,
    step_up,
    test_beyond_pace,
)
from samehand.engine import Engine
from samehand.runs.loading import LoadedTrace, World

__all__ = ["Explained", "Found", "TraceOfRun", "search_world"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

AUTHOR_SHARE = 0.8


@dataclass(frozen=True)
class TraceOfRun:
    """One trace with the part of the reference that belongs to it, and its judged pairs."""

    loaded: LoadedTrace
    reference: Reference
    judged: JudgedPairs
    q_value: F64


@dataclass(frozen=True)
class Explained:
    """A set of accounts that is no network because something innocent explains it: how, and by whom (-1 nobody)."""

    members: I32
    reason: str
    author: int


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


def _pair_networks(traces: list[TraceOfRun], level: float, family: int) -> list[Network]:
    """Components of the significant pairs of each trace: what links them is one behaviour."""
    networks: list[Network] = []
    for k, trace in enumerate(traces):
        hit = np.flatnonzero((trace.q_value <= level).any(axis=1))
        window = trace.judged.evidence.p_value[hit].argmin(axis=1)
        networks += networks_of_pairs(
            trace.judged.first[hit], trace.judged.second[hit], trace.judged.evidence.p_value[hit, window],
            trace.q_value[hit, window], window.astype(np.int32), trace.judged.evidence.occasions[hit, window],
            kind=k, family=family, level=level,
        )  # fmt: skip
    return networks


def _beyond_authors(
    networks: list[Network], fused: Activities, reference: Reference, births: Births, cut: float
) -> tuple[list[Network], list[Explained]]:
    """Set aside networks on posts whose originals are known, if their members' own delays explain them.

    Whoever is always early, with one author or with many, is together with others who are. What is left beyond that
    has to pass the cut that groups had to pass.
    """
    kept, explained = [], []
    for network in networks:
        meetings = group_meetings(fused, reference, network.members)
        if network.kind != ALL_TRACES:
            meetings = meetings.where(reference.kind[meetings.obj] == network.kind)
        inside = meetings.apart_us <= reference.windows_us[network.window]
        author = common_author(meetings.obj[inside], births)
        one = author is not None and author.share >= AUTHOR_SHARE
        known = float((births.birth_us[meetings.obj[inside]] != UNKNOWN).mean()) if inside.any() else 0.0
        if not one and known < AUTHOR_SHARE:
            kept.append(network)
            continue
        beyond = test_beyond_pace(meetings, reference, fused.sharers, births)
        if beyond.p_value <= cut:
            kept.append(replace(network, p_value=max(network.p_value, beyond.p_value)))
        else:
            reason = "fast reactors to one author" if one else "always early, with many authors"
            explained.append(Explained(network.members, reason, author.author if one and author else -1))
    return kept, explained


def _explained(early: list[Explained], networks: list[Network]) -> tuple[Explained, ...]:
    """Explained sets that overlap as one (the largest speaks), without accounts that are in a network all the same."""
    taken = np.concatenate([network.members for network in networks] or [np.zeros(0, np.int32)])
    joined: list[Explained] = []
    for one in sorted(early, key=lambda e: (-len(e.members), int(e.members[0]))):
        for at, other in enumerate(joined):
            if np.isin(one.members, other.members).any():
                joined[at] = replace(other, members=np.union1d(other.members, one.members).astype(np.int32))
                break
        else:
            joined.append(one)
    left = [replace(one, members=np.setdiff1d(one.members, taken).astype(np.int32)) for one in joined]
    return tuple(one for one in left if len(one.members) >= 2)


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
    traces = [
        TraceOfRun(loaded, own, pairs, part.reshape(pairs.evidence.p_value.shape))
        for loaded, (own, pairs), part in zip(world.traces, judged, np.split(q, cuts), strict=True)
    ] if judged else []  # fmt: skip
    groups = networks_of_groups(fused, reference, candidates, level=level / 2)
    lap("groups")
    single = [*groups.networks, *_pair_networks(traces, level / 2, family)]
    beyond, early = _beyond_authors(single, fused, reference, births, groups.cut)
    kept = merge_networks(beyond)
    explained = _explained(early, kept)
    lap("networks")
    return Found(
        tuple(traces), windows_us, fused, offsets, reference, births, family, ties, candidates, groups, tuple(kept),
        explained, timings, level,
    )  # fmt: skip
