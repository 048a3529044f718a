"""Tips that came in: a lead each, with whose it is, how far it is trusted, whom it may be told, and until when it counts.

A tip enforces nothing. It is looked up in, expanded from, and opens a case in which people decide. The same list of the same
source is one tip, however often it comes: what is new of it is added, what its source took back counts no more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.casework import Casework, Entry, append, is_founded
from samehand.errors import NotFoundError, UsageError
from samehand.exchange.drafts import CREDIBILITIES, RELIABILITIES, TLPS, Refused, TipDraft, Tlp
from samehand.exchange.indicators import Indicator, IndicatorKind, tell, told_as
from samehand.exchange.sharing import Collections
from samehand.store import Base, Big, Moment, among, publish, put

__all__ = ["TIP_RETRACTED", "Grade", "Taken", "Tip", "TipMatch", "Tips"]

TIP_RETRACTED: Final = "tip.retracted"
"""The topic of events that say that a tip (`whole`), or some of what it named, was taken back: tip, case, how many, why."""
COUNTS_FOR: Final = timedelta(days=365)
"""So long a tip counts that says no day itself."""
AT_ONCE: Final = 2_000
UNVOUCHED: Final = "a file takes something back only under a source that is given here: --source NAME"
OF_ITSELF: Final = "sender-grade:"
"""A label that keeps the grade which a file gives itself."""


class TipRow(Base):
    """A tip: one list of one source."""

    __tablename__ = "tips"
    __table_args__ = (UniqueConstraint("source", "ref"),)

    tip_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(200))
    ref: Mapped[str] = mapped_column(String(300))
    title: Mapped[str] = mapped_column(String(200))
    form: Mapped[str] = mapped_column(String(20))
    published: Mapped[str | None] = mapped_column(String(10))
    reliability: Mapped[str] = mapped_column(String(1))
    credibility: Mapped[int] = mapped_column(Integer)
    tlp: Mapped[str] = mapped_column(String(12))
    until: Mapped[str] = mapped_column(String(10))
    labels: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Moment)
    received_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Moment)
    retracted_at: Mapped[datetime | None] = mapped_column(Moment)
    why: Mapped[str | None] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(Integer)
    forgotten: Mapped[int] = mapped_column(Integer)


class TipIndicatorRow(Base):
    """What a tip names: `digest` is of all that makes it one row, `what` of the kind, platform and value alone."""

    __tablename__ = "tip_indicators"
    __table_args__ = (UniqueConstraint("tip_id", "digest"),)

    indicator_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.tip_id"))
    digest: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    platform: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    phase: Mapped[int | None] = mapped_column(Integer)
    technique: Mapped[str] = mapped_column(Text)
    procedure: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    seen: Mapped[str | None] = mapped_column(String(10))
    disarm: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
    row: Mapped[int] = mapped_column(Integer)
    until: Mapped[str | None] = mapped_column(String(10))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True, kw_only=True)
class Grade:
    """How a tip is taken in; what is not given is what the file says of itself, else the most careful.

    Attributes:
        source: whose it is; where the file alone says so, it takes nothing back. reliability: of the source, A to F.
            credibility: of what it says, 1 to 6; both are ours to give, and a file that grades itself is F6 with a label.
            until: the day from which it does not count. tlp: whom it may be told; of this and the file's own marking the
            narrower counts.

    """

    source: str = ""
    reliability: str = ""
    credibility: int | None = None
    tlp: Tlp | None = None
    until: date | None = None


@dataclass(frozen=True)
class Tip:
    """A tip as it stands.

    Attributes:
        tip_id, source, ref, title, form, published: which, whose, and how it was written.
        reliability, credibility: after the Admiralty. tlp, until, labels: what its source lets be done with it, and how long.
        received_at, received_by, changed_at: when it came, by whom it was taken in, when it last changed.
        retracted_at, why: when it was taken back; None while it stands. case_id: the case that it opened.
        indicators: how many it names, of which `revoked` were taken back. forgotten: how many were erased.

    """

    tip_id: int
    source: str
    ref: str
    title: str
    form: str
    published: date | None
    reliability: str
    credibility: int
    tlp: Tlp
    until: date
    labels: tuple[str, ...]
    received_at: datetime
    received_by: str
    changed_at: datetime
    retracted_at: datetime | None
    why: str | None
    case_id: int | None
    indicators: int
    revoked: int
    forgotten: int

    def counts(self, day: date) -> bool:
        """Whether it counts on a day: nobody took it back, and its time is not over."""
        return self.retracted_at is None and day < self.until

    def must_count(self, day: date) -> None:
        """Refuse a tip that does not count on a day.

        Raises:
            UsageError: it was taken back, or its time is over; the message says which.

        """
        if not self.counts(day):
            why = f"its time was over on {self.until}" if self.retracted_at is None else "it was taken back"
            raise UsageError(f"tip {self.tip_id} does not count any more: {why}")


@dataclass(frozen=True)
class Taken:
    """What became of a list: read = kept + merged + rejected, in its rows; `revoked` of the known ones were taken back now.

    `changes` says in words what else is not as it was, or as it was asked.
    """

    tip_id: int
    title: str
    new: bool
    read: int
    kept: int
    merged: int
    rejected: int
    revoked: int
    refused: tuple[Refused, ...]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TipMatch:
    """That a tip names something: which tip, and as what."""

    tip: Tip
    indicator: Indicator


class Tips:
    """The tips of a store.

    Args:
        work: casework of the store: its clock, its roster where there is one, its log.

    """

    def __init__(self, work: Casework) -> None:
        self._work = work

    # --- taking in

    def take(self, drafts: Sequence[TipDraft], by: str, grade: Grade) -> list[Taken]:
        """Take lists in, all of them or none.

        Args:
            drafts: as they were read. by: who takes them in. grade: whose they are, and how far they are trusted.

        Raises:
            UsageError: nobody says whose a list is, a grade is none, or `by` may not.

        """
        _check(grade)
        with self._work.store.writing() as session:
            self._allow(session, by)
            return [self._taken(session, one, by, grade) for one in drafts]

    def take_from(self, partner: str, draft: TipDraft, *, tlp: Tlp) -> Taken:
        """Take in what a partner sends by itself, over TAXII; whoever let them send it has answered for that.

        Args:
            partner: the name of their key, which is the source. draft: what they sent. tlp: of the collection they came by.

        """
        with self._work.store.writing() as session:
            # what they send later keeps what they sent before alive
            until = draft.until or (self._work.now() + COUNTS_FOR).date()
            return self._taken(session, draft, f"key {partner}"[:40], Grade(source=partner, tlp=tlp, until=until))

    def _taken(self, session: Session, draft: TipDraft, by: str, grade: Grade) -> Taken:
        source = grade.source or draft.source
        if not 0 < len(source) <= 200:
            raise UsageError(f"{draft.title}: say whose tip it is, in 200 letters at most (--source)")
        at, ref = self._work.now(), draft.ref[:300]
        row = session.scalar(select(TipRow).where(TipRow.source == source, TipRow.ref == ref).with_for_update())
        new = row is None
        if row is None:
            row = self._entered(session, draft, source, ref, by, grade, at)
        known = _digests(session, row.tip_id)
        # a file may name any source: only under one that is given here does it take back what came from there
        vouched = [one for one in draft.indicators if grade.source or not one.revoked]
        refused = draft.refused
        if not grade.source:
            refused += tuple(
                Refused(one.row, UNVOUCHED, one.raw or one.value) for one in draft.indicators if one.revoked
            )
        fresh = [one for one in vouched if _digest(one) not in known]
        put(session, TipIndicatorRow, [_as_row(row.tip_id, one, at) for one in fresh])
        gone = [known[_digest(one)] for one in vouched if one.revoked and known.get(_digest(one))]
        revoked = self._revoke(session, row, [one for one in gone if one], at)
        if fresh or revoked:
            row.changed_at = at
        changes = [] if new else self._restated(session, row, draft, grade, at)
        if len(refused) > len(draft.refused):
            changes.append(f"{len(refused) - len(draft.refused):,} rows that are taken back are left out: {UNVOUCHED}")
        if draft.revoked and row.retracted_at is None and (new or grade.source):
            self._retract(session, row, "Its source took it back.", by, at)
        elif draft.revoked and row.retracted_at is None:
            changes.append(f"the file takes the whole of it back, and it stands all the same: {UNVOUCHED}")
        body = {"tip": row.tip_id, "kept": len(fresh), "revoked": revoked, "changes": changes}
        append(session, at, [Entry("tip.taken", by, body, row.case_id)])
        merged = draft.read - len(refused) - len(fresh)
        return Taken(
            row.tip_id, row.title, new, draft.read, len(fresh), merged, len(refused), revoked, refused,
            tuple(changes),
        )  # fmt: skip

    def _entered(
        self, session: Session, draft: TipDraft, source: str, ref: str, by: str, grade: Grade, at: datetime
    ) -> TipRow:  # fmt: skip
        marks = [one for one in (grade.tlp, draft.tlp) if one] or ["amber"]
        until = grade.until or draft.until or (at + COUNTS_FOR).date()
        row = TipRow(
            source=source, ref=ref, title=draft.title, form=draft.form, received_at=at, received_by=by, changed_at=at,
            published=draft.published.isoformat() if draft.published else None,
            reliability=grade.reliability or "F", credibility=grade.credibility or 6, tlp=max(marks, key=TLPS.index),
            until=until.isoformat(), labels=json.dumps(_labels(draft), ensure_ascii=False), forgotten=0,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row

    def _restated(self, session: Session, row: TipRow, draft: TipDraft, grade: Grade, at: datetime) -> list[str]:
        """Apply what is said anew of a list that is known: a narrower marking, a later end, a grade; what changed, in words."""
        changes = self._narrowed(session, row, draft, grade)
        if row.retracted_at is not None:
            changes.append(f"it was taken back on {row.retracted_at:%Y-%m-%d}, and nothing of it counts")
        until = grade.until or draft.until
        if until is not None and until.isoformat() > row.until:
            changes.append(f"it counts until {until}, not {row.until}")
            row.until = until.isoformat()
        elif row.until <= at.date().isoformat():
            changes.append(
                f"its time was over on {row.until}, and nothing of it is found; --until DAY makes it count again"
            )
        graded = (grade.reliability or row.reliability, grade.credibility or row.credibility)
        if graded != (row.reliability, row.credibility):
            changes.append(f"graded {graded[0]}{graded[1]}, not {row.reliability}{row.credibility}")
            row.reliability, row.credibility = graded
        return changes

    def _narrowed(self, session: Session, row: TipRow, draft: TipDraft, grade: Grade) -> list[str]:
        """Narrow a marking where a narrower one came, and recall what was shared under the wider; it never widens by itself."""
        marks = [one for one in (cast(Tlp, row.tlp), grade.tlp, draft.tlp) if one]
        tlp, before = max(marks, key=TLPS.index), row.tlp
        if tlp == before:
            return []
        row.tlp = tlp
        recalled, marked = Collections(self._work).narrow(session, f"tip {row.tip_id}", tlp)
        row.changed_at = self._work.now()
        shared = f"; {recalled:,} objects that were shared of it are taken back" if recalled else ""
        shared += f"; {marked:,} objects that were shared of it are marked anew" if marked else ""
        return [f"it is marked TLP:{tlp.upper()} now, not TLP:{before.upper()}{shared}"]

    def _revoke(self, session: Session, row: TipRow, ids: Sequence[int], at: datetime) -> int:
        if not ids:
            return 0
        session.execute(
            update(TipIndicatorRow).where(among(session, TipIndicatorRow.indicator_id, list(ids))).values(revoked_at=at)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        self._tell(session, row, len(ids), "Its source took some of it back.", at, whole=False)
        return len(ids)

    # --- taking back

    def retract(self, tip_id: int, why: str, by: str) -> Tip:
        """Take a tip back: it is found no more, opens no case, and its own case is told.

        Raises:
            NotFoundError: there is none. UsageError: it is taken back already, there is no reason, or `by` may not.

        """
        if not why.strip():
            raise UsageError("say why the tip is taken back")
        with self._work.store.writing() as session:
            self._allow(session, by)
            row = _row(session, tip_id, for_update=True)
            if row.retracted_at is not None:
                raise UsageError(f"tip {tip_id} was taken back on {row.retracted_at:%Y-%m-%d} already")
            self._retract(session, row, why, by, self._work.now())
            return _read(session, row)

    def _retract(self, session: Session, row: TipRow, why: str, by: str, at: datetime) -> None:
        row.retracted_at, row.why, row.changed_at = at, why, at
        append(session, at, [Entry("tip.retracted", by, {"tip": row.tip_id}, row.case_id)])
        named = session.scalar(select(func.count()).where(TipIndicatorRow.tip_id == row.tip_id)) or 0
        self._tell(session, row, named, why, at, whole=True)
        if row.case_id is not None and is_founded(session):
            note = self._work.noted(session, row.case_id, f"Tip {row.tip_id} was taken back: {why}", by)
            append(session, at, [note])

    def _tell(self, session: Session, row: TipRow, count: int, why: str, at: datetime, *, whole: bool) -> None:
        body = {"tip": row.tip_id, "case": row.case_id, "indicators": count, "why": why, "whole": whole}
        publish(session, TIP_RETRACTED, at, body)

    def forget(self, before: date, by: str) -> int:
        """Erase what tips name whose time was over, or that were taken back, before a day; their heads and counts stay.

        Returns:
            How many indicators were erased.

        """
        with self._work.store.writing() as session:
            self._allow(session, by)
            at, erased = self._work.now(), 0
            for row in session.scalars(select(TipRow).order_by(TipRow.tip_id)).all():
                over = row.until < before.isoformat()
                taken_back = row.retracted_at is not None and row.retracted_at.date() < before
                if not over and not taken_back:
                    continue
                gone = session.execute(delete(TipIndicatorRow).where(TipIndicatorRow.tip_id == row.tip_id))
                count = gone.rowcount  # type: ignore[attr-defined]
                row.forgotten += count
                erased += count
                if count:
                    append(session, at, [Entry("tip.forgotten", by, {"tip": row.tip_id, "indicators": count})])
            return erased

    # --- a case

    def open_case(self, tip_id: int, by: str) -> int:
        """Open a case from a tip; its number.

        Raises:
            NotFoundError: there is no such tip. UsageError: it has a case, was taken back, its time is over, or `by` may not.

        """
        with self._work.store.writing() as session:
            self._work.roster(session).allow(by, "work")
            row = _row(session, tip_id, for_update=True)
            tip = _read(session, row)
            if row.case_id is not None:
                raise UsageError(f"tip {tip_id} opened case {row.case_id} already")
            if not tip.counts(self._work.now().date()):
                raise UsageError(f"tip {tip_id} does not count: it was taken back, or its time was over on {row.until}")
            case = self._work.opened(session, row.title, by, origin="tip", origin_ref=f"tip {tip_id}", harm="medium")
            row.case_id = case.case_id
            graded = f"{row.reliability}{row.credibility}"
            said = f"From tip {tip_id} of {row.source}, graded {graded}, TLP:{row.tlp.upper()}: a lead, which proves nothing."
            append(session, self._work.now(), [self._work.noted(session, case.case_id, said, by)])
            return case.case_id

    # --- looking

    def all(self) -> list[Tip]:
        """Every tip, the newest first."""
        with self._work.store.reading() as session:
            rows = session.scalars(select(TipRow).order_by(TipRow.tip_id.desc())).all()
            return [_read(session, row) for row in rows]

    def tip(self, tip_id: int) -> Tip:
        """A tip by its number.

        Raises:
            NotFoundError: there is none.

        """
        with self._work.store.reading() as session:
            return _read(session, _row(session, tip_id))

    def indicators(self, tip_id: int) -> Iterator[Indicator]:
        """What a tip names, in the order in which it came, those that were taken back, too."""
        with self._work.store.reading() as session:
            _row(session, tip_id)
            chosen = (
                select(TipIndicatorRow).where(TipIndicatorRow.tip_id == tip_id).order_by(TipIndicatorRow.indicator_id)
            )
            yield from (_indicator(row) for row in session.execute(chosen).yield_per(AT_ONCE).scalars())

    def draft(self, tip_id: int) -> tuple[Tip, TipDraft]:
        """A tip, and the same as a list to be handed on."""
        tip, found = self.tip(tip_id), tuple(self.indicators(tip_id))
        return tip, TipDraft(
            ref=tip.ref, title=tip.title, form=tip.form, indicators=found, read=len(found), published=tip.published,
            source=tip.source, reliability=tip.reliability, credibility=tip.credibility, tlp=tip.tlp, until=tip.until,
            labels=tip.labels, revoked=tip.retracted_at is not None,
        )  # fmt: skip

    def find(self, value: str, platform: str = "") -> list[TipMatch]:
        """Tips that count and name something, the newest first.

        Args:
            value: as it is written anywhere, defanged or not. platform: of an account's bare name.

        """
        told = tell(value)
        if platform and told.kind != "account" and "://" not in value:
            told = told_as("account", value.strip(), platform)
        what = _what(told.kind, told.platform, told.value)
        day = self._work.now().date()
        with self._work.store.reading() as session:
            rows = session.scalars(
                select(TipIndicatorRow).where(TipIndicatorRow.what == what, TipIndicatorRow.revoked_at.is_(None))
                .order_by(TipIndicatorRow.tip_id.desc(), TipIndicatorRow.indicator_id)
            ).all()  # fmt: skip
            found = [TipMatch(_read(session, _row(session, row.tip_id)), _indicator(row)) for row in rows]
        return [
            one for one in found if one.tip.counts(day) and (one.indicator.until is None or day < one.indicator.until)
        ]

    def _allow(self, session: Session, by: str) -> None:
        if is_founded(session):
            self._work.roster(session).allow(by, "work")


def _labels(draft: TipDraft) -> list[str]:
    """What its source calls it, and how it grades itself: of that only a label is kept, for nobody vouches for oneself."""
    said = (
        f"{OF_ITSELF}{draft.reliability or 'F'}{draft.credibility or 6}"
        if draft.reliability or draft.credibility
        else ""
    )
    return [one for one in draft.labels if not (said and one.startswith(OF_ITSELF))] + ([said] if said else [])


def _check(grade: Grade) -> None:
    if grade.reliability and grade.reliability not in RELIABILITIES:
        raise UsageError(
            f"a source is reliable from {RELIABILITIES[0]} to {RELIABILITIES[-1]}, not {grade.reliability}"
        )
    if grade.credibility is not None and grade.credibility not in CREDIBILITIES:
        raise UsageError(f"what it says is credible from 1 to 6, not {grade.credibility}")


def _row(session: Session, tip_id: int, *, for_update: bool = False) -> TipRow:
    row = session.get(TipRow, tip_id, with_for_update=for_update) if 0 < tip_id < 1 << 31 else None
    if row is None:
        raise NotFoundError(f"there is no tip {tip_id}; `samehand tip list` shows those there are")
    return row


def _digests(session: Session, tip_id: int) -> dict[str, int | None]:
    """What a tip names already, by digest: its number while it stands, None once it was taken back."""
    chosen = select(TipIndicatorRow.digest, TipIndicatorRow.indicator_id, TipIndicatorRow.revoked_at)
    return {
        digest: number if revoked is None else None
        for digest, number, revoked in session.execute(chosen.where(TipIndicatorRow.tip_id == tip_id))
    }


def _sha(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _digest(one: Indicator) -> str:
    return _sha(*one.key)


def _what(kind: str, platform: str, value: str) -> str:
    return _sha(kind, platform, value)


def _as_row(tip_id: int, one: Indicator, at: datetime) -> dict[str, Any]:
    return {
        "tip_id": tip_id, "digest": _digest(one), "what": _what(one.kind, one.platform, one.value), "kind": one.kind,
        "platform": one.platform, "value": one.value, "phase": one.phase, "technique": one.technique,
        "procedure": one.procedure, "comment": one.comment, "seen": one.seen.isoformat() if one.seen else None,
        "disarm": " ".join(one.disarm), "raw": one.raw, "row": one.row,
        "until": one.until.isoformat() if one.until else None, "revoked_at": at if one.revoked else None,
    }  # fmt: skip


def _indicator(row: TipIndicatorRow) -> Indicator:
    return Indicator(
        kind=cast(IndicatorKind, row.kind), value=row.value, platform=row.platform, phase=row.phase, technique=row.technique,
        procedure=row.procedure, comment=row.comment, seen=_day(row.seen), disarm=tuple(row.disarm.split()), raw=row.raw,
        row=row.row, until=_day(row.until), revoked=row.revoked_at is not None,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _read(session: Session, row: TipRow) -> Tip:
    named, revoked = session.execute(
        select(func.count(), func.count(TipIndicatorRow.revoked_at)).where(TipIndicatorRow.tip_id == row.tip_id)
    ).one()  # fmt: skip
    return Tip(
        row.tip_id, row.source, row.ref, row.title, row.form, _day(row.published), row.reliability, row.credibility,
        cast(Tlp, row.tlp), date.fromisoformat(row.until), tuple(json.loads(row.labels)), row.received_at, row.received_by,
        row.changed_at, row.retracted_at, row.why, row.case_id, named, revoked, row.forgotten,
    )  # fmt: skip
