"""Answers to appeals: whoever contested what was done is told what came of it, why, and where else they may go."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append, opens
from samehand.casework.cases import Casework
from samehand.casework.keys import is_signed_by
from samehand.casework.scrutiny import decision_row
from samehand.casework.statements import Statement
from samehand.casework.tables import AppealRow, DecisionRow, MemberRow, NoteRow, NoticeRow
from samehand.casework.wording import AnswerFacts, Outcome, language_of, word_answer
from samehand.errors import InputError

__all__ = ["Answer", "write_answers"]


@dataclass(frozen=True)
class Answer:
    """What somebody who appealed is to be told.

    Attributes:
        appeal_id, decision_id: its number, and that of the decision it was against. platform, asset_id: whose account.
        reference: of the notice. languages: of the text, one below the other. subject, text: to be sent.

    """

    appeal_id: int
    decision_id: int
    platform: str
    asset_id: str
    reference: str
    languages: tuple[str, ...]
    subject: str
    text: str


def write_answers(
    casework: Casework, by: str, keep: Callable[[Answer], None], *, languages: Sequence[str] = (), again: bool = False
) -> int:
    """Hand out the answers to appeals that nobody has written yet.

    Args:
        casework: of the store.
        by: who writes them.
        keep: is given each; when it raises, or the process ends, all count as not written, and are handed out again.
        languages: of each text, one below the other; that of the appeal if there are none.
        again: those too that were written before.

    Returns:
        How many.

    Raises:
        UsageError: a language is none, or `by` may not. InputError: an answer is not what was signed.

    """
    tongues = tuple(dict.fromkeys(language_of(one) for one in languages))
    chosen = (
        select(AppealRow, NoticeRow, MemberRow).join(NoticeRow, NoticeRow.notice_id == AppealRow.notice_id)
        .join(MemberRow, MemberRow.member_id == NoticeRow.member_id)
        .where(AppealRow.answered_at.is_not(None), MemberRow.asset_id.is_not(None)).order_by(AppealRow.appeal_id)
    )  # fmt: skip
    if not again:
        chosen = chosen.where(AppealRow.told_at.is_(None))
    written = 0
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "work")
        for row, notice, member in session.execute(chosen).all():
            keep(_answer(casework, session, row, notice, member, tongues or (language_of(row.language),)))
            row.told_at = casework.now()
            written += 1
        if written:
            append(session, casework.now(), [Entry("answers.written", by, {"what": "answers", "answers": written})])
    return written


def _answer(
    casework: Casework, session: Session, row: AppealRow, notice: NoticeRow, member: MemberRow, tongues: tuple[str, ...]
) -> Answer:
    decision = decision_row(session, notice.decision_id)
    facts = AnswerFacts(
        account=member.asset_id or "", platform=member.platform, reference=notice.reference, received=row.received_at,
        outcome=_outcome(row, decision), reason=_reason(casework, session, row, decision),
    )  # fmt: skip
    texts = [word_answer(facts, language) for language in tongues]
    return Answer(
        row.appeal_id, decision.decision_id, member.platform, facts.account, notice.reference, tongues,
        " / ".join(dict.fromkeys(subject for subject, _ in texts)), "\n\n* * *\n\n".join(text for _, text in texts),
    )  # fmt: skip


def _outcome(row: AppealRow, decision: DecisionRow) -> Outcome:
    if row.state == "stands":
        return "stands"
    if row.reversal_id is not None:
        return "overturned"
    return "final" if decision.action == "remove" else "before"


def _reason(casework: Casework, session: Session, row: AppealRow, decision: DecisionRow) -> str | None:
    """Why, as whoever decided wrote and signed it; None once it is erased."""
    body = json.loads(row.answer or "{}")
    statement = Statement("appeal.answer", casework.store.store_id, body)
    signer = casework.roster(session).who(row.answered_by or "")
    if body.get("verdict") != row.state or not is_signed_by(signer.public, statement, row.signature or ""):
        raise InputError(
            f"the answer to appeal {row.appeal_id} is not what {row.answered_by} signed; somebody changed it"
        )
    note = session.scalar(
        select(NoteRow).where(NoteRow.case_id == decision.case_id, NoteRow.commitment == body["why"])
    )  # fmt: skip
    if note is None or note.text is None:
        return None
    if not opens(note.commitment, note.salt or "", note.text):
        raise InputError(f"the reason of the answer to appeal {row.appeal_id} was changed after it was signed")
    return note.text
