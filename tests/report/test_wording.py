from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.report.names import name_accounts
from samehand.report.wording import cleaned, counted, duration, moment, odds, offset, share, shortened, significant


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (0.9, "no better than chance"),
        (0.25, "about 1 in 4"),
        (0.00043, "about 1 in 2,300"),
        (2.5e-7, "about 1 in 4 million"),
        (3e-8, "about 1 in 33 million"),
        (1e-11, "about 1 in 100 billion"),
        (1e-13, "less than 1 in a trillion"),
        (0.0, "less than 1 in a trillion"),
        (float("nan"), "less than 1 in a trillion"),
    ],
)
def test_odds_are_said_in_words(p_value: float, words: str) -> None:
    assert odds(p_value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.0123, "0.012"),
        (1234.6, "1,235"),
        (1.04e-22, "1.0\u00a0×\u00a010⁻²²"),
        (3e7, "3.0\u00a0×\u00a010⁷"),
    ],
)
def test_numbers_have_two_digits(value: float | None, words: str) -> None:
    assert significant(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (0.0, "0 %"), (0.01, "1 %"), (0.0062, "0.62 %"), (0.5, "50 %"), (1e-9, "< 0.01 %")],
)
def test_shares_are_per_cent(value: float | None, words: str) -> None:
    assert share(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (1e-6, "1e-06 s"), (40, "40 s"), (90, "1.5 min"), (12_600, "3.5 h"), (172_800, "2 d")],
)
def test_durations_have_a_natural_unit(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_first_is_called_first_and_others_come_after() -> None:
    assert (offset(0), offset(36_000_000)) == ("first", "+36 s")


def test_times_are_utc() -> None:
    assert moment(1_565_000_000_000_000) == "2019-08-05 10:13:20"


def test_one_thing_is_singular() -> None:
    assert (counted(1, "network"), counted(2_000, "network")) == ("1 network", "2,000 networks")


@given(st.text())
def test_cleaned_text_holds_no_control_and_no_direction_marks(text: str) -> None:
    kept = cleaned(text)

    assert not [c for c in kept if (ord(c) < 32 and c not in "\t\n") or 0x202A <= ord(c) <= 0x202E]
    assert cleaned(kept) == kept


@given(st.text(), st.integers(1, 50))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit


def test_names_are_scrubbed_as_whole_words_only() -> None:
    profiles = {("x", "anna"): {"handle": "bob", "display_name": None}}
    names = name_accounts([("x", "anna")], profiles, redact=True)

    assert names.scrub("anna, @bob and savannah") == "A1, A1 and savannah"


def test_without_redaction_nothing_is_scrubbed() -> None:
    names = name_accounts([("x", "1234567")], {}, redact=False)

    assert names.scrub("see https://a.example of 1234567") == "see https://a.example of 1234567"
