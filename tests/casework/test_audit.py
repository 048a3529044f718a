"""The log shows every edit, deletion, insertion and reordering, and with a head that left the store a cut-off tail."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import Session

from samehand.casework import Entry, Verification, append, commit, opens, read_entries, verify
from samehand.casework.audit import AuditRow, HeadRow, head_of
from samehand.store import Store, open_store

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ENTRIES = 60
TAMPERINGS = 1_000
COLUMNS = ("at", "actor", "kind", "case_id", "body", "before", "hash")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as opened:
        _fill(opened, ENTRIES)
        yield opened


def _fill(store: Store, count: int) -> None:
    with store.writing() as session:
        for number in range(count):
            entry = Entry("act.done", f"r{number % 3}", {"n": number, "what": "café"}, number % 4 or None)
            append(session, AT + timedelta(seconds=number), [entry])


def _verified(store: Store, *anchors: tuple[int, str]) -> Verification:
    with store.reading() as session:
        return verify(session, anchors)


def test_a_log_that_nobody_touched_holds(store: Store) -> None:
    found = _verified(store)

    assert found.holds
    assert found.entries == ENTRIES


def test_an_empty_log_holds(store_url: str) -> None:
    with open_store(store_url) as empty:
        assert _verified(empty) == Verification(0, "0" * 64, ())


def test_many_entries_at_once_are_the_same_chain_as_one_by_one(store_url: str, store: Store) -> None:
    with store.reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number)).all()
    with store.writing() as session:
        session.execute(delete(AuditRow))
        session.execute(delete(HeadRow))
        for row in rows:  # each at its own time, as before
            append(session, row.at, [Entry(row.kind, row.actor, {"n": row.number - 1, "what": "café"}, row.case_id)])
    with store.reading() as session:
        assert [row.hash for row in session.scalars(select(AuditRow).order_by(AuditRow.number))] == [
            row.hash for row in rows
        ]


def test_entries_come_back_as_they_were_written(store: Store) -> None:
    with store.reading() as session:
        last = read_entries(session, most=2)
        of_case = read_entries(session, 3)

    assert [one["body"] for one in last] == [{"n": n, "what": "café"} for n in (ENTRIES - 2, ENTRIES - 1)]
    assert {one["case_id"] for one in of_case} == {3}


def test_what_fails_enters_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as session:
        append(session, AT, [Entry("act.done", "r0", {})])
        raise ZeroDivisionError

    assert _verified(store) == Verification(ENTRIES, _verified(store).hash, ())


def _row(connection: Connection, number: int) -> dict[str, object]:
    row = connection.execute(select(AuditRow.__table__).where(AuditRow.number == number)).mappings().one()
    return dict(row)


def _edit(connection: Connection, draw: random.Random) -> None:
    number, column = draw.randint(1, ENTRIES), draw.choice(COLUMNS)
    before = _row(connection, number)[column]
    after: object
    if isinstance(before, datetime):
        after = before + timedelta(microseconds=draw.choice([-1, 1]))
    elif column == "case_id":
        after = 9 if before is None else draw.choice([None, int(str(before)) + 1])
    else:
        text = str(before)
        place = draw.randrange(len(text))
        after = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
    connection.execute(update(AuditRow).where(AuditRow.number == number).values({column: after}))


def _delete(connection: Connection, draw: random.Random) -> None:
    connection.execute(delete(AuditRow).where(AuditRow.number == draw.randint(1, ENTRIES - 1)))


def _swap(connection: Connection, draw: random.Random) -> None:
    one, other = draw.sample(range(1, ENTRIES + 1), 2)
    first, second = _row(connection, one), _row(connection, other)
    connection.execute(delete(AuditRow).where(AuditRow.number.in_([one, other])))
    connection.execute(insert(AuditRow), [{**first, "number": other}, {**second, "number": one}])


def _insert(connection: Connection, draw: random.Random) -> None:
    """A copy goes in after an entry, and all that follow are numbered anew."""
    place = draw.randint(1, ENTRIES)
    rows = [_row(connection, number) for number in range(place, ENTRIES + 1)]
    connection.execute(delete(AuditRow).where(AuditRow.number > place))
    connection.execute(insert(AuditRow), [{**row, "number": place + 1 + k} for k, row in enumerate(rows)])


def _truncate(connection: Connection, draw: random.Random) -> None:
    """The end goes, and the store's own note of the last entry with it."""
    left = draw.randint(0, ENTRIES - 1)
    connection.execute(delete(AuditRow).where(AuditRow.number > left))
    last = _row(connection, left)["hash"] if left else "0" * 64
    connection.execute(update(HeadRow).values(number=left, hash=last))


TAMPER = {"edit": _edit, "delete": _delete, "swap": _swap, "insert": _insert, "truncate": _truncate}


@pytest.mark.parametrize("how", list(TAMPER))
def test_of_a_thousand_tamperings_all_are_found(store: Store, how: str) -> None:
    head = _verified(store)
    draw = random.Random(f"tampering {how}")
    unseen = 0
    for _ in range(TAMPERINGS // len(TAMPER)):
        with store.engine.connect() as connection, connection.begin() as transaction:
            TAMPER[how](connection, draw)
            unseen += verify(Session(connection), [(head.entries, head.hash)]).holds
            transaction.rollback()

    assert unseen == 0
    assert _verified(store, (head.entries, head.hash)).holds


def test_a_cut_off_tail_is_seen_by_a_head_that_left_the_store_and_not_without(store: Store) -> None:
    with store.reading() as session:
        head = head_of(session)
    with store.engine.begin() as connection:
        _truncate(connection, random.Random(1))

    assert _verified(store).holds
    assert [one.number for one in _verified(store, head).breaks] == [ENTRIES]


def test_a_chain_that_somebody_wrote_anew_is_seen_by_a_head_that_left_the_store(store: Store) -> None:
    with store.reading() as session:
        head = head_of(session)
    with store.writing() as session:
        session.execute(delete(AuditRow))
        session.execute(delete(HeadRow))
        append(session, AT, [Entry("act.done", "r1", {"n": n}) for n in range(ENTRIES)])

    assert _verified(store).holds
    assert not _verified(store, head).holds


def test_a_break_says_where(store: Store) -> None:
    with store.writing() as session:
        session.execute(update(AuditRow).where(AuditRow.number == 7).values(body='{"n":99}'))
    with store.writing() as session:
        session.execute(delete(AuditRow).where(AuditRow.number == 20))

    breaks = _verified(store).breaks
    assert breaks[0].number == 7
    assert "changed" in breaks[0].what
    assert any(one.number == 21 and "entries 20 to 20 are not there" in one.what for one in breaks)


def test_a_commitment_opens_to_its_value_and_no_other() -> None:
    salt, commitment = commit("sim:a1")

    assert opens(commitment, salt, "sim:a1")
    assert not opens(commitment, salt, "sim:a2")
    assert commit("sim:a1")[1] != commitment
