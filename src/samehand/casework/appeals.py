"""Appeals: somebody contests what was done to their account; a third person decides in one step.

An appeal that is right takes the act back by the same signature: the answer, the reversal for this one account, the account's
clearing and the correction that goes to everybody who acted on it are one transaction. What is left is to carry the reversal
out (`samehand enforce run`), which goes over all of it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append, commit
from samehand.casework.cases import LARGEST, Casework, Member, check_text
from samehand.casework.corrections import correct
from samehand.casework.decisions import enter_decision
from samehand.casework.keys import SigningKey
from samehand.casework.notices import LETTERS
from samehand.casework.scrutiny import REVERSE, Scrutiny, decision_row
from samehand.casework.statements import Statement
from samehand.casework.tables import AppealRow, DecisionRow, MemberRow, NoticeRow
from samehand.casework.wording import language_of
from samehand.errors import NotFoundError, UsageError

__all__ = ["GROUPS", "Appeal", "Appeals", "OverturnRate", "Ruling"]

Ruling = Literal["stands", "overturned"]
Group = Literal["action", "ground", "policy", "platform", "language", "role"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
MISREAD: Final = str.maketrans("OIL", "011")
"""What is taken for a digit in a reference."""


@dataclass(frozen=True)
class Appeal:
    """An appeal as it stands.

    Attributes:
        appeal_id: its number. state: waiting, stands (the decision does) or overturned.
        decision_id, case_id, action: what it is against. platform, asset_id: whose account; the id is None once it is erased,
            and in a list.
        reference: of the notice. language: that the person wrote in. text: what they said; None where it was erased.
        received_at, answered_at, answered_by: when, and by whom. reversal_id: the decision that takes it back.

    """

    appeal_id: int
    state: str
    decision_id: int
    case_id: int
    action: str
    platform: str
    asset_id: str | None
    reference: str
    language: str
    text: str | None
    received_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    reversal_id: int | None


@dataclass(frozen=True)
class OverturnRate:
    """Of one group: notices due to people, appeals against what they tell of, and of those answered, how many were right."""

    group: str
    notices: int
    appeals: int
    answered: int
    overturned: int

    @property
    def rate(self) -> float | None:
        """Overturned of answered; None where none was answered."""
        return self.overturned / self.answered if self.answered else None


class Appeals:
    """Appeals against what was done in a store.

    Args:
        casework: of the store.

    """

    def __init__(self, casework: Casework) -> None:
        self.casework, self.store = casework, casework.store

    # --- intake

    def receive(self, reference: str, text: str, by: str, *, language: str = "en") -> Appeal:
        """Take an appeal in.

        Args:
            reference: of the notice, as the person was given it; letters of any size, hyphens and spaces or none.
            text: what they say; kept as a personal value.
            by: who takes it in.
            language: that it is in.

        Raises:
            NotFoundError: no notice bears it. UsageError: one waits already, or it was undone; or `by` may not.
            LimitError: the text is longer than 64 KiB.

        """
        check_text(text, "an appeal")
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "intake")
            notice = _notice(session, reference)
            decision = decision_row(session, notice.decision_id, for_update=True)
            for other in session.scalars(select(AppealRow).where(AppealRow.notice_id == notice.notice_id)):
                if other.state == "waiting":
                    raise UsageError(f"appeal {other.appeal_id} waits already for {notice.reference}")
                if other.state == "overturned":
                    raise UsageError(f"what {notice.reference} tells of was undone for appeal {other.appeal_id}")
            salt, commitment = commit(text)
            row = AppealRow(
                notice_id=notice.notice_id, state="waiting", language=_written_in(language), text=text, salt=salt,
                commitment=commitment, received_at=self.casework.now(), received_by=by,
            )  # fmt: skip
            session.add(row)
            session.flush()
            body = {"appeal": row.appeal_id, "decision": decision.decision_id, "text": commitment}
            append(session, row.received_at, [Entry("appeal.received", by, body, decision.case_id)])
            return _read(session, row)

    # --- looking

    def waiting(self) -> list[Appeal]:
        """Those that nobody has answered, the oldest first, without their texts and accounts."""
        with self.store.reading() as session:
            rows = session.scalars(select(AppealRow).where(AppealRow.state == "waiting").order_by(AppealRow.appeal_id))
            return [_read(session, row, closed=True) for row in rows.all()]

    def view(self, appeal_id: int, by: str) -> Appeal:
        """An appeal with its text, for somebody who decides appeals; that they looked is in the log.

        Raises:
            NotFoundError: there is none. UsageError: `by` may not.

        """
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "appeal")
            found = _read(session, _row(session, appeal_id))
            body = {"what": "appeal", "appeal": appeal_id}
            append(session, self.casework.now(), [Entry("viewed", by, body, found.case_id)])
            return found

    # --- deciding

    def decide(self, appeal_id: int, ruling: Ruling, why: str, key: SigningKey) -> Appeal:
        """Answer an appeal; one that is right takes the act back with the same signature.

        Args:
            appeal_id: the appeal.
            ruling: whether the decision stands, or is overturned for this account.
            why: in the decider's own words.
            key: of somebody who decides appeals, and who neither proposed nor approved the decision.

        Raises:
            NotFoundError: there is none. UsageError: it has its answer, `key` may not, or took part in the decision.

        """
        if ruling not in get_args(Ruling):
            raise UsageError(f"a ruling is one of {', '.join(get_args(Ruling))}, not {ruling}")
        if not why.strip():
            raise UsageError("say why: whoever appealed wants to know")
        with self.store.writing() as session:
            look = Scrutiny(self.casework, session)
            look.roster.holder(key, "appeal")
            row = _row(session, appeal_id, for_update=True)
            if row.state != "waiting":
                raise UsageError(f"appeal {appeal_id} is answered, by {row.answered_by}: {row.state}")
            notice = _told(session, row)
            decision = decision_row(session, notice.decision_id, for_update=True)
            look.is_a_third(decision, key.name)
            member = _member(session, notice)
            reason = self.casework.noted(session, decision.case_id, why, key.name).body["text"]
            statement = Statement("appeal.answer", self.store.store_id, {
                "appeal": appeal_id, "text": row.commitment, "decision": decision.digest, "account": member.commitment,
                "verdict": ruling, "why": reason, "nonce": secrets.token_hex(16),
            })  # fmt: skip
            row.state, row.answered_by, row.answered_at = ruling, key.name, self.casework.now()
            row.answer, row.signature = json.dumps(statement.body), key.sign(statement)
            session.flush()
            body = {**statement.body, "answer": statement.digest}
            append(session, row.answered_at, [Entry(f"appeal.{ruling}", key.name, body, decision.case_id)])
            if ruling == "overturned":
                self._take_back(session, row, decision, member, key, reason)
            return _read(session, row)

    def _take_back(
        self, session: Session, row: AppealRow, decision: DecisionRow, member: MemberRow, key: SigningKey, reason: str
    ) -> None:
        """Clear the account, tell everybody of the correction, and order the reversal, unless all of it is reversed already."""
        session.execute(
            update(MemberRow).where(_same(member))
            .values(cleared_at=row.answered_at).execution_options(synchronize_session=False)
        )  # fmt: skip
        cleared = Member(member.platform, member.asset_id, "bystander", None, None, None, False, member.commitment)
        correct(self.casework, session, decision, [cleared], appeal=row.appeal_id)
        if decision.state == "reversed" or decision.action == "remove":
            return  # there is nothing to undo, or nothing undoes it
        before = json.loads(decision.body)
        kept = ("case", "version", "pack", "policy", "policy_digest", "roles", "members", "networks", "findings")
        body: dict[str, Any] = {
            **{name: before[name] for name in kept}, "action": REVERSE, "grounds": [], "two": False, "escalated": False,
            "radius": {**before["radius"], "accounts": 1, "followers": None, "posts": None}, "why": reason,
            "nonce": secrets.token_hex(16), "reverses": decision.decision_id, "only": [member.commitment],
            "appeal": row.appeal_id,
        }  # fmt: skip
        row.reversal_id = enter_decision(self.casework, session, decision.case_id, key, body).decision_id

    # --- how often they are right

    def counted(self, case_id: int) -> dict[str, int]:
        """What came of the appeals in a case: how many were received, overturned, stand, and are pending."""
        with self.store.reading() as session:
            states = list(
                session.scalars(
                    select(AppealRow.state).join(NoticeRow, NoticeRow.notice_id == AppealRow.notice_id)
                    .join(DecisionRow, DecisionRow.decision_id == NoticeRow.decision_id)
                    .where(DecisionRow.case_id == case_id)
                )
            )  # fmt: skip
        return {
            "received": len(states), "overturned": states.count("overturned"), "stand": states.count("stands"),
            "pending": states.count("waiting"),
        }  # fmt: skip

    def overturn_rates(self, by: Group) -> list[OverturnRate]:
        """How often appeals were right, group by group, the most often overturned first.

        Args:
            by: action, ground, policy, platform or language of the appeal (of the notice where there is none), or role.

        """
        if by not in GROUPS:
            raise UsageError(f"appeals are grouped by {', '.join(GROUPS)}, not {by}")
        with self.store.reading() as session:
            bodies: dict[int, dict[str, Any]] = {}
            told: dict[str, set[int]] = {}
            counts: dict[str, list[int]] = {}
            rows = session.execute(
                select(
                    NoticeRow.notice_id, NoticeRow.decision_id, NoticeRow.language, MemberRow.platform, MemberRow.role,
                    AppealRow.state, AppealRow.language.label("wrote"),
                )
                .join(MemberRow, MemberRow.member_id == NoticeRow.member_id)
                .outerjoin(AppealRow, AppealRow.notice_id == NoticeRow.notice_id)
            )  # fmt: skip
            for one in rows:
                if one.decision_id not in bodies:
                    bodies[one.decision_id] = json.loads(decision_row(session, one.decision_id).body)
                body = bodies[one.decision_id]
                if body["action"] == REVERSE:
                    continue
                for group in _grouped(by, body, one):
                    told.setdefault(group, set()).add(one.notice_id)
                    counted = counts.setdefault(group, [0, 0, 0])
                    counted[0] += one.state is not None
                    counted[1] += one.state in get_args(Ruling)
                    counted[2] += one.state == "overturned"
        rates = [OverturnRate(group, len(told[group]), *counted) for group, counted in counts.items()]
        return sorted(rates, key=lambda one: (-(one.rate or 0), -one.answered, one.group))


def _grouped(by: Group, body: dict[str, Any], one: Any) -> Sequence[str]:
    match by:
        case "ground":
            return body["grounds"] or [body["pack"]]
        case "action" | "policy":
            return [body[by]]
        case "language":
            return [one.wrote or one.language or "not told yet"]
        case _:
            return [getattr(one, by)]


def _written_in(tag: str) -> str:
    """The language of an appeal: one that notices are worded in, or what the tag begins with."""
    known, base = language_of(tag), tag.strip().lower().replace("_", "-").split("-")[0]
    return known if known != "en" else base[:8]


def _same(member: MemberRow) -> ColumnElement[bool]:
    """The account in whatever case; one that was erased is known in its own only."""
    if member.asset_id is None:
        return MemberRow.member_id == member.member_id
    return (MemberRow.platform == member.platform) & (MemberRow.asset_id == member.asset_id)


def _notice(session: Session, reference: str) -> NoticeRow:
    written = reference.upper().translate(MISREAD)
    letters = "".join(letter for letter in written if letter in LETTERS)
    shaped = f"{letters[:4]}-{letters[4:8]}-{letters[8:12]}"
    found = session.scalar(select(NoticeRow).where(NoticeRow.reference == shaped))
    if found is None:
        raise NotFoundError(
            f"no notice bears the reference {reference[:40]!r}; it is written in the notice, as {'XXXX-' * 2}XXXX"
        )
    return found


def _row(session: Session, appeal_id: int, *, for_update: bool = False) -> AppealRow:
    row = session.get(AppealRow, appeal_id, with_for_update=for_update) if 0 < appeal_id < LARGEST else None
    if row is None:
        raise NotFoundError(f"there is no appeal {appeal_id}")
    return row


def _told(session: Session, row: AppealRow) -> NoticeRow:
    notice = session.get(NoticeRow, row.notice_id)
    assert notice is not None  # a foreign key
    return notice


def _member(session: Session, notice: NoticeRow) -> MemberRow:
    member = session.get(MemberRow, notice.member_id)
    assert member is not None  # a foreign key
    return member


def _read(session: Session, row: AppealRow, *, closed: bool = False) -> Appeal:
    notice = _told(session, row)
    decision, member = decision_row(session, notice.decision_id), _member(session, notice)
    return Appeal(
        row.appeal_id, row.state, decision.decision_id, decision.case_id, decision.action, member.platform,
        None if closed else member.asset_id,
        notice.reference, row.language, None if closed else row.text, row.received_at, row.answered_at, row.answered_by,
        row.reversal_id,
    )  # fmt: skip
