"""Who may do what is what was signed, and nothing that somebody wrote into the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import delete, insert, select, update

from samehand.casework import (
    Roster,
    add_reviewer,
    change_roles,
    found_roster,
    make_key,
    read_roster,
    remove_reviewer,
)
from samehand.casework.roster import Permission, RosterRow, roles
from samehand.casework.statements import Statement
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.store import Store, open_store
from tests.casework.scenes import NOON, PASSPHRASE, Office


def _roster(store: Store) -> Roster:
    with store.reading() as session:
        return read_roster(session, store.store_id)


@pytest.fixture
def bare(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as store:
        yield store


def test_a_store_has_nobody_before_two_found_it(bare: Store) -> None:
    with pytest.raises(NotFoundError, match="nobody is on the store's roster"):
        _roster(bare)


def test_two_founders_lead(bare: Store, tmp_path: Path) -> None:
    ada, ben = (make_key(tmp_path / f"{name}.key", name, PASSPHRASE) for name in ("ada", "ben"))
    found_roster(bare, ada, ben, NOON)

    assert {name: person.roles for name, person in _roster(bare).people.items()} == {"ada": ("lead",), "ben": ("lead",)}


def test_one_person_cannot_found_a_store(bare: Store, tmp_path: Path) -> None:
    ada = make_key(tmp_path / "ada.key", "ada", PASSPHRASE)

    with pytest.raises(UsageError, match="two persons with two keys"):
        found_roster(bare, ada, ada, NOON)


def test_a_store_is_founded_once(office: Office) -> None:
    with pytest.raises(UsageError, match="founded already"):
        found_roster(office.store, office.keys["ada"], office.keys["ben"], NOON)


def test_a_newcomer_needs_a_lead(office: Office, tmp_path: Path) -> None:
    new = make_key(tmp_path / "fay.key", "fay", PASSPHRASE)
    for name in ("cem", "dia", "eva"):
        with pytest.raises(UsageError, match=f"{name} may not roster"):
            add_reviewer(office.store, office.keys[name], new, ["reviewer"], NOON)
    add_reviewer(office.store, office.keys["ben"], new, ["viewer"], NOON)

    assert _roster(office.store).people["fay"].may("view")


@pytest.mark.parametrize("role", ["investigator", "reviewer", "appeals", "lead", "service"])
def test_one_lead_alone_makes_nobody_who_decides(office: Office, tmp_path: Path, role: str) -> None:
    """Else one lead would be two persons."""
    sock = make_key(tmp_path / "fay.key", "fay", PASSPHRASE)
    for leads in ([office.keys["ada"]], [office.keys["ada"], office.keys["ada"]]):
        with pytest.raises(UsageError, match="takes two leads"):
            add_reviewer(office.store, leads, sock, [role], NOON)
    with pytest.raises(UsageError, match="takes two leads"):
        change_roles(office.store, office.keys["ada"], "eva" if role == "investigator" else "dia", [role], NOON)
    add_reviewer(office.store, [office.keys["ada"], office.keys["ben"]], sock, [role], NOON)

    assert _roster(office.store).people["fay"].roles == (role,)


def test_nobody_adds_a_second_key_or_name_of_their_own(office: Office, tmp_path: Path) -> None:
    again = make_key(tmp_path / "again.key", "cem", PASSPHRASE)

    with pytest.raises(UsageError, match="on the roster already"):
        add_reviewer(office.store, office.keys["ada"], again, ["lead"], NOON)


def test_nobody_changes_their_own_roles(office: Office) -> None:
    with pytest.raises(UsageError, match="nobody changes their own roles"):
        change_roles(office.store, office.keys["ada"], "ada", ["lead", "appeals"], NOON)


def test_roles_change_by_somebody_elses_signature(office: Office) -> None:
    change_roles(office.store, [office.keys["ada"], office.keys["ben"]], "dia", ["reviewer", "appeals"], NOON)

    assert _roster(office.store).people["dia"].roles == ("appeals", "reviewer")


def test_who_leaves_may_nothing_more(office: Office) -> None:
    remove_reviewer(office.store, office.keys["ada"], "cem", NOON)

    assert not _roster(office.store).people["cem"].may("view")
    with pytest.raises(UsageError, match="may not work"):
        office.casework.open("x", "cem")


def test_somebody_is_always_left_who_keeps_the_roster(office: Office) -> None:
    with pytest.raises(UsageError, match="two who may keep the roster have to be left"):
        remove_reviewer(office.store, office.keys["ada"], "ben", NOON)
    with pytest.raises(UsageError, match="two who may keep the roster have to be left"):
        change_roles(office.store, office.keys["ada"], "ben", ["viewer"], NOON)

    assert _roster(office.store).people["ben"].roles == ("lead",)


@pytest.mark.parametrize("given", [["chief"], []])
def test_there_are_roles_and_no_others(office: Office, tmp_path: Path, given: list[str]) -> None:
    new = make_key(tmp_path / "fay.key", "fay", PASSPHRASE)

    with pytest.raises(UsageError, match="role"):
        add_reviewer(office.store, office.keys["ada"], new, given, NOON)


def _statement(office: Office, people: list[dict[str, object]], signers: list[str], folder: Path) -> dict[str, object]:
    """A row for the roster that follows on the last, signed by some of those who are there."""
    roster = _roster(office.store)
    said = Statement("roster", office.store.store_id, {"after": roster.last, "people": people, "why": "added"})
    return {
        "number": roster.statements + 1, "at": NOON, "body": json.dumps(said.body), "digest": said.digest,
        "signatures": json.dumps({name: office.keys[name].sign(said) for name in signers}),
    }  # fmt: skip


def test_a_row_that_somebody_writes_into_the_store_makes_nobody_a_reviewer(office: Office, tmp_path: Path) -> None:
    mallory = make_key(tmp_path / "mal.key", "mallory", PASSPHRASE)
    office.keys["mallory"] = mallory
    people: list[dict[str, object]] = [{"name": "mallory", "public": mallory.public, "roles": ["lead"]}]
    row = _statement(office, people, ["mallory"], tmp_path)
    with office.store.writing() as session:
        session.execute(insert(RosterRow).values(**row))

    with pytest.raises(InputError, match="nobody else who may keep the roster signed it"):
        _roster(office.store)


def test_a_reviewer_cannot_make_themselves_lead_by_hand(office: Office, tmp_path: Path) -> None:
    people: list[dict[str, object]] = [{"name": "cem", "public": office.keys["cem"].public, "roles": ["lead"]}]
    row = _statement(office, people, ["cem", "dia"], tmp_path)
    with office.store.writing() as session:
        session.execute(insert(RosterRow).values(**row))

    with pytest.raises(InputError, match="nobody else who may keep the roster signed it"):
        _roster(office.store)


def test_a_lead_cannot_put_their_own_key_under_anothers_name(office: Office, tmp_path: Path) -> None:
    people: list[dict[str, object]] = [{"name": "ben", "public": office.keys["ada"].public, "roles": ["lead"]}]
    row = _statement(office, people, ["ada"], tmp_path)
    with office.store.writing() as session:
        session.execute(insert(RosterRow).values(**row))

    with pytest.raises(InputError, match="ben has another key already"):
        _roster(office.store)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_statement_that_was_changed_or_is_gone_stops_everything(office: Office, number: int) -> None:
    with office.store.writing() as session:
        body = json.loads(session.scalar(select(RosterRow.body).where(RosterRow.number == number)) or "")
        body["people"][0]["roles"] = ["lead", "appeals"]
        session.execute(update(RosterRow).where(RosterRow.number == number).values(body=json.dumps(body)))
    with pytest.raises(InputError, match=f"statement {number} of the store's roster does not count"):
        _roster(office.store)

    with office.store.writing() as session:
        session.execute(delete(RosterRow).where(RosterRow.number == number))
    if number < 4:
        with pytest.raises(InputError, match="does not count"):
            _roster(office.store)


def test_founders_who_are_put_in_place_of_others_are_noticed(office: Office, tmp_path: Path) -> None:
    cem = office.keys["cem"]
    _roster(office.store).holder(cem, "approve")
    with office.store.writing() as session:
        session.execute(delete(RosterRow))
    twins = [make_key(tmp_path / f"{name}2.key", name, PASSPHRASE) for name in ("ada", "ben")]
    found_roster(office.store, twins[0], twins[1], NOON)
    add_reviewer(office.store, twins, cem, ["reviewer"], NOON)

    with pytest.raises(InputError, match="not the one that ada has"):
        add_reviewer(office.store, office.keys["ada"], office.keys["dia"], ["viewer"], NOON)
    with pytest.raises(InputError, match=r"has 2 statements, and .* has known \d: somebody took some away"):
        _roster(office.store).holder(cem, "approve")
    for name in ("dia", "eva", "fay"):
        more = make_key(tmp_path / f"{name}2.key", name, PASSPHRASE)
        add_reviewer(office.store, twins[0], more, ["viewer"], NOON)
    with pytest.raises(InputError, match="somebody has put others in their place"):
        _roster(office.store).holder(cem, "approve")


def test_who_left_does_not_come_back_by_a_statement_that_is_taken_away(office: Office) -> None:
    remove_reviewer(office.store, office.keys["ada"], "cem", NOON)
    with office.store.writing() as session:
        last = session.scalars(select(RosterRow.number).order_by(RosterRow.number.desc())).first()
        session.execute(delete(RosterRow).where(RosterRow.number == last))

    with pytest.raises(InputError, match="not the one that the log knows; somebody took statements away"):
        _roster(office.store)


def test_every_permission_is_somebodys() -> None:
    given = {permission for may in roles().values() for permission in may}

    assert given == set(get_args(Permission))
