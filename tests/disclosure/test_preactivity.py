"""Counts of sign-ups add up, and of fewer than k nothing follows from them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from samehand.disclosure import PARTS, PreActivity, preactivity_of
from samehand.records import schema_of

K = 5
NAMES = st.tuples(st.integers(1, 4), st.sampled_from(["direct", "qr"]), st.sampled_from(PARTS))


def _made(people: list[tuple[int, str, str]], **more: Any) -> PreActivity:
    keys = {("sim", f"a{number}"): part for number, (_, _, part) in enumerate(people)}
    rows = [
        {"platform": "sim", "asset_id": f"a{number}", "at": datetime(2019, 7, day, tzinfo=UTC), "referrer": channel}
        for number, (day, channel, _) in enumerate(people)
    ]
    table = pa.Table.from_pylist(rows, schema_of("signups"))
    posted, given_back = ({key for key, part in keys.items() if part == which} for which in PARTS[1:])
    families = dict.fromkeys(keys, "device")
    return preactivity_of(table.to_batches(), families, posted=posted, given_back=given_back, k=K, **more)


def _people(found: list[tuple[tuple[int, str, str], int]]) -> list[tuple[int, str, str]]:
    return [one for one, count in found for _ in range(count)]


def _cell(day: int, **parts: int) -> list[tuple[int, str, str]]:
    return [(day, "direct", part) for part, count in parts.items() for _ in range(count)]


def test_a_cell_that_is_left_out_alone_takes_a_second_one_with_it() -> None:
    made = _made([*_cell(1, posted=4), *_cell(2, posted=20), *_cell(3, posted=9), *_cell(4, posted=30)])
    assert made.table["accounts"].to_pylist() == [20, 30]
    assert (made.cells, made.accounts) == (2, 13)
    assert made.known == {"accounts": 63, "never_posted": 0, "posted": 63, "given_back": 0}


def test_a_small_part_takes_parts_of_another_cell_with_it_and_cells_without_small_parts_keep_theirs() -> None:
    made = _made([*_cell(1, posted=20, given_back=1), *_cell(2, posted=10, given_back=6), *_cell(3, posted=8)])
    rows = made.table.to_pylist()
    assert [row["accounts"] for row in rows] == [21, 16, 8]
    assert [row["given_back"] for row in rows] == [None, None, 0]  # 7 are told of: 6 beside it would tell of the 1
    assert [row["posted"] for row in rows] == [None, None, 8]
    assert made.known == {"accounts": 45, "never_posted": 0, "posted": 38, "given_back": 7}


def test_how_many_were_given_back_is_told_and_in_which_cell_they_were_is_not() -> None:
    """Appeals of the release tell it anyway."""
    made = _made([*_cell(1, posted=20, given_back=1), *_cell(2, posted=30), *_cell(3, posted=9)])
    assert made.known == {"accounts": 60, "never_posted": 0, "posted": 59, "given_back": 1}
    assert made.table["given_back"].to_pylist() == [None, 0, None]
    assert made.table["accounts"].to_pylist() == [21, 30, 9]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NAMES, st.integers(1, 12)), max_size=12).map(_people))
def test_no_number_of_few_follows_from_all_that_is_told(people: list[tuple[int, str, str]]) -> None:
    """All that a reader can add up, as equations: within them each hidden number below k may be two numbers at least."""
    made = _made(people)
    rows = made.table.to_pylist()
    assert made.known["accounts"] == (None if 0 < len(people) < K else len(people))
    assert made.accounts + sum(row["accounts"] for row in rows) == len(people)
    true = Counter((f"2019-07-{day:02d}", channel, part) for day, channel, part in people)
    lines: list[tuple[list[tuple[Any, ...]], int]] = []
    for row in rows:
        cells = [(row["created_on"], row["channel"], part) for part in PARTS]
        shown = {cell: row[cell[2]] for cell in cells if row[cell[2]] is not None}
        assert all(value == true[cell] and (value == 0 or value >= K) for cell, value in shown.items())
        lines.append(([cell for cell in cells if cell not in shown], row["accounts"] - sum(shown.values())))
    rest = [("left out", "", part) for part in PARTS]
    true.update(
        {("left out", "", part): sum(one[2] == part for one in people) for part in PARTS}
    )  # less the shown, below
    for row in rows:
        for part in PARTS:
            true["left out", "", part] -= true[row["created_on"], row["channel"], part]
    lines.append((rest, made.accounts))
    for part in PARTS:
        if (total := made.known[part]) is not None:
            gone = [(row["created_on"], row["channel"], part) for row in rows if row[part] is None]
            lines.append(([*gone, ("left out", "", part)], total - sum(row[part] or 0 for row in rows)))
    names = sorted({one for line, _ in lines for one in line})
    if made.known["accounts"] is None or len(rows) + made.cells < 2:
        return  # of one cell the parts are those of the whole
    equal = [[float(name in line) for name in names] for line, _ in lines]
    for number, name in enumerate(names):
        if not 0 < true[name] < K or (name in rest and made.cells > 1):
            continue
        least, less_most = (
            linprog([sign * (one == number) for one in range(len(names))], A_eq=equal, b_eq=[left for _, left in lines]).fun
            for sign in (1, -1)
        )  # fmt: skip
        assert least is not None
        assert less_most is not None
        assert -less_most - least >= 1 - 1e-6, (name, true[name], made)


@pytest.mark.parametrize(("span", "told"), [("month", ["2019-07"]), ("none", [])])
def test_days_may_be_told_by_month_or_not_at_all(span: Any, told: list[str]) -> None:
    made = _made([*_cell(1, posted=20), *_cell(2, never_posted=20)], span=span)
    assert made.table["created_on"].to_pylist() == told
    assert made.known == {"accounts": 40, "never_posted": 20, "posted": 20, "given_back": 0}
    assert made.accounts == (40 if span == "none" else 0)
