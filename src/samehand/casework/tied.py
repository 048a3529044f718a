"""Accounts that a run over sign-ups limits for their ties to accounts taken down, and that no wave of it holds."""

from __future__ import annotations

from typing import Any, Final

import pyarrow.compute as pc

from samehand.records import Run

__all__ = ["TIED", "tied_accounts"]

TIED: Final = "tied"
"""What they are called where a wave has its name."""
LIMITED: Final = ("limit", "review", "suspend")
RECEIPTS: Final = 20


def tied_accounts(run: Run) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]] | None:
    """They as a network of the run, with its members and findings; None where there is nobody such.

    Without a wave nothing limits a sign-up but a tie to accounts taken down. What ties two of them to the same accounts ties
    them to one another: together they are somewhat coordinated, and known to be of those who were taken down.
    """
    table = run.table("decisions", ["platform", "asset_id", "decision", "score", "p_value", "wave_id", "reasons"])
    last = {(row["platform"], row["asset_id"]): row for row in table.filter(pc.is_null(table["wave_id"])).to_pylist()}
    held = run.table("decisions", ["platform", "asset_id", "wave_id"])
    in_waves = held.filter(pc.is_valid(held["wave_id"]))
    waves = set(zip(in_waves["platform"].to_pylist(), in_waves["asset_id"].to_pylist(), strict=True))
    rows = [row for key, row in last.items() if row["decision"] in LIMITED and key not in waves]
    if not rows:
        return None
    known_bad = {
        "network_id": TIED, "asset_id": None, "finding": "tied to accounts that were taken down", "axis": "inauthentic",
        "value": 1.0, "expected": 0.0, "p_value": None, "independence_group": "known_bad", "state": "strong",
        "receipts": [f"{row['platform']}:{row['asset_id']}" for row in rows[:RECEIPTS]],
    }  # fmt: skip
    network = {
        "network_id": TIED, "size": len(rows), "coordinated": "some" if len(rows) > 1 else "unknown", "inauthentic": "unknown",
        "flagged": False,
    }  # fmt: skip
    members = [
        {"platform": row["platform"], "asset_id": row["asset_id"], "role": "core", "score": row["score"]}
        for row in rows
    ]
    return network, members, [known_bad, *map(_reasons, rows)]


def _reasons(row: dict[str, Any]) -> dict[str, Any]:
    """Why the run limited an account, as a finding about it."""
    return {
        "network_id": TIED, "asset_id": row["asset_id"], "finding": f"the ladder's rung {row['decision']}",
        "axis": "inauthentic", "value": row["score"], "expected": None, "p_value": row["p_value"],
        "independence_group": "known_bad", "state": "some", "receipts": row["reasons"],
    }  # fmt: skip
