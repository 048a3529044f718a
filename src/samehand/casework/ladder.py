"""The ladder's automatic steps: what a run over sign-ups says is to be done by itself, signed by the service's key.

A step goes up to `limit`, and runs under a version of the policy of sign-ups that two leads signed. Each rung of a run is one
case with one decision: the run's rows are its findings, frozen as any, so that whoever appeals finds what was held against
them. Protected accounts, and those of which something was taken back before, are left to a person.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.casework.audit import append
from samehand.casework.cases import Casework
from samehand.casework.corrections import corrected
from samehand.casework.decisions import enter_decision, read_decision
from samehand.casework.evidence import protected_of, put_network, run_digest
from samehand.casework.judgements import BlastRadius, Decision
from samehand.casework.keys import SigningKey
from samehand.casework.policies import LADDER, policy_digest, signers_of
from samehand.casework.scrutiny import Scrutiny
from samehand.casework.statements import digest
from samehand.casework.tables import DecisionRow, NetworkRow, PolicyRow
from samehand.errors import InputError, UsageError
from samehand.records import Run

__all__ = ["Step", "take_steps"]

Rung = Literal["challenge", "limit"]
RUNGS: Final[tuple[Rung, ...]] = ("limit", "challenge")
DONE_AT: Final[dict[str, Rung]] = {"challenge": "challenge", "limit": "limit", "review": "limit", "suspend": "limit"}
"""What the machine does by itself to who stands on a rung; beyond `limit` persons decide."""


@dataclass(frozen=True)
class Step:
    """What was ordered for one rung of a run: the decision, and accounts that were left to a person.

    left_protected are protected; of left_cleared something was taken back before.
    """

    decision: Decision
    left_protected: int
    left_cleared: int


def take_steps(casework: Casework, folder: Path, key: SigningKey) -> list[Step]:
    """Order what a run over sign-ups says is to be done; a run whose steps were taken gives those.

    Args:
        casework: of the store.
        folder: the run.
        key: the service's.

    Returns:
        One a rung that somebody stands on, the stronger first; approved, to be carried out as any decision.

    Raises:
        UsageError: the run decided about no sign-ups, its policy is not signed by two, or `key` is no service's. InputError: it
        was made under another text of that policy.

    """
    run = Run.open(folder)
    rows = _standing(run)
    if not rows and not run.table("decisions", ["decision"]).num_rows:
        raise UsageError(f"{folder} decided about no sign-ups; make one: samehand signups replay")
    with casework.store.writing() as session:
        look = Scrutiny(casework, session)
        look.roster.holder(key, "ladder")
        policy = _policy(look, run)
        if taken := _taken(session, run):
            return taken
        return [
            step for rung in RUNGS
            if (step := _taken_one(casework, look, run, rung, [row for row in rows if row["rung"] == rung], policy, key))
        ]  # fmt: skip


def _standing(run: Run) -> list[dict[str, Any]]:
    """The last decision about each account that stands on a rung, with what the machine does there."""
    table = run.table(
        "decisions", ["platform", "asset_id", "at", "decided_at", "decision", "score", "wave_id", "reasons"]
    )
    last = {(row["platform"], row["asset_id"]): row for row in table.to_pylist()}
    return [{**row, "rung": DONE_AT[row["decision"]]} for row in last.values() if row["decision"] in DONE_AT]


def _policy(look: Scrutiny, run: Run) -> PolicyRow:
    version = run.info["policy"]["version"]
    row = look.session.get(PolicyRow, version)
    if row is None or row.pack != LADDER or row.retired_at is not None or len(signers_of(look.roster, row)) < 2:
        raise UsageError(f"{version} is not in force here: two leads sign it (samehand case policy sign-ladder)")
    if json.loads(row.text) != run.info["policy"]:
        raise InputError(f"{run.path} was made under another text of {version} than the one that was signed")
    return row


def _taken(session: Session, run: Run) -> list[Step]:
    """The steps that were taken for a run before."""
    cases = select(NetworkRow.case_id).where(
        NetworkRow.run_digest == run_digest(run), NetworkRow.network_id.like("ladder:%")
    )
    rows = session.scalars(
        select(DecisionRow).where(DecisionRow.case_id.in_(cases), DecisionRow.action.in_(RUNGS))
        .order_by(DecisionRow.decision_id)
    ).all()  # fmt: skip
    return [Step(read_decision(row), 0, 0) for row in rows]


def _taken_one(
    casework: Casework, look: Scrutiny, run: Run, rung: Rung, rows: Sequence[dict[str, Any]], policy: PolicyRow,
    key: SigningKey,
) -> Step | None:  # fmt: skip
    session, accounts = look.session, [(row["platform"], row["asset_id"]) for row in rows]
    protected, cleared = protected_of(session, accounts), corrected(session) & set(accounts)
    left = protected | cleared
    chosen = [row for row, account in zip(rows, accounts, strict=True) if account not in left]
    if not chosen:
        return None
    case = casework.opened(
        session, f"The ladder's step {rung} of {run.path.name}"[:200], key.name, origin="ladder",
        origin_ref=run.path.name, harm="low",
    )  # fmt: skip
    network = {
        "network_id": f"ladder:{rung}", "size": len(chosen), "coordinated": "unknown", "inauthentic": "unknown",
        "flagged": False,
    }  # fmt: skip
    put_network(casework, session, case, run, network, [_member(row) for row in chosen], [_finding(row) for row in chosen],
                {}, key.name)  # fmt: skip
    (held,) = session.scalars(select(NetworkRow.case_network_id).where(NetworkRow.case_id == case.case_id)).all()
    members = look.about(case.case_id, [held], ["core"])
    why = f"{len(chosen)} accounts stand on the rung {rung} of {policy.version} in the run {run.path.name}."
    if protected or cleared:
        why += f" Left to a person: {len(protected)} protected, {len(cleared)} of which something was taken back."
    noted = casework.noted(session, case.case_id, why, key.name)
    append(session, casework.now(), [noted])
    body = {
        "case": case.case_id, "version": case.version, "action": rung, "grounds": [], "pack": LADDER, "policy": policy.version,
        "policy_digest": policy_digest(policy.text), "roles": ["core"],
        "members": digest(sorted(one.commitment for one in members)), "networks": [held], "findings": look.frozen([held]),
        "radius": asdict(BlastRadius(len(members), None, None, len(members), 0, 1)), "two": False, "escalated": False,
        "why": noted.body["text"], "nonce": secrets.token_hex(16),
    }  # fmt: skip
    casework.move(session, case, "propose")
    row = enter_decision(casework, session, case.case_id, key, body)
    casework.move(session, case, "approve")
    return Step(read_decision(row), len(protected), len(cleared))


def _member(row: dict[str, Any]) -> dict[str, Any]:
    return {"platform": row["platform"], "asset_id": row["asset_id"], "role": "core", "score": row["score"]}


def _finding(row: dict[str, Any]) -> dict[str, Any]:
    """A run's row about an account, as a finding about it."""
    return {
        "finding": f"the ladder's rung {row['decision']}", "axis": "coordinated", "state": "some",
        "independence_group": "ladder", "platform": row["platform"], "asset_id": row["asset_id"], "at": row["at"].isoformat(),
        "decided_at": row["decided_at"].isoformat(), "score": row["score"], "wave_id": row["wave_id"],
        "reasons": row["reasons"],
    }  # fmt: skip
