"""One registry from the curated files and layers beside them: what is curated stays, and rows about one outlet become one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from samehand.advertising.facts import QUESTIONS, Answer, Assessment, Entity, Question
from samehand.advertising.lists import Layer
from samehand.advertising.registry import Registry
from samehand.advertising.spelling import folded

__all__ = ["combine"]


def combine(curated: Iterable[Entity], layers: Sequence[Layer] = ()) -> Registry:
    """A registry of curated entities and of those that only layers hold.

    An outlet of a layer that a curated entity is (a domain or handle in common, or a name in the same country) is left out: who
    wrote the entity knew of the row. Outlets of two layers that are one become one: answers that one of them gives, citations
    of both, so that two lists may bear together what neither bears alone; where two answers differ, they are disputed. Links of
    a list lead to whatever its entities became.

    Args:
        curated: entities. layers: the first counts more where only one value can stay.

    """
    held = {one.entity_id: one for one in curated}
    keys: dict[tuple[str, ...], str] = {}
    for one in held.values():
        keys.update(dict.fromkeys(_keys(one), one.entity_id))
    curated_ids = frozenset(held)
    became: dict[tuple[str, str], str] = {}
    for one in chain.from_iterable(layer.entities for layer in layers):
        same = next((keys[key] for key in _keys(one) if key in keys), None)
        if same is not None:
            became[one.layer, one.entity_id] = same
        if same in curated_ids:
            continue
        if same is None or one.layer in held[same].layer.split(" + "):
            entity_id = one.entity_id if one.entity_id not in held else f"{one.entity_id}-{one.layer}"
            merged = replace(one, entity_id=entity_id)
        else:
            entity_id, merged = same, _merged(held[same], one)
        became[one.layer, one.entity_id] = entity_id
        held[entity_id] = merged
        for key in _keys(merged):
            keys.setdefault(key, entity_id)
    return Registry(one if one.entity_id in curated_ids else _aimed(one, became) for one in held.values())


def _aimed(one: Entity, became: Mapping[tuple[str, str], str]) -> Entity:
    """An entity of layers whose links name what the lists' entities became."""
    of = one.layer.split(" + ")

    def target(said: str) -> str:
        return next((became[layer, said] for layer in of if (layer, said) in became), said)

    links = (replace(link, target=target(link.target)) for link in one.links)
    return replace(one, links=tuple(link for link in links if link.target != one.entity_id))


def _keys(one: Entity) -> list[tuple[str, ...]]:
    """By what an entity is known again, the surest first."""
    assets = [(asset.platform, asset.value.lower()) for asset in one.assets]
    return [*assets, *((one.country, folded(name.text)) for name in one.names if name.kind != "acronym")]


def _merged(first: Entity, second: Entity) -> Entity:
    names = {(name.text, name.language): name for name in (*second.names, *first.names)}
    assets = {(asset.platform, asset.value): asset for asset in (*second.assets, *first.assets)}
    assessments = first.assessments or second.assessments
    if first.assessments and second.assessments:
        mine, theirs = first.assessments[0], second.assessments[0]
        answers: dict[Question, Answer] = {name: _both(mine.answers[name], theirs.answers[name]) for name in QUESTIONS}
        assessments = (
            Assessment(mine.span, answers, {}, "medium", "From two lists.", f"{first.layer} + {second.layer}"),
        )
    return replace(
        first, names=tuple(reversed(names.values())), assets=tuple(assets.values()), assessments=assessments,
        identifiers=(*first.identifiers, *second.identifiers), links=(*first.links, *second.links),
        citations=(*first.citations, *second.citations), layer=f"{first.layer} + {second.layer}",
    )  # fmt: skip


def _both(one: Answer, other: Answer) -> Answer:
    if "unclear" in (one.value, other.value):
        value = other.value if one.value == "unclear" else one.value
    else:
        value = one.value if one.value == other.value else "disputed"
    return Answer(value, (*one.citations, *other.citations))
