"""An outlet contests its assessment; another person decides; what was held before can still be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from samehand.advertising import AD_CORRECTION, AdContests, AdRecord, AdRepository, Registry
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.store import Store, events_of, open_store
from tests.advertising.made_up import assessed, entity, registry, span

FILES = registry(
    entity("cn-kite", assessments=(assessed("SC", when=span(date(2016, 1, 1))),)),
    entity("fr-air", "Air House", assessments=(assessed("IP"),)),
)
NEW = """
[[assessments]]
from = 2020-01-01
until = 2022-01-01
recorded = 2001-01-01
funding = { answer = "yes", citations = ["law"] }
governance = { answer = "no", citations = ["law"] }
editorial = { answer = "no", citations = ["law", "study"] }
[assessments.safeguards]
statute = { answer = "yes", citations = ["law"] }

[[citations]]
name = "law"
source = "parliament.test"
title = "Kite Act"
accessed = 2026-11-20
read = true
states = "A trust names the board, and nobody may direct what is broadcast."

[[citations]]
name = "study"
source = "university.test"
title = "A study of Kite"
accessed = 2026-11-20
read = true
states = "It finds no interference in two years."
"""


@dataclass
class Desk:
    """Contests of a store, and a clock that a test moves."""

    store: Store
    at: datetime = datetime(2026, 11, 27, 12, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.contests = AdContests(self.store, FILES, lambda: self.at)

    def code(self, on: date, held: date | None = None) -> str | None:
        now: Registry = self.contests.registry()
        return now.standing("cn-kite", on, held or self.at.date()).code


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with open_store(store_url) as store:
        yield Desk(store)


def _upheld(desk: Desk) -> int:
    contest = desk.contests.receive("cn-kite", "From 2020 to 2022 a trust named our board; see the Act.", "ada")
    desk.contests.decide(contest.contest_id, "upheld", "The Act says so.", "ben", assessments=NEW)
    return contest.contest_id


def test_an_upheld_contest_is_a_new_assessment_of_its_days_and_the_others_stay(desk: Desk) -> None:
    _upheld(desk)

    assert [desk.code(day) for day in (date(2019, 12, 31), date(2020, 1, 1), date(2021, 12, 31), date(2022, 1, 1))] == [
        "SC",
        "ISF",
        "ISF",
        "SC",
    ]
    assert desk.code(date(2021, 1, 1), held=date(2026, 11, 26)) == "SC"  # what we held about that day before
    assert desk.code(date(2021, 1, 1), held=date(2026, 11, 27)) == "ISF"
    standing = desk.contests.registry().standing("cn-kite", date(2021, 1, 1), desk.at.date())
    assert standing.sources == 2
    assert FILES.standing("cn-kite", date(2021, 1, 1), desk.at.date()).code == "SC"  # the files are as they were


def test_the_correction_is_an_event_that_tells_what_was_and_is(desk: Desk) -> None:
    number = _upheld(desk)
    with desk.store.reading() as session:
        (event,) = events_of(session, AD_CORRECTION)

    assert event.body == {
        "contest": number, "entity": "cn-kite", "before": [{"from": "2016-01-01", "until": None, "code": "SC"}],
        "after": [{"from": "2020-01-01", "until": "2022-01-01", "code": "ISF"}],
    }  # fmt: skip


def test_ads_that_were_decided_about_are_listed(desk: Desk) -> None:
    ads = AdRepository(desk.store, lambda: desk.at)
    ads.record([
        AdRecord(platform="sim", ad_id="1", entity_id="cn-kite", decision="block"),
        AdRecord(platform="sim", ad_id="4", entity_id="fr-desk", decision="block", path=("fr-desk owned_by cn-kite",)),
        AdRecord(platform="sim", ad_id="2", entity_id="fr-air", decision="allow"),
        AdRecord(platform="sim", ad_id="3", entity_id="cn-kite"),
    ])  # fmt: skip
    contest = desk.contests.receive("cn-kite", "Wrong.", "ada")
    assert desk.contests.affected(contest.contest_id) == []
    desk.contests.decide(contest.contest_id, "upheld", "So it is.", "ben", assessments=NEW)

    assert [one.record.ad_id for one in desk.contests.affected(contest.contest_id)] == ["1", "4"]
    desk.at += timedelta(days=1)
    anew = AdRecord(platform="sim", ad_id="1", entity_id="cn-kite", decision="allow", decided_at=desk.at)
    ads.record([anew, replace(anew, ad_id="9")], decided=True)
    assert [one.record.ad_id for one in desk.contests.affected(contest.contest_id)] == ["4"]
    with pytest.raises(NotFoundError):
        desk.contests.affected(99)


def test_what_is_upheld_is_held_to_what_a_file_is(desk: Desk) -> None:
    contest = desk.contests.receive("cn-kite", "Wrong.", "Ada")
    with pytest.raises(UsageError, match="another person does"):
        desk.contests.decide(contest.contest_id, "refused", "No.", "ada ")
    for wrong, said in (
        (
            NEW.replace('funding = { answer = "yes", citations = ["law"] }', 'funding = { answer = "yes" }'),
            "bears no citation",
        ),
        (NEW + NEW[: NEW.index("[[citations]]")], "about one day"),
    ):
        with pytest.raises(FormatError, match=said):
            desk.contests.decide(contest.contest_id, "upheld", "So it is.", "ben", assessments=wrong)
    assert len(desk.contests.waiting()) == 1


def test_a_refused_contest_changes_nothing_and_another_may_follow(desk: Desk) -> None:
    contest = desk.contests.receive("cn-kite", "Wrong.", "ada")
    assert [one.contest_id for one in desk.contests.waiting()] == [contest.contest_id]
    done = desk.contests.decide(contest.contest_id, "refused", "The Act came later.", "ben")

    assert (done.state, done.decided_by, done.why) == ("refused", "ben", "The Act came later.")
    assert desk.contests.waiting() == []
    assert desk.code(date(2021, 1, 1)) == "SC"
    assert desk.contests.receive("cn-kite", "Still wrong.", "ada").contest_id != contest.contest_id


def test_a_second_correction_stands_on_the_first(desk: Desk) -> None:
    _upheld(desk)
    desk.at = datetime(2027, 3, 1, tzinfo=UTC)
    contest = desk.contests.receive("cn-kite", "In 2021 it was otherwise.", "ben")
    desk.contests.decide(
        contest.contest_id, "upheld", "Right.", "ada",
        assessments=NEW.replace("from = 2020-01-01", "from = 2021-01-01").replace('answer = "yes"', 'answer = "no"'),
    )  # fmt: skip

    assert [desk.code(day) for day in (date(2019, 1, 1), date(2020, 6, 1), date(2021, 6, 1), date(2023, 1, 1))] == [
        "SC",
        "ISF",
        "IP",
        "SC",
    ]
    assert desk.code(date(2021, 6, 1), held=date(2027, 2, 28)) == "ISF"


def test_who_took_it_in_does_not_decide_it_and_what_makes_no_sense_is_refused(desk: Desk) -> None:
    contests = desk.contests
    with pytest.raises(NotFoundError, match="no entity"):
        contests.receive("cn-none", "Wrong.", "ada")
    with pytest.raises(UsageError, match="64 KiB"):
        contests.receive("cn-kite", "k" * 70_000, "ada")
    number = contests.receive("cn-kite", "Wrong.", "ada").contest_id
    with pytest.raises(UsageError, match="waits already"):
        contests.receive("cn-kite", "Wrong again.", "ben")
    with pytest.raises(UsageError, match="another person does"):
        contests.decide(number, "refused", "No.", "ada")
    with pytest.raises(UsageError, match="say why"):
        contests.decide(number, "refused", " ", "ben")
    with pytest.raises(UsageError, match="comes with a new assessment"):
        contests.decide(number, "upheld", "Yes.", "ben")
    with pytest.raises(UsageError, match="comes with a new assessment"):
        contests.decide(number, "refused", "No.", "ben", assessments=NEW)
    with pytest.raises(NotFoundError, match="no contest 99"):
        contests.decide(99, "refused", "No.", "ben")
    for broken, said in (
        (NEW.replace('"law"]', '"book"]'), "nothing is cited as"),
        ("x = 1", "nothing is called x"),
        ("", "no \\[\\[assessments"),
    ):
        with pytest.raises(FormatError, match=said):
            contests.decide(number, "upheld", "Yes.", "ben", assessments=broken)
    assert [one.state for one in contests.waiting()] == ["waiting"]  # nothing of those was kept
    contests.decide(number, "refused", "No.", "ben")
    with pytest.raises(UsageError, match="is refused, by ben"):
        contests.decide(number, "refused", "No.", "ben")
