"""Notices: nobody is acted on without one that waits to be sent to them, with a reference by which they contest it.

Whoever carries an act out enters the notice in the same transaction as what became of the act. Sending is the platform's:
`Notices.write` hands out text by text.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append
from samehand.casework.cases import Casework
from samehand.casework.evidence import findings_of
from samehand.casework.policies import LADDER
from samehand.casework.scrutiny import REVERSE, decision_row
from samehand.casework.tables import DecisionRow, MemberRow, NoticeRow, PolicyRow
from samehand.casework.wording import Decided, NoticeFacts, language_of, word_notice
from samehand.errors import UsageError
from samehand.policy import Ground, parse_pack
from samehand.store import among, put

__all__ = ["Notice", "Notices", "give_notice"]

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that are taken for others (Crockford's base 32)."""
AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class Notice:
    """What somebody is to be told.

    Attributes:
        notice_id, decision_id: its number, and the decision's. platform, asset_id: whose account.
        reference: by which it is contested. languages: of the text, one below the other. subject, text: to be sent.

    """

    notice_id: int
    decision_id: int
    platform: str
    asset_id: str
    reference: str
    languages: tuple[str, ...]
    subject: str
    text: str


def _references(count: int) -> list[str]:
    """Fresh references: 60 random bits each."""
    drawn = "".join(LETTERS[byte & 31] for byte in secrets.token_bytes(12 * count))
    return [f"{drawn[k : k + 4]}-{drawn[k + 4 : k + 8]}-{drawn[k + 8 : k + 12]}" for k in range(0, 12 * count, 12)]


def give_notice(session: Session, at: datetime, decision_id: int, members: Sequence[int]) -> None:
    """Enter that accounts were acted on, and that their people are to be told; in the transaction at hand, once each."""
    mine = NoticeRow.decision_id == decision_id
    told = set(session.scalars(select(NoticeRow.member_id).where(mine, among(session, NoticeRow.member_id, members))))
    new = [member for member in members if member not in told]
    put(session, NoticeRow, [
        {"decision_id": decision_id, "member_id": member, "reference": reference, "due_at": at}
        for member, reference in zip(new, _references(len(new)), strict=True)
    ])  # fmt: skip


class Notices:
    """What people are told of decisions of a store.

    Args:
        casework: of the store.

    """

    def __init__(self, casework: Casework) -> None:
        self.casework, self.store = casework, casework.store

    def write(
        self, by: str, keep: Callable[[Notice], None], *, contact: str, languages: Sequence[str] = ("en",),
        decision_id: int | None = None, horizon_days: int | None = None, again: bool = False,
    ) -> int:  # fmt: skip
        """Hand out the notices that nobody has written yet.

        Args:
            by: who writes them.
            keep: is given each; when it raises, or the process ends, all count as not written, and are handed out again.
            contact: where an appeal goes to: an address or a page.
            languages: of each text, one below the other.
            decision_id: of one decision only.
            horizon_days: within which the platform can undo it in full; None without end.
            again: those too that were written before.

        Returns:
            How many.

        Raises:
            UsageError: there is no contact or no language, or `by` may not. NotFoundError: there is no such decision.

        """
        if not contact.strip() or not languages:
            raise UsageError("a notice says where to contest it, and is in one language or more")
        tongues = tuple(dict.fromkeys(language_of(one) for one in languages))
        written = last = 0
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "work")
            if decision_id is not None:
                decision_row(session, decision_id)
            known: dict[int, _Said] = {}
            while page := self._page(session, last, decision_id, again=again):
                for row, member in page:
                    if row.decision_id not in known:
                        known[row.decision_id] = self._said(session, row.decision_id)
                    said = known[row.decision_id]
                    facts = said.of(row, member, said.reference(session, row), contact, horizon_days)
                    keep(_worded(row, member, facts, tongues))
                    row.written_at, row.language = self.casework.now(), tongues[0]
                    last = row.notice_id
                written += len(page)
                session.flush()
                session.expunge_all()
            if written:
                body = {"what": "notices", "decision": decision_id, "notices": written}
                append(session, self.casework.now(), [Entry("notices.written", by, body)])
        return written

    def waiting(self) -> int:
        """How many nobody has written yet."""
        with self.store.reading() as session:
            return len(session.scalars(select(NoticeRow.notice_id).where(NoticeRow.written_at.is_(None))).all())

    def _page(
        self, session: Session, after: int, decision_id: int | None, *, again: bool
    ) -> Sequence[tuple[NoticeRow, MemberRow]]:
        chosen = (
            select(NoticeRow, MemberRow).join(MemberRow, MemberRow.member_id == NoticeRow.member_id)
            .where(NoticeRow.notice_id > after, MemberRow.asset_id.is_not(None)).order_by(NoticeRow.notice_id).limit(AT_ONCE)
        )  # fmt: skip
        if not again:
            chosen = chosen.where(NoticeRow.written_at.is_(None))
        if decision_id is not None:
            chosen = chosen.where(NoticeRow.decision_id == decision_id)
        return [(row, member) for row, member in session.execute(chosen).all()]

    def _said(self, session: Session, decision_id: int) -> _Said:
        row = decision_row(session, decision_id)
        body = json.loads(row.body)
        signs = tuple(
            dict.fromkeys(
                one.independence_group for one in findings_of(session, row.case_id)
                if one.state == "strong" and not one.of_account and one.case_network in body["networks"]
            )
        )  # fmt: skip
        policy = session.get(PolicyRow, body["policy"])
        grounds: tuple[Ground, ...] = ()
        if body["pack"] != LADDER and policy is not None:
            pack = parse_pack(policy.text, policy.version)
            grounds = tuple(pack.ground(name) for name in body["grounds"])
        return _Said(row.action, body, grounds, signs, _decided(row, body))


def _decided(row: DecisionRow, body: dict[str, Any]) -> Decided:
    if body["pack"] == LADDER:
        return "machine"
    return "person" if row.approver is None else "persons"


@dataclass(frozen=True)
class _Said:
    """What the notices of one decision have in common."""

    action: str
    body: dict[str, Any]
    grounds: tuple[Ground, ...]
    signs: tuple[str, ...]
    decided: Decided

    def reference(self, session: Session, row: NoticeRow) -> str:
        """The reference that the person knows: of what was done, also where it is taken back."""
        if self.action != REVERSE:
            return row.reference
        known = select(NoticeRow.reference).where(
            NoticeRow.decision_id == self.body["reverses"], NoticeRow.member_id == row.member_id
        )
        return session.scalar(known) or row.reference

    def of(
        self, row: NoticeRow, member: MemberRow, reference: str, contact: str, horizon_days: int | None
    ) -> NoticeFacts:
        """The facts of one notice."""
        until = None if horizon_days is None else (row.due_at + timedelta(days=horizon_days)).date()
        return NoticeFacts(
            account=member.asset_id or "", platform=member.platform, reference=reference, contact=contact, at=row.due_at,
            action=self.action, policy=self.body["policy"], grounds=self.grounds,
            others=max(0, self.body["radius"]["accounts"] - 1), signs=self.signs, decided=self.decided, until=until,
            appealed=self.action == REVERSE and "appeal" in self.body,
        )  # fmt: skip


def _worded(row: NoticeRow, member: MemberRow, facts: NoticeFacts, languages: Sequence[str]) -> Notice:
    texts = [word_notice(facts, language) for language in languages]
    return Notice(
        row.notice_id, row.decision_id, member.platform, member.asset_id or "", facts.reference, tuple(languages),
        " / ".join(subject for subject, _ in texts), "\n\n* * *\n\n".join(text for _, text in texts),
    )  # fmt: skip
