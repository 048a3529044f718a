"""Tips as MISP events: such as MISP's own library takes, and the same when they come back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymisp import MISPEvent

from samehand.exchange import TipDraft, misp_event, read_tips
from samehand.exchange.drafts import NO_TEXT
from tests.exchange.made_up import NOON, draft
from tests.exchange.test_lists import META


def _again(folder: Path, tip: TipDraft, **more: Any) -> TipDraft:
    said = {"tlp": "green", "source": "Kite Watch", "received": NOON, **more}
    (folder / "event.json").write_text(misp_event(tip, **said), "utf-8")
    (found,) = read_tips(folder / "event.json")
    return found


def test_a_tip_comes_back_as_it_was(tmp_path: Path) -> None:
    tip = draft(
        published=date(2026, 11, 1), reliability="B", credibility=2, labels=("espionage",), until=date(2027, 11, 1)
    )
    again = _again(tmp_path, tip)

    assert sorted(map(repr, again.indicators)) == sorted(map(repr, tip.indicators))
    assert (again.ref, again.title, again.form, again.published, again.until, again.labels) == (
        tip.ref, tip.title, tip.form, tip.published, tip.until, tip.labels,
    )  # fmt: skip
    assert (again.source, again.reliability, again.credibility, again.tlp) == ("Kite Watch", "B", 2, "green")


def test_misps_own_library_reads_every_attribute() -> None:
    event = MISPEvent()
    event.load(misp_event(draft(), tlp="clear", source="Kite Watch", received=NOON))
    assert event.info == "Kite network"
    assert len(event.attributes) + len(event.objects) == len(draft().indicators)
    (account,) = event.objects
    assert account.name == "user-account"
    assert {one.object_relation: one.value for one in account.attributes} == {
        "username": "kiteflyer", "account-type": "twitter", "link": "https://twitter.com/kiteflyer"
    }  # fmt: skip
    assert {one.name for one in event.tags} >= {"tlp:clear"}


def test_other_peoples_events_are_read_as_far_as_a_tip_holds_them(tmp_path: Path) -> None:
    event = {
        "uuid": "5d7c1a6e-0000-4000-8000-000000000001", "info": "Kites", "date": "2026-10-01", "Orgc": {"name": "CIRCL"},
        "Tag": [{"name": "tlp:amber"}, {"name": 'admiralty-scale:source-reliability="a"'}, {"name": "kites"}],
        "Attribute": [
            {"type": "domain", "value": "kite.com"}, {"type": "hostname", "value": "Kite.com"},
            {"type": "yara", "value": "rule x"},
            {"type": "url", "value": "https://x.com/kites", "deleted": True}, {"type": "text"}, 7,
        ],
        "Object": [
            {
                "name": "twitter-account",
                "Attribute": [{"object_relation": "name", "value": "@Kites2"}, {"object_relation": "id", "value": "9"}],
            },
            {"name": "facebook-page", "Attribute": []},
            {"name": "file", "Attribute": [{"type": "sha256", "value": "a" * 64}, {"type": "filename", "value": "k.exe"}]},
        ],
    }  # fmt: skip
    (tmp_path / "events.json").write_text(
        json.dumps({"response": [{"Event": event}, {"Event": {**event, "uuid": "2"}}]}), "utf-8"
    )
    first, second = read_tips(tmp_path / "events.json")

    assert (first.ref, second.ref, first.source, first.tlp, first.reliability) == (
        event["uuid"],
        "2",
        "CIRCL",
        "amber",
        "A",
    )
    assert [(one.kind, one.platform, one.value, one.revoked) for one in first.indicators] == [
        ("domain", "", "kite.com", False), ("account", "twitter", "kites", True), ("account", "twitter", "kites2", False),
        ("hash", "", "a" * 64, False),
    ]  # fmt: skip
    assert (first.read, first.merged, [one.reason for one in first.refused]) == (
        10, 1,
        ["an attribute of type yara is nothing that a tip holds", "it has no value", "it is no attribute",
         "a facebook-page that bears no name", "an attribute of type filename is nothing that a tip holds"],
    )  # fmt: skip


def test_a_hash_or_phase_that_is_none_comes_in_as_far_as_it_can(tmp_path: Path) -> None:
    tags = [{"name": 'samehand:kind="domain"'}, {"name": 'samehand:phase="99"'}]
    event = {"info": "Kites", "Attribute": [
        {"type": "md5", "value": "Not-a-hash"}, {"type": "domain", "value": "kite.com", "Tag": tags},
        {"type": "sha512", "value": "A" * 128},
    ]}  # fmt: skip
    (tmp_path / "event.json").write_text(json.dumps({"Event": event}), "utf-8")
    (tip,) = read_tips(tmp_path / "event.json")
    assert [(one.kind, one.value, one.phase) for one in tip.indicators] == [
        ("note", "Not-a-hash", None), ("domain", "kite.com", None), ("hash", "a" * 128, None),
    ]  # fmt: skip
    assert tip.indicators[0].raw == "Not-a-hash"


def test_whose_account_a_user_account_is_its_type_says_and_what_else_is_said_of_it_is_a_comment(tmp_path: Path) -> None:
    said = {"username": "@Kites", "account-type": "Telegram", "user-id": "9", "email": "kite@kite.com"}
    parts = [{"object_relation": name, "value": value} for name, value in said.items()]
    event = {"info": "Kites", "Object": [{"name": "user-account", "comment": "Seen at night", "Attribute": parts}]}
    (tmp_path / "event.json").write_text(json.dumps({"Event": event}), "utf-8")
    (tip,) = read_tips(tmp_path / "event.json")
    assert [(one.platform, one.value, one.comment) for one in tip.indicators] == [
        ("telegram", "kites", "Seen at night; user-id: 9; email: kite@kite.com"),
    ]  # fmt: skip


def test_what_stands_again_beside_what_was_deleted_stands(tmp_path: Path) -> None:
    named = (("a.com", True), ("a.com", False), ("b.com", True))
    rows = [{"type": "domain", "value": name, "deleted": gone} for name, gone in named]
    (tmp_path / "event.json").write_text(json.dumps({"Event": {"info": "Kites", "Attribute": rows}}), "utf-8")
    (tip,) = read_tips(tmp_path / "event.json")
    assert {one.value: one.revoked for one in tip.indicators} == {"a.com": False, "b.com": True}


ODD: tuple[Any, ...] = (None, 5, 10**30, True, "", "x", "\ud800", "a\0b", [], {}, [5], [{}], {"name": "x"}, {"name": 5})


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_stands_where_the_file_is_read_and_every_row_is_counted(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    said = json.loads(misp_event(draft(), tlp="clear", source="Kite Watch", received=NOON))
    event = said["Event"]
    places = [
        event,
        *event["Attribute"],
        *event["Object"],
        *event["Object"][0]["Attribute"],
        *event["Attribute"][0]["Tag"],
    ]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=4)):
        place[data.draw(st.sampled_from(sorted({*place, "Tag"} - {"info"})))] = data.draw(st.sampled_from(ODD))
    path = tmp_path_factory.mktemp("misp") / "event.json"
    path.write_text(json.dumps(said), "utf-8")
    (tip,) = read_tips(path, "misp")
    assert tip.read == len(tip.indicators) + tip.merged + len(tip.refused)
    json.dumps(asdict(tip), default=str, ensure_ascii=False).encode()  # no text in it that could not be held or shown


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        ({"Tag": 5}, []), ({"Attribute": 5}, ["it is no attribute"]), ({"Object": 5}, ["it is no object"]),
        ({"Object": [{"name": "file", "Attribute": 5}]}, ["it is no attribute"]),
        ({"Object": [{"name": "user-account", "Attribute": 5}]}, ["a user-account that bears no name"]),
        ({"info": "\ud800", "Attribute": [{"type": "text", "value": "x\ud800"}]}, [NO_TEXT]),
        ({"Attribute": [
            {"type": "text", "value": "v", "Tag": [{"name": 'samehand:kind="note"'}, {"name": f'samehand:{name}={value}'}]}
            for name, value in (("technique", '"x\\u0000y"'), ("procedure", '"y\\u0000"'))
        ]}, [NO_TEXT, NO_TEXT]),
    ],
)  # fmt: skip
def test_what_is_of_the_wrong_type_is_refused_and_the_rest_is_taken(
    tmp_path: Path, said: dict[str, Any], reasons: list[str]
) -> None:
    event = {
        "info": "Kites",
        "Object": [{"name": "user-account", "Attribute": [{"object_relation": "name", "value": "kites"}]}],
    }
    more = (
        {**event, **said, "Object": [*event["Object"], *said["Object"]]}
        if isinstance(said.get("Object"), list)
        else None
    )
    (tmp_path / "event.json").write_text(json.dumps({"Event": more or {**event, **said}}), "utf-8")
    (tip,) = read_tips(tmp_path / "event.json", "misp")
    assert ([one.value for one in tip.indicators] == ["kites"]) is (said.get("Object") != 5)
    assert [one.reason for one in tip.refused] == reasons


@pytest.mark.parametrize(
    "said",
    [
        {"Tag": [{"name": "tlp:clear"}, {"name": "tlp:red"}]}, {"Tag": {"name": "tlp:red"}},
        {"Attribute": [{"type": "domain", "value": "kite.com", "Tag": [{"name": "TLP:RED"}]}]},
        {"Object": [{"name": "file", "Tag": [{"name": "tlp:red"}]}]},
        {"Object": [{"name": "file", "Attribute": [{"type": "yara", "value": "x", "Tag": [{"name": "tlp:red"}]}]}]},
    ],
)  # fmt: skip
def test_the_narrowest_marking_counts_wherever_it_stands(tmp_path: Path, said: dict[str, Any]) -> None:
    event = {
        "info": "Kites",
        "Tag": [{"name": "tlp:green"}],
        "Attribute": [{"type": "domain", "value": "kite.com"}],
        **said,
    }
    (tmp_path / "event.json").write_text(json.dumps({"Event": event}), "utf-8")
    (tip,) = read_tips(tmp_path / "event.json")
    assert (tip.tlp, tip.labels) == ("red", ())


@pytest.mark.skipif(not META, reason="the shared data is not here")
def test_metas_lists_come_back_from_misp_as_they_were(tmp_path: Path) -> None:
    for path in META:
        (tip,) = read_tips(path)
        again = _again(tmp_path, tip, tlp="clear", source="Meta")
        assert sorted(map(repr, again.indicators)) == sorted(map(repr, tip.indicators)), path.name
