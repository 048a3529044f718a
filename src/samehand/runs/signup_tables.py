"""A stream's waves as tables of a run: each wave a network, its sign-ups members, its families of evidence findings."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa

from samehand.records import schema_of
from samehand.signups import FACTS, FAMILIES, SignupStream, StandingWave

__all__ = ["wave_tables"]

RECEIPTS = 20
"""Sign-ups that a finding names as its receipts, at most."""


def wave_tables(stream: SignupStream) -> dict[str, pa.Table]:
    """`networks`, `members` and `findings` of the waves that a stream has found."""
    waves = list(stream.found.values())
    networks = [_network(stream, wave) for wave in waves]
    members = [row for wave in waves for row in _members(stream, wave)]
    findings = [row for wave in waves for row in _findings(stream, wave)]
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


def _members(stream: SignupStream, wave: StandingWave) -> list[dict[str, Any]]:
    places = (wave.members - stream.ledger.first).tolist()
    return [
        {
            "network_id": f"W{wave.number}", "platform": stream.names[place][0], "asset_id": stream.names[place][1],
            "role": "member", "score": 1 / (1 + math.exp(-float(stream.standing.odds[place]))),
        }
        for place in places
        if place >= 0
    ]  # fmt: skip


def _findings(stream: SignupStream, wave: StandingWave) -> list[dict[str, Any]]:
    places = [place for place in (wave.members - stream.ledger.first).tolist() if place >= 0][:RECEIPTS]
    receipts = [":".join(stream.names[place]) for place in places]
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
    ]  # fmt: skip
