"""What the registry holds of a media entity: dated facts, each with its citations; no judgement is typed in.

Every fact has two times: the days on which it holds, and the days on which we held it. So both "what did we hold on
1 March 2021" and "what do we hold now about that day" have an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, get_args

__all__ = [
    "CODES", "LINKS", "QUESTIONS", "SAFEGUARDS", "SCOPES", "VALUES", "Answer", "Assessment", "Asset", "Citation", "Code",
    "Entity", "EntityKind", "Identifier", "Link", "LinkKind", "Name", "NameKind", "Question", "Safeguard", "Scope", "Span",
    "Value",
    "derive_code",
]  # fmt: skip

Value = Literal["yes", "no", "unclear", "disputed"]
VALUES: Final[tuple[Value, ...]] = get_args(Value)
Question = Literal["funding", "governance", "editorial"]
QUESTIONS: Final[tuple[Question, ...]] = get_args(Question)
Safeguard = Literal[
    "statute", "independent_appointment", "dismissal_protection", "funding_rule", "editorial_code", "ombuds",
    "external_assessment",
]  # fmt: skip
SAFEGUARDS: Final[tuple[Safeguard, ...]] = get_args(Safeguard)
Scope = Literal["news", "mixed", "entertainment", "sports", "travel"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
Code = Literal["SC", "CaPu", "CaPr", "ISFM", "ISF", "ISM", "IP"]
CODES: Final[tuple[Code, ...]] = get_args(Code)
EntityKind = Literal["outlet", "company", "agency", "body"]
NameKind = Literal["legal", "official", "alias", "acronym", "former", "transliteration"]
LinkKind = Literal["owned_by", "controlled_by", "brand_of", "successor_of", "agency_for", "staff_of"]
LINKS: Final[tuple[LinkKind, ...]] = get_args(LinkKind)


@dataclass(frozen=True)
class Span:
    """When a fact holds, and when it was held.

    Attributes:
        since, until: the first day on which it holds, and the first on which it does not any more; None without end.
        recorded, withdrawn: the first day on which we held it, and the first on which we do not any more.

    """

    since: date | None
    until: date | None
    recorded: date
    withdrawn: date | None = None

    def is_known(self, held: date) -> bool:
        """Whether we held it on a day."""
        return self.recorded <= held and (self.withdrawn is None or held < self.withdrawn)

    def holds(self, on: date, held: date) -> bool:
        """Whether it holds on a day, as we held it on another."""
        return (
            self.is_known(held) and (self.since is None or self.since <= on) and (self.until is None or on < self.until)
        )


@dataclass(frozen=True)
class Citation:
    """What somebody else states.

    Attributes:
        name: by which facts of the same entity cite it. source: its publisher; two of one source are not independent.
        title, url, published: where it is; None where it bears no date. accessed: when it was looked up.
        read: whether whoever entered it read it. states: what it states, in our words.

    """

    name: str
    source: str
    title: str
    url: str
    published: date | None
    accessed: date
    read: bool
    states: str


@dataclass(frozen=True)
class Answer:
    """An answer to a question about an entity, with the citations that bear it."""

    value: Value
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Assessment:
    """The three answers about an entity for a stretch of time.

    Attributes:
        answers: to each question. safeguards: of its independence; what is not there is not known.
        confidence: high, medium or low. note: why, in a sentence. assessor: who answered.

    """

    span: Span
    answers: Mapping[Question, Answer]
    safeguards: Mapping[Safeguard, Answer] = field(default_factory=dict)
    confidence: Literal["high", "medium", "low"] = "medium"
    note: str = ""
    assessor: str = "samehand"

    @property
    def code(self) -> Code | None:
        """The code of the State Media Matrix that follows; None where the answers do not fix one."""
        return derive_code(*(self.answers[question].value for question in QUESTIONS))

    @property
    def read(self) -> tuple[Citation, ...]:
        """The citations that bear its answers and were read, one a source."""
        bearing = (one for answer in self.answers.values() for one in answer.citations if one.read)
        return tuple({one.source: one for one in bearing}.values())

    def safe(self, *names: Safeguard) -> bool:
        """Whether each of some safeguards is shown by a citation that was read."""
        shown = {
            name for name, answer in self.safeguards.items() if answer.value == "yes" and any(c.read for c in answer.citations)
        }  # fmt: skip
        return shown.issuperset(names)


def derive_code(funding: Value, governance: Value, editorial: Value) -> Code | None:
    """The code that three answers fix (Dragomir and Söderström 2021, the State Media Matrix), or None.

    Args:
        funding: whether direct money of the state predominates. governance: whether it controls who owns and governs.
        editorial: whether it controls what is said.

    """
    if editorial == "yes" and governance == "no":
        return "CaPr"
    known = {"yes": True, "no": False}
    if not {funding, governance, editorial} <= known.keys():
        return None
    if editorial == "yes":
        return "SC" if known[funding] else "CaPu"
    independent: dict[tuple[bool, bool], Code] = {
        (True, True): "ISFM", (True, False): "ISF", (False, True): "ISM", (False, False): "IP"
    }  # fmt: skip
    return independent[known[funding], known[governance]]


@dataclass(frozen=True)
class Name:
    """A name: its text, language (BCP 47), what kind of name it is, and when.

    A `legal` name is one under which it is registered or founded by law, and that nobody else in its country bears: with the
    country it tells who an advertiser is. An `official` one is what it calls itself, a brand that others may bear.
    """

    span: Span
    text: str
    language: str
    kind: NameKind = "official"


@dataclass(frozen=True)
class Identifier:
    """A number or key in somebody's register: `wikidata`, `lei`, or `registration` with its country."""

    span: Span
    kind: Literal["wikidata", "lei", "registration"]
    value: str
    country: str | None = None


@dataclass(frozen=True)
class Asset:
    """A domain, or a handle on a platform."""

    span: Span
    platform: str
    value: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Link:
    """What ties an entity to another one, `target`: it is owned by it, a brand of it, and so on."""

    span: Span
    kind: LinkKind
    target: str
    percent: float | None = None
    citations: tuple[Citation, ...] = ()

    @property
    def read(self) -> bool:
        """Whether a citation of it was read."""
        return any(one.read for one in self.citations)

    @property
    def carries(self) -> bool:
        """Whether what is true of the target is asked about: half an owner or more, and all other ties."""
        return self.kind != "owned_by" or self.percent is None or self.percent >= 50


@dataclass(frozen=True)
class Entity:
    """An outlet, a company, an agency or a body of state.

    Attributes:
        entity_id: as `cn-cgtn`. kind, country: what it is, and where (ISO 3166-1). state: whose state the answers are about; ""
            where it is the country's own.
        scope: what it publishes; scope_citations: who says so, where it is no news. layer: `curated`, or whose list it is of.

    """

    entity_id: str
    kind: EntityKind
    country: str
    scope: Scope
    names: tuple[Name, ...]
    identifiers: tuple[Identifier, ...] = ()
    assets: tuple[Asset, ...] = ()
    links: tuple[Link, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    citations: tuple[Citation, ...] = ()
    scope_citations: tuple[Citation, ...] = ()
    layer: str = "curated"
    state: str = ""

    @property
    def of_state(self) -> str:
        """The country whose state is asked about: of an outlet in exile or abroad that of whoever runs it."""
        return self.state or self.country

    @property
    def name(self) -> str:
        """What it is called in our words: its first name."""
        return self.names[0].text

    @property
    def spans(self) -> tuple[Span, ...]:
        """Of each fact that is held of it."""
        facts: tuple[Name | Identifier | Asset | Link | Assessment, ...] = (
            *self.names, *self.identifiers, *self.assets, *self.links, *self.assessments,
        )  # fmt: skip
        return tuple(one.span for one in facts)

    def assessed(self, on: date, held: date) -> Assessment | None:
        """The assessment of a day, as held on another; the one that was recorded last where there are several."""
        found = [one for one in self.assessments if one.span.holds(on, held)]
        return max(found, key=lambda one: (one.span.recorded, one.span.since or date.min), default=None)

    def linked(self, on: date, held: date) -> tuple[Link, ...]:
        """Its links of a day that carry, as held on another."""
        return tuple(one for one in self.links if one.carries and one.span.holds(on, held))
