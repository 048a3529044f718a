"""The real files, end to end through the command line: writes docs/measured/real_files.md (counts only)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from samehand.evaluation import markdown_table, write_page
from samehand.evaluation.real_sets import REAL_SETS, data_folder
from samehand.records import Run

SHOWN = ("german_elections", "russian_coord_tweets", "ira_week")


def _command(*words: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", "samehand", *words, "--json"], check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _platforms(run: Run) -> str:
    counts = Counter(run.table("members").column("platform").to_pylist())
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "–"


def _network_rows(run: Run) -> list[tuple[object, ...]]:
    edges, members = run.table("edges").to_pylist(), run.table("members").to_pylist()
    home = {(row["platform"], row["asset_id"]): row["network_id"] for row in members}
    traces: dict[str, Counter[str]] = {}
    for row in edges:
        network = home.get((row["platform_a"], row["asset_a"]))
        if network and network == home.get((row["platform_b"], row["asset_b"])):  # the others are of no network
            traces.setdefault(network, Counter())[row["trace"]] += 1
    rows: list[tuple[object, ...]] = []
    for row in run.table("networks").to_pylist()[:10]:
        ties = ", ".join(f"{name} {count}" for name, count in traces.get(row["network_id"], Counter()).most_common(3))
        rows.append((row["network_id"], row["size"], f"{row['p_value']:.1e}", f"{row['q_value']:.1e}", ties))
    return rows


def _section(name: str, folder: Path) -> list[str]:
    form, file = REAL_SETS[name]
    dataset, out = folder / name, folder / f"{name}-run"
    read = _command("import", form, str(data_folder() / file), "--into", str(dataset))
    source = read["files"][0]
    found = _command("detect", str(dataset), "--out", str(out))
    run = Run.open(out)
    sizes = np.array(run.table("networks").column("size").to_pylist() or [0])
    families = [
        (
            f["trace"],
            f"{f['accounts']:,}",
            f"{f['activities']:,}",
            f"{f['objects']:,}",
            f"{f['candidate_pairs']:,}",
            f["edges"],
        )
        for f in run.info["families"]
    ]
    name_of = Path(file).name
    return [
        f"## {name}",
        f"`samehand import {form} {name_of} --into {name}`: {source['read']:,} rows read, {source['kept']:,} kept, "
        f"{source['merged']:,} merged, {source['rejected']:,} rejected.",
        f"`samehand detect {name} --out {name}-run`: {found['networks']:,} networks of {found['members']:,} accounts ({_platforms(run)}), "
        f"out of {found['accounts']:,} accounts with {found['posts']:,} posts; {found['edges']:,} ties. Sizes {sizes.min()} to "
        f"{sizes.max()}, half of them at most {int(np.median(sizes))}. It took {run.info['timings']['all']:.1f} s.",
        markdown_table(("trace", "accounts", "activities", "objects", "pairs judged", "pairs beyond chance"), families),
        "The most significant networks, and what ties them:",
        markdown_table(("network", "accounts", "p", "q", "ties by trace"), _network_rows(run)),
        *(f"- {note}" for note in found["notes"]),
    ]


def main() -> None:
    """Run the commands and write the page."""
    parts = [
        "What the detection finds in public files at default settings. No set has verified truth: a network here is a set of accounts "
        "that act together beyond chance, not a judgement. Accounts are not named.",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name in SHOWN:
            parts += _section(name, Path(folder))
            sys.stderr.write(f"{name} done\n")
    write_page(Path("docs/measured/real_files.md"), "Real files", "make bench (tools/bench/real_files.py)", parts)


if __name__ == "__main__":
    main()
