"""Calibration where nothing is coordinated: writes docs/measured/calibration.md."""

from __future__ import annotations

import sys
from pathlib import Path

from samehand.evaluation import Calibration, calibrate, drawn_worlds, markdown_table, redrawn, write_page
from samehand.evaluation.real_sets import imported
from samehand.runs.loading import load_world
from samehand.traces import named_traces

DRAWN = ("null", "null-communities", "null-sessions")
FIRST_SEED = 7000
WORLDS = 100
REAL = ("german_elections", "russian_coord_tweets", "ira_in_up")
REDRAWN = 20


def _real(name: str) -> Calibration:
    with imported(name) as dataset:
        world = load_world(dataset, named_traces(None))
        return calibrate(f"{name}, times redrawn", ((seed, redrawn(world, seed)) for seed in range(REDRAWN)))


def _curve_rows(result: Calibration) -> list[tuple[str, ...]]:
    """The worst level of each trace and window: where the interval's lower end is highest."""
    rows: list[tuple[str, ...]] = []
    for (trace, window_s), curve in sorted(result.curves.items()):
        if curve:
            worst = max(curve, key=lambda point: point.low)
            rows.append(
                (
                    result.name, trace, f"{window_s} s", f"{worst.level:g}", f"{worst.expected_hits:.0f}",
                    f"{worst.ratio:.2f}", f"{worst.low:.2f}–{worst.high:.2f}",
                )
            )  # fmt: skip
    return rows


def main(worlds: int) -> None:
    """Measure and write the page."""
    results = []
    for scenario in DRAWN:
        results.append(calibrate(scenario, drawn_worlds(scenario, range(FIRST_SEED, FIRST_SEED + worlds))))
        sys.stderr.write(f"{scenario}: {results[-1].reporting} of {results[-1].worlds} worlds report a network\n")
    for name in REAL:
        results.append(_real(name))
        sys.stderr.write(f"{name}: {results[-1].rejections} of {results[-1].tests} tests reject\n")
    summary = [(r.name, r.worlds, r.reporting, f"{r.pairs:,}", r.tests, r.rejections, r.allowed) for r in results]
    parts = [
        "Nothing is coordinated in these worlds. Up to 2,000 scored pairs without a common account were drawn from each, "
        "trace by trace, before any p-value was looked at; each is judged at every window; *fused* is all traces as one. *Tests* are one-sided Kolmogorov "
        "tests (p-values smaller than uniform) at .01; *allowed* is what a right procedure exceeds once in a thousand times.",
        markdown_table(("set", "worlds", "reporting a network", "pairs", "tests", "rejections", "allowed"), summary),
        "How often p <= t, over t: for each trace and window the level where it is worst, of those with at least 100 expected "
        "hits, with its 95 % bootstrap interval. Below 1 is careful, above 1 too bold; the aim is an interval that reaches 1.2 or less.",
        markdown_table(
            ("set", "trace", "window", "t", "expected hits", "ratio", "interval"),
            [row for result in results for row in _curve_rows(result)],
        ),
        "In the redrawn sets whole posts move: each is delayed after the first appearance of its rarest object that it does not bring "
        "up itself, by a delay drawn from posts on objects of like size, within its account's hours and weekdays.",
    ]
    write_page(Path("docs/measured/calibration.md"), "Calibration", "make bench (tools/bench/calibration.py)", parts)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS)
