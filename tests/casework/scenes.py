"""A founded store with a policy in force, a clock that stands still, and runs with networks to look into. All invented."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from samehand.casework import (
    Casework,
    Decisions,
    SigningKey,
    add_reviewer,
    adopt,
    bring,
    found_roster,
    make_key,
)
from samehand.policy import read_pack, read_signup_policy
from samehand.records import schema_of, write_run
from samehand.store import Store

PASSPHRASE = "correct horse battery"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
PACK = read_pack()
LADDER = read_signup_policy()


def step(account: str, decision: str, hours: float = 0.0, **more: Any) -> dict[str, Any]:
    """A row of a run's decisions about a sign-up."""
    return {
        "platform": "sim", "asset_id": account, "at": NOON, "decided_at": NOON + timedelta(hours=hours), "decision": decision,
        "score": 5.0, "wave_id": "W1", "reasons": ["shares a device"], "policy_version": LADDER.version, **more,
    }  # fmt: skip


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Office:
    """People at work on one store."""

    store: Store
    clock: Clock
    keys: dict[str, SigningKey] = field(default_factory=dict)

    @property
    def casework(self) -> Casework:
        return Casework(self.store, self.clock)

    @property
    def decisions(self) -> Decisions:
        return Decisions(self.casework)

    def hire(self, folder: Path, name: str, *roles: str) -> SigningKey:
        key = make_key(folder / f"{name}.key", name, PASSPHRASE)
        add_reviewer(self.store, [self.keys["ada"], self.keys["ben"]], key, roles, self.clock())
        self.keys[name] = key
        return key


def founded(store: Store, folder: Path) -> Office:
    """Ada and Ben lead, Cem reviews, Dia investigates, Eva decides appeals; the shipped policy is in force."""
    office = Office(store, Clock())
    office.keys = {name: make_key(folder / f"{name}.key", name, PASSPHRASE) for name in ("ada", "ben")}
    found_roster(store, office.keys["ada"], office.keys["ben"], office.clock())
    for name, role in (("cem", "reviewer"), ("dia", "investigator"), ("eva", "appeals")):
        office.hire(folder, name, role)
    for name in ("ada", "ben"):
        adopt(store, PACK, office.keys[name], office.clock())
    return office


def finding(axis: str, group: str, state: str, **more: Any) -> dict[str, Any]:
    """A row of a run's findings."""
    return {
        "network_id": "N1", "asset_id": None, "finding": f"{group} alike", "axis": axis, "value": 3.0, "expected": 0.5,
        "p_value": 0.001, "independence_group": group, "state": state, "receipts": ["p1", "p2"], **more,
    }  # fmt: skip


STRONG = (
    finding("inauthentic", "creation", "strong"),
    finding("inauthentic", "profile", "strong"),
)
"""What it takes for coordinated inauthentic activity."""


def run_of(
    folder: Path, networks: dict[str, Sequence[str]], *, coordinated: str = "strong", inauthentic: str = "strong",
    flagged: bool = True, findings: Sequence[dict[str, Any]] = STRONG, seed: int = 0, amplifiers: int = 0,
    decisions: Sequence[str] = (), steps: Sequence[dict[str, Any]] = (), elsewhere: Sequence[str] = (),
) -> Path:  # fmt: skip
    """A run with these networks; each has the same verdict and findings. The last `amplifiers` of each are no core.

    A run over sign-ups has decisions about these accounts, or these steps. Those named in `elsewhere` are on platform `other`.
    """
    rows: dict[str, list[dict[str, Any]]] = {"networks": [], "members": [], "findings": []}
    rows["decisions"] = [
        {"platform": "sim", "asset_id": account, "at": NOON, "decided_at": NOON, "decision": "limit", "score": 5.0,
         "policy_version": "signups-3"}
        for account in decisions
    ] + list(steps)  # fmt: skip
    for name, accounts in networks.items():
        rows["networks"].append(
            {"network_id": name, "size": len(accounts), "p_value": 1e-6, "q_value": 1e-5, "coordinated": coordinated,
             "inauthentic": inauthentic, "flagged": flagged, "explanation": "drawn for a test"}
        )  # fmt: skip
        core = len(accounts) - amplifiers
        rows["members"] += [
            {"network_id": name, "platform": "other" if account in elsewhere else "sim", "asset_id": account,
             "role": "core" if k < core else "amplifier", "score": 0.9}
            for k, account in enumerate(accounts)
        ]  # fmt: skip
        rows["findings"] += [{**one, "network_id": name} for one in findings]
    with write_run(folder) as writer:
        if decisions or steps:
            writer.info["policy"] = json.loads(json.dumps(asdict(LADDER)))
        writer.info.update(
            {"parameters": {"seed": seed}, "dataset": {"name": "made up"}, "timings": {"all": seed * 1.5}}
        )
        for table, lines in rows.items():
            writer.write(table, pa.Table.from_pylist(lines, schema=schema_of(table)))
    return folder


def accounts(count: int, first: int = 0) -> list[str]:
    return [f"a{first + k}" for k in range(count)]


def brought(office: Office, folder: Path, count: int = 30, **more: Any) -> int:
    """A case with one network of so many accounts; its number."""
    run = run_of(folder, {"N1": accounts(count)}, **more)
    return bring(office.casework, run, ["N1"], "dia")[0].case.case_id
