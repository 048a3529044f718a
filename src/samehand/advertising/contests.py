"""An outlet contests what the registry says of it; a second person decides; what follows is a new assessment with its own day.

Nothing is written over: the assessment that was held is withdrawn on the day of the decision and stays, so that what was held
before can still be asked for. Whoever decides is not who took the contest in. The correction is an event in the same
transaction, and the ads that were decided about on what is corrected are listed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.advertising.facts import Assessment, Entity, Span
from samehand.advertising.files import parse_assessments
from samehand.advertising.linting import spans_overlap
from samehand.advertising.permission import ANYBODY, AdOffice
from samehand.advertising.registry import Registry
from samehand.advertising.repository import AdRepository, AdSearch, AdVersion
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.store import Base, Moment, Store, publish

__all__ = ["AD_CORRECTION", "AdContest", "AdContests", "AdRuling"]

AdRuling = Literal["upheld", "refused"]
AD_CORRECTION: Final = "ads.correction"
"""The topic of events that say that an assessment was corrected: entity, contest, days and codes before and after."""
LONGEST: Final = 64 * 1024


class AdContestRow(Base):
    """What somebody said against an assessment, and what a second person made of it."""

    __tablename__ = "ad_contests"

    contest_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    entity_id: Mapped[str] = mapped_column(String(80), index=True)
    said: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Moment)
    received_by: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    why: Mapped[str | None] = mapped_column(Text)
    assessments: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class AdContest:
    """A contest as it stands.

    Attributes:
        contest_id, entity_id: its number, and of whom. said: by the outlet, with its evidence. received_at, received_by: when,
            by whom.
        state: waiting, upheld or refused. decided_at, decided_by, why: the answer; None while it waits.

    """

    contest_id: int
    entity_id: str
    said: str
    received_at: datetime
    received_by: str
    state: str
    decided_at: datetime | None
    decided_by: str | None
    why: str | None


class AdContests:
    """Contests of a store.

    Args:
        store: that holds them. registry: as its files have it. now: the clock.

    """

    def __init__(self, store: Store, registry: Registry, now: Callable[[], datetime]) -> None:
        self._store, self._registry, self._now = store, registry, now

    def receive(self, entity_id: str, said: str, by: str, *, office: AdOffice = ANYBODY) -> AdContest:
        """Take in what an outlet says against its assessment.

        Raises:
            NotFoundError: the registry has no such entity. UsageError: nothing is said, or more than 64 KiB, or one waits.

        """
        self._registry.entity(entity_id)
        if not said.strip() or len(said.encode()) > LONGEST:
            raise UsageError("a contest says what is wrong, and why, in 64 KiB at most")
        with self._store.writing() as session:
            office.allow(session, by)
            waits = (AdContestRow.entity_id == entity_id) & (AdContestRow.state == "waiting")
            waiting = session.scalar(select(AdContestRow.contest_id).where(waits))
            if waiting is not None:
                raise UsageError(f"contest {waiting} of {entity_id} waits already")
            row = AdContestRow(
                entity_id=entity_id, said=said, received_at=self._now(), received_by=by, state="waiting"
            )  # fmt: skip
            session.add(row)
            session.flush()
            office.enter(session, by, {"contest": row.contest_id, "entity": entity_id, "said": _sha(said)})
            return _read(row)

    def decide(
        self, contest_id: int, ruling: AdRuling, why: str, by: str, *, assessments: str | None = None,
        office: AdOffice = ANYBODY,
    ) -> AdContest:  # fmt: skip
        """Answer a contest; one that is upheld comes with the assessments that hold from now on.

        Args:
            contest_id: the contest. ruling: upheld or refused. why: in the decider's own words. by: who decides.
            assessments: TOML with `[[assessments]]` and `[[citations]]`, as in a file of the registry. office: that knows who
                may.

        Raises:
            NotFoundError: there is none. UsageError: it has its answer, `by` took it in, there is no reason, or an assessment
            is missing or not wanted. FormatError: the assessments are not sound.

        """
        if ruling not in get_args(AdRuling):
            raise UsageError(f"a contest is {' or '.join(get_args(AdRuling))}, not {ruling}")
        if not why.strip():
            raise UsageError("say why: the outlet wants to know")
        if (ruling == "upheld") != (assessments is not None):
            raise UsageError("an upheld contest comes with a new assessment, and a refused one without")
        with self._store.writing() as session:
            office.allow(session, by)
            row = session.get(AdContestRow, contest_id, with_for_update=True)
            if row is None:
                raise NotFoundError(f"there is no contest {contest_id}")
            if row.state != "waiting":
                raise UsageError(f"contest {contest_id} is {row.state}, by {row.decided_by}")
            if row.received_by.strip().casefold() == by.strip().casefold():
                raise UsageError("whoever took a contest in does not decide it; another person does")
            at, before = self._now(), self._amended(session, row.entity_id)
            row.state, row.decided_at, row.decided_by, row.why = ruling, at, by, why
            if assessments is not None:
                new = parse_assessments(assessments, f"contest {contest_id}", at.date())
                _sound(_with(before, new, at.date()), new)
                row.assessments = assessments
                publish(session, AD_CORRECTION, at, _correction(row, before, new, at.date()))
            body = {"contest": contest_id, "entity": row.entity_id, "ruling": ruling, "why": _sha(why)}
            office.enter(session, by, body | ({"assessments": _sha(assessments)} if assessments else {}))
            return _read(row)

    def waiting(self, *, also_answered: bool = False) -> list[AdContest]:
        """Those that nobody has answered, the oldest first; those too that have an answer, if that is asked."""
        chosen = select(AdContestRow).order_by(AdContestRow.contest_id)
        with self._store.reading() as session:
            rows = session.scalars(chosen if also_answered else chosen.where(AdContestRow.state == "waiting"))
            return [_read(row) for row in rows.all()]

    def contest(self, contest_id: int) -> AdContest:
        """A contest by its number.

        Raises:
            NotFoundError: there is none.

        """
        with self._store.reading() as session:
            row = session.get(AdContestRow, contest_id)
            if row is None:
                raise NotFoundError(f"there is no contest {contest_id}")
            return _read(row)

    def registry(self) -> Registry:
        """The registry with what was upheld: old assessments withdrawn on the day of the answer, new ones recorded on it."""
        with self._store.reading() as session:
            touched = set(session.scalars(select(AdContestRow.entity_id).where(AdContestRow.state == "upheld")))
            amended = {one: self._amended(session, one) for one in touched if one in self._registry.entities}
        return Registry([amended.get(one.entity_id, one) for one in self._registry])

    def upheld(self) -> int:
        """How many were upheld so far: whoever holds what `registry` gave asks whether it is still that."""
        with self._store.reading() as session:
            return session.scalar(select(func.count()).where(AdContestRow.state == "upheld")) or 0

    def affected(self, contest_id: int) -> list[AdVersion]:
        """Ads that were decided about before an upheld contest, for its entity or by way of it: to be looked at again.

        An ad that was decided about anew since is none.

        Raises:
            NotFoundError: there is no such contest.

        """
        with self._store.reading() as session:
            row = session.get(AdContestRow, contest_id)
            if row is None:
                raise NotFoundError(f"there is no contest {contest_id}")
            entity_id, upheld, decided_at = row.entity_id, row.state == "upheld", row.decided_at
        if not upheld or decided_at is None:
            return []
        return [
            one
            for one in AdRepository(self._store, self._now).all(AdSearch(about=entity_id))
            if one.record.decision and (one.record.decided_at or one.recorded_at) <= decided_at
        ]

    def _amended(self, session: Session, entity_id: str) -> Entity:
        """An entity with what was upheld of it so far."""
        entity = self._registry.entity(entity_id)
        upheld = (
            (AdContestRow.entity_id == entity_id)
            & (AdContestRow.state == "upheld")
            & AdContestRow.assessments.is_not(None)
        )
        for row in session.scalars(select(AdContestRow).where(upheld).order_by(AdContestRow.decided_at)).all():
            assert row.decided_at is not None
            on = row.decided_at.date()
            entity = _with(entity, parse_assessments(row.assessments or "", f"contest {row.contest_id}", on), on)
        return entity


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sound(entity: Entity, new: Sequence[Assessment]) -> None:
    """Hold what is to be upheld against what is asked of a file of the registry.

    Raises:
        FormatError: an answer has no citation, or two of the assessments are about one day.

    """
    for k, one in enumerate(new):
        for question, answer in one.answers.items():
            if answer.value in ("yes", "no") and not answer.citations:
                raise FormatError(f"{entity.entity_id}: the answer '{answer.value}' to {question} bears no citation")
        if any(_same_days(one, other) for other in new[:k]):
            raise FormatError(f"{entity.entity_id}: two of the new assessments are about one day; which of them holds?")


def _with(entity: Entity, new: Iterable[Assessment], on: date) -> Entity:
    """An entity with new assessments: those held about the same days are withdrawn, and held anew for the other days."""
    held = list(entity.assessments)
    for one in new:
        rest: list[Assessment] = []
        for old in held:
            if old.span.is_known(on) and _same_days(old, one):
                rest += [replace(old, span=replace(old.span, withdrawn=on)), *_other_days(old, one, on)]
            else:
                rest.append(old)
        held = [*rest, one]
    return replace(entity, assessments=tuple(held))


def _other_days(old: Assessment, new: Assessment, on: date) -> list[Assessment]:
    """What an assessment says of days before and after those that a new one is about."""
    before = new.span.since is not None and (old.span.since is None or old.span.since < new.span.since)
    after = new.span.until is not None and (old.span.until is None or old.span.until > new.span.until)
    pieces = []
    if before:
        pieces.append(replace(old, span=Span(old.span.since, new.span.since, on)))
    if after:
        pieces.append(replace(old, span=Span(new.span.until, old.span.until, on)))
    return pieces


def _same_days(one: Assessment, other: Assessment) -> bool:
    """Whether two assessments are about one day, whenever they are held."""
    always = Span(None, None, date.min)
    return spans_overlap(
        replace(always, since=one.span.since, until=one.span.until),
        replace(always, since=other.span.since, until=other.span.until),
    )


def _correction(row: AdContestRow, entity: Entity, new: Iterable[Assessment], on: date) -> dict[str, Any]:
    def told(one: Assessment) -> dict[str, Any]:
        return {
            "from": one.span.since.isoformat() if one.span.since else None,
            "until": one.span.until.isoformat() if one.span.until else None, "code": one.code,
        }  # fmt: skip

    added = tuple(new)
    before = [
        one for one in entity.assessments if one.span.is_known(on) and any(_same_days(one, other) for other in added)
    ]
    return {
        "contest": row.contest_id, "entity": row.entity_id, "before": [told(one) for one in before],
        "after": [told(one) for one in added],
    }  # fmt: skip


def _read(row: AdContestRow) -> AdContest:
    return AdContest(
        row.contest_id, row.entity_id, row.said, row.received_at, row.received_by, row.state, row.decided_at, row.decided_by,
        row.why,
    )  # fmt: skip
