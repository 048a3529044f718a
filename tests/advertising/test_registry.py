"""Whose standing an entity shares, and what is not sound in a registry."""

from __future__ import annotations

from datetime import date

import pytest

from samehand.advertising import CODES, lint_registry
from samehand.errors import NotFoundError
from tests.advertising.made_up import DAY, HELD, assessed, asset, cites, entity, link, registry, span


def _path(entity_id: str, *entities: object) -> list[str]:
    return [one.target for one in registry(*entities).standing(entity_id, DAY, HELD).path]  # type: ignore[arg-type]


def test_an_assessment_of_its_own_counts_before_an_owners() -> None:
    ours = entity("cn-kite", links=(link("owned_by", "cn-top"),), assessments=(assessed("ISFM"),))
    found = registry(ours, entity("cn-top", "Top", assessments=(assessed("SC"),))).standing("cn-kite", DAY, HELD)

    assert (found.code, found.path) == ("ISFM", ())


def test_without_one_the_nearest_owner_who_was_assessed_counts() -> None:
    chain = (
        entity("cn-kite", links=(link("brand_of", "cn-mid"),)),
        entity("cn-mid", "Mid", kind="company", links=(link("owned_by", "cn-top", percent=60),)),
        entity("cn-top", "Top", assessments=(assessed("SC"),), links=(link("owned_by", "cn-far"),)),
        entity("cn-far", "Far", assessments=(assessed("IP"),)),
    )
    found = registry(*chain).standing("cn-kite", DAY, HELD)

    assert found.code == "SC"
    assert [(one.kind, one.target) for one in found.path] == [("brand_of", "cn-mid"), ("owned_by", "cn-top")]
    assert found.cited


def test_where_its_own_answers_fix_no_code_those_of_whom_it_belongs_to_count_and_else_its_own() -> None:
    unsettled = assessed(answers=("yes", "disputed", "yes"))
    ours = entity("us-kite", assessments=(unsettled,), links=(link("successor_of", "de-kite"),))
    before = entity("de-kite", "Kite GmbH", assessments=(assessed("SC"),))

    assert registry(ours, before).standing("us-kite", DAY, HELD).code == "SC"
    alone = registry(ours, entity("de-kite", "Kite GmbH")).standing("us-kite", DAY, HELD)
    assert (alone.assessment, alone.path) == (unsettled, ())


def test_less_than_half_an_owner_carries_nothing() -> None:
    top = entity("cn-top", "Top", assessments=(assessed("SC"),))

    assert _path("cn-kite", entity("cn-kite", links=(link("owned_by", "cn-top", percent=49.9),)), top) == []
    assert _path("cn-kite", entity("cn-kite", links=(link("owned_by", "cn-top", percent=50),)), top) == ["cn-top"]


def test_a_link_of_another_day_leads_nowhere() -> None:
    top = entity("cn-top", "Top", assessments=(assessed("SC"),))
    ended = link("owned_by", "cn-top", when=span(date(2010, 1, 1), date(2020, 1, 1)))
    held = registry(entity("cn-kite", links=(ended,)), top)

    assert held.standing("cn-kite", date(2019, 12, 31), HELD).code == "SC"
    assert held.standing("cn-kite", date(2020, 1, 1), HELD).code is None


def test_of_two_owners_as_near_the_one_that_steers_counts() -> None:
    ours = entity("cn-kite", links=(link("owned_by", "cn-a"), link("controlled_by", "cn-b")))
    found = registry(
        ours, entity("cn-a", "A", assessments=(assessed("IP"),)), entity("cn-b", "B", assessments=(assessed("SC"),))
    ).standing("cn-kite", DAY, HELD)

    assert found.code == "SC"


def test_a_circle_of_owners_ends_and_a_linter_says_so_once() -> None:
    ring = [entity(f"cn-{k}", f"Ring {k}", links=(link("owned_by", f"cn-{(k + 1) % 3}"),)) for k in range(3)]
    held = registry(*ring)

    assert held.standing("cn-0", DAY, HELD).assessment is None
    assert [fault.said for fault in lint_registry(held) if fault.weight == "error"] == [
        "its links lead back to it: cn-0 -> cn-1 -> cn-2 -> cn-0"
    ]


def test_an_unknown_entity_is_told_of() -> None:
    with pytest.raises(NotFoundError, match="no entity 'cn-none'"):
        registry().standing("cn-none", DAY, HELD)


def test_stats_count_sources_of_the_day() -> None:
    held = registry(
        entity("cn-a", "A", assessments=(assessed("SC", sources=3),)),
        entity("fr-b", "B", assessments=(assessed("IP", sources=1),)),
        entity("fr-c", "C", assessments=(assessed("IP", sources=2, read=False),)), entity("fr-d", "D", kind="body"),
        entity("fr-e", "E", assessments=(assessed(answers=("yes", "yes", "disputed")),)),
    )  # fmt: skip
    found = held.stats(DAY, HELD)

    assert (found.entities, found.outlets, found.countries) == (5, 4, 2)
    assert (found.two, found.one, found.none) == (2, 1, 1)
    assert found.codes == {"": 1, "IP": 2, "SC": 1}
    assert set(found.codes) - {""} <= set(CODES)


# --- what is not sound


def _errors(*entities: object) -> list[str]:
    return [one.said for one in lint_registry(registry(*entities)) if one.weight == "error"]  # type: ignore[arg-type]


def test_a_sound_registry_has_no_fault() -> None:
    top = entity("cn-top", "Top", assessments=(assessed("SC"),))
    assert lint_registry(registry(top, entity("cn-kite", links=(link("owned_by", "cn-top"),)))) == ()


def test_a_link_that_leads_nowhere_is_an_error() -> None:
    assert _errors(entity(links=(link("owned_by", "cn-none"),))) == [
        "it is owned_by 'cn-none', which the registry does not hold"
    ]


def test_an_answer_that_nobody_bears_is_an_error_and_so_is_a_dispute_of_one() -> None:
    said = _errors(
        entity("cn-a", "A", assessments=(assessed("SC", sources=0),)),
        entity("cn-b", "B", assessments=(assessed(answers=("yes", "yes", "disputed"), sources=1),)),
    )

    assert [one.split(",")[0] for one in said] == [
        "nobody is cited for editorial = yes", "nobody is cited for funding = yes", "nobody is cited for governance = yes",
        "editorial is disputed",
    ]  # fmt: skip


def test_two_assessments_of_one_day_are_an_error_unless_one_was_withdrawn_before() -> None:
    early = assessed("IP", when=span(None, date(2021, 3, 2)))
    late = assessed("SC", when=span(date(2021, 3, 1)))
    assert "two assessments hold at a time" in _errors(entity(assessments=(early, late)))[0]

    withdrawn = assessed("IP", when=span(recorded=date(2020, 1, 1), withdrawn=date(2022, 1, 1)))
    anew = assessed("SC", when=span(recorded=date(2022, 1, 1)))
    assert _errors(entity(assessments=(withdrawn, anew))) == []


def test_a_domain_that_two_hold_at_a_time_is_an_error() -> None:
    one = entity("cn-a", "A", assets=(asset("domain", "kite.test"),))
    assert _errors(one, entity("cn-b", "B", assets=(asset("domain", "KITE.test"),))) == [
        "domain kite.test is cn-a's, too"
    ]


def test_what_the_gate_will_not_do_is_noted() -> None:
    notes = [
        one.said for one in lint_registry(registry(
            entity("cn-a", "A", assessments=(assessed("SC", sources=1),)),
            entity("cn-b", "B", links=(link("owned_by", "cn-a", read=False),)),
            entity("cn-c", "C", scope="travel"), entity("cn-d", "D", citations=cites("unused")),
        ))
    ]  # fmt: skip

    assert any("reviewed, not blocked" in one for one in notes)
    assert any("nothing is blocked by it" in one for one in notes)
    assert any("not exempt for that" in one for one in notes)
    assert any("nothing rests on the citation 'unused'" in one for one in notes)
