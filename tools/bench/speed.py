"""Speed side by side, each engine in a process of its own: writes docs/measured/speed.md."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq

from samehand.evaluation.pages import markdown_table, write_page
from samehand.evaluation.speed import Measured, draw_activities, measure

REPEATS = 3
PLAN = (
    (1_000_000, ("kernel", "duckdb", "toolkit")),
    (5_000_000, ("kernel", "duckdb")),
    (10_000_000, ("kernel",)),
    (20_000_000, ("kernel",)),
)


def _row(runs: list[Measured]) -> tuple[str, ...]:
    def spread(values: list[float], digits: int) -> str:
        return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"

    return (
        spread([r.work_cpu_s for r in runs], 2), spread([r.cpu_s for r in runs], 1), spread([r.wall_s for r in runs], 1),
        f"{max(r.peak_mib for r in runs):.0f}",
    )  # fmt: skip


def main(sizes: list[int]) -> None:
    """Measure and write the page."""
    rows, ratios = [], []
    kernel_by_size: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size, engines in PLAN:
            if sizes and size not in sizes:
                continue
            file = Path(folder) / f"{size}.parquet"
            pq.write_table(table := draw_activities(size, 7), file)
            done: dict[str, list[Measured]] = {}
            for repeat in range(REPEATS):
                for engine in engines:
                    if engine == "toolkit" and repeat:
                        continue  # minutes each: once
                    done.setdefault(engine, []).append(measure(engine, file))
                    sys.stderr.write(f"{size} {done[engine][-1]} load {os.getloadavg()[0]:.1f}\n")
            same = {(r.edges, r.total) for runs in done.values() for r in runs}
            if len(same) != 1:
                sys.exit(f"engines disagree at {size}: {same}")
            for engine, runs in done.items():
                rows.append((f"{table.num_rows:,}", engine, f"{runs[0].edges:,}", *_row(runs)))
            own = done["kernel"]
            kernel_by_size[size] = median(r.work_cpu_s for r in own)
            for engine, runs in done.items():
                if engine != "kernel":
                    ratios.append(
                        (
                            f"{size:,}", engine,
                            f"{median(r.work_cpu_s for r in runs) / median(r.work_cpu_s for r in own):.1f}",
                            f"{median(r.cpu_s for r in runs) / median(r.cpu_s for r in own):.1f}",
                            f"{max(r.peak_mib for r in runs) / max(r.peak_mib for r in own):.1f}",
                        )
                    )  # fmt: skip
    parts = [
        "Pairs of accounts with at least 3 common objects within 60 s, on the same activities; all engines found the same "
        "edges and the same sum of counts. CPU seconds, median and range of three repeats in turn (the toolkit once). "
        "*Counting* leaves loading out on both sides (ours includes the sort), *process* is everything.",
        markdown_table(
            ("activities", "engine", "edges", "counting CPU s", "process CPU s", "process wall s", "peak MiB"), rows
        ),
        "How many times more the others need:",
        markdown_table(("activities", "engine", "counting CPU", "process CPU", "memory"), ratios),
    ]
    write_page(Path("docs/measured/speed.md"), "Speed", "make bench (tools/bench/speed.py)", parts)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
