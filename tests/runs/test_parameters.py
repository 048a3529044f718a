from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.errors import UsageError
from samehand.runs import DEFAULT_WINDOWS, DetectParameters, parse_windows
from samehand.runs.parameters import parse_time

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@given(st.lists(st.tuples(st.integers(1, 99), st.sampled_from("smhd")), min_size=1, max_size=6))
def test_windows_are_read_in_any_order_and_each_once(windows: list[tuple[int, str]]) -> None:
    words = ", ".join(f"{count}{unit}" for count, unit in windows)

    assert parse_windows(words) == tuple(sorted({count * _UNITS[unit] for count, unit in windows}))


def test_the_default_windows_are_the_default_of_the_parameters() -> None:
    assert parse_windows(",".join(DEFAULT_WINDOWS)) == DetectParameters().windows_s == (10, 60, 600, 3600, 21_600)


@pytest.mark.parametrize("words", ["", "10", "s", "0s", "-5s", "10 parsecs", "10s,", "1.5h", "10s;60s"])
def test_a_window_that_cannot_be_read_is_refused_with_an_example(words: str) -> None:
    with pytest.raises(UsageError, match="write it like 10s,60s,10m,1h"):
        parse_windows(words)


@pytest.mark.parametrize(
    ("word", "moment"),
    [
        ("2019-08-19", datetime(2019, 8, 19, tzinfo=UTC)),
        ("2019-08-19T12:00:00", datetime(2019, 8, 19, 12, tzinfo=UTC)),
        ("2019-08-19T12:00:00+08:00", datetime(2019, 8, 19, 4, tzinfo=UTC)),
        ("1969-12-31T23:59:59Z", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_utc(word: str, moment: datetime) -> None:
    assert parse_time(word, "--since") == moment
    assert parse_time(None, "--since") is None


def test_a_time_that_cannot_be_read_names_its_option() -> None:
    with pytest.raises(UsageError, match=r"--until 'tomorrow' .* write it like 2019-08-19"):
        parse_time("tomorrow", "--until")


@pytest.mark.parametrize("fdr", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_a_rate_outside_of_0_and_1_is_refused(fdr: float) -> None:
    with pytest.raises(UsageError, match="--fdr"):
        DetectParameters(fdr=fdr)


def test_no_window_is_refused() -> None:
    with pytest.raises(UsageError, match="--window"):
        DetectParameters(windows_s=())
