"""Power on planted worlds at default settings: writes docs/measured/power.md."""

from __future__ import annotations

import sys
from pathlib import Path

from samehand.evaluation import SeedResult, found_in_scenario, markdown_table, power_map, wilson, write_page

STRONG = ("comparison", "comparison-communities")
FIRST_SEED = 8000
SEEDS = 20
WEAK = ("weak", "mixture")
WEAK_SEEDS = 40


def _strong_rows(results: list[SeedResult]) -> list[tuple[object, ...]]:
    return [
        (
            r.seed, r.planted, f"{r.recall:.3f}", f"{r.precision:.3f}", r.in_networks.get("organic", 0),
            r.in_networks.get("fan", 0), ", ".join(str(n) for n in r.explained) or "–",
        )
        for r in results
    ]  # fmt: skip


def _map_rows(results: list[SeedResult]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for axis, cells in power_map(results).items():
        for key, cell in sorted(cells.items()):
            low, high = wilson(cell.teams_found, cell.teams)
            rows.append(
                (
                    axis, key, cell.teams, f"{cell.teams_found / cell.teams:.2f}", f"{low:.2f}–{high:.2f}",
                    f"{cell.found / cell.accounts:.2f}",
                )
            )  # fmt: skip
    return rows


def _totals(results: list[SeedResult]) -> tuple[object, ...]:
    roles = {
        role: sum(r.in_networks.get(role, 0) for r in results)
        for role in ("team", "newsroom", "mirror", "fan", "protest", "organic")
    }
    return len(results), sum(r.planted for r in results), *roles.values()


def main(seeds: int, weak_seeds: int) -> None:
    """Measure and write the page."""
    parts = [
        "Planted teams in fresh worlds, default settings. *Recall* is planted accounts found; *precision* counts as right "
        "whoever acts by one hand (teams, a newsroom's and a mirror's accounts). *Explained* sets are in no network.",
    ]
    for scenario in STRONG:
        results = list(found_in_scenario(scenario, range(FIRST_SEED, FIRST_SEED + seeds)))
        sys.stderr.write(
            f"{scenario}: recall {min(r.recall for r in results):.3f} precision {min(r.precision for r in results):.3f}\n"
        )
        head = ("seed", "planted", "recall", "precision", "organic in networks", "fans in networks", "explained")
        parts += [f"## {scenario}", markdown_table(head, _strong_rows(results))]
    for scenario in WEAK:
        results = list(found_in_scenario(scenario, range(FIRST_SEED, FIRST_SEED + weak_seeds)))
        sys.stderr.write(f"{scenario}: {_totals(results)}\n")
        parts += [
            f"## {scenario}: a map of what is found",
            markdown_table(
                ("worlds", "planted", "team", "newsroom", "mirror", "fan", "protest", "organic"), [_totals(results)]
            ),
            "A team counts as found when at least half of its accounts are in networks; intervals are 95 % (Wilson).",
            markdown_table(("by", "", "teams", "found", "interval", "accounts found"), _map_rows(results)),
        ]
    write_page(Path("docs/measured/power.md"), "Power", "make bench (tools/bench/power.py)", parts)


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    main(*(words or [SEEDS, WEAK_SEEDS]))
