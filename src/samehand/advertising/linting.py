"""What is not sound in a registry: links that lead nowhere or in a circle, answers that nobody bears, what two hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

from samehand.advertising.facts import QUESTIONS, Answer, Assessment, Entity, Span
from samehand.advertising.registry import Registry

__all__ = ["Fault", "lint_registry", "spans_overlap"]

Weight = Literal["error", "note"]


@dataclass(frozen=True)
class Fault:
    """What is wrong with an entity: an error has to be mended, a note says what the gate makes of it."""

    entity_id: str
    weight: Weight
    said: str


def lint_registry(registry: Registry) -> tuple[Fault, ...]:
    """Everything that is wrong, by entity; nothing where the registry is sound."""
    found: list[Fault] = []
    for entity in registry:
        found += [Fault(entity.entity_id, "error", said) for said in _errors(entity, registry)]
        found += [Fault(entity.entity_id, "note", said) for said in _notes(entity)]
    found += [Fault(who, "error", said) for who, said in _held_twice(registry)]
    found += [Fault(who, "error", f"its links lead back to it: {' -> '.join(way)}") for who, way in _circles(registry)]
    return tuple(sorted(found, key=lambda one: (one.entity_id, one.weight, one.said)))


def spans_overlap(one: Span, other: Span) -> bool:
    """Whether two facts hold on one day, as held on one day."""

    def before(end: date | None, start: date | None) -> bool:
        return end is not None and start is not None and end <= start

    apart = before(one.until, other.since) or before(other.until, one.since)
    return not (apart or before(one.withdrawn, other.recorded) or before(other.withdrawn, one.recorded))


def _errors(entity: Entity, registry: Registry) -> Iterator[str]:
    for link in entity.links:
        if link.target not in registry.entities:
            yield f"it is {link.kind} '{link.target}', which the registry does not hold"
        if not link.citations:
            yield f"nobody is cited for its being {link.kind} {link.target}"
    for assessment in entity.assessments:
        for question in QUESTIONS:
            answer = assessment.answers[question]
            if answer.value in ("yes", "no") and not answer.citations:
                yield f"nobody is cited for {question} = {answer.value}, {_stretch(assessment)}"
            if answer.value == "disputed" and len({one.source for one in answer.citations}) < 2:
                yield f"{question} is disputed, {_stretch(assessment)}, and fewer than two sources are cited"
        for name, safeguard in assessment.safeguards.items():
            if safeguard.value in ("yes", "no") and not safeguard.citations:
                yield f"nobody is cited for {name} = {safeguard.value}, {_stretch(assessment)}"
    for one, other in combinations(entity.assessments, 2):
        if spans_overlap(one.span, other.span):
            yield f"two assessments hold at a time: {_stretch(one)}, and {_stretch(other)}"
    if len({(one.text, one.language) for one in entity.names}) < len(entity.names):
        yield "a name is there twice"


def _stretch(assessment: Assessment) -> str:
    return f"from {assessment.span.since or 'ever'} until {assessment.span.until or 'now'}"


def _notes(entity: Entity) -> Iterator[str]:
    for assessment in entity.assessments:
        sources = len(assessment.read)
        if assessment.code == "SC" and sources < 2:
            yield f"{sources} independent sources were read, {_stretch(assessment)}: it is reviewed, not blocked"
        elif assessment.code is not None and not sources:
            yield f"no source was read, {_stretch(assessment)}: it is reviewed"
    for link in entity.links:
        if not link.read:
            yield f"no source was read for its being {link.kind} {link.target}: nothing is blocked by it"
    if entity.scope not in ("news", "mixed") and not any(one.read for one in entity.scope_citations):
        yield f"no source was read for its being {entity.scope} only: it is not exempt for that"
    resting = [
        *(asset.citations for asset in entity.assets), *(link.citations for link in entity.links), entity.scope_citations,
        *(answer.citations for assessment in entity.assessments for answer in _answers(assessment)),
    ]  # fmt: skip
    cited = {one.name for citations in resting for one in citations}
    for one in entity.citations:
        if one.name not in cited:
            yield f"nothing rests on the citation '{one.name}'"


def _answers(assessment: Assessment) -> tuple[Answer, ...]:
    return (*assessment.answers.values(), *assessment.safeguards.values())


def _held_twice(registry: Registry) -> Iterator[tuple[str, str]]:
    """Domains, handles and numbers that two entities hold at a time: nobody could be told by them."""
    holders: dict[tuple[str, str], list[tuple[Entity, Span]]] = {}
    for entity in registry:
        for asset in entity.assets:
            holders.setdefault((asset.platform, asset.value.lower()), []).append((entity, asset.span))
        for number in entity.identifiers:
            holders.setdefault((number.kind, f"{number.country or ''} {number.value}".strip()), []).append(
                (entity, number.span)
            )
    for (kind, value), held in holders.items():
        for (one, span), (other, other_span) in combinations(held, 2):
            if spans_overlap(span, other_span):
                yield (
                    max(one.entity_id, other.entity_id),
                    f"{kind} {value} is {min(one.entity_id, other.entity_id)}'s, too",
                )


def _circles(registry: Registry) -> Iterator[tuple[str, list[str]]]:
    """Circles of links, each once, named by the entity that comes first in the alphabet."""
    done: set[str] = set()
    for start in sorted(registry.entities):
        way: list[str] = []

        def walk(at: str, way: list[str] = way) -> Iterator[list[str]]:
            if at in way:
                yield [*way[way.index(at) :], at]
                return
            if at in done or at not in registry.entities:
                return
            way.append(at)
            for link in registry.entities[at].links:
                yield from walk(link.target)
            way.pop()
            done.add(at)

        for circle in walk(start):
            yield min(circle), circle
