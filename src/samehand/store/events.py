"""The outbox: what happened, written in the transaction in which it happened, and read by each consumer in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.store.base import Base, Big, Moment

__all__ = ["Event", "consume", "event_of", "events_of", "publish", "waiting"]


class EventRow(Base):
    """One thing that happened."""

    __tablename__ = "events"

    event_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(40), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)


class CursorRow(Base):
    """How far a consumer has read a topic."""

    __tablename__ = "event_cursors"

    consumer: Mapped[str] = mapped_column(String(40), primary_key=True)
    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    event_id: Mapped[int] = mapped_column(Big)


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        number: in order of time. topic: `correction`. at: when.
        body: what, as plain values of JSON.

    """

    number: int
    topic: str
    at: datetime
    body: dict[str, Any]


def publish(session: Session, topic: str, at: datetime, body: dict[str, Any]) -> int:
    """Write an event in the transaction at hand: it is there if, and only if, what it tells of is. Returns its number."""
    row = EventRow(topic=topic, at=at, body=json.dumps(body, sort_keys=True, ensure_ascii=False))
    session.add(row)
    session.flush()
    return row.event_id


def consume(session: Session, consumer: str, topic: str, act: Callable[[Event], None], *, most: int = 1_000) -> int:
    """Hand a consumer the events of a topic that it has not had, in order, in the transaction at hand.

    Args:
        session: if it ends in an error, the events count as not had; what `act` does elsewhere has to bear being repeated.
        consumer, topic: who reads what.
        act: called with each.
        most: events at one go.

    Returns:
        How many.

    """
    cursor = session.get(CursorRow, (consumer, topic), with_for_update=True)
    if cursor is None:
        cursor = CursorRow(consumer=consumer, topic=topic, event_id=0)
        session.add(cursor)
        session.flush()
    rows = session.scalars(
        select(EventRow).where(EventRow.topic == topic, EventRow.event_id > cursor.event_id)
        .order_by(EventRow.event_id).limit(most)
    ).all()  # fmt: skip
    for row in rows:
        act(Event(row.event_id, row.topic, row.at, json.loads(row.body)))
        cursor.event_id = row.event_id
    return len(rows)


def events_of(session: Session, topic: str) -> Iterator[Event]:
    """All events of a topic, in order; nobody counts as having had them."""
    chosen = select(EventRow).where(EventRow.topic == topic).order_by(EventRow.event_id)
    for row in session.execute(chosen).yield_per(1_000).scalars():
        yield Event(row.event_id, row.topic, row.at, json.loads(row.body))


def event_of(session: Session, number: int) -> Event:
    """One event by its number."""
    row = session.get_one(EventRow, number)
    return Event(row.event_id, row.topic, row.at, json.loads(row.body))


def waiting(session: Session, consumer: str, topic: str) -> int:
    """How many events of a topic a consumer has not had."""
    cursor = session.get(CursorRow, (consumer, topic))
    chosen = select(func.count()).where(EventRow.topic == topic, EventRow.event_id > (cursor.event_id if cursor else 0))
    return session.scalar(chosen) or 0
