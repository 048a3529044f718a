"""A tip as a file brings it, before anybody here has taken it in: what it names, and what its source lets be done with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal, get_args

from samehand.exchange.indicators import Indicator

__all__ = [
    "CREDIBILITIES",
    "WRITTEN_AS",
    "NO_LETTER",
    "NO_TEXT",
    "RELIABILITIES",
    "TLPS",
    "Refused",
    "TipDraft",
    "Tlp",
    "is_tlp",
    "joined",
    "merged",
    "narrowest",
    "tlp_of",
]

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
TLPS: Final[tuple[Tlp, ...]] = get_args(Tlp)
"""The Traffic Light Protocol 2.0 of FIRST, the widest first."""
RELIABILITIES: Final = "ABCDEF"
"""Of a source, after the Admiralty: A is reliable, E unreliable, F cannot be judged."""
CREDIBILITIES: Final = (1, 2, 3, 4, 5, 6)
"""Of what it says: 1 is confirmed by others, 5 improbable, 6 cannot be judged."""

WRITTEN_AS: Final = ("indicators", "kill-chain", "misp", "plain", "stix")
"""How a list may have been written."""
LONGEST_COMMENT: Final = 8_192
NO_LETTER: Final = re.compile("[\0\ud800-\udfff]")
"""What no text has: NUL, and one half of a pair of surrogates; JSON lets both through, and no database holds them."""
NO_TEXT: Final = "it has a letter that no text has (NUL, or half a surrogate pair)"


@dataclass(frozen=True)
class Refused:
    """A row that is not held: where it stands, why, and what was in it."""

    row: int
    reason: str
    raw: str = ""


@dataclass(frozen=True, kw_only=True)
class TipDraft:
    """What a file says.

    Attributes:
        ref: by which the same list of the same source is known again. title: what it is called. form: how it was written.
        indicators: one a row that is kept; two of one key are one. published: by its source.
        source, reliability, credibility, tlp, until: where the file says so itself; else "" or None. labels: of its source.
        read, merged: rows; refused: rows that are not held; read = indicators + merged + refused.
        revoked: whether its source took the whole of it back.

    """

    ref: str
    title: str
    form: str
    indicators: tuple[Indicator, ...]
    read: int
    merged: int = 0
    refused: tuple[Refused, ...] = ()
    published: date | None = None
    source: str = ""
    reliability: str = ""
    credibility: int | None = None
    tlp: Tlp | None = None
    until: date | None = None
    labels: tuple[str, ...] = ()
    revoked: bool = False
    notes: Mapping[str, int] = field(default_factory=dict)
    """What was put right while reading, and how often."""


def merged(found: Iterable[Indicator]) -> tuple[tuple[Indicator, ...], int]:
    """Indicators, one a key, in the order in which they came; and how many were merged into others.

    What is said beside any of them is kept, and it is taken back only where each of them is.
    """
    alike: dict[tuple[str, ...], list[Indicator]] = {}
    for one in found:
        alike.setdefault(one.key, []).append(one)
    kept = [
        replace(rows[0], comment=joined(one.comment for one in rows), revoked=all(one.revoked for one in rows))
        if len(rows) > 1
        else rows[0]
        for rows in alike.values()
    ]
    return tuple(kept), sum(map(len, alike.values())) - len(kept)


def joined(comments: Iterable[str]) -> str:
    """Comments as one, each once."""
    return "; ".join(dict.fromkeys(one for one in comments if one))[:LONGEST_COMMENT]


def tlp_of(text: str) -> Tlp | None:
    """A marking from how others write it (`TLP:WHITE`, `tlp:amber+strict`, `red`); None where it is none."""
    plain = _letters(text).removeprefix("tlp")
    plain = {"white": "clear", "strict": "amberstrict"}.get(plain, plain)
    return next((one for one in TLPS if _letters(one) == plain), None)


def is_tlp(label: str) -> bool:
    """Whether a label or tag is about the Traffic Light Protocol: what one that says `red` alone means nobody knows."""
    return _letters(label).startswith("tlp")


def narrowest(labels: Iterable[str], marks: Iterable[Tlp | None] = ()) -> Tlp | None:
    """The narrowest of markings and of labels that are one; None where there is none."""
    said = [*marks, *(tlp_of(one) for one in labels if is_tlp(one))]
    return max((one for one in said if one), key=TLPS.index, default=None)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
