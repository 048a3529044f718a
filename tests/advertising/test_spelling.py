"""One name is one name however it is written; another name stays another."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.advertising.spelling import LONGEST_NAME, folded, latin, words

NAME = "Kite Global Television Network"


@pytest.mark.parametrize(
    "written",
    [
        "KITE GLOBAL TELEVISION NETWORK", "Kite Globa1 Televisi0n Network", "Kite Global Television Netvvork",
        "Kíte Glóbal Télévision Nétwork", "Kitе Glоbal Tеlеvisiоn Nеtwоrk", "Ｋｉｔｅ Global Television Network",
        "Kite Global Television Network Co., Ltd.", "Kite Global Television Network, LLC",
        "Kite\u200b Global\u00ad Television Network",
        "\u202eKite Global\u202c Television Network", "  Kite--Global_Television / Network ",
        "Kite Global Televi\u0301sion Network",
    ],
)  # fmt: skip
def test_a_disguise_is_seen_through(written: str) -> None:
    assert folded(written) == folded(NAME)


@pytest.mark.parametrize(
    "written",
    [
        "Kite Global Television",
        "Global Television Network",
        "Kite Local Television Network",
        "Kate Global Television Network",
    ],
)
def test_another_name_stays_another(written: str) -> None:
    assert folded(written) != folded(NAME)


def test_traditional_characters_are_the_simplified_ones_and_a_company_is_no_part_of_a_name() -> None:
    assert folded("風箏國際電視臺") == folded("风筝国际电视台")
    assert folded("风筝国际电视台有限公司") == folded("风筝国际电视台")


def test_numbers_that_are_part_of_a_name_stay() -> None:
    assert words("Channel 24") == ("channel", "24")
    assert words("1TV") == ("1tv",)
    assert folded("France 24") != folded("France 2A")


def test_other_scripts_meet_in_latin_letters() -> None:
    assert latin("Змей Сегодня") == latin("Zmei Segodnya")
    assert latin("Kite") == "kite"


def test_a_name_that_is_all_legal_form_is_that_name() -> None:
    assert words("Holding Company") == ("holding", "company")


def test_a_name_of_a_million_letters_takes_no_longer_than_its_beginning() -> None:
    assert folded("k" * 1_000_000) == "k" * LONGEST_NAME


@given(st.text(max_size=60))
def test_whatever_is_written_is_folded_and_case_does_not_matter_where_it_can_be_undone(text: str) -> None:
    assert isinstance(latin(text), str)
    for word in words(text):
        assert word
        assert word == word.casefold() or not word.isascii()
    if text.isascii():
        assert folded(text.upper()) == folded(text.lower())


@given(st.text(alphabet=st.characters(categories=("Lu", "Ll", "Zs"), max_codepoint=0x17F), max_size=40))
def test_composed_and_split_letters_are_the_same(text: str) -> None:
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))
