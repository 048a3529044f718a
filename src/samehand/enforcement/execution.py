"""Carries out a decision: in batches with pauses, each act once, stopped by a switch, and gone on with after a crash.

Before anything is sent, an act is on record as `sent`; after it, as `done` or `failed`. Who finds an act `sent` after a crash
does it again, and the connector asks the platform first how the account stands: so nothing is done twice, and nothing that was
done is left out of the log. A decision is gone over signature by signature each time it is taken up (`Decisions.authorised`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from samehand.casework import (
    Casework,
    Decision,
    Decisions,
    Entry,
    Member,
    MemberRow,
    append,
    give_notice,
    settle_decision,
)
from samehand.enforcement.connector import UNDOES, Act, Action, Connector
from samehand.enforcement.leases import alone, let_go, take_lease
from samehand.enforcement.tables import ActRow, SwitchRow
from samehand.errors import InputError, JobError, UsageError
from samehand.store import change, put

__all__ = ["Execution", "Progress", "Unfinished", "is_stopped", "release_switch", "throw_switch", "unfinished"]

BATCH: Final = 100
ATTEMPTS: Final = 3


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


@dataclass(frozen=True)
class Unfinished:
    """An act that failed and is somebody's work now: on which account, why, and how often it was tried."""

    decision_id: int
    action: Action
    platform: str
    asset_id: str
    detail: str
    attempts: int


def is_stopped(session: Session) -> bool:
    """Whether the switch is thrown."""
    return session.get(SwitchRow, 1) is not None


def throw_switch(casework: Casework, by: str, why: str) -> None:
    """Stop everything that is being done to anybody, before the next act.

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


class _Taken(NamedTuple):
    """An act that is in hand."""

    act_id: int
    member_id: int
    asset_id: str
    commitment: str
    attempts: int


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
        with alone(self.store.store_id, decision_id, self.platform):
            try:
                return self._run(decision_id, by, batch=batch, pause_s=pause_s, told=told)
            finally:
                with suppress(JobError), self.store.writing() as session:  # a lease that stays ends with its process
                    let_go(session, decision_id, self.platform)

    def _run(
        self, decision_id: int, by: str, *, batch: int, pause_s: float, told: Callable[[Progress], None] | None
    ) -> Progress:
        decision, accounts = self._begin(decision_id, by)
        self._head_out()
        action = self._action(decision)
        while rows := self._take(decision_id, batch):
            acts = [self.connector.act(one.asset_id, action, key=self._key(one.act_id)) for one in rows]
            self.connector.settle()
            self._record(decision, rows, acts, by)
            self._head_out()
            if told is not None:
                told(self.progress(decision_id))
            if pause_s:
                self._sleep(pause_s)
        progress = self.progress(decision_id)
        if progress.complete:
            self._finish(decision, by, accounts)
            self._head_out()
        return progress

    def _key(self, act: int) -> str:
        """What tells the platform one act, tried again, from another: an act is of one decision, account and action."""
        return f"{self.store.store_id}-{act}"

    def _action(self, decision: Decision) -> Action:
        """What is done to each account: what the decision says, or what undoes the one that it reverses."""
        done = decision.action
        if decision.reverses is not None:
            before = Decisions(self.casework).decision(decision.reverses).action
            undoing = [one for one, undone in UNDOES.items() if undone == before]
            if not undoing:
                raise UsageError(f"nothing undoes what decision {decision.reverses} did: {before}")
            done = undoing[0]  # type: ignore[assignment]
        able = self.connector.capabilities
        if done not in able.actions:
            raise UsageError(f"{able.platform} cannot {done}; it can {', '.join(sorted(able.actions))}")
        return cast(Action, done)

    def _begin(self, decision_id: int, by: str) -> tuple[Decision, int]:
        """Go over the decision, put its acts on record, and take its case to `acting`.

        Returns:
            The decision, and how many accounts it is about on all platforms.

        """
        authorised = Decisions(self.casework).authorised(decision_id)
        decision = authorised.decision
        action = self._action(decision)
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "act")
            take_lease(session, decision_id, self.platform, self.casework.now())
            case = self.casework.row(session, decision.case_id, for_update=True)
            mine = ActRow.decision_id == decision_id
            held = set(session.scalars(select(ActRow.member_id).where(mine)))
            about = self._members(session, decision, authorised.members)
            at = self.casework.now()
            new = [
                {"decision_id": decision_id, "member_id": member, "action": action, "state": "waiting", "attempts": 0,
                 "detail": "", "changed_at": at}
                for member, platform in about if platform == self.platform and member not in held
            ]  # fmt: skip
            put(session, ActRow, new)
            session.execute(update(ActRow).where(mine, ActRow.state == "failed").values(state="waiting"))
            left = session.scalar(select(ActRow.act_id).where(mine, ActRow.state != "done").limit(1))
            if left is not None and case.state in ("approved", "enforced"):
                self.casework.move(session, case, "act")
            if left is not None:
                body = {"decision": decision_id, "action": action, "acts": len(new), "platform": self.platform}
                append(session, at, [Entry("acts.begun", by, body, decision.case_id)])
        return decision, len(about)

    def _members(self, session: Session, decision: Decision, members: Sequence[Member]) -> list[tuple[int, str]]:
        """Whom it is about, number and platform: the decision's accounts, or those to whom what it reverses was done.

        Raises:
            InputError: there are acts of more accounts than the decision that is reversed was about.

        """
        if decision.reverses is None:
            about = {one.commitment for one in members}
            rows = session.execute(
                select(MemberRow.member_id, MemberRow.platform, MemberRow.commitment)
                .where(MemberRow.case_id == decision.case_id).order_by(MemberRow.member_id)
            )  # fmt: skip
            return [(member, platform) for member, platform, commitment in rows if commitment in about]
        done = session.execute(
            select(ActRow.member_id, MemberRow.platform).join(MemberRow, MemberRow.member_id == ActRow.member_id)
            .where(
                ActRow.decision_id == decision.reverses, ActRow.state.in_(("done", "sent")),
                # what stood so before the first try is not ours to undo; what a crash left unsaid was done by us
                ActRow.outcome.is_distinct_from("already") | (ActRow.attempts > 1),
                *([MemberRow.commitment.in_(decision.only)] if decision.only else []),
            ).order_by(ActRow.act_id)
        ).all()  # fmt: skip
        if len(done) > decision.radius.accounts:
            raise InputError(
                f"decision {decision.reverses} was about {decision.radius.accounts} accounts, and there are acts on "
                f"{len(done)}; somebody wrote them there"
            )
        return [(member, platform) for member, platform in done]

    def _take(self, decision_id: int, batch: int) -> list[_Taken]:
        """The next acts, put on record as sent; what a crash left sent comes first."""
        with self.store.writing() as session:
            if is_stopped(session):
                return []
            take_lease(session, decision_id, self.platform, self.casework.now())
            found = session.execute(
                select(ActRow.act_id, MemberRow.member_id, MemberRow.asset_id, MemberRow.commitment, ActRow.attempts)
                .join(MemberRow, MemberRow.member_id == ActRow.member_id)
                .where(
                    ActRow.decision_id == decision_id, ActRow.state.in_(("sent", "waiting")),
                    MemberRow.platform == self.platform,
                )
                .order_by(ActRow.state, ActRow.act_id).limit(batch)
            ).all()  # fmt: skip
            rows = [
                _Taken(one.act_id, one.member_id, one.asset_id or "", one.commitment, one.attempts + 1) for one in found
            ]
            change(session, ActRow, [{"act_id": one.act_id, "state": "sent", "attempts": one.attempts} for one in rows])
            return rows

    def _record(self, decision: Decision, rows: Sequence[_Taken], acts: Sequence[Act], by: str) -> None:
        """What became of a batch, in the store and in the log, and whom to tell of it, in one transaction."""
        at = self.casework.now()
        changes, entries, told = [], [], []
        for one, act in zip(rows, acts, strict=True):
            failed = act.outcome == "failed"
            again = failed and one.attempts % ATTEMPTS != 0
            changes.append(
                {"act_id": one.act_id, "state": "waiting" if again else "failed" if failed else "done",
                 "outcome": act.outcome, "detail": act.detail[:500], "changed_at": at}
            )  # fmt: skip
            if not again:
                body = {"decision": decision.decision_id, "act": one.act_id, "account": one.commitment, "action": act.action,
                        "outcome": act.outcome}  # fmt: skip
                entries.append(Entry("act.failed" if failed else "act.done", by, body, decision.case_id))
            if act.outcome == "done" or (
                act.outcome == "already" and one.attempts > 1
            ):  # by a try whose reply was lost
                told.append(one.member_id)
        with self.store.writing() as session:
            change(session, ActRow, changes)
            if told:
                give_notice(session, at, decision.decision_id, told)
            if entries:
                append(session, at, entries)

    def _finish(self, decision: Decision, by: str, accounts: int) -> None:
        """Say that a decision is carried out, once it is on every platform that it is about."""
        with self.store.writing() as session:
            case = self.casework.row(session, decision.case_id, for_update=True)
            mine = (ActRow.decision_id == decision.decision_id, ActRow.state == "done")
            done = session.scalar(select(func.count()).where(*mine)) or 0
            if decision.state == "approved" and done >= accounts:
                settle_decision(session, decision.decision_id)
                if case.state == "acting":
                    self.casework.move(session, case, "finish")
                body = {"decision": decision.decision_id, "reverses": decision.reverses}
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


def unfinished(casework: Casework, by: str) -> list[Unfinished]:
    """Every act that failed, the oldest first: a failed reversal too is somebody's work. Who looked is in the log.

    Raises:
        UsageError: `by` may not carry decisions out.

    """
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "act")
        append(session, casework.now(), [Entry("viewed", by, {"what": "unfinished"})])
        rows = session.execute(
            select(ActRow, MemberRow.platform, MemberRow.asset_id).join(MemberRow, MemberRow.member_id == ActRow.member_id)
            .where(ActRow.state == "failed").order_by(ActRow.act_id)
        ).all()  # fmt: skip
        return [
            Unfinished(row.decision_id, cast(Action, row.action), platform, asset or "", row.detail, row.attempts)
            for row, platform, asset in rows
        ]
