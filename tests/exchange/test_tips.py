"""Tips of a store: one a list, graded and marked, looked up, opened as a case, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from samehand.casework import Casework, read_entries
from samehand.errors import NotFoundError, UsageError
from samehand.exchange import TIP_RETRACTED, Grade, Indicator, Taken, TipDraft, Tips, stix_tip
from samehand.store import Store, events_of, open_store
from tests.casework.scenes import Clock, Office
from tests.exchange.made_up import NAMED, draft

MINE = Grade(source="Kite Watch", reliability="B", credibility=2, tlp="green")


class Desk:
    """Tips of a store without a roster, and its clock."""

    def __init__(self, store: Store) -> None:
        self.clock = Clock()
        self.store, self.tips = store, Tips(Casework(store, self.clock))

    def take(self, *indicators: Indicator, grade: Grade = MINE, **more: Any) -> Taken:
        (done,) = self.tips.take([draft(*indicators, **more)], "ada", grade)
        return done


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with open_store(store_url) as store:
        yield Desk(store)


def test_a_list_is_one_tip_with_every_row_counted_however_often_it_comes(desk: Desk) -> None:
    first = desk.take(read=20, merged=5)
    assert (first.new, first.read, first.kept, first.merged, first.rejected) == (True, 20, 15, 5, 0)
    assert tuple(desk.tips.indicators(first.tip_id)) == NAMED

    more = Indicator(kind="domain", value="new.test")
    again = desk.take(*NAMED, more)
    assert (again.new, again.tip_id, again.read, again.kept, again.merged) == (False, first.tip_id, 16, 1, 15)
    other = desk.take(grade=replace(MINE, source="Somebody else"))
    assert (other.new, other.kept) == (True, 15)
    assert [one.source for one in desk.tips.all()] == ["Somebody else", "Kite Watch"]


@pytest.mark.parametrize(
    ("grade", "more", "expected"),
    [
        (MINE, {}, ("Kite Watch", "B", 2, "green", date(2027, 11, 27))),
        (Grade(), {"source": "CIRCL", "reliability": "A", "credibility": 1, "tlp": "clear", "until": date(2027, 1, 1)},
         ("CIRCL", "F", 6, "clear", date(2027, 1, 1))),
        (Grade(source="x"), {}, ("x", "F", 6, "amber", date(2027, 11, 27))),
        (Grade(source="x", tlp="clear"), {"tlp": "red"}, ("x", "F", 6, "red", date(2027, 11, 27))),
        (Grade(source="x", until=date(2026, 12, 1)), {"source": "y"}, ("x", "F", 6, "amber", date(2026, 12, 1))),
    ],
)  # fmt: skip
def test_what_nobody_says_is_taken_with_the_greatest_care(
    desk: Desk, grade: Grade, more: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    tip = desk.tips.tip(desk.take(grade=grade, **more).tip_id)
    assert (tip.source, tip.reliability, tip.credibility, tip.tlp, tip.until) == expected


@pytest.mark.parametrize("grade", [Grade(), Grade(source="x", reliability="G"), Grade(source="x", credibility=7)])
def test_a_list_that_cannot_be_graded_is_not_taken_in_nor_any_beside_it(desk: Desk, grade: Grade) -> None:
    with pytest.raises(UsageError):
        desk.tips.take([draft(source="good"), draft(ref="other")], "ada", grade)
    assert desk.tips.all() == []


def test_a_value_is_found_however_it_is_written_while_the_tip_counts(desk: Desk) -> None:
    number = desk.take().tip_id
    for value, platform in (
        ("KITE-news[.]test", ""),
        ("https://twitter.com/KiteFlyer", ""),
        ("kiteflyer", "twitter"),
        ("192.0.2[.]7", ""),
    ):
        (found,) = desk.tips.find(value, platform)
        assert found.tip.tip_id == number
    assert desk.tips.find("old.test") == []  # its source took it back
    assert desk.tips.find("nobody.test") == []
    desk.clock.pass_by(days=366)
    assert desk.tips.find("kite-news.test") == []


def test_what_other_formats_write_otherwise_is_found_all_the_same(desk: Desk) -> None:
    account = {
        "type": "user-account", "spec_version": "2.1", "id": "user-account--11111111-1111-5111-8111-111111111112",
        "account_login": "SomeUser", "account_type": "twitter",
    }  # fmt: skip
    desk.tips.take([stix_tip([account], "ref")], "ada", MINE)
    for value, platform in (("https://x.com/someuser", ""), ("SomeUser", "twitter"), ("@someuser", "X")):
        assert len(desk.tips.find(value, platform)) == 1


def test_what_its_source_takes_back_counts_no_more_and_is_told(desk: Desk) -> None:
    number = desk.take().tip_id
    again = desk.take(replace(NAMED[0], revoked=True), *NAMED[1:])

    assert again.revoked == 1
    assert (desk.tips.tip(number).revoked, desk.tips.find("kite-news.test")) == (2, [])
    assert desk.take(NAMED[0]).kept == 0  # what was taken back stays so
    with desk.store.reading() as session:
        (event,) = events_of(session, TIP_RETRACTED)
    assert (event.body["tip"], event.body["indicators"], event.body["whole"]) == (number, 1, False)
    desk.take(revoked=True)
    assert desk.tips.tip(number).retracted_at is not None


def test_how_a_file_grades_itself_is_kept_as_a_label_only(desk: Desk) -> None:
    said = {"reliability": "A", "credibility": 1, "labels": ("espionage", "sender-grade:B2")}
    tip = desk.tips.tip(desk.take(grade=Grade(source="x", reliability="C"), **said).tip_id)
    assert (tip.reliability, tip.credibility, tip.labels) == ("C", 6, ("espionage", "sender-grade:A1"))


def test_a_file_that_names_its_source_itself_takes_nothing_of_theirs_back(desk: Desk) -> None:
    number = desk.take().tip_id
    forged = desk.take(
        replace(NAMED[0], revoked=True), Indicator(kind="domain", value="new.test"),
        Indicator(kind="domain", value="next.test", revoked=True), source="Kite Watch", revoked=True, grade=Grade(),
    )  # fmt: skip
    assert (forged.tip_id, forged.read, forged.kept, forged.merged, forged.rejected, forged.revoked) == (
        number,
        3,
        1,
        0,
        2,
        0,
    )
    assert all("--source" in one.reason for one in forged.refused)
    said = [one.split(":")[0] for one in forged.changes]
    assert said == [
        "2 rows that are taken back are left out",
        "the file takes the whole of it back, and it stands all the same",
    ]
    assert len(desk.tips.find("kite-news.test")) == 1
    with desk.store.reading() as session:
        assert list(events_of(session, TIP_RETRACTED)) == []

    desk.take(Indicator(kind="domain", value="next.test"))
    assert len(desk.tips.find("next.test")) == 1
    desk.take(revoked=True)
    (why,) = desk.take().changes
    assert why == "it was taken back on 2026-11-27, and nothing of it counts"


def test_a_list_that_is_issued_again_after_its_end_counts_again_with_a_new_one(desk: Desk) -> None:
    number = desk.take(grade=replace(MINE, until=date(2026, 12, 1))).tip_id
    desk.clock.pass_by(days=30)
    (said,) = desk.take().changes
    assert "its time was over on 2026-12-01" in said
    assert desk.tips.find("kite-news.test") == []

    again = desk.take(grade=replace(MINE, until=date(2027, 12, 1), reliability="D", credibility=5))
    assert again.changes == ("it counts until 2027-12-01, not 2026-12-01", "graded D5, not B2")
    (found,) = desk.tips.find("kite-news.test")
    assert (found.tip.tip_id, found.tip.until, found.tip.reliability) == (number, date(2027, 12, 1), "D")
    assert desk.take(grade=replace(MINE, until=date(2027, 1, 1), reliability="", credibility=None)).changes == ()


def test_a_tip_opens_one_case_that_is_told_when_it_is_taken_back(office: Office) -> None:
    tips = Tips(office.casework)
    (taken,) = tips.take([draft()], "dia", MINE)
    case = tips.open_case(taken.tip_id, "dia")

    held = office.casework.case(case)
    assert (held.origin, held.origin_ref, held.title, sum(held.members.values())) == (
        "tip",
        f"tip {taken.tip_id}",
        "Kite network",
        0,
    )
    with pytest.raises(UsageError, match="opened case"):
        tips.open_case(taken.tip_id, "dia")
    tips.retract(taken.tip_id, "They mixed two networks up.", "dia")
    notes = [one.text or "" for one in office.casework.notes(case)]
    assert "graded B2, TLP:GREEN: a lead, which proves nothing" in notes[0]
    assert "was taken back: They mixed two networks up." in notes[1]
    with pytest.raises(UsageError, match="already"):
        tips.retract(taken.tip_id, "x", "dia")
    with office.store.reading() as session:
        kinds = [entry["kind"] for entry in read_entries(session, most=20)]
    assert {"tip.taken", "case.opened", "tip.retracted"} <= set(kinds)


def test_who_is_nobody_on_the_roster_takes_nothing_in(office: Office) -> None:
    with pytest.raises(NotFoundError):
        Tips(office.casework).take([draft()], "zoe", MINE)
    assert Tips(office.casework).all() == []


def test_a_tip_that_does_not_count_opens_no_case(office: Office) -> None:
    tips = Tips(office.casework)
    (taken,) = tips.take([draft()], "dia", replace(MINE, until=date(2026, 11, 27)))
    with pytest.raises(UsageError, match="does not count"):
        tips.open_case(taken.tip_id, "dia")
    with pytest.raises(NotFoundError, match="no tip 99"):
        tips.open_case(99, "dia")


def test_what_old_tips_name_can_be_erased_and_their_counts_stay(desk: Desk) -> None:
    old = desk.take(grade=replace(MINE, until=date(2026, 12, 1))).tip_id
    new = desk.take(grade=replace(MINE, source="y")).tip_id
    assert desk.tips.forget(date(2027, 1, 1), "ada") == 15

    assert (desk.tips.tip(old).indicators, desk.tips.tip(old).forgotten) == (0, 15)
    assert desk.tips.tip(new).indicators == 15
    assert desk.tips.forget(date(2027, 1, 1), "ada") == 0


def test_a_tip_that_is_handed_on_is_the_list_that_came(desk: Desk) -> None:
    came = draft(published=date(2026, 11, 1), labels=("espionage",))
    (taken,) = desk.tips.take([came], "ada", MINE)
    tip, again = desk.tips.draft(taken.tip_id)

    expected: TipDraft = replace(
        came, source="Kite Watch", reliability="B", credibility=2, tlp="green", until=date(2027, 11, 27)
    )
    assert (tip.tip_id, again) == (taken.tip_id, expected)
