"""What accounts call themselves: handles, display names and bios, and the templates of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from samehand.simulation.looks import DAY_S, Population
from samehand.simulation.marks import Marks
from samehand.simulation.people import SCRIPTS, Integers, People, Reals
from samehand.simulation.words import edited, sentences, vocabulary

__all__ = [
    "YOUNG_S",
    "Words",
    "bios",
    "default_looking",
    "display_names",
    "handles",
    "more_of_the_young",
    "with_badges",
    "words_of",
]

SHAPES = 6
YOUNG_S = 90 * DAY_S


@dataclass(frozen=True)
class Words:
    """Words to name with: latin ones, and those of each script by its code."""

    latin: Sequence[str]
    scripts: Sequence[Sequence[str]]

    def one(self, rng: np.random.Generator, script: int = 0) -> str:
        """A word at random."""
        words = self.scripts[script]
        return words[int(rng.integers(0, len(words)))]


def words_of(rng: np.random.Generator) -> Words:
    """Draw the vocabulary of names: 2,000 words in each script."""
    scripts = [vocabulary(rng, script, 2_000).to_pylist() for script in SCRIPTS]
    return Words(scripts[0], scripts)


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _shaped(rng: np.random.Generator, words: Words, shape: int) -> str:
    one, two = words.one(rng), words.one(rng)
    return (
        one,
        one + _digits(rng, int(rng.integers(1, 5))),
        one + two,
        f"{one}_{two}",
        f"{one}{int(rng.integers(1960, 2019))}",
        f"{two.title()}{one.title()}{_digits(rng, 2)}",
    )[shape]


def more_of_the_young(share: float, made_s: Reals, times: float) -> Reals:
    """The chance of each account that makes `share` of all, so many times higher for those younger than 90 days."""
    young = made_s > -YOUNG_S
    chance: Reals = np.minimum(share / (1 + (times - 1) * young.mean()) * np.where(young, times, 1.0), 0.95)
    return chance


def default_looking(rng: np.random.Generator, word: str) -> str:
    """A handle as the platform makes it: a name and 8 digits."""
    return word.title() + _digits(rng, 8)


def handles(rng: np.random.Generator, population: Population, words: Words, marks: Marks, made_s: Reals) -> list[str]:
    """A handle for each account, no two alike.

    Shapes are a word, a word and digits, two words, and the platform's own; a group's template is one shape of one stem.
    """
    count = len(made_s)
    shape = rng.choice(SHAPES, count, p=(0.12, 0.3, 0.2, 0.13, 0.12, 0.13))
    default = rng.random(count) < more_of_the_young(population.default_handles, made_s, 3.0)
    default |= marks.borne["default_handles"]
    made = [
        default_looking(rng, words.one(rng)) if plain else _shaped(rng, words, int(form))
        for plain, form in zip(default.tolist(), shape.tolist(), strict=True)
    ]
    for _, accounts in marks.bearers("name_template"):
        stem, form = words.one(rng), int(rng.integers(0, 3))
        for account in accounts.tolist():
            other, digits = words.one(rng), _digits(rng, 4)
            made[account] = (f"{other}_{stem}{digits[:2]}", f"{stem}{other}", f"{other}{stem}_{digits}")[form]
    return _unlike(made)


def _unlike(handles: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    made: list[str] = []
    for handle in handles:
        again = seen.get(handle.lower(), 0)
        seen[handle.lower()] = again + 1
        made.append(f"{handle}__{again}" if again else handle)
    return made


def display_names(rng: np.random.Generator, words: Words, marks: Marks, people: People) -> list[str]:
    """One or two words in the account's own script, some in latin; a group's template shares the second word."""
    script = np.where(rng.random(len(people)) < 0.2, 0, people.script)
    double = rng.random(len(people)) < 0.6
    made = [
        " ".join(words.one(rng, code).title() for _ in range(1 + two))
        for code, two in zip(script.tolist(), double.tolist(), strict=True)
    ]
    for _, accounts in marks.bearers("name_template"):
        shared = words.one(rng, int(people.script[accounts[0]])).title()
        for account in accounts.tolist():
            made[account] = f"{words.one(rng, int(people.script[account])).title()} {shared}"
    return made


def bios(
    rng: np.random.Generator, population: Population, words: Words, marks: Marks, people: People
) -> list[str | None]:
    """Words of its own or none; a group's template with a word or two changed."""
    own = sentences(rng, people.script, shortest=3, longest=14).to_pylist()
    silent = rng.random(len(people)) < population.null_bios
    made: list[str | None] = [None if none else bio for none, bio in zip(silent.tolist(), own, strict=True)]
    for _, accounts in marks.bearers("bio_template"):
        script = int(people.script[accounts[0]])
        between = "" if SCRIPTS[script] == "han" else " "
        template = between.join(words.one(rng, script) for _ in range(int(rng.integers(7, 15))))
        copies = edited(rng, [template] * len(accounts), rng.integers(1, 3, len(accounts)), words.scripts[script])
        for account, bio in zip(accounts.tolist(), copies, strict=True):
            made[account] = bio
    return made


def with_badges(rng: np.random.Generator, words: Words, marks: Marks, shown: list[str], bio: list[str | None]) -> None:
    """Put each group's word into display names (three in five) and bios, in place."""
    for _, accounts in marks.bearers("badge"):
        badge = words.one(rng).title()
        named: Integers = accounts[rng.random(len(accounts)) < 0.6]
        for account in named.tolist():
            shown[account] = f"{shown[account]} {badge}"
        for account in np.setdiff1d(accounts, named).tolist():
            said = bio[account]
            bio[account] = f"{said} {badge}" if said else badge
