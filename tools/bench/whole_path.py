"""From a CSV to edges with significance, beside the toolkit's whole path; and time to an answer: docs/measured/whole_path.md."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from samehand.evaluation import draw_activities, markdown_table, write_page

SIZES = (200_000, 1_000_000)
WORLDS = ((0.25, "50,000 posts"), (1.0, "200,000 posts"), (25.0, "5 M posts"))
REPEATS = 3


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of some commands, and the largest peak of one of them in MiB."""

    cpu_s: float
    wall_s: float
    peak_mib: float


def _run(*commands: list[str]) -> Cost:
    """Run commands one after the other and add up what they used."""
    before, begun, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0.0
    for command in commands:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            sys.exit(f"failed: {' '.join(command)}")
        peak = max(peak, usage.ru_maxrss / 1024)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.perf_counter() - begun, peak)


def _csv(rows: int, file: Path) -> None:
    table = draw_activities(rows, 7)
    columns = (table.column(name).to_pylist() for name in ("account", "obj", "at_s"))
    with file.open("w", encoding="utf-8") as stream:
        stream.write("message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n")
        for row, (account, obj, at_s) in enumerate(zip(*columns, strict=True)):
            stream.write(f"{row},{account},u{account},,,m{row},{at_s},http://x.example/{obj}\n")


def _samehand(*words: str) -> list[str]:
    return [sys.executable, "-m", "samehand", *words]


def _beside_toolkit(folder: Path) -> list[tuple[object, ...]]:
    toolkit = str(Path(sys.executable).parent / "compute_networks")
    rows: list[tuple[object, ...]] = []
    for size in SIZES:
        file, store = folder / f"{size}.csv", folder / f"{size}.db"
        _csv(size, file)
        own = []
        for repeat in range(REPEATS):
            data, out = str(folder / f"d{size}-{repeat}"), str(folder / f"r{size}-{repeat}")
            own.append(
                _run(
                    _samehand("import", "toolkit", str(file), "--into", data),
                    _samehand("detect", data, "--out", out, "--traces", "url"),
                )
            )
        own.sort(key=lambda cost: cost.cpu_s)
        other = _run(
            [toolkit, str(store), "preprocess", str(file)],
            [
                toolkit,
                str(store),
                "compute",
                "co_link",
                "--time_window",
                "60",
                "--min_edge_weight",
                "2",
                "--n_cpus",
                "2",
            ],
        )
        middle = own[len(own) // 2]
        rows.append(
            (
                f"{size:,}",
                "samehand, 4 windows",
                f"{middle.cpu_s:.1f}",
                f"{middle.wall_s:.1f}",
                f"{middle.peak_mib:.0f}",
                "",
            )
        )
        ratio = f"{other.cpu_s / middle.cpu_s:.1f}"
        rows.append(
            (
                f"{size:,}",
                "toolkit, 1 window",
                f"{other.cpu_s:.1f}",
                f"{other.wall_s:.1f}",
                f"{other.peak_mib:.0f}",
                ratio,
            )
        )
        sys.stderr.write(f"{rows[-2]} {rows[-1]}\n")
    return rows


def _answers(folder: Path) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for scale, name in WORLDS:
        world = str(folder / f"w{scale}")
        _run(_samehand("simulate", "comparison-communities", "--out", world, "--scale", str(scale), "--seed", "9"))
        cost = _run(_samehand("detect", world, "--out", str(folder / f"a{scale}")))
        rows.append(
            (name, f"{cost.cpu_s:.1f}", f"{cost.wall_s:.1f}", f"{cost.peak_mib:.0f}", f"{os.getloadavg()[0]:.1f}")
        )
        sys.stderr.write(f"{rows[-1]}\n")
    return rows


def main() -> None:
    """Measure and write the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        beside, answers = _beside_toolkit(folder), _answers(folder)
    parts = [
        "From a CSV in the toolkit's columns to edges. Ours ends with significance over four windows, groups, receipts and a report; "
        "the toolkit's with counts at one window. CPU seconds (ours: median of three).",
        markdown_table(("rows", "path", "CPU s", "wall s", "peak MiB", "times ours"), beside),
        "Time to an answer: `samehand detect` at default settings, report included, on simulated worlds with communities.",
        markdown_table(("world", "CPU s", "wall s", "peak MiB", "load at the end"), answers),
    ]
    write_page(Path("docs/measured/whole_path.md"), "The whole path", "make bench (tools/bench/whole_path.py)", parts)


if __name__ == "__main__":
    main()
