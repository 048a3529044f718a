"""Pieces of evidence about who is behind a network, each of a declared kind, graded, with what else it could mean.

What a kind says of each hypothesis stands in one table with its reasons (`catalogue.toml`); nobody rates by the case. What a
network says, whom it praises and at whom it aims is no kind of evidence and has no place here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from samehand.attribution.hypotheses import Hypothesis
from samehand.errors import FormatError, UsageError
from samehand.records import disarm_techniques

__all__ = [
    "CATEGORIES",
    "Category",
    "EvidenceItem",
    "EvidenceKind",
    "Rating",
    "SourceClass",
    "Tells",
    "evidence_kinds",
    "read_evidence",
]

Rating = Literal["CC", "C", "N", "I", "II"]
Category = Literal["technical", "behavioural", "contextual"]
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
Tells = Literal["nothing", "origin", "identity", "entity"]
SourceClass = Literal["", "open", "proprietary", "classified"]
LONGEST: Final = 4_000
LONGEST_NAME: Final = 120
RELIABILITIES: Final = "ABCDEF"
NEVER: Final = ("narrative", "narratives", "target", "targets", "message", "opinion", "content")
"""What somebody believes or says, under whatever name it is handed in."""


@dataclass(frozen=True)
class EvidenceKind:
    """A kind of evidence: what it says of each hypothesis, and the most of a claim that it can bear.

    Attributes:
        name, title: what it is. category: of the three. group: kinds of one group are one observation. forgeable: whether
            somebody can leave it on purpose. tells: nothing, a country (`origin`), people (`identity`), who runs it (`entity`).
        alternative: what else it could be. ratings: by hypothesis.

    """

    name: str
    title: str
    category: Category
    group: str
    forgeable: bool
    tells: Tells
    alternative: str
    ratings: Mapping[Hypothesis, Rating]


@dataclass(frozen=True, kw_only=True)
class EvidenceItem:
    """A piece of evidence.

    Attributes:
        kind: by name. said: what was found, in words that name nobody. source: whose it is. reliability, credibility: after the
            Admiralty. country: at whom it points (ISO 3166-1), "" for nobody. entity: who, where its kind tells of one.
        group: other than its kind's, where it is known to hang on something else. disarm: techniques. sha256: of what it rests
            on. source_class: open to anybody, proprietary, classified; "" where nobody says. Only what is open is published.

    """

    kind: str
    said: str
    source: str
    reliability: str = "F"
    credibility: int = 6
    country: str = ""
    entity: str = ""
    group: str = ""
    disarm: tuple[str, ...] = ()
    sha256: str = ""
    source_class: SourceClass = ""

    @property
    def of(self) -> EvidenceKind:
        """Its kind."""
        return evidence_kinds()[self.kind]

    @property
    def hangs_on(self) -> str:
        """The independence group in which it counts."""
        return self.group or self.of.group


@cache
def evidence_kinds() -> Mapping[str, EvidenceKind]:
    """Every kind of evidence, by name."""
    said: dict[str, dict[str, Any]] = tomllib.loads(
        (files("samehand.attribution") / "catalogue.toml").read_text("utf-8")
    )
    return {name: EvidenceKind(name=name, **one) for name, one in said.items()}


def read_evidence(said: Mapping[str, Any], where: str) -> EvidenceItem:
    """A piece of evidence as a file or a helper tells it.

    Raises:
        UsageError: it is what a network says or aims at, which is never evidence. FormatError: something in it is not as it has
            to be; the message begins with `where`.

    """
    kind = str(said.get("kind", ""))
    if kind.lower() in NEVER or any(name in said for name in NEVER):
        raise UsageError(
            f"{where}: what a network says, or at whom it aims, is written by a person and is never evidence"
        )
    if kind not in evidence_kinds():
        raise FormatError(f"{where}: '{kind[:40]}' is no kind of evidence; there are {', '.join(evidence_kinds())}")
    known = {name: value for name, value in said.items() if name in EvidenceItem.__dataclass_fields__}
    if unknown := sorted(set(said) - set(known)):
        raise FormatError(f"{where}: '{unknown[0]}' is nothing that evidence has")
    _texts(known, where)
    item = EvidenceItem(**{**known, "disarm": tuple(known.get("disarm", ()))})
    _graded(item, where)
    if lost := [one for one in item.disarm if one not in disarm_techniques()]:
        raise FormatError(f"{where}: DISARM has no technique {lost[0]}")
    return item


def _texts(known: Mapping[str, Any], where: str) -> None:
    """Refuse what is no text where one is asked for, or is too long."""
    for name in ("said", "source"):
        if not isinstance(known.get(name), str) or not known[name].strip() or len(known[name]) > LONGEST:
            raise FormatError(f"{where}: {name} is a text of {LONGEST:,} letters at most")
    for name in ("country", "entity", "group", "sha256", "source_class", "reliability"):
        value = known.get(name, "")
        if not isinstance(value, str) or len(value) > LONGEST_NAME or "\n" in value or value != value.strip():
            raise FormatError(f"{where}: {name} is a name in one line, of {LONGEST_NAME} letters at most")
    disarm = known.get("disarm", ())
    if not isinstance(disarm, list | tuple) or not all(isinstance(one, str) for one in disarm):
        raise FormatError(f"{where}: disarm is a list of techniques, as T0084.001")


def _graded(item: EvidenceItem, where: str) -> None:
    """Refuse a grade, a country, a source's class or a hash that is none."""
    graded = type(item.credibility) is int and item.credibility in range(1, 7)
    if item.reliability not in tuple(RELIABILITIES) or not graded:
        raise FormatError(f"{where}: a source is graded A to F, what it says 1 to 6")
    if item.country and (len(item.country) != 2 or not item.country.isalpha() or not item.country.isupper()):
        raise FormatError(f"{where}: country is a code of ISO 3166-1, as DE")
    if item.source_class not in get_args(SourceClass):
        raise FormatError(f"{where}: a source is open, proprietary or classified")
    if item.sha256 and not re.fullmatch(r"[0-9a-f]{64}", item.sha256):
        raise FormatError(f"{where}: sha256 is 64 digits and letters a to f, as sha256sum prints them")
    if re.search(r"[.;:!?]\s", item.entity):
        raise FormatError(f"{where}: entity is a name, not a sentence")
