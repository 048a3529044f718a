"""How accounts are named: handles, local parts of addresses and display names, made of invented names and words.

A template is a number that says which parts in which order, their case and how many digits; people and operations take
theirs from one list, and one function spells them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from samehand.simulation.columns import Column, strings
from samehand.simulation.signups.places import CULTURES, LOCALES
from samehand.simulation.signups.rows import Array
from samehand.simulation.signups.sampling import powered, weighted

__all__ = ["DEFAULT", "DISPLAYS", "FAMILY", "GIVEN", "HANDLES", "MAILS", "WORDS", "Names", "handle_of", "mail_of"]

GIVEN, FAMILY, WORDS = 1_500, 4_000, 4_000
_NAME, _SURNAME, _WORD, _INITIAL, _NOTHING = "g", "s", "w", "i", ""
HANDLES: Final = (
    ("g", "", ""), ("g", "", "s"), ("s", "", "g"), ("g", "_", "s"), ("i", "", "s"), ("g", "", "w"),
    ("w", "", ""), ("w", "", "w2"), ("w", "_", "w2"), ("g", ".", "s"), ("w", "_", "g"), ("g", "", ""),
)  # fmt: skip
"""First part, what stands between, second part; the last one is how the platform names those who do not care."""
MAILS: Final = (
    ("g", ".", "s"), ("g", "", "s"), ("g", "_", "s"), ("i", "", "s"), ("s", ".", "g"), ("g", "", ""),
    ("w", "", ""), ("g", "", "w"), ("i", ".", "s"), ("w", ".", "w2"),
)  # fmt: skip
DISPLAYS: Final = ("nothing", "given", "own script", "latin", "word", "as the handle")
_DIGITS: Final = 9
_OFFERED: Final = 8

_ONSETS: Final = {
    "west": [
        "b",
        "br",
        "d",
        "f",
        "g",
        "gr",
        "h",
        "j",
        "k",
        "kl",
        "l",
        "m",
        "n",
        "p",
        "r",
        "s",
        "st",
        "t",
        "th",
        "v",
        "w",
    ],
    "south": ["b", "c", "d", "f", "g", "gl", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "tr"],
    "slavic": [
        "b",
        "br",
        "d",
        "dr",
        "g",
        "k",
        "kr",
        "l",
        "m",
        "n",
        "p",
        "r",
        "s",
        "sl",
        "st",
        "t",
        "v",
        "vl",
        "z",
        "zd",
    ],
    "arab": ["b", "d", "f", "gh", "h", "j", "k", "kh", "l", "m", "n", "q", "r", "s", "sh", "t", "th", "w", "y", "z"],
    "han": ["b", "ch", "d", "f", "g", "h", "j", "l", "m", "n", "p", "q", "s", "sh", "t", "w", "x", "y", "z", "zh"],
    "kana": ["h", "k", "m", "n", "r", "s", "sh", "t", "ts", "y"],
    "hangul": ["b", "ch", "d", "g", "h", "j", "k", "m", "n", "s", "t", "y"],
    "indic": ["b", "bh", "ch", "d", "dh", "g", "h", "j", "k", "m", "n", "p", "r", "s", "sh", "t", "v"],
    "malay": ["b", "d", "g", "h", "j", "k", "l", "m", "n", "ng", "p", "r", "s", "t", "w", "y"],
    "afric": ["b", "d", "k", "l", "m", "mb", "n", "nd", "ng", "nk", "o", "s", "t", "w", "y", "z"],
}
_VOWELS: Final = {
    "kana": ["a", "i", "u", "e", "o"],
    "han": ["a", "an", "ang", "ao", "e", "en", "i", "ia", "ing", "o", "ong", "u", "ui"],
}
_ENDS: Final = {"west": ["", "n", "r", "s", "l", "ck"], "slavic": ["", "v", "k", "n", "r"], "arab": ["", "m", "d", "r"]}
_SCRIPTS: Final = {
    "han": (0x4E00, 0x9FA5, 1, 2), "kana": (0x30A2, 0x30F4, 2, 4), "hangul": (0xAC00, 0xD7A3, 1, 2),
    "arabic": (0x0627, 0x064A, 3, 6), "cyrillic": (0x0430, 0x044F, 4, 8), "greek": (0x03B1, 0x03C9, 4, 8),
    "devanagari": (0x0915, 0x0939, 2, 5), "bengali": (0x0995, 0x09B9, 2, 5), "thai": (0x0E01, 0x0E2E, 3, 6),
    "ethiopic": (0x1200, 0x1250, 2, 4),
}  # fmt: skip
"""First and last letter, fewest and most letters of a name."""
_WRITTEN: Final = {
    "zh": "han", "ja": "kana", "ko": "hangul", "ar": "arabic", "fa": "arabic", "ur": "arabic", "ru": "cyrillic",
    "uk": "cyrillic", "el": "greek", "hi": "devanagari", "bn": "bengali", "th": "thai", "am": "ethiopic",
}  # fmt: skip
_NAMED: Final = ("latin", *_SCRIPTS)
SCRIPT_OF: Final = np.array([_NAMED.index(_WRITTEN.get(name.split("-")[0], "latin")) for name in LOCALES])


def handle_of(parts: Array | int, title: Array | int, digits: Array | int) -> Any:
    """The number of a template of handles."""
    return (np.asarray(parts) * 2 + title) * _DIGITS + digits


def mail_of(parts: Array | int, digits: Array | int) -> Any:
    """The number of a template of local parts."""
    return np.asarray(parts) * _DIGITS + digits


DEFAULT: Final = int(handle_of(len(HANDLES) - 1, 1, _OFFERED))
"""The platform's own handle: a name and eight digits."""


def _spelled(rng: np.random.Generator, culture: str, count: int, longest: int) -> list[str]:
    onsets, vowels = _ONSETS[culture], _VOWELS.get(culture, ["a", "e", "i", "o", "u"])
    ends = _ENDS.get(culture, ["", "", "n"])
    made: dict[str, None] = {}
    while len(made) < count:
        pairs = rng.integers(0, (len(onsets), len(vowels)), (int(rng.integers(2, longest + 1)), 2))
        drawn = "".join(onsets[onset] + vowels[vowel] for onset, vowel in pairs) + ends[int(rng.integers(0, len(ends)))]
        made[drawn] = None
    return list(made)


def _written(rng: np.random.Generator, script: str, count: int) -> list[str]:
    low, high, least, most = _SCRIPTS[script]
    made = []
    for _ in range(count):
        made.append("".join(map(chr, rng.integers(low, high, int(rng.integers(least, most + 1))))))
    return [name.title() if script in {"cyrillic", "greek"} else name for name in made]


@dataclass(frozen=True)
class Names:
    """The names of a world and what people make of them.

    Attributes:
        given, family: latin names, GIVEN and FAMILY for each culture. words: WORDS of them.
        natives: for each script after latin, GIVEN given names and FAMILY family names.
        handles, mails: weight of each template, by culture. displays: weight of each way to show a name.
        default: share of people who keep the handle that the platform offers.

    """

    given: list[str]
    family: list[str]
    words: list[str]
    natives: list[list[str]]
    handles: Array
    mails: Array
    displays: Array
    default: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Names:
        """Invent names, and draw each culture's habits."""
        handles = rng.dirichlet(np.array([5, 8, 2, 6, 4, 1, 4, 3, 2, 3, 1]), len(CULTURES))
        digits = rng.dirichlet(np.array([8, 3, 6, 4, 3, 0.8, 0.6, 0.3, 0.2]) * 2, (len(CULTURES), len(HANDLES) - 1))
        case = rng.dirichlet(np.array([6, 2]), (len(CULTURES), len(HANDLES) - 1))
        whole = handles[:, :, None, None] * case[:, :, :, None] * digits[:, :, None, :]
        mails = rng.dirichlet(np.array([6, 6, 3, 3, 1, 2, 3, 1, 1, 0.6]), len(CULTURES))
        ends = rng.dirichlet(np.array([9, 2, 6, 3, 3, 0.6, 0.5, 0.2, 0.2]) * 2, (len(CULTURES), len(MAILS)))
        return cls(
            given=[name for culture in CULTURES for name in _spelled(rng, culture, GIVEN, 3)],
            family=[name for culture in CULTURES for name in _spelled(rng, culture, FAMILY, 4)],
            words=_spelled(rng, "west", WORDS, 3),
            natives=[_written(rng, script, GIVEN) + _written(rng, script, FAMILY) for script in _SCRIPTS],
            handles=whole.reshape(len(CULTURES), -1),
            mails=(mails[:, :, None] * ends).reshape(len(CULTURES), -1),
            displays=rng.dirichlet(np.array([3, 6, 10, 4, 4, 3])),
            default=float(rng.uniform(0.08, 0.3)),
        )

    def names(self, rng: np.random.Generator, culture: Array) -> tuple[Array, Array, Array]:
        """A given name, a family name and a word for each person."""
        count = len(culture)
        given = culture * GIVEN + powered(rng, GIVEN, count)
        family = culture * FAMILY + powered(rng, FAMILY, count, 2.0)
        return given, family, powered(rng, WORDS, count, 1.6)

    def handle(self, rng: np.random.Generator, culture: Array) -> Array:
        """A template of handles for each person by the habits of their culture."""
        made = np.empty(len(culture), dtype=np.int16)
        for code in np.unique(culture):
            where = np.flatnonzero(culture == code)
            made[where] = weighted(rng, self.handles[code], len(where))
        made[rng.random(len(culture)) < self.default] = DEFAULT
        return made

    def mail(self, rng: np.random.Generator, culture: Array) -> Array:
        """A template of local parts for each person."""
        made = np.empty(len(culture), dtype=np.int16)
        for code in np.unique(culture):
            where = np.flatnonzero(culture == code)
            made[where] = weighted(rng, self.mails[code], len(where))
        return made

    def digits(self, rng: np.random.Generator, count: int) -> Array:
        """Nine digits for each person, of which a name takes its last ones; a third are years."""
        made = rng.integers(0, 1_000_000_000, count)
        years = (made // 10_000) * 10_000 + np.floor(2013 - 55 * rng.random(count) ** 1.4).astype(np.int64)
        found: Array = np.where(rng.random(count) < 0.33, years, made)
        return found

    @cached_property
    def pieces(self) -> Column:
        """Every part of a name once in lower and once in title case; `piece` says where."""
        initials = [chr(letter) for letter in range(97, 123)]
        low = [*self.given, *self.family, *self.words, *initials, ""]
        return strings([*low, *(name.title() for name in low)])

    @cached_property
    def lengths(self) -> Array:
        """Letters of each piece."""
        return np.array([len(name) for name in self.pieces.to_pylist()])

    @cached_property
    def initial(self) -> Array:
        """First letter of each given name, as a number."""
        return np.array([ord(name[0]) - 97 for name in self.given])

    def piece(self, part: str, given: Array, family: Array, word: Array) -> Array:
        """Which of the pieces, in lower case, a part of a template is for each account."""
        families, words = len(self.given), len(self.given) + len(self.family)
        if part == _NAME:
            return given
        if part == _SURNAME:
            return families + family
        if part == _WORD:
            return words + word
        if part == "w2":
            other: Array = words + (word * 31 + given * 7 + family) % WORDS
            return other
        last = words + WORDS
        letter: Array = last + (self.initial[given] if part == _INITIAL else np.full(len(given), 26))
        return letter
