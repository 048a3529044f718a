"""Many rows are put and changed as one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from samehand.casework.tables import CaseRow
from samehand.errors import JobError
from samehand.store import among, change, open_store, put

AT = datetime(2026, 11, 27, 12, 0, 0, 123_456, tzinfo=UTC)


def _rows(count: int) -> list[dict[str, object]]:
    return [
        {"case_id": number, "title": f"case {number}", "state": "open", "origin": "hand", "origin_ref": "", "harm": number,
         "opened_at": AT, "opened_by": "ada", "changed_at": AT, "version": 1, "assignee": None}
        for number in range(1, count + 1)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 2_500])
def test_every_row_has_its_own_new_values_and_no_other_is_touched(store_url: str, count: int) -> None:
    with open_store(store_url) as store:
        with store.writing() as session:
            put(session, CaseRow, _rows(count + 1))
        with store.writing() as session:
            change(session, CaseRow, [
                {"case_id": number, "assignee": None if number % 2 else f"o'{number}\\", "harm": -number,
                 "changed_at": AT + timedelta(microseconds=number)}
                for number in range(1, count + 1)
            ])  # fmt: skip
        with store.reading() as session:
            rows = session.scalars(select(CaseRow).order_by(CaseRow.case_id)).all()

    assert [(row.assignee, row.harm, row.changed_at) for row in rows[:count]] == [
        (None if number % 2 else f"o'{number}\\", -number, AT + timedelta(microseconds=number))
        for number in range(1, count + 1)
    ]
    assert (rows[count].assignee, rows[count].harm, rows[count].changed_at) == (None, count + 1, AT)
    assert {row.version for row in rows} == {1}


TEXTS = ["", "\\N", "\\.", "a\tb\nc\r\n", "back\\slash", 'o\'clock, "so"', "光復 🙂", "\x01\x1f", None]


@pytest.mark.parametrize("count", [len(TEXTS), 300])
def test_what_is_put_is_read_again_as_it_was(store_url: str, count: int) -> None:
    rows = [{**row, "assignee": TEXTS[k % len(TEXTS)]} for k, row in enumerate(_rows(count))]
    with open_store(store_url) as store:
        with store.writing() as session:
            put(session, CaseRow, rows)
        with store.reading() as session:
            found = session.scalars(select(CaseRow).order_by(CaseRow.case_id)).all()

    assert [(row.assignee, row.opened_at, row.harm) for row in found] == [
        (row["assignee"], AT, row["harm"]) for row in rows
    ]


@pytest.mark.parametrize("count", [2, 300])
def test_of_rows_that_clash_none_is_kept(store_url: str, count: int) -> None:
    with open_store(store_url) as store:
        with pytest.raises(IntegrityError), store.writing() as session:
            put(session, CaseRow, [*_rows(count), _rows(1)[0]])
        with store.writing() as session:
            put(session, CaseRow, _rows(count))
            assert len(session.scalars(select(CaseRow.case_id)).all()) == count


@pytest.mark.server
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_database_that_goes_away_below_many_rows_is_told_of_in_words(store_url: str) -> None:
    with open_store(store_url) as store, open_store(store_url) as other:
        with pytest.raises(JobError, match="nothing was changed"), store.writing() as session:
            mine = session.scalar(select(text("pg_backend_pid()")))
            with other.writing() as killing:
                killing.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
            put(session, CaseRow, _rows(300))
        with store.reading() as session:
            assert session.scalars(select(CaseRow.case_id)).all() == []


@pytest.mark.parametrize("count", [0, 1, 5_000])
def test_those_among_many_values_are_found(store_url: str, count: int) -> None:
    with open_store(store_url) as store:
        with store.writing() as session:
            put(session, CaseRow, _rows(count + 3))
        with store.reading() as session:
            named = session.scalars(
                select(CaseRow.case_id).where(among(session, CaseRow.title, [f"case {k}" for k in range(1, count + 1)]))
            )
            assert sorted(named) == list(range(1, count + 1))
