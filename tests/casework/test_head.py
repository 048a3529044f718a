"""A head that left the store shows what the store itself could hide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from samehand.casework import Heads, append, found_roster, make_key, verify_with_heads, write_head
from samehand.casework.audit import AuditRow, Entry, HeadRow
from samehand.casework.roster import RosterRow
from samehand.errors import FormatError, InputError, NotFoundError, UsageError
from tests.casework.scenes import NOON, PASSPHRASE, Office


@pytest.fixture
def heads(office: Office, tmp_path: Path) -> Path:
    """Two heads of a log that grew between them, and has grown since."""
    office.hire(tmp_path, "robot", "service")
    path = tmp_path / "heads.jsonl"
    for _ in range(2):
        office.casework.open("x", "dia")
        write_head(office.store, office.keys["robot"], path, office.clock())
    for _ in range(3):
        office.casework.open("x", "dia")
    return path


def _held(office: Office, path: Path) -> Heads:
    with office.store.reading() as session:
        return verify_with_heads(session, office.store, path)


def _cut(office: Office, left: int) -> None:
    with office.store.writing() as session:
        session.execute(delete(AuditRow).where(AuditRow.number > left))
        last = session.scalar(select(AuditRow.hash).where(AuditRow.number == left))
        session.execute(update(HeadRow).values(number=left, hash=last))


def test_a_log_that_only_grew_holds_and_what_no_head_covers_is_counted(office: Office, heads: Path) -> None:
    found = _held(office, heads)

    assert found.verification.holds
    assert (found.heads, found.open_entries) == (2, 3)


def test_a_tail_cut_off_before_the_last_head_is_seen_and_one_after_it_is_not(office: Office, heads: Path) -> None:
    entries = _held(office, heads).verification.entries
    _cut(office, entries - 2)
    assert _held(office, heads).verification.holds
    _cut(office, entries - 4)

    assert "the end is cut off" in _held(office, heads).verification.breaks[0].what


def test_a_log_written_anew_is_seen(office: Office, heads: Path) -> None:
    entries = _held(office, heads).verification.entries
    with office.store.writing() as session:
        session.execute(delete(AuditRow))
        session.execute(delete(HeadRow))
        append(session, NOON, [Entry("case.opened", "dia", {"n": n}) for n in range(entries)])

    assert not _held(office, heads).verification.holds


def test_a_roster_written_anew_is_seen(office: Office, heads: Path, tmp_path: Path) -> None:
    with office.store.writing() as session:
        session.execute(delete(RosterRow))
    twins = [make_key(tmp_path / f"{name}2.key", name, PASSPHRASE) for name in ("ada", "ben")]
    found_roster(office.store, twins[0], twins[1], NOON)

    assert "the roster has another key for robot, or none" in _held(office, heads).verification.breaks[0].what


@pytest.mark.parametrize(
    ("part", "value"), [("hash", "0" * 64), ("number", 3), ("at", 5), ("by", "ada"), ("signature", "00")]
)
def test_a_head_that_was_changed_is_seen(office: Office, heads: Path, part: str, value: object) -> None:
    lines = heads.read_text().splitlines()
    heads.write_text(json.dumps({**json.loads(lines[0]), part: value}) + "\n" + lines[1] + "\n")

    assert "its signature is not good" in _held(office, heads).verification.breaks[0].what


def test_heads_in_another_order_are_seen(office: Office, heads: Path) -> None:
    heads.write_text("\n".join(reversed(heads.read_text().splitlines())) + "\n")

    assert "an earlier entry than the head before it" in _held(office, heads).verification.breaks[0].what


def test_a_head_of_another_store_is_seen(office: Office, heads: Path) -> None:
    line = json.loads(heads.read_text().splitlines()[0])
    heads.write_text(json.dumps({**line, "store": "another"}) + "\n")

    assert "another store" in _held(office, heads).verification.breaks[0].what


@pytest.mark.parametrize("text", ["no json\n", "[]\n", "{}\n"])
def test_what_is_no_file_of_heads_is_told(office: Office, tmp_path: Path, text: str) -> None:
    (tmp_path / "odd").write_text(text)

    with pytest.raises(FormatError, match="line 1: it is no head"):
        _held(office, tmp_path / "odd")
    with pytest.raises(NotFoundError, match="no such file of heads"):
        _held(office, tmp_path / "nowhere")


def test_the_service_or_a_lead_signs_heads(office: Office, tmp_path: Path) -> None:
    write_head(office.store, office.keys["ada"], tmp_path / "heads", NOON)
    with pytest.raises(UsageError, match="cem may not sign heads"):
        write_head(office.store, office.keys["cem"], tmp_path / "heads", NOON)
    with pytest.raises(NotFoundError, match="no such folder"):
        write_head(office.store, office.keys["ada"], tmp_path / "no" / "heads", NOON)
    with pytest.raises(InputError, match="not the one that ada has"):
        write_head(office.store, make_key(tmp_path / "ada2.key", "ada", PASSPHRASE), tmp_path / "heads", NOON)

    assert len((tmp_path / "heads").read_text().splitlines()) == 1
