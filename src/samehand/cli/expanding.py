"""`samehand expand`: from a tip outward, each inclusion with its path and its price."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from samehand.cli.main import emit, say
from samehand.expansion import ExpansionParameters
from samehand.runs import expand as expand_dataset

__all__ = ["expand"]

_DEFAULTS = ExpansionParameters()


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--seeds", type=click.Path(path_type=Path), required=True,
    help="A CSV of kind (asset, url, domain, ip, device, media_hash, text) and value.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The run's folder; an older run there is replaced."
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    help="A CSV of platform, asset_id and answer (yes, no) that a reviewer wrote after an earlier run.",
)
@click.option(
    "--hops", type=int, default=_DEFAULTS.hops, show_default=True, help="Shared things between seed and member."
)
@click.option("--fdr", type=float, default=_DEFAULTS.fdr, show_default=True, help="False discovery rate of each hop.")
@click.option("--least-precision", type=float, default=_DEFAULTS.least_precision, show_default=True,
              help="Of a hop's inclusions, estimated; below it nothing is expanded any further.")  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the networks that chance draws."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def expand(
    dataset: Path, seeds: Path, out: Path, answers: Path | None, hops: int, fdr: float, least_precision: float, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Grow a network in DATASET from what a tip names, over devices, addresses and who runs what."""
    parameters = ExpansionParameters(hops=hops, fdr=fdr, least_precision=least_precision, seed=seed)
    done = expand_dataset(dataset, out, seeds, answers=answers, parameters=parameters, say=say)
    by_hop = ", ".join(f"hop {number}: {count:,}" for number, count in enumerate(done.hops, start=1))
    lines = [
        f"{done.included:,} assets taken in ({by_hop}) from {done.seeds:,} assets and {done.objects:,} things of the tip",
        f"stopped: {done.stopped}",
        *(f"left out: {count:,} {reason}" for reason, count in done.left_out.items()),
        *(f"seed not found: {words}" for words in done.unmatched),
        *(f"note: {note}" for note in done.notes),
        f"run: {out}",
    ]
    emit({**asdict(done), "path": str(out)}, as_json=as_json, text="\n".join(lines))
