"""Who is acted on is told, may contest it, and gets it undone by a third person's one step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from samehand.casework import (
    Answer,
    Appeal,
    Appeals,
    Decision,
    MemberRow,
    Notice,
    Notices,
    bring,
    change_roles,
    read_entries,
    verify,
    write_answers,
)
from samehand.casework.tables import AppealRow, DecisionRow, NoteRow, NoticeRow
from samehand.enforcement import Execution
from samehand.errors import InputError, LimitError, NotFoundError, UsageError
from samehand.store import consume
from tests.casework.scenes import Office, accounts, brought, run_of
from tests.enforcement.test_execution import CIB, Platform

CONTACT = "appeals@sim.test"


def _run(office: Office, platform: Platform, decision_id: int) -> None:
    execution = Execution(office.casework, platform, "sim", sleep=lambda pause_s: None)
    assert execution.run(decision_id, "dia").complete


def _suspended(office: Office, folder: Path, platform: Platform, count: int = 5) -> Decision:
    case = brought(office, folder / "run", count)
    decision = office.decisions.propose(case, "suspend", CIB, "One hand.", office.keys["dia"])
    office.decisions.sample(decision.decision_id, "cem")
    office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation)
    _run(office, platform, decision.decision_id)
    return decision


def _notices(office: Office, **more: Any) -> list[Notice]:
    kept: list[Notice] = []
    Notices(office.casework).write("dia", kept.append, contact=CONTACT, **more)
    return kept


def _appealed(office: Office, account: str = "a2") -> Appeal:
    (notice,) = [one for one in _notices(office, again=True) if one.asset_id == account]
    return Appeals(office.casework).receive(notice.reference, "That is my own account.", "dia")


def _kinds(office: Office) -> list[str]:
    with office.store.reading() as session:
        assert verify(session).holds
        return [entry["kind"] for entry in read_entries(session)]


def test_everybody_who_was_acted_on_is_told_once(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    platform.act("a0", "suspend")  # stood so before: not our doing
    _suspended(office, tmp_path, platform)

    first = _notices(office)

    assert sorted(one.asset_id for one in first) == accounts(4, 1)
    assert len({one.reference for one in first}) == 4
    assert "4 others" in first[0].text
    assert "Two persons looked" in first[0].text
    assert (_notices(office), len(_notices(office, again=True))) == ([], 4)


def test_a_notice_whose_writing_fails_is_handed_out_again(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())

    def full(notice: Notice) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        Notices(office.casework).write("dia", full, contact=CONTACT)

    assert Notices(office.casework).waiting() == 5
    assert len(_notices(office, languages=["zh-HK", "en"])) == 5


def test_an_appeal_that_is_right_undoes_the_act_for_this_account_alone(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    decision = _suspended(office, tmp_path, platform)
    appeal = _appealed(office)

    done = Appeals(office.casework).decide(appeal.appeal_id, "overturned", "It is hers.", office.keys["eva"])
    assert done.reversal_id is not None
    _run(office, platform, done.reversal_id)

    assert [platform.state(account).suspended for account in accounts(5)] == [True, True, False, True, True]
    assert office.decisions.decision(decision.decision_id).state == "done"
    assert office.decisions.decision(done.reversal_id).state == "done"
    assert office.casework.case(1).state == "enforced"
    told = [one for one in _notices(office) if one.decision_id == done.reversal_id]
    assert [one.asset_id for one in told] == ["a2"]
    assert appeal.reference in told[0].text
    assert "appeal was right" in told[0].text
    assert [kind for kind in _kinds(office) if kind.startswith("appeal")] == ["appeal.received", "appeal.overturned"]


def test_a_correction_is_there_with_the_answer_and_says_of_whom(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    appeal = _appealed(office)
    Appeals(office.casework).decide(appeal.appeal_id, "overturned", "It is hers.", office.keys["eva"])
    told: list[dict[str, Any]] = []

    with office.store.writing() as session:
        consume(session, "test", "correction", lambda event: told.append(event.body))

    assert told == [
        {"case": 1, "decision": 1, "action": "suspend", "grounds": CIB, "appeal": 1, "accounts": [["sim", "a2"]]}
    ]


def test_a_decision_that_stands_changes_nothing(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    done = Appeals(office.casework).decide(_appealed(office).appeal_id, "stands", "It is not.", office.keys["eva"])

    assert (done.state, done.reversal_id, platform.state("a2").suspended) == ("stands", None, True)
    assert Appeals(office.casework).waiting() == []
    again = _appealed(office)
    assert (again.appeal_id, again.state) == (2, "waiting")


@pytest.mark.parametrize("name", ["dia", "cem"])
def test_who_took_part_in_the_decision_does_not_judge_the_appeal(office: Office, tmp_path: Path, name: str) -> None:
    _suspended(office, tmp_path, Platform())
    appeal = _appealed(office)

    with pytest.raises(UsageError, match="may not appeal"):
        Appeals(office.casework).decide(appeal.appeal_id, "stands", "No.", office.keys[name])
    change_roles(office.store, [office.keys["ada"], office.keys["ben"]], name, ["appeals"], office.clock())
    with pytest.raises(UsageError, match="goes to a third person"):
        Appeals(office.casework).decide(appeal.appeal_id, "stands", "No.", office.keys[name])


def test_an_answer_is_given_once(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    appeal = _appealed(office)
    Appeals(office.casework).decide(appeal.appeal_id, "overturned", "Yes.", office.keys["eva"])

    with pytest.raises(UsageError, match="is answered, by eva"):
        Appeals(office.casework).decide(appeal.appeal_id, "stands", "No.", office.keys["ada"])
    with pytest.raises(UsageError, match="was undone for appeal 1"):
        _appealed(office)


def test_a_second_appeal_waits_for_the_first(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    _appealed(office)

    with pytest.raises(UsageError, match="appeal 1 waits already"):
        _appealed(office)


@pytest.mark.parametrize(
    ("reference", "text", "error", "says"),
    [
        ("AAAA-AAAA-AAAA", "It is mine.", NotFoundError, "no notice bears the reference"),
        ("'; DROP TABLE appeals; --", "It is mine.", NotFoundError, "no notice bears the reference"),
        ("", " ", UsageError, "says something"),
        ("", "x" * 65_537, LimitError, "64 KiB at most"),
        ("", "a\x00b", UsageError, "what no text holds"),
    ],
)
def test_an_appeal_that_cannot_be_taken_in_is_told(
    office: Office, tmp_path: Path, reference: str, text: str, error: type[Exception], says: str
) -> None:
    _suspended(office, tmp_path, Platform())

    with pytest.raises(error, match=says):
        Appeals(office.casework).receive(reference, text, "dia")


def test_a_reference_is_read_as_people_write_it(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    notice = _notices(office)[0]

    written = notice.reference.lower().replace("-", " ")

    assert Appeals(office.casework).receive(written, "Mine.", "dia").asset_id == notice.asset_id


def _forged_answer(office: Office) -> None:
    """Somebody who holds the store writes that the appeal was right, and signs nothing."""
    with office.store.writing() as session:
        session.execute(update(AppealRow).values(state="overturned", answered_by="eva"))
        row = session.scalars(select(DecisionRow)).one()
        body = {
            **json.loads(row.body),
            "action": "reverse",
            "reverses": 1,
            "only": ["0" * 64],
            "appeal": 1,
            "two": False,
        }
        session.add(
            DecisionRow(
                case_id=1,
                state="approved",
                action="reverse",
                proposer="eva",
                proposed_at=row.proposed_at,
                body=json.dumps(body),
                digest="d" * 64,
                signature="00" * 64,
            )
        )


def _another_account(office: Office) -> None:
    """The reversal that was signed is turned to another account."""
    Appeals(office.casework).decide(1, "overturned", "Yes.", office.keys["eva"])
    with office.store.writing() as session:
        other = session.scalars(select(MemberRow).where(MemberRow.asset_id == "a3")).one()
        notice = session.scalars(select(NoticeRow).where(NoticeRow.member_id == other.member_id)).one()
        session.execute(update(AppealRow).values(notice_id=notice.notice_id))


@pytest.mark.parametrize("forged", [_forged_answer, _another_account])
def test_a_reversal_that_nobody_signed_is_not_carried_out(office: Office, tmp_path: Path, forged: Any) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    _appealed(office)
    forged(office)

    with pytest.raises(InputError, match="signed"):
        _run(office, platform, 2)
    assert all(platform.state(account).suspended for account in accounts(5))


def test_whom_an_appeal_cleared_is_in_no_further_decision_of_the_case(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    Appeals(office.casework).decide(_appealed(office).appeal_id, "overturned", "Yes.", office.keys["eva"])
    office.casework.reopen(1, "There is more.", "dia")

    assert office.decisions.dry_run(1, "suspend", CIB).radius.accounts == 4
    office.casework.set_role(1, "sim", "a2", "core", "dia")
    assert office.decisions.dry_run(1, "suspend", CIB).radius.accounts == 5


def test_whom_an_appeal_cleared_comes_into_another_case_as_a_bystander(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    Appeals(office.casework).decide(_appealed(office).appeal_id, "overturned", "Yes.", office.keys["eva"])

    run = run_of(tmp_path / "other", {"N9": ["a2", *accounts(20, 100)]}, seed=3)
    (found,) = bring(office.casework, run, ["N9"], "dia")

    roles = {one.asset_id: one.role for one in office.casework.members(found.case.case_id)}
    assert (found.joined, roles["a2"], roles["a100"]) == (False, "bystander", "core")


def test_a_decision_that_was_cut_short_goes_on_without_whom_an_appeal_cleared(office: Office, tmp_path: Path) -> None:
    platform = Platform()

    class Cut(Platform):
        def act(self, account: str, action: Any, *, key: str | None = None) -> Any:
            if len(platform.sent) == 3:
                raise KeyboardInterrupt
            return platform.act(account, action)

    case = brought(office, tmp_path / "run", 5)
    decision = office.decisions.propose(case, "suspend", CIB, "One hand.", office.keys["dia"])
    office.decisions.sample(1, "cem")
    office.decisions.approve(1, office.keys["cem"], decision.confirmation)
    with pytest.raises(KeyboardInterrupt):
        Execution(office.casework, Cut(), "sim", sleep=lambda pause_s: None).run(1, "dia", batch=1)
    appeal = _appealed(office, "a1")
    done = Appeals(office.casework).decide(appeal.appeal_id, "overturned", "Yes.", office.keys["eva"])
    assert done.reversal_id is not None
    _run(office, platform, done.reversal_id)
    _run(office, platform, 1)

    assert [platform.state(account).suspended for account in accounts(5)] == [True, False, True, True, True]
    assert {one.state for one in office.decisions.of_case(1)} == {"done"}


def test_a_reversal_of_all_tells_of_all(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    _suspended(office, tmp_path, platform)
    reversal = office.decisions.propose_reversal(1, "All wrong.", office.keys["dia"])
    office.decisions.sample(reversal.decision_id, "cem")
    office.decisions.approve(reversal.decision_id, office.keys["cem"], reversal.confirmation)
    told: list[Any] = []

    with office.store.writing() as session:
        consume(session, "test", "correction", lambda event: told.extend(event.body["accounts"]))
    _run(office, platform, reversal.decision_id)

    assert sorted(asset for _, asset in told) == accounts(5)
    assert len([one for one in _notices(office) if one.decision_id == 2]) == 5


def test_rates_count_notices_appeals_and_overturned_ones_by_group(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    appeals = Appeals(office.casework)
    for account, ruling in (("a1", "stands"), ("a2", "overturned"), ("a1", "stands")):
        appeals.decide(_appealed(office, account).appeal_id, ruling, "So.", office.keys["eva"])  # type: ignore[arg-type]
    _appealed(office, "a3")

    (by_ground,) = appeals.overturn_rates("ground")

    assert (by_ground.group, by_ground.notices, by_ground.appeals, by_ground.answered, by_ground.overturned) == (
        "coordinated_inauthentic", 5, 4, 3, 1,
    )  # fmt: skip
    assert by_ground.rate == 1 / 3
    assert [one.group for one in appeals.overturn_rates("language")] == ["en"]
    with pytest.raises(UsageError, match="grouped by"):
        appeals.overturn_rates("belief")  # type: ignore[arg-type]


def test_who_looks_at_an_appeal_is_in_the_log(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    appeal = _appealed(office)

    assert Appeals(office.casework).waiting()[0].text is None
    assert Appeals(office.casework).view(appeal.appeal_id, "eva").text == "That is my own account."
    assert _kinds(office)[-1] == "viewed"
    with pytest.raises(UsageError, match="may not appeal"):
        Appeals(office.casework).view(appeal.appeal_id, "dia")


def test_a_letter_that_is_taken_for_a_digit_is_read_as_the_digit(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    with office.store.writing() as session:
        row = session.scalars(select(NoticeRow)).first()
        assert row is not None
        row.reference = "01AB-CDEF-GH10"

    assert Appeals(office.casework).receive("oiab-cdef-ghlo", "Mine.", "dia").reference == "01AB-CDEF-GH10"


def _answers(office: Office, **more: Any) -> list[Answer]:
    kept: list[Answer] = []
    write_answers(office.casework, "dia", kept.append, **more)
    return kept


def test_who_loses_an_appeal_is_told_why_and_where_else_to_go_and_who_wins_too(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    lost, won = _appealed(office, "a1"), _appealed(office, "a2")
    Appeals(office.casework).decide(
        lost.appeal_id, "stands", "You shared $5 links with four others.", office.keys["eva"]
    )
    assert [one.asset_id for one in _answers(office)] == ["a1"]  # the other waits
    Appeals(office.casework).decide(won.appeal_id, "overturned", "It is your own.", office.keys["eva"])

    (told,), (first,) = _answers(office), _answers(office, again=True)[:1]

    assert (told.asset_id, told.reference) == ("a2", won.reference)
    assert "You were right. It is taken back" in told.text
    assert "The reason: It is your own." in told.text
    assert (first.asset_id, first.decision_id) == ("a1", lost.decision_id)
    assert "What was done stands." in first.text
    assert "The reason: You shared $5 links with four others." in first.text
    assert "go to a court" in first.text
    assert _answers(office) == []
    assert _kinds(office).count("answers.written") == 3


def test_an_answer_is_in_the_language_of_the_appeal_unless_others_are_named(office: Office, tmp_path: Path) -> None:
    _suspended(office, tmp_path, Platform())
    (notice, *_) = _notices(office)
    appeal = Appeals(office.casework).receive(notice.reference, "是我本人。", "dia", language="zh-HK")
    Appeals(office.casework).decide(appeal.appeal_id, "stands", "Same hand.", office.keys["eva"])

    (own,) = _answers(office)
    (named,) = _answers(office, languages=("de", "en"), again=True)

    assert own.languages == ("zh-Hant",)
    assert "原處理維持不變" in own.text
    assert "Es bleibt dabei" in named.text
    assert "What was done stands" in named.text


def test_what_was_taken_back_before_and_what_cannot_be_is_said(office: Office, tmp_path: Path) -> None:
    platform = Platform()
    decision = _suspended(office, tmp_path, platform)
    appeal = _appealed(office)
    back = office.decisions.propose_reversal(decision.decision_id, "A choir.", office.keys["dia"])
    office.decisions.sample(back.decision_id, "cem")
    office.decisions.approve(back.decision_id, office.keys["cem"], back.confirmation)
    _run(office, platform, back.decision_id)
    Appeals(office.casework).decide(appeal.appeal_id, "overturned", "A choir.", office.keys["eva"])

    assert "It had been taken back before" in _answers(office)[0].text


@pytest.mark.parametrize("changed", ["the reason", "the ruling"])
def test_an_answer_that_somebody_changed_is_not_sent(office: Office, tmp_path: Path, changed: str) -> None:
    _suspended(office, tmp_path, Platform())
    appeal = _appealed(office)
    Appeals(office.casework).decide(appeal.appeal_id, "stands", "One hand.", office.keys["eva"])
    with office.store.writing() as session:
        if changed == "the reason":
            session.execute(
                update(NoteRow).where(NoteRow.text == "One hand.", NoteRow.author == "eva").values(text="None.")
            )
        else:
            session.execute(update(AppealRow).values(state="overturned"))

    with pytest.raises(InputError, match="changed"):
        _answers(office)
    with office.store.reading() as session:
        assert session.scalar(select(AppealRow.told_at)) is None
