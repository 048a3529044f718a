"""Cases go from state to state as the machine says, are one person's at a time, and all of it is in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samehand.casework import STATES, TRANSITIONS, Case, Harm, read_entries, verify
from samehand.casework.states import Event, State, after
from samehand.errors import LimitError, NotFoundError, UsageError
from tests.casework.scenes import Office, brought


def _kinds(office: Office, case_id: int) -> list[str]:
    with office.store.reading() as session:
        return [entry["kind"] for entry in read_entries(session, case_id)]


def test_a_case_is_opened_noted_in_and_dismissed_and_the_log_says_so(office: Office) -> None:
    case = office.casework.open("  Odd\n accounts ", "dia", harm="high")
    office.casework.note(case.case_id, "Looked at it.", "cem")
    office.casework.dismiss(case.case_id, "They are a choir.", "dia")

    assert case.title == "Odd accounts"
    assert office.casework.case(case.case_id).state == "dismissed"
    assert [note.text for note in office.casework.notes(case.case_id)] == ["Looked at it.", "They are a choir."]
    assert _kinds(office, case.case_id) == ["case.opened", "case.noted", "case.noted", "case.dismiss"]


def test_no_text_of_a_note_is_in_the_log(office: Office) -> None:
    case = office.casework.open("x", "dia")
    office.casework.note(case.case_id, "her telephone is 555 0100", "dia")

    with office.store.reading() as session:
        assert "telephone" not in str(read_entries(session))
        assert verify(session).holds


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", sorted({event for _, event in TRANSITIONS}))
def test_a_case_moves_as_the_machine_says_and_no_other_way(state: State, event: Event) -> None:
    to = TRANSITIONS.get((state, event))
    if to is not None:
        assert after(state, event) == to
    else:
        with pytest.raises(UsageError, match=f"a case that is {state} cannot {event}"):
            after(state, event)


def test_every_state_is_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) == set(STATES)
    assert {before for before, _ in TRANSITIONS} == set(STATES)


def test_the_most_harmful_come_first_and_of_these_the_oldest(office: Office) -> None:
    harms: list[Harm] = ["low", "severe", "medium", "severe"]
    cases = []
    for harm in harms:
        office.clock.pass_by(hours=1)
        cases.append(office.casework.open(harm, "dia", harm=harm).case_id)

    assert [case.case_id for case in office.casework.queue()] == [cases[1], cases[3], cases[2], cases[0]]


def test_a_queue_is_somebodys(office: Office) -> None:
    one, other = (office.casework.open("x", "dia").case_id for _ in range(2))
    office.casework.assign(one, "cem", "dia")

    assert [case.case_id for case in office.casework.queue(assignee="cem")] == [one]
    office.casework.dismiss(other, "nothing", "dia")
    assert [case.case_id for case in office.casework.queue()] == [one]


CHANGES: list[Callable[[Office, int], object]] = [
    lambda office, case: office.casework.note(case, "x", "cem"),
    lambda office, case: office.casework.assign(case, "cem", "cem"),
    lambda office, case: office.casework.rate(case, "low", "cem"),
    lambda office, case: office.casework.lock(case, "cem"),
    lambda office, case: office.casework.unlock(case, "cem"),
    lambda office, case: office.casework.dismiss(case, "x", "cem"),
    lambda office, case: office.decisions.propose(case, "limit", ["fake_accounts"], "x", office.keys["cem"]),
]


@pytest.mark.parametrize("change", CHANGES)
def test_who_locks_a_case_alone_changes_it(
    office: Office, tmp_path: Path, change: Callable[[Office, int], object]
) -> None:
    case = brought(office, tmp_path / "run")
    office.casework.lock(case, "dia")

    with pytest.raises(UsageError, match=f"case {case} is locked by dia until 2026-11-27 12:30 UTC"):
        change(office, case)
    office.casework.note(case, "mine", "dia")


def test_a_lock_ends_by_itself(office: Office) -> None:
    case = office.casework.open("x", "dia").case_id
    assert office.casework.lock(case, "dia").lock_holder == "dia"
    office.clock.pass_by(minutes=31)

    assert office.casework.case(case).lock_holder is None
    assert office.casework.lock(case, "cem").lock_holder == "cem"


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_a_title_is_one_line(office: Office, title: str) -> None:
    with pytest.raises(UsageError, match="1 to 200 characters"):
        office.casework.open(title, "dia")


def test_a_note_of_ten_megabytes_is_refused_and_changes_nothing(office: Office) -> None:
    case = office.casework.open("x", "dia")

    with pytest.raises(LimitError, match="64 KiB at most; this one has 10240"):
        office.casework.note(case.case_id, "x" * (10 * 1024 * 1024), "dia")
    assert office.casework.case(case.case_id) == case


@pytest.mark.parametrize("text", ["", " \n", "a\x00b"])
def test_a_note_says_something(office: Office, text: str) -> None:
    case = office.casework.open("x", "dia")

    with pytest.raises(UsageError):
        office.casework.note(case.case_id, text, "dia")


@pytest.mark.parametrize(
    "text", ["'); DROP TABLE cases; --", '" OR 1=1 --', "{{ 7*7 }}", "日本語 🦆 \u202e", "%s %(x)s :x ?"]
)
def test_what_a_note_says_is_text_whatever_it_looks_like(office: Office, text: str) -> None:
    case = office.casework.open(text, "dia")
    office.casework.note(case.case_id, text, "dia")

    assert office.casework.notes(case.case_id)[0].text == text
    assert len(office.casework.queue()) == 1


def test_a_step_that_cannot_be_taken_leaves_no_note(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run")
    office.decisions.propose(case, "suspend", ["coordinated_inauthentic"], "x", office.keys["dia"])
    before = (office.casework.case(case), office.casework.notes(case), _kinds(office, case))

    with pytest.raises(UsageError, match="a case that is proposed cannot dismiss"):
        office.casework.dismiss(case, "No.", "dia")
    assert (office.casework.case(case), office.casework.notes(case), _kinds(office, case)) == before


def test_a_reason_of_ten_megabytes_is_refused_like_a_note(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run")
    long = "x" * (10 * 1024 * 1024)
    with pytest.raises(LimitError, match="64 KiB at most"):
        office.decisions.propose(case, "suspend", ["coordinated_inauthentic"], long, office.keys["dia"])
    assert office.casework.case(case).state == "open"
    office.decisions.propose(case, "suspend", ["coordinated_inauthentic"], "x", office.keys["dia"])
    with pytest.raises(LimitError, match="64 KiB at most"):
        office.decisions.refuse(1, office.keys["cem"], long)

    assert office.decisions.decision(1).state == "proposed"


@pytest.mark.parametrize("case_id", [0, -1, 99, 2**31 - 1])
def test_a_case_that_is_not_there_is_told(office: Office, case_id: int) -> None:
    with pytest.raises(NotFoundError, match=f"no case {case_id}"):
        office.casework.note(case_id, "x", "dia")


@pytest.mark.parametrize(("by", "error"), [("nobody", NotFoundError), ("eva", UsageError), ("dia' --", NotFoundError)])
def test_who_may_not_opens_nothing(office: Office, by: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        office.casework.open("x", by)
    assert office.casework.queue() == []


def test_to_see_the_accounts_is_in_the_log(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 5)
    seen = office.casework.view_members(case, "eva")

    assert [one.asset_id for one in seen] == [f"a{k}" for k in range(5)]
    assert _kinds(office, case)[-1] == "viewed"


def test_an_account_gets_another_role_while_the_case_is_open(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 5)
    changed: Case = office.casework.set_role(case, "sim", "a3", "bystander", "dia")

    assert changed.members == {"core": 4, "amplifier": 0, "bystander": 1}
    with office.store.reading() as session:
        assert "'a3'" not in str(read_entries(session))
    with pytest.raises(NotFoundError, match="sim:b is not in case"):
        office.casework.set_role(case, "sim", "b", "core", "dia")
