"""One call: a dataset in, a run folder out."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numba
import numpy as np
import pyarrow as pa

from samehand import __version__
from samehand.coordination import ALL_TRACES, PERIOD, family_size
from samehand.engine import Engine, LocalEngine
from samehand.errors import InputError
from samehand.records import Dataset, sha256_of, write_run
from samehand.runs.context import read_context
from samehand.runs.loading import World, load_world
from samehand.runs.parameters import DetectParameters, parse_time
from samehand.runs.search import Found, TraceOfRun, search_world
from samehand.runs.tables import run_tables
from samehand.runs.verdicts import Verdicts, judge_found
from samehand.traces import PERIOD_TRACE, named_traces

__all__ = ["Detection", "detect"]

Said = Callable[[str], None]


@dataclass(frozen=True)
class Detection:
    """What a detection found, in counts: networks (flagged ones apart), members, edges; what it looked at; where it lies."""

    path: Path
    networks: int
    members: int
    edges: int
    accounts: int
    posts: int
    notes: tuple[str, ...]
    flagged: int = 0


def _windows(parameters: DetectParameters, resolution_s: float, notes: list[str]) -> tuple[int, ...]:
    """The windows, none below the data's time resolution."""
    least = max(1, int(np.ceil(resolution_s)))
    widened = tuple(sorted({max(window, least) for window in parameters.windows_s}))
    narrow = [window for window in parameters.windows_s if window < least]
    if narrow:
        words = ", ".join(f"{window} s" for window in narrow)
        notes.append(f"the times are no finer than {least} s: windows of {words} were widened to it")
    return widened


def _families(found: Found) -> list[dict[str, Any]]:
    """One line a trace, all together and periods too: how much there was to look at and what came of it."""
    lines = [_family(found, trace, k) for k, trace in enumerate(found.traces)]
    if found.together:
        lines.append(_family(found, found.together, ALL_TRACES))
    periods, rows = found.periods, len(found.periods.significant)
    if periods.pairs.eligible:
        lines.append(
            {
                "trace": PERIOD_TRACE, "accounts": periods.pairs.eligible, "activities": len(found.fused),
                "objects": 0, "pairs_in_family": family_size(periods.pairs.eligible, 1),
                "candidate_pairs": len(periods.pairs.first), "edges": rows, "banded_objects": 0,
                "networks": sum(network.kind == PERIOD for network in found.networks), "groups_tested": 0, "reference": [],
            }
        )  # fmt: skip
    return lines


def _family(found: Found, trace: TraceOfRun, kind: int) -> dict[str, Any]:
    judged = trace.judged
    return {
        "trace": trace.loaded.name,
        "accounts": trace.loaded.active,
        "activities": len(trace.loaded.activities),
        "objects": trace.loaded.activities.objects,
        "pairs_in_family": judged.family,
        "candidate_pairs": judged.screened,
        "edges": len(trace.significant),
        "banded_objects": judged.banded_objects,
        "networks": sum(network.kind == kind for network in found.networks),
        "groups_tested": found.groups.testable,
        "reference": [] if kind == ALL_TRACES else [
            {
                "smallest": c.smallest, "largest": c.largest, "objects": c.objects, "measured": c.measured,
                "related_share": round(c.related_share, 4), "chance": [round(x, 9) for x in c.chance],
            }
            for c in trace.reference.classes
        ],
    }  # fmt: skip


def _lists(world: World, found: Found) -> list[dict[str, Any]]:
    """The sets of accounts that post the same rare texts, with what there is to weigh; the texts by their first posts."""
    texts = next(
        (trace.loaded.objects for trace in found.traces if trace.loaded.name == "text"), pa.array([], pa.string())
    )
    return [
        {
            "accounts": [f"{world.platforms[u].as_py()}:{world.assets[u].as_py()}" for u in one.members.tolist()],
            "texts": [texts[o].as_py() for o in one.texts.tolist()],
            "occasions": one.occasions,
            "median_lag_s": one.lag_us / 1e6,
        }
        for one in found.lists
    ]


def _notes(world: World, found: Found) -> list[str]:
    notes = list(world.notes)
    banded = sum(trace.judged.banded_objects for trace in found.traces)
    if banded:
        notes.append(
            f"{banded} very popular objects were banded: of their sharers only near neighbours in a fixed order were "
            "paired while searching; edges that lean on them are marked as sampled"
        )
    if found.groups.testable < 20:
        notes.append("fewer than 20 candidate groups could have been found at all: there is little power here")
    polluted = [
        trace.loaded.name
        for trace in found.traces
        if trace.loaded.fused
        and sum(c.objects for c in trace.reference.classes if c.related_share > 0.5)
        > 0.5 * sum(c.objects for c in trace.reference.classes)
    ]
    if polluted:
        notes.append(
            f"reference polluted in {', '.join(polluted)}: most sharers of most things there hang together or are seldom "
            "seen on popular things, so what chance alone does was measured on the few others and on more popular things; a "
            "weak network deserves a second look"
        )
    if found.lists:
        inside = sum(len(one.members) for one in found.lists)
        notes.append(
            f"lists of rare texts: {inside} accounts in {len(found.lists)} of them post the same rare texts at any "
            "time, by one hand or from a kit that people copy. There is no measure of chance for it, so they are no networks; "
            "run.json has them under lists"
        )
    for explained in found.explained:
        who = f": {world.assets[explained.author].as_py()}" if explained.author >= 0 else ""
        notes.append(f"{len(explained.members)} accounts are no network but {explained.reason}{who}")
    return notes


def _facts(
    dataset: Dataset, parameters: DetectParameters, world: World, found: Found, tables: dict[str, pa.Table]
) -> dict[str, Any]:
    manifest = dataset.manifest
    counted = ("posts", "assets", "activities", "rejects")
    return {
        "dataset": {
            "path": str(dataset.path), "name": manifest.name, "hash": dataset.hash,
            "rows": {name: dataset.rows(name) for name in counted},
            "sources": [asdict(source) for source in manifest.sources],
            "time_resolution_s": dataset.time_resolution_s,
            "first_post": _iso(world.first_us), "last_post": _iso(world.last_us), "accounts": world.accounts,
        },
        "parameters": parameters.as_dict(),
        "context_sha256": sha256_of(Path(parameters.context)) if parameters.context else None,
        "windows_s": [int(w) // 1_000_000 for w in found.windows_us],
        "versions": {
            "samehand": __version__, "python": platform.python_version(), "numpy": np.__version__,
            "pyarrow": pa.__version__, "numba": numba.__version__,
        },
        "seed": parameters.seed,
        "steps": [*world.steps, *_search_steps(found, tables)],
        "families": _families(found),
        "family": found.family,
        "lists": _lists(world, found),
        "explained": [
            {
                "accounts": len(e.members),
                "reason": e.reason,
                "author": world.assets[e.author].as_py() if e.author >= 0 else None,
            }
            for e in found.explained
        ],
    }  # fmt: skip


def _iso(micro: int) -> str:
    return str(np.datetime64(micro, "us")) + "Z"


def _search_steps(found: Found, tables: dict[str, pa.Table]) -> list[dict[str, Any]]:
    def step(name: str, trace: str | None, kept: int, dropped: int, unit: str, reason: str) -> dict[str, Any]:
        return {"step": name, "trace": trace, "kept": kept, "dropped": dropped, "unit": unit, "reason": reason}

    steps = []
    for trace in [*found.traces, *([found.together] if found.together else [])]:
        judged, name = trace.judged, trace.loaded.name
        pairs = judged.family // len(found.windows_us)
        steps.append(
            step("pairs judged exactly", name, judged.screened, pairs - judged.screened, "pairs",
                 "fewer than two shared objects inside the widest window, or too weak for any correction to pass")
        )  # fmt: skip
        kept, paced = len(trace.significant), len(trace.paced)
        steps.append(
            step("pairs beyond chance", name, kept + paced, judged.screened - kept - paced, "pairs",
                 f"q above {found.level / 2:g} over the whole run's family")
        )  # fmt: skip
        if paced:
            steps.append(
                step("pairs beyond their own pace", name, kept, paced, "pairs",
                     "as early after the originals on other posts, too")
            )  # fmt: skip
    groups = found.groups
    steps.append(step("ties by shared rare objects", None, len(found.ties.first), 0, "pairs", "search only, no times"))
    steps.append(
        step("candidate groups that could pass", None, groups.testable, groups.candidates - groups.testable, "groups",
             "too few occasions to pass even if all were at once")
    )  # fmt: skip
    steps.append(
        step("groups beyond chance", None, groups.passed, max(0, groups.testable - groups.passed), "groups",
             f"q above {found.level / 2:g}")
    )  # fmt: skip
    members = tables["members"].num_rows
    steps.append(
        step("members with evidence of their own", None, members, groups.left_out, "accounts",
             "in a group beyond chance, but not together with it themselves")
    )  # fmt: skip
    steps.append(
        step("networks", None, len(found.networks), len(found.explained), "networks", "explained by one author's pace")
    )
    return steps


def _sentences(verdicts: Verdicts) -> dict[str, list[str]]:
    """Each network's verdict in words, by its id."""
    return {f"N{number}": one.sentences for number, one in enumerate(verdicts.judged, start=1)}


def detect(
    dataset: str | Path,
    out: str | Path,
    parameters: DetectParameters | None = None,
    *,
    engine: Engine | None = None,
    say: Said | None = None,
) -> Detection:
    """Find the networks of a dataset and write the run.

    Args:
        dataset: the dataset's folder.
        out: the run's folder; a run that stands there is replaced when the new one is whole.
        parameters: the defaults when None.
        engine: this machine when None.
        say: is told what is being done, in a few words.

    Raises:
        InputError: the dataset holds no posts and no activities.
        UsageError: a trace, window or condition cannot be used.

    """
    parameters, say = parameters or DetectParameters(), say or (lambda _: None)
    traces = named_traces(list(parameters.traces) if parameters.traces else None)
    opened = Dataset.open(dataset)
    if not opened.rows("posts") and not opened.rows("activities"):
        raise InputError(f"{dataset} holds no posts and no activities; import some before detecting")
    context = read_context(parameters.context) if parameters.context else ()
    notes: list[str] = []
    windows = _windows(parameters, opened.time_resolution_s, notes)
    begun = perf_counter()
    with write_run(out) as writer:
        say("reading the dataset")
        world = load_world(
            opened, traces, since=parse_time(parameters.since, "--since"), until=parse_time(parameters.until, "--until"),
            where=parameters.where, periods=parameters.traces is None or PERIOD_TRACE in parameters.traces,
        )  # fmt: skip
        loaded = perf_counter()
        say(f"searching {world.accounts} accounts")
        found = search_world(world, windows, level=parameters.fdr, engine=engine or LocalEngine(), seed=parameters.seed)
        say(f"judging {len(found.networks)} networks")
        judging = perf_counter()
        verdicts = judge_found(opened, world, found, parameters, context)
        found.timings["authenticity"] = round(perf_counter() - judging, 3)
        say(f"writing {len(found.networks)} networks and their receipts")
        tables = run_tables(world, found, verdicts)
        for name, table in tables.items():
            writer.write(name, table)
        notes += _notes(world, found)
        if context:
            notes.append(f"{verdicts.context} of {len(context)} accounts of the context file are in the data")
        timings = {"load": round(loaded - begun, 3), **found.timings, "all": round(perf_counter() - begun, 3)}
        facts = _facts(opened, parameters, world, found, tables)
        writer.info.update({**facts, "verdicts": _sentences(verdicts), "notes": notes, "timings": timings})
    return Detection(
        Path(out), len(found.networks), tables["members"].num_rows, tables["edges"].num_rows, world.accounts,
        len(world.post_ids), tuple(notes), sum(one.flagged for one in verdicts.judged),
    )  # fmt: skip
