"""What is told of is what was done, and stands: to whom, how often, and out of one budget."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from samehand.casework import Appeals, protect
from samehand.disclosure import Releases, count_period
from samehand.enforcement import AccountState, give_up
from samehand.errors import InputError, UsageError
from tests.casework.scenes import Office, accounts
from tests.disclosure.test_releases import TOLD, _dataset, _make
from tests.enforcement.test_appeals import _appealed, _suspended
from tests.enforcement.test_execution import Platform, _answered, _approved, _execution


@pytest.fixture
def decided(office: Office, tmp_path: Path) -> Office:
    _suspended(office, tmp_path, Platform(), 30)
    return office


def _statements(office: Office, tmp_path: Path) -> Any:
    return Releases(office.casework).statements(1, _dataset(tmp_path / "dataset", accounts(30), 4_000))


def _told(tmp_path: Path) -> Any:
    return json.loads((tmp_path / "release" / "release.json").read_text("utf-8"))


def test_who_was_given_up_or_stood_so_before_is_told_of_nowhere(office: Office, tmp_path: Path) -> None:
    decision = _approved(office, tmp_path)
    platform = Platform(wrong=lambda account, action: "no such account" if account == "a0" else "")
    platform.standing["a3"] = AccountState("a3", suspended=True, deactivated=False, admin=False)
    execution = _execution(office, platform)
    execution.run(decision.decision_id, "dia")
    give_up(office.casework, decision.decision_id, "ada", "It is gone.")
    execution.run(decision.decision_id, "dia")

    made = _make(office, tmp_path)

    assert made.accounts == 28
    users = pq.read_table(tmp_path / "release" / "users.parquet")["userid"].to_pylist()
    assert (len(users), "a0" in users) == (28, False)
    assert "'a0'" not in (tmp_path / "release" / "stix.json").read_text("utf-8")
    assert len(_statements(office, tmp_path).sent) == 28
    counts = count_period(office.casework, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert counts.measures["account_suspension"] == 28


def test_whom_an_appeal_gave_back_stays_out_whatever_is_said_of_their_role_later(
    decided: Office, tmp_path: Path
) -> None:
    appeal = _appealed(decided)
    Appeals(decided.casework).decide(appeal.appeal_id, "overturned", "It is hers.", decided.keys["eva"])
    decided.casework.reopen(1, "More of them?", "dia")
    decided.casework.set_role(1, "sim", "a2", "core", "dia")

    made = _make(decided, tmp_path)

    assert made.accounts == 29
    told = _statements(decided, tmp_path)
    assert (len(told.sent), len(told.withdrawn)) == (29, 1)
    releases = Releases(decided.casework)
    releases.take_corrections()  # the appeal is older than the release, which knows of it
    assert releases.corrections(made.release_id).num_rows == 0


def test_a_decision_that_is_reversed_as_a_whole_takes_back_every_statement(office: Office, tmp_path: Path) -> None:
    decision, platform = _approved(office, tmp_path), Platform()
    execution = _execution(office, platform)
    execution.run(decision.decision_id, "dia")
    before = _statements(office, tmp_path)
    reversal = office.decisions.propose_reversal(decision.decision_id, "They were a choir.", office.keys["dia"])
    execution.run(_answered(office, reversal).decision_id, "dia")

    after = _statements(office, tmp_path)

    assert (len(before.sent), len(after.sent)) == (30, 0)
    assert sorted(after.withdrawn) == sorted(one.puid for one in before.sent)
    with pytest.raises(UsageError, match="nothing was carried out"):
        _make(office, tmp_path)


def test_who_is_protected_since_holds_up_no_disclosure_of_what_was_done(decided: Office, tmp_path: Path) -> None:
    protect(decided.casework, [("sim", "a5", "a journalist")], "dia")

    assert _make(decided, tmp_path).accounts == 30
    assert len(_statements(decided, tmp_path).sent) == 30


def test_a_dataset_that_is_not_the_cases_is_refused(decided: Office, tmp_path: Path) -> None:
    dataset = _dataset(tmp_path / "dataset", accounts(29), 4_000)

    with pytest.raises(InputError, match="1 of the 30 accounts that were acted on are not in"):
        Releases(decided.casework).make(1, dataset, TOLD, tmp_path / "release", decided.keys["ada"])
    assert not (tmp_path / "release").exists()


def test_nobody_small_is_shown_as_they_were_whatever_is_asked(decided: Office, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="1,000 follow or more"):
        _make(decided, tmp_path, many=1)
    _make(decided, tmp_path, many=2_000)
    assert _told(tmp_path)["privacy"]["shown_as_they_were_from"] == 2_000


def test_releases_of_a_case_tell_one_number_once_and_share_one_budget(decided: Office, tmp_path: Path) -> None:
    values = []
    for _ in range(6):
        _make(decided, tmp_path)
        values.append(_told(tmp_path)["audience"]["followers_ge1"])
    assert len({json.dumps(one) for one in values}) == 1
    assert _told(tmp_path)["privacy"]["epsilon"] == {"followers_ge1": 0.5}

    def make_with(count: int, epsilon: Fraction) -> None:
        dataset = _dataset(tmp_path / "dataset", accounts(30), 4_000)
        told = TOLD.model_copy(update={"audience": {"followers_ge1": count}})
        releases = Releases(decided.casework)
        releases.make(1, dataset, told, tmp_path / "release", decided.keys["ada"], epsilon=epsilon)

    make_with(15_600, Fraction(1))
    with pytest.raises(UsageError, match="earlier releases of the case spent 1"):
        make_with(15_700, Fraction(1))
    make_with(15_700, Fraction(2))


def test_a_folder_that_is_no_release_is_left_alone(decided: Office, tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "thesis.txt").write_text("Years of work.")

    with pytest.raises(UsageError, match="is there, and is no release"):
        _make(decided, tmp_path)
    assert (tmp_path / "release" / "thesis.txt").read_text() == "Years of work."


def test_an_earlier_release_stays_where_a_later_one_does_not_reach_the_store(
    decided: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _make(decided, tmp_path)

    def broken(*_: Any) -> None:
        raise InputError("the store is full")

    monkeypatch.setattr(Releases, "_enter", broken)
    with pytest.raises(InputError, match="full"):
        _make(decided, tmp_path)
    assert _told(tmp_path)["release_id"] == made.release_id
