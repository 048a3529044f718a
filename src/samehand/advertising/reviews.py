"""A person's reasoned decision about an advertiser that the gate sent to them: used again, and open again when facts change.

A review is of one advertiser under one policy. It counts until its last day, and as long as what the gate knows of the matter
is what the person saw: another entity, answer, citation, owner, rule or way by which the advertiser was found opens it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from sqlalchemy import Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from samehand.advertising.gate import AdDecision, Gate
from samehand.advertising.permission import Allowed, whoever
from samehand.advertising.resolution import Advertiser
from samehand.advertising.spelling import folded
from samehand.errors import NotFoundError, UsageError
from samehand.store import Base, Moment, Store

__all__ = ["AdReview", "AdReviews", "Reviewed"]

Reviewed = Literal["allow", "block"]
LONGEST_DAYS: Final = 366
LONGEST_WHY: Final = 4_000
IDENTITY: Final = ("legal_name", "payer", "beneficiary", "agency", "page_name")


class AdReviewRow(Base):
    """A review: what somebody decided of an advertiser, why, until when, and what they saw."""

    __tablename__ = "ad_reviews"

    review_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    advertiser: Mapped[str] = mapped_column(String(64), index=True)
    advertiser_id: Mapped[str] = mapped_column(Text)
    policy: Mapped[str] = mapped_column(String(60))
    entity_id: Mapped[str] = mapped_column(String(80))
    facts: Mapped[str] = mapped_column(String(64))
    decision: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True)
class AdReview:
    """A review as it is held.

    Attributes:
        review_id, advertiser_id, policy, entity_id: its number, of whom, under which pack, and whom the ad was taken to be for.
        decision, why, by, at: what somebody decided. until: the moment at which it ends.

    """

    review_id: int
    advertiser_id: str
    policy: str
    entity_id: str
    decision: Reviewed
    why: str
    by: str
    at: datetime
    until: datetime


class AdReviews:
    """Reviews of a store.

    Args:
        store: that holds them. now: the clock.

    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    def record(
        self, who: Advertiser, gate: Gate, decision: Reviewed, why: str, by: str, *, days: int = 180,
        allowed: Allowed = whoever,
    ) -> AdReview:  # fmt: skip
        """Decide about an advertiser that the gate sends to a person.

        Args:
            who: the advertiser. gate: of the policy and day. decision: allow or block. why: the reason, in their own words.
            by: who decides. days: after which it ends, 366 at most. allowed: raises where `by` may not.

        Raises:
            UsageError: the gate decides by itself, there is no reason, or the days are none.

        """
        done = gate.decide(who)
        if done.decision != "review":
            raise UsageError(f"there is nothing to review: the gate says {done.decision}, on the ground {done.ground}")
        if decision not in get_args(Reviewed):
            raise UsageError(f"a review ends with {' or '.join(get_args(Reviewed))}, not {decision}")
        if not why.strip() or len(why) > LONGEST_WHY:
            raise UsageError(f"say why, in {LONGEST_WHY:,} letters at most")
        if not 1 <= days <= LONGEST_DAYS:
            raise UsageError(f"a review counts for 1 to {LONGEST_DAYS} days")
        with self._store.writing() as session:
            allowed(session, by)
            at = self._now()
            row = AdReviewRow(
                advertiser=_identity(who), advertiser_id=who.advertiser_id, policy=done.policy, entity_id=done.entity_id or "",
                facts=_facts(done), decision=decision, why=why, by=by, at=at, until=at + timedelta(days=days),
            )  # fmt: skip
            session.add(row)
            session.flush()
            return _read(row)

    def end(self, review_id: int, by: str, *, allowed: Allowed = whoever) -> AdReview:
        """End a review now; it stays on record.

        Raises:
            NotFoundError: there is none.

        """
        with self._store.writing() as session:
            allowed(session, by)
            row = session.get(AdReviewRow, review_id)
            if row is None:
                raise NotFoundError(f"there is no review {review_id}")
            row.until = min(row.until, self._now())
            return _read(row)

    def held(self, *, also_ended: bool = False) -> list[AdReview]:
        """The reviews that count, the oldest first; those that ended, too."""
        with self._store.reading() as session:
            rows = session.scalars(select(AdReviewRow).order_by(AdReviewRow.review_id)).all()
        return [_read(row) for row in rows if also_ended or row.until > self._now()]

    def decide(self, who: Advertiser, gate: Gate) -> AdDecision:
        """What the gate says, or what a person said of it when they saw the same.

        A review is asked for only where the gate sends to a person; the newest that counts decides.
        """
        done = gate.decide(who)
        if done.decision != "review":
            return done
        with self._store.reading() as session:
            rows = session.scalars(
                select(AdReviewRow)
                .where(AdReviewRow.advertiser == _identity(who), AdReviewRow.policy == done.policy)
                .order_by(AdReviewRow.review_id.desc())
            ).all()  # fmt: skip
        counting = [row for row in rows if row.until > self._now()]
        if not counting:
            return done
        newest = counting[0]
        if newest.facts != _facts(done):
            said = (
                f"{done.message} A person decided about this on {newest.at:%Y-%m-%d}; what is known has changed since."
            )
            return replace(done, ground="reopened", message=said)
        found: Reviewed = "allow" if newest.decision == "allow" else "block"
        said = f"{done.message} A person looked at it on {newest.at:%Y-%m-%d}, and decided: {found}."
        return replace(done, decision=found, ground="reviewed", message=said, until=_last_day(newest.until))


def _last_day(until: datetime) -> date:
    return (until - timedelta(microseconds=1)).date()


def _identity(who: Advertiser) -> str:
    """Whom a review is of: the platform's id, with what the advertiser says of itself, so that a new payer is somebody new."""
    names = [folded(getattr(who, name)) for name in IDENTITY]
    where = [
        who.platform.strip().lower(),
        who.advertiser_id,
        who.handle.strip().lower(),
        who.registration,
        who.country.strip().upper(),
    ]
    landing = who.landing_url.split("?")[0].strip().lower()
    return hashlib.sha256(json.dumps([*names, *where, landing], ensure_ascii=False).encode()).hexdigest()


def _facts(done: AdDecision) -> str:
    """What the gate knew of a matter."""
    cited = sorted((one.source, one.title, one.states, one.read) for one in done.citations)
    known = [done.entity_id, done.code, done.ground, done.matched_by, done.path, cited]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


def _read(row: AdReviewRow) -> AdReview:
    decision: Reviewed = "allow" if row.decision == "allow" else "block"
    return AdReview(
        row.review_id, row.advertiser_id, row.policy, row.entity_id, decision, row.why, row.by, row.at, row.until
    )  # fmt: skip
