"""`samehand detect`, `explain` and `compare`: from a dataset to networks, and back to the posts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from samehand.cli.main import emit, say
from samehand.records import Dataset, Run
from samehand.report import write_report
from samehand.runs import (
    DEFAULT_WINDOWS,
    DetectParameters,
    Explanation,
    compare_runs,
    explain_account,
    explain_pair,
    find_paraphrases,
    parse_windows,
    universal_encoder,
)
from samehand.runs import detect as detect_networks
from samehand.traces import PERIOD_TRACE

__all__ = ["compare", "detect", "explain", "paraphrases"]


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The run's folder; an older run there is replaced."
)
@click.option("--traces", help="Names with commas between them; all of them if not given.")
@click.option("--window", default=",".join(DEFAULT_WINDOWS), show_default=True, help="Windows, narrow to wide.")
@click.option("--fdr", default=0.01, show_default=True, type=float, help="False discovery rate of the run.")
@click.option("--since", help="Only posts from this time on (ISO; UTC without a zone).")
@click.option("--until", help="Only posts before this time.")
@click.option("--where", help="Only posts for which this SQL condition over the posts table holds.")
@click.option(
    "--context",
    type=click.Path(),
    help="A CSV of platform, asset_id, owner: accounts known to act together in the open, shown as counter-evidence.",
)
@click.option("--engine", type=click.Choice(["local"]), default="local", show_default=True, help="Where the work runs.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=int,
    help="Seeds the search for communities and the choice of controls.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def detect(
    dataset: Path, out: Path, traces: str | None, window: str, fdr: float, since: str | None, until: str | None,
    where: str | None, context: str | None, engine: str, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Find the accounts of DATASET that act together beyond chance."""
    names = tuple(word.strip() for word in traces.split(",") if word.strip()) if traces else None
    parameters = DetectParameters(names, parse_windows(window), fdr, since, until, where, seed, context)
    found = detect_networks(dataset, out, parameters, say=say)
    say("writing the report")
    page = out / "report.html"
    write_report(Run.open(out), Dataset.open(dataset), page)
    result = {**asdict(found), "path": str(out), "report": str(page), "engine": engine}
    lines = [
        f"{found.networks:,} networks of {found.members:,} accounts, {found.flagged:,} of them flagged, out of "
        f"{found.accounts:,} accounts with "
        f"{found.posts:,} posts; {found.edges:,} ties with their receipts",
        f"report: {page}",
        *(f"note: {note}" for note in found.notes),
    ]
    emit(result, as_json=as_json, text="\n".join(lines))


def _account(row: dict[str, Any]) -> str:
    handle = f" @{row['handle']}" if row["handle"] else ""
    return f"{row['platform']}:{row['asset_id']}{handle}"


def _edge_line(row: dict[str, Any]) -> str:
    if row["trace"] == PERIOD_TRACE:
        return (
            f"  {row['trace']}: {row['asset_a']} and {row['asset_b']}, {row['co_activities']} sessions on {row['occasions']} "
            f"days begin every {row['window_s'] / 60:.1f} minutes in both; p {row['p_value']:.2g}, q {row['q_value']:.2g}"
        )
    return (
        f"  {row['trace']}: {row['asset_a']} and {row['asset_b']}, {row['co_activities']} of {row['shared_objects']} shared "
        f"objects within {row['window_s']} s on {row['occasions']} occasions; {row['expected']:.2g} by chance, "
        f"p {row['p_value']:.2g}, q {row['q_value']:.2g}"
    )


def _receipt_lines(row: dict[str, Any]) -> list[str]:
    base = f"{row['base_rate']:.2%}" if row["base_rate"] is not None else "?"
    lines = [f"  {row['trace']} {row['object_id']}: {row['apart_s']:g} s apart; unrelated people: {base}"]
    if row["trace"] == PERIOD_TRACE:
        lines = [f"  {row['object_id']}: a session of each began with"]
    for side in ("a", "b"):
        text = f"  {row[f'text_{side}']!r}" if row[f"text_{side}"] else ""
        moment = row[f"at_{side}"].strftime("%Y-%m-%d %H:%M:%S UTC")
        lines.append(f"    {moment}  {row[f'asset_{side}']}  post {row[f'post_{side}'] or '?'}{text}")
    return lines


def _network_lines(row: dict[str, Any]) -> list[str]:
    flagged = "flagged" if row["flagged"] else "not flagged"
    lines = [
        f"network {row['network_id']}: {row['size']} accounts; coordinated: {row['coordinated']}, inauthentic: "
        f"{row['inauthentic']}, {flagged}",
        f"  chance alone would bring such a group together with p {row['p_value']:.2g} (q {row['q_value']:.2g})",
    ]
    lines += [f"  could be innocent: {line}" for line in (row["explanation"] or "").split("\n") if line]
    return lines + [f"  is anybody real: {line}" for line in row["verdict"]]


def _step_line(row: dict[str, Any]) -> str:
    start = "what the tip names" if row["from_asset_id"] is None else f"{row['from_platform']}:{row['from_asset_id']}"
    return (
        f"reached, step {row['step']}: from {start} over {row['attribute']} {row['object_id']}, which {row['holders']} have, "
        f"{row['members']} of them members ({row['nats']:.1f} nats), to {row['to_platform']}:{row['to_asset_id']}; "
        f"rows {', '.join(row['receipts'])}"
    )


def _as_text(found: Explanation) -> str:
    lines = [" and ".join(_account(row) for row in found.accounts)]
    for row in found.networks:
        lines += _network_lines(row)
    if not found.networks:
        lines.append("not in one network together" if len(found.accounts) > 1 else "in no network")
    if found.edges:
        lines += ["what was seen, and what chance would give:", *(_edge_line(row) for row in found.edges)]
        lines.append("posts behind it:")
    for row in found.receipts:
        lines += _receipt_lines(row)
    lines += [_step_line(row) for row in found.path]
    if found.between:
        lines.append(f"they hang together through: {', '.join(found.between)}")
    return "\n".join([*lines, *(f"note: {note}" for note in found.notes)])


@click.command()
@click.argument("run", type=click.Path())
@click.argument("account")
@click.argument("other", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(run: str, account: str, other: str | None, as_json: bool) -> None:
    """Show the posts that tie ACCOUNT of RUN to OTHER, or to its strongest partners."""
    found = explain_pair(run, account, other) if other else explain_account(run, account)
    emit(asdict(found), as_json=as_json, text=_as_text(found))


@click.command()
@click.argument("first", type=click.Path())
@click.argument("second", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare(first: str, second: str, as_json: bool) -> None:
    """Show which networks of run FIRST are found again in run SECOND."""
    found = compare_runs(first, second)
    lines = [
        f"{match.network} ({match.size} accounts): "
        + (
            f"{match.other} ({match.other_size} accounts), {match.shared} in both, {match.jaccard:.0%} alike"
            if match.other
            else "not found"
        )
        for match in found.matches
    ]
    lines += [f"new: {name}" for name in found.new]
    lines.append(f"{found.members_before} accounts before, {found.members_after} after, {found.members_kept} in both")
    lines += [f"differs: {name}: {before} / {after}" for name, (before, after) in found.parameters.items()]
    emit(asdict(found), as_json=as_json, text="\n".join(lines))


@click.command()
@click.argument("run", type=click.Path())
@click.option("--network", help="One network's id; all of them if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def paraphrases(run: str, network: str | None, as_json: bool) -> None:
    """Show which texts of RUN's networks may say the same in other words or another language.

    For a reader: no score looks at it. Needs the optional package (`pip install 'samehand[paraphrase]'`).
    """
    found = find_paraphrases(run, universal_encoder(), network_id=network)
    lines = []
    for one in found:
        lines.append(f"{one.network_id}: {one.compared} texts compared, {len(one.groups)} groups that may say the same")
        for group in one.groups:
            lines += ["  may say the same:", *(f"    {text!r}" for text in group)]
    emit({"networks": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(lines) or "no networks")
