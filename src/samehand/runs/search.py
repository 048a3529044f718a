"""The chain of the detection, in memory: a world in, judged pairs and networks out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.coordination import (
    ALL_TRACES,
    PERIOD,
    UNKNOWN,
    Activities,
    Births,
    Candidates,
    GroupSearch,
    JudgedPairs,
    Network,
    PeriodPairs,
    Reference,
    TextList,
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
    period_pairs,
    rare_objects_shared,
    sorted_activities,
    step_up,
    text_lists,
    unite_networks,
)
from samehand.engine import Engine
from samehand.runs.authorship import Authorship, Explained, beyond_authors, joined_sets
from samehand.runs.loading import LoadedTrace, World

__all__ = ["all_activities", "FUSED", "Found", "PeriodsOfRun", "TraceOfRun", "search_world"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

FUSED = "fused"
"""What the trace column of `edges` says where the evidence of all traces is taken together."""
BACKING = 2
"""Rare things that two accounts in one odd period must share besides."""
FEW_SHARE = 0.02
"""A thing that more than this share of the accounts (or fifty) touch is not rare."""


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
class PeriodsOfRun:
    """Pairs of accounts in one odd period: judged, with q-values over the run's family.

    significant: row numbers of those that pass and share two rare things besides, as one tool alone is no one hand.
    """

    pairs: PeriodPairs
    q_value: F64
    significant: I64


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        traces: in catalogue order.
        together: all traces taken as one, where there are several: a pair of posts counts once, for the rarest thing that
            the two share, and what is done in one sitting is one thing, so its p-value stays one when traces depend.
        periods: pairs of accounts in one odd period.
        lists: sets of accounts that post the same rare texts; no networks, for there is no null.
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
    together: TraceOfRun | None
    periods: PeriodsOfRun
    lists: tuple[TextList, ...]
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


@dataclass(frozen=True)
class _Fused:
    """The fused traces' activities in one; objects of trace k begin at `offsets[k]`, `kind` is each object's trace.

    A trace that joins nothing has no objects here, so its `offsets[k]` and `offsets[k + 1]` are the same.
    """

    activities: Activities
    kind: I64
    offsets: tuple[int, ...]
    births: Births


def _fused(traces: tuple[LoadedTrace, ...], accounts: int) -> _Fused:
    """All traces' activities in one, with their objects numbered one after the other."""
    sizes = [trace.activities.objects if trace.fused else 0 for trace in traces]
    offsets = tuple(int(n) for n in np.concatenate(([0], np.cumsum(sizes)))) if traces else (0,)
    kind = np.repeat(np.arange(len(traces), dtype=np.int64), sizes) if traces else np.zeros(0, np.int64)
    parts = [trace.activities for trace in traces if trace.fused]
    begin = [offset for trace, offset in zip(traces, offsets, strict=False) if trace.fused]
    empty = np.zeros(0, np.int32)
    joined = sorted_activities(
        np.concatenate([part.account for part in parts] or [empty]),
        np.concatenate([part.obj + offset for part, offset in zip(parts, begin, strict=True)] or [empty]),
        np.concatenate([part.at for part in parts] or [np.zeros(0, np.int64)]),
        np.concatenate([np.where(part.post < 0, -1, part.post) for part in parts] or [empty]),
        accounts=accounts, objects=offsets[-1],
    )  # fmt: skip
    births = Births(
        np.concatenate([trace.births.author for trace in traces if trace.fused] or [empty]),
        np.concatenate([trace.births.birth_us for trace in traces if trace.fused] or [np.zeros(0, np.int64)]),
    )
    return _Fused(joined, kind, offsets, births)


def all_activities(world: World) -> Activities:
    """All traces of a world in one, as accounts are matched on them."""
    return _fused(world.traces, world.accounts).activities


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


@dataclass
class _Clock:
    """Seconds by step."""

    timings: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=perf_counter)

    def lap(self, step: str) -> None:
        now = perf_counter()
        self.timings[step], self.last = round(now - self.last, 3), now


def _all_as_one(traces: tuple[LoadedTrace, ...], fused: _Fused) -> LoadedTrace:
    """All traces together as one more, named `fused`."""
    a = fused.activities
    objects = pa.concat_arrays([trace.objects.cast(pa.string()) for trace in traces if trace.fused])
    return LoadedTrace(FUSED, a, objects, int((np.diff(a.account_start) > 0).sum()), {}, fused.births)


def _references(world: World, fused: _Fused, reference: Reference, root: I32) -> list[Reference]:
    """What each trace's pairs are held against: its part of the common reference, or one of its own."""
    return [
        _part(reference, k, fused.offsets[k], fused.offsets[k + 1])
        if trace.fused
        else measure_reference(
            trace.activities, reference.windows_us, np.zeros(trace.activities.objects, np.int64), root
        )
        for k, trace in enumerate(world.traces)
    ]


def _rare(world: World, fused: _Fused) -> npt.NDArray[np.bool_]:
    """Objects that say something of two accounts that share them: few touch them, and they are no site."""
    few = fused.activities.sharers <= min(50, max(2, FEW_SHARE * world.accounts))
    sites = [k for k, trace in enumerate(world.traces) if trace.name == "domain"]
    return np.asarray(few & ~np.isin(fused.kind, sites))


def _judged(
    world: World, fused: _Fused, reference: Reference, root: I32, engine: Engine, level: float
) -> tuple[list[TraceOfRun], PeriodsOfRun, int]:
    """The pairs of every trace, of all together (last, where there are several), of periods; one family for all."""
    windows = len(reference.windows_us)
    several = sum(trace.fused for trace in world.traces) > 1
    loaded = [*world.traces, *([_all_as_one(world.traces, fused)] if several else [])]
    references = [*_references(world, fused, reference, root), reference][: len(loaded)]
    at = world.post_at if world.periods else world.post_at[:0]
    periods = period_pairs(world.post_account[: len(at)], at, world.accounts, level=level)
    family = sum(family_size(trace.active, windows) for trace in loaded) + family_size(periods.eligible, 1)
    judged = [
        judge_trace(trace.activities, part, engine, level=level, family=family)
        for trace, part in zip(loaded, references, strict=True)
    ]
    p_values = [*(pairs.evidence.p_value for pairs in judged), periods.p_value]
    q = step_up(np.concatenate([p.ravel() for p in p_values]), family)
    parts = np.split(q, np.cumsum([p.size for p in p_values])[:-1])
    traces = []
    for trace, part, pairs, flat in zip(loaded, references, judged, parts, strict=False):
        q_value = flat.reshape(pairs.evidence.p_value.shape)
        traces.append(TraceOfRun(trace, part, pairs, q_value, *_significant(trace, part, pairs, q_value, level)))
    passed = np.flatnonzero(parts[-1] <= level)
    backed = (
        rare_objects_shared(fused.activities, periods.first[passed], periods.second[passed], counts=_rare(world, fused))
        >= BACKING
    )
    return traces, PeriodsOfRun(periods, parts[-1], passed[backed]), family


def _period_networks(periods: PeriodsOfRun, windows: int, level: float, family: int) -> list[Network]:
    """Components of the pairs in one period; no window shows them, so the widest is named."""
    rows, pairs = periods.significant, periods.pairs
    widest = np.full(len(rows), windows - 1, np.int32)
    return networks_of_pairs(
        pairs.first[rows], pairs.second[rows], pairs.p_value[rows], periods.q_value[rows], widest, pairs.days[rows],
        kind=PERIOD, family=family, level=level,
    )  # fmt: skip


def _lists(world: World) -> tuple[TextList, ...]:
    for trace in world.traces:
        if trace.name == "text":
            a = trace.activities
            own = (a.post >= 0) & ~world.post_links[np.maximum(a.post, 0)] if len(world.post_links) else a.post >= 0
            return text_lists(a.account, a.obj, a.at, own)
    return ()


def _networks(
    traces: Sequence[TraceOfRun], groups: GroupSearch, periods: list[Network], authorship: Authorship, ties: Ties,
    level: float, family: int,
) -> tuple[list[Network], tuple[Explained, ...]]:  # fmt: skip
    """What passed as one list of networks without overlaps, and what has an innocent explanation."""
    early, single = [], list(groups.networks)
    for k, trace in enumerate(traces):
        if not trace.loaded.fused:
            continue
        kind = ALL_TRACES if trace.loaded.name == FUSED else k
        single += _pair_networks(trace, trace.significant, kind, level, family)
        for network in _pair_networks(trace, trace.paced, kind, level, family):
            author, _ = authorship.author(network, authorship.meetings(network))
            early.append(authorship.explained(network.members, author))
    beyond, more = beyond_authors(single, authorship, groups.cut)
    kept = unite_networks(merge_networks([*beyond, *periods]), ties, authorship.fused.accounts)
    return kept, joined_sets([*early, *more], kept)


def search_world(world: World, windows_s: tuple[int, ...], *, level: float, engine: Engine, seed: int = 0) -> Found:
    """Find the networks of a world.

    Args:
        world: loaded.
        windows_s: seconds, ascending, none below the time resolution.
        level: the false discovery rate; half for pairs, half for groups.
        engine: where blocks of accounts run.
        seed: of the community search.

    """
    clock = _Clock()
    windows_us = np.asarray(windows_s, np.int64) * 1_000_000
    fused = _fused(world.traces, world.accounts)
    a = fused.activities
    clock.lap("fuse")
    ties = measure_ties(a, fused.kind, engine)
    candidates = candidate_groups(ties, world.accounts, seed=seed)
    clock.lap("search")
    reference = measure_reference(a, windows_us, fused.kind, candidates.root)
    clock.lap("reference")
    traces, periods, family = _judged(world, fused, reference, candidates.root, engine, level / 2)
    clock.lap("pairs")
    groups = networks_of_groups(a, reference, candidates, level=level / 2)
    clock.lap("groups")
    authorship = Authorship(a, reference, fused.births, account_delays(a, fused.births))
    in_period = _period_networks(periods, len(windows_us), level / 2, family)
    kept, explained = _networks(traces, groups, in_period, authorship, ties, level / 2, family)
    clock.lap("networks")
    lists = _lists(world)
    clock.lap("lists")
    together = traces[-1] if traces and traces[-1].loaded.name == FUSED else None
    return Found(
        tuple(trace for trace in traces if trace is not together), together, periods, lists, windows_us, a, fused.offsets,
        reference, fused.births, family, ties, candidates, groups, tuple(kept), explained, clock.timings, level,
    )  # fmt: skip
