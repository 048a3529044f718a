"""Codes follow from answers, and every fact has its days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from samehand.advertising import CODES, QUESTIONS, Answer, Assessment, derive_code
from samehand.advertising.facts import VALUES
from tests.advertising.made_up import OF_CODE, assessed, cites, entity, span


@pytest.mark.parametrize(("code", "answers"), OF_CODE.items())
def test_the_code_is_that_of_the_fields_table(code: str, answers: tuple[str, str, str]) -> None:
    assert derive_code(*answers) == code  # type: ignore[arg-type]


def test_every_answer_in_full_fixes_a_code_and_every_code_is_fixed_by_one() -> None:
    fixed = {derive_code(*answers) for answers in product(("yes", "no"), repeat=3)}  # type: ignore[arg-type]

    assert fixed == set(CODES)


def test_what_is_unclear_or_disputed_fixes_no_code_but_captured_private_which_does_not_ask_who_pays() -> None:
    for answers in product(VALUES, repeat=3):
        if {"unclear", "disputed"} & set(answers):
            expected = "CaPr" if answers[1:] == ("no", "yes") else None
            assert derive_code(*answers) == expected, answers


def test_a_fact_holds_from_its_first_day_up_to_the_day_on_which_it_does_not() -> None:
    one = span(date(2021, 3, 1), date(2023, 1, 1), recorded=date(2022, 1, 1))

    assert not one.holds(date(2021, 2, 28), date(2024, 1, 1))
    assert one.holds(date(2021, 3, 1), date(2024, 1, 1))
    assert one.holds(date(2022, 12, 31), date(2024, 1, 1))
    assert not one.holds(date(2023, 1, 1), date(2024, 1, 1))


def test_what_was_held_on_a_day_is_not_what_is_held_now() -> None:
    before = assessed("IP", when=span(recorded=date(2020, 1, 1), withdrawn=date(2022, 1, 1)))
    after = assessed("SC", when=span(date(2021, 3, 1), recorded=date(2022, 1, 1)))
    one = entity(assessments=(before, after))
    day = date(2021, 6, 1)

    assert [one.assessed(day, held) for held in (date(2019, 1, 1), date(2021, 6, 1), date(2022, 1, 1))] == [
        None,
        before,
        after,
    ]


def test_two_citations_of_one_source_are_one() -> None:
    twice = (*cites("a"), replace(cites("a")[0], name="another page"))
    one = Assessment(span(), {name: Answer("yes", twice) for name in QUESTIONS})

    assert [citation.source for citation in one.read] == ["a"]
    assert len(assessed("SC", sources=3).read) == 3
    assert assessed("SC", sources=3, read=False).read == ()


def test_a_safeguard_that_nobody_read_about_is_not_shown() -> None:
    assert assessed(safeguards=("statute", "external_assessment")).safe("statute", "external_assessment")
    assert not assessed(safeguards=("statute",)).safe("statute", "external_assessment")
    assert not assessed(safeguards=("statute",), read=False).safe("statute")
