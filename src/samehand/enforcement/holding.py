"""Whom a reversal leaves as they are: those who were given back already, and those whom another decision holds as well.

A decision holds an account when it did the same to it, is signed as it has to be, is not taken back, and was not contested
rightly by that account. What such a decision found done already is its own from then on, and the person is told of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from samehand.casework import (
    REVERSE,
    Casework,
    Decision,
    DecisionRow,
    MemberRow,
    Scrutiny,
    decision_row,
    give_notice,
    members_named,
)
from samehand.enforcement.tables import ActRow
from samehand.errors import InputError, UsageError

__all__ = ["Account", "not_to_be_undone"]

UNDONE: Final = "it was undone already"


class Account(NamedTuple):
    """An account of an order; the id is None where it was erased."""

    platform: str
    asset_id: str | None
    commitment: str


def not_to_be_undone(
    casework: Casework, session: Session, decision: Decision, every: Mapping[int, Account]
) -> dict[int, str]:
    """The accounts of a reversal that it leaves, and why; those whom another decision holds are that one's from now on.

    Args:
        casework: of the store.
        session: the transaction.
        decision: the reversal.
        every: the accounts that it is about, by their numbers in the store.

    """
    before = decision_row(session, decision.reverses or 0)
    left = {number: UNDONE for number in _undone(session, before, decision.decision_id) if number in every}
    for number, act in _also_held(casework, session, before, every):
        if number not in left:
            left[number] = f"decision {act.decision_id} stands on it"
            session.execute(update(ActRow).where(ActRow.act_id == act.act_id).values(outcome="done"))
            give_notice(session, casework.now(), act.decision_id, [act.member_id])
    return left


def _also_held(
    casework: Casework, session: Session, before: DecisionRow, every: Mapping[int, Account]
) -> Iterator[tuple[int, Any]]:
    """Accounts that another decision holds, with its act."""
    look = Scrutiny(casework, session)
    given_back: dict[int, set[int] | None] = {}
    for number, act in _same_acts(session, before, every):
        if act.decision_id not in given_back:
            given_back[act.decision_id] = _given_back(look, decision_row(session, act.decision_id))
        undone = given_back[act.decision_id]
        if undone is not None and act.member_id not in undone:
            yield number, act


def _same_acts(session: Session, before: DecisionRow, every: Mapping[int, Account]) -> Iterator[tuple[int, Any]]:
    """What other decisions did alike to accounts, in whatever case, that no appeal cleared: number here, and the act."""
    numbers = {(one.platform, one.asset_id): number for number, one in every.items() if one.asset_id is not None}
    for named in members_named(session, numbers):
        rows = session.execute(
            select(MemberRow.platform, MemberRow.asset_id, ActRow.member_id, ActRow.act_id, ActRow.decision_id)
            .join(ActRow, ActRow.member_id == MemberRow.member_id)
            .where(
                named, MemberRow.cleared_at.is_(None), ActRow.decision_id != before.decision_id,
                ActRow.action == before.action, ActRow.state == "done",
            )
        ).all()  # fmt: skip
        yield from ((numbers[row.platform, row.asset_id], row) for row in rows)


def _given_back(look: Scrutiny, row: DecisionRow) -> set[int] | None:
    """Those to whom what a decision did was undone; None where it is not in force."""
    if row.state not in ("approved", "done") or row.action == REVERSE:
        return None
    try:
        body = look.signed(row)
        look.stands(row)
        if body["two"] or body["escalated"]:
            look.is_signed_by_another(row)
    except (InputError, UsageError):
        return None
    return _undone(look.session, row, 0)


def _undone(session: Session, row: DecisionRow, but: int) -> set[int]:
    """Accounts to which what a decision did was undone, by other reversals than one."""
    reversals = session.scalars(
        select(DecisionRow).where(DecisionRow.case_id == row.case_id, DecisionRow.action == REVERSE)
    )
    of = [
        one.decision_id for one in reversals
        if one.decision_id != but and json.loads(one.body).get("reverses") == row.decision_id
    ]  # fmt: skip
    return set(session.scalars(select(ActRow.member_id).where(ActRow.decision_id.in_(of), ActRow.state == "done")))
