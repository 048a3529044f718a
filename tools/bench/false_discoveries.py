"""The false discovery rate that comes out, of pairs and of networks: writes docs/measured/false_discoveries.md."""

from __future__ import annotations

import sys
from pathlib import Path

from samehand.evaluation import Discoveries, discoveries_in, markdown_table, write_page

FIRST_SEED = 8500
SEEDS = 20
SCENARIOS = ("weak", "mixture")


def _row(scenario: str, done: list[Discoveries]) -> tuple[object, ...]:
    shares = [d.false_pairs / d.pairs for d in done if d.pairs]
    pairs, networks = sum(d.pairs for d in done), sum(d.networks for d in done)
    false_networks = sum(d.false_networks for d in done)
    return (
        scenario, len(done), f"{pairs:,}", sum(d.false_pairs for d in done), f"{sum(shares) / max(len(done), 1):.4f}",
        f"{max(shares, default=0.0):.4f}", networks, false_networks, f"{false_networks / max(networks, 1):.4f}",
    )  # fmt: skip


def main(seeds: int) -> None:
    """Measure and write the page."""
    rows = []
    for scenario in SCENARIOS:
        rows.append(_row(scenario, list(discoveries_in(scenario, range(FIRST_SEED, FIRST_SEED + seeds)))))
        sys.stderr.write(f"{rows[-1]}\n")
    head = (
        "worlds of",
        "worlds",
        "significant pairs",
        "false",
        "mean share",
        "largest share",
        "networks",
        "false",
        "share",
    )
    parts = [
        "Benjamini-Hochberg is proven for independent and for positively dependent p-values; pairs that share accounts and objects are "
        "dependent in ways that no theorem covers. So the rate is measured where the truth is known. A pair is *false* if its accounts "
        "are not of one hand (a team, a newsroom, mirrors); fans, a protest and people at large are not. A network is false if most "
        "pairs of its members are. Half of the rate asked for, .005, is for pairs and half for groups.",
        markdown_table(head, rows),
    ]
    write_page(
        Path("docs/measured/false_discoveries.md"),
        "False discoveries",
        "make bench (tools/bench/false_discoveries.py)",
        parts,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS)
