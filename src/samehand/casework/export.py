"""A case as it may leave the house: all that was decided and why, the people who decided under pseudonyms of this export only.

Nobody can tell from two exports that the same person decided in both. Signatures, keys and the hashes that they are over are
left out, since whoever knows a public key could try it on them.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.attribution import claim_block
from samehand.casework.audit import Entry, append, read_entries
from samehand.casework.cases import Casework
from samehand.casework.claims import Claim, claims_within
from samehand.casework.decisions import read_decision
from samehand.casework.evidence import findings_of, networks_of
from samehand.casework.tables import DecisionRow, NoteRow

__all__ = ["export_case"]

SIGNED = ("statement", "signed", "answer", "proposal", "digest")


def export_case(casework: Casework, case_id: int, by: str, *, texts: bool = False) -> dict[str, Any]:
    """A case, its networks, findings, decisions, claims as they may be published, and log, as plain values of JSON.

    Args:
        casework: of the store.
        case_id: the case.
        by: who exports it; that they did is in the log.
        texts: whether what people noted is in it; a note may name somebody.

    Raises:
        NotFoundError: there is no such case. UsageError: `by` may not. InputError: a finding was changed after it came in.

    """
    with casework.store.writing() as session:
        roster = casework.roster(session)
        roster.allow(by, "work")
        case = casework.read(session, casework.row(session, case_id))
        names = sorted(roster.people, key=lambda _: secrets.randbits(64))
        pseudonyms = {name: f"reviewer {place}" for place, name in enumerate(names, start=1)}
        rows = session.scalars(select(DecisionRow).where(DecisionRow.case_id == case_id)).all()
        told = {
            "case": asdict(case), "networks": _networks(session, case_id),
            "findings": [one.body for one in findings_of(session, case_id)],
            "members": [asdict(one) for one in casework.members_within(session, case_id)],
            "decisions": [_decision(row) for row in rows],
            "claims": [_claim(one) for one in claims_within(session, case_id)], "notes": _notes(session, case_id, texts=texts),
            "log": [_entry(one) for one in read_entries(session, case_id, most=1_000_000)],
        }  # fmt: skip
        append(session, casework.now(), [Entry("viewed", by, {"what": "export", "texts": texts}, case_id)])
    exported = _renamed(json.loads(json.dumps(told, default=str)), pseudonyms)
    assert isinstance(exported, dict)
    return exported


def _networks(session: Session, case_id: int) -> list[dict[str, Any]]:
    named = ("run_name", "network_id", "size", "coordinated", "inauthentic", "flagged")
    return [{name: getattr(row, name) for name in named} for row in networks_of(session, case_id)]


def _decision(row: DecisionRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(read_decision(row)).items() if name not in SIGNED}


def _claim(one: Claim) -> dict[str, Any]:
    """A version of a claim: what of it may be published, and where it stands; what it rests on stays in the house."""
    named = ("state", "made_by", "made_at", "signer", "signed_at", "ended_by", "ended_at", "why")
    told = claim_block(one.body, one.version) if one.body else {"level": one.level, "version": one.version}
    return {**{name: getattr(one, name) for name in named}, **told}


def _notes(session: Session, case_id: int, *, texts: bool) -> list[dict[str, Any]]:
    rows = session.scalars(select(NoteRow).where(NoteRow.case_id == case_id).order_by(NoteRow.note_id))
    return [
        {"note": row.note_id, "at": row.at, "author": row.author, "text": row.text if texts else None} for row in rows
    ]


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in entry["body"].items() if name not in SIGNED}
    return {**entry, "body": body}


PEOPLE = (
    "proposer",
    "made_by",
    "signer",
    "ended_by",
    "approver",
    "author",
    "actor",
    "assignee",
    "opened_by",
    "lock_holder",
    "to",
    "by",
)
"""Under these a value is somebody on the roster."""


def _renamed(value: Any, pseudonyms: dict[str, str], key: str = "") -> Any:
    """A value with everybody on the roster replaced."""
    if isinstance(value, dict):
        return {name: _renamed(one, pseudonyms, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, pseudonyms, key) for one in value]
    return pseudonyms.get(value, value) if isinstance(value, str) and key in PEOPLE else value
