"""Nonsense: words, sentences, handles and addresses, in three scripts; nothing here means anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.simulation.columns import Column, as_text, glued, strings, taken
from samehand.simulation.people import SCRIPTS, Integers

__all__ = ["addresses", "edited", "phrases", "sentences", "vocabulary"]

WORDS = 6_000
CHUNK = 500_000
_ONSETS = ("b", "bl", "d", "dr", "f", "g", "gr", "k", "kl", "l", "m", "n", "p", "pr", "r", "s", "t", "tr", "v", "z")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ou")
_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


def vocabulary(rng: np.random.Generator, script: str, size: int = WORDS) -> Column:
    """`size` different words of one script."""
    words: dict[str, None] = {}
    while len(words) < size:
        if script == "han":
            drawn = "".join(chr(code) for code in rng.integers(0x4E00, 0x9FA5, int(rng.integers(1, 4))))
        elif script == "arabic":
            drawn = "".join(_ARABIC[code] for code in rng.integers(0, len(_ARABIC), int(rng.integers(3, 8))))
        else:
            pairs = rng.integers(0, (len(_ONSETS), len(_VOWELS)), (int(rng.integers(2, 5)), 2))
            drawn = "".join(_ONSETS[onset] + _VOWELS[vowel] for onset, vowel in pairs)
        words[drawn] = None
    return strings(list(words))


def _joined(rng: np.random.Generator, words: Column, lengths: Integers, between: str) -> Column:
    chunks: list[Column] = []
    for start in range(0, len(lengths), CHUNK):
        part = lengths[start : start + CHUNK]
        offsets = np.concatenate([[0], np.cumsum(part)]).astype(np.int32)
        # common words come first, as in any language
        chosen = np.floor(len(words) * rng.random(int(offsets[-1])) ** 2).astype(np.int64)
        spelled = pa.ListArray.from_arrays(offsets.tolist(), taken(words, chosen))
        chunks.append(pc.binary_join(spelled, between))
    return pa.chunked_array(chunks, pa.string())


def sentences(rng: np.random.Generator, scripts: Integers, *, shortest: int = 6, longest: int = 18) -> Column:
    """A sentence of `shortest` to `longest` words an entry, in the script that the entry's code names."""
    parts: list[Column] = []
    places: list[Integers] = []
    for code, script in enumerate(SCRIPTS):
        rows = np.flatnonzero(scripts == code)
        if len(rows):
            lengths = rng.integers(shortest, longest + 1, len(rows))
            parts += _joined(rng, vocabulary(rng, script), lengths, "" if script == "han" else " ").chunks
            places.append(rows)
    if not parts:
        return pa.chunked_array([], pa.string())
    said = pa.chunked_array(parts, pa.string())
    if len(places) == 1:
        return said
    back = np.empty(len(scripts), dtype=np.int64)
    back[np.concatenate(places)] = np.arange(len(scripts))
    return taken(said, back)


def edited(rng: np.random.Generator, texts: Sequence[str], changes: Integers, words: Sequence[str]) -> list[str]:
    """Each text with so many of its words changed, or a word put in (each fourth time).

    Args:
        rng: the randomness.
        texts: to change; one without spaces is changed by its characters.
        changes: how many, a text.
        words: what comes in.

    """
    made: list[str] = []
    for text, count in zip(texts, changes.tolist(), strict=True):
        between = " " if " " in text else ""
        parts = text.split(" ") if between else list(text)
        for _ in range(count):
            place, word = int(rng.integers(0, len(parts))), words[int(rng.integers(0, len(words)))]
            parts[place : place + int(rng.random() < 0.75)] = [word]
        made.append(between.join(parts))
    return made


def phrases(rng: np.random.Generator, count: int) -> list[str]:
    """Short things that everybody says: one to three words."""
    words = vocabulary(rng, "latin", 200).to_pylist()
    return [" ".join(words[i] for i in rng.integers(0, 200, int(rng.integers(1, 4)))) for _ in range(count)]


def addresses(rng: np.random.Generator, count: int) -> Column:
    """`count` different web addresses below .example; few domains hold most of them."""
    domains = vocabulary(rng, "latin", max(20, count // 25))
    domain = np.floor(len(domains) * rng.random(count) ** 2).astype(np.int64)
    return glued("https://", taken(domains, domain), ".example/", as_text(100_000 + rng.permutation(count)))
