"""The registry's files: one TOML an entity, which people review in a pull request; read whole or not at all.

Each error names the file, the place in it, and what is wanted there. What one entity says of another (links) is held against
the whole folder by `samehand.advertising.linting`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from samehand.advertising.facts import (
    Answer,
    Assessment,
    Asset,
    Citation,
    Entity,
    EntityKind,
    Identifier,
    Link,
    LinkKind,
    Name,
    NameKind,
    Question,
    Safeguard,
    Scope,
    Span,
    Value,
)
from samehand.errors import FormatError, LimitError, NotFoundError
from samehand.policy import shaped, toml_table

__all__ = ["parse_assessments", "parse_entity", "read_entities", "shipped_entities"]

LONGEST: Final = 1 << 20
"""No file about one entity needs more bytes."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
EntityId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
UNSEEN: Final = re.compile("[\u0000-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Controls, and marks that are not seen but change how a name reads; joiners of Persian and Indic scripts are none."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Dated(_Part):
    since: date | None = Field(default=None, alias="from")
    until: date | None = None
    recorded: date | None = None
    withdrawn: date | None = None


class _Citation(_Part):
    name: Short
    source: Short
    title: Text
    url: str = ""
    published: date | None = None
    accessed: date
    read: bool
    states: Text


class _Answer(_Part):
    answer: Value
    citations: list[Short] = []


class _Assessment(_Dated):
    confidence: Literal["high", "medium", "low"] = "medium"
    note: str = ""
    assessor: Short = "samehand"
    funding: _Answer
    governance: _Answer
    editorial: _Answer
    safeguards: dict[Safeguard, _Answer] = {}


class _Name(_Dated):
    text: Short
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    kind: NameKind = "official"


class _Identifier(_Dated):
    kind: Literal["wikidata", "lei", "registration"]
    value: Short
    country: Country | None = None


class _Asset(_Dated):
    platform: Annotated[str, StringConstraints(pattern=r"^[a-z]+$", max_length=20)]
    value: Short
    citations: list[Short] = []


class _Link(_Dated):
    kind: LinkKind
    target: EntityId
    percent: Annotated[float, Field(ge=0, le=100)] | Annotated[int, Field(ge=0, le=100)] | None = None
    citations: list[Short] = []


class _Entity(_Part):
    id: EntityId
    kind: EntityKind
    country: Country
    state: Country | None = None
    scope: Scope
    scope_citations: list[Short] = []
    recorded: date
    names: Annotated[list[_Name], Field(min_length=1)]
    identifiers: list[_Identifier] = []
    assets: list[_Asset] = []
    links: list[_Link] = []
    assessments: list[_Assessment] = []
    citations: list[_Citation] = []


def parse_entity(text: str, where: str, *, layer: str = "curated") -> Entity:
    """An entity from the text of its file.

    Args:
        text: TOML. where: what errors call it. layer: who holds it.

    Raises:
        FormatError: it is no TOML, a key is missing or unknown, a value is not of its kind, a day ends before it begins, a
            citation is cited that is not there, or a text holds marks that are not seen. LimitError: it is longer than 1 MiB.

    """
    if len(text) > LONGEST:
        raise LimitError(f"{where} is longer than 1 MiB; one file is about one entity")
    held = shaped(_Entity, toml_table(text, where), where)
    return _Reading(where, held, layer).entity()


def parse_assessments(text: str, where: str, recorded: date) -> tuple[Assessment, ...]:
    """Assessments by themselves, as somebody hands them in who contests what is held.

    Args:
        text: TOML with `[[assessments]]` and the `[[citations]]` that bear them. where: what errors call it.
        recorded: the day from which on we hold them, whatever they say of it.

    Raises:
        FormatError, LimitError: as `parse_entity` does, or there is no assessment.

    """
    if len(text) > LONGEST:
        raise LimitError(f"{where} is longer than 1 MiB")
    table = toml_table(text, where)
    if unknown := sorted(set(table) - {"assessments", "citations"}):
        raise FormatError(f"{where}: nothing is called {unknown[0]} here; there are assessments and citations")
    name = {"text": "x", "language": "en"}
    whole = {
        "id": "xx-x",
        "kind": "outlet",
        "country": "XX",
        "scope": "news",
        "recorded": recorded,
        "names": [name],
        **table,
    }
    held = shaped(_Entity, whole, where)
    found = _Reading(where, held, "curated").entity().assessments
    if not found:
        raise FormatError(f"{where}: there is no [[assessments]] in it")
    return tuple(replace(one, span=replace(one.span, recorded=recorded, withdrawn=None)) for one in found)


def read_entities(folder: Path) -> dict[str, Entity]:
    """The entities of a folder, `CC/ID.toml` each, by id.

    Raises:
        NotFoundError: there is no such folder, or no entity in it. FormatError, LimitError: a file is not sound; none is
            read.

    """
    if not folder.is_dir():
        raise NotFoundError(f"{folder}: there is no such folder of a registry")
    return _read(folder)


def shipped_entities() -> dict[str, Entity]:
    """Those that the project holds."""
    return _read(files("samehand.advertising") / "entities")


def _read(folder: Traversable) -> dict[str, Entity]:
    found: dict[str, Entity] = {}
    for country in sorted((one for one in folder.iterdir() if one.is_dir()), key=lambda one: one.name):
        for file in sorted((one for one in country.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name):
            where = f"{country.name}/{file.name}"
            try:
                entity = parse_entity(file.read_text("utf-8"), where)
            except UnicodeDecodeError as error:
                raise FormatError(f"{where} is no text in UTF-8") from error
            if f"{entity.entity_id}.toml" != file.name or not entity.entity_id.startswith(f"{country.name}-"):
                raise FormatError(
                    f"{where}: it holds '{entity.entity_id}', which belongs into {entity.entity_id[:2]}/{entity.entity_id}.toml"
                )
            found[entity.entity_id] = entity
    if not found:
        raise NotFoundError(f"{folder}: there is no entity in it; each is a file CC/ID.toml")
    return found


class _Reading:
    """One file's parts made facts."""

    def __init__(self, where: str, held: _Entity, layer: str) -> None:
        self.where, self.held, self.layer = where, held, layer
        self.citations: dict[str, Citation] = {}
        for one in held.citations:
            if one.name in self.citations:
                raise FormatError(f"{where}: two citations are called '{one.name}'")
            self.citations[one.name] = Citation(**one.model_dump())

    def entity(self) -> Entity:
        held = self.held
        for place, text in (("name", one.text) for one in held.names):
            if UNSEEN.search(text):
                raise FormatError(
                    f"{self.where}: a {place} holds marks that are not seen (controls, or of direction); leave them out"
                )
        return Entity(
            held.id, held.kind, held.country, held.scope,
            tuple(Name(self._span(one), one.text, one.language, one.kind) for one in held.names),
            tuple(Identifier(self._span(one), one.kind, one.value, one.country) for one in held.identifiers),
            tuple(Asset(self._span(one), one.platform, one.value, self._cited(one.citations)) for one in held.assets),
            tuple(
                Link(self._span(one), one.kind, one.target, one.percent, self._cited(one.citations)) for one in held.links
            ),
            tuple(self._assessment(one) for one in held.assessments),
            tuple(self.citations.values()), self._cited(held.scope_citations), self.layer,
            held.state or "",
        )  # fmt: skip

    def _span(self, one: _Dated) -> Span:
        span = Span(one.since, one.until, one.recorded or self.held.recorded, one.withdrawn)
        if span.since and span.until and span.until <= span.since:
            raise FormatError(f"{self.where}: what holds from {span.since} until {span.until} never holds")
        if span.withdrawn and span.withdrawn <= span.recorded:
            raise FormatError(
                f"{self.where}: what was recorded on {span.recorded} is withdrawn on {span.withdrawn}, not after it"
            )
        return span

    def _cited(self, names: Sequence[str]) -> tuple[Citation, ...]:
        if missing := [name for name in names if name not in self.citations]:
            raise FormatError(f"{self.where}: nothing is cited as '{missing[0]}'; write its [[citations]]")
        return tuple(self.citations[name] for name in names)

    def _answer(self, one: _Answer) -> Answer:
        return Answer(one.answer, self._cited(one.citations))

    def _assessment(self, one: _Assessment) -> Assessment:
        answers: Mapping[Question, Answer] = {
            "funding": self._answer(one.funding), "governance": self._answer(one.governance),
            "editorial": self._answer(one.editorial),
        }  # fmt: skip
        safeguards = {name: self._answer(answer) for name, answer in one.safeguards.items()}
        return Assessment(self._span(one), answers, safeguards, one.confidence, one.note, one.assessor)
