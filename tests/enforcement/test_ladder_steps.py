"""What the ladder does by itself: up to limit, under a policy that two signed, by the service's key, and taken back as any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from samehand.casework import (
    Appeals,
    Notices,
    adopt_ladder,
    bring,
    findings_of,
    protect,
    read_entries,
    retire,
    take_steps,
    verify,
)
from samehand.casework.tables import DecisionRow, PolicyRow
from samehand.enforcement import CsvConnector, Execution
from samehand.errors import InputError, UsageError
from samehand.store import open_store
from tests.casework.scenes import LADDER, Office, accounts, founded, run_of, step

STEPS = [
    step("a0", "allow"), step("a1", "observe"), step("a2", "challenge"), step("a3", "challenge"), step("a3", "limit", 1),
    step("a4", "limit"), step("a4", "review", 2), step("a5", "limit"), step("a5", "allow", 3), step("a6", "suspend"),
]  # fmt: skip


@pytest.fixture(name="office")
def with_a_robot(office: Office, tmp_path: Path) -> Office:
    """There is a service, and two leads signed under which policy it works."""
    office.hire(tmp_path, "robot", "service")
    for name in ("ada", "ben"):
        adopt_ladder(office.store, LADDER, office.keys[name], office.clock())
    return office


def _run(folder: Path, steps: list[dict[str, Any]] = STEPS, seed: int = 0) -> Path:
    return run_of(folder, {}, steps=steps, seed=seed)


def _carried_out(office: Office, folder: Path, *decisions: int) -> dict[str, str]:
    with CsvConnector(folder / "acts.csv", "sim", office.clock) as connector:
        for decision in decisions:
            assert Execution(office.casework, connector, "sim").run(decision, "robot").complete
    lines = (folder / "acts.csv").read_text("utf-8").splitlines()[1:]
    return {line.split(",")[2]: line.split(",")[3] for line in lines}


def test_the_machine_limits_and_challenges_by_the_last_word_of_the_run(office: Office, tmp_path: Path) -> None:
    steps = take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])
    done = _carried_out(office, tmp_path, *(one.decision.decision_id for one in steps))

    assert done == {"a2": "challenge", "a3": "limit", "a4": "limit", "a6": "limit"}
    assert [(one.decision.action, one.decision.proposer, one.decision.state) for one in steps] == [
        ("limit", "robot", "approved"),
        ("challenge", "robot", "approved"),
    ]
    assert {office.casework.case(number).state for number in (1, 2)} == {"enforced"}
    with office.store.reading() as session:
        assert verify(session).holds
        assert "reasons" in findings_of(session, 1)[0].body


def test_the_steps_of_a_run_are_taken_once(office: Office, tmp_path: Path) -> None:
    run = _run(tmp_path / "run")
    first = take_steps(office.casework, run, office.keys["robot"])
    again = take_steps(office.casework, run, office.keys["robot"])

    assert [one.decision.decision_id for one in again] == [one.decision.decision_id for one in first]


def test_a_policy_that_one_person_signed_lets_the_machine_do_nothing(store_url: str, tmp_path: Path) -> None:
    with open_store(store_url) as store:
        office = founded(store, tmp_path)
        office.hire(tmp_path, "robot", "service")
        adopt_ladder(store, LADDER, office.keys["ada"], office.clock())

        with pytest.raises(UsageError, match="two leads sign it"):
            take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])


def test_a_run_under_another_text_of_the_policy_is_refused(office: Office, tmp_path: Path) -> None:
    run = _run(tmp_path / "run")
    told = json.loads((run / "run.json").read_text("utf-8"))
    told["policy"]["ladder"]["limit"]["log_odds"] = 0.1
    (run / "run.json").write_text(json.dumps(told), "utf-8")

    with pytest.raises(InputError, match="under another text"):
        take_steps(office.casework, run, office.keys["robot"])


@pytest.mark.parametrize("name", ["ada", "cem", "dia"])
def test_only_the_service_takes_the_ladders_steps(office: Office, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="may not ladder"):
        take_steps(office.casework, _run(tmp_path / "run"), office.keys[name])


def test_a_run_without_signups_has_no_steps(office: Office, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="decided about no sign-ups"):
        take_steps(office.casework, run_of(tmp_path / "run", {"N1": accounts(3)}), office.keys["robot"])


def test_the_protected_and_the_cleared_are_left_to_a_person(office: Office, tmp_path: Path) -> None:
    protect(office.casework, [("sim", "a3", "a newspaper")], "ada")
    (first, _) = take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])
    assert (first.left_protected, _carried_out(office, tmp_path, first.decision.decision_id)) == (
        1,
        {"a4": "limit", "a6": "limit"},
    )
    kept: dict[str, str] = {}
    Notices(office.casework).write(
        "dia", lambda one: kept.update({one.asset_id: one.reference}), contact="appeals@sim.test"
    )
    appeals = Appeals(office.casework)
    appeals.receive(kept["a4"], "I am one person.", "robot")
    done = appeals.decide(1, "overturned", "She is.", office.keys["eva"])
    assert _carried_out(office, tmp_path, done.reversal_id or 0)["a4"] == "unlimit"

    (later, _) = take_steps(office.casework, _run(tmp_path / "later", seed=1), office.keys["robot"])
    assert (later.left_protected, later.left_cleared, later.decision.radius.accounts) == (1, 1, 1)


def test_whom_a_machine_limited_is_told_that_a_machine_did(office: Office, tmp_path: Path) -> None:
    steps = take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])
    _carried_out(office, tmp_path, *(one.decision.decision_id for one in steps))
    kept: list[str] = []
    Notices(office.casework).write("dia", lambda one: kept.append(one.text), contact="appeals@sim.test")

    assert len(kept) == 4
    assert all("A machine did this by itself" in text and LADDER.version in text for text in kept)


def test_an_account_protected_meanwhile_stops_the_step(office: Office, tmp_path: Path) -> None:
    (first, _) = take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])
    protect(office.casework, [("sim", "a3", "a newspaper")], "ada")

    with pytest.raises(UsageError, match="protected accounts by now"):
        _carried_out(office, tmp_path, first.decision.decision_id)


def test_a_policy_that_is_retired_stops_the_step(office: Office, tmp_path: Path) -> None:
    (first, _) = take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])
    retire(office.store, LADDER.version, office.keys["ada"], office.clock())

    with pytest.raises(UsageError, match="is not in force"):
        _carried_out(office, tmp_path, first.decision.decision_id)


def test_a_step_that_is_made_a_suspension_is_not_carried_out(office: Office, tmp_path: Path) -> None:
    """Whoever holds the store turns the service's limit into a suspension."""
    (first, _) = take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])
    with office.store.writing() as session:
        row = session.scalars(select(DecisionRow).where(DecisionRow.decision_id == first.decision.decision_id)).one()
        row.action, row.body = "suspend", row.body.replace('"action": "limit"', '"action": "suspend"')

    with pytest.raises(InputError, match="not what robot signed"):
        _carried_out(office, tmp_path, first.decision.decision_id)


def test_a_policy_text_that_is_changed_in_the_store_counts_for_nothing(office: Office, tmp_path: Path) -> None:
    (first, _) = take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])
    with office.store.writing() as session:
        session.execute(update(PolicyRow).where(PolicyRow.version == LADDER.version).values(text="{}"))

    with pytest.raises(InputError, match="is not the one that decision"):
        _carried_out(office, tmp_path, first.decision.decision_id)


def test_a_step_is_taken_back_by_two_persons(office: Office, tmp_path: Path) -> None:
    (first, _) = take_steps(office.casework, _run(tmp_path / "run"), office.keys["robot"])
    _carried_out(office, tmp_path, first.decision.decision_id)
    back = office.decisions.propose_reversal(first.decision.decision_id, "A bad day.", office.keys["dia"])
    assert (back.state, back.two) == ("proposed", True)
    office.decisions.sample(back.decision_id, "cem")
    office.decisions.approve(back.decision_id, office.keys["cem"], back.confirmation)

    assert set(_carried_out(office, tmp_path, back.decision_id).values()) == {"unlimit"}


def test_a_wave_is_reviewed_in_a_case_of_its_own(office: Office, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", {"W1": ["a3", "a4", "a6"]}, steps=STEPS)
    take_steps(office.casework, run, office.keys["robot"])
    (wave,) = bring(office.casework, run, ["W1"], "dia")

    assert (wave.joined, wave.case.origin) == (False, "wave")
    with office.store.reading() as session:
        assert {entry["actor"] for entry in read_entries(session, 1)} == {"robot"}
