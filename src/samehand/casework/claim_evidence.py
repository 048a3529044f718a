"""The evidence about who is behind a case: entered by somebody, never changed, taken out with a reason where it was wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.attribution import EvidenceItem, Level, Reached, Weighed, borne, reach, read_evidence, weigh
from samehand.casework.audit import AuditRow, Entry, append
from samehand.casework.cases import LARGEST, Casework, check_text, is_text
from samehand.casework.evidence import networks_of
from samehand.casework.statements import digest
from samehand.casework.tables import ClaimEvidenceRow
from samehand.errors import InputError, NotFoundError, UsageError

__all__ = ["ClaimEvidence", "HeldEvidence", "acts_together", "bodies_of", "evidence_held"]

AUDIT: Final = "`samehand audit verify` shows what else was"
TOGETHER: Final = ("some", "strong")
"""Verdicts of coordination that a network beyond chance has."""


@dataclass(frozen=True)
class HeldEvidence:
    """A piece of evidence of a case: its number, hash, who entered it when; when it was taken out and why, if it was."""

    evidence_id: int
    item: EvidenceItem
    digest: str
    added_at: datetime
    added_by: str
    withdrawn_at: datetime | None
    why: str | None


class ClaimEvidence:
    """The evidence of attribution in the cases of a store.

    Args:
        casework: of the store.

    """

    def __init__(self, casework: Casework) -> None:
        self.casework, self.store = casework, casework.store

    def add(self, case_id: int, items: Sequence[EvidenceItem], by: str) -> list[HeldEvidence]:
        """Enter evidence; all of it, or none.

        Raises:
            NotFoundError: there is no such case. UsageError: `by` may not, or the case holds one of them already.

        """
        with self.store.writing() as session:
            self.casework.held(session, case_id, by, "work")
            known = {one.digest: one.evidence_id for one in evidence_held(session, case_id) if one.withdrawn_at is None}
            rows = []
            for number, item in enumerate(items, start=1):
                row = _row(item, case_id, self.casework.now(), by)
                if row.digest in known:
                    raise UsageError(f"piece {number} is evidence {known[row.digest]} of case {case_id} already")
                known[row.digest] = 0
                rows.append(row)
            session.add_all(rows)
            session.flush()
            entered = {"evidence": {str(row.evidence_id): row.digest for row in rows}}
            append(session, self.casework.now(), [Entry("claim.evidence", by, entered, case_id)])
            return [_read(row) for row in rows]

    def withdraw(self, case_id: int, evidence_id: int, why: str, by: str) -> HeldEvidence:
        """Take a piece of evidence out; it stays to be seen, and counts no more.

        Raises:
            NotFoundError: the case has none of that number. UsageError: `by` may not, no reason is given, or it is out already.

        """
        check_text(why, "a reason")
        with self.store.writing() as session:
            self.casework.held(session, case_id, by, "work")
            row = session.get(ClaimEvidenceRow, evidence_id) if 0 < evidence_id < LARGEST else None
            if row is None or row.case_id != case_id:
                raise NotFoundError(f"case {case_id} has no evidence {evidence_id}; `samehand attribute show` lists it")
            if row.withdrawn_at is not None:
                raise UsageError(f"evidence {evidence_id} was taken out on {row.withdrawn_at:%Y-%m-%d} already")
            row.withdrawn_at, row.withdrawn_by, row.why = self.casework.now(), by, why
            entered = {"evidence": evidence_id, "digest": row.digest}
            append(session, self.casework.now(), [Entry("claim.evidence.withdrawn", by, entered, case_id)])
            return _read(row)

    def of_case(self, case_id: int) -> list[HeldEvidence]:
        """The evidence of a case in order, what was taken out too.

        Raises:
            NotFoundError: there is no such case. InputError: a piece was changed after it came in.

        """
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            return evidence_held(session, case_id)

    def weigh(self, case_id: int) -> tuple[Weighed, Reached, tuple[Level, ...]]:
        """What the evidence of a case comes to, how much of a claim it allows, and which levels may be claimed.

        Raises:
            As in `of_case`.

        """
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            items = [one.item for one in evidence_held(session, case_id) if one.withdrawn_at is None]
            weighed = weigh(items)
            reached = reach(items, weighed, coordinated=acts_together(session, case_id))
            return weighed, reached, borne(items, reached)


def acts_together(session: Session, case_id: int) -> bool:
    """Whether a network of a case acts together beyond chance.

    Raises:
        InputError: a network was changed after it came in.

    """
    return any(row.coordinated in TOGETHER for row in networks_of(session, case_id))


def evidence_held(session: Session, case_id: int) -> list[HeldEvidence]:
    """The evidence of a case in order, each piece held against what the log has of it; what was erased is left out.

    Raises:
        InputError: one was changed, put in or taken out by somebody past the log.

    """
    logged = {
        int(number): told
        for body in bodies_of(session, case_id, "claim.evidence")
        for number, told in body["evidence"].items()
    }
    out = {body["evidence"] for body in bodies_of(session, case_id, "claim.evidence.withdrawn")}
    chosen = select(ClaimEvidenceRow).where(ClaimEvidenceRow.case_id == case_id).order_by(ClaimEvidenceRow.evidence_id)
    rows = session.scalars(chosen).all()
    for erased in (row for row in rows if not row.body):
        logged.pop(erased.evidence_id, "")
    held = [_read(row) for row in rows if row.body]
    for one in held:
        if logged.pop(one.evidence_id, "") != one.digest or (one.withdrawn_at is not None) != (one.evidence_id in out):
            raise InputError(f"evidence {one.evidence_id} of case {case_id} is not what the log has of it; {AUDIT}")
    if logged:
        raise InputError(f"evidence {min(logged)} of case {case_id} is gone; {AUDIT}")
    return held


def bodies_of(session: Session, case_id: int, kind: str) -> list[dict[str, Any]]:
    """What the log has of a case, of one kind, in order."""
    chosen = select(AuditRow.body).where(AuditRow.case_id == case_id, AuditRow.kind == kind).order_by(AuditRow.number)
    return [json.loads(body) for body in session.scalars(chosen)]


def _row(item: EvidenceItem, case_id: int, at: datetime, by: str) -> ClaimEvidenceRow:
    body = {**asdict(item), "disarm": list(item.disarm)}
    if not is_text(json.dumps(body, ensure_ascii=False)) or "\x00" in item.said + item.source:
        raise UsageError("a piece of evidence is text; this one holds what no text holds")
    return ClaimEvidenceRow(
        case_id=case_id, added_at=at, added_by=by, body=json.dumps(body), digest=digest(body), withdrawn_at=None,
        withdrawn_by=None, why=None,
    )  # fmt: skip


def _read(row: ClaimEvidenceRow) -> HeldEvidence:
    body: dict[str, Any] = json.loads(row.body)
    if digest(body) != row.digest:
        raise InputError(f"evidence {row.evidence_id} of case {row.case_id} was changed after it came in; {AUDIT}")
    item = read_evidence(body, f"evidence {row.evidence_id}")
    return HeldEvidence(
        row.evidence_id, item, row.digest, row.added_at, row.added_by, row.withdrawn_at, row.why
    )  # fmt: skip
