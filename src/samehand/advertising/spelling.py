"""How names are written so that one name is one: case, accents, scripts, look-alike letters, legal forms.

`folded` is what names are compared by: traditional Chinese becomes simplified, letters of other alphabets that look like Latin
ones inside a Latin word become these, digits inside words become the letters that they stand for, accents and legal forms go.
`latin` is its transliteration, by which a Russian or Arabic name meets an English spelling of it. Neither is shown to anybody.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

import opencc
from anyascii import anyascii
from confusable_homoglyphs import confusables

__all__ = ["LONGEST_NAME", "UNSEEN", "folded", "latin", "plain_words", "without_form", "words"]

LONGEST_NAME: Final = 500
"""Nobody is called by more letters; what comes after them is not compared."""
UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]")
WORD: Final = re.compile(r"[^\W_]+")
HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
DIGITS: Final = str.maketrans("0134578", "oleastb")
FORMS: Final = frozenset(
    [
        "ab",
        "ag",
        "aps",
        "as",
        "asa",
        "bhd",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "ead",
        "fz",
        "fze",
        "fzco",
        "gmbh",
        "holding",
        "holdings",
        "inc",
        "incorporated",
        "jsc",
        "kft",
        "kg",
        "kk",
        "limited",
        "llc",
        "llp",
        "ltd",
        "mbh",
        "nv",
        "oao",
        "ooo",
        "oy",
        "oyj",
        "pao",
        "pjsc",
        "plc",
        "pte",
        "pty",
        "pvt",
        "sa",
        "sae",
        "sal",
        "sarl",
        "sas",
        "sdn",
        "sl",
        "sp",
        "spa",
        "spol",
        "sro",
        "srl",
        "tov",
        "ug",
        "zao",
        "zoo",
        "ооо",
        "оао",
        "зао",
        "пао",
        "ао",
        "тов",
        "нпо",
        "гуп",
        "фгуп",
    ]
)
HAN_FORMS: Final = ("股份有限公司", "有限责任公司", "有限公司", "集团公司", "公司", "株式会社", "주식회사")
SHORT: Final = 4
"""A word of so many letters is too short to tell a digit that stands for a letter from one that is a number."""


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _look_alikes() -> dict[int, str]:
    """Letters of other alphabets, each as the one Latin letter that it is taken for."""
    found: dict[int, str] = {}
    for letter, others in confusables.confusables_data.items():
        if len(letter) != 1 or letter.isascii() or not letter.isalpha():
            continue
        plain = {
            other["c"].lower()
            for other in others
            if len(other["c"]) == 1 and other["c"].isascii() and other["c"].isalpha()
        }
        if len(plain) == 1:
            found[ord(letter)] = plain.pop()
    return found


def _plain(text: str) -> str:
    """Without accents on Latin, Greek and Cyrillic letters; marks of other scripts are letters of theirs."""
    split = unicodedata.normalize("NFD", text)
    kept = (
        one for k, one in enumerate(split)
        if not (unicodedata.category(one) == "Mn" and k and split[k - 1] < "\u0590" and one < "\u0370")
    )  # fmt: skip
    return unicodedata.normalize("NFC", "".join(kept))


def _word(word: str) -> str:
    """One word, its look-alikes made Latin where it is Latin otherwise, its digits letters where it is letters otherwise."""
    if not any("a" <= letter <= "z" for letter in word):
        return word
    word = word.translate(_look_alikes())
    digits = sum(letter.isdigit() for letter in word)
    inside = digits and not word[0].isdigit() and not word[-1].isdigit()
    if inside or (digits == 1 and len(word) > SHORT):
        word = word.translate(DIGITS)
    return word.replace("vv", "w") if len(word) > SHORT else word


@lru_cache(maxsize=65_536)
def words(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared, legal forms left out unless there is nothing else; Han runs are one word."""
    text = unicodedata.normalize("NFKC", UNSEEN.sub("", name[:LONGEST_NAME])).casefold()
    if HAN.search(text):
        text = _simplifier().convert(text)
        for form in HAN_FORMS:
            text = text.replace(form, " ")
    found = [_word(one) for one in WORD.findall(_plain(text.replace("'", "").replace("’", "").replace(".", "")))]
    kept = [one for one in found if one not in FORMS]
    return tuple(kept or found)


@lru_cache(maxsize=65_536)
def plain_words(name: str) -> tuple[str, ...]:
    """The words of a name as it is registered: case, accents and dots aside, and nothing that a disguise would need."""
    text = unicodedata.normalize("NFKC", name[:LONGEST_NAME]).casefold()
    return tuple(WORD.findall(_plain(text.replace("'", "").replace("’", "").replace(".", ""))))


def without_form(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name without its legal form, unless it is nothing else."""
    return tuple(one for one in parts if one not in FORMS) or parts


def folded(name: str) -> str:
    """A name as it is compared: its words, one space between two."""
    return " ".join(words(name))


@lru_cache(maxsize=65_536)
def latin(name: str) -> str:
    """The same in Latin letters; "" where there are none."""
    return " ".join(WORD.findall(anyascii(folded(name)).casefold()))
