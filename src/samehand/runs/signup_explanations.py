"""`samehand signups explain`: one sign-up's decisions, the waves behind them, and whom such evidence hits wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from samehand.errors import NotFoundError
from samehand.records import Run
from samehand.signups import FACTS

__all__ = ["explain_signup"]


def explain_signup(run: str | Path, account: str) -> dict[str, Any]:
    """What a run decided about one account.

    Args:
        run: the run's folder.
        account: its asset id, or `platform:asset_id`.

    Returns:
        platform, asset_id, at; `steps`: its rows of `decisions` by time; `waves`: rows of `networks` with their strong
        `findings` and `wrongs`, the genuine people whom such evidence hits.

    Raises:
        NotFoundError: the run has no decision about it.

    """
    opened = Run.open(run)
    decisions = opened.table("decisions")
    platform, colon, asset = account.partition(":")
    mine = pc.equal(decisions.column("asset_id"), account)
    if colon:
        both = pc.and_(pc.equal(decisions.column("platform"), platform), pc.equal(decisions.column("asset_id"), asset))
        mine = pc.or_(mine, both)
    steps = sorted(decisions.filter(mine).to_pylist(), key=lambda step: step["decided_at"])
    if not steps:
        raise NotFoundError(f"{run} has no decision about {account}; give the asset id, or platform:asset_id")
    names = {step["wave_id"] for step in steps if step["wave_id"]}
    waves = []
    for wave in opened.table("networks").to_pylist():
        if wave["network_id"] not in names:
            continue
        findings = [
            one for one in opened.table("findings").to_pylist()
            if one["network_id"] == wave["network_id"] and one["state"] in ("strong", "some")
        ]  # fmt: skip
        families = {one["independence_group"] for one in findings}
        wrongs = [f"{fact.name}: {fact.wrongs}" for fact in FACTS if fact.family in families]
        waves.append({**wave, "findings": findings, "wrongs": wrongs})
    first = steps[0]
    return {
        "platform": first["platform"],
        "asset_id": first["asset_id"],
        "at": first["at"],
        "steps": steps,
        "waves": waves,
    }
