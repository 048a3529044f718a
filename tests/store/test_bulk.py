"""Many rows are put and changed as one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from samehand.casework.tables import CaseRow
from samehand.store import change, open_store, put

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
