"""samehand as a detector among others: its public `detect`, and the tables of the run that it writes."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from samehand.evaluation.verdicts import Account, FindingCount, NamedNetwork, Verdicts, by_rank
from samehand.records import Run
from samehand.runs import DetectParameters, detect

__all__ = ["SAMEHAND", "detected", "verdicts_of_run"]

SAMEHAND = "samehand"

Said = Callable[[str], None]


def verdicts_of_run(run: Run, seconds: float = 0.0, detector: str = SAMEHAND) -> Verdicts:
    """Read a run's networks, members and findings as verdicts; a network's rank is its p-value.

    Args:
        run: finished.
        seconds: how long it took.
        detector: the name to give it.

    """
    members: defaultdict[str, set[Account]] = defaultdict(set)
    for row in run.table("members", ["network_id", "platform", "asset_id"]).to_pylist():
        members[row["network_id"]].add((row["platform"], row["asset_id"]))
    networks = by_rank(
        NamedNetwork(
            frozenset(members[row["network_id"]]), bool(row["flagged"]), (float(row["p_value"]),), row["inauthentic"]
        )
        for row in run.table("networks", ["network_id", "p_value", "inauthentic", "flagged"]).to_pylist()
    )
    findings = run.table("findings", ["finding", "state"]).to_pylist()
    states = Counter((row["finding"], row["state"]) for row in findings)
    counted = tuple(FindingCount(*key, count) for key, count in sorted(states.items()))
    return Verdicts(detector, networks, seconds, findings=counted)


def detected(
    dataset: Path, *, traces: Sequence[str] | None = None, fdr: float | None = None, say: Said | None = None
) -> Verdicts:
    """Run `samehand detect` at its default settings on a dataset, into a folder that is removed afterwards.

    Args:
        dataset: the dataset's folder.
        traces: names; all of them when None.
        fdr: the false discovery rate of the run; its default when None.
        say: is told what is being done.

    """
    parameters = DetectParameters(traces=tuple(traces) if traces else None)
    parameters = parameters if fdr is None else replace(parameters, fdr=fdr)
    with tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        detect(dataset, Path(folder) / "run", parameters, say=say)
        seconds = perf_counter() - begun
        return verdicts_of_run(Run.open(Path(folder) / "run"), seconds)
