"""Nothing is decided that two persons did not sign, on grounds that the findings meet; and whoever acts can see that."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from samehand.casework import (
    Decision,
    adopt,
    bring,
    in_force,
    make_key,
    protect,
    read_entries,
    read_roster,
    remove_reviewer,
    retire,
    verify,
)
from samehand.casework.scrutiny import answer_of
from samehand.casework.tables import (
    DecisionRow,
    FindingRow,
    MemberRow,
    NetworkMemberRow,
    NetworkRow,
    PolicyRow,
    SampleRow,
)
from samehand.errors import InputError, NotFoundError, SamehandError, UsageError
from samehand.policy import parse_pack
from samehand.store import open_store
from tests.casework.scenes import PACK, PASSPHRASE, Office, accounts, brought, finding, founded, run_of

CIB = ["coordinated_inauthentic"]
RACES = 200


def _proposed(office: Office, folder: Path, count: int = 30, **more: Any) -> Decision:
    case = brought(office, folder / "run", count, **more)
    return office.decisions.propose(case, "suspend", CIB, "They are one hand's.", office.keys["dia"])


def _approved(office: Office, decision: Decision, by: str = "cem") -> Decision:
    office.decisions.sample(decision.decision_id, by)
    return office.decisions.approve(decision.decision_id, office.keys[by], decision.confirmation)


def _last_kinds(office: Office, count: int) -> list[str]:
    with office.store.reading() as session:
        return [entry["kind"] for entry in read_entries(session, most=count)]


# --- the way it goes


def test_one_proposes_and_another_approves(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)
    assert (decision.state, decision.radius.accounts, decision.two) == ("proposed", 30, True)
    assert office.casework.case(decision.case_id).state == "proposed"
    done = _approved(office, decision)

    assert (done.state, done.proposer, done.approver) == ("approved", "dia", "cem")
    assert office.casework.case(decision.case_id).state == "approved"
    assert {one.asset_id for one in office.decisions.authorised(done.decision_id).members} == set(accounts(30))
    assert _last_kinds(office, 3) == ["decision.proposed", "viewed", "decision.approved"]
    with office.store.reading() as session:
        assert verify(session).holds


def test_a_dry_run_tells_how_far_it_reaches_and_keeps_nothing(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 30, amplifiers=10)
    protect(office.casework, [("sim", "a1", "a journalist")], "dia")
    before = office.casework.case(case)
    tried = office.decisions.dry_run(case, "suspend", [*CIB, "attributed_activity"], ["core", "amplifier"])

    assert (tried.radius.accounts, tried.radius.protected, tried.radius.networks, tried.radius.unknown) == (
        30,
        1,
        1,
        30,
    )
    assert (tried.two, tried.escalated, tried.policy) == (True, True, PACK.version)
    assert tried.unmet["coordinated_inauthentic"] == ()
    assert tried.unmet["attributed_activity"] == ("the operator is named at L0, and L5 is needed",)
    assert office.casework.case(case) == before


def test_followers_and_posts_of_which_nothing_is_known_are_not_none(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 5)
    _write(office, update(MemberRow).where(MemberRow.asset_id == "a1").values(followers=7))
    radius = office.decisions.dry_run(case, "suspend", CIB).radius

    assert (radius.followers, radius.posts, radius.unknown) == (7, None, 4)


def test_a_mild_act_on_one_account_takes_one_person(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 1)
    done = office.decisions.propose(case, "limit", CIB, "One account.", office.keys["dia"])

    assert (done.state, done.approver) == ("approved", None)
    assert office.decisions.authorised(done.decision_id).members[0].asset_id == "a0"


@pytest.mark.parametrize(("action", "count"), [("suspend", 1), ("limit", 2)])
def test_a_suspension_or_a_second_account_takes_two(office: Office, tmp_path: Path, action: Any, count: int) -> None:
    case = brought(office, tmp_path / "run", count)

    assert office.decisions.propose(case, action, CIB, "x", office.keys["dia"]).state == "proposed"


def test_a_proposal_that_is_refused_or_withdrawn_leaves_the_case_open(office: Office, tmp_path: Path) -> None:
    first = _proposed(office, tmp_path)
    office.decisions.refuse(first.decision_id, office.keys["cem"], "Too many.")
    assert office.casework.case(first.case_id).state == "open"
    second = office.decisions.propose(first.case_id, "suspend", CIB, "x", office.keys["dia"])
    office.decisions.withdraw(second.decision_id, office.keys["dia"])

    assert office.casework.case(first.case_id).state == "open"
    assert [office.decisions.decision(k).state for k in (1, 2)] == ["refused", "withdrawn"]
    assert "Too many." in [note.text for note in office.casework.notes(first.case_id)]


def test_twenty_accounts_are_shown_and_the_same_ones_again(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path, 300)
    first = office.decisions.sample(decision.decision_id, "cem")

    assert len({one.asset_id for one in first}) == 20
    assert office.decisions.sample(decision.decision_id, "cem") == first
    assert office.decisions.sample(decision.decision_id, "ben") != first  # by luck once in 10^30


def test_of_fewer_than_twenty_all_are_shown(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path, 7)

    assert len(office.decisions.sample(decision.decision_id, "cem")) == 7


# --- what is refused


def test_coordination_alone_bears_nothing(office: Office, tmp_path: Path) -> None:
    case = brought(
        office, tmp_path / "run", inauthentic="unknown", findings=[finding("coordinated", g, "strong") for g in "abc"]
    )
    for ground in PACK.grounds:
        with pytest.raises(UsageError, match="do not bear it"):
            office.decisions.propose(case, "suspend", [ground], "x", office.keys["dia"])
    assert office.casework.case(case).state == "open"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"inauthentic": "some"}, "inauthentic is some, and has to be strong"),
        ({"coordinated": "some"}, "coordinated is some"),
        ({"flagged": False}, "no network of the case is flagged"),
        ({"findings": [finding("inauthentic", "profile", "strong")]}, "1 independent groups"),
        ({"findings": [finding("inauthentic", g, "strong", asset_id="a1") for g in "ab"]}, "0 independent groups"),
        ({"findings": [finding("inauthentic", "one", "strong")] * 3}, "1 independent groups"),
    ],
)
def test_a_ground_that_is_not_met_is_refused(office: Office, tmp_path: Path, more: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        _proposed(office, tmp_path, **more)


def _with_another(office: Office, folder: Path, **more: Any) -> int:
    """A case of two networks: one that meets everything, and one (a100 to a104) that is as is said."""
    case = brought(office, folder / "run", 5)
    other = run_of(folder / "other", {"N1": accounts(5, 100)}, seed=1, **more)
    bring(office.casework, other, ["N1"], "dia", case_id=case)
    return case


def test_only_accounts_of_networks_that_meet_the_grounds_are_acted_on(office: Office, tmp_path: Path) -> None:
    """A choir that was brought into the case of a troll farm stays a choir."""
    case = _with_another(office, tmp_path, inauthentic="unknown", flagged=False, findings=[])
    decision = office.decisions.propose(case, "suspend", CIB, "x", office.keys["dia"])
    assert (decision.radius.accounts, decision.radius.networks) == (5, 1)
    assert {one.asset_id for one in office.decisions.sample(1, "cem")} == set(accounts(5))
    done = office.decisions.approve(1, office.keys["cem"], "suspend 5")

    assert {one.asset_id for one in office.decisions.authorised(done.decision_id).members} == set(accounts(5))


def test_what_two_networks_show_together_neither_shows(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 5, coordinated="strong", inauthentic="no", flagged=False, findings=[])
    other = run_of(tmp_path / "other", {"N1": accounts(5, 100)}, coordinated="no", seed=1)
    bring(office.casework, other, ["N1"], "dia", case_id=case)

    with pytest.raises(UsageError, match="do not bear it"):
        office.decisions.propose(case, "suspend", CIB, "x", office.keys["dia"])


def test_findings_of_two_runs_do_not_add_up_because_networks_have_one_name(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 5, findings=[finding("inauthentic", "profile", "strong")])
    second = [finding("inauthentic", "creation", "strong")]
    bring(
        office.casework,
        run_of(tmp_path / "o", {"N1": accounts(5)}, findings=second, seed=1),
        ["N1"],
        "dia",
        case_id=case,
    )

    with pytest.raises(UsageError, match="1 independent groups"):
        office.decisions.propose(case, "suspend", CIB, "x", office.keys["dia"])


def test_nothing_comes_into_a_case_while_a_decision_waits_to_be_carried_out(office: Office, tmp_path: Path) -> None:
    decision = _approved(office, _proposed(office, tmp_path, 5))
    with pytest.raises(UsageError, match="is approved; what is found comes in when that is over"):
        bring(office.casework, run_of(tmp_path / "o", {"N1": accounts(5)}, seed=1), ["N1"], "dia")

    assert len(office.decisions.authorised(decision.decision_id).members) == 5


@pytest.mark.parametrize(
    ("column", "value"), [("inauthentic", "strong"), ("coordinated", "no"), ("flagged", True), ("size", 9)]
)
def test_a_verdict_that_somebody_changes_is_noticed(office: Office, tmp_path: Path, column: str, value: Any) -> None:
    case = brought(office, tmp_path / "run", inauthentic="some", flagged=False)
    _write(office, update(NetworkRow).values({column: value}))

    with pytest.raises(InputError, match=f"network N1 of case {case} was changed after it came in"):
        office.decisions.propose(case, "suspend", ["spam"], "x", office.keys["dia"])


def test_a_ground_allows_so_much_and_no_more(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run")

    with pytest.raises(UsageError, match="allows suspend at most, not remove"):
        office.decisions.propose(case, "remove", CIB, "x", office.keys["dia"])


@pytest.mark.parametrize(
    ("action", "grounds", "roles", "why", "error"),
    [
        ("banish", CIB, ["core"], "x", UsageError),
        ("suspend", [], ["core"], "x", UsageError),
        ("suspend", ["rudeness"], ["core"], "x", NotFoundError),
        ("suspend", CIB, [], "x", UsageError),
        ("suspend", CIB, ["bystander"], "x", UsageError),
        ("suspend", CIB, ["amplifier"], "x", UsageError),
        ("suspend", CIB, ["core"], "  ", UsageError),
    ],
)
def test_a_proposal_says_what_why_and_about_whom(
    office: Office, tmp_path: Path, action: Any, grounds: Sequence[str], roles: Any, why: str, error: type[Exception]
) -> None:
    case = brought(office, tmp_path / "run")

    with pytest.raises(error):
        office.decisions.propose(case, action, grounds, why, office.keys["dia"], roles)
    assert office.decisions.waiting() == []


def test_an_approver_who_proposed_is_refused(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run")
    decision = office.decisions.propose(case, "suspend", CIB, "x", office.keys["cem"])
    office.decisions.sample(decision.decision_id, "cem")

    with pytest.raises(UsageError, match="cem proposed decision 1; another person has to approve it"):
        office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation)
    assert office.decisions.decision(decision.decision_id).state == "proposed"


@pytest.mark.parametrize("by", ["dia", "eva"])
def test_who_may_not_approve_does_not(office: Office, tmp_path: Path, by: str) -> None:
    decision = _proposed(office, tmp_path)

    with pytest.raises(UsageError, match=f"{by} may not approve"):
        office.decisions.approve(decision.decision_id, office.keys[by], decision.confirmation)


def test_who_has_not_looked_does_not_approve(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)
    office.decisions.sample(decision.decision_id, "ben")

    with pytest.raises(UsageError, match="look at the sample"):
        office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation)


@pytest.mark.parametrize("typed", ["", "suspend", "yes", "suspend 31", "limit 30"])
def test_what_is_approved_is_typed(office: Office, tmp_path: Path, typed: str) -> None:
    decision = _proposed(office, tmp_path)
    office.decisions.sample(decision.decision_id, "cem")

    with pytest.raises(UsageError, match="type: suspend 30"):
        office.decisions.approve(decision.decision_id, office.keys["cem"], typed)


def test_protected_accounts_take_a_lead(office: Office, tmp_path: Path) -> None:
    protect(office.casework, [("sim", "a1", "a journalist")], "dia")
    decision = _proposed(office, tmp_path)

    with pytest.raises(UsageError, match="a lead has to approve it"):
        _approved(office, decision, "cem")
    assert _approved(office, decision, "ben").state == "approved"


def test_a_mild_act_on_one_protected_account_takes_two(office: Office, tmp_path: Path) -> None:
    protect(office.casework, [("sim", "a0", "a journalist")], "dia")
    case = brought(office, tmp_path / "run", 1)

    assert office.decisions.propose(case, "limit", CIB, "x", office.keys["dia"]).state == "proposed"


def test_a_stale_policy_is_refused(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)
    newer = parse_pack(PACK.text.replace('"platform-manipulation-2"', '"platform-manipulation-3"'), "newer")
    office.clock.pass_by(minutes=1)
    adopt(office.store, newer, office.keys["ada"], office.clock())
    adopt(office.store, newer, office.keys["ben"], office.clock())

    with pytest.raises(UsageError, match="platform-manipulation-3 is in force; withdraw it"):
        _approved(office, decision)


def test_a_policy_that_was_retired_bears_nothing(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)
    retire(office.store, PACK.version, office.keys["ada"], office.clock())

    with pytest.raises(NotFoundError, match="in force on 2026-11-27 and signed by two"):
        _approved(office, decision)


@pytest.mark.parametrize("number", [0, 99, -1])
def test_a_forged_number_is_refused(office: Office, tmp_path: Path, number: int) -> None:
    _proposed(office, tmp_path)

    with pytest.raises(NotFoundError, match=f"no decision {number}"):
        office.decisions.approve(number, office.keys["cem"], "suspend 30")


# --- signatures


def test_a_forged_signature_is_refused(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)
    office.decisions.sample(decision.decision_id, "cem")
    statement = office.decisions.answer_statement(decision.decision_id, "cem", "approve")
    other = make_key(tmp_path / "cem2.key", "cem", PASSPHRASE)

    for signature in (other.sign(statement), office.keys["dia"].sign(statement), "00" * 64, ""):
        with pytest.raises(InputError, match="the signature is not cem's"):
            office.decisions.record(decision.decision_id, "cem", "approve", signature)
    assert office.decisions.decision(decision.decision_id).state == "proposed"


def test_an_answer_is_no_other_answer(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)
    office.decisions.sample(decision.decision_id, "cem")
    refusal = office.keys["cem"].sign(office.decisions.answer_statement(decision.decision_id, "cem", "refuse"))

    with pytest.raises(InputError, match="the signature is not cem's"):
        office.decisions.record(decision.decision_id, "cem", "approve", refusal)


def test_a_signature_that_was_used_is_refused_for_the_next_proposal(office: Office, tmp_path: Path) -> None:
    first = _proposed(office, tmp_path)
    office.decisions.sample(first.decision_id, "cem")
    signature = office.keys["cem"].sign(office.decisions.answer_statement(first.decision_id, "cem", "approve"))
    office.decisions.withdraw(first.decision_id, office.keys["dia"])
    second = office.decisions.propose(first.case_id, "suspend", CIB, "They are one hand's.", office.keys["dia"])
    office.decisions.sample(second.decision_id, "cem")

    with pytest.raises(UsageError, match="is withdrawn"):
        office.decisions.record(first.decision_id, "cem", "approve", signature)
    with pytest.raises(InputError, match="the signature is not cem's"):
        office.decisions.record(second.decision_id, "cem", "approve", signature)


def test_a_signature_is_good_in_one_store(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)
    (tmp_path / "other").mkdir()
    with open_store(tmp_path / "other" / "store.sqlite") as other_store:
        other = founded(other_store, tmp_path / "other")
        twin = _proposed(other, tmp_path / "other")
        other.decisions.sample(twin.decision_id, "cem")
        statement = other.decisions.answer_statement(twin.decision_id, "cem", "approve")
    office.decisions.sample(decision.decision_id, "cem")

    with pytest.raises(InputError, match="the signature is not cem's"):
        office.decisions.record(decision.decision_id, "cem", "approve", office.keys["cem"].sign(statement))


Tamper = Callable[[Office, Decision], None]


def _write(office: Office, *statements: Any) -> None:
    with office.store.writing() as session:
        for one in statements:
            session.execute(one)


def _say_approved(office: Office, decision: Decision) -> None:
    _write(
        office, update(DecisionRow).values(state="approved", approver="cem", answer="{}", answer_signature="00" * 64)
    )


def _own_answer(office: Office, decision: Decision) -> None:
    """Dia, who holds the store and her own key, answers her own proposal in Cem's name."""
    office.decisions.sample(decision.decision_id, "cem")
    statement = office.decisions.answer_statement(decision.decision_id, "cem", "approve")
    _write(
        office,
        update(DecisionRow).values(
            state="approved", approver="cem", answer=json.dumps(statement.body),
            answer_signature=office.keys["dia"].sign(statement),
        ),
    )  # fmt: skip


def _answer_as_herself(office: Office, decision: Decision) -> None:
    statement = answer_of(office.store.store_id, _decision_row(office), "dia", "approve", None)
    _write(
        office,
        update(DecisionRow).values(
            state="approved", approver="dia", answer=json.dumps(statement.body),
            answer_signature=office.keys["dia"].sign(statement),
        ),
    )  # fmt: skip


def _claim_one_is_enough(office: Office, decision: Decision) -> None:
    body = {**json.loads(_decision_row(office).body), "two": False}
    _write(office, update(DecisionRow).values(state="approved", body=json.dumps(body)))


def _decision_row(office: Office) -> DecisionRow:
    with office.store.reading() as session:
        row = session.get(DecisionRow, 1)
        assert row is not None
        return row


@pytest.mark.parametrize("tamper", [_say_approved, _own_answer, _answer_as_herself, _claim_one_is_enough])
def test_who_holds_the_store_but_no_second_key_approves_nothing(office: Office, tmp_path: Path, tamper: Tamper) -> None:
    decision = _proposed(office, tmp_path)
    tamper(office, decision)

    with pytest.raises(SamehandError, match=r"signed|another person"):
        office.decisions.authorised(decision.decision_id)


def _add_an_account(office: Office, decision: Decision) -> None:
    with office.store.writing() as session:
        row = session.scalars(select(MemberRow).limit(1)).one()
        values = {name: getattr(row, name) for name in ("case_id", "platform", "role", "salt", "added_at")}
        session.execute(insert(MemberRow).values(**values, asset_id="a critic", commitment="f" * 64))
        new = session.scalar(select(MemberRow.member_id).where(MemberRow.asset_id == "a critic"))
        session.execute(insert(NetworkMemberRow).values(case_network_id=1, member_id=new))


def _into_another_case(office: Office, decision: Decision) -> None:
    office.casework.open("x", "dia")
    _write(office, update(DecisionRow).values(case_id=2))


def _writes(statement: Any) -> Tamper:
    return lambda office, decision: _write(office, statement)


AFTERWARDS: dict[str, tuple[Tamper, str]] = {
    "an account more": (_add_an_account, "was changed after it came in"),
    "another account": (
        lambda office, decision: _write(
            office, update(MemberRow).where(MemberRow.asset_id == "a2").values(asset_id="a critic")
        ),
        "was changed after it came in",
    ),
    "another platform": (_writes(update(MemberRow).values(platform="other")), "was changed after it came in"),
    "an account less": (
        _writes(delete(NetworkMemberRow).where(NetworkMemberRow.member_id == 4)),
        "not those that decision 1 is about",
    ),
    "another action": (_writes(update(DecisionRow).values(action="remove")), "says something else"),
    "another case": (_into_another_case, "says something else"),
    "another proposer": (_writes(update(DecisionRow).values(proposer="ben")), "is not what ben signed"),
    "a finding less": (
        _writes(delete(FindingRow).where(FindingRow.finding_id == 1)),
        "not those that decision 1 rests on",
    ),
    "another policy text": (_writes(update(PolicyRow).values(text="x")), "is not the one that decision 1 cites"),
    "another sample": (_writes(update(DecisionRow).values(answer=json.dumps({"sample": "0"}))), "nobody signed"),
}


@pytest.mark.parametrize("what", list(AFTERWARDS))
def test_what_is_changed_after_the_approval_is_not_carried_out(office: Office, tmp_path: Path, what: str) -> None:
    decision = _approved(office, _proposed(office, tmp_path))
    tamper, says = AFTERWARDS[what]
    tamper(office, decision)

    with pytest.raises(InputError, match=says):
        office.decisions.authorised(decision.decision_id)


def test_what_is_not_approved_is_not_carried_out(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)

    with pytest.raises(UsageError, match="only what is approved is carried out"):
        office.decisions.authorised(decision.decision_id)


@pytest.mark.parametrize("name", ["dia", "cem"])
def test_what_somebody_signed_who_has_left_is_not_carried_out_any_more(
    office: Office, tmp_path: Path, name: str
) -> None:
    """Else the key of who has left would decide on, for whoever holds the store."""
    decision = _approved(office, _proposed(office, tmp_path))
    remove_reviewer(office.store, office.keys["ada"], name, office.clock())

    with pytest.raises(UsageError, match=f"{name} may not"):
        office.decisions.authorised(decision.decision_id)


# --- policies


def test_one_signature_puts_no_policy_in_force(office: Office) -> None:
    newer = parse_pack(PACK.text.replace('"platform-manipulation-2"', '"platform-manipulation-3"'), "newer")
    office.clock.pass_by(minutes=1)
    assert adopt(office.store, newer, office.keys["ada"], office.clock()) == ("ada",)
    with pytest.raises(UsageError, match="takes another person"):
        adopt(office.store, newer, office.keys["ada"], office.clock())

    assert _in_force(office, office.clock().date()) == PACK.version


def _in_force(office: Office, on: date) -> str:
    with office.store.reading() as session:
        return in_force(session, read_roster(session, office.store.store_id), PACK.pack, on).version


def test_a_policy_is_in_force_on_its_days(office: Office) -> None:
    assert _in_force(office, PACK.valid_from) == PACK.version
    with pytest.raises(NotFoundError, match="no version of platform-manipulation is in force"):
        _in_force(office, PACK.valid_from - timedelta(days=1))


def test_a_policy_that_changes_gets_a_new_version(office: Office) -> None:
    other = parse_pack(PACK.text + "\n# more\n", "other")

    with pytest.raises(InputError, match="holds another text"):
        adopt(office.store, other, office.keys["ada"], office.clock())


def test_a_policy_that_is_not_sound_is_not_signed(office: Office) -> None:
    lax = PACK.text.replace('"platform-manipulation-2"', '"lax-1"').replace("human = true", "human = false", 1)

    with pytest.raises(UsageError, match="without a person"):
        adopt(office.store, parse_pack(lax, "lax"), office.keys["ada"], office.clock())


# --- races


def test_two_reviewers_who_race_never_decide_twice(office: Office, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", {f"N{k}": accounts(2, 10 * k) for k in range(RACES)})
    cases = [one.case.case_id for one in bring(office.casework, run, [], "dia")]
    decisions = [office.decisions.propose(case, "suspend", CIB, "x", office.keys["dia"]) for case in cases]
    for one in decisions:
        for by in ("cem", "ben"):
            office.decisions.sample(one.decision_id, by)
    won: list[tuple[int, str]] = []
    lost: list[str] = []
    start = threading.Barrier(2)

    def race(by: str) -> None:
        for one in decisions:
            start.wait()
            try:
                if by == "cem":
                    office.decisions.approve(one.decision_id, office.keys[by], one.confirmation)
                else:
                    office.decisions.refuse(one.decision_id, office.keys[by], "no")
                won.append((one.decision_id, by))
            except UsageError as error:
                lost.append(str(error))

    racers = [threading.Thread(target=race, args=(by,)) for by in ("cem", "ben")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(decision for decision, _ in won) == [one.decision_id for one in decisions]
    assert len(lost) == RACES
    assert all("it has its answer" in words for words in lost)
    for decision_id, by in won:
        assert office.decisions.decision(decision_id).approver == by
    with office.store.reading() as session:
        answers = [
            e for e in read_entries(session, most=5_000) if e["kind"] in ("decision.approved", "decision.refused")
        ]
        assert len(answers) == RACES
        assert verify(session).holds


def test_samples_are_of_those_who_asked(office: Office, tmp_path: Path) -> None:
    decision = _proposed(office, tmp_path)
    for by in ("cem", "ben"):
        office.decisions.sample(decision.decision_id, by)

    with office.store.reading() as session:
        assert session.scalars(select(SampleRow.reviewer).order_by(SampleRow.reviewer)).all() == ["ben", "cem"]
