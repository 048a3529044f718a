"""The switch: while it is thrown, nothing is done to anybody."""

from __future__ import annotations

from sqlalchemy.orm import Session

from samehand.casework import Casework, Entry, append
from samehand.enforcement.tables import SwitchRow
from samehand.errors import UsageError

__all__ = ["is_stopped", "release_switch", "throw_switch"]


def is_stopped(session: Session) -> bool:
    """Whether the switch is thrown."""
    return session.get(SwitchRow, 1) is not None


def throw_switch(casework: Casework, by: str, why: str) -> None:
    """Stop everything that is being done to anybody, before its next batch.

    Raises:
        UsageError: there is no reason, or `by` may not work on cases.

    """
    if not why.strip():
        raise UsageError("say why everything is stopped")
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "work")
        if not is_stopped(session):
            session.add(SwitchRow(one=1, by=by, why=why, at=casework.now()))
            append(session, casework.now(), [Entry("switch.thrown", by, {})])


def release_switch(casework: Casework, by: str) -> None:
    """Let acts go on.

    Raises:
        UsageError: `by` may not approve decisions.

    """
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "approve")
        row = session.get(SwitchRow, 1)
        if row is not None:
            session.delete(row)
            append(session, casework.now(), [Entry("switch.released", by, {})])
