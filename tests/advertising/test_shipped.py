"""The registry that the project ships: sound as a whole, wide, cited, and without persons."""

from __future__ import annotations

from datetime import date
from functools import cache

from samehand.advertising import Advertiser, Gate, Registry, Resolver, lint_registry, shipped_entities
from samehand.policy import ad_pack_names, read_ad_pack

DAY = date(2026, 11, 27)
HELD = date(2026, 12, 31)


@cache
def _registry() -> Registry:
    return Registry(shipped_entities().values())


def test_it_is_sound_as_a_whole() -> None:
    assert [f"{one.entity_id}: {one.said}" for one in lint_registry(_registry()) if one.weight == "error"] == []


def test_it_is_as_wide_as_it_is_meant_to_be() -> None:
    stats = _registry().stats(DAY, HELD)

    assert stats.outlets >= 150
    assert stats.countries >= 60
    assert stats.two + stats.one + stats.none == stats.outlets


def test_whatever_is_blocked_rests_on_two_sources_that_were_read_and_what_does_not_is_there_all_the_same() -> None:
    resolver, blocked, poor = Resolver(_registry()), set(), 0
    for pack in ad_pack_names():
        gate = Gate(_registry(), read_ad_pack(pack, DAY), DAY, HELD, resolver=resolver)
        for entity in _registry():
            standing = _registry().standing(entity.entity_id, DAY, HELD)
            done = gate.decide(Advertiser(payer=entity.name, country=entity.country, target_countries=("US",)))
            poor += standing.code == "SC" and standing.sources < 2
            if done.entity_id == entity.entity_id and done.decision == "block":
                blocked.add(entity.entity_id)
                assert standing.sources >= 2, (pack, entity.entity_id)
                assert standing.cited, (pack, entity.entity_id)

    assert len(blocked) > 100
    assert poor > 0  # they are not left out


def test_every_citation_that_was_read_says_what_it_states_and_where() -> None:
    for entity in _registry():
        for one in entity.citations:
            assert one.states.strip().endswith((".", "!", "?", '"')), (entity.entity_id, one.name)
            assert one.url.startswith(("https://", "http://")), (entity.entity_id, one.name)
            assert one.published is None or one.published <= one.accessed <= DAY, (entity.entity_id, one.name)


def test_no_natural_person_is_an_entity_and_none_is_linked_as_staff() -> None:
    kinds = {entity.kind for entity in _registry()}
    assert kinds <= {"outlet", "company", "agency", "body"}
    assert not [entity.entity_id for entity in _registry() for link in entity.links if link.kind == "staff_of"]
