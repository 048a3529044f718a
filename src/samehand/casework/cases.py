"""Cases: opened, assigned, locked, noted in, and moved from state to state, each step in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, cast, get_args

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append, commit, opens
from samehand.casework.roster import Permission, Roster, read_roster
from samehand.casework.states import WAITING, Event, State, after
from samehand.casework.tables import CaseRow, MemberRow, NetworkMemberRow, NetworkRow, NoteRow, ProtectedRow
from samehand.errors import InputError, LimitError, NotFoundError, UsageError
from samehand.store import Store, among

__all__ = [
    "HARMS", "Case", "Casework", "Harm", "Member", "Note", "Origin", "Role",
]  # fmt: skip

Harm = Literal["low", "medium", "high", "severe"]
Origin = Literal["run", "wave", "tip", "hand", "ladder"]
Role = Literal["core", "amplifier", "bystander"]
HARMS: Final[tuple[Harm, ...]] = get_args(Harm)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
LOCK: Final = timedelta(minutes=30)
LONGEST_TEXT: Final = 64 * 1024
LONGEST_TITLE: Final = 200
AT_ONCE: Final = 5_000
LARGEST: Final = 1 << 31
"""Numbers of cases, decisions and appeals are less."""


def members_named(session: Session, accounts: Iterable[tuple[str, str]]) -> Iterator[ColumnElement[bool]]:
    """What members of any case meet who are one of some accounts, so many at a time.

    By platform and a list of ids, which both databases look up in an index or a hash; pairs they would compare one by one.
    """
    of: dict[str, list[str]] = {}
    for platform, asset_id in accounts:
        of.setdefault(platform, []).append(asset_id)
    for platform, ids in of.items():
        for low in range(0, len(ids), AT_ONCE):
            yield (MemberRow.platform == platform) & among(session, MemberRow.asset_id, ids[low : low + AT_ONCE])


def check_text(text: str, what: str) -> None:
    """Refuse a text that says nothing, is longer than 64 KiB, or cannot be held.

    Raises:
        UsageError, LimitError: the message begins with `what` it is.

    """
    if not text.strip():
        raise UsageError(f"{what} says something; this one is empty")
    if (size := len(text.encode("utf-8", "replace"))) > LONGEST_TEXT:
        raise LimitError(f"{what} has {LONGEST_TEXT // 1024} KiB at most; this one has {size // 1024}")
    if not is_text(text):
        raise UsageError(f"{what} is text; this one holds what no text holds")


def is_text(text: str) -> bool:
    """Whether both databases can hold it: no zero byte, and no half of a character."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


@dataclass(frozen=True)
class Case:
    """A case as it stands.

    Attributes:
        case_id: its number. title, state, harm, assignee: as set.
        origin, origin_ref: what it was opened from: a run's name, a tip's number.
        opened_at, opened_by: when, and by whom. changed_at: last.
        lock_holder: who alone may change it now; None for everybody.
        members: accounts by role. networks: of runs. version: rises with every change.
        hold: why what it holds of persons is kept beyond its time; None where it is not.

    """

    case_id: int
    title: str
    state: State
    harm: Harm
    origin: Origin
    origin_ref: str
    opened_at: datetime
    opened_by: str
    changed_at: datetime
    assignee: str | None
    lock_holder: str | None
    members: dict[str, int]
    networks: int
    version: int
    hold: str | None = None


@dataclass(frozen=True)
class Member:
    """An account of a case; asset_id is None where it was erased. `cleared`: an appeal cleared it."""

    platform: str
    asset_id: str | None
    role: Role
    score: float | None
    followers: int | None
    posts: int | None
    protected: bool
    commitment: str
    cleared: bool = False


@dataclass(frozen=True)
class Note:
    """What somebody noted: number, when, by whom, and the text; None where it was erased."""

    note_id: int
    at: datetime
    author: str
    text: str | None


class Casework:
    """Work on the cases of a store.

    Args:
        store: open, and founded.
        now: the clock.

    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self.store, self.now = store, now

    # --- opening, and looking

    def open(
        self, title: str, by: str, *, origin: Origin = "hand", origin_ref: str = "", harm: Harm = "medium"
    ) -> Case:
        """Open a case.

        Args:
            title: one line, 200 characters at most.
            by: who opens it, by their name on the roster.
            origin, origin_ref: what from.
            harm: by which queues are sorted.

        Raises:
            UsageError: the title or the harm is none, or `by` may not.

        """
        with self.store.writing() as session:
            self.roster(session).allow(by, "work")
            row = self.opened(session, title, by, origin=origin, origin_ref=origin_ref, harm=harm)
            return self.read(session, row)

    def opened(self, session: Session, title: str, by: str, *, origin: Origin, origin_ref: str, harm: Harm) -> CaseRow:
        """The same within a transaction."""
        title = " ".join(title.split())
        if not title or len(title) > LONGEST_TITLE:
            raise UsageError(f"a case's title is one line of 1 to {LONGEST_TITLE} characters, not {len(title)}")
        if harm not in HARMS:
            raise UsageError(f"harm is one of {', '.join(HARMS)}, not {harm}")
        at = self.now()
        row = CaseRow(
            title=title, state="open", origin=origin, origin_ref=origin_ref[:LONGEST_TITLE], harm=HARMS.index(harm),
            opened_at=at, opened_by=by, changed_at=at, version=1,
        )  # fmt: skip
        session.add(row)
        session.flush()
        body = {"origin": origin, "harm": harm}
        append(session, at, [Entry("case.opened", by, body, row.case_id)])
        return row

    def case(self, case_id: int) -> Case:
        """A case by its number.

        Raises:
            NotFoundError: there is none.

        """
        with self.store.reading() as session:
            return self.read(session, self.row(session, case_id))

    def queue(
        self, *, states: Sequence[State] = WAITING, assignee: str | None = None,
        most: int = 100,
    ) -> list[Case]:  # fmt: skip
        """Cases that wait, the most harmful first, and of these the oldest.

        Args:
            states: in which they are.
            assignee: whose; everybody's if None.
            most: cases.

        """
        chosen = select(CaseRow).where(CaseRow.state.in_(states))
        if assignee is not None:
            chosen = chosen.where(CaseRow.assignee == assignee)
        chosen = chosen.order_by(CaseRow.harm.desc(), CaseRow.opened_at, CaseRow.case_id).limit(most)
        with self.store.reading() as session:
            return [self.read(session, row) for row in session.scalars(chosen).all()]

    def members(self, case_id: int) -> list[Member]:
        """The accounts of a case, the core first, by platform and id; to look at them is for `view_members` to record."""
        with self.store.reading() as session:
            self.row(session, case_id)
            return self.members_within(session, case_id)

    def members_within(self, session: Session, case_id: int, networks: Sequence[int] | None = None) -> list[Member]:
        """The same within a transaction; of some networks of the case only, if any are named.

        Raises:
            InputError: one is not the account that came in.

        """
        same = (ProtectedRow.platform == MemberRow.platform) & (ProtectedRow.asset_id == MemberRow.asset_id)
        columns = (
            MemberRow.member_id, MemberRow.platform, MemberRow.asset_id, MemberRow.role, MemberRow.score, MemberRow.followers,
            MemberRow.posts, MemberRow.salt, MemberRow.commitment, MemberRow.cleared_at, ProtectedRow.why,
        )  # fmt: skip
        found = session.execute(
            select(*columns).outerjoin(ProtectedRow, same).where(MemberRow.case_id == case_id)
        ).all()
        inside = None
        if networks is not None:
            of = select(NetworkMemberRow.member_id).where(NetworkMemberRow.case_network_id.in_(networks))
            inside = set(session.scalars(of))
        for row in found:
            if row.asset_id is not None and not opens(row.commitment, row.salt or "", f"{row.platform}:{row.asset_id}"):
                raise InputError(
                    f"account {row.member_id} of case {case_id} was changed after it came in; "
                    "`samehand audit verify` shows what else was"
                )
        members = [
            Member(row.platform, row.asset_id, cast(Role, row.role), row.score, row.followers, row.posts,
                   row.why is not None, row.commitment, row.cleared_at is not None)
            for row in found if inside is None or row.member_id in inside
        ]  # fmt: skip
        return sorted(
            members, key=lambda one: (ROLES.index(one.role), one.platform, one.asset_id or "", one.commitment)
        )

    def view_members(self, case_id: int, by: str) -> list[Member]:
        """The accounts of a case, for somebody who may see them; that they did is in the log."""
        with self.store.writing() as session:
            self.roster(session).allow(by, "view")
            self.row(session, case_id)
            append(session, self.now(), [Entry("viewed", by, {"what": "members"}, case_id)])
        return self.members(case_id)

    def notes(self, case_id: int) -> list[Note]:
        """What was noted, in order."""
        with self.store.reading() as session:
            self.row(session, case_id)
            rows = session.scalars(select(NoteRow).where(NoteRow.case_id == case_id).order_by(NoteRow.note_id)).all()
            return [Note(row.note_id, row.at, row.author, row.text) for row in rows]

    # --- changing

    def assign(self, case_id: int, to: str | None, by: str) -> Case:
        """Give a case to somebody, or to nobody."""
        with self.store.writing() as session:
            row = self.held(session, case_id, by, "work")
            if to is not None:
                self.roster(session).allow(to, "work")
            row.assignee = to
            return self._changed(session, row, Entry("case.assigned", by, {"to": to}, case_id))

    def lock(self, case_id: int, by: str) -> Case:
        """Keep everybody else from changing a case, for half an hour or until it is unlocked.

        Raises:
            UsageError: somebody else holds it.

        """
        with self.store.writing() as session:
            row = self.held(session, case_id, by, "work")
            row.lock_holder, row.lock_until = by, self.now() + LOCK
            return self._changed(session, row, Entry("case.locked", by, {}, case_id))

    def unlock(self, case_id: int, by: str) -> Case:
        """Let others change a case again."""
        with self.store.writing() as session:
            row = self.held(session, case_id, by, "work")
            row.lock_holder = row.lock_until = None
            return self._changed(session, row, Entry("case.unlocked", by, {}, case_id))

    def rate(self, case_id: int, harm: Harm, by: str) -> Case:
        """Say how much harm a case is about."""
        if harm not in HARMS:
            raise UsageError(f"harm is one of {', '.join(HARMS)}, not {harm}")
        with self.store.writing() as session:
            row = self.held(session, case_id, by, "work")
            row.harm = HARMS.index(harm)
            return self._changed(session, row, Entry("case.rated", by, {"harm": harm}, case_id))

    def note(self, case_id: int, text: str, by: str) -> Note:
        """Note something in a case.

        Raises:
            UsageError: there is nothing in it. LimitError: it is longer than 64 KiB.

        """
        with self.store.writing() as session:
            row = self.held(session, case_id, by, "work")
            note = self.noted(session, case_id, text, by)
            self._changed(session, row, note)
            return Note(note.body["note"], self.now(), by, text)

    def set_role(self, case_id: int, platform: str, asset_id: str, role: Role, by: str) -> Case:
        """Say what an account is in a case: core, amplifier or bystander.

        Raises:
            NotFoundError: it is not in the case. UsageError: the role is none, or a decision is being taken.

        """
        if role not in ROLES:
            raise UsageError(f"a role is one of {', '.join(ROLES)}, not {role}")
        with self.store.writing() as session:
            row = self.held(session, case_id, by, "work")
            if row.state != "open":
                raise UsageError(f"case {case_id} is {row.state}; who is what in it changes only while it is open")
            member = session.scalar(
                select(MemberRow).where(
                    MemberRow.case_id == case_id, MemberRow.platform == platform, MemberRow.asset_id == asset_id
                )
            )
            if member is None:
                raise NotFoundError(f"{platform}:{asset_id} is not in case {case_id}")
            before, member.role = member.role, role
            if role != "bystander":
                member.cleared_at = None  # somebody says so, by name, of this account
            body = {"account": member.commitment, "before": before, "role": role}
            return self._changed(session, row, Entry("member.role", by, body, case_id))

    def dismiss(self, case_id: int, why: str, by: str) -> Case:
        """End a case without acting on anybody."""
        return self._step(case_id, "dismiss", why, by)

    def close(self, case_id: int, why: str, by: str) -> Case:
        """End a case whose decision was carried out."""
        return self._step(case_id, "close", why, by)

    def reopen(self, case_id: int, why: str, by: str) -> Case:
        """Take a case up again."""
        return self._step(case_id, "reopen", why, by)

    def _step(self, case_id: int, event: Event, why: str, by: str) -> Case:
        if not why.strip():
            raise UsageError(f"say why: a case does not {event} without a reason")
        with self.store.writing() as session:
            row = self.held(session, case_id, by, "work")
            note = self.noted(session, case_id, why, by)
            self.move(session, row, event)
            step = Entry(f"case.{event}", by, {"note": note.body["note"]}, case_id)
            return self._changed(session, row, note, step)

    # --- within a transaction

    def noted(self, session: Session, case_id: int, text: str, by: str) -> Entry:
        """Keep what somebody says of a case; the entry that is to be made of it has the text as a commitment.

        Raises:
            UsageError: there is nothing in it. LimitError: it is longer than 64 KiB.

        """
        check_text(text, "a note")
        salt, commitment = commit(text)
        note = NoteRow(case_id=case_id, at=self.now(), author=by, text=text, salt=salt, commitment=commitment)
        session.add(note)
        session.flush()
        return Entry("case.noted", by, {"note": note.note_id, "text": commitment}, case_id)

    def held(self, session: Session, case_id: int, by: str, permission: Permission) -> CaseRow:
        """A case that somebody is about to change: they may, and nobody else has it locked.

        Raises:
            NotFoundError: there is no such case, or nobody of that name. UsageError: they may not, or it is locked.

        """
        self.roster(session).allow(by, permission)
        row = self.row(session, case_id, for_update=True)
        if row.lock_holder not in (None, by) and row.lock_until is not None and row.lock_until > self.now():
            raise UsageError(f"case {case_id} is locked by {row.lock_holder} until {row.lock_until:%Y-%m-%d %H:%M} UTC")
        return row

    def move(self, session: Session, row: CaseRow, event: Event) -> None:
        """Take a case to its next state, if it still stands as it was read.

        Raises:
            UsageError: that cannot happen now, or somebody else changed the case meanwhile.

        """
        to = after(row.state, event)
        done = session.execute(
            update(CaseRow).where(CaseRow.case_id == row.case_id, CaseRow.version == row.version)
            .values(state=to, version=row.version + 1).execution_options(synchronize_session=False)
        )  # fmt: skip
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise UsageError(f"case {row.case_id} was changed meanwhile; look at it again")
        session.refresh(row)

    def roster(self, session: Session) -> Roster:
        """Who may do what, as the store's signed statements say."""
        return read_roster(session, self.store.store_id)

    def row(self, session: Session, case_id: int, *, for_update: bool = False) -> CaseRow:
        """A case within a transaction.

        Raises:
            NotFoundError: there is none.

        """
        row = session.get(CaseRow, case_id, with_for_update=for_update) if 0 < case_id < LARGEST else None
        if row is None:
            raise NotFoundError(f"there is no case {case_id}; `samehand case list` shows those there are")
        return row

    def _changed(self, session: Session, row: CaseRow, *entries: Entry) -> Case:
        row.changed_at = self.now()
        row.version += 1
        session.flush()
        append(session, row.changed_at, entries)
        return self.read(session, row)

    def read(self, session: Session, row: CaseRow) -> Case:
        """A case as it stands within a transaction."""
        by_role = (
            select(MemberRow.role, func.count().label("accounts"))
            .where(MemberRow.case_id == row.case_id)
            .group_by(MemberRow.role)
        )
        counts = {one.role: one.accounts for one in session.execute(by_role)}
        networks = session.scalar(select(func.count()).where(NetworkRow.case_id == row.case_id)) or 0
        locked = row.lock_holder if row.lock_until is not None and row.lock_until > self.now() else None
        return Case(
            row.case_id, row.title, cast(State, row.state), HARMS[row.harm], cast(Origin, row.origin), row.origin_ref,
            row.opened_at, row.opened_by, row.changed_at, row.assignee, locked,
            {role: counts.get(role, 0) for role in ROLES}, networks, row.version, row.hold,
        )  # fmt: skip
