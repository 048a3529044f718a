"""Corrections: what was done was wrong, and everybody who acted on it has to know; written where it is decided.

An event of the topic `correction` has the case, the decision that is taken back, its action and grounds, and the accounts, each
as platform and id. Who consumes it does so in order, and once (`samehand.store.consume`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from samehand.casework.cases import Casework, Member
from samehand.casework.tables import DecisionRow
from samehand.store import events_of, publish

__all__ = ["CORRECTION", "correct", "corrected", "taken_back"]

CORRECTION: Final = "correction"
AT_ONCE: Final = 1_000
"""Accounts of one event."""


def correct(
    casework: Casework, session: Session, row: DecisionRow, members: Sequence[Member], *, appeal: int | None = None
) -> None:
    """Tell of accounts of a decision that it is taken back for them, in a transaction that has entered it in the log.

    Who appends to the log holds its end until the transaction is over: so events are there in the order of their numbers.
    """
    body = json.loads(row.body)
    said = {"case": row.case_id, "decision": row.decision_id, "action": row.action, "grounds": body["grounds"]}
    accounts = [[one.platform, one.asset_id] for one in members if one.asset_id is not None]
    for low in range(0, len(accounts), AT_ONCE):
        told = {**said, "appeal": appeal, "accounts": accounts[low : low + AT_ONCE]}
        publish(session, CORRECTION, casework.now(), told)


def corrected(session: Session, *, by_appeal: bool = False) -> set[tuple[str, str]]:
    """Accounts of which something done was taken back, platform and id; only where an appeal was right, if that is asked."""
    return {
        (platform, asset)
        for event in events_of(session, CORRECTION) if event.body["appeal"] is not None or not by_appeal
        for platform, asset in event.body["accounts"]
    }  # fmt: skip


def taken_back(session: Session) -> dict[int, set[tuple[str, str]]]:
    """By decision the accounts for which it was taken back, platform and id."""
    found: dict[int, set[tuple[str, str]]] = {}
    for event in events_of(session, CORRECTION):
        found.setdefault(event.body["decision"], set()).update((one, other) for one, other in event.body["accounts"])
    return found
