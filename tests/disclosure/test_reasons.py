"""Statements of reasons against every published rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from samehand.disclosure import batches_of, reason_for, sound_statement
from samehand.errors import InputError

GOOD: dict[str, Any] = {
    "decision_account": "DECISION_ACCOUNT_SUSPENDED", "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "incompatible_content_ground": "Coordinated inauthentic behaviour, clause 4.2",
    "incompatible_content_explanation": "The account acted as one of a network under false names.",
    "content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": "account", "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "content_date": "2019-08-01", "application_date": "2026-11-27", "decision_facts": "It shared devices with 35 accounts.",
    "source_type": "SOURCE_VOLUNTARY", "automated_detection": "Yes", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "puid": "case-7-0042",
}  # fmt: skip
LAW = {
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground": "Act, section 1",
    "illegal_content_explanation": "It breaks it.", "incompatible_content_ground": None,
    "incompatible_content_explanation": None,
}  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {}, LAW, {"category_addition": ["STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"]},
        {"decision_visibility": ["DECISION_VISIBILITY_OTHER"], "decision_visibility_other": "Hidden from search."},
        {"decision_monetary": "DECISION_MONETARY_OTHER", "decision_monetary_other": "Fined."},
        {"source_type": "SOURCE_TYPE_OTHER_NOTIFICATION", "source_identity": "A peer platform"},
        {"incompatible_content_illegal": "No", "territorial_scope": ["DE", "FR"], "content_language": "DE"},
        {"content_date": "2000-01-01", "application_date": "2038-01-01", "puid": "a" * 500, "decision_facts": "f" * 5_000},
    ],
)  # fmt: skip
def test_what_is_sound_is_taken_and_sent_without_what_does_not_apply(more: dict[str, Any]) -> None:
    sent = sound_statement({**GOOD, **more}, "s").sent()
    assert None not in sent.values()
    assert sent["puid"] == {**GOOD, **more}["puid"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"decision_account": None}, "one of the four kinds"), ({"decision_visibility": []}, "decision_visibility"),
        ({"decision_visibility": ["DECISION_VISIBILITY_OTHER"]}, "decision_visibility_other"),
        ({"decision_visibility_other": "x"}, "decision_visibility_other"),
        ({"decision_monetary": "DECISION_MONETARY_OTHER"}, "decision_monetary_other"),
        ({"decision_monetary_other": "x"}, "monetary_other"),
        ({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, "legal ground"),
        ({"incompatible_content_ground": None}, "the rule"),
        ({**LAW, "incompatible_content_illegal": "Yes"}, "incompatible_content_illegal"),
        ({"illegal_content_explanation": "x"}, "legal ground"),
        ({"content_type": []}, "content_type"), ({"content_type": ["CONTENT_TYPE_TEXT"]}, "content_type_other"),
        ({"content_type_other": None}, "content_type_other"), ({"content_type": ["TEXT"]}, "content_type"),
        ({"category": "STATEMENT_CATEGORY_OTHER"}, "category"),
        ({"category_addition": ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]}, "another one"),
        ({"category_specification": ["inauthentic"]}, "category_specification"),
        ({"content_date": "1999-12-31"}, "content_date"),
        ({"content_date": "2038-01-02"}, "content_date"), ({"application_date": "2019-12-31"}, "application_date"),
        ({"end_date_account_restriction": "2039-01-01"}, "end_date"), ({"territorial_scope": ["US"]}, "territorial_scope"),
        ({"content_language": "eng"}, "content_language"), ({"content_language": "UN"}, "content_language"),
        ({"decision_ground_reference_url": "not a url"}, "reference_url"), ({"decision_facts": ""}, "decision_facts"),
        ({"decision_facts": "f" * 5_001}, "decision_facts"), ({"source_type": "SOURCE_OTHER"}, "source_type"),
        ({"source_identity": "A peer"}, "voluntary"), ({"automated_detection": True}, "automated_detection"),
        ({"automated_decision": "NO"}, "automated_decision"), ({"puid": "case 7"}, "puid"), ({"puid": "a" * 501}, "puid"),
        ({"puid": None}, "puid"), ({"colour": "red"}, "colour"),
        ({"decision_facts": "It is @kiteflyer's."}, "no personal data"),
        ({"decision_facts": "Written from kite@kite.example."}, "no personal data"),
        ({"decision_facts": "From 192.0.2.7."}, "no personal data"),
        ({"incompatible_content_explanation": "See https://kite.example."}, "no personal data"),
        ({"decision_facts": "Called +49 30 1234567."}, "no personal data"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_by_its_field(more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        sound_statement({**GOOD, **more}, "statement 1")


@pytest.mark.parametrize(
    ("action", "kind", "field", "value"),
    [
        ("suspend", "account", "decision_account", "DECISION_ACCOUNT_SUSPENDED"),
        ("remove", "account", "decision_account", "DECISION_ACCOUNT_TERMINATED"),
        ("remove", "page", "decision_account", "DECISION_ACCOUNT_TERMINATED"),
        ("remove", "post", "decision_visibility", ["DECISION_VISIBILITY_CONTENT_REMOVED"]),
        ("limit", "account", "decision_visibility", ["DECISION_VISIBILITY_CONTENT_DEMOTED"]),
        ("remove", "ad", "decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION"),
    ],
)
def test_a_decision_of_ours_becomes_a_sound_statement(action: str, kind: str, field: str, value: object) -> None:
    made = reason_for(
        action, kind, puid="c7-1", ground="Clause 4.2", why="One of a network.", facts="It shared devices.",
        made=date(2026, 1, 1), decided=date(2026, 11, 27), tipped=True, automated=True, languages=("zh-Hant",),
    ).sent()  # fmt: skip
    assert (made[field], made["source_type"], made["content_language"]) == (
        value,
        "SOURCE_TYPE_OTHER_NOTIFICATION",
        "ZH",
    )


@pytest.mark.parametrize(
    ("said", "told"), [("und", None), ("qme", None), ("fil", None), ("in", None), ("pt-BR", "PT"), ("de_AT", "DE")]
)
def test_a_language_that_the_database_does_not_know_is_left_out(said: str, told: str | None) -> None:
    made = reason_for(
        "suspend", "account", puid="c7-1", ground="Clause 4.2", why="One of a network.", facts="It shared devices.",
        made=date(2026, 1, 1), decided=date(2026, 11, 27), tipped=True, automated=True, languages=(said,),
    ).sent()  # fmt: skip
    assert made.get("content_language") == told


def test_a_batch_holds_a_hundred_and_no_puid_twice() -> None:
    many = [sound_statement({**GOOD, "puid": f"p{k}"}, "s") for k in range(201)]
    assert [len(batch["statements"]) for batch in batches_of(many)] == [100, 100, 1]
    with pytest.raises(InputError, match="one puid"):
        batches_of([many[0], many[0]])
