"""What is carried out is what was signed, whatever somebody wrote into the store and whatever else goes on meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from samehand.casework import (
    Appeals,
    Decision,
    Entry,
    MemberRow,
    Notices,
    adopt_ladder,
    append,
    bring,
    change_roles,
    commit,
    erase_account,
    protect,
    remove_reviewer,
    take_steps,
    verify,
)
from samehand.casework.statements import Statement
from samehand.casework.tables import DecisionRow, FindingRow, NetworkMemberRow, PolicyRow
from samehand.enforcement import Act, Action, CsvConnector, Execution, give_up, release_switch, throw_switch, unfinished
from samehand.enforcement.tables import ActRow
from samehand.errors import InputError, SamehandError, UsageError
from samehand.store import events_of
from tests.casework.scenes import LADDER, Office, accounts, brought, run_of, step
from tests.enforcement.test_execution import CIB, Platform, _answered


def _run(office: Office, platform: Any, number: int, **more: Any) -> Any:
    return Execution(office.casework, platform, "sim", sleep=lambda pause_s: None).run(number, "dia", **more)


def _decided(office: Office, case: int, action: Any = "suspend", roles: Any = ("core",)) -> Decision:
    decision = office.decisions.propose(case, action, CIB, "One hand.", office.keys["dia"], roles)
    return _answered(office, decision) if decision.state == "proposed" else decision


def _suspended(office: Office, folder: Path, platform: Platform, count: int = 5) -> Decision:
    decision = _decided(office, brought(office, folder / "run", count))
    _run(office, platform, decision.decision_id)
    return decision


def _standing(platform: Platform, count: int = 5) -> list[bool]:
    return [platform.state(account).suspended for account in accounts(count)]


def _overturned(office: Office, account: str) -> int:
    told: dict[str, str] = {}
    Notices(office.casework).write("dia", lambda one: told.update({one.asset_id: one.reference}), contact="x@y.test",
                                   again=True)  # fmt: skip
    appeal = Appeals(office.casework).receive(told[account], "Mine.", "dia")
    done = Appeals(office.casework).decide(appeal.appeal_id, "overturned", "Hers.", office.keys["eva"])
    return done.reversal_id or 0


def _second_case(office: Office, folder: Path) -> int:
    """A case that has a1, too."""
    other = run_of(folder / "other", {"N9": [*accounts(6, 50), "a1"]}, seed=3)
    return bring(office.casework, other, ["N9"], "dia")[0].case.case_id


def _held_twice(office: Office, folder: Path) -> Platform:
    """Decision 1 suspended a0 to a4, and decision 2 of another case a1 and six more."""
    platform = Platform()
    _suspended(office, folder, platform)
    _run(office, platform, _decided(office, _second_case(office, folder)).decision_id)
    return platform


# --- what somebody writes into the store


def test_acts_that_somebody_writes_are_not_carried_out(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    bring(office.casework, run_of(tmp_path / "more", {"N1": accounts(3, 50)}, seed=1), ["N1"], "dia")
    with office.store.writing() as session:
        for member in session.scalars(select(MemberRow.member_id).where(MemberRow.case_id == 2)).all():
            act = {
                "decision_id": 1,
                "member_id": member,
                "action": "suspend",
                "state": "waiting",
                "attempts": 0,
                "detail": "",
            }
            session.execute(insert(ActRow).values(**act, changed_at=office.clock()))

    with pytest.raises(InputError, match="that nobody signed"):
        _run(office, platform, 1)
    assert not platform.state("a50").suspended


def test_an_account_that_is_swapped_while_it_is_carried_out_stays_who_it_was(office: Office, tmp_path: Path) -> None:
    decision, platform = _decided(office, brought(office, tmp_path / "run", 5)), Platform()

    def swap(progress: Any) -> None:
        with office.store.writing() as session:
            session.execute(update(MemberRow).where(MemberRow.asset_id == "a4").values(asset_id="a critic"))

    _run(office, platform, decision.decision_id, batch=1, told=swap)

    assert {account for account, _ in platform.sent} == set(accounts(5))


def _signed_by(office: Office, name: str, **changes: Any) -> None:
    """Whoever holds the store and one key enters a decision that looks as one person's."""
    with office.store.writing() as session:
        row = session.scalars(select(DecisionRow).order_by(DecisionRow.decision_id)).first()
        assert row is not None
        body = {**json.loads(row.body), "two": False, "escalated": False, "nonce": "f" * 32, **changes}
        statement = Statement("decision.propose", office.store.store_id, body)
        forged = DecisionRow(
            case_id=row.case_id, state="approved", action=body["action"], proposer=name, proposed_at=row.proposed_at,
            body=json.dumps(body), digest=statement.digest, signature=office.keys[name].sign(statement),
        )  # fmt: skip
        session.add(forged)
        session.flush()
        entered = {"decision": forged.decision_id, "statement": statement.digest, **body}
        append(session, office.clock(), [Entry("decision.proposed", name, entered, row.case_id)])


@pytest.mark.parametrize("name", ["eva", "robot", "viv"])
def test_one_key_that_may_not_propose_limits_nobody(office: Office, tmp_path: Path, name: str) -> None:
    office.hire(tmp_path, "robot", "service")
    office.hire(tmp_path, "viv", "viewer")
    _decided(office, brought(office, tmp_path / "run", 1), "limit")
    _signed_by(office, name)

    with pytest.raises(UsageError, match=f"{name} may not propose"):
        _run(office, Platform(), 2)


def test_the_second_account_that_one_person_decides_about_takes_two(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 4)
    for account in accounts(3, 1):
        office.casework.set_role(case, "sim", account, "bystander", "dia")
    platform = CsvConnector(tmp_path / "acts.csv", "sim", office.clock)
    assert not _decided(office, case, "limit").two
    _run(office, platform, 1)
    office.casework.reopen(case, "Another.", "dia")
    office.casework.set_role(case, "sim", "a0", "bystander", "dia")
    office.casework.set_role(case, "sim", "a1", "core", "dia")

    assert office.decisions.propose(case, "limit", CIB, "x", office.keys["dia"]).state == "proposed"
    office.decisions.withdraw(2, office.keys["dia"])
    with office.store.reading() as session:
        row = session.scalars(select(DecisionRow).where(DecisionRow.decision_id == 2)).one()
    _signed_by(
        office, "dia", **{name: json.loads(row.body)[name] for name in ("members", "networks", "findings", "radius")}
    )
    with platform, pytest.raises(InputError, match="takes two persons, and nobody answered it"):
        _run(office, platform, 3)


def test_whoever_is_protected_by_now_is_not_acted_on(office: Office, tmp_path: Path) -> None:
    decision, platform = _decided(office, brought(office, tmp_path / "run", 5)), Platform()
    protect(office.casework, [("sim", "a3", "a newspaper")], "dia")

    with pytest.raises(UsageError, match="protected accounts by now"):
        _run(office, platform, decision.decision_id)
    assert platform.sent == []


def test_who_is_put_into_a_flagged_network_is_not_of_it(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 5)
    bring(
        office.casework,
        run_of(tmp_path / "more", {"N2": ["critic"]}, flagged=False, seed=1),
        ["N2"],
        "dia",
        case_id=case,
    )
    with office.store.writing() as session:
        critic = session.scalar(select(MemberRow.member_id).where(MemberRow.asset_id == "critic"))
        session.execute(insert(NetworkMemberRow).values(case_network_id=1, member_id=critic))

    with pytest.raises(InputError, match="was changed after it came in"):
        office.decisions.propose(case, "suspend", CIB, "x", office.keys["dia"])


def test_a_policy_that_is_called_a_ladders_is_none(office: Office, tmp_path: Path) -> None:
    office.hire(tmp_path, "robot", "service")
    run = run_of(tmp_path / "run", {}, steps=[step("a1", "limit")])
    with office.store.writing() as session:
        session.execute(update(PolicyRow).values(pack="ladder", version=LADDER.version))

    with pytest.raises(UsageError, match="is not in force here"):
        take_steps(office.casework, run, office.keys["robot"])


def _steps(office: Office, folder: Path, count: int = 4) -> int:
    office.hire(folder, "robot", "service")
    for name in ("ada", "ben"):
        adopt_ladder(office.store, LADDER, office.keys[name], office.clock())
    run = run_of(folder / "steps", {}, steps=[step(account, "limit") for account in accounts(count)])
    return take_steps(office.casework, run, office.keys["robot"])[0].decision.decision_id


def test_a_step_about_accounts_of_which_no_run_says_anything_is_not_taken(office: Office, tmp_path: Path) -> None:
    number = _steps(office, tmp_path)
    with office.store.writing() as session:
        session.execute(update(FindingRow).values(body="", salt=""))

    with pytest.raises(InputError, match="no run says anything"):
        _run(office, Platform(), number)


def test_one_person_does_not_take_a_step_of_many_back(office: Office, tmp_path: Path) -> None:
    _steps(office, tmp_path)
    _signed_by(office, "dia", action="reverse", reverses=1)

    with pytest.raises(InputError, match="takes two persons"):
        _run(office, Platform(), 2)


def test_what_was_taken_back_is_not_done_again_for_whoever_writes_that_it_is_approved(
    office: Office, tmp_path: Path
) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    _run(office, platform, 2)
    with office.store.writing() as session:
        session.execute(delete(ActRow).where(ActRow.decision_id == 1))
        session.execute(update(DecisionRow).where(DecisionRow.decision_id == 1).values(state="approved"))
    with pytest.raises(UsageError, match="decision 1 is taken back, by decision 2"):
        _run(office, platform, 1)
    with office.store.writing() as session:
        session.execute(update(DecisionRow).where(DecisionRow.decision_id == 2).values(state="withdrawn"))
    with pytest.raises(UsageError, match="decision 1 is taken back, by decision 2"):  # the log knows
        _run(office, platform, 1)

    assert _standing(platform) == [False] * 5


def test_who_took_part_does_not_judge_by_writing_another_name(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    change_roles(office.store, [office.keys["ada"], office.keys["ben"]], "cem", ["appeals"], office.clock())
    told: dict[str, str] = {}
    Notices(office.casework).write("dia", lambda one: told.update({one.asset_id: one.reference}), contact="x@y.test")
    Appeals(office.casework).receive(told["a1"], "Mine.", "dia")
    with office.store.writing() as session:
        session.execute(update(DecisionRow).values(approver="ben"))

    with pytest.raises(InputError, match="nobody signed that decision 1 is approved"):
        Appeals(office.casework).decide(1, "overturned", "Yes.", office.keys["cem"])


# --- what goes on meanwhile


def test_a_reversal_stops_what_it_takes_back_and_undoes_what_was_done(office: Office, tmp_path: Path) -> None:
    decision, platform = _decided(office, brought(office, tmp_path / "run", 6)), Platform()
    refused: list[str] = []

    def take_back(progress: Any) -> None:
        if progress.done == 2:
            _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
            with pytest.raises(UsageError) as told:
                _run(office, platform, 2)
            refused.append(str(told.value))

    with pytest.raises(UsageError, match="decision 1 is taken back, by decision 2"):
        _run(office, platform, decision.decision_id, batch=2, told=take_back)
    assert refused == ["decision 1 is being carried out on sim here already"]
    assert _run(office, platform, 2).complete

    assert _standing(platform, 6) == [False] * 6
    assert [one.state for one in office.decisions.of_case(1)] == ["reversed", "done"]
    assert office.casework.case(1).state == "enforced"
    assert unfinished(office.casework, "dia") == []


def test_a_reversal_of_what_was_not_begun_ends_the_case(office: Office, tmp_path: Path) -> None:
    _decided(office, brought(office, tmp_path / "run", 3))
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    platform = Platform()

    assert _run(office, platform, 2).complete
    assert (platform.sent, office.casework.case(1).state) == ([], "enforced")


def test_what_was_done_though_every_reply_was_lost_is_taken_back(office: Office, tmp_path: Path) -> None:
    platform = Platform()

    class Deaf(Platform):
        def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
            done = platform.act(account, action)
            return Act(account, action, "failed", "no reply") if account == "a1" else done

    decision = _decided(office, brought(office, tmp_path / "run", 3))
    assert _run(office, Deaf(), decision.decision_id).failed == 1
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))

    assert _run(office, platform, 2).complete
    assert _standing(platform, 3) == [False] * 3
    assert unfinished(office.casework, "dia") == []


def test_an_appeal_in_the_middle_does_not_end_the_case(office: Office, tmp_path: Path) -> None:
    decision, platform = _decided(office, brought(office, tmp_path / "run", 5)), Platform()

    def stop(progress: Any) -> None:
        throw_switch(office.casework, "dia", "wait")

    _run(office, platform, decision.decision_id, batch=2, told=stop)
    release_switch(office.casework, "ada")
    assert _run(office, platform, _overturned(office, "a1")).complete

    assert office.casework.case(1).state == "acting"
    assert _run(office, platform, 1).complete
    assert _standing(platform) == [True, False, True, True, True]
    assert office.casework.case(1).state == "enforced"


def test_whom_an_appeal_cleared_is_spared_in_every_case(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    second = _second_case(office, tmp_path)
    decision = _decided(office, second)
    _run(office, platform, _overturned(office, "a1"))

    assert _run(office, platform, decision.decision_id).complete
    assert not platform.state("a1").suspended
    assert platform.state("a50").suspended


def test_an_account_on_which_another_decision_stands_is_left_and_given_back_with_that_one(
    office: Office, tmp_path: Path
) -> None:
    platform = _held_twice(office, tmp_path)

    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    assert _run(office, platform, 3).complete
    assert _standing(platform) == [False, True, False, False, False]
    _answered(office, office.decisions.propose_reversal(2, "Wrong, too.", office.keys["dia"]))
    assert _run(office, platform, 4).complete
    assert _standing(platform) == [False] * 5


def test_an_appeal_and_a_reversal_against_two_decisions_free_the_account(office: Office, tmp_path: Path) -> None:
    platform = _held_twice(office, tmp_path)

    assert _run(office, platform, _overturned(office, "a1")).complete
    assert not platform.state("a1").suspended
    _answered(office, office.decisions.propose_reversal(2, "Wrong.", office.keys["dia"]))
    assert _run(office, platform, 4).complete
    assert not platform.state("a1").suspended


def test_whoever_another_decision_takes_over_is_told_of_that_one(office: Office, tmp_path: Path) -> None:
    platform = _held_twice(office, tmp_path)
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    _run(office, platform, 3)
    told: list[tuple[str, int]] = []
    Notices(office.casework).write("dia", lambda one: told.append((one.asset_id, one.decision_id)), contact="x@y.test")

    assert ("a1", 2) in told


def test_two_reversals_beside_each_other_leave_nobody_suspended(office: Office, tmp_path: Path) -> None:
    platform = _held_twice(office, tmp_path)
    for number in (1, 2):
        _answered(office, office.decisions.propose_reversal(number, "Wrong.", office.keys["dia"]))

    def beside(progress: Any) -> None:
        if progress.done == 2:
            assert _run(office, platform, 4).complete

    assert _run(office, platform, 3, batch=2, told=beside).complete
    assert _standing(platform) == [False] * 5
    assert not platform.state("a50").suspended


def test_who_is_cleared_or_protected_while_it_is_carried_out_is_spared(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform, 3)
    second = _second_case(office, tmp_path)
    decision = _decided(office, second)

    def meanwhile(progress: Any) -> None:
        if progress.done == 1:
            _run(office, platform, _overturned(office, "a1"))
            protect(office.casework, [("sim", "a53", "a newspaper")], "ada")

    assert _run(office, platform, decision.decision_id, batch=1, told=meanwhile).complete
    assert not platform.state("a1").suspended
    assert not platform.state("a53").suspended
    assert platform.state("a54").suspended
    assert office.decisions.decision(decision.decision_id).state == "done"


def test_what_can_never_be_done_is_given_up_and_the_decision_ends(office: Office, tmp_path: Path) -> None:
    gone = Platform(lambda account, action: "the server has no such account" if account == "a3" else "")
    decision = _decided(office, brought(office, tmp_path / "run", 5))
    assert _run(office, gone, decision.decision_id).failed == 1
    with pytest.raises(UsageError, match="may not approve"):
        give_up(office.casework, 1, "dia", "It is gone.")
    assert give_up(office.casework, 1, "ada", "It is gone.") == 1

    assert _run(office, gone, decision.decision_id).complete
    assert (office.decisions.decision(1).state, office.casework.case(1).state) == ("done", "enforced")
    assert unfinished(office.casework, "dia") == []
    with pytest.raises(UsageError, match="nothing failed"):
        give_up(office.casework, 1, "ada", "It is gone.")


def test_a_reversal_outlives_those_who_signed_it(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    appealed = _overturned(office, "a2")
    for name in ("dia", "cem", "eva"):
        remove_reviewer(office.store, office.keys["ada"], name, office.clock())

    execution = Execution(office.casework, platform, "sim", sleep=lambda pause_s: None)
    assert execution.run(appealed, "ada").complete
    assert execution.run(2, "ada").complete
    assert _standing(platform) == [False] * 5


def test_what_was_never_done_is_no_correction(office: Office, tmp_path: Path) -> None:
    _decided(office, brought(office, tmp_path / "run", 3))
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))

    with office.store.reading() as session:
        assert list(events_of(session, "correction")) == []


def test_a_reversal_gives_back_nobody_whom_nobody_signed_for(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    platform.act("villain", "suspend")
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    salt, commitment = commit("sim:villain")
    with office.store.writing() as session:
        row = session.scalars(select(MemberRow).limit(1)).one()
        values = {"case_id": 1, "platform": "sim", "asset_id": "villain", "role": "core", "salt": salt,
                  "commitment": commitment, "added_at": row.added_at}  # fmt: skip
        session.execute(insert(MemberRow).values(**values))
        new = session.scalar(select(MemberRow.member_id).where(MemberRow.asset_id == "villain"))
        session.execute(insert(NetworkMemberRow).values(case_network_id=1, member_id=new))
        session.execute(update(ActRow).where(ActRow.act_id == 1).values(member_id=new))

    with pytest.raises(InputError, match="was changed after it came in"):
        _run(office, platform, 2)
    assert platform.state("villain").suspended


def test_a_decision_that_is_renumbered_is_none(office: Office, tmp_path: Path) -> None:
    _steps(office, tmp_path)
    with office.store.writing() as session:
        session.execute(update(DecisionRow).values(decision_id=77))

    with pytest.raises(InputError, match="the log does not know decision 77"):
        _run(office, Platform(), 77)


def test_what_is_erased_is_not_said_to_be_given_back(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    office.casework.reopen(1, "More.", "dia")
    with pytest.raises(UsageError, match="something done in case 1 stands"):
        erase_account(office.casework, "sim", "a1", "ada")
    with office.store.writing() as session:
        session.execute(update(MemberRow).where(MemberRow.asset_id == "a1").values(asset_id=None, salt=None))
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))

    progress = _run(office, platform, 2)

    assert (progress.done, progress.failed, progress.complete) == (4, 1, False)
    assert "it was erased" in unfinished(office.casework, "dia")[0].detail
    assert office.decisions.decision(1).state == "done"


@pytest.mark.parametrize("action", ["observe"])
def test_what_nobody_does_takes_no_decision(office: Office, tmp_path: Path, action: Any) -> None:
    with pytest.raises(UsageError, match="takes no decision"):
        _decided(office, brought(office, tmp_path / "run", 1), action)


def test_the_log_holds_after_all_of_it(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    _run(office, platform, _overturned(office, "a2"))
    _answered(office, office.decisions.propose_reversal(1, "Wrong.", office.keys["dia"]))
    _run(office, platform, 3)
    with pytest.raises(SamehandError):
        office.decisions.propose_reversal(3, "Again.", office.keys["dia"])

    assert _standing(platform) == [False] * 5
    assert _counted(platform) == {"suspend": 5, "reinstate": 5}
    with office.store.reading() as session:
        assert verify(session).holds


def _counted(platform: Platform) -> dict[str, int]:
    done = [action for _, action in platform.sent]
    return {action: done.count(action) for action in dict.fromkeys(done)}
