"""Tips as STIX 2.1: valid, and the same when they come back."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import stix2
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.exchange import (
    FORMS,
    TLPS,
    Indicator,
    TipDraft,
    bundle_of,
    indicator_table,
    misp_event,
    read_tips,
    stix_tip,
    tip_objects,
)
from samehand.exchange.indicators import told_as
from samehand.exchange.marking import EXTENSION, MARKINGS, tlp_of_marking
from tests.exchange.made_up import NAMED, NOON, draft
from tests.exchange.test_lists import META


def _again(folder: Path, tip: TipDraft, **more: Any) -> TipDraft:
    said = {"tlp": "green", "source": "Kite Watch", "received": NOON, **more}
    (folder / "bundle.json").write_text(bundle_of(tip_objects(tip, **said)), "utf-8")
    (found,) = read_tips(folder / "bundle.json")
    return found


def test_a_tip_comes_back_as_it_was(tmp_path: Path) -> None:
    tip = draft(
        published=date(2026, 11, 1), reliability="B", credibility=2, labels=("espionage",), until=date(2027, 11, 1)
    )
    again = _again(tmp_path, tip)

    assert again.indicators == tip.indicators
    assert (again.ref, again.title, again.form, again.published, again.until) == (
        tip.ref, tip.title, tip.form, tip.published, tip.until,
    )  # fmt: skip
    assert (again.source, again.reliability, again.credibility, again.tlp, again.labels) == (
        "Kite Watch", "B", 2, "green", ("espionage",),
    )  # fmt: skip
    assert again.refused[0].reason == "a relationship says nothing that a tip holds by itself"


def test_the_bundle_is_valid_and_bears_marks_patterns_and_techniques(tmp_path: Path) -> None:
    bundle = stix2.parse(
        bundle_of(tip_objects(draft(), tlp="amber", source="Kite Watch", received=NOON)), allow_custom=False
    )
    by_type: dict[str, list[Any]] = {}
    for one in bundle.objects:
        by_type.setdefault(one["type"], []).append(one)

    (report,) = by_type["report"]
    assert set(report.object_refs) == {one.id for name in ("indicator", "note") for one in by_type[name]}
    marked = [one for name in ("indicator", "note", "report") for one in by_type[name]]
    assert {ref for one in marked for ref in one["object_marking_refs"]} == {MARKINGS["amber"]}
    patterns = {one.pattern for one in by_type["indicator"]}
    assert "[user-account:account_login = 'kiteflyer' AND user-account:account_type = 'twitter']" in patterns
    assert "[url:value = 'https://kite-news.test/a\\'b\\\\c?d=1']" in patterns
    assert [one.external_references[0].external_id for one in by_type["attack-pattern"]] == ["T0013"]
    assert [one.pattern for one in by_type["indicator"] if one.revoked] == ["[domain-name:value = 'old.test']"]


def test_a_pattern_that_is_none_goes_out_as_a_note(tmp_path: Path) -> None:
    wrong = Indicator(kind="pattern", value="[kite = ", row=1)
    objects = list(tip_objects(draft(wrong), tlp="clear", source="a", received=NOON))
    assert [one["type"] for one in objects if one.get("content") == "[kite = "] == ["note"]
    assert _again(tmp_path, draft(wrong)).indicators == (wrong,)


def test_the_same_tip_bears_the_same_ids_and_what_changed_a_newer_time() -> None:
    first = {one["id"]: one for one in tip_objects(draft(), tlp="clear", source="a", received=NOON)}
    later = NOON.replace(hour=13)
    again = {one["id"]: one for one in tip_objects(draft(), tlp="clear", source="a", received=NOON, changed=later)}
    assert first.keys() == again.keys()
    other = {
        one["id"] for one in tip_objects(draft(), tlp="clear", source="b", received=NOON) if one["type"] == "indicator"
    }
    assert other.isdisjoint(first)


VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["domain", "url", "account", "note", "hashtag", "email"]), VALUES.filter(bool), VALUES
        ),
        max_size=5,
    )
)
def test_whatever_is_named_comes_back(
    tmp_path_factory: pytest.TempPathFactory, named: list[tuple[Any, str, str]]
) -> None:
    told = [(told_as(kind, value, "x" if kind == "account" else ""), said) for kind, value, said in named]
    named_so = [
        Indicator(kind=one.kind, value=one.value, platform=one.platform, comment=said, row=1) for one, said in told
    ]
    found = {one.key: one for one in named_so}
    tip = draft(*found.values()) if found else draft(NAMED[0])
    assert _again(tmp_path_factory.mktemp("stix"), tip).indicators == tip.indicators


def test_other_peoples_bundles_are_read_as_far_as_a_tip_holds_them() -> None:
    objects = [
        {"type": "domain-name", "spec_version": "2.1", "id": "domain-name--11111111-1111-5111-8111-111111111111",
         "value": "Kite.com"},
        {
            "type": "user-account", "spec_version": "2.1", "id": "user-account--11111111-1111-5111-8111-111111111112",
            "account_login": "kites", "account_type": "telegram",
        },
        {
            "type": "indicator", "spec_version": "2.1", "id": "indicator--11111111-1111-4111-8111-111111111113",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "pattern_type": "stix",
            "pattern": "[domain-name:value = 'kite.com']", "valid_from": "2026-01-01T00:00:00Z", "name": "A kite",
        },
        {
            "type": "indicator", "spec_version": "2.1", "id": "indicator--11111111-1111-4111-8111-111111111114",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "pattern_type": "stix",
            "pattern": "[domain-name:value = 'a.com' OR domain-name:value = 'b.com']", "valid_from": "2026-01-01T00:00:00Z",
        },
        {
            "type": "malware", "spec_version": "2.1", "id": "malware--11111111-1111-4111-8111-111111111115", "is_family": False,
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
        },
        {"type": "indicator", "id": "indicator--nonsense"}, 7, {"type": "url"},
        {"type": "x-kite", "spec_version": "2.1", "id": "x-kite--11111111-1111-4111-8111-111111111116", "colour": "red"},
    ]  # fmt: skip
    tip = stix_tip(objects, "ref")

    assert [(one.kind, one.platform, one.value) for one in tip.indicators] == [
        ("domain", "", "kite.com"), ("account", "telegram", "kites"),
        ("pattern", "", "[domain-name:value = 'a.com' OR domain-name:value = 'b.com']"),
    ]  # fmt: skip
    assert (tip.read, tip.merged, len(tip.refused)) == (9, 1, 5)


@pytest.mark.parametrize(
    "objects", [[None], ["x"], [{}], [{"type": [], "id": {}}], [{"type": "note", "id": "note--x", "extensions": 7}]]
)
def test_what_is_no_object_is_refused_and_nothing_falls_over(objects: list[Any]) -> None:
    tip = stix_tip(objects, "ref")
    assert (len(tip.indicators), len(tip.refused)) == (0, 1)


def test_the_narrowest_marking_of_a_bundle_counts_old_ones_too() -> None:
    old = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    assert tlp_of_marking(old) == "red"
    objects = [dict(one) for one in tip_objects(draft(NAMED[0]), tlp="clear", source="a", received=NOON)]
    objects[-1]["object_marking_refs"] = [old]
    assert stix_tip(objects, "ref").tlp == "red"
    assert [tlp_of_marking(MARKINGS[tlp]) for tlp in TLPS] == list(TLPS)


def _indicator(pattern: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "type": "indicator", "spec_version": "2.1", "id": f"indicator--11111111-1111-4111-8111-{number:012}",
        "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "pattern_type": "stix",
        "pattern": pattern, "valid_from": "2026-01-01T00:00:00Z", **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "kind", "value"),
    [
        ("[ipv4-addr:value = '10.20.30.0/24']", "ip", "10.20.30.0/24"),
        ("[ipv4-addr:value = '10.20.30.4/32']", "ip", "10.20.30.4"),
        ("[ipv6-addr:value = '2001:DB8:0:0::1']", "ip", "2001:db8::1"),
        ("[url:value = 'http://203.0.113.7/mal']", "url", "http://203.0.113.7/mal"),
        ("[url:value = 'http://intranet/Mal']", "url", "http://intranet/Mal"),
        ("[user-account:account_login = 'SomeUser' AND user-account:account_type = 'Twitter']", "account", "someuser"),
        (f"[file:hashes.'SHA-512' = '{'A' * 128}']", "hash", "a" * 128),
        ("[file:hashes.'SSDEEP' = '3:abc']", "pattern", "[file:hashes.'SSDEEP' = '3:abc']"),
    ],
)  # fmt: skip
def test_a_comparison_keeps_its_kind_and_is_written_in_one_form(pattern: str, kind: str, value: str) -> None:
    (found,) = stix_tip([_indicator(pattern)], "ref").indicators
    assert (found.kind, found.value, found.raw) == (kind, value, pattern)


@pytest.mark.parametrize("form", ["stix", "misp", *FORMS])
def test_no_hash_or_phase_is_too_odd_to_be_written(form: str) -> None:
    odd = [
        Indicator(kind="hash", value="zz"), Indicator(kind="hash", value="b" * 128),
        Indicator(kind="domain", value="kite.com", phase=99),
    ]  # fmt: skip
    if form == "stix":
        text = bundle_of(tip_objects(draft(*odd), tlp="clear", source="a", received=NOON))
    elif form == "misp":
        text = misp_event(draft(*odd), tlp="clear", source="a", received=NOON)
    else:
        text, left = indicator_table(odd, "indicators" if form == "indicators" else "kill-chain")
        assert left == 0
    assert "zz" in text
    assert "b" * 128 in text


def test_a_hash_that_is_none_comes_in_as_a_note_with_what_was_written() -> None:
    said = {EXTENSION: {"extension_type": "property-extension", "kind": "hash", "value": "zz"}}
    (found,) = stix_tip([_indicator("[domain-name:value = 'x.com']", extensions=said)], "ref").indicators
    assert (found.kind, found.value, found.raw) == ("note", "zz", "zz")


OURS = {"extension_type": "property-extension", "kind": "domain", "value": "kite.com"}
ODD: tuple[Any, ...] = (
    None, 5, 10**30, 1.5, True, "", "x", "\ud800", "a\0b", [], {}, [5], [{}], [[]], ["x"], {"a": 1}, "T0013", ["T0013", 5],
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"pattern": "[" + " OR ".join(["domain-name:value = 'x.com'"] * 1_000) + "]"}, "its pattern is too large"),
        ({"pattern": "[" + "(" * 3_000 + "domain-name:value = 'x.com'" + ")" * 3_000 + "]"}, "its pattern is too large"),
        ({"pattern": "[domain-name:value = '" + "x" * 60_000 + "']"}, "its pattern is too large"),
        ({"name": "\ud800"}, "a letter that no text has"), ({"name": "a\0b"}, "a letter that no text has"),
        ({"object_marking_refs": 5}, "no object of STIX"), ({"pattern": ""}, "no object of STIX"),
        ({"pattern_type": 5, "pattern": ["x"]}, "no object of STIX"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_refused_and_the_others_are_taken(said: dict[str, Any], reason: str) -> None:
    tip = stix_tip(
        [{**_indicator("[domain-name:value = 'x.com']"), **said}, _indicator("[domain-name:value = 'y.com']", 2)], "r"
    )
    assert [one.value for one in tip.indicators] == ["y.com"]
    (refused,) = tip.refused
    assert (refused.row, reason in refused.reason) == (1, True)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_stands_where_the_file_is_read_and_every_row_is_counted(data: st.DataObject) -> None:
    made = [dict(one) for one in tip_objects(draft(), tlp="clear", source="a", received=NOON)]
    objects: list[Any] = json.loads(json.dumps(made))
    for one in data.draw(st.lists(st.sampled_from(objects), min_size=1, max_size=4)):
        inner = one.get("extensions", {}).get(EXTENSION, one) if isinstance(one.get("extensions"), dict) else one
        place = data.draw(st.sampled_from([one, inner if isinstance(inner, dict) else one]))
        more = [
            "labels",
            "disarm",
            "row",
            "granular_markings",
            "object_marking_refs",
            "external_references",
            "credibility",
        ]
        place[data.draw(st.sampled_from([*sorted(place), *more]))] = data.draw(st.sampled_from(ODD))
    tip = stix_tip(objects, "ref")
    assert tip.read == len(tip.indicators) + tip.merged + len(tip.refused)
    json.dumps(asdict(tip), default=str, ensure_ascii=False).encode()  # no text in it that could not be held or shown


def test_a_technique_without_its_references_takes_nothing_else_with_it() -> None:
    objects = json.loads(json.dumps(list(tip_objects(draft(), tlp="clear", source="a", received=NOON))))
    (technique,) = [one for one in objects if one["type"] == "attack-pattern"]
    technique["external_references"] = None
    assert set(NAMED) <= set(stix_tip(objects, "ref").indicators)


@pytest.mark.parametrize("said", [{"disarm": 5}, {"disarm": [{}]}, {"row": 10**30}, {"labels": 5}, {"kind": ["a"]}])
def test_what_is_odd_in_the_extension_alone_takes_nothing_else_with_it(said: dict[str, Any]) -> None:
    one = _indicator("[domain-name:value = 'kite.com']", extensions={EXTENSION: {**OURS, **said}})
    (found,) = stix_tip([one], "ref").indicators
    assert (found.kind, found.value, found.disarm) == ("domain", "kite.com", ())
    assert 0 <= found.row < 2


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_versions_of_an_object_the_later_counts_and_a_revoked_one_above_all(turned: bool) -> None:
    first, later = _indicator("[domain-name:value = 'old.com']"), _indicator("[domain-name:value = 'new.com']")
    later["modified"] = "2026-02-01T00:00:00Z"
    gone = {**first, "id": first["id"][:-1] + "7", "revoked": True}
    after = {**later, "id": gone["id"], "pattern": "[domain-name:value = 'again.com']"}
    objects = [first, later, gone, after]
    tip = stix_tip(objects[::-1] if turned else objects, "ref")
    assert {one.value: one.revoked for one in tip.indicators} == {"new.com": False, "old.com": True}
    assert (tip.read, tip.merged, tip.refused) == (4, 2, ())


RED = MARKINGS["red"]
OWN = "marking-definition--11111111-1111-4111-8111-111111111119"


@pytest.mark.parametrize(
    "said",
    [
        {"granular_markings": [{"marking_ref": RED, "selectors": ["pattern"]}]}, {"labels": ["TLP:RED"]},
        {"labels": ["kites", "tlp: red"]}, {"object_marking_refs": [MARKINGS["green"], RED]},
        {"object_marking_refs": RED}, {"object_marking_refs": [OWN]}, {"created": "none", "object_marking_refs": [RED]},
    ],
)  # fmt: skip
def test_a_marking_counts_wherever_it_stands(said: dict[str, Any]) -> None:
    objects = [dict(one) for one in tip_objects(draft(NAMED[0]), tlp="clear", source="a", received=NOON)]
    own = {"type": "marking-definition", "id": OWN, "definition_type": "tlp", "definition": {"tlp": "red"}}
    objects.append(own)
    assert stix_tip(objects, "ref").tlp == "clear"
    (indicator,) = [one for one in objects if one["type"] == "indicator"]
    indicator |= said
    tip = stix_tip(objects, "ref")
    assert (tip.tlp, tip.labels) == ("red", ())


def test_a_label_that_is_a_colour_alone_is_no_marking() -> None:
    objects = [dict(one) for one in tip_objects(draft(NAMED[0]), tlp="clear", source="a", received=NOON)]
    objects[-2]["labels"] = ["red"]
    assert stix_tip(objects, "ref").tlp == "clear"


def test_a_forged_extension_makes_no_more_of_an_indicator_than_it_may_be() -> None:
    (made,) = [
        one
        for one in tip_objects(draft(NAMED[0]), tlp="clear", source="a", received=NOON)
        if one["type"] == "indicator"
    ]
    forged = json.loads(json.dumps(made))
    forged["extensions"][EXTENSION] |= {"phase": 99, "row": "x", "disarm": ["T9999"], "seen": [], "comment": {}}
    (found,) = stix_tip([forged], "ref").indicators
    assert found == replace(NAMED[0], phase=None, row=0, comment="")


@pytest.mark.skipif(not META, reason="the shared data is not here")
def test_metas_lists_come_back_from_stix_as_they_were(tmp_path: Path) -> None:
    for path in META:
        (tip,) = read_tips(path)
        again = _again(tmp_path, tip, tlp="clear", source="Meta")
        assert again.indicators == tip.indicators, path.name
        assert (again.ref, again.title, again.form) == (tip.ref, tip.title, tip.form)
