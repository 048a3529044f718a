"""`samehand simulate`: draw a world with known truth."""

from __future__ import annotations

import difflib
from collections import Counter
from pathlib import Path
from typing import Any

import click

from samehand.cli.main import emit
from samehand.errors import UsageError
from samehand.simulation import (
    ASSET_SCENARIOS,
    SCENARIOS,
    SIGNUP_SCENARIOS,
    asset_scenario,
    draw_assets,
    draw_signups,
    draw_world,
    scenario_parameters,
    signup_scenario,
    write_archive,
    write_assets,
    write_signups,
    write_world,
)

__all__ = ["simulate"]

_NAMES = (*SCENARIOS, *SIGNUP_SCENARIOS, *ASSET_SCENARIOS)


@click.command(epilog=f"Scenarios: {', '.join(_NAMES)}.")
@click.argument("scenario")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Dataset to write, truth.csv in it.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
@click.option("--scale", type=float, default=1.0, show_default=True, help="Factor on the organic accounts.")
@click.option("--raw", type=click.Path(path_type=Path), help="Also write users.csv and tweets.csv as a platform would.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def simulate(scenario: str, out: Path, seed: int, scale: float, raw: Path | None, as_json: bool) -> None:
    """Draw a world of SCENARIO, whose truth is known."""
    if scenario not in _NAMES:
        near = difflib.get_close_matches(scenario, _NAMES, n=1, cutoff=0.0)[0]
        raise UsageError(f"there is no scenario '{scenario}'; did you mean '{near}'? Scenarios are {', '.join(_NAMES)}")
    if scenario in SIGNUP_SCENARIOS:
        if raw:
            raise UsageError(f"{scenario} is a world of sign-ups, without posts to write; leave --raw out")
        result, summary = _signups(scenario, out, seed, scale)
    elif scenario in ASSET_SCENARIOS:
        if raw:
            raise UsageError(f"{scenario} is a world of pages, groups and accounts, of no archive; leave --raw out")
        result, summary = _assets(scenario, out, seed, scale)
    else:
        result, summary = _posts(scenario, out, seed, scale, raw)
    result = {"scenario": scenario, "seed": seed, "scale": scale, "dataset": str(out), **result}
    emit(result, as_json=as_json, text=f"{out}: {summary}; truth in {out / 'truth.csv'}")


def _posts(scenario: str, out: Path, seed: int, scale: float, raw: Path | None) -> tuple[dict[str, Any], str]:
    world = draw_world(scenario_parameters(scenario, seed, scale), seed)
    write_world(world, out)
    written = [str(file) for file in write_archive(world, raw)] if raw else []
    roles = Counter(world.truth["role"].to_pylist())
    result = {
        "posts": world.posts.num_rows,
        "accounts": world.assets.num_rows,
        "roles": dict(sorted(roles.items())),
        "teams": len(world.parameters.teams),
        "raw": written,
    }
    return result, f"{world.posts.num_rows:,} posts of {world.assets.num_rows:,} accounts ({_counted(roles)})"


def _signups(scenario: str, out: Path, seed: int, scale: float) -> tuple[dict[str, Any], str]:
    world = draw_signups(signup_scenario(scenario, seed, scale), seed)
    write_signups(world, out)
    roles = Counter(world.truth["role"].to_pylist())
    hard = Counter(world.truth["scenario"].to_pylist())
    teams = Counter(world.truth["team"].to_pylist())
    result = {
        "signups": world.signups.num_rows,
        "known_bad": world.known_bad.num_rows,
        "roles": dict(sorted(roles.items())),
        "hard_negatives": {name: hard[name] for name in sorted(hard, key=lambda name: (len(name), name)) if name},
        "waves": sum(team.startswith("wave-") for team in teams),
        "rings": sum(team.startswith("ring-") for team in teams),
        "levels": list(world.parameters.levels) if roles["operation"] else [],
        "prevalence": roles["operation"] / world.signups.num_rows,
    }
    return result, f"{world.signups.num_rows:,} sign-ups ({_counted(roles)}), {world.known_bad.num_rows:,} known bad"


def _assets(scenario: str, out: Path, seed: int, scale: float) -> tuple[dict[str, Any], str]:
    world = draw_assets(asset_scenario(scenario, seed, scale), seed)
    write_assets(world, out)
    roles, kinds = (Counter(world.truth[name].to_pylist()) for name in ("role", "kind"))
    result = {
        "assets": world.truth.num_rows,
        "kinds": dict(sorted(kinds.items())),
        "roles": dict(sorted(roles.items())),
        "indicators": world.indicators.num_rows,
    }
    return result, f"{_counted(kinds)} ({_counted(roles)}); what a tip may name in {out / 'indicators.csv'}"


def _counted(roles: Counter[str]) -> str:
    return ", ".join(f"{count:,} {role}" for role, count in sorted(roles.items()))
