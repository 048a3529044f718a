"""What failed is somebody's work: shown, tried again by the next run, or given up for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

from samehand.casework import Casework, Entry, MemberRow, append, decision_row
from samehand.enforcement.connector import Action
from samehand.enforcement.orders import GIVEN_UP
from samehand.enforcement.tables import ActRow
from samehand.errors import UsageError
from samehand.store import change

__all__ = ["Unfinished", "give_up", "unfinished"]


@dataclass(frozen=True)
class Unfinished:
    """An act that failed and is somebody's work now: on which account, why, and how often it was tried."""

    decision_id: int
    action: Action
    platform: str
    asset_id: str
    detail: str
    attempts: int


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


def give_up(casework: Casework, decision_id: int, by: str, why: str) -> int:
    """Say that what failed for a decision cannot be done: it ends without, and what was given up stays on record.

    Args:
        casework: of the store.
        decision_id: the decision; run it once more afterwards, so that it ends.
        by: who says so; somebody who may approve.
        why: the reason.

    Returns:
        How many acts were given up.

    Raises:
        NotFoundError: there is no such decision. UsageError: there is no reason, nothing failed, or `by` may not.

    """
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "approve")
        row = decision_row(session, decision_id, for_update=True)
        failed = session.execute(
            select(ActRow.act_id, ActRow.detail, MemberRow.commitment)
            .join(MemberRow, MemberRow.member_id == ActRow.member_id)
            .where(ActRow.decision_id == decision_id, ActRow.state == "failed")
        ).all()  # fmt: skip
        if not failed:
            raise UsageError(f"nothing failed for decision {decision_id}")
        noted = casework.noted(session, row.case_id, why, by)
        at = casework.now()
        change(session, ActRow, [{"act_id": one.act_id, "state": GIVEN_UP, "changed_at": at} for one in failed])
        entries = [
            Entry(
                "act.given_up", by, {"decision": decision_id, "act": one.act_id, "account": one.commitment}, row.case_id
            )
            for one in failed
        ]
        append(session, at, [noted, *entries])
        return len(failed)
