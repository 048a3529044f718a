"""`samehand report` and `samehand export`: a run for people, and for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from samehand.cli.main import emit
from samehand.records import Run
from samehand.report import GRAPH_FORMATS, export_graph, find_dataset, write_report

__all__ = ["export", "report"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--html", type=click.Path(path_type=Path), help="The file to write; RUN/report.html if not given.")
@click.option("--redact", is_flag=True, help="Pseudonyms for accounts; no texts, links or object ids.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def report(run: Path, html: Path | None, redact: bool, as_json: bool) -> None:
    """Write the page of RUN: one HTML file that loads nothing."""
    opened = Run.open(run)
    dataset, without = find_dataset(opened)
    file = html or run / "report.html"
    page = write_report(opened, dataset, file, redact=redact, without=without)
    result = {
        "report": str(file),
        "networks": page.networks,
        "accounts": page.accounts,
        "shown": page.shown,
        "redacted": redact,
        "texts": dataset is not None and not redact,
    }
    networks = f"{page.networks:,} network{'' if page.networks == 1 else 's'}"
    found = f"{networks} of {page.accounts:,} accounts, {page.shown:,} shown in full"
    emit(result, as_json=as_json, text=f"{file}: {found}" + (f"\n{without}" if without else ""))


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "graph_format", type=click.Choice(GRAPH_FORMATS), required=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write; for csv a folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(run: Path, graph_format: str, out: Path, as_json: bool) -> None:
    """Write the graph of RUN for Gephi and its like, or as CSV."""
    files, nodes, edges = export_graph(Run.open(run), out, graph_format)
    written = [str(file) for file in files]
    result = {"format": graph_format, "files": written, "nodes": nodes, "edges": edges}
    emit(result, as_json=as_json, text=f"{', '.join(written)}: {nodes:,} accounts, {edges:,} edges")
