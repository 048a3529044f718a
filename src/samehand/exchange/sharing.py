"""What partners read: collections of STIX objects, one for each partner or circle, with who may read them and how far they go.

An object goes into a collection only if its marking lets it: TLP:RED and TLP:AMBER+STRICT go into none, whatever is asked. An
object is never changed: a new version comes after it, and what was taken back is a version with `revoked`. Versions are handed
out in the order in which they were entered; who enters holds the collection, so that nobody who pages misses one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Boolean, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.casework import Casework, Entry, append, is_founded
from samehand.errors import NotFoundError, UsageError
from samehand.exchange.drafts import TLPS, Tlp
from samehand.exchange.marking import MARKINGS, marking_objects
from samehand.store import Base, Big, Moment, Store, among, put

__all__ = ["CLEARANCES", "Added", "Collection", "Collections", "SharedObject", "Wanted"]

CLEARANCES: Final[tuple[Tlp, ...]] = ("clear", "green", "amber")
"""How far a collection may go; AMBER is for partners who are clients of this house, or work on the same case."""
VERSIONED: Final = "modified"
AT_ONCE: Final = 2_000


class CollectionRow(Base):
    """A collection: what partners find under one id."""

    __tablename__ = "collections"

    collection_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    title: Mapped[str] = mapped_column(String(200), unique=True)
    description: Mapped[str] = mapped_column(Text)
    clearance: Mapped[str] = mapped_column(String(12))
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(40))
    last_at: Mapped[datetime] = mapped_column(Moment)


class CollectionReaderRow(Base):
    """Whose API key reads a collection, and whether they may send tips through it."""

    __tablename__ = "collection_readers"

    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.collection_id"), primary_key=True)
    key_name: Mapped[str] = mapped_column(String(80), primary_key=True)
    may_write: Mapped[bool] = mapped_column(Boolean)


class SharedObjectRow(Base):
    """A version of an object in a collection; `subject` is whom it is about, by which a correction finds it."""

    __tablename__ = "shared_objects"
    __table_args__ = (
        UniqueConstraint("collection_id", "stix_id", "version"),
        Index("ix_shared_objects_page", "collection_id", "latest", "added_id"),
        Index("ix_shared_objects_subject", "subject"),
    )

    added_id: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=True)
    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.collection_id"))
    stix_id: Mapped[str] = mapped_column(String(100))
    type: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(30))
    added_at: Mapped[datetime] = mapped_column(Moment)
    latest: Mapped[bool] = mapped_column(Boolean)
    tlp: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Collection:
    """A collection: its id, title and description, how far it goes, how many objects stand in it, and who reads it."""

    collection_id: str
    title: str
    description: str
    clearance: Tlp
    objects: int
    readers: Mapping[str, bool]
    """Names of keys, and whether each may send tips through it."""


@dataclass(frozen=True)
class SharedObject:
    """A version of an object: its place in the collection, id, type, version, when it was added, and its JSON."""

    added_id: int
    stix_id: str
    type: str
    version: str
    added_at: datetime
    body: str


@dataclass(frozen=True)
class Added:
    """What became of objects: new ones, new versions of known ones, and those that were no news."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of a collection, as TAXII 2.1 (3.4) has it; what is not given is not asked.

    Attributes:
        after: the place after which to go on. added_after: only what was added later. ids, types: one of these.
        versions: `last` (the default), `first`, `all`, or the time of a version.

    """

    after: int = 0
    added_after: datetime | None = None
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str, ...] = ("last",)


class Collections:
    """The collections of a store.

    Args:
        work: casework of the store: its clock, its roster where there is one, its log.

    """

    def __init__(self, work: Casework) -> None:
        self._work = work

    @property
    def store(self) -> Store:
        """That holds them."""
        return self._work.store

    # --- collections and readers

    def make(self, title: str, by: str, *, clearance: Tlp, description: str = "") -> Collection:
        """Make a collection.

        Args:
            title: whom it is for; used once. by: who makes it. clearance: the narrowest marking that it takes.
            description: for its readers.

        Raises:
            UsageError: the title is none or taken, no collection goes so far, or `by` may not.

        """
        if clearance not in CLEARANCES:
            raise UsageError(
                f"nothing marked TLP:{clearance.upper()} is shared; a collection goes to {', '.join(CLEARANCES)}"
            )
        if not 0 < len(title.strip()) <= 200:
            raise UsageError("a collection bears a title of 200 letters at most: whom it is for")
        with self.store.writing() as session:
            self._allow(session, by)
            if session.scalar(select(CollectionRow.collection_id).where(CollectionRow.title == title)) is not None:
                raise UsageError(f"there is a collection '{title}' already")
            at = self._work.now()
            row = CollectionRow(
                collection_id=str(uuid.uuid4()), title=title, description=description, clearance=clearance, made_at=at,
                made_by=by, last_at=at,
            )  # fmt: skip
            session.add(row)
            append(
                session, at, [Entry("collection.made", by, {"collection": row.collection_id, "clearance": clearance})]
            )
            session.flush()
            return _read(session, row)

    def let(self, title: str, key_name: str, by: str, *, may_read: bool = True, may_write: bool = False) -> Collection:
        """Let an API key read a collection, and send tips through it; or not any more.

        Raises:
            NotFoundError: there is no such collection. UsageError: `by` may not.

        """
        with self.store.writing() as session:
            self._allow(session, by)
            row = _titled(session, title)
            reader = session.get(CollectionReaderRow, (row.collection_id, key_name))
            if reader is not None:
                session.delete(reader)
                session.flush()
            if may_read or may_write:
                session.add(
                    CollectionReaderRow(collection_id=row.collection_id, key_name=key_name, may_write=may_write)
                )
            body = {"collection": row.collection_id, "key": key_name, "read": may_read, "write": may_write}
            append(session, self._work.now(), [Entry("collection.let", by, body)])
            session.flush()
            return _read(session, row)

    def all(self) -> list[Collection]:
        """Every collection, by title."""
        with self.store.reading() as session:
            rows = session.scalars(select(CollectionRow).order_by(CollectionRow.title)).all()
            return [_read(session, row) for row in rows]

    def titled(self, title: str) -> Collection:
        """A collection by its title.

        Raises:
            NotFoundError: there is none.

        """
        with self.store.reading() as session:
            return _read(session, _titled(session, title))

    def of_key(self, key_name: str) -> list[Collection]:
        """The collections that an API key reads, by title."""
        return [one for one in self.all() if key_name in one.readers]

    # --- entering

    def add(
        self, title: str, objects: Iterable[Mapping[str, Any]], by: str, *, tlp: Tlp, subjects: Mapping[str, str] | None = None,
        within: Callable[[Session], None] | None = None,
    ) -> Added:  # fmt: skip
        """Put objects into a collection; one that is known under a newer time is a new version, an older or equal one no news.

        What was taken back stays so: STIX knows no way to say that it stands again, so nothing that comes later does.

        Args:
            title: of the collection. objects: of STIX 2.1, each with an id. by: who shares them. tlp: how they are marked.
            subjects: by an object's id whom it is about, as `platform:asset_id`, `tip N` or `claim N`; corrections look for it.
            within: what else is done in the same transaction.

        Raises:
            NotFoundError: there is no such collection. UsageError: their marking does not let them go there, or `by` may not.

        """
        with self.store.writing() as session:
            self._allow(session, by)
            row = _titled(session, title, for_update=True)
            _may_go(tlp, row)
            if within is not None:
                within(session)
            done = self._enter(session, row, list(objects), tlp, subjects or {})
            body = {"collection": row.collection_id, "tlp": tlp, "added": done.added, "changed": done.changed}
            append(session, self._work.now(), [Entry("shared", by, body)])
            return done

    def _enter(
        self, session: Session, row: CollectionRow, objects: Sequence[Mapping[str, Any]], tlp: Tlp, subjects: Mapping[str, str]
    ) -> Added:  # fmt: skip
        counts = {"added": 0, "changed": 0, "unchanged": 0}
        at = max(self._work.now(), row.last_at)
        once = list({str(one["id"]): one for one in objects}.values())
        for low in range(0, len(once), AT_ONCE):
            part = once[low : low + AT_ONCE]
            known = _latest(session, row.collection_id, [str(one["id"]) for one in part])
            new = []
            for one in part:
                before, version = known.get(str(one["id"])), _version(one)
                if before is not None and (version <= before[1] or (before[2] and not one.get("revoked"))):
                    counts["unchanged"] += 1
                    continue
                counts["added" if before is None else "changed"] += 1
                at += timedelta(microseconds=1)  # its own time for each, so that who asks what came later misses none
                new.append(_row(row, one, version, at, tlp, subjects.get(str(one["id"]), "")))
            _outdate(session, [known[one["stix_id"]][0] for one in new if one["stix_id"] in known])
            put(session, SharedObjectRow, new)
        row.last_at = at
        return Added(**counts)

    def revoke(self, session: Session, subjects: Sequence[str]) -> int:
        """Enter, in every collection, a version with `revoked` of each object about some subjects; how many there were.

        Objects of types that STIX cannot revoke (observables) stay; nothing but an indicator says that somebody did anything.
        """
        revoked = 0
        for low in range(0, len(subjects), AT_ONCE):
            part = list(subjects[low : low + AT_ONCE])
            rows = session.scalars(
                select(SharedObjectRow).where(
                    among(session, SharedObjectRow.subject, part), SharedObjectRow.latest.is_(True)
                )
            ).all()
            by_collection: dict[str, list[SharedObjectRow]] = {}
            for row in rows:
                by_collection.setdefault(row.collection_id, []).append(row)
            for collection_id, found in sorted(by_collection.items()):
                collection = session.get_one(CollectionRow, collection_id, with_for_update=True)
                revoked += self._revoke(session, collection, found)
        return revoked

    def _revoke(self, session: Session, collection: CollectionRow, found: Sequence[SharedObjectRow]) -> int:
        bodies = [(row, json.loads(row.body)) for row in found]
        standing = [(row, body) for row, body in bodies if VERSIONED in body and not body.get("revoked")]
        moment = _moment(
            max([self._work.now(), *(_time(body[VERSIONED]) for _, body in standing)]) + timedelta(milliseconds=1)
        )
        for tlp in sorted({row.tlp for row, _ in standing}):
            objects = [{**body, "revoked": True, VERSIONED: moment} for row, body in standing if row.tlp == tlp]
            subjects = {row.stix_id: row.subject for row, _ in standing}
            self._enter(session, collection, objects, cast(Tlp, tlp), subjects)
        return len(standing)

    def narrow(self, session: Session, subject: str, tlp: Tlp) -> tuple[int, int]:
        """Mark objects about a subject more narrowly: anew where that may go, and taken back where it may not.

        Returns:
            How many were taken back, and how many are marked anew.

        """
        found: dict[str, list[SharedObjectRow]] = {}
        chosen = select(SharedObjectRow).where(SharedObjectRow.subject == subject, SharedObjectRow.latest.is_(True))
        for row in session.scalars(chosen.order_by(SharedObjectRow.added_id)):
            found.setdefault(row.collection_id, []).append(row)
        revoked = marked = 0
        for collection_id, rows in sorted(found.items()):
            collection = session.get_one(CollectionRow, collection_id, with_for_update=True)
            if tlp not in CLEARANCES or TLPS.index(tlp) > TLPS.index(cast(Tlp, collection.clearance)):
                revoked += self._revoke(session, collection, rows)
                continue
            bodies = [json.loads(row.body) for row in rows]
            standing = [body for body in bodies if VERSIONED in body and not body.get("revoked")]
            last = max([self._work.now(), *(_time(body[VERSIONED]) for body in standing)]) + timedelta(milliseconds=1)
            anew = [{**body, "object_marking_refs": [MARKINGS[tlp]], VERSIONED: _moment(last)} for body in standing]
            subjects = {str(body["id"]): subject for body in standing}
            marked += self._enter(session, collection, [marking_objects(tlp), *anew], tlp, subjects).changed
        return revoked, marked

    def renew(self, session: Session, subject: str, objects: Sequence[Mapping[str, Any]], tlp: Tlp) -> int:
        """Enter new versions of objects about a subject wherever they stand; how many of them were taken back by it."""
        chosen = select(SharedObjectRow.collection_id).where(SharedObjectRow.subject == subject).distinct()
        changed = 0
        for collection_id in sorted(session.scalars(chosen)):
            row = session.get_one(CollectionRow, collection_id, with_for_update=True)
            stand = select(SharedObjectRow.stix_id, SharedObjectRow.body).where(
                SharedObjectRow.collection_id == collection_id, SharedObjectRow.latest.is_(True),
                SharedObjectRow.subject == subject,
            )  # fmt: skip
            standing = {stix_id for stix_id, body in session.execute(stand) if not json.loads(body).get("revoked")}
            held = [one for one in objects if str(one["id"]) in standing]
            subjects = dict.fromkeys((str(one["id"]) for one in held), subject)
            back = [one for one in held if one.get("revoked")]
            changed += self._enter(session, row, back, tlp, subjects).changed
            self._enter(session, row, [one for one in held if one not in back], tlp, subjects)
        return changed

    def prune(self, session: Session, subject: str) -> int:
        """Take what was taken back out of what objects about a subject refer to; how many objects were taken back with it.

        Where that leaves a reference to no indicator, all that is about the subject is taken back.
        """
        found: dict[str, list[SharedObjectRow]] = {}
        chosen = select(SharedObjectRow).where(SharedObjectRow.subject == subject, SharedObjectRow.latest.is_(True))
        for row in session.scalars(chosen.order_by(SharedObjectRow.added_id)):
            found.setdefault(row.collection_id, []).append(row)
        revoked = 0
        for collection_id, rows in sorted(found.items()):
            collection = session.get_one(CollectionRow, collection_id, with_for_update=True)
            for row in rows:
                body = json.loads(row.body)
                held = _latest(session, collection_id, body.get("object_refs") or [])
                refs = [one for one in body.get("object_refs", ()) if one not in held or not held[one][2]]
                if len(refs) == len(body.get("object_refs", ())) or body.get("revoked"):
                    continue
                if not any(one.startswith("indicator--") for one in refs):
                    revoked += self._revoke(session, collection, rows)
                    break
                moment = _moment(max(self._work.now(), _time(body[VERSIONED])) + timedelta(milliseconds=1))
                renewed = {**body, "object_refs": refs, VERSIONED: moment}
                self._enter(session, collection, [renewed], cast(Tlp, row.tlp), {row.stix_id: subject})
        return revoked

    # --- handing out

    def page(self, collection_id: str, wanted: Wanted, most: int) -> tuple[list[SharedObject], int | None]:
        """Versions of objects in the order in which they were entered, and the place of the last one where there are more.

        Raises:
            NotFoundError: there is no such collection.

        """
        with self.store.reading() as session:
            if session.get(CollectionRow, collection_id) is None:
                raise NotFoundError("there is no such collection")
            columns = (
                SharedObjectRow.added_id, SharedObjectRow.stix_id, SharedObjectRow.type, SharedObjectRow.version,
                SharedObjectRow.added_at, SharedObjectRow.body,
            )  # fmt: skip
            rows = session.execute(
                select(*columns).where(*_conditions(collection_id, wanted))
                .order_by(SharedObjectRow.added_id).limit(most + 1)
            ).all()  # fmt: skip
        found = [SharedObject(*row) for row in rows[:most]]
        return found, found[-1].added_id if len(rows) > most else None

    def _allow(self, session: Session, by: str) -> None:
        if is_founded(session):
            self._work.roster(session).allow(by, "act")


def _may_go(tlp: Tlp, row: CollectionRow) -> None:
    """Hold a marking against how far a collection goes.

    Raises:
        UsageError: it does not go there, or nowhere.

    """
    if tlp not in CLEARANCES:
        raise UsageError(f"TLP:{tlp.upper()} goes into no collection: it does not leave this house")
    if TLPS.index(tlp) > TLPS.index(cast(Tlp, row.clearance)):
        raise UsageError(
            f"TLP:{tlp.upper()} does not go into '{row.title}', which takes TLP:{row.clearance.upper()} at most"
        )


def _titled(session: Session, title: str, *, for_update: bool = False) -> CollectionRow:
    chosen = select(CollectionRow).where(CollectionRow.title == title)
    row = session.scalar(chosen.with_for_update() if for_update else chosen)
    if row is None:
        raise NotFoundError(f"there is no collection '{title}'; `samehand tip collections` shows those there are")
    return row


def _version(one: Mapping[str, Any]) -> str:
    """The time of an object's version; of one that has none (a marking, an observable) the first there can be."""
    said = one.get(VERSIONED) or one.get("created") or "1970-01-01T00:00:00.000Z"
    return _moment(_time(str(said)))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _row(
    row: CollectionRow, one: Mapping[str, Any], version: str, at: datetime, tlp: Tlp, subject: str
) -> dict[str, Any]:
    return {
        "collection_id": row.collection_id, "stix_id": str(one["id"]), "type": str(one["type"]), "version": version,
        "added_at": at, "latest": True, "tlp": tlp, "subject": subject,
        "body": json.dumps(one, ensure_ascii=False, separators=(",", ":")),
    }  # fmt: skip


def _latest(session: Session, collection_id: str, ids: list[str]) -> dict[str, tuple[int, str, bool]]:
    """By id the place and the version of the latest, and whether it is taken back."""
    rows = session.execute(
        select(
            SharedObjectRow.stix_id, SharedObjectRow.added_id, SharedObjectRow.version,
            SharedObjectRow.body.contains('"revoked":true', autoescape=True),
        )
        .where(
            SharedObjectRow.collection_id == collection_id, SharedObjectRow.latest.is_(True),
            among(session, SharedObjectRow.stix_id, ids),
        )
    )  # fmt: skip
    return {stix_id: (added_id, version, bool(revoked)) for stix_id, added_id, version, revoked in rows}


def _outdate(session: Session, added: list[int]) -> None:
    if added:
        session.execute(
            update(SharedObjectRow).where(among(session, SharedObjectRow.added_id, added)).values(latest=False)
            .execution_options(synchronize_session=False)
        )  # fmt: skip


def _conditions(collection_id: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield SharedObjectRow.collection_id == collection_id
    yield SharedObjectRow.added_id > wanted.after
    yield SharedObjectRow.tlp.in_(CLEARANCES)  # none other is ever entered; and if one were, it would not leave
    if wanted.added_after is not None:
        yield SharedObjectRow.added_at > wanted.added_after
    if wanted.ids:
        yield SharedObjectRow.stix_id.in_(wanted.ids)
    if wanted.types:
        yield SharedObjectRow.type.in_(wanted.types)
    if "all" not in wanted.versions:
        yield _of_versions(collection_id, wanted.versions)


def _of_versions(collection_id: str, versions: Sequence[str]) -> ColumnElement[bool]:
    chosen: ColumnElement[bool] = SharedObjectRow.version.in_(
        [_moment(_time(one)) for one in versions if one[:1].isdigit()]
    )
    if "last" in versions:
        chosen = (
            SharedObjectRow.latest.is_(True) if versions == ("last",) else chosen | SharedObjectRow.latest.is_(True)
        )
    if "first" in versions:
        first = (
            select(func.min(SharedObjectRow.added_id)).where(SharedObjectRow.collection_id == collection_id)
            .group_by(SharedObjectRow.stix_id)
        )  # fmt: skip
        chosen = chosen | SharedObjectRow.added_id.in_(first)
    return chosen


def _read(session: Session, row: CollectionRow) -> Collection:
    standing = (SharedObjectRow.collection_id == row.collection_id) & SharedObjectRow.latest.is_(True)
    count = session.scalar(select(func.count()).select_from(SharedObjectRow).where(standing)) or 0
    readers = session.execute(
        select(CollectionReaderRow.key_name, CollectionReaderRow.may_write)
        .where(CollectionReaderRow.collection_id == row.collection_id).order_by(CollectionReaderRow.key_name)
    )  # fmt: skip
    named = {row.key_name: row.may_write for row in readers}
    return Collection(row.collection_id, row.title, row.description, cast(Tlp, row.clearance), count, named)
