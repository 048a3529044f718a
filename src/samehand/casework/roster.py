"""The roster: who may do what, as a chain of signed statements that each reader goes over from its beginning.

A store is founded by two persons, who both sign. From then on who comes, goes, or gets another role is said in a statement
that somebody who may keep the roster signs, and never about themselves; two of them where it lets anybody decide, since one
alone could make up the second person. A newcomer signs too, which shows that the key is theirs. A row that somebody puts into
the store without such signatures counts for nothing; founders who are put in place of others, and statements that are taken
away, are noticed by every key that has worked here since (`SigningKey.pin`).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from sqlalchemy import Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.casework.audit import ROSTER_ENTRY, AuditRow, Entry, append
from samehand.casework.keys import SigningKey, is_signed_by
from samehand.casework.statements import Statement
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.store import Base, Moment, Store

__all__ = [
    "Permission",
    "Reviewer",
    "Roster",
    "add_reviewer",
    "change_roles",
    "found_roster",
    "read_roster",
    "remove_reviewer",
    "is_founded",
]

Permission = Literal[
    "view",
    "work",
    "act",
    "propose",
    "approve",
    "appeal",
    "intake",
    "roster",
    "policy",
    "escalate",
    "ladder",
    "erase",
]
PURPOSE: Final = "roster"
POWERS: Final[tuple[Permission, ...]] = (
    "propose",
    "approve",
    "appeal",
    "roster",
    "policy",
    "escalate",
    "ladder",
    "erase",
)
"""Who gets one of these could be another person whom somebody has made up: two who keep the roster give them."""


class RosterRow(Base):
    """One statement about who may do what."""

    __tablename__ = "roster"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)
    signatures: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Reviewer:
    """Somebody who takes part: a pseudonym, their public key in hex, and their roles; none when they have left."""

    name: str
    public: str
    roles: tuple[str, ...]

    had: tuple[str, ...] = ()
    """All roles that they have, or had once."""

    def may(self, permission: Permission) -> bool:
        """Whether any role allows it."""
        return any(permission in roles()[role] for role in self.roles)

    def might(self, permission: Permission) -> bool:
        """Whether any role allows it that they have, or had before they left."""
        return any(permission in roles()[role] for role in self.had)


@dataclass(frozen=True)
class Roster:
    """Who may do what, as the signed statements say.

    Attributes:
        store_id: of which store. people: by name, those who left too, without roles. founders: digest of the first statement.
        last: digest of the last statement, which the next one cites. statements: how many.

    """

    store_id: str
    people: Mapping[str, Reviewer]
    founders: str
    last: str
    statements: int

    def who(self, name: str) -> Reviewer:
        """Somebody by name.

        Raises:
            NotFoundError: nobody is called so.

        """
        if name not in self.people:
            raise NotFoundError(
                f"nobody called {name} is on the store's roster; a lead adds them: samehand case reviewers add"
            )
        return self.people[name]

    def allow(self, name: str, permission: Permission) -> Reviewer:
        """Somebody by name, who may do something.

        Raises:
            NotFoundError: nobody is called so. UsageError: they may not.

        """
        person = self.who(name)
        if not person.may(permission):
            held = ", ".join(person.roles) or "none"
            able = ", ".join(role for role, may in roles().items() if permission in may)
            raise UsageError(f"{name} may not {permission}: roles {held}; it takes one of {able}")
        return person

    def holder(self, key: SigningKey, permission: Permission) -> Reviewer:
        """Whose key it is, if they may do something; the key holds the store's founders from now on.

        Raises:
            NotFoundError, UsageError: as in `allow`. InputError: the key is not the one on the roster, or the founders are
            not those whom it knows, or the roster has lost statements.

        """
        person = self.allow(key.name, permission)
        if person.public != key.public:
            raise InputError(f"the key in {key.path} is not the one that {key.name} has on the store's roster")
        key.pin(self.store_id, self.founders, self.statements)
        return person


@cache
def roles() -> Mapping[str, tuple[str, ...]]:
    """What each role may do, as `roles.toml` says."""
    table = tomllib.loads((files("samehand.casework") / "roles.toml").read_text("utf-8"))
    return {role: tuple(rules["may"]) for role, rules in table.items()}


def _known_roles(given: Sequence[str]) -> list[str]:
    if unknown := [role for role in given if role not in roles()]:
        raise UsageError(f"there is no role {', '.join(unknown)}; there are {', '.join(roles())}")
    return sorted(set(given))


def _entered(people: dict[str, Reviewer], body: Mapping[str, Any]) -> dict[str, Reviewer]:
    """The people after one statement."""
    after = dict(people)
    for one in body["people"]:
        before = people[one["name"]].had if one["name"] in people else ()
        had = tuple(dict.fromkeys((*before, *one["roles"])))
        after[one["name"]] = Reviewer(one["name"], one["public"], tuple(one["roles"]), had)
    return after


def _wrong(people: Mapping[str, Reviewer], statement: Statement, signatures: Mapping[str, str]) -> str:
    """What is wrong with a statement's signatures; "" where it counts."""
    named = {one["name"]: one for one in statement.body["people"]}
    first = not people
    if first and (len(named) != 2 or len({one["public"] for one in named.values()}) != 2):
        return "a store is founded by two persons with two keys"
    for name in named:  # whose key is new shows that they hold it
        known = people.get(name)
        if known is not None and known.public != named[name]["public"]:
            return f"{name} has another key already"
        if known is None and not is_signed_by(named[name]["public"], statement, signatures.get(name, "")):
            return f"{name} did not sign"
    taken = {person.public: person.name for person in people.values()}
    if twice := [name for name, one in named.items() if taken.get(one["public"], name) != name]:
        return f"{twice[0]}'s key is somebody else's already"
    if first:
        return ""
    keepers = [
        person for person in people.values()
        if person.name not in named and person.may("roster")
        and is_signed_by(person.public, statement, signatures.get(person.name, ""))
    ]  # fmt: skip
    if not keepers:
        return "nobody else who may keep the roster signed it"
    if len(keepers) < 2 and any(_gives_power(people.get(name), one["roles"]) for name, one in named.items()):
        return "it lets somebody decide, and two others who may keep the roster have to sign that"
    return ""


def _gives_power(before: Reviewer | None, given: Sequence[str]) -> bool:
    """Whether roles let somebody sign for others what they could not sign before."""
    return any(
        not (before is not None and before.may(permission)) and any(permission in roles()[role] for role in given)
        for permission in POWERS
    )


def read_roster(session: Session, store_id: str) -> Roster:
    """Go over the signed statements from the first to the last.

    Raises:
        NotFoundError: the store is not founded yet. InputError: a statement is not signed as it has to be.

    """
    people: dict[str, Reviewer] = {}
    founders = last = ""
    rows = session.scalars(select(RosterRow).order_by(RosterRow.number)).all()
    for number, row in enumerate(rows, start=1):
        statement = Statement(PURPOSE, store_id, json.loads(row.body))
        cites = statement.body.get("after") == last and row.number == number
        wrong = (
            _wrong(people, statement, json.loads(row.signatures))
            if cites
            else "it does not follow on the one before it"
        )
        if wrong:
            raise InputError(
                f"statement {row.number} of the store's roster does not count: {wrong}; somebody wrote it who may not"
            )
        people, last = _entered(people, statement.body), statement.digest
        founders = founders or last
    if not people:
        raise NotFoundError("nobody is on the store's roster yet; two persons found it: samehand case reviewers found")
    newest = session.execute(
        select(AuditRow.body).where(AuditRow.number == select(func.max(AuditRow.number)).where(ROSTER_ENTRY).scalar_subquery())
    ).scalar()  # fmt: skip
    if newest is not None and (json.loads(newest)["number"], json.loads(newest)["statement"]) != (len(rows), last):
        raise InputError("the store's roster is not the one that the log knows; somebody took statements away")
    return Roster(store_id, people, founders, last, len(rows))


def is_founded(session: Session) -> bool:
    """Whether a store has, or ever had, a roster: what the log tells of one cannot be undone by taking its statements away."""
    held = session.scalar(select(RosterRow.number).limit(1))
    return held is not None or session.scalar(select(AuditRow.number).where(ROSTER_ENTRY).limit(1)) is not None


def _say(store: Store, session: Session, at: datetime, number: int, after: str, people: list[dict[str, Any]], why: str,
         keys: Sequence[SigningKey]) -> Statement:  # fmt: skip
    """Enter a statement that the keys sign."""
    statement = Statement(PURPOSE, store.store_id, {"after": after, "people": people, "why": why})
    signatures = {key.name: key.sign(statement) for key in keys}
    session.add(
        RosterRow(
            number=number,
            at=at,
            body=json.dumps(statement.body),
            signatures=json.dumps(signatures),
            digest=statement.digest,
        )
    )
    session.flush()
    body = {"number": number, "statement": statement.digest, "people": people, "why": why, "signed": sorted(signatures)}
    append(session, at, [Entry("roster", keys[0].name, body)])
    return statement


def _line(name: str, public: str, given: Sequence[str]) -> dict[str, Any]:
    return {"name": name, "public": public, "roles": _known_roles(given) if given else []}


def found_roster(store: Store, first: SigningKey, second: SigningKey, at: datetime) -> Roster:
    """Found a store: two persons, both leads.

    Args:
        store: on whose roster nobody is yet.
        first, second: their keys.
        at: now.

    Raises:
        UsageError: it is one person or one key, or the store is founded already.

    """
    if first.name == second.name or first.public == second.public:
        raise UsageError("a store is founded by two persons with two keys")
    with store.writing() as session:
        if session.scalar(select(RosterRow.number).limit(1)) is not None:
            raise UsageError("the store is founded already; a lead adds others: samehand case reviewers add")
        people = [_line(key.name, key.public, ["lead"]) for key in (first, second)]
        _say(store, session, at, 1, "", people, "founded", (first, second))
        roster = read_roster(session, store.store_id)
    for key in (first, second):
        key.pin(store.store_id, roster.founders, roster.statements)
    return roster


def _change(
    store: Store, by: Sequence[SigningKey], at: datetime, line: dict[str, Any], why: str, *more: SigningKey
) -> Roster:
    with store.writing() as session:
        roster = read_roster(session, store.store_id)
        for key in by:
            roster.holder(key, "roster")
        if line["name"] in {key.name for key in by}:
            raise UsageError("nobody changes their own roles; another lead does it")
        if len({key.name for key in by}) < 2 and _gives_power(roster.people.get(line["name"]), line["roles"]):
            raise UsageError(f"to let {line['name']} decide takes two leads, and not {line['name']}: give --by twice")
        _say(store, session, at, roster.statements + 1, roster.last, [line], why, (*by, *more))
        after = read_roster(session, store.store_id)
        if sum(person.may("roster") for person in after.people.values()) < 2:
            raise UsageError("two who may keep the roster have to be left: make another a lead first")
    for key in by:
        key.pin(store.store_id, after.founders, after.statements)
    return after


def add_reviewer(
    store: Store, by: SigningKey | Sequence[SigningKey], new: SigningKey, given: Sequence[str], at: datetime
) -> Roster:
    """Put somebody on the roster; they sign too, and two leads where they are to decide anything.

    Raises:
        UsageError: the name or the key is on it already, a role is none, or `by` may not.

    """
    with store.reading() as session:
        people = read_roster(session, store.store_id).people
    if new.name in people or new.public in {person.public for person in people.values()}:
        raise UsageError(f"{new.name}, or their key, is on the roster already")
    if not given:
        raise UsageError(f"give a role: {', '.join(roles())}")
    return _change(store, _keys(by), at, _line(new.name, new.public, given), "added", new)


def _keys(by: SigningKey | Sequence[SigningKey]) -> Sequence[SigningKey]:
    return (by,) if isinstance(by, SigningKey) else by


def change_roles(
    store: Store, by: SigningKey | Sequence[SigningKey], name: str, given: Sequence[str], at: datetime
) -> Roster:
    """Give somebody other roles; two leads do where these let them decide what they could not.

    Raises:
        NotFoundError: nobody is called so. UsageError: a role is none, `by` may not, or nobody could keep the roster any more.

    """
    with store.reading() as session:
        person = read_roster(session, store.store_id).who(name)
    if not given:
        raise UsageError(f"give a role: {', '.join(roles())}; who leaves is removed")
    return _change(store, _keys(by), at, _line(name, person.public, given), "roles")


def remove_reviewer(store: Store, by: SigningKey, name: str, at: datetime) -> Roster:
    """Take all roles from somebody who leaves; what they signed stays theirs.

    Raises:
        NotFoundError: nobody is called so. UsageError: `by` may not, or nobody could keep the roster any more.

    """
    with store.reading() as session:
        person = read_roster(session, store.store_id).who(name)
    return _change(store, (by,), at, _line(name, person.public, []), "removed")
