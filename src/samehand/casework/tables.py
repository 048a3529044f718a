"""The tables of cases: what is looked into, who is in it, what was found, and what people noted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from samehand.store import Base, Big, Moment

__all__ = [
    "AppealRow", "CaseRow", "ClaimEvidenceRow", "ClaimRecipientRow", "ClaimRow", "DecisionRow", "FindingRow", "MemberRow",
    "NetworkMemberRow", "NetworkRow", "NoteRow", "NoticeRow", "PolicyRow", "ProtectedRow", "SampleRow",
]  # fmt: skip


def _case() -> ForeignKey:
    return ForeignKey("cases.case_id")


class CaseRow(Base):
    """A case: `version` rises with every change, so that nobody changes what they have not seen."""

    __tablename__ = "cases"

    case_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), index=True)
    origin: Mapped[str] = mapped_column(String(10))
    origin_ref: Mapped[str] = mapped_column(String(200))
    harm: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(40))
    assignee: Mapped[str | None] = mapped_column(String(40), index=True)
    lock_holder: Mapped[str | None] = mapped_column(String(40))
    lock_until: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer)
    hold: Mapped[str | None] = mapped_column(String(200))


class MemberRow(Base):
    """An account of a case; its name and salt go when it is erased, its commitment stays.

    `cleared_at` is when an appeal cleared it: from then on no decision of the case is about it.
    """

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("case_id", "platform", "asset_id"),
        Index("ix_members_asset", "platform", "asset_id"),
        Index("ix_members_cleared", "cleared_at"),
    )

    member_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(_case(), index=True)
    platform: Mapped[str] = mapped_column(String(40))
    asset_id: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(12))
    score: Mapped[float | None] = mapped_column(Float)
    followers: Mapped[int | None] = mapped_column(Big)
    posts: Mapped[int | None] = mapped_column(Big)
    salt: Mapped[str | None] = mapped_column(String(32))
    commitment: Mapped[str] = mapped_column(String(64), unique=True)
    added_at: Mapped[datetime] = mapped_column(Moment)
    cleared_at: Mapped[datetime | None] = mapped_column(Moment)


class NetworkRow(Base):
    """A network or a wave of a run that is in a case, with its verdict as it was on the day on which it came in."""

    __tablename__ = "case_networks"
    __table_args__ = (UniqueConstraint("case_id", "run_digest", "network_id"),)

    case_network_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(_case(), index=True)
    run_digest: Mapped[str] = mapped_column(String(64))
    run_name: Mapped[str] = mapped_column(String(200))
    network_id: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)
    known: Mapped[int] = mapped_column(Integer)
    coordinated: Mapped[str] = mapped_column(String(12))
    inauthentic: Mapped[str] = mapped_column(String(12))
    flagged: Mapped[bool] = mapped_column(Boolean)
    body: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))
    commitment: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(Moment)


class NetworkMemberRow(Base):
    """Which accounts of a case are in which of its networks."""

    __tablename__ = "network_members"

    case_network_id: Mapped[int] = mapped_column(ForeignKey("case_networks.case_network_id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.member_id"), primary_key=True, index=True)


class FindingRow(Base):
    """A finding as it was on the day on which it came into the case, with its receipts; never changed."""

    __tablename__ = "findings"

    finding_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    case_network_id: Mapped[int] = mapped_column(ForeignKey("case_networks.case_network_id"), index=True)
    finding: Mapped[str] = mapped_column(Text)
    axis: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    independence_group: Mapped[str] = mapped_column(String(60))
    of_account: Mapped[bool] = mapped_column(Boolean)
    body: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))
    commitment: Mapped[str] = mapped_column(String(64))


class ProtectedRow(Base):
    """An account that nothing is done to without a lead: a journalist, a state body, one whom many follow."""

    __tablename__ = "protected"

    platform: Mapped[str] = mapped_column(String(40), primary_key=True)
    asset_id: Mapped[str] = mapped_column(Text, primary_key=True)
    why: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(Moment)
    added_by: Mapped[str] = mapped_column(String(40))


class NoteRow(Base):
    """What somebody noted; the text goes when it is erased, its commitment stays."""

    __tablename__ = "notes"

    note_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(_case(), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    author: Mapped[str] = mapped_column(String(40))
    text: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[str | None] = mapped_column(String(32))
    commitment: Mapped[str] = mapped_column(String(64))


class PolicyRow(Base):
    """A version of a policy, and who signed it; two make it one that decisions may cite."""

    __tablename__ = "policies"

    version: Mapped[str] = mapped_column(String(80), primary_key=True)
    pack: Mapped[str] = mapped_column(String(60), index=True)
    text: Mapped[str] = mapped_column(Text)
    signatures: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)


class DecisionRow(Base):
    """A decision: what its proposer signed, and what its approver did."""

    __tablename__ = "decisions"

    decision_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(_case(), index=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    action: Mapped[str] = mapped_column(String(12))
    proposer: Mapped[str] = mapped_column(String(40))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    signature: Mapped[str] = mapped_column(String(128))
    approver: Mapped[str | None] = mapped_column(String(40))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str | None] = mapped_column(Text)
    answer_signature: Mapped[str | None] = mapped_column(String(128))


class SampleRow(Base):
    """The accounts that somebody was shown before they answered a proposal, drawn when they asked for them."""

    __tablename__ = "samples"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.decision_id"), primary_key=True)
    reviewer: Mapped[str] = mapped_column(String(40), primary_key=True)
    members: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)


class NoticeRow(Base):
    """That somebody is to be told what was done to their account, and by which reference they contest it."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("decision_id", "member_id"),
        Index("ix_notices_written", "written_at", "notice_id"),
    )

    notice_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.decision_id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.member_id"))
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    due_at: Mapped[datetime] = mapped_column(Moment)
    written_at: Mapped[datetime | None] = mapped_column(Moment)
    language: Mapped[str | None] = mapped_column(String(8))


class AppealRow(Base):
    """What somebody said against what was done to their account, and what a third person decided."""

    __tablename__ = "appeals"

    appeal_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.notice_id"), index=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[str | None] = mapped_column(String(32))
    commitment: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(Moment)
    received_by: Mapped[str] = mapped_column(String(40))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[str | None] = mapped_column(String(40))
    answer: Mapped[str | None] = mapped_column(Text)
    signature: Mapped[str | None] = mapped_column(String(128))
    reversal_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.decision_id"))
    told_at: Mapped[datetime | None] = mapped_column(Moment)


class ClaimEvidenceRow(Base):
    """A piece of evidence about who is behind a case; never changed, and taken out with a reason where it was wrong."""

    __tablename__ = "claim_evidence"

    evidence_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(_case(), index=True)
    added_at: Mapped[datetime] = mapped_column(Moment)
    added_by: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))
    why: Mapped[str | None] = mapped_column(Text)


class ClaimRow(Base):
    """A version of a case's claim of attribution: what its maker signed, what a second person did, and how it ended."""

    __tablename__ = "claims"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    claim_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(_case())
    version: Mapped[int] = mapped_column(Integer)
    level: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    signature: Mapped[str] = mapped_column(String(128))
    signer: Mapped[str | None] = mapped_column(String(40))
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    second_signature: Mapped[str | None] = mapped_column(String(128))
    ended_by: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    why: Mapped[str | None] = mapped_column(Text)
    end_signature: Mapped[str | None] = mapped_column(String(128))


class ClaimRecipientRow(Base):
    """To whom a version of a claim was given; `owed_at`: since when they are owed the news that it ended, `sent_at`: told."""

    __tablename__ = "claim_recipients"
    __table_args__ = (
        UniqueConstraint("claim_id", "kind", "name"),
        Index("ix_claim_recipients_owed", "owed_at", "sent_at"),
    )

    recipient_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.claim_id"))
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(300))
    given_at: Mapped[datetime] = mapped_column(Moment)
    given_by: Mapped[str] = mapped_column(String(40))
    owed_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_by: Mapped[str | None] = mapped_column(String(40))
