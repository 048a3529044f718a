"""Erasure: what a store holds of persons goes when its time has come, or when somebody asks; the log stays whole.

Erased are account ids with their salts, counts of followers and posts, findings that name accounts, notes and appeals; evidence
and versions of a claim of attribution where none stands, since a claim that the public has is to be answered for. What
stays are commitments, which nobody can open any more. A finding that is erased bears no decision from then on. Corrections in
the outbox stay: without them others would go on holding a mistake against somebody.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append
from samehand.casework.cases import Case, Casework
from samehand.casework.tables import (
    AppealRow,
    CaseRow,
    ClaimEvidenceRow,
    ClaimRow,
    DecisionRow,
    FindingRow,
    MemberRow,
    NetworkRow,
    NoteRow,
    NoticeRow,
    ProtectedRow,
)
from samehand.errors import FormatError, NotFoundError, UsageError

__all__ = ["Due", "Retention", "erase_account", "hold", "read_retention", "release"]

What = Literal["accounts", "texts"]
ENDED: Final = ("dismissed", "closed")
WHATS: Final[tuple[What, ...]] = ("accounts", "texts")
AT_REST: Final = ("open", "dismissed", "closed")


@dataclass(frozen=True)
class Due:
    """What is to be erased of a case: accounts or texts, how many, and since when."""

    case_id: int
    what: What
    count: int
    since: datetime


def read_retention(path: Path | None = None) -> dict[str, dict[What, int]]:
    """Read rules: for cases that were dismissed, and that were closed, days after which accounts and texts go.

    Args:
        path: a TOML file; the shipped rules if None.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no rules; the message says what is wrong.

    """
    if path is not None and not path.is_file():
        raise NotFoundError(f"{path}: there is no such file of rules")
    try:
        text = path.read_text("utf-8") if path else (files("samehand.casework") / "retention.toml").read_text("utf-8")
        table = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FormatError(f"{path} is no TOML in UTF-8: {error}") from error
    if set(table) != set(ENDED) or any(
        not isinstance(days, dict) or set(days) != set(WHATS) for days in table.values()
    ):
        raise FormatError(f"{path}: rules have the tables {', '.join(ENDED)}, each with {', '.join(WHATS)}")
    for state, days in table.items():
        for what, count in days.items():
            if type(count) is not int or count < 0:
                raise FormatError(f"{path}, {state}.{what}: has to be a whole number of days, 0 or more")
    return table


class Retention:
    """The clock of what a store holds of persons.

    Args:
        casework: of the store.
        rules: as `read_retention` gives them; the shipped ones if None.

    """

    def __init__(self, casework: Casework, rules: Mapping[str, Mapping[What, int]] | None = None) -> None:
        self.casework, self.store = casework, casework.store
        self.rules = rules if rules is not None else read_retention()

    def due(self) -> list[Due]:
        """What is to be erased by now, the oldest first; cases on hold are left out."""
        with self.store.reading() as session:
            return self._due(session)

    def _due(self, session: Session) -> list[Due]:
        found = []
        ended = select(CaseRow).where(CaseRow.state.in_(ENDED), CaseRow.hold.is_(None)).order_by(CaseRow.changed_at)
        acted = select(DecisionRow.decision_id).where(DecisionRow.state.in_(("approved", "done")))
        for row in session.scalars(ended):
            if _is_under_way(session, row.case_id):
                continue
            was_acted_on = session.scalar(acted.where(DecisionRow.case_id == row.case_id).limit(1)) is not None
            rules = self.rules["closed" if was_acted_on else row.state]
            for what in WHATS:
                since = row.changed_at + timedelta(days=rules[what])
                count = _count(session, row.case_id, what) if since <= self.casework.now() else 0
                if count:
                    found.append(Due(row.case_id, what, count, since))
        return found

    def run(self, by: str) -> list[Due]:
        """Erase what is due.

        Args:
            by: who lets it run.

        Returns:
            What was erased.

        Raises:
            UsageError: `by` may not.

        """
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "erase")
            done = self._due(session)
            for one in done:
                if one.what == "accounts":
                    _erase_members(session, one.case_id, MemberRow.case_id == one.case_id)
                    _erase_findings(session, one.case_id, None)
                else:
                    _erase_texts(session, one.case_id)
                body = {"what": one.what, "count": one.count}
                append(session, self.casework.now(), [Entry("erased", by, body, one.case_id)])
            return done


def _is_under_way(session: Session, case_id: int) -> bool:
    """Whether an appeal of a case waits, or a decision of it is to be carried out yet."""
    waiting = select(AppealRow.appeal_id).where(
        AppealRow.appeal_id.in_(_appeals_of(case_id)), AppealRow.state == "waiting"
    )
    approved = select(DecisionRow.decision_id).where(DecisionRow.case_id == case_id, DecisionRow.state == "approved")
    return session.scalar(waiting.limit(1)) is not None or session.scalar(approved.limit(1)) is not None


def _count(session: Session, case_id: int, what: What) -> int:
    if what == "accounts":
        chosen = select(func.count()).where(MemberRow.case_id == case_id, MemberRow.asset_id.is_not(None))
        return session.scalar(chosen) or 0
    notes = select(func.count()).where(NoteRow.case_id == case_id, NoteRow.text.is_not(None))
    appeals = select(func.count()).where(AppealRow.appeal_id.in_(_appeals_of(case_id)), AppealRow.text.is_not(None))
    told = [] if _claim_stands(session, case_id) else [_told(one, case_id) for one in (ClaimEvidenceRow, ClaimRow)]
    counts = (notes, appeals, *(select(func.count()).select_from(one.subquery()) for one in told))
    return sum(session.scalar(count) or 0 for count in counts)


def _claim_stands(session: Session, case_id: int) -> bool:
    alive = ClaimRow.state.in_(("proposed", "standing"))
    return session.scalar(select(ClaimRow.claim_id).where(ClaimRow.case_id == case_id, alive).limit(1)) is not None


def _told(table: type[ClaimEvidenceRow | ClaimRow], case_id: int) -> Any:
    """Rows of evidence, or of versions of a claim, that are not erased yet."""
    return select(table.case_id).where(table.case_id == case_id, table.body != "")


def _appeals_of(case_id: int) -> Any:
    return (
        select(AppealRow.appeal_id).join(NoticeRow, NoticeRow.notice_id == AppealRow.notice_id)
        .join(DecisionRow, DecisionRow.decision_id == NoticeRow.decision_id).where(DecisionRow.case_id == case_id)
    )  # fmt: skip


def _erase_members(session: Session, case_id: int, which: ColumnElement[bool]) -> None:
    session.execute(
        update(MemberRow).where(MemberRow.case_id == case_id, which)
        .values(asset_id=None, salt=None, followers=None, posts=None).execution_options(synchronize_session=False)
    )  # fmt: skip


def _erase_findings(session: Session, case_id: int, naming: str | None) -> int:
    """Erase findings of a case: all, or those that name an account, alone or within another id. Returns how many."""
    inside = select(NetworkRow.case_network_id).where(NetworkRow.case_id == case_id)
    chosen = select(FindingRow.finding_id, FindingRow.body).where(
        FindingRow.case_network_id.in_(inside), FindingRow.body != ""
    )
    found = [
        number for number, body in session.execute(chosen).all() if naming is None or _names(json.loads(body), naming)
    ]
    if found:
        session.execute(update(FindingRow), [{"finding_id": number, "body": "", "salt": ""} for number in found])
    return len(found)


def _names(value: Any, account: str) -> bool:
    """Whether an account's id stands in a value: alone, or within another id."""
    if isinstance(value, dict):
        return any(_names(one, account) for one in value.values())
    if isinstance(value, list):
        return any(_names(one, account) for one in value)
    if not isinstance(value, str) or account not in value:
        return False
    return re.search(rf"(?<!\w){re.escape(account)}(?!\w)", value) is not None


def _erase_texts(session: Session, case_id: int) -> None:
    options = {"synchronize_session": False}
    session.execute(
        update(NoteRow).where(NoteRow.case_id == case_id).values(text=None, salt=None).execution_options(**options)
    )
    session.execute(
        update(AppealRow).where(AppealRow.appeal_id.in_(_appeals_of(case_id))).values(text=None, salt=None)
        .execution_options(**options)
    )  # fmt: skip
    if not _claim_stands(session, case_id):
        session.execute(
            update(ClaimEvidenceRow).where(ClaimEvidenceRow.case_id == case_id).values(body="", why=None)
            .execution_options(**options)
        )  # fmt: skip
        session.execute(
            update(ClaimRow).where(ClaimRow.case_id == case_id).values(body="").execution_options(**options)
        )


def erase_account(casework: Casework, platform: str, asset_id: str, by: str) -> list[int]:
    """Erase one account from every case, as its person asked.

    Args:
        casework: of the store.
        platform, asset_id: the account.
        by: who does it.

    Returns:
        The cases that it was in.

    Raises:
        NotFoundError: it is in none. UsageError: `by` may not, or a case of it is on hold, or is decided or acted on: what was
        done could not be taken back any more; that case is to be closed first.

    """
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "erase")
        same = (MemberRow.platform == platform) & (MemberRow.asset_id == asset_id)
        cases = session.scalars(
            select(CaseRow).join(MemberRow, MemberRow.case_id == CaseRow.case_id).where(same).order_by(CaseRow.case_id)
        ).all()
        listed = session.get(ProtectedRow, (platform, asset_id))
        if not cases and listed is None:
            raise NotFoundError("no case has this account")
        for case in cases:
            if case.hold is not None:
                raise UsageError(f"case {case.case_id} is on hold; release it first")
            if case.state not in AT_REST:
                raise UsageError(
                    f"case {case.case_id} is {case.state}: what was done could not be taken back any more; close it first"
                )
            if (waits := _waits(session, case, same)) is not None:
                raise UsageError(waits)
        for case in cases:
            findings = _erase_findings(session, case.case_id, asset_id)
            told = select(NoticeRow.notice_id).join(MemberRow, MemberRow.member_id == NoticeRow.member_id).where(same)
            session.execute(
                update(AppealRow).where(AppealRow.notice_id.in_(told)).values(text=None, salt=None)
                .execution_options(synchronize_session=False)
            )  # fmt: skip
            _erase_members(session, case.case_id, same)
            body = {"what": "account", "count": 1, "findings": findings}
            append(session, casework.now(), [Entry("erased", by, body, case.case_id)])
        if listed is not None:
            session.delete(listed)
        return [case.case_id for case in cases]


def _waits(session: Session, case: CaseRow, same: ColumnElement[bool]) -> str | None:
    """Why an account of a case that is at rest is not to be erased yet, if there is a reason."""
    told = (
        select(NoticeRow.notice_id, DecisionRow.decision_id, DecisionRow.state, DecisionRow.action, DecisionRow.body)
        .join(MemberRow, MemberRow.member_id == NoticeRow.member_id)
        .join(DecisionRow, DecisionRow.decision_id == NoticeRow.decision_id)
        .where(same, DecisionRow.case_id == case.case_id)
    )  # fmt: skip
    rows = session.execute(told).all()
    appeals = select(AppealRow.appeal_id).where(
        AppealRow.notice_id.in_([row.notice_id for row in rows]), AppealRow.state == "waiting"
    )
    if (appeal := session.scalar(appeals)) is not None:
        return f"appeal {appeal} waits; answer it first"
    given_back = {json.loads(row.body).get("reverses") for row in rows if row.action == "reverse"}
    done = {row.decision_id for row in rows if row.action != "reverse" and row.state in ("approved", "done")}
    if case.state != "closed" and done - given_back:
        return f"something done in case {case.case_id} stands, and could not be taken back any more; take it back, or close it"
    return None


def hold(casework: Casework, case_id: int, why: str, by: str) -> Case:
    """Keep all that a case holds, whatever its time: a court asks for it, or an appeal is to come.

    Raises:
        UsageError: there is no reason, or `by` may not.

    """
    if not why.strip() or len(why) > 200:
        raise UsageError("say why it is kept, in 200 characters at most")
    return _held(casework, case_id, why, by)


def release(casework: Casework, case_id: int, by: str) -> Case:
    """Let the clock of a case run again."""
    return _held(casework, case_id, None, by)


def _held(casework: Casework, case_id: int, why: str | None, by: str) -> Case:
    with casework.store.writing() as session:
        casework.roster(session).allow(by, "erase")
        row = casework.row(session, case_id, for_update=True)
        row.hold = why
        session.flush()
        append(session, casework.now(), [Entry("case.held" if why else "case.released", by, {}, case_id)])
        return casework.read(session, row)
