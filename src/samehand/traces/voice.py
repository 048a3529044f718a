"""Texts as objects: the same words in the same order, whatever the links and mentions around them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "MINIMUM_CHARACTERS", "MINIMUM_WORDS", "SPACELESS", "WORD", "bare", "fold", "informative", "spoken", "words",
]  # fmt: skip

MINIMUM_WORDS: Final = 4
"""Distinct words a text needs to be an object: "yes", "good morning all" tie nobody."""
MINIMUM_CHARACTERS: Final = 12
"""Characters, each distinct word's once, that do instead in scripts that are written without spaces. Distinct ones are
not asked for: how many there are changes with the letters of the words, which must play no part."""

_LINK_OR_MENTION: Final = r"(?i)https?://\S+|www\.\S+|@[\w.@-]+"
SPACELESS: Final = re.compile(
    "[\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
WORD: Final = re.compile(
    "[\\w\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06dc"
    "\u06df-\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u0f71-\u0f84\u1000-\u1049\u104c-\u109f\u1780-\u17d3"
    "\u200c\u200d]+"
)
"""Letters with the marks on them, vowel signs too: a word of an Indic script is one word."""


def fold(text: str) -> str:
    """NFC and lower case, character by character, so that no two different words ever become one by their letters."""
    composed = unicodedata.normalize("NFC", text)
    low = composed.lower()
    if len(low) == len(composed) and "Σ" not in composed:
        return unicodedata.normalize("NFC", low)  # the same as below, letter for letter, and quick
    lowered = "".join(low if len(low := character.lower()) == 1 else character for character in composed)
    return unicodedata.normalize("NFC", lowered)  # some letters compose with their accent only when small


def words(text: str) -> list[str]:
    """The words of a folded text in their order; a run of a script without spaces counts as one."""
    return WORD.findall(text)


def informative(text: str) -> bool:
    """Whether a text says enough to be an object: four distinct words, or twelve characters of a spaceless script.

    Counts words and characters only; what they say plays no part.
    """
    said = set(words(text))
    return len(said) >= MINIMUM_WORDS or sum(len(SPACELESS.findall(word)) for word in said) >= MINIMUM_CHARACTERS


def bare(texts: pa.Array[Any]) -> pa.Array[Any]:
    """What is said in each text: folded, without links, mentions and spacing; null where null."""
    alone = pc.replace_substring_regex(texts, _LINK_OR_MENTION, " ")
    alone = pc.utf8_trim_whitespace(pc.replace_substring_regex(alone, r"[\s\p{Z}]+", " "))
    coded = alone.dictionary_encode()
    return pa.array([fold(text) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def spoken(texts: pa.Array[Any]) -> tuple[pa.Array[Any], pa.Array[Any]]:
    """What is said in each text, without links, mentions and spacing.

    Returns:
        The folded texts (null where null), and a boolean array: informative enough to be an object (false where null).

    """
    folded = bare(texts)
    coded = folded.dictionary_encode()
    enough = pa.array([informative(text) for text in coded.dictionary.to_pylist()], pa.bool_())
    return folded, pc.fill_null(enough.take(coded.indices), False)
