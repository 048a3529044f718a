"""The audit log: an append-only chain of hashes over every decision, act, reversal and view of sensitive data.

Entry n is hashed with the hash of entry n - 1, so that an entry that is edited, left out, put in or moved breaks the chain
from there on. What the chain cannot show by itself is its end cut off, or the whole of it written anew by somebody who holds
the store: for that its head, signed with the service's key, leaves the store at every batch (`head.py`).

Personal values are never in an entry. It bears a commitment, SHA-256 over a random salt and the value; salt and value lie
where the value lies, and when both are erased the chain is whole and the commitment says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Index, Integer, String, Table, Text, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.casework.statements import canonical
from samehand.store import Base, Big, Moment, micros, put

__all__ = ["Break", "Entry", "Verification", "append", "commit", "head_of", "opens", "read_entries", "verify"]

FIRST: Final = "0" * 64
AT_ONCE: Final = 5_000


ROSTER_ENTRY: Final = text("kind = 'roster'")
"""Entries that say who may do what; few, and looked up at every step."""


class AuditRow(Base):
    """One entry of the chain."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_roster", "number", sqlite_where=ROSTER_ENTRY, postgresql_where=ROSTER_ENTRY),
        Index("ix_audit_case_kind", "case_id", "kind"),
    )

    number: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class HeadRow(Base):
    """The end of the chain; who appends takes hold of this row first, so that two never append at once."""

    __tablename__ = "audit_head"

    one: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Big)
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Entry:
    """What is to be entered.

    Attributes:
        kind: what happened, as `act.done`. actor: who did it: a reviewer's pseudonym, or `service`.
        body: what, as plain values of JSON; accounts and texts only as commitments.
        case_id: of which case, if of any.

    """

    kind: str
    actor: str
    body: dict[str, Any]
    case_id: int | None = None


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: at which entry, and what is wrong there."""

    number: int
    what: str


@dataclass(frozen=True)
class Verification:
    """What a look at the whole chain found: entries, the last one's hash, and each break."""

    entries: int
    hash: str
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was edited, left out, put in or moved."""
        return not self.breaks


def commit(value: str) -> tuple[str, str]:
    """A fresh salt, and the commitment to a value under it; both in hex."""
    salt = secrets.token_hex(16)
    return salt, committed(salt, value)


def committed(salt: str, value: str) -> str:
    """The commitment to a value under a salt."""
    return hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest()


def opens(commitment: str, salt: str, value: str) -> bool:
    """Whether a commitment is to that value under that salt."""
    return hmac.compare_digest(commitment, committed(salt, value))


def hashed(number: int, at_us: int, actor: str, kind: str, case_id: int | None, body: str, before: str) -> str:
    """The hash of an entry."""
    return hashlib.sha256(canonical([number, at_us, actor, kind, case_id, body, before])).hexdigest()


def append(session: Session, at: datetime, entries: Iterable[Entry]) -> tuple[int, str]:
    """Enter what happened, in the transaction at hand, which holds the end of the chain until it is over.

    Args:
        session: of a store.
        at: when it happened.
        entries: in order.

    Returns:
        The number and the hash of the last entry.

    """
    head = session.execute(
        update(HeadRow).where(HeadRow.one == 1).values(one=1).returning(HeadRow.number, HeadRow.hash)
    )
    found = head.first()
    if found is None:
        session.execute(insert(HeadRow).values(one=1, number=0, hash=FIRST))
    number, before = (found.number, found.hash) if found is not None else (0, FIRST)
    rows: list[dict[str, Any]] = []
    for entry in entries:
        number += 1
        body = canonical(entry.body).decode()
        own = hashed(number, micros(at), entry.actor, entry.kind, entry.case_id, body, before)
        rows.append(
            {"number": number, "at": at, "actor": entry.actor, "kind": entry.kind, "case_id": entry.case_id, "body": body,
             "before": before, "hash": own}
        )  # fmt: skip
        before = own
        if len(rows) == AT_ONCE:
            put(session, AuditRow, rows)
            rows = []
    put(session, AuditRow, rows)
    session.execute(update(HeadRow).where(HeadRow.one == 1).values(number=number, hash=before))
    return number, before


def head_of(session: Session) -> tuple[int, str]:
    """The number and the hash of the last entry, as the store says; 0 and zeros where there is none."""
    found = session.execute(select(HeadRow.number, HeadRow.hash)).first()
    return (found.number, found.hash) if found is not None else (0, FIRST)


def _rows(session: Session) -> Iterator[Any]:
    columns = cast(Table, AuditRow.__table__).c
    return iter(session.execute(select(*columns).order_by(columns.number)).yield_per(AT_ONCE))


def verify(session: Session, anchors: Sequence[tuple[int, str]] = ()) -> Verification:
    """Go over the whole chain.

    Args:
        session: of a store.
        anchors: numbers of entries with the hashes that they had when a signed head left the store.

    Returns:
        Every break; an edit breaks one place, and what follows it is held against the hash that is written there.

    """
    breaks: list[Break] = []
    number, before, expected = 0, FIRST, dict(anchors)
    for row in _rows(session):
        if row.number != number + 1:
            breaks.append(Break(row.number, f"entries {number + 1} to {row.number - 1} are not there"))
        own = hashed(row.number, micros(row.at), row.actor, row.kind, row.case_id, row.body, row.before)
        if row.hash != own:
            breaks.append(Break(row.number, "it was changed: its hash is not that of what it says"))
        elif row.before != before:
            breaks.append(Break(row.number, "it does not follow on the entry before it"))
        if expected.pop(row.number, row.hash) != row.hash:
            breaks.append(Break(row.number, "it is not the entry that a signed head names"))
        number, before = row.number, row.hash
    breaks += [
        Break(gone, "a signed head names it, and it is not there: the end is cut off") for gone in sorted(expected)
    ]
    if head_of(session) != (number, before):
        breaks.append(Break(number, "the store's own note of the last entry names another"))
    return Verification(number, before, tuple(breaks))


def read_entries(session: Session, case_id: int | None = None, *, most: int = 1_000) -> list[dict[str, Any]]:
    """The newest entries, of one case or of all, the oldest of them first: number, at, actor, kind, case_id, body."""
    chosen = select(AuditRow).order_by(AuditRow.number.desc()).limit(most)
    if case_id is not None:
        chosen = chosen.where(AuditRow.case_id == case_id)
    return [
        {"number": row.number, "at": row.at, "actor": row.actor, "kind": row.kind, "case_id": row.case_id,
         "body": json.loads(row.body)}
        for row in reversed(session.scalars(chosen).all())
    ]  # fmt: skip
