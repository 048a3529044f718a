"""`samehand evaluate`: how well a run, samehand and its peers do, where the truth is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from samehand.cli.main import emit, say
from samehand.errors import UsageError
from samehand.evaluation import (
    LIMIT_S,
    SetResult,
    Tally,
    TruthComparison,
    WorldScore,
    compare_with_truth,
    evaluate_set,
    evaluate_worlds,
    expand_tips,
    expansion_tables,
    findings_table,
    peer_detectors,
    set_tables,
    world_tables,
    write_page,
)

__all__ = ["evaluate"]


@click.group()
def evaluate() -> None:
    """Hold runs, and detectors, against what is known to be true."""


def _as_text(found: TruthComparison) -> str:
    planted = sum(team.accounts for team in found.teams)
    caught = sum(team.in_networks for team in found.teams)
    others = [f"{row.in_networks:,} of {row.accounts:,} {row.role}" for row in found.roles if row.role != "team"]
    lines = [
        f"{sum(team.found for team in found.teams)} of {len(found.teams)} planted teams found, "
        f"{caught:,} of their {planted:,} accounts in networks",
        f"other accounts in networks: {', '.join(others) or 'none'}",
    ]
    flagged = sum(team.flagged for team in found.teams)
    wrong = sum(row.flagged for row in found.roles if row.role != "team")
    lines.append(f"{found.flagged:,} networks flagged: {flagged:,} accounts of planted teams in them, {wrong:,} others")
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


def read_seeds(words: str) -> range:
    """Read `7` or `0-24`, both ends included.

    Raises:
        UsageError: it is neither, or the end comes before the beginning.

    """
    first, dash, last = words.partition("-")
    if not (first.isdecimal() and (last.isdecimal() if dash else not last)) or int(last or first) < int(first):
        raise UsageError(f"--seeds '{words}' is no range of seeds; write it like 0-24, or 7")
    return range(int(first), int(last or first) + 1)


def _command(*words: object, **options: object) -> str:
    """The command as it was given, for the page that it writes."""
    given = [
        f"--{name.replace('_', '-')}" if value is True else f"--{name.replace('_', '-')} {value}"
        for name, value in options.items()
        if value not in (None, False)
    ]
    return " ".join(["samehand evaluate", *map(str, words), *given])


def _given(peer_limit: float, peers: bool) -> float | None:
    return peer_limit if peers and peer_limit != LIMIT_S else None


def _counts(one: WorldScore | Tally) -> dict[str, object]:
    return {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(one).items()}


def _plain(one: WorldScore) -> dict[str, object]:
    figures = {
        over: {"precision": tally.precision, "recall": one.recall(tally), "f1": one.f1(tally),
               "network_precision": tally.network_precision, "team_recall": one.team_recall(tally)}
        for over, tally in (("found", one.found), ("flagged", one.flagged))
    }  # fmt: skip
    known = {over: {name: None if v != v else v for name, v in row.items()} for over, row in figures.items()}
    return {**_counts(one), "found": _counts(one.found), "flagged": _counts(one.flagged), "figures": known}


def _plain_set(one: SetResult) -> dict[str, object]:
    cuts = {str(most): count for most, count in one.recall_at.items()}
    findings = [row._asdict() for row in one.verdicts.findings]
    return {"traces": one.traces, "recall_at": cuts, "findings": findings, "score": _plain(one.score)}


_PEERS = click.option("--peers", is_flag=True, help="Also run the peers that are installed, at their own settings.")
_LIMIT = click.option(
    "--peer-limit",
    type=click.FloatRange(min=1),
    default=LIMIT_S,
    show_default=True,
    help="Seconds for a peer on a dataset.",
)
_PAGE = click.option("--page", type=click.Path(path_type=Path), help="Also write the tables as a Markdown page.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@evaluate.command()
@click.argument("scenario")
@click.option("--seeds", default="0-24", show_default=True, help="One world each: a seed, or the first and the last.")
@click.option("--scale", type=float, default=1.0, show_default=True, help="Factor on the organic accounts.")
@_PEERS
@_LIMIT
@_PAGE
@_JSON
def worlds(
    scenario: str, seeds: str, scale: float, peers: bool, peer_limit: float, page: Path | None, as_json: bool
) -> None:
    """Draw worlds of SCENARIO and hold what is found in each against its truth.

    Accounts, networks and teams are counted, in networks and in flagged networks, and summed over worlds.
    """
    others = peer_detectors(limit_s=peer_limit) if peers else ()
    scores = evaluate_worlds(scenario, read_seeds(seeds), scale=scale, peers=others, say=say)
    parts = world_tables(scores)
    if page:
        command = _command(
            "worlds", scenario, seeds=seeds, scale=scale, peers=peers, peer_limit=_given(peer_limit, peers)
        )
        write_page(page, f"Worlds of {scenario}", command, parts)
    emit({"scenario": scenario, "scale": scale, "worlds": [_plain(one) for one in scores]}, as_json=as_json,
         text="\n\n".join(parts))  # fmt: skip


@evaluate.command("set")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.argument("truth_csv", metavar="TRUTH.csv", type=click.Path(path_type=Path))
@click.option("--traces", type=click.Choice(["all", "each"]), default="all", show_default=True,
              help="All traces together, or also one at a time.")  # fmt: skip
@_PEERS
@_LIMIT
@_PAGE
@_JSON
def labelled(
    dataset: Path, truth_csv: Path, traces: str, peers: bool, peer_limit: float, page: Path | None, as_json: bool
) -> None:
    """Hold what is found in DATASET against what TRUTH.csv says of its accounts.

    TRUTH.csv has the columns asset_id and label (operation, organic), with platform where ids are on several; or platform,
    asset_id, role and team, as `samehand simulate` writes them.
    """
    others = peer_detectors(limit_s=peer_limit) if peers else ()
    results = evaluate_set(dataset, truth_csv, each=traces == "each", peers=others, say=say)
    parts = [*set_tables(results), *findings_table(results)]
    if page:
        command = _command(
            "set", dataset.name, truth_csv.name, traces=traces, peers=peers, peer_limit=_given(peer_limit, peers)
        )
        write_page(page, f"Labelled set {dataset.name}", command, parts)
    emit({"dataset": str(dataset), "results": [_plain_set(one) for one in results]}, as_json=as_json,
         text="\n\n".join(parts))  # fmt: skip


@evaluate.command()
@click.option("--seeds", default="0-24", show_default=True, help="One world each: a seed, or the first and the last.")
@click.option("--scenarios", default="assets", show_default=True, help="Scenarios of assets, with commas between them.")
@_PAGE
@_JSON
def expansion(seeds: str, scenarios: str, page: Path | None, as_json: bool) -> None:
    """Draw worlds of pages, groups and accounts, expand from tips of three, and hold what came of it against the truth.

    Tips are of three assets, or mixed, or wrong; after right ones a reviewer answers truthfully, twice.
    """
    chosen = read_seeds(seeds)
    scores = [one for name in scenarios.split(",") for one in expand_tips(name.strip(), chosen, say=say)]
    parts = expansion_tables(scores)
    if page:
        write_page(page, "Expansion from tips", _command("expansion", seeds=seeds, scenarios=scenarios), parts)
    emit({"scores": [asdict(one) for one in scores]}, as_json=as_json, text="\n\n".join(parts))
