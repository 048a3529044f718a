"""A person's reasoned decision about an advertiser that the gate sent to them: used again, and open again when facts change.

A review is of one advertiser, by the platform's id, under one policy. It counts until its last day, and as long as what the
gate knows and what the advertiser says of itself are what the person saw: another name, payer, domain, entity, answer,
citation, owner, rule or way by which the advertiser was found opens it again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from sqlalchemy import Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from samehand.advertising.countries import country_code
from samehand.advertising.gate import AdDecision, Gate, Transition
from samehand.advertising.landing import handle_as_held, landing_of, platform_as_held
from samehand.advertising.permission import ANYBODY, AdOffice
from samehand.advertising.resolution import Advertiser
from samehand.advertising.spelling import folded
from samehand.errors import NotFoundError, UsageError
from samehand.store import Base, Moment, Store
from samehand.traces import registered_domain

__all__ = ["AdReview", "AdReviews", "Reviewed"]

Reviewed = Literal["allow", "block"]
LONGEST_DAYS: Final = 366
LONGEST_WHY: Final = 4_000
TO_BE_LOOKED_AT: Final = re.compile(
    r"(?:A name alone decides nothing; a|That alone decides nothing; a|A) person looks at [^.]*\."
)
"""What the gate says where it sends to a person, which is not so any more once one has looked."""
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
        office: AdOffice = ANYBODY,
    ) -> AdReview:  # fmt: skip
        """Decide about an advertiser that the gate sends to a person.

        Args:
            who: the advertiser. gate: of the policy and day. decision: allow or block. why: the reason, in their own words.
            by: who decides. days: after which it ends, 366 at most. office: that knows who may.

        Raises:
            UsageError: the gate decides by itself, there is no reason, the days are none, or the advertiser bears no id, by
                which alone they are known again.

        """
        if not who.advertiser_id.strip():
            raise UsageError(
                "a review is of an advertiser with an id of the platform; whoever bears a name may be anybody"
            )
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
            office.allow(session, by)
            at = self._now()
            row = AdReviewRow(
                advertiser=_identity(who), advertiser_id=who.advertiser_id, policy=done.policy, entity_id=done.entity_id or "",
                facts=_facts(who, done), decision=decision, why=why, by=by, at=at, until=at + timedelta(days=days),
            )  # fmt: skip
            session.add(row)
            session.flush()
            told = hashlib.sha256(why.encode()).hexdigest()
            body = {
                "review": row.review_id,
                "decision": decision,
                "policy": done.policy,
                "facts": row.facts,
                "why": told,
            }
            office.enter(session, by, body)
            return _read(row)

    def end(self, review_id: int, by: str, *, office: AdOffice = ANYBODY) -> AdReview:
        """End a review now; it stays on record.

        Raises:
            NotFoundError: there is none.

        """
        with self._store.writing() as session:
            office.allow(session, by)
            row = session.get(AdReviewRow, review_id)
            if row is None:
                raise NotFoundError(f"there is no review {review_id}")
            row.until = min(row.until, self._now())
            office.enter(session, by, {"review": review_id})
            return _read(row)

    def held(self, *, also_ended: bool = False) -> list[AdReview]:
        """The reviews that count, the oldest first: of an advertiser under a policy the newest; or all of them."""
        with self._store.reading() as session:
            rows = session.scalars(select(AdReviewRow).order_by(AdReviewRow.review_id)).all()
        newest = {(row.advertiser, row.policy): row.review_id for row in rows if row.until > self._now()}
        return [_read(row) for row in rows if also_ended or newest.get((row.advertiser, row.policy)) == row.review_id]

    def decide(self, who: Advertiser, gate: Gate, ran: Transition | None = None) -> AdDecision:
        """What the gate says, or what a person said of it when they saw the same.

        A review is asked for only where the gate sends to a person; the newest that counts decides.

        Args:
            who: the advertiser. gate: of the policy and day. ran: of a campaign that ran before the policy, if it did.

        """
        done = gate.decide(who, ran)
        if done.decision != "review" or not who.advertiser_id.strip():
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
        if newest.facts != _facts(who, done):
            said = (
                f"{done.message} A person decided about this on {newest.at:%Y-%m-%d}; what is known has changed since."
            )
            return replace(done, ground="reopened", message=said)
        found: Reviewed = "allow" if newest.decision == "allow" else "block"
        looked = f"A person looked at it on {newest.at:%Y-%m-%d}, and decided: {found}."
        said, count = TO_BE_LOOKED_AT.subn(looked, done.message, count=1)
        said = said if count else f"{looked} {done.message}"
        return replace(done, decision=found, ground="reviewed", message=said, until=_last_day(newest.until))


def _last_day(until: datetime) -> date:
    return (until - timedelta(microseconds=1)).date()


def _identity(who: Advertiser) -> str:
    """Whom a review is of: whoever the platform knows by that id."""
    known = [platform_as_held(who.platform), who.advertiser_id.strip()]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


def _facts(who: Advertiser, done: AdDecision) -> str:
    """What the gate knew of a matter, and what the advertiser said of itself; another of it opens a review again.

    Of a link the registered domain counts, of a country its code: another page or spelling is no news.
    """
    landing = landing_of(who.landing_url)
    said = [folded(getattr(who, name)) for name in IDENTITY]
    said += [
        handle_as_held(who.platform, who.handle)[1], who.registration.strip(),
        country_code(who.country) or who.country.strip().upper(),
        "" if landing is None else registered_domain(landing.host) or landing.host,
    ]  # fmt: skip
    cited = sorted((one.source, one.title, one.states, one.read) for one in done.citations)
    known = [said, done.entity_id, done.code, done.ground, done.matched_by, done.path, cited]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


def _read(row: AdReviewRow) -> AdReview:
    decision: Reviewed = "allow" if row.decision == "allow" else "block"
    return AdReview(
        row.review_id, row.advertiser_id, row.policy, row.entity_id, decision, row.why, row.by, row.at, row.until
    )  # fmt: skip
