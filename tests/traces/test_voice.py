from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from samehand.traces.voice import MINIMUM_CHARACTERS, fold, informative, spoken
from tests.traces.posts import keys

_LATIN = [f"{a}{b}{c}" for a in "bdfg" for b in "aeio" for c in "klmn"]
_HAN = [chr(0x4E00 + i) + chr(0x5000 + j) for i in range(8) for j in range(8)]


@settings(deadline=None, max_examples=500)
@given(text=st.text())
@example(text="H\u0331 T\u0308 İ")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None, max_examples=300)
@given(text=st.text())
def test_a_folded_text_is_the_same_however_its_accents_are_written(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("one", "other"),
    [("straße", "strasse"), ("ﬁnd", "find"), ("①", "1"), ("οδος", "οδοσ"), ("ı", "i"), ("é", "e"), ("ｆ", "f")],
)
def test_folding_makes_no_two_words_one(one: str, other: str) -> None:
    """Full case folding and compatibility forms would."""
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("VELOR", "velor"), ("ÉTÉ", "e\u0301te\u0301"), ("ДОВАН", "дован"), ("H\u0331", "ẖ")]
)
def test_one_word_in_two_cases_is_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@settings(deadline=None, max_examples=200)
@given(
    texts=st.lists(st.lists(st.integers(0, 11), max_size=8), min_size=2, max_size=8),
    seed=st.integers(0, 1_000_000),
    words=st.sampled_from([_LATIN, _HAN]),
    between=st.sampled_from([" ", ", ", "。", "\n"]),
)
def test_nonsense_in_the_place_of_words_changes_no_equality_and_no_floor(
    texts: list[list[int]], seed: int, words: list[str], between: str
) -> None:
    """The promise to be viewpoint-blind: words are renamed one-to-one, length and script kept."""
    import random

    renamed = random.Random(seed).sample(words, 12)
    one = spoken(pa.array([between.join(words[i] for i in text) for text in texts]))
    two = spoken(pa.array([between.join(renamed[i] for i in text) for text in texts]))
    said, nonsense = one[0].to_pylist(), two[0].to_pylist()

    assert [[a == b for b in said] for a in said] == [[a == b for b in nonsense] for a in nonsense]
    assert one[1].to_pylist() == two[1].to_pylist()


def test_the_floor_counts_characters_of_spaceless_scripts_not_distinct_ones() -> None:
    """A sentence of few letters must not tie fewer accounts than one of many: that would be reading it."""
    few = "".join("日月"[i % 2] for i in range(MINIMUM_CHARACTERS))
    many = "".join(chr(0x4E00 + i) for i in range(MINIMUM_CHARACTERS))

    assert informative(few)
    assert informative(many)
    assert not informative(many[:-1])


@pytest.mark.parametrize(
    "text", ["yes", "good morning all", "yes yes yes yes", "नमस्ते जी", "ขอบคุณ", "!!! ??? ... ---", "日本日本 日本日本"]
)
def test_what_says_too_little_is_no_object(text: str) -> None:
    assert keys("text", {"text": text}) == []


@pytest.mark.parametrize(
    "text",
    ["Brel DOVAN kiru mest", "brel  dovan\u00a0kiru\tmest", "@velor brel dovan https://example.org/x kiru mest",
     "brel dovan kiru mest www.example.org", "\nbrel dovan @a.b kiru mest "],
)  # fmt: skip
def test_links_mentions_spacing_and_case_do_not_make_a_text_another(text: str) -> None:
    assert keys("text", {"text": text}) == ["brel dovan kiru mest"]


def test_a_text_in_another_order_is_another_text() -> None:
    assert len(set(keys("text", {"text": "brel dovan kiru mest"}, {"text": "dovan brel kiru mest"}))) == 2
