"""Cells into times, numbers and lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.errors import UsageError
from samehand.records.arrow import Column
from samehand.sources.times import read_times, zone_named
from samehand.sources.values import bracketed, found_in, read_flags, read_items, read_numbers, read_text


def _times(*cells: str | None, zone: str = "UTC", pattern: str | None = None) -> list[datetime | None]:
    found: list[datetime | None] = read_times(pa.array(cells, pa.string()), zone, pattern).values.to_pylist()
    return found


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1629589836", datetime(2021, 8, 21, 23, 50, 36, tzinfo=UTC)),
        ("1629589836.0", datetime(2021, 8, 21, 23, 50, 36, tzinfo=UTC)),
        ("1.629589836e9", datetime(2021, 8, 21, 23, 50, 36, tzinfo=UTC)),
        ("1629589836123", datetime(2021, 8, 21, 23, 50, 36, 123_000, tzinfo=UTC)),
        ("1629589836123456", datetime(2021, 8, 21, 23, 50, 36, 123_456, tzinfo=UTC)),
        ("1629589836123456789", datetime(2021, 8, 21, 23, 50, 36, 123_456, tzinfo=UTC)),
        ("2021-08-21T23:50:36Z", datetime(2021, 8, 21, 23, 50, 36, tzinfo=UTC)),
        ("2021-08-21T23:50:36.123456+02:00", datetime(2021, 8, 21, 21, 50, 36, 123_456, tzinfo=UTC)),
        ("2021-08-21 23:50:36.1234567Z", datetime(2021, 8, 21, 23, 50, 36, 123_456, tzinfo=UTC)),
        ("2021-08-21 23:50", datetime(2021, 8, 21, 23, 50, tzinfo=UTC)),
        ("2021-08-21", datetime(2021, 8, 21, tzinfo=UTC)),
        ("Wed Aug 27 13:08:45 +0000 2008", datetime(2008, 8, 27, 13, 8, 45, tzinfo=UTC)),
        ("Wed Feb 31 13:08:45 +0000 2008", None),
        ("2017-02-31", None),
        ("9999-01-01", None),
        ("1e400", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_time_is_read_alone_and_among_others(cell: str | None, expected: datetime | None) -> None:
    other = datetime(2020, 1, 1, tzinfo=UTC)

    assert _times(cell) == [expected]
    assert _times("2020-01-01T00:00:00Z", cell, "x", "1577836800") == [other, expected, None, other]


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)),
    st.sampled_from([0, 60, -330, 765]),
    st.sampled_from(["T", " "]),
)
def test_iso_times_round_trip(moment: datetime, offset_min: int, separator: str) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset_min)))

    assert _times(aware.isoformat(separator)) == [aware.astimezone(UTC)]


@given(st.lists(st.text(max_size=12) | st.integers().map(str) | st.floats().map(str), max_size=8))
def test_no_text_breaks_the_reader_of_times(cells: list[str]) -> None:
    clean = [cell.encode("utf-8", "replace").decode() for cell in cells]
    times = read_times(pa.array(clean, pa.string()))

    assert [(cell is not None) and not bad for cell, bad in zip(clean, times.unreadable, strict=True)] == [
        value is not None for value in times.values.to_pylist()
    ]


def test_a_time_without_a_zone_is_in_the_zone_given_and_counted() -> None:
    times = read_times(pa.array(["2021-07-01 12:00", "2021-07-01T12:00:00Z", "1625140800"]), "Europe/Berlin")

    assert [value.hour for value in times.values.to_pylist() if value] == [10, 12, 12]
    assert times.zoneless == 1


def test_hours_that_clocks_repeat_or_skip_are_read() -> None:
    assert _times("2021-10-31 02:30", "2021-03-28 02:30", zone="Europe/Berlin") == [
        datetime(2021, 10, 31, 0, 30, tzinfo=UTC),
        datetime(2021, 3, 28, 1, 0, tzinfo=UTC),
    ]


def test_american_dates_are_read_where_a_format_says_so() -> None:
    assert _times("1/2/2015 3:04", "12/31/2016", "13/1/2015 1:00", "2/30/2015 1:00", pattern="us") == [
        datetime(2015, 1, 2, 3, 4, tzinfo=UTC),
        datetime(2016, 12, 31, tzinfo=UTC),
        None,
        None,
    ]
    assert _times("1/2/2015 3:04:05", pattern="us") == [datetime(2015, 1, 2, 3, 4, 5, tzinfo=UTC)]


def test_a_pattern_of_ones_own_is_followed() -> None:
    assert _times("02.01.2015 10 Uhr", "x", pattern="%d.%m.%Y %H Uhr") == [datetime(2015, 1, 2, 10, tzinfo=UTC), None]


def test_columns_with_types_are_times_too() -> None:
    expected = datetime(2021, 7, 1, tzinfo=UTC)
    columns: list[Column] = [
        pa.array([expected], pa.timestamp("ms", "UTC")),
        pa.array([expected.replace(tzinfo=None)], pa.timestamp("ns")),
        pa.array([expected.date()], pa.date32()),
        pa.array([1625097600], pa.int64()),
        pa.array([1625097600.0], pa.float64()),
    ]

    assert [read_times(column).values.to_pylist() for column in columns] == [[expected]] * 5


def test_an_unknown_zone_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no time zone 'Europe/Berln'; nearest: Europe/Berlin"):
        zone_named("Europe/Berln")
    with pytest.raises(UsageError, match="name one such as"):
        zone_named("../../etc/passwd")


def test_numbers_with_commas_and_fractions_of_nothing_are_whole() -> None:
    values, unreadable = read_numbers(pa.array(["1,234", "12.0", " 7 ", "", "1.5", "x", "9" * 30]), pa.int64())

    assert values.to_pylist() == [1234, 12, 7, None, None, None, None]
    assert unreadable.tolist() == [False, False, False, False, True, True, True]


def test_real_numbers_are_finite() -> None:
    assert read_numbers(pa.array(["1.5", "nan", "1,000.5"]), pa.float64())[0].to_pylist() == [1.5, None, 1000.5]


def test_blank_text_is_null_and_other_text_is_untouched() -> None:
    assert read_text(pa.array(["", "  ", " a ", None])).to_pylist() == [None, None, " a ", None]


def test_flags_say_yes_in_many_ways() -> None:
    assert read_flags(pa.array(["TRUE", "1", "t", "False", "0", "", None])).to_pylist() == [True] * 3 + [False] * 4


@given(st.lists(st.none() | st.lists(st.sampled_from(["a", "b", "", " ", "c d"]), max_size=4), max_size=6))
def test_lists_have_no_empty_item_and_none_twice(lists: list[list[str] | None]) -> None:
    cells = pa.array([None if items is None else "|".join(items) for items in lists], pa.string())
    expected = [list(dict.fromkeys(item for item in items or [] if item.strip())) or None for items in lists]

    assert read_items(cells, "|").to_pylist() == expected


def test_json_arrays_are_lists() -> None:
    cells = pa.array(['["a|b", "c", null, 3]', "[x|y]", "p|q"])

    assert read_items(cells, "|").to_pylist() == [["a|b", "c", "3"], ["[x", "y]"], ["p", "q"]]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("[a, b]", ["a", "b"]),
        ("['a', 'b']", ["a", "b"]),
        ("[http://x/1,2,http://y]", ["http://x/1,2", "http://y"]),
        ("[]", None),
        ("", None),
        ("a", ["a"]),
    ],
)
def test_lists_of_the_archive_are_read(cell: str, expected: list[str] | None) -> None:
    assert bracketed(pa.array([cell])).to_pylist() == [expected]
    assert bracketed(pa.array([cell, "['q']"])).to_pylist() == [expected, ["q"]]


def test_links_hashtags_and_mentions_are_found_in_text() -> None:
    text = pa.array(["see https://a.b/c#part. #Tag #1 (@bob) me@example.org &#39;", None, "nothing"])

    assert [found_in(text, what).to_pylist() for what in ("urls", "hashtags", "mentions")] == [
        [["https://a.b/c#part"], None, None],
        [["Tag"], None, None],
        [["bob"], None, None],
    ]
