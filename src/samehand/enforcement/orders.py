"""Whom a decision that is carried out is about: every account held against what was signed, not against what the store says.

An order is made in the transaction that begins a decision, or goes on with it. Accounts are known by the ids that their
commitments open to; whoever is in the store's acts without being in the order was written there by somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from samehand.casework import CLEARED, Authorised, Casework, Decision, MemberRow, Scrutiny, decision_row, opens
from samehand.enforcement.connector import UNDOES, Action
from samehand.enforcement.holding import Account, not_to_be_undone
from samehand.enforcement.tables import ActRow
from samehand.errors import InputError, UsageError
from samehand.store import change

__all__ = ["ENDED", "GIVEN_UP", "Order", "close_acts", "order_of"]

GIVEN_UP: Final = "given_up"
ENDED: Final = ("done", "left", GIVEN_UP)
"""In these nothing more is done for an act."""


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


def _action_of(session: Session, decision: Decision) -> Action:
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
        InputError: there are accounts or acts that nobody signed. UsageError: as in `_action_of`.

    """
    decision = authorised.decision
    action = _action_of(session, decision)
    if decision.reverses is None:
        cleared = {one.commitment for one in authorised.members if one.cleared}
        every = _accounts(session, decision.case_id, {one.commitment for one in authorised.members})
        look = Scrutiny(casework, session)
        cleared |= look.cleared_by_appeal(decision_row(session, decision.decision_id))
        left = {number: CLEARED for number, one in every.items() if one.commitment in cleared}
    else:
        every = _acted_on(casework, session, decision)
        left = not_to_be_undone(casework, session, decision, every)
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
    could_be = Scrutiny(casework, session).could_be_about(decision_row(session, decision.reverses or 0))
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
    if len(acts) > decision.radius.accounts or any(one.member_id not in could_be for one in acts):
        raise InputError(
            f"there are acts for decision {decision.reverses} on accounts that it is not about; somebody wrote them there"
        )
    return _accounts(session, decision.case_id, {one.commitment for one in acts})


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
