"""Texts as objects: the same words in the same order, whatever the links and mentions around them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["MINIMUM_CHARACTERS", "MINIMUM_WORDS", "fold", "informative", "spoken"]

MINIMUM_WORDS: Final = 4
"""Distinct words a text needs to be an object: "yes", "good morning all" tie nobody."""
MINIMUM_CHARACTERS: Final = 10
"""Distinct characters that do instead of words in scripts that are written without spaces."""

_LINK_OR_MENTION: Final = r"(?i)https?://\S+|www\.\S+|@[\w.@-]+"
_SPACELESS: Final = re.compile(
    "[\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_WORD: Final = re.compile(r"\w+")


def fold(text: str) -> str:
    """NFC and lower case, character by character, so that no two different words ever become one by their letters."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(low if len(low := character.lower()) == 1 else character for character in composed)


def informative(text: str) -> bool:
    """Whether a text says enough to be an object: four distinct words, or ten distinct characters of a spaceless script.

    Counts words and characters only; what they say plays no part.
    """
    spaceless = set(_SPACELESS.findall(text))
    return len(spaceless) >= MINIMUM_CHARACTERS or len(set(_WORD.findall(text))) >= MINIMUM_WORDS


def spoken(texts: pa.Array[Any]) -> tuple[pa.Array[Any], pa.Array[Any]]:
    """What is said in each text, without links, mentions and spacing.

    Returns:
        The folded texts (null where null), and a boolean array: informative enough to be an object (false where null).

    """
    bare = pc.replace_substring_regex(texts, _LINK_OR_MENTION, " ")
    bare = pc.utf8_trim_whitespace(pc.replace_substring_regex(bare, r"[\s\p{Z}]+", " "))
    coded = bare.dictionary_encode()
    folded = [fold(text) for text in coded.dictionary.to_pylist()]
    enough = pa.array([informative(text) for text in folded], pa.bool_())
    return (
        pa.array(folded, pa.string()).take(coded.indices),
        pc.fill_null(enough.take(coded.indices), False),
    )
