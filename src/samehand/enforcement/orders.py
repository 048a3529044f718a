"""Whom a decision that is carried out is about: every account held against what was signed, not against what the store says.

An order is made in the transaction that begins a decision, or goes on with it. Accounts are known by the ids that their
commitments open to; whoever is in the store's acts without being in the order was written there by somebody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from samehand.casework import (
    REVERSE,
    Authorised,
    Casework,
    Decision,
    DecisionRow,
    MemberRow,
    NetworkMemberRow,
    Scrutiny,
    decision_row,
    give_notice,
    networks_of,
    opens,
)
from samehand.enforcement.connector import UNDOES, Action
from samehand.enforcement.tables import ActRow
from samehand.errors import InputError, UsageError
from samehand.store import change

__all__ = ["Account", "Order", "action_of", "close_acts", "order_of"]

CLEARED: Final = "an appeal cleared it"
UNDONE: Final = "it was undone already"
GIVEN_UP: Final = "given_up"


class Account(NamedTuple):
    """An account of an order; the id is None where it was erased."""

    platform: str
    asset_id: str | None
    commitment: str


@dataclass(frozen=True)
class Order:
    """What is to be done.

    Attributes:
        decision, action: the decision, and what is done to each account.
        accounts: of all platforms, by their numbers in the store.
        left: those of the decision that nothing is done to, and why.

    """

    decision: Decision
    action: Action
    accounts: Mapping[int, Account]
    left: Mapping[int, str]


def action_of(session: Session, decision: Decision) -> Action:
    """What is done to each account: what the decision says, or what undoes the one that it reverses.

    Raises:
        UsageError: nothing undoes it, or it is nothing that is done on a platform.

    """
    wanted: str = decision.action
    if decision.reverses is not None:
        wanted = decision_row(session, decision.reverses).action
    for undoing, done in UNDOES.items():
        if done == wanted:
            return undoing if decision.reverses is not None else done
    if decision.reverses is None and wanted == "remove":
        return "remove"
    raise UsageError(f"decision {decision.decision_id}: nothing does, or undoes, {wanted} on a platform")


def order_of(casework: Casework, session: Session, authorised: Authorised) -> Order:
    """The order of a decision whose signatures were gone over.

    Raises:
        InputError: there are accounts or acts that nobody signed. UsageError: as in `action_of`.

    """
    decision = authorised.decision
    action = action_of(session, decision)
    if decision.reverses is None:
        cleared = {one.commitment for one in authorised.members if one.cleared}
        every = _accounts(session, decision.case_id, {one.commitment for one in authorised.members})
        look = Scrutiny(casework, session)
        cleared |= look.cleared_by_appeal(decision_row(session, decision.decision_id))
        left = {number: CLEARED for number, one in every.items() if one.commitment in cleared}
    else:
        every = _acted_on(casework, session, decision)
        left = _not_to_be_undone(casework, session, decision, every)
    accounts = {number: one for number, one in every.items() if number not in left}
    order = Order(decision, action, accounts, left)
    _is_nobodys_invention(session, order)
    return order


def _accounts(session: Session, case_id: int, commitments: set[str]) -> dict[int, Account]:
    """Accounts of a case, each id held against its commitment."""
    columns = (MemberRow.member_id, MemberRow.platform, MemberRow.asset_id, MemberRow.salt, MemberRow.commitment)
    rows = session.execute(select(*columns).where(MemberRow.case_id == case_id).order_by(MemberRow.member_id))
    found = {}
    for row in rows:
        if row.commitment not in commitments:
            continue
        if row.asset_id is not None and not opens(row.commitment, row.salt or "", f"{row.platform}:{row.asset_id}"):
            raise InputError(f"account {row.member_id} of case {case_id} was changed after it came in")
        found[row.member_id] = Account(row.platform, row.asset_id, row.commitment)
    return found


def _acted_on(casework: Casework, session: Session, decision: Decision) -> dict[int, Account]:
    """The accounts to which something was done for the decision that is taken back, of those that it could be about."""
    before, look = decision_row(session, decision.reverses or 0), Scrutiny(casework, session)
    body = look.signed(before)
    networks: Sequence[int] = body["networks"]
    networks_of(session, decision.case_id)  # who is in a network is frozen with its verdict
    if look.frozen(networks) != body["findings"]:
        raise InputError(
            f"the networks of case {decision.case_id} are not those that decision {before.decision_id} rests on"
        )
    inside = set(
        session.scalars(select(NetworkMemberRow.member_id).where(NetworkMemberRow.case_network_id.in_(networks)))
    )
    acts = session.execute(
        select(ActRow.member_id, MemberRow.commitment)
        .join(MemberRow, MemberRow.member_id == ActRow.member_id)
        .where(
            ActRow.decision_id == decision.reverses, ActRow.attempts > 0,
            # what stood so before the first try is not ours to undo; what a crash left unsaid, or a reply that was lost, is
            ActRow.outcome.is_distinct_from("already") | (ActRow.attempts > 1),
            *([MemberRow.commitment.in_(decision.only)] if decision.only else []),
        )
    ).all()  # fmt: skip
    if len(acts) > decision.radius.accounts or any(one.member_id not in inside for one in acts):
        raise InputError(
            f"there are acts for decision {decision.reverses} on accounts that it is not about; somebody wrote them there"
        )
    return _accounts(session, decision.case_id, {one.commitment for one in acts})


def _not_to_be_undone(
    casework: Casework, session: Session, decision: Decision, every: Mapping[int, Account]
) -> dict[int, str]:
    """Accounts that were given back already, and those on whom another decision stands, which has them from now on."""
    before = decision_row(session, decision.reverses or 0)
    left = {number: UNDONE for number in _undone(session, before, decision.decision_id) if number in every}
    for number, other, act in _also_held(casework, session, before):
        if number in every and number not in left:
            left[number] = f"decision {other.decision_id} stands on it"
            session.execute(update(ActRow).where(ActRow.act_id == act.act_id).values(outcome="done"))
            give_notice(session, casework.now(), other.decision_id, [act.member_id])
    return left


def _also_held(casework: Casework, session: Session, before: DecisionRow) -> list[tuple[int, DecisionRow, Any]]:
    """Accounts of a decision to which another one that stands did the same: number here, that decision, its act.

    A decision stands that is signed as it has to be, is not taken back, and was not contested rightly by that account.
    """
    own, other = aliased(MemberRow), aliased(MemberRow)
    rows = session.execute(
        select(own.member_id.label("mine"), ActRow.member_id, ActRow.act_id, ActRow.decision_id)
        .join(other, (other.platform == own.platform) & (other.asset_id == own.asset_id))
        .join(ActRow, ActRow.member_id == other.member_id)
        .where(
            own.member_id.in_(select(ActRow.member_id).where(ActRow.decision_id == before.decision_id)),
            ActRow.decision_id != before.decision_id, ActRow.action == before.action, ActRow.state == "done",
            other.cleared_at.is_(None),
        )
    ).all()  # fmt: skip
    look = Scrutiny(casework, session)
    standing: dict[int, tuple[DecisionRow, set[int]] | None] = {}
    found = []
    for row in rows:
        if row.decision_id not in standing:
            standing[row.decision_id] = _standing(look, decision_row(session, row.decision_id))
        if (one := standing[row.decision_id]) is not None and row.member_id not in one[1]:
            found.append((row.mine, one[0], row))
    return found


def _standing(look: Scrutiny, row: DecisionRow) -> tuple[DecisionRow, set[int]] | None:
    """A decision that is in force, with those to whom what it did was undone; None where it is not."""
    if row.state not in ("approved", "done") or row.action == REVERSE:
        return None
    try:
        body = look.signed(row)
        look.stands(row)
        if body["two"] or body["escalated"]:
            look.is_signed_by_another(row)
    except (InputError, UsageError):
        return None
    return row, _undone(look.session, row, 0)


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


def _is_nobodys_invention(session: Session, order: Order) -> None:
    """Refuse acts of accounts, or of a kind, that the order does not have."""
    rows = session.execute(
        select(ActRow.member_id, ActRow.action).where(ActRow.decision_id == order.decision.decision_id)
    )
    for member, action in rows:
        if (member not in order.accounts and member not in order.left) or action != order.action:
            raise InputError(
                f"there are acts for decision {order.decision.decision_id} that nobody signed; somebody wrote them there"
            )


def close_acts(session: Session, order: Order, at: datetime) -> None:
    """Close the acts that are not to be done any more: of accounts that are left, and of a decision that is taken back."""
    mine = ActRow.decision_id == order.decision.decision_id
    still = session.execute(
        select(ActRow.member_id, ActRow.act_id).where(mine, ActRow.state.not_in(("done", "left", GIVEN_UP)))
    )
    numbers = {one.member_id: one.act_id for one in still}
    change(session, ActRow, [
        {"act_id": numbers[member], "state": "left", "detail": why, "changed_at": at}
        for member, why in order.left.items() if member in numbers
    ])  # fmt: skip
    if order.decision.reverses is not None and not order.decision.only:
        why = f"taken back by decision {order.decision.decision_id}"
        session.execute(
            update(ActRow).where(ActRow.decision_id == order.decision.reverses, ActRow.state.in_(("waiting", "failed")))
            .values(state="left", detail=why, changed_at=at).execution_options(synchronize_session=False)
        )  # fmt: skip
