"""The tables of what is done on platforms: each act with what became of it, and the switch that stops them all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from samehand.store import Base, Big, Moment

__all__ = ["ActRow", "SwitchRow"]


class ActRow(Base):
    """One act on one account: waiting, sent (what became of it is not known yet), done, failed, left or given_up."""

    __tablename__ = "acts"
    __table_args__ = (
        UniqueConstraint("decision_id", "member_id", "action"),
        Index("ix_acts_state", "decision_id", "state", "act_id"),
        Index("ix_acts_member", "member_id"),
    )

    act_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.decision_id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.member_id"))
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(Integer)
    detail: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class SwitchRow(Base):
    """The switch: while there is a row, nothing is done to anybody."""

    __tablename__ = "enforcement_switch"

    one: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    by: Mapped[str] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
