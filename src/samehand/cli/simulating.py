"""`samehand simulate`: draw a world with known truth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from samehand.cli.main import emit
from samehand.simulation import SCENARIOS, draw_world, scenario_parameters, write_archive, write_world

__all__ = ["simulate"]


@click.command(epilog=f"Scenarios: {', '.join(SCENARIOS)}.")
@click.argument("scenario")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Dataset to write, truth.csv in it.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
@click.option("--scale", type=float, default=1.0, show_default=True, help="Factor on the organic accounts.")
@click.option("--raw", type=click.Path(path_type=Path), help="Also write users.csv and tweets.csv as a platform would.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def simulate(scenario: str, out: Path, seed: int, scale: float, raw: Path | None, as_json: bool) -> None:
    """Draw a world of SCENARIO, whose truth is known."""
    world = draw_world(scenario_parameters(scenario, seed, scale), seed)
    write_world(world, out)
    written = [str(file) for file in write_archive(world, raw)] if raw else []
    roles = Counter(world.truth["role"].to_pylist())
    result = {
        "scenario": scenario,
        "seed": seed,
        "scale": scale,
        "dataset": str(out),
        "posts": world.posts.num_rows,
        "accounts": world.assets.num_rows,
        "roles": dict(sorted(roles.items())),
        "teams": len(world.parameters.teams),
        "raw": written,
    }
    people = ", ".join(f"{count:,} {role}" for role, count in sorted(roles.items()))
    summary = f"{world.posts.num_rows:,} posts of {world.assets.num_rows:,} accounts ({people})"
    emit(result, as_json=as_json, text=f"{out}: {summary}; truth in {out / 'truth.csv'}")
