"""Time to an answer: `samehand detect` at its defaults, report included, on simulated worlds: docs/measured/time_to_answer.md."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from samehand.evaluation import markdown_table, write_page
from samehand.evaluation.costs import run, samehand
from samehand.records import Dataset

SCALES = (0.25, 1.0, 25.0)
LIMITS = "Asked for: under a minute at about 50,000 posts, under 20 minutes at about 5 M."


def main(scales: list[float]) -> None:
    """Measure and write the page."""
    rows: list[tuple[object, ...]] = []
    for scale in scales or SCALES:
        with tempfile.TemporaryDirectory() as folder:
            world = str(Path(folder) / "world")
            run(samehand("simulate", "comparison-communities", "--out", world, "--scale", str(scale), "--seed", "9"))
            cost = run(samehand("detect", world, "--out", str(Path(folder) / "run")))
            held = [f"{Dataset.open(world).rows(name):,}" for name in ("posts", "assets")]
        load = f"{os.getloadavg()[0]:.1f}"
        figures = (f"{cost.cpu_s:.1f}", f"{cost.wall_s:.1f}", f"{cost.peak_mib:.0f}", load)
        rows.append((*held, *figures))
        sys.stderr.write(f"{rows[-1]}\n")
    parts = [
        "`samehand detect` at default settings (every trace, four windows, groups, receipts, report) on simulated worlds "
        f"with communities, as a stranger would wait for it: start and report included, once each. {LIMITS}",
        markdown_table(("posts", "accounts", "CPU s", "wall s", "peak MiB", "load at the end"), rows),
    ]
    write_page(
        Path("docs/measured/time_to_answer.md"),
        "Time to an answer",
        "make bench (tools/bench/time_to_answer.py)",
        parts,
    )


if __name__ == "__main__":
    main([float(word) for word in sys.argv[1:]])
