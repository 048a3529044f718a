"""`samehand audience`: who was reached."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from samehand.cli.main import emit, say
from samehand.runs import measure_audience

__all__ = ["audience"]


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--targets", type=click.Path(path_type=Path), required=True,
    help="A CSV of asset_id, and of platform where an id is one on several.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The file to write: .csv, .jsonl, .parquet or .json."
)
@click.option(
    "--sketch/--exact", default=None, help="Count by sketches, or exactly; above 20 million rows sketches if not said."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def audience(dataset: Path, targets: Path, out: Path, sketch: bool | None, as_json: bool) -> None:
    """Count the accounts of DATASET that followed, joined, saw or engaged with one or more of the targets; ads and events."""
    done = measure_audience(dataset, targets, out, sketch=sketch, say=say)
    whole = [row for row in done.rows if row["target_id"] is None and row["value"] is not None]
    lines = [f"{row['measure']}: {row['value']:,.12g} {row['unit']} ({row['method']})" for row in whole]
    lines += [f"target not found: {words}" for words in done.unmatched]
    lines += [f"note: {note}" for note in done.notes]
    emit({**asdict(done), "path": str(out)}, as_json=as_json, text="\n".join([*lines, f"{out}: {len(done.rows)} rows"]))
