"""A stream's waves as tables of a run: each wave a network, its sign-ups members, its families of evidence findings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa

from samehand.records import schema_of
from samehand.signups import FACTS, FAMILIES, SignupStream, StandingWave

__all__ = ["wave_tables"]

LIMITED = ("limit", "review", "suspend")
RECEIPTS = 20
"""Sign-ups that a finding names as its receipts, at most."""
TIED = 0.5
"""Share of a wave that is tied to accounts taken down, from which on the wave is theirs."""
TIED_OF_ONE_HAND, TIMES = 0.02, 100
"""The same of a wave that counts against its members, since one hand made it: this share, and so many times that of sign-ups in
no wave."""


def wave_tables(stream: SignupStream, decisions: pa.Table) -> dict[str, pa.Table]:
    """`networks`, `members` and `findings` of the waves that a stream has found.

    Args:
        stream: after its last look.
        decisions: all that it decided; an account is a member of the wave that its last decision names.

    """
    waves = list(stream.found.values())
    members = _members(decisions)
    networks = [_network(stream, wave) for wave in waves]
    named: dict[str, list[str]] = {}
    for row in members:
        named.setdefault(row["network_id"], []).append(f"{row['platform']}:{row['asset_id']}")
    findings = [row for wave in waves for row in _findings(stream, wave, named.get(f"W{wave.number}", []))]
    rows = {"networks": networks, "members": members, "findings": findings}
    return {name: pa.Table.from_pylist(table, schema=schema_of(name)) for name, table in rows.items()}


def _network(stream: SignupStream, wave: StandingWave) -> dict[str, Any]:
    held = ", ".join(wave.makers) if wave.makers else "nothing but what one place, or a movement, would explain"
    return {
        "network_id": f"W{wave.number}", "size": len(wave.members), "p_value": wave.p_value, "q_value": wave.p_value,
        "coordinated": "strong" if wave.makers else "some", "inauthentic": "unknown", "flagged": stream.acts_on(wave),
        "explanation": f"{wave.cell_rows} sign-ups of the window share {wave.facts[0]} and {wave.facts[1]}, "
        f"{wave.expected:.2g} would be usual; held together by {held}"
        + (f"; one {wave.venue} explains the rest" if wave.venue else ""),
    }  # fmt: skip


def _members(decisions: pa.Table) -> list[dict[str, Any]]:
    """Members by their last decision; `core` are those whom it limits, who did less themselves are `amplifier`."""
    last: dict[tuple[str, str], dict[str, Any]] = {}
    columns = ["platform", "asset_id", "wave_id", "score", "decision"]
    rung: dict[tuple[str, str], str] = {}
    for row in decisions.select(columns).to_pylist():
        key = row["platform"], row["asset_id"]
        rung[key] = row["decision"]
        if row["wave_id"] is not None:
            last[key] = row
    return [
        {
            "network_id": row["wave_id"], "platform": row["platform"], "asset_id": row["asset_id"],
            "role": "core" if rung[key] in LIMITED else "amplifier", "score": 1 / (1 + math.exp(-row["score"])),
        }
        for key, row in last.items()
    ]  # fmt: skip


def _findings(stream: SignupStream, wave: StandingWave, members: list[str]) -> list[dict[str, Any]]:
    receipts = members[:RECEIPTS]
    sees: dict[str, str] = {
        family: "; ".join(fact.sees for fact in FACTS if fact.family == family) for family in FAMILIES
    }
    return [
        {
            "network_id": f"W{wave.number}", "asset_id": None, "finding": f"shared {family}: {sees[family]}",
            "axis": "coordinated", "value": nats, "expected": 0.0, "p_value": None, "independence_group": family,
            "state": "strong" if family in wave.makers else "some" if nats >= stream.policy.waves.strong_nats else "no",
            "receipts": receipts,
        }
        for family, nats in wave.strength.items()
    ] + [_tie(stream, wave, receipts)]  # fmt: skip


def _tie(stream: SignupStream, wave: StandingWave, receipts: list[str]) -> dict[str, Any]:
    """How many of a wave are tied to accounts that were taken down, each by what would limit it for that alone.

    It says whose hand it is, not that there is one: the ties are of the same families that hold the wave together.
    """
    s, rung = stream.standing, stream.policy.ladder["limit"]
    rows = wave.members[wave.members >= stream.ledger.first] - stream.ledger.first
    every = np.arange(stream.ledger.end)
    tied = (s.hop[every] == 1) & (s.known_odds[every] >= rung.log_odds) & (s.known_families[every] >= rung.families)
    known, others = len(stream.known) > 0 and len(rows) > 0, s.wave[every] == 0
    share = float(tied[rows].mean()) if known else None
    usual = (1 + int((tied & others).sum())) / (1 + int(others.sum()))
    enough = int(tied[rows].sum()) >= stream.policy.waves.least_members
    of_one = stream.acts_on(wave) and share is not None and share >= max(TIED_OF_ONE_HAND, TIMES * usual)
    strong = share is not None and enough and (share >= TIED or of_one)
    return {
        "network_id": f"W{wave.number}", "asset_id": None, "finding": "tied to accounts that were taken down",
        "axis": "inauthentic", "value": share, "expected": usual if known else None, "p_value": None,
        "independence_group": "known_bad", "receipts": receipts,
        "state": "unknown" if share is None else "strong" if strong else "some" if share else "no",
    }  # fmt: skip
