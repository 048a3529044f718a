"""What a run found comes into a case once, joins the case it belongs to, and cannot be changed there unseen."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import update

from samehand.casework import Member, bring, findings_of, protect, read_entries
from samehand.casework.tables import FindingRow
from samehand.errors import InputError, NotFoundError, UsageError
from tests.casework.scenes import STRONG, Office, accounts, brought, finding, run_of, step
from tests.worlds import dataset_of


def _members(office: Office, case_id: int) -> list[Member]:
    return office.casework.members(case_id)


def test_each_network_opens_a_case_with_its_accounts_and_findings(office: Office, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", {"N1": accounts(4), "N2": accounts(3, 100)}, amplifiers=1)
    done = bring(office.casework, run, [], "dia")

    assert [(one.network, one.joined, one.added) for one in done] == [("N1", False, 4), ("N2", False, 3)]
    first = done[0].case
    assert (first.title, first.origin, first.members) == (
        "N1 of run",
        "run",
        {"core": 3, "amplifier": 1, "bystander": 0},
    )
    with office.store.reading() as session:
        assert [one.body for one in findings_of(session, first.case_id)] == [
            {**one, "network_id": "N1"} for one in STRONG
        ]


def test_a_network_that_is_found_again_joins_its_case(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 10)
    later = run_of(tmp_path / "later", {"N7": accounts(12, 4)}, seed=1)
    done = bring(office.casework, later, ["N7"], "dia")[0]

    assert (done.joined, done.case.case_id, done.added) == (True, case, 6)
    assert done.case.networks == 2
    assert done.case.members["core"] == 16


def test_a_network_that_shares_less_than_half_opens_its_own(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 10)
    done = bring(office.casework, run_of(tmp_path / "later", {"N7": accounts(10, 6)}, seed=1), ["N7"], "dia")[0]

    assert (done.joined, done.added) == (False, 10)
    assert done.case.case_id != case


def test_the_same_network_of_the_same_run_comes_in_once(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 10)
    again = bring(office.casework, tmp_path / "run", ["N1"], "dia")[0]

    assert (again.joined, again.added, again.case.case_id, again.case.networks) == (True, 0, case, 1)


def test_a_run_that_took_longer_is_the_same_run(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 10)
    text = (tmp_path / "run" / "run.json").read_text()
    (tmp_path / "run" / "run.json").write_text(text.replace('"all": 0.0', '"all": 99.0'))
    assert "99.0" in (tmp_path / "run" / "run.json").read_text()

    assert bring(office.casework, tmp_path / "run", ["N1"], "dia")[0].case.networks == 1
    assert office.casework.case(case).networks == 1


def test_a_run_over_sign_ups_opens_cases_of_waves(office: Office, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", {"W1": accounts(4)}, decisions=accounts(4))

    assert bring(office.casework, run, [], "dia")[0].case.origin == "wave"


def test_a_case_that_is_named_takes_what_shares_nothing(office: Office, tmp_path: Path) -> None:
    case = office.casework.open("by hand", "dia").case_id
    run = run_of(tmp_path / "run", {"N1": accounts(4), "N2": accounts(3, 100)})
    bring(office.casework, run, [], "dia", case_id=case)

    assert office.casework.case(case).members["core"] == 7


@pytest.mark.parametrize("column", ["body", "state", "finding", "axis", "independence_group"])
def test_a_finding_that_somebody_changes_is_noticed(office: Office, tmp_path: Path, column: str) -> None:
    case = brought(office, tmp_path / "run")
    with office.store.writing() as session:
        before = findings_of(session, case)[0]
        new = (
            str(before.body).replace("3.0", "9.0").replace("'", '"').replace("None", "null")
            if column == "body"
            else "no"
        )
        session.execute(update(FindingRow).where(FindingRow.finding_id == 1).values({column: new}))

    with office.store.reading() as session, pytest.raises(InputError, match=f"of case {case} was changed"):
        findings_of(session, case)
    with pytest.raises(InputError, match="was changed"):
        office.decisions.propose(case, "suspend", ["coordinated_inauthentic"], "x", office.keys["dia"])


def test_no_account_is_in_the_log_by_name(office: Office, tmp_path: Path) -> None:
    of_one = finding("inauthentic", "profile", "strong", asset_id="quite-a-name")
    run = run_of(tmp_path / "run", {"N1": ["quite-a-name", "another-name"]}, findings=[of_one])
    case = bring(office.casework, run, ["N1"], "dia")[0].case.case_id

    with office.store.reading() as session:
        entries = read_entries(session, case)
        assert "name" not in str(entries)
        assert findings_of(session, case)[0].of_account
    assert [entry["kind"] for entry in entries] == ["case.opened", "network.brought"]


def test_followers_and_posts_come_from_the_dataset(office: Office, tmp_path: Path) -> None:
    assets = [
        {"platform": "sim", "asset_id": f"a{k}", "kind": "account", "followers": 10 * k, "posts_count": k}
        for k in range(3)
    ]
    dataset_of(tmp_path / "data", [], assets=pa.Table.from_pylist(assets))
    run = run_of(tmp_path / "run", {"N1": accounts(4)})
    case = bring(office.casework, run, ["N1"], "dia", dataset=tmp_path / "data")[0].case.case_id

    assert [(one.asset_id, one.followers, one.posts) for one in _members(office, case)] == [
        ("a0", 0, 0), ("a1", 10, 1), ("a2", 20, 2), ("a3", None, None),
    ]  # fmt: skip


def test_protected_accounts_are_marked(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 3)
    listed = protect(office.casework, [("sim", "a1", "a journalist"), ("sim", "zz", "a ministry")], "dia")

    assert listed == 2
    assert protect(office.casework, [("sim", "a1", "again")], "dia") == 0
    assert [one.asset_id for one in _members(office, case) if one.protected] == ["a1"]


def test_what_is_not_there_is_told(office: Office, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", {"N1": accounts(4)})
    empty = run_of(tmp_path / "empty", {})

    with pytest.raises(NotFoundError, match="has no network N9; it has N1"):
        bring(office.casework, run, ["N9"], "dia")
    with pytest.raises(NotFoundError, match="is no run"):
        bring(office.casework, tmp_path / "nowhere", [], "dia")
    with pytest.raises(UsageError, match="nothing to look into"):
        bring(office.casework, empty, [], "dia")
    with pytest.raises(NotFoundError, match="no case 77"):
        bring(office.casework, run, ["N1"], "dia", case_id=77)
    with pytest.raises(UsageError, match="eva may not work"):
        bring(office.casework, run, ["N1"], "eva")
    assert office.casework.queue() == []


def test_accounts_that_are_tied_to_others_taken_down_come_in_without_a_wave(office: Office, tmp_path: Path) -> None:
    steps = [
        step("a1", "limit", wave_id=None), step("a2", "observe", wave_id=None), step("a2", "limit", 1, wave_id=None),
        step("a3", "limit", wave_id=None), step("a3", "allow", 1, wave_id=None), step("a4", "challenge", wave_id=None),
        step("a5", "limit", wave_id="W1"), step("a6", "limit", wave_id=None), step("a6", "review", 2, wave_id="W1"),
    ]  # fmt: skip
    run = run_of(tmp_path / "run", {}, steps=steps)

    (one,) = bring(office.casework, run, [], "dia")

    assert (one.network, one.added, one.case.origin) == ("tied", 2, "wave")
    assert [member.asset_id for member in office.casework.members(one.case.case_id)] == ["a1", "a2"]
    assert office.decisions.dry_run(one.case.case_id, "suspend", ["ban_evasion"]).possible
    assert not office.decisions.dry_run(one.case.case_id, "suspend", ["coordinated_inauthentic"]).possible


def test_one_account_alone_that_is_tied_is_no_ban_evasion_by_itself(office: Office, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", {}, steps=[step("a1", "limit", wave_id=None)])
    (one,) = bring(office.casework, run, ["tied"], "dia")

    assert not office.decisions.dry_run(one.case.case_id, "suspend", ["ban_evasion"]).possible
