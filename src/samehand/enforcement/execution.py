"""Carries out a decision: in batches with pauses, each act once, stopped by a switch, and gone on with after a crash.

Before anything is sent, an act is on record as `sent`; after it, as `done` or `failed`. Who finds an act `sent` after a crash
does it again, and the connector asks the platform first how the account stands: so nothing is done twice, and nothing that was
done is left out of the log. A decision is gone over signature by signature each time it is taken up (`Decisions.authorised`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from samehand.casework import (
    Casework,
    Decision,
    DecisionRow,
    Decisions,
    Entry,
    Scrutiny,
    append,
    decision_row,
    give_notice,
    settle_decision,
)
from samehand.enforcement.connector import Act, Connector
from samehand.enforcement.leases import alone, let_go, take_lease
from samehand.enforcement.orders import ENDED, Order, close_acts, order_of
from samehand.enforcement.switch import is_stopped
from samehand.enforcement.tables import ActRow
from samehand.errors import InputError, JobError, UsageError
from samehand.store import among, change, put

__all__ = ["Execution", "Progress"]

BATCH: Final = 100
ATTEMPTS: Final = 3
OPEN: Final = ("sent", "waiting")


@dataclass(frozen=True)
class Progress:
    """How far a decision is carried out: acts by state, how many were no news to the platform, and whether it was stopped."""

    decision_id: int
    waiting: int
    done: int
    already: int
    failed: int
    stopped: bool

    @property
    def complete(self) -> bool:
        """Whether every account stands as was decided."""
        return not self.waiting and not self.failed


def _concerned(decision: Decision) -> list[int]:
    """A decision, and the one that it takes back, which nobody carries out meanwhile; the older first."""
    return sorted(number for number in (decision.reverses, decision.decision_id) if number is not None)


class _Taken(NamedTuple):
    """An act that is in hand."""

    act_id: int
    member_id: int
    asset_id: str | None
    commitment: str
    attempts: int


def _taken(order: Order, act: int, member: int, attempts: int) -> _Taken:
    """An act on an account of the order, by the id that was signed for."""
    account = order.accounts.get(member)
    if account is None:
        raise InputError(f"act {act} is on an account that decision {order.decision.decision_id} is not about")
    return _Taken(act, member, account.asset_id, account.commitment, attempts)


class Execution:
    """Carries out decisions of a store on one platform.

    Args:
        casework: of the store.
        connector: the platform.
        platform: whose accounts it is for; accounts of others are left.
        head_out: called before the first batch and after each, to take the log's signed head out of the store; what it
            raises stops the rest.
        sleep: how to wait, in seconds.

    """

    def __init__(
        self, casework: Casework, connector: Connector, platform: str, *, head_out: Callable[[], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.casework, self.connector, self.platform = casework, connector, platform
        self._head_out, self._sleep = head_out or (lambda: None), sleep
        self.store = casework.store

    def run(
        self, decision_id: int, by: str, *, batch: int = BATCH, pause_s: float = 0.0,
        told: Callable[[Progress], None] | None = None,
    ) -> Progress:  # fmt: skip
        """Carry out an approved decision, or go on with it where it was left.

        Args:
            decision_id: the decision; one that reverses another undoes what was done for that.
            by: who carries it out.
            batch: acts before each look at the switch and pause.
            pause_s: seconds between two batches.
            told: called after each batch.

        Returns:
            How far it came; what failed stays as work (`unfinished`), and is tried again by the next call.

        Raises:
            NotFoundError: there is no such decision. UsageError: it is not approved, the platform cannot do it, `by` may not,
            or another process is at it. InputError: something in it is not what was signed. JobError: what was done cannot
            be kept.

        """
        concerned = _concerned(Decisions(self.casework).decision(decision_id))
        with ExitStack() as held:
            for number in concerned:
                held.enter_context(alone(self.store.store_id, number, self.platform))
            try:
                return self._run(decision_id, by, batch=batch, pause_s=pause_s, told=told)
            finally:
                with suppress(JobError), self.store.writing() as session:  # a lease that stays ends with its process
                    for number in concerned:
                        let_go(session, number, self.platform)

    def _run(
        self, decision_id: int, by: str, *, batch: int, pause_s: float, told: Callable[[Progress], None] | None
    ) -> Progress:
        order = self._begin(decision_id, by)
        self._head_out()
        for rows in self._batches(order, batch):
            acts = [self._act(order, one) for one in rows]
            self.connector.settle()
            self._record(order.decision, rows, acts, by)
            self._head_out()
            if told is not None:
                told(self.progress(decision_id))
            if pause_s:
                self._sleep(pause_s)
        progress = self.progress(decision_id)
        if progress.complete:
            self._finish(order, by)
            self._head_out()
        return progress

    def _act(self, order: Order, one: _Taken) -> Act:
        if one.asset_id is None:
            return Act("", order.action, "failed", "it was erased, and nobody can say any more which account it was")
        # an act is of one decision, account and action: its number tells the platform one that is tried again from another
        return self.connector.act(one.asset_id, order.action, key=f"{self.store.store_id}-{one.act_id}")

    def _begin(self, decision_id: int, by: str) -> Order:
        """Go over the decision, put its acts on record, and take its case to `acting`."""
        authorised = Decisions(self.casework).authorised(decision_id)
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "act")
            case = self.casework.row(session, authorised.decision.case_id, for_update=True)
            self._goes_on(session, authorised.decision)
            order = order_of(self.casework, session, authorised)
            self._is_able(order)
            at, mine = self.casework.now(), ActRow.decision_id == decision_id
            held = set(session.scalars(select(ActRow.member_id).where(mine)))
            new = [
                {"decision_id": decision_id, "member_id": member, "action": order.action, "state": "waiting", "attempts": 0,
                 "detail": "", "changed_at": at}
                for member, one in order.accounts.items() if one.platform == self.platform and member not in held
            ]  # fmt: skip
            put(session, ActRow, new)
            close_acts(session, order, at)
            here = {member for member, one in order.accounts.items() if one.platform == self.platform}
            again = session.execute(
                select(ActRow.act_id, ActRow.member_id).where(mine, ActRow.state.in_(("failed", "left")))
            ).all()  # fmt: skip
            change(session, ActRow, [{"act_id": act, "state": "waiting"} for act, member in again if member in here])
            left = session.scalar(select(ActRow.act_id).where(mine, ActRow.state.in_(OPEN)).limit(1))
            if left is not None and case.state in ("approved", "enforced"):
                self.casework.move(session, case, "act")
            if left is not None:
                body = {"decision": decision_id, "action": order.action, "acts": len(new), "platform": self.platform}
                append(session, at, [Entry("acts.begun", by, body, case.case_id)])
        return order

    def _is_able(self, order: Order) -> None:
        """Refuse what the platform cannot do, and a platform that none of the accounts is on."""
        able, platforms = self.connector.capabilities, {one.platform for one in order.accounts.values()}
        if order.action not in able.actions:
            raise UsageError(f"{able.platform} cannot {order.action}; it can {', '.join(sorted(able.actions))}")
        if platforms and self.platform not in platforms:
            number = order.decision.decision_id
            raise UsageError(
                f"decision {number} is about accounts of {', '.join(sorted(platforms))}, not of {self.platform}"
            )

    def _goes_on(self, session: Session, decision: Decision) -> None:
        """Take the lease, anew with each batch, of a decision that is approved and not taken back meanwhile.

        Raises:
            UsageError: it is taken back, or another process is at it.

        """
        row = decision_row(session, decision.decision_id, for_update=True)
        if row.state not in ("approved", "done"):
            raise UsageError(f"decision {row.decision_id} is {row.state}; only what is approved is carried out")
        Scrutiny(self.casework, session).stands(row, log=False)
        for number in _concerned(decision):
            take_lease(session, number, self.platform, self.casework.now())

    def _batches(self, order: Order, size: int) -> Iterator[list[_Taken]]:
        """The acts that are open, so many at a time; those that wait again come round again. The switch ends them."""
        while numbers := self._open(order):
            for low in range(0, len(numbers), size):
                rows = self._take(order, numbers[low : low + size])
                if rows is None:
                    return
                if rows:
                    yield rows

    def _open(self, order: Order) -> list[int]:
        """The acts that are open on this platform; what a crash left sent comes first."""
        with self.store.reading() as session:
            found = session.execute(
                select(ActRow.act_id, ActRow.member_id)
                .where(ActRow.decision_id == order.decision.decision_id, ActRow.state.in_(OPEN))
                .order_by(ActRow.state, ActRow.act_id)
            ).all()  # fmt: skip
        elsewhere = {member for member, one in order.accounts.items() if one.platform != self.platform}
        return [act for act, member in found if member not in elsewhere]

    def _take(self, order: Order, numbers: Sequence[int]) -> list[_Taken] | None:
        """Those of some acts that are to be done, put on record as sent; None where the switch is thrown."""
        with self.store.writing() as session:
            if is_stopped(session):
                return None
            self._goes_on(session, order.decision)
            found = session.execute(
                select(ActRow.act_id, ActRow.member_id, ActRow.attempts)
                .where(among(session, ActRow.act_id, numbers), ActRow.state.in_(OPEN)).order_by(ActRow.state, ActRow.act_id)
            ).all()  # fmt: skip
            rows = [_taken(order, one.act_id, one.member_id, one.attempts + 1) for one in found]
            rows = self._not_spared(session, order, rows)
            change(session, ActRow, [{"act_id": one.act_id, "state": "sent", "attempts": one.attempts} for one in rows])
            return rows

    def _not_spared(self, session: Session, order: Order, rows: Sequence[_Taken]) -> list[_Taken]:
        """Those of a batch that nobody has cleared or protected since the decision was begun; the others' acts are closed."""
        if order.decision.reverses is not None:
            return list(rows)
        look, numbers = Scrutiny(self.casework, session), [one.member_id for one in rows]
        spared = look.spared(numbers, escalated=order.decision.escalated)
        change(session, ActRow, [
            {"act_id": one.act_id, "state": "left", "detail": spared[one.member_id]}
            for one in rows if one.member_id in spared
        ])  # fmt: skip
        return [one for one in rows if one.member_id not in spared]

    def _record(self, decision: Decision, rows: Sequence[_Taken], acts: Sequence[Act], by: str) -> None:
        """What became of a batch, in the store and in the log, and whom to tell of it, in one transaction."""
        at = self.casework.now()
        changes, entries, told = [], [], []
        for one, act in zip(rows, acts, strict=True):
            failed = act.outcome == "failed"
            again = failed and one.attempts % ATTEMPTS != 0
            changes.append(
                {"act_id": one.act_id, "state": "waiting" if again else "failed" if failed else "done",
                 "outcome": act.outcome, "detail": _told(act), "changed_at": at}
            )  # fmt: skip
            if not again:
                body = {"decision": decision.decision_id, "act": one.act_id, "account": one.commitment, "action": act.action,
                        "outcome": act.outcome}  # fmt: skip
                entries.append(Entry("act.failed" if failed else "act.done", by, body, decision.case_id))
            lost = act.outcome == "already" and one.attempts > 1  # by a try whose reply did not come
            if act.outcome == "done" or lost:
                told.append(one.member_id)
        with self.store.writing() as session:
            take_lease(session, decision.decision_id, self.platform, at)
            change(session, ActRow, changes)
            if told:
                give_notice(session, at, decision.decision_id, told)
            if entries:
                append(session, at, entries)

    def _finish(self, order: Order, by: str) -> None:
        """Say that a decision is carried out, once it is on every platform that it is about."""
        decision = order.decision
        with self.store.writing() as session:
            case = self.casework.row(session, decision.case_id, for_update=True)
            row = decision_row(session, decision.decision_id, for_update=True)
            mine = ActRow.decision_id == decision.decision_id
            ended = session.scalars(select(ActRow.member_id).where(mine, ActRow.state.in_(ENDED)))
            if row.state != "approved" or not order.accounts.keys() <= set(ended):
                return
            settle_decision(session, decision.decision_id)
            session.flush()
            if case.state == "approved":
                self.casework.move(session, case, "act")  # there was nothing to do
            if case.state == "acting" and not _more_to_do(session, case.case_id):
                self.casework.move(session, case, "finish")
            body = {"decision": decision.decision_id, "reverses": decision.reverses, "of_one": bool(decision.only)}
            append(session, self.casework.now(), [Entry("acts.finished", by, body, decision.case_id)])

    def progress(self, decision_id: int) -> Progress:
        """How far a decision is carried out."""
        with self.store.reading() as session:
            counted = session.execute(
                select(ActRow.state, ActRow.outcome, func.count().label("acts"))
                .where(ActRow.decision_id == decision_id).group_by(ActRow.state, ActRow.outcome)
            ).all()  # fmt: skip
            stopped = is_stopped(session)
        of: dict[str, int] = {}
        for one in counted:
            of[one.state] = of.get(one.state, 0) + one.acts
        already = sum(one.acts for one in counted if (one.state, one.outcome) == ("done", "already"))
        return Progress(
            decision_id,
            of.get("waiting", 0) + of.get("sent", 0),
            of.get("done", 0),
            already,
            of.get("failed", 0),
            stopped,
        )


def _told(act: Act) -> str:
    """Why an act failed, without the account's name, which goes when it is erased."""
    return (act.detail.replace(act.account, "the account") if act.account else act.detail)[:500]


def _more_to_do(session: Session, case_id: int) -> bool:
    """Whether another decision of a case is approved, and not carried out or taken back."""
    approved = (DecisionRow.case_id == case_id) & (DecisionRow.state == "approved")
    return session.scalar(select(DecisionRow.decision_id).where(approved).limit(1)) is not None
