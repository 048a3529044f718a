"""`samehand evaluate`: how well a run did, where the truth is known."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from samehand.cli.main import emit
from samehand.evaluation import TruthComparison, compare_with_truth

__all__ = ["evaluate"]


@click.group()
def evaluate() -> None:
    """Hold runs against what is known to be true."""


def _as_text(found: TruthComparison) -> str:
    planted = sum(team.accounts for team in found.teams)
    caught = sum(team.in_networks for team in found.teams)
    others = [f"{row.in_networks:,} of {row.accounts:,} {row.role}" for row in found.roles if row.role != "team"]
    lines = [
        f"{sum(team.found for team in found.teams)} of {len(found.teams)} planted teams found, "
        f"{caught:,} of their {planted:,} accounts in networks",
        f"other accounts in networks: {', '.join(others) or 'none'}",
    ]
    if found.unknown:
        lines.append(f"{found.unknown:,} accounts in networks are not in the truth")
    if found.matched_by == "asset_id":
        lines.append("note: the run and the truth name different platforms; accounts were matched by asset_id alone")
    return "\n".join(lines)


@evaluate.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("truth_csv", metavar="TRUTH.csv", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def truth(run: Path, truth_csv: Path, as_json: bool) -> None:
    """Count the accounts in RUN's networks by what TRUTH.csv says of them.

    TRUTH.csv has the columns platform, asset_id, role and team; `samehand simulate` writes one into its dataset. A planted
    team counts as found when at least half of its accounts are in networks.
    """
    found = compare_with_truth(run, truth_csv)
    teams = [{**asdict(team), "found": team.found} for team in found.teams]
    emit({**asdict(found), "teams": teams}, as_json=as_json, text=_as_text(found))
