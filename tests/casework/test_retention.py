"""What is held of persons goes in its time, and the log stays whole; what is erased bears nothing any more."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from samehand.casework import (
    Retention,
    bring,
    erase_account,
    export_case,
    findings_of,
    hold,
    protect,
    read_entries,
    read_retention,
    release,
    verify,
)
from samehand.casework.tables import FindingRow, MemberRow, NoteRow
from samehand.errors import FormatError, NotFoundError, UsageError
from tests.casework.scenes import STRONG, Office, accounts, brought, finding, run_of

OF_ONE = finding("inauthentic", "profile", "some", asset_id="a2", receipts=["at://a2/post/1", "a20"])


def _everything(office: Office) -> str:
    """All that the store holds, as text."""
    with office.store.engine.connect() as connection:
        tables = office.store.engine.dialect.get_table_names(connection)
        return "\n".join(str(row) for table in tables for row in connection.execute(text(f'SELECT * FROM "{table}"')))


def _dismissed(office: Office, folder: Path) -> int:
    case = brought(office, folder / "run", 30, findings=(*STRONG, OF_ONE))
    office.casework.note(case, "Looks like a choir.", "dia")
    office.casework.dismiss(case, "A choir.", "dia")
    return case


def test_a_dismissed_case_loses_its_accounts_first_and_its_texts_later(office: Office, tmp_path: Path) -> None:
    case = _dismissed(office, tmp_path)
    clock = Retention(office.casework)
    office.clock.pass_by(days=29)
    assert clock.due() == []

    office.clock.pass_by(days=1)
    assert [(one.case_id, one.what, one.count) for one in clock.run("ada")] == [(case, "accounts", 30)]
    assert {one.asset_id for one in office.casework.members(case)} == {None}
    assert [note.text for note in office.casework.notes(case)] == ["Looks like a choir.", "A choir."]
    office.clock.pass_by(days=150)
    assert [(one.what, one.count) for one in clock.run("ada")] == [("texts", 2)]
    assert clock.due() == []

    assert not re.search(r"'a\d+'|at://|choir", _everything(office).replace("N1 of run", ""))
    with office.store.reading() as session:
        assert verify(session).holds
        assert [entry["kind"] for entry in read_entries(session)].count("erased") == 2


def test_a_case_on_hold_keeps_everything_until_it_is_released(office: Office, tmp_path: Path) -> None:
    case = _dismissed(office, tmp_path)
    assert hold(office.casework, case, "A court asks.", "ada").hold == "A court asks."
    office.clock.pass_by(days=1_000)
    assert Retention(office.casework).run("ada") == []

    release(office.casework, case, "ada")
    assert len(Retention(office.casework).run("ada")) == 2


def test_a_case_that_is_open_keeps_what_it_has(office: Office, tmp_path: Path) -> None:
    brought(office, tmp_path / "run")
    office.clock.pass_by(days=5_000)

    assert Retention(office.casework).due() == []


def test_one_account_is_erased_from_every_case_and_others_stay(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run", 30, findings=(*STRONG, OF_ONE))
    other = run_of(tmp_path / "other", {"N9": ["a2", *accounts(20, 100)]}, seed=3)
    (second,) = bring(office.casework, other, ["N9"], "dia")
    protect(office.casework, [("sim", "a2", "a newspaper")], "dia")

    assert erase_account(office.casework, "sim", "a2", "ada") == [case, second.case.case_id]

    assert not re.search(r"(?<!\w)a2(?!\w)", _everything(office))
    assert "a20" in {one.asset_id for one in office.casework.members(case)}
    with office.store.reading() as session:
        assert len(findings_of(session, case)) == len(STRONG)
        assert verify(session).holds
        stays = session.scalars(select(MemberRow).where(MemberRow.asset_id.is_(None))).all()
        assert all(row.commitment and row.salt is None for row in stays)


def test_nobody_is_erased_whose_case_is_decided_or_on_hold(office: Office, tmp_path: Path) -> None:
    case = brought(office, tmp_path / "run")
    hold(office.casework, case, "A court asks.", "ada")
    with pytest.raises(UsageError, match="on hold"):
        erase_account(office.casework, "sim", "a2", "ada")
    release(office.casework, case, "ada")
    office.decisions.propose(case, "suspend", ["coordinated_inauthentic"], "One hand.", office.keys["dia"])
    with pytest.raises(UsageError, match="could not be taken back"):
        erase_account(office.casework, "sim", "a2", "ada")
    with pytest.raises(NotFoundError):
        erase_account(office.casework, "sim", "nobody", "ada")
    with pytest.raises(UsageError, match="may not erase"):
        erase_account(office.casework, "sim", "a2", "dia")


def test_a_finding_that_is_erased_bears_nothing(office: Office, tmp_path: Path) -> None:
    named = [{**one, "receipts": ["a2"]} for one in STRONG]
    case = brought(office, tmp_path / "run", findings=named)
    assert office.decisions.dry_run(case, "suspend", ["coordinated_inauthentic"]).possible

    erase_account(office.casework, "sim", "a2", "ada")

    assert not office.decisions.dry_run(case, "suspend", ["coordinated_inauthentic"]).possible
    with office.store.writing() as session:  # and what is written into an erased one does not count either
        for row in session.scalars(select(FindingRow)):
            row.state = "strong"
    assert not office.decisions.dry_run(case, "suspend", ["coordinated_inauthentic"]).possible


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ("[dismissed]\naccounts = 1\ntexts = 1", "have the tables dismissed, closed"),
        ("[dismissed]\naccounts = 1\n[closed]\naccounts = 1\ntexts = 1", "have the tables"),
        ("[dismissed]\naccounts = -1\ntexts = 1\n[closed]\naccounts = 1\ntexts = 1", "dismissed.accounts: has to be"),
        ("[dismissed]\naccounts = true\ntexts = 1\n[closed]\naccounts = 1\ntexts = 1", "dismissed.accounts: has to be"),
        ("accounts = [", "no TOML"),
    ],
)
def test_rules_that_are_none_are_told(tmp_path: Path, rules: str, says: str) -> None:
    (tmp_path / "rules.toml").write_text(rules, "utf-8")
    with pytest.raises(FormatError, match=says):
        read_retention(tmp_path / "rules.toml")
    with pytest.raises(NotFoundError):
        read_retention(tmp_path / "none.toml")


def test_an_export_names_no_reviewer_and_two_exports_do_not_tell_who_is_the_same(
    office: Office, tmp_path: Path
) -> None:
    case = brought(office, tmp_path / "run")
    office.casework.assign(case, "dia", "cem")
    office.casework.note(case, "Ask dia.", "cem")
    office.decisions.propose(case, "suspend", ["coordinated_inauthentic"], "One hand.", office.keys["dia"])

    exports = [export_case(office.casework, case, "ada") for _ in range(12)]

    for told in exports:
        text = json.dumps(told)
        assert not any(re.search(rf"(?<!\w){name}(?!\w)", text) for name in office.keys)
        assert office.keys["dia"].public not in text
        assert told["decisions"][0]["proposer"] == told["case"]["assignee"]
        assert [note["text"] for note in told["notes"]] == [None, None]
    assert len({told["decisions"][0]["proposer"] for told in exports}) > 1
    with office.store.reading() as session:
        assert session.scalars(select(NoteRow)).first() is not None
    assert "Ask dia." in json.dumps(export_case(office.casework, case, "ada", texts=True))
