"""What partners read: only what its marking lets go, in order, and taken back when it was wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stix2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from samehand.casework import Appeals, Casework
from samehand.casework.corrections import correct
from samehand.casework.tables import DecisionRow
from samehand.enforcement import AccountState, give_up
from samehand.errors import NotFoundError, UsageError
from samehand.exchange import (
    CLEARANCES,
    TIP_RETRACTED,
    TLPS,
    Collections,
    Grade,
    SharedObject,
    Tips,
    Tlp,
    Wanted,
    findings,
    recalls_owed,
    share_decision,
    share_tip,
    take_back,
    tip_objects,
)
from samehand.exchange.findings import TECHNIQUES
from samehand.exchange.marking import MARKINGS
from samehand.exchange.sharing import SharedObjectRow
from samehand.records import disarm_techniques
from samehand.store import Event, Store, open_store
from tests.casework.scenes import Clock, Office, accounts
from tests.enforcement.test_appeals import _appealed, _suspended
from tests.enforcement.test_execution import Platform, _approved, _execution
from tests.exchange.made_up import NAMED, draft


class Circle:
    """Collections of a store without a roster."""

    def __init__(self, store: Store) -> None:
        self.clock = Clock()
        self.work = Casework(store, self.clock)
        self.collections, self.tips = Collections(self.work), Tips(self.work)

    def tip(self, tlp: Tlp, source: str = "Kite Watch") -> int:
        (taken,) = self.tips.take([draft()], "ada", Grade(source=source, tlp=tlp))
        return taken.tip_id

    def read(self, title: str, **wanted: Any) -> list[SharedObject]:
        found, _ = self.collections.page(self.collections.titled(title).collection_id, Wanted(**wanted), 10_000)
        return found


@pytest.fixture
def circle(store_url: str) -> Iterator[Circle]:
    with open_store(store_url) as store:
        yield Circle(store)


def test_a_marking_goes_as_far_as_it_says_and_red_goes_nowhere(circle: Circle) -> None:
    for clearance in CLEARANCES:
        circle.collections.make(clearance, "ada", clearance=clearance)
    for tlp in TLPS:
        number = circle.tip(tlp, tlp)
        for clearance in CLEARANCES:
            if tlp in CLEARANCES and TLPS.index(tlp) <= TLPS.index(clearance):
                assert share_tip(circle.work, number, clearance, "ada").added > 10
            else:
                with pytest.raises(UsageError, match=f"TLP:{tlp.upper()}".replace("+", r"\+")):
                    share_tip(circle.work, number, clearance, "ada")
    with pytest.raises(UsageError, match="nothing marked TLP:RED is shared"):
        circle.collections.make("red", "ada", clearance="red")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tlp=st.sampled_from(["red", "amber+strict"]), clearance=st.sampled_from(CLEARANCES))
def test_red_leaves_by_no_way_though_somebody_writes_it_into_the_store(
    tmp_path_factory: pytest.TempPathFactory, tlp: Tlp, clearance: Tlp
) -> None:
    with open_store(tmp_path_factory.mktemp("red") / "store.sqlite") as store:
        circle = Circle(store)
        made = circle.collections.make("all", "ada", clearance=clearance)
        with pytest.raises(UsageError, match="does not leave this house"):
            circle.collections.add("all", [{"type": "note", "id": "note--1"}], "ada", tlp=tlp)
        with store.writing() as session:
            session.add(SharedObjectRow(
                collection_id=made.collection_id, stix_id="note--1", type="note", version="v", added_at=circle.clock(),
                latest=True, tlp=tlp, subject="", body="{}",
            ))  # fmt: skip
        assert circle.read("all", versions=("all",)) == []


def test_pages_hold_every_object_once_and_only_what_came_later_is_read_later(circle: Circle) -> None:
    circle.collections.make("peers", "ada", clearance="green")
    share_tip(circle.work, circle.tip("green"), "peers", "ada")
    place = circle.collections.titled("peers").collection_id
    found: list[SharedObject] = []
    after: int | None = 0
    while after is not None:
        page, after = circle.collections.page(place, Wanted(after=after), 4)
        assert len(page) <= 4
        found += page

    assert [one.stix_id for one in found] == [one.stix_id for one in circle.read("peers")]
    assert len({one.stix_id for one in found}) == len(found) == circle.collections.titled("peers").objects
    times = [one.added_at for one in found]
    assert times == sorted(set(times))
    assert circle.read("peers", added_after=times[3]) == found[4:]
    for one in found:
        stix2.parse(one.body)


def test_objects_are_filtered_by_id_type_and_version(circle: Circle) -> None:
    circle.collections.make("peers", "ada", clearance="green")
    number = circle.tip("green")
    share_tip(circle.work, number, "peers", "ada")
    (report,) = circle.read("peers", types=("report",))
    circle.clock.pass_by(hours=1)
    circle.tips.retract(number, "Wrong.", "ada")
    assert take_back(circle.work) > 0

    assert circle.read("peers", ids=(report.stix_id,))[0].version > report.version
    both = circle.read("peers", ids=(report.stix_id,), versions=("all",))
    assert [json.loads(one.body).get("revoked", False) for one in both] == [False, True]
    assert circle.read("peers", ids=(report.stix_id,), versions=("first",)) == [report]
    assert circle.read("peers", ids=(report.stix_id,), versions=(report.version,)) == [report]
    assert circle.read("peers", types=("malware",)) == []
    with pytest.raises(NotFoundError):
        circle.collections.page("none", Wanted(), 1)


def test_what_is_shared_again_is_no_news_and_what_its_source_took_back_is_a_new_version(circle: Circle) -> None:
    circle.collections.make("peers", "ada", clearance="green")
    number = circle.tip("green")
    first = share_tip(circle.work, number, "peers", "ada")
    again = share_tip(circle.work, number, "peers", "ada")
    assert (again.added, again.changed, again.unchanged) == (0, 0, first.added)

    circle.clock.pass_by(hours=1)
    circle.tips.take([draft(replace(NAMED[0], revoked=True))], "ada", Grade(source="Kite Watch"))
    assert take_back(circle.work) == 1
    bodies = [json.loads(one.body) for one in circle.read("peers", types=("indicator",))]
    (body,) = [one for one in bodies if one["pattern"] == "[domain-name:value = 'kite-news.test']"]
    assert body["revoked"] is True
    assert take_back(circle.work) == 0


@pytest.mark.parametrize("by_the_file", [True, False])
def test_a_marking_narrows_when_a_narrower_one_comes_and_what_was_shared_is_recalled(
    circle: Circle, by_the_file: bool
) -> None:
    circle.collections.make("peers", "ada", clearance="amber")
    number = circle.tip("green")
    share_tip(circle.work, number, "peers", "ada")
    circle.clock.pass_by(hours=1)

    def again(tlp: Tlp) -> tuple[str, ...]:
        said = draft(tlp=tlp if by_the_file else None)
        (done,) = circle.tips.take([said], "ada", Grade(source="Kite Watch", tlp=None if by_the_file else tlp))
        return done.changes

    def standing() -> int:
        bodies = [json.loads(one.body) for one in circle.read("peers", types=("indicator", "note", "report"))]
        return sum(not body.get("revoked", False) for body in bodies)

    assert standing() == 15  # one of its indicators was taken back before
    assert again("clear") == ()
    circle.collections.make("wide", "ada", clearance="green")
    share_tip(circle.work, number, "wide", "ada")
    assert again("amber") == (
        "it is marked TLP:AMBER now, not TLP:GREEN; 16 objects that were shared of it are taken back; 16 objects that were "
        "shared of it are marked anew",
    )
    assert standing() == 15
    assert {one["object_marking_refs"][0] for one in map(json.loads, (row.body for row in circle.read("peers")))
            if "object_marking_refs" in one and not one.get("revoked")} == {MARKINGS["amber"]}  # fmt: skip
    wide = [json.loads(one.body) for one in circle.read("wide", types=("indicator", "note", "report"))]
    assert all(body["revoked"] for body in wide)
    share_tip(circle.work, number, "peers", "ada")
    assert standing() == 15
    assert again("red")[0].startswith("it is marked TLP:RED now")
    assert (standing(), again("clear"), circle.tips.tip(number).tlp) == (0, (), "red")
    with pytest.raises(UsageError, match="TLP:RED"):
        share_tip(circle.work, number, "peers", "ada")


def test_a_tip_that_is_narrowed_while_it_is_shared_does_not_go(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    circle.collections.make("peers", "ada", clearance="green")
    number = circle.tip("green")
    written = tip_objects

    def narrowed(*arguments: Any, **named: Any) -> Any:
        circle.tips.take([draft()], "ada", Grade(source="Kite Watch", tlp="red"))
        return written(*arguments, **named)

    monkeypatch.setattr(findings, "tip_objects", narrowed)
    with pytest.raises(UsageError, match="was marked more narrowly, or taken back, meanwhile"):
        share_tip(circle.work, number, "peers", "ada")
    assert circle.read("peers") == []


def test_a_decision_goes_out_with_its_findings_and_what_an_appeal_clears_comes_back(
    office: Office, tmp_path: Path
) -> None:
    collections = Collections(office.casework)
    collections.make("peers", "ada", clearance="green")
    decision = _suspended(office, tmp_path, Platform())
    done = share_decision(office.casework, decision.decision_id, "peers", "ada", tlp="green", organisation="Kite Town")
    place = collections.titled("peers").collection_id
    assert _indicators(collections, "peers") == dict.fromkeys(accounts(5), False)
    assert done.added == len(collections.page(place, Wanted(), 100)[0])
    for one in collections.page(place, Wanted(), 100)[0]:
        stix2.parse(one.body)
    (grouping,) = [json.loads(one.body) for one in collections.page(place, Wanted(types=("grouping",)), 9)[0]]
    assert "says nothing of who is behind them" in grouping["description"]

    appeal = _appealed(office)
    Appeals(office.casework).decide(appeal.appeal_id, "overturned", "It is hers.", office.keys["eva"])
    office.clock.pass_by(hours=1)
    assert take_back(office.casework) == 1
    assert _indicators(collections, "peers") == {**dict.fromkeys(accounts(5), False), "a2": True}
    assert take_back(office.casework) == 0


def _indicators(collections: Collections, title: str) -> dict[str, bool]:
    """Accounts in a collection, and whether they are taken back."""
    found, _ = collections.page(collections.titled(title).collection_id, Wanted(types=("indicator",)), 100)
    bodies = [json.loads(one.body) for one in found]
    return {body["pattern"].split("'")[1]: body.get("revoked", False) for body in bodies}


def test_who_was_given_back_is_accused_by_no_later_sharing(office: Office, tmp_path: Path) -> None:
    collections = Collections(office.casework)
    for title in ("peers", "second"):
        collections.make(title, "ada", clearance="green")
    decision = _suspended(office, tmp_path, Platform())

    def share(title: str) -> None:
        share_decision(office.casework, decision.decision_id, title, "ada", tlp="green", organisation="Kite Town")

    share("peers")
    appeal = _appealed(office)
    Appeals(office.casework).decide(appeal.appeal_id, "overturned", "It is hers.", office.keys["eva"])
    share("second")  # before anybody took anything back
    office.clock.pass_by(hours=1)
    take_back(office.casework)
    office.clock.pass_by(hours=1)
    share("peers")
    share("second")

    others = dict.fromkeys([name for name in accounts(5) if name != "a2"], False)
    assert _indicators(collections, "peers") == {**others, "a2": True}
    assert _indicators(collections, "second") == others


def test_who_was_given_up_or_stood_so_before_is_handed_to_nobody(office: Office, tmp_path: Path) -> None:
    collections = Collections(office.casework)
    collections.make("peers", "ada", clearance="green")
    decision = _approved(office, tmp_path)
    platform = Platform(wrong=lambda account, action: "no such account" if account == "a5" else "")
    platform.standing["a3"] = AccountState("a3", suspended=True, deactivated=False, admin=False)
    execution = _execution(office, platform)
    execution.run(decision.decision_id, "dia")
    give_up(office.casework, decision.decision_id, "ada", "It is gone.")
    execution.run(decision.decision_id, "dia")

    share_decision(office.casework, decision.decision_id, "peers", "ada", tlp="green", organisation="Kite Town")

    told = _indicators(collections, "peers")
    assert (len(told), {"a3", "a5"} & told.keys()) == (28, set())


def test_what_names_those_who_were_given_back_names_them_no_more_and_goes_with_the_last(
    office: Office, tmp_path: Path
) -> None:
    collections = Collections(office.casework)
    collections.make("peers", "ada", clearance="green")
    decision = _suspended(office, tmp_path, Platform())
    share_decision(office.casework, decision.decision_id, "peers", "ada", tlp="green", organisation="Kite Town")

    def give_back(*names: str) -> dict[str, Any]:
        members = [one for one in office.casework.members(decision.case_id) if one.asset_id in names]
        with office.store.writing() as session:
            correct(office.casework, session, session.get_one(DecisionRow, decision.decision_id), members)
        office.clock.pass_by(hours=1)
        take_back(office.casework)
        place = collections.titled("peers").collection_id
        (one,) = collections.page(place, Wanted(types=("grouping",)), 9)[0]
        return dict(json.loads(one.body))

    first = give_back("a2")
    assert sum(ref.startswith("indicator--") for ref in first["object_refs"]) == 4
    assert "revoked" not in first
    last = give_back("a0", "a1", "a3", "a4")
    assert last["revoked"] is True
    with pytest.raises(UsageError, match="was given back; nothing of it is shared"):
        share_decision(office.casework, decision.decision_id, "peers", "ada", tlp="green", organisation="Kite Town")
    place = collections.titled("peers").collection_id
    notes = [json.loads(one.body) for one in collections.page(place, Wanted(types=("note",)), 99)[0]]
    assert notes
    assert all(note["revoked"] for note in notes)


def test_what_cannot_be_taken_back_holds_up_nothing_else_and_is_owed(
    circle: Circle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    circle.collections.make("peers", "ada", clearance="green")
    first, second = circle.tip("green", "Kite Watch"), circle.tip("green", "Kite Lab")
    for number in (first, second):
        share_tip(circle.work, number, "peers", "ada")
    circle.clock.pass_by(hours=1)
    for number in (first, second):
        circle.tips.retract(number, "Wrong.", "ada")
    sound = findings.ACTS[TIP_RETRACTED]

    def broken(work: Casework, session: Session, event: Event) -> int:
        if event.body["tip"] == first:
            raise KeyError("a secret")
        return sound(work, session, event)

    monkeypatch.setattr(findings, "ACTS", {**findings.ACTS, TIP_RETRACTED: broken})
    assert take_back(circle.work) > 0
    assert recalls_owed(circle.work) == 1
    assert "a secret" not in caplog.text
    assert take_back(circle.work) == 0
    assert (take_back(circle.work, again=True), recalls_owed(circle.work)) == (0, 1)

    monkeypatch.setattr(findings, "ACTS", {**findings.ACTS, TIP_RETRACTED: sound})
    assert take_back(circle.work, again=True) > 0
    assert recalls_owed(circle.work) == 0
    reports = [json.loads(one.body) for one in circle.read("peers", types=("report",))]
    assert all(one["revoked"] for one in reports)


def test_what_a_source_took_back_comes_with_the_report_that_it_is_of(circle: Circle) -> None:
    circle.collections.make("peers", "ada", clearance="green")
    share_tip(circle.work, circle.tip("green"), "peers", "ada")
    before = circle.clock()
    circle.clock.pass_by(hours=1)
    circle.tips.take([draft(replace(NAMED[0], revoked=True))], "ada", Grade(source="Kite Watch"))
    take_back(circle.work)

    bodies = [json.loads(one.body) for one in circle.read("peers", added_after=before + timedelta(minutes=1))]
    (report,) = [body for body in bodies if body["type"] == "report"]
    (indicator,) = [body for body in bodies if body["type"] == "indicator"]
    assert indicator["revoked"]
    assert indicator["id"] in report["object_refs"]
    assert "revoked" not in report


def test_a_tip_whose_time_is_over_is_not_handed_on(circle: Circle) -> None:
    circle.collections.make("peers", "ada", clearance="green")
    number = circle.tip("green")
    circle.clock.pass_by(days=800)

    with pytest.raises(UsageError, match="its time was over"):
        share_tip(circle.work, number, "peers", "ada")


def test_a_decision_that_was_not_carried_out_is_nobodys_to_share(office: Office, tmp_path: Path) -> None:
    from tests.casework.test_decisions import _approved, _proposed

    Collections(office.casework).make("peers", "ada", clearance="green")
    decision = _approved(office, _proposed(office, tmp_path, 5))
    with pytest.raises(UsageError, match="was carried out"):
        share_decision(office.casework, decision.decision_id, "peers", "ada", tlp="green", organisation="x")


def test_every_technique_that_a_finding_is_said_to_be_is_one_of_disarms() -> None:
    assert set(TECHNIQUES.values()) <= set(disarm_techniques())


def test_a_clock_that_goes_back_keeps_the_order(circle: Circle) -> None:
    circle.collections.make("peers", "ada", clearance="green")
    share_tip(circle.work, circle.tip("green", "a"), "peers", "ada")
    circle.clock.at -= timedelta(days=1)
    share_tip(circle.work, circle.tip("green", "b"), "peers", "ada")
    times = [one.added_at for one in circle.read("peers")]
    assert times == sorted(set(times))
