"""Detectors held against worlds, seed by seed, and against labelled sets, trace by trace."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from samehand.evaluation.detectors import detected
from samehand.evaluation.labels import read_labels
from samehand.evaluation.peers import LIMIT_S, PEERS, peer_verdicts
from samehand.evaluation.scoring import WorldScore, recall_at, score
from samehand.evaluation.truth import read_truth
from samehand.evaluation.verdicts import Verdicts
from samehand.records import Dataset
from samehand.simulation import draw_world, scenario_parameters, write_world

__all__ = ["CUTS", "EACH_TRACE", "SetResult", "Watched", "evaluate_set", "evaluate_worlds", "peer_detectors"]

CUTS: Final = (0, 10, 100)
"""So many accounts that are not planted may come along, where recall at a cut is asked for."""
EACH_TRACE: Final = ("repost", "url", "hashtag", "text", "mention", "reply")
LOOSE: Final = 0.9
"""The rate at which samehand ranks networks: at its default most of a hundred wrong accounts are never reached."""

Choice = Sequence[str] | None
Watched = Callable[[Path, Sequence[Choice]], Sequence[Verdicts]]
"""A detector: a dataset's folder and choices of traces in, one verdict for each choice out."""


def _quiet(_: str) -> None:
    return


def _samehand(dataset: Path, choices: Sequence[Choice]) -> list[Verdicts]:
    return [detected(dataset, traces=choice) for choice in choices]


def peer_detectors(*, limit_s: float = LIMIT_S) -> tuple[Watched, ...]:
    """Every peer as a detector, each ended after so many seconds a dataset."""
    return tuple(partial(peer_verdicts, peer, limit_s=limit_s) for peer in PEERS)


def evaluate_worlds(
    scenario: str,
    seeds: Iterable[int],
    *,
    scale: float = 1.0,
    peers: Sequence[Watched] = (),
    say: Callable[[str], None] = _quiet,
) -> list[WorldScore]:
    """Draw worlds of a scenario and hold samehand, and peers, against the truth about each.

    Args:
        scenario: a scenario's name.
        seeds: one world each.
        scale: factor on the organic accounts.
        peers: further detectors.
        say: is told what is being done.

    Returns:
        One score for each detector and world, world by world, samehand first.

    """
    scores = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "world"
            say(f"{scenario}, seed {seed}: drawing")
            write_world(draw_world(scenario_parameters(scenario, seed, scale), seed), path)
            truth = read_truth(path / "truth.csv")
            for detector in (_samehand, *peers):
                for verdicts in detector(path, [None]):
                    scores.append(score(verdicts, truth, f"{scenario} {seed}"))
                    say(f"{scenario}, seed {seed}: {_in_short(scores[-1])}")
    return scores


def _in_short(one: WorldScore) -> str:
    found = f"{one.found.networks} networks, {one.found.planted} of {one.planted} planted accounts"
    words = f"{found}, {one.found.organic} organic ones, {one.seconds:.0f} s"
    return f"{one.detector}: {' '.join(one.notes) if not one.ran else ', '.join([words, *one.notes])}"


@dataclass(frozen=True)
class SetResult:
    """One detector on one labelled set, over one choice of traces.

    Attributes:
        traces: `all`, or the trace.
        score: at default settings.
        recall_at: planted accounts found before more than so many others are; samehand's networks at a loose rate.
        verdicts: what was scored.

    """

    traces: str
    score: WorldScore
    recall_at: dict[int, int]
    verdicts: Verdicts


def _loosely(dataset: Path, choice: Choice, verdicts: Verdicts) -> Verdicts:
    return detected(dataset, traces=choice, fdr=LOOSE) if verdicts.ran else verdicts


def evaluate_set(
    dataset: str | Path,
    truth: str | Path,
    *,
    each: bool = False,
    peers: Sequence[Watched] = (),
    say: Callable[[str], None] = _quiet,
) -> list[SetResult]:
    """Hold samehand, and peers, against what is known of the accounts of a dataset.

    Args:
        dataset: the dataset's folder.
        truth: a CSV of platform, asset_id, role, team, or of asset_id and label (`operation`, `organic`).
        each: also over one trace at a time.
        peers: further detectors.
        say: is told what is being done.

    """
    path = Path(dataset)
    known = read_labels(truth, Dataset.open(path))
    choices: list[Choice] = [None, *([name] for name in EACH_TRACE)] if each else [None]
    results = []
    for place, detector in enumerate((_samehand, *peers)):
        for choice, verdicts in zip(choices, detector(path, choices), strict=True):
            traces = "all" if choice is None else choice[0]
            ranked = verdicts if place else _loosely(path, choice, verdicts)
            cuts = {most: recall_at(ranked, known, most) for most in CUTS}
            results.append(SetResult(traces, score(verdicts, known, path.name), cuts, verdicts))
            say(f"{path.name}, {traces}: {_in_short(results[-1].score)}")
    return results
