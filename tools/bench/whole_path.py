"""From a CSV to edges with significance, beside the toolkit's whole path: writes docs/measured/whole_path.md.

The toolkit takes a quarter of an hour at 5 M rows, so it runs once a size, ours three times. Sizes may be named:
whole_path.py 200000 1000000.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq

from samehand.evaluation import draw_activities, markdown_table, write_page
from samehand.evaluation.costs import Cost, run, samehand
from samehand.evaluation.speed import write_toolkit_csv

SIZES = (200_000, 1_000_000, 5_000_000)
REPEATS = 3


def _toolkit(file: Path) -> Cost:
    program, store = str(Path(sys.executable).parent / "compute_networks"), str(file.with_suffix(".db"))
    return run(
        [program, store, "preprocess", str(file)],
        [program, store, *["compute", "co_link", "--time_window", "60", "--min_edge_weight", "2", "--n_cpus", "2"]],
    )


def _own(file: Path) -> tuple[list[tuple[Cost, Cost]], int, int]:
    """What import and detect cost, three times; edges and receipts of the last run."""
    costs = []
    for repeat in range(REPEATS):
        data, out = file.with_suffix(f".d{repeat}"), file.with_suffix(f".r{repeat}")
        read = run(samehand("import", "toolkit", str(file), "--into", str(data)))
        costs.append((read, run(samehand("detect", str(data), "--out", str(out), "--traces", "url"))))
    edges, receipts = (pq.read_metadata(out / f"{name}.parquet").num_rows for name in ("edges", "receipts"))
    return costs, edges, receipts


def _spread(values: list[float]) -> str:
    return f"{median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


def _side_by_side(size: int, folder: Path) -> list[tuple[object, ...]]:
    file = folder / f"{size}.csv"
    write_toolkit_csv(table := draw_activities(size, 7), file)
    costs, edges, receipts = _own(file)
    load = os.getloadavg()[0]
    other = _toolkit(file)
    other_load = os.getloadavg()[0]
    whole = [read.cpu_s + found.cpu_s for read, found in costs]
    parts = f"{median(read.cpu_s for read, _ in costs):.1f} + {median(found.cpu_s for _, found in costs):.1f}"
    wall, peak = median(a.wall_s + b.wall_s for a, b in costs), max(max(a.peak_mib, b.peak_mib) for a, b in costs)
    rows = f"{table.num_rows:,}"
    return [
        (rows, "samehand, 4 windows", _spread(whole), parts, f"{wall:.0f}", f"{peak:.0f}", f"{load:.1f}", f"{edges:,}",
         f"{receipts:,}", ""),
        (rows, "toolkit, 1 window", f"{other.cpu_s:.1f}", "", f"{other.wall_s:.0f}", f"{other.peak_mib:.0f}", f"{other_load:.1f}", "", "",
         f"{other.cpu_s / median(whole):.1f}"),
    ]  # fmt: skip


def main(sizes: list[int]) -> None:
    """Measure and write the page."""
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes or SIZES:
            rows += _side_by_side(size, Path(folder))
            sys.stderr.write(f"{rows[-2]} {rows[-1]}\n")
    parts = [
        "From a CSV in the toolkit's columns to edges. Ours ends with significance over four windows, groups, receipts and a "
        "report (`samehand import toolkit`, `samehand detect --traces url`); the toolkit's with counts at one window "
        "(`preprocess`, `compute co_link`). CPU seconds, ours median and range of three, the toolkit's once a size; *load* is the "
        "machine's at the end, and a busy machine makes CPU seconds longer. The 500,000 planted ties and their 7 M receipts are the same at every size and are most of our cost where the rest is "
        "small, so the ratio grows with the file.",
        markdown_table(
            (
                "rows",
                "path",
                "CPU s",
                "import + detect",
                "wall s",
                "peak MiB",
                "load",
                "edges",
                "receipts",
                "times ours",
            ),
            rows,
        ),
    ]
    write_page(Path("docs/measured/whole_path.md"), "The whole path", "make bench (tools/bench/whole_path.py)", parts)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
