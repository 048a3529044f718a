"""The ad repository: every ad with what was decided of it, in versions that nobody changes, found again and handed out in bulk.

What a record holds is what Regulation (EU) 2022/2065, art. 39(2) asks for: the content, on whose behalf and who paid, the
period, the targeting with what it leaves out, and how many it reached. Of an ad that was removed the version that says so
leaves content, payer and beneficiary out and gives the reason (art. 39(3)); the versions before it stay. Nothing is ever
deleted: an account that is suspended leaves its ads here. Each version bears the hash of the one before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, Float, Index, Integer, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.advertising.ad_record import (
    AdRecord,
    AdStatus,
    ad_from_text,
    ad_text,
    check_ad,
    search_columns,
    tells_the_same,
    with_decision,
    without_content,
)
from samehand.advertising.permission import ANYBODY, AdOffice
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.store import Base, Big, Moment, Store, among, micros, put

__all__ = [
    "AdRepository", "AdSearch", "AdTotal", "AdVersion", "Recorded", "Totalled",
]  # fmt: skip

AT_ONCE: Final = 2_000
Totalled = Literal["advertiser", "payer", "country", "currency", "month", "status", "decision", "entity"]


class AdVersionRow(Base):
    """A version of an ad, never changed; the columns beside `body` are what is searched."""

    __tablename__ = "ad_versions"
    __table_args__ = (
        UniqueConstraint("platform", "ad_id", "version"),
        Index("ix_ad_versions_advertiser", "platform", "advertiser_id"),
        Index("ix_ad_versions_entity", "entity_id"),
        Index("ix_ad_versions_shown", "first_shown"),
    )

    version_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    platform: Mapped[str] = mapped_column(String(40))
    ad_id: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    advertiser_id: Mapped[str] = mapped_column(Text)
    advertiser: Mapped[str] = mapped_column(Text)
    payer: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    decision: Mapped[str] = mapped_column(String(10))
    entity_id: Mapped[str] = mapped_column(String(80))
    countries: Mapped[str] = mapped_column(Text)
    first_shown: Mapped[datetime | None] = mapped_column(Moment)
    last_shown: Mapped[datetime | None] = mapped_column(Moment)
    currency: Mapped[str] = mapped_column(String(10))
    spend_min: Mapped[float | None] = mapped_column(Float)
    spend_max: Mapped[float | None] = mapped_column(Float)
    impressions_min: Mapped[int | None] = mapped_column(Big)
    impressions_max: Mapped[int | None] = mapped_column(Big)
    reach: Mapped[int | None] = mapped_column(Big)
    about: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AdHeadRow(Base):
    """The newest version of each ad: an index, which can be made anew from the versions."""

    __tablename__ = "ad_heads"

    platform: Mapped[str] = mapped_column(String(40), primary_key=True)
    ad_id: Mapped[str] = mapped_column(Text, primary_key=True)
    version_id: Mapped[int] = mapped_column(Big, index=True)


@dataclass(frozen=True)
class AdVersion:
    """A version of an ad: its number (from 1), when it was recorded, the record, and its hash."""

    version_id: int
    version: int
    recorded_at: datetime
    record: AdRecord
    hash: str


@dataclass(frozen=True)
class Recorded:
    """What became of records: new ads, new versions of known ones, and those that were no news; read is their sum."""

    read: int
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, kw_only=True)
class AdSearch:
    """What ads are looked for by; what is None is not asked.

    Attributes:
        words: all of them stand in the text, the advertiser's, payer's or page's name, whatever their case.
        platform, advertiser_id, payer, entity_id, status, decision, currency: the same. country: it was shown there.
        about: an entity for which, or by way of which, it was decided about.
        shown_from, shown_until: it was shown at some time from the first until before the second.
        least_spend: it cost so much or more, in `currency`.

    """

    words: str | None = None
    platform: str | None = None
    advertiser_id: str | None = None
    payer: str | None = None
    entity_id: str | None = None
    about: str | None = None
    status: AdStatus | None = None
    decision: str | None = None
    country: str | None = None
    currency: str | None = None
    shown_from: datetime | None = None
    shown_until: datetime | None = None
    least_spend: float | None = None


@dataclass(frozen=True)
class AdTotal:
    """Of one group in one currency: ads, what was spent at least and at most, impressions at least and at most, and reach.

    Sums are over ads that tell; `told_spend` and `told_reach` say how many do. Whom several ads reached counts several times.
    """

    group: str
    currency: str
    ads: int
    spend_min: float
    spend_max: float
    told_spend: int
    impressions_min: int
    impressions_max: int
    reach: int
    told_reach: int


class AdRepository:
    """Ads of a store.

    Args:
        store: that holds them. now: the clock.

    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self.store, self._now = store, now

    # --- taking in

    def record(self, records: Iterable[AdRecord], *, decided: bool = False) -> Recorded:
        """Keep ads: a new one as its first version, a known one as a new version where anything of it differs.

        What was removed stays removed, whatever a later list says of it.

        Args:
            records: of ads. decided: they tell what was decided: of a known ad nothing else is lost that they do not tell.

        Raises:
            UsageError: a record names no platform or ad, or its status is none; nothing of its batch is kept.

        """
        counts = [0, 0, 0]
        batch: dict[tuple[str, str], AdRecord] = {}
        read = 0
        for one in records:
            check_ad(one)
            read += 1
            if (one.platform, one.ad_id) in batch or len(batch) == AT_ONCE:
                self._keep(list(batch.values()), counts, decided=decided)
                batch = {}
            batch[one.platform, one.ad_id] = one
        self._keep(list(batch.values()), counts, decided=decided)
        return Recorded(read, *counts)

    def _keep(self, records: Sequence[AdRecord], counts: list[int], *, decided: bool) -> None:
        with self.store.writing() as session:
            known = _heads(session, records)
            rows, heads, at = [], [], self._now()
            for one in records:
                head = known.get((one.platform, one.ad_id))
                if head is not None and decided:
                    one = with_decision(_read(head).record, one)
                body = ad_text(one)
                if head is not None and (tells_the_same(head.body, body) or (head.status == "removed" != one.status)):
                    counts[2] += 1
                    continue
                counts[1 if head is not None else 0] += 1
                version = 1 if head is None else head.version + 1
                before = "" if head is None else head.hash
                rows.append(_row(one, body, version, before, at))
                heads.append((one.platform, one.ad_id, version))
            put(session, AdVersionRow, rows)
            _point(session, heads, known)

    def remove(self, platform: str, ad_id: str, why: str, by: str, *, office: AdOffice = ANYBODY) -> AdVersion:
        """Say that an ad was removed: a version without its content, payer and beneficiary, with the reason.

        Args:
            platform, ad_id: which. why: the reason, and by which rule. by: who says so. office: that knows who may.

        Raises:
            NotFoundError: there is no such ad. UsageError: there is no reason, it is removed already, or `by` may not.

        """
        if not why.strip():
            raise UsageError("say why the ad was removed, and by which rule")
        newest = self.versions(platform, ad_id)[-1].record
        if newest.status == "removed":
            raise UsageError(f"ad {platform}:{ad_id} was removed already: {newest.removal}")
        self._turn(newest, replace(without_content(newest), status="removed", removal=why), by, office)
        return self.versions(platform, ad_id)[-1]

    def restore(self, platform: str, ad_id: str, by: str, *, office: AdOffice = ANYBODY) -> AdVersion:
        """Undo a removal: a version as the ad stood before.

        Raises:
            NotFoundError: there is no such ad. UsageError: it was not removed, or `by` may not.

        """
        *before, newest = (one.record for one in self.versions(platform, ad_id))
        if newest.status != "removed" or not before:
            raise UsageError(f"ad {platform}:{ad_id} was not removed; there is nothing to restore")
        self._turn(newest, before[-1], by, office)
        return self.versions(platform, ad_id)[-1]

    def _turn(self, old: AdRecord, new: AdRecord, by: str, office: AdOffice) -> None:
        """Write a version that a person decided on."""
        with self.store.writing() as session:
            office.allow(session, by)
            key = (old.platform, old.ad_id)
            head = _heads(session, [old])[key]
            if not tells_the_same(head.body, ad_text(old)):
                raise UsageError(f"ad {old.platform}:{old.ad_id} was changed meanwhile; look at it again")
            put(session, AdVersionRow, [_row(new, ad_text(new), head.version + 1, head.hash, self._now())])
            _point(session, [(*key, head.version + 1)], {key: head})
            office.enter(session, by, {"platform": old.platform, "ad": old.ad_id, "status": new.status})

    def verify(self) -> tuple[int, list[str]]:
        """Hold every version of every ad against its hash and the one before.

        Returns:
            How many versions there are, and what is not as it was recorded, an ad each.

        """
        with self.store.reading() as session:
            ads = session.execute(
                select(AdHeadRow.platform, AdHeadRow.ad_id).order_by(AdHeadRow.platform, AdHeadRow.ad_id)
            ).all()
            lost = session.execute(
                select(AdVersionRow.platform, AdVersionRow.ad_id).distinct()
                .outerjoin(
                    AdHeadRow, (AdHeadRow.platform == AdVersionRow.platform) & (AdHeadRow.ad_id == AdVersionRow.ad_id)
                )
                .where(AdHeadRow.ad_id.is_(None))
            ).all()  # fmt: skip
        checked, faults = 0, [f"the newest version of ad {platform}:{ad_id} is missing" for platform, ad_id in lost]
        for platform, ad_id in ads:
            try:
                checked += len(self.versions(platform, ad_id))
            except InputError as error:
                faults.append(str(error))
        return checked, faults

    # --- looking

    def versions(self, platform: str, ad_id: str) -> list[AdVersion]:
        """Every version of an ad, the first first, each held against its hash.

        Raises:
            NotFoundError: there is no such ad. InputError: a version was changed, or one is missing.

        """
        with self.store.reading() as session:
            same = (AdVersionRow.platform == platform) & (AdVersionRow.ad_id == ad_id)
            rows = session.scalars(select(AdVersionRow).where(same).order_by(AdVersionRow.version)).all()
            head = session.get(AdHeadRow, (platform, ad_id))
        if not rows and head is None:
            raise NotFoundError(f"the repository holds no ad {platform}:{ad_id}")
        if not rows or head is None or head.version_id != rows[-1].version_id:
            raise InputError(f"the newest version of ad {platform}:{ad_id} is missing")
        before = ""
        for number, row in enumerate(rows, start=1):
            if row.version != number or row.before != before or not _is_whole(row):
                raise InputError(f"version {number} of ad {platform}:{ad_id} is not as it was recorded, or missing")
            before = row.hash
        return [_read(row) for row in rows]

    def search(self, wanted: AdSearch, *, after: int = 0, most: int = 100) -> tuple[list[AdVersion], int | None]:
        """Ads as they stand now, in the order in which their newest versions were recorded.

        Args:
            wanted: what they are looked for by. after: the key of the page before, 0 for the first. most: of them.

        Returns:
            The ads, and the key of the next page; None where there is none. New ads and versions come at the end, so that
            nobody who pages misses one.

        """
        with self.store.reading() as session:
            rows = session.scalars(
                select(AdVersionRow).join(AdHeadRow, AdHeadRow.version_id == AdVersionRow.version_id)
                .where(AdVersionRow.version_id > after, *_conditions(wanted))
                .order_by(AdVersionRow.version_id).limit(most + 1)
            ).all()  # fmt: skip
        return [_read(row) for row in rows[:most]], rows[most - 1].version_id if len(rows) > most else None

    def all(self, wanted: AdSearch | None = None) -> Iterator[AdVersion]:
        """Every ad as it stands now, page by page."""
        after: int | None = 0
        while after is not None:
            found, after = self.search(wanted or AdSearch(), after=after, most=AT_ONCE)
            yield from found

    def totals(self, by: Totalled, wanted: AdSearch | None = None) -> list[AdTotal]:
        """What ads that stand now cost and reached, group by group and currency by currency, the dearest first.

        An ad that was shown in several countries counts in each of them, with all that it cost.
        """
        if by not in get_args(Totalled):
            raise UsageError(f"ads are added up by {', '.join(get_args(Totalled))}, not {by}")
        sums: dict[tuple[str, str], list[float]] = {}
        with self.store.reading() as session:
            found = session.scalars(
                select(AdVersionRow).join(AdHeadRow, AdHeadRow.version_id == AdVersionRow.version_id)
                .where(*_conditions(wanted or AdSearch()))
            )  # fmt: skip
            for row in found:
                if not _is_whole(row):
                    raise InputError(
                        f"version {row.version} of ad {row.platform}:{row.ad_id} is not as it was recorded"
                    )
                for group in _groups(row, by):
                    _add(sums.setdefault((group, row.currency), [0.0] * 8), row)
        out = [
            AdTotal(group, currency, int(s[0]), s[1], s[2], int(s[3]), int(s[4]), int(s[5]), int(s[6]), int(s[7]))
            for (group, currency), s in sums.items()
        ]
        return sorted(out, key=lambda one: (-one.spend_max, -one.ads, one.group, one.currency))

    def count(self) -> int:
        """How many ads it holds."""
        with self.store.reading() as session:
            return session.scalar(select(func.count()).select_from(AdHeadRow)) or 0


def _hash(before: str, row: Mapping[str, Any]) -> str:
    """Of a version: the one before, which ad and version it is, when it was recorded, and what it says."""
    said = [before, row["platform"], row["ad_id"], str(row["version"]), str(micros(row["recorded_at"])), row["body"]]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


HASHED: Final = ("platform", "ad_id", "version", "recorded_at", "body")


def _is_whole(row: AdVersionRow) -> bool:
    """Whether a version is as it was recorded: its hash, and the columns by which it is searched and added up."""
    if row.hash != _hash(row.before, {name: getattr(row, name) for name in HASHED}):
        return False
    derived = search_columns(ad_from_text(row.body))
    return all(getattr(row, name) == value for name, value in derived.items())


def _row(one: AdRecord, body: str, version: int, before: str, at: datetime) -> dict[str, Any]:
    row = {**search_columns(one), "version": version, "recorded_at": at, "body": body, "before": before}
    return {**row, "hash": _hash(before, row)}


def _heads(session: Session, records: Sequence[AdRecord]) -> dict[tuple[str, str], AdVersionRow]:
    """The newest versions of ads, by platform and id."""
    of: dict[str, list[str]] = {}
    for one in records:
        of.setdefault(one.platform, []).append(one.ad_id)
    found: dict[tuple[str, str], AdVersionRow] = {}
    for platform, ids in of.items():
        rows = session.scalars(
            select(AdVersionRow).join(AdHeadRow, AdHeadRow.version_id == AdVersionRow.version_id)
            .where(AdHeadRow.platform == platform, among(session, AdHeadRow.ad_id, ids))
        )  # fmt: skip
        found.update({(row.platform, row.ad_id): row for row in rows})
    return found


def _point(
    session: Session, heads: Sequence[tuple[str, str, int]], known: Mapping[tuple[str, str], AdVersionRow]
) -> None:
    """Let the index name the versions that were just put in."""
    of: dict[str, dict[str, int]] = {}
    for platform, ad_id, version in heads:
        of.setdefault(platform, {})[ad_id] = version
    new = []
    for platform, versions in of.items():
        rows = session.execute(
            select(AdVersionRow.ad_id, AdVersionRow.version, AdVersionRow.version_id)
            .where(AdVersionRow.platform == platform, among(session, AdVersionRow.ad_id, list(versions)))
        )  # fmt: skip
        for row in rows:
            if row.version != versions[row.ad_id]:
                continue
            if (platform, row.ad_id) in known:
                head = session.get(AdHeadRow, (platform, row.ad_id))
                assert head is not None  # it was joined with
                head.version_id = row.version_id
            else:
                new.append({"platform": platform, "ad_id": row.ad_id, "version_id": row.version_id})
    put(session, AdHeadRow, new)


def _read(row: AdVersionRow) -> AdVersion:
    """A version, once it was held against its hash.

    Raises:
        InputError: it is not as it was recorded.

    """
    if not _is_whole(row):
        raise InputError(
            f"version {row.version} of ad {row.platform}:{row.ad_id} is not as it was recorded, or missing"
        )
    return AdVersion(row.version_id, row.version, row.recorded_at, ad_from_text(row.body), row.hash)


def _conditions(wanted: AdSearch) -> list[ColumnElement[bool]]:
    same = ("platform", "advertiser_id", "payer", "entity_id", "status", "decision", "currency")
    found: list[ColumnElement[bool]] = [
        getattr(AdVersionRow, name) == value for name in same if (value := getattr(wanted, name)) is not None
    ]
    found += [AdVersionRow.words.contains(one, autoescape=True) for one in (wanted.words or "").casefold().split()]
    if wanted.about is not None:
        found.append(AdVersionRow.about.contains(f"|{wanted.about}|", autoescape=True))
    if wanted.country is not None:
        found.append(AdVersionRow.countries.contains(f"|{wanted.country.upper()}|", autoescape=True))
    if wanted.shown_from is not None:
        last = func.coalesce(AdVersionRow.last_shown, AdVersionRow.first_shown)
        found.append(last >= wanted.shown_from)
    if wanted.shown_until is not None:
        found.append(AdVersionRow.first_shown < wanted.shown_until)
    if wanted.least_spend is not None:
        if wanted.currency is None:
            raise UsageError("name the currency in which the ads cost so much")
        found.append(func.coalesce(AdVersionRow.spend_max, AdVersionRow.spend_min) >= wanted.least_spend)
    return found


def _groups(row: AdVersionRow, by: Totalled) -> list[str]:
    match by:
        case "country":
            return [one for one in row.countries.split("|") if one] or [""]
        case "month":
            return [f"{row.first_shown:%Y-%m}" if row.first_shown else ""]
        case "entity":
            return [row.entity_id]
        case _:
            return [str(getattr(row, by))]


def _add(sums: list[float], row: AdVersionRow) -> None:
    low = row.spend_min if row.spend_min is not None else row.spend_max
    high = row.spend_max if row.spend_max is not None else row.spend_min
    sums[0] += 1
    sums[1] += low or 0
    sums[2] += high or 0
    sums[3] += low is not None
    sums[4] += row.impressions_min or row.impressions_max or 0
    sums[5] += row.impressions_max or row.impressions_min or 0
    sums[6] += row.reach or 0
    sums[7] += row.reach is not None
