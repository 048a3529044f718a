from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from samehand.errors import InputError, JobError, NotFoundError, UsageError
from samehand.policy import read_signup_policy
from samehand.records import schema_of
from samehand.signups import Journal, KeyRing, KnownBad
from tests.signups.streams import RING, START, decided, in_order, people, scripted, stream_of

POLICY = read_signup_policy()
ROTATED = KeyRing(("2", "1"), (b"n" * 32, *RING.keys))
DRIVER = """
import sys
from pathlib import Path
from typing import Any
import pyarrow.parquet as pq
from samehand.policy import read_signup_policy
from samehand.signups import Journal, KeyRing

ring = KeyRing(("1",), (b"k" * 32,))
table = pq.read_table(sys.argv[1])
with Journal(sys.argv[2], read_signup_policy(), ring, steps=700) as journal:
    print(journal.number, flush=True)
    for row in range(journal.number, len(table)):
        journal.feed(table.slice(row, 1))
        print(journal.number, flush=True)
"""


@cache
def _world() -> pa.Table:
    return in_order(people(), scripted(60, 16.0))


def _at(day: float) -> int:
    return int((START + timedelta(days=day)).timestamp() * 1e6)


def _open(folder: Path, **more: object) -> Journal:
    return Journal(folder, POLICY, RING, **{"steps": 1_000, **more})  # type: ignore[arg-type]


def _all(journal: Journal) -> pa.Table:
    return pa.concat_tables([table for _, table in journal.open_decisions()])


@pytest.mark.parametrize("steps", [300, 100_000])
def test_a_journal_that_is_opened_again_and_again_decides_as_a_stream(tmp_path: Path, steps: int) -> None:
    table = _world()
    for low in range(0, len(table), 400):
        with _open(tmp_path / "journal", steps=steps) as journal:
            for row in range(low, min(low + 400, len(table)), 40):
                journal.feed(table.slice(row, min(40, low + 400 - row)))
    with _open(tmp_path / "journal") as journal:
        journal.finish()
        found = _all(journal)

    assert found.equals(decided(table))


class _Reopened:
    """A journal that is closed and opened again before every step."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder, self.more, self.journal = folder, more, _open(folder, **more)

    def __getattr__(self, name: str) -> Any:
        self.journal.close()
        self.journal = _open(self.folder, **self.more)
        return getattr(self.journal, name)


def _review(names: list[str]) -> pa.Table:
    known = START + timedelta(days=9)
    rows = [
        {"platform": "sim", "asset_id": name, "label": "genuine", "source": "review", "known_at": known}
        for name in names
    ]
    return pa.Table.from_pylist(rows, schema=schema_of("labels"))


def _devices(names: list[str]) -> pa.Table:
    rows = [
        {"platform": "sim", "asset_id": name, "at": START + timedelta(days=1 + k / 200), "device_id": f"d{k // 3}"}
        for k, name in enumerate(names)
    ]
    return pa.Table.from_pylist(rows, schema=schema_of("logins"))


def _every_kind(one: Any) -> list[pa.Table]:
    """A step of every kind, and the decisions that they bring."""
    table, names = _world(), _world()["asset_id"].to_pylist()
    one.label(_review(names[:40]))
    one.log_in(_devices(names[:3_000]))
    found = [one.feed(table.slice(0, 2_700)), one.lift("sim", "planted-20", _at(17.0), "an appeal was upheld")]
    found.append(one.roll_back(1, _at(17.1), "a mistake"))
    found += [one.vouch(("sim", "planted-21"), ("sim", name), _at(-200.0), _at(17.2)) for name in names[:2]]
    one.pardon("sim", "planted-5003")
    return [*found, one.feed(table.slice(2_700)), one.finish()]


def test_every_kind_of_step_is_taken_again(tmp_path: Path) -> None:
    removed = pa.array([START + timedelta(days=12)] * 30, pa.timestamp("us", "UTC"))
    known = KnownBad.of(scripted(30, 2.0, seed=9, first=5_000).append_column("removed_at", removed), RING)
    expected = _every_kind(stream_of(known=known, suspends=True))
    again = _Reopened(tmp_path / "journal", known=known, suspends=True)

    assert [table.to_pylist() for table in _every_kind(again)] == [table.to_pylist() for table in expected]
    assert len(expected[2]) > 20
    assert again.number == 10
    stream = again.stream
    assert len(stream.learner.examples) == 40
    assert stream.crowds is not None
    assert len(stream.known) == 29
    assert stream.suspends
    again.journal.close()


def test_under_a_rotated_ring_facts_are_taken_over_after_a_crash_as_before(tmp_path: Path) -> None:
    known = KnownBad.of(
        people().slice(0, 20).append_column("removed_at", pa.array([START] * 20, pa.timestamp("us", "UTC"))), ROTATED
    )
    older = KnownBad(known.account, known.facts, known.removed_us, known.key + 1)
    with Journal(tmp_path / "journal", POLICY, ROTATED, known=older) as journal:
        journal.feed(people().slice(0, 50))
        once = journal.stream.known
    with Journal(tmp_path / "journal", POLICY, ROTATED) as journal:
        assert journal.stream.known.facts.tolist() == once.facts.tolist()


def test_decisions_stay_open_until_they_are_taken(tmp_path: Path) -> None:
    with _open(tmp_path / "journal", steps=50) as journal:
        for row in range(0, 100, 10):
            journal.feed(people().slice(row, 10))
        journal.taken(4)
    with _open(tmp_path / "journal") as journal:
        assert [number for number, _ in journal.open_decisions()] == [5, 6, 7, 8, 9, 10]
        journal.taken(journal.number)
        assert journal.open_decisions() == []
    with _open(tmp_path / "journal") as journal:
        assert journal.open_decisions() == []


def _cut(folder: Path, bytes_off: int) -> None:
    file = max(folder.glob("steps-*"), key=lambda one: int(one.name.removeprefix("steps-")))
    os.truncate(file, file.stat().st_size - bytes_off)


@pytest.mark.parametrize("bytes_off", [1, 60, 250, 900])
def test_a_step_that_is_not_whole_was_never_answered_and_comes_again(tmp_path: Path, bytes_off: int) -> None:
    with _open(tmp_path / "journal") as journal:
        for row in range(5):
            journal.feed(people().slice(row, 1))
    _cut(tmp_path / "journal", bytes_off)
    with _open(tmp_path / "journal") as journal:
        done = journal.number
        assert done < 5
        for row in range(done, 200):
            journal.feed(people().slice(row, 1))
    with _open(tmp_path / "journal") as journal:
        assert journal.number == 200
        assert _all(journal)["asset_id"].to_pylist() == people()["asset_id"].to_pylist()[:200]


@pytest.mark.parametrize("byte", [0, 5, 9, 20, 30, 300, -3])
def test_what_is_damaged_in_the_middle_is_refused_and_left_as_it_is(tmp_path: Path, byte: int) -> None:
    with _open(tmp_path / "journal") as journal:
        for row in range(5):
            journal.feed(people().slice(row, 1))
    file = tmp_path / "journal" / "steps-0"
    before = bytearray(file.read_bytes())
    before[byte if byte >= 0 else len(before) // 5 + byte] ^= 1
    file.write_bytes(before)

    with pytest.raises(InputError, match=r"steps-0: is damaged at byte \d+; go back to a copy"):
        _open(tmp_path / "journal")
    assert file.read_bytes() == before


@pytest.mark.parametrize("zeros", [1, 40, 5_000])
def test_zeros_at_the_end_are_what_a_loss_of_power_leaves(tmp_path: Path, zeros: int) -> None:
    with _open(tmp_path / "journal", durable=True) as journal:
        for row in range(5):
            journal.feed(people().slice(row, 1))
    with (tmp_path / "journal" / "steps-0").open("ab") as file:
        file.write(bytes(zeros))
    with _open(tmp_path / "journal", durable=True) as journal:
        assert journal.number == 5
        journal.feed(people().slice(5, 1))
    with _open(tmp_path / "journal") as journal:
        assert _all(journal)["asset_id"].to_pylist() == people()["asset_id"].to_pylist()[:6]


def test_where_a_state_cannot_be_written_steps_go_on_and_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    with _open(tmp_path / "journal", steps=30) as journal:
        with monkeypatch.context() as broken:
            broken.setattr("samehand.signups.journal.save_stream", full)
            for row in range(50):
                assert len(journal.feed(people().slice(row, 1))) == 1
        assert "no space left" in journal.trouble
        assert journal.number == 50
    with _open(tmp_path / "journal", steps=30) as journal:
        assert journal.number == 50
        journal.feed(people().slice(50, 1))
        assert journal.trouble == ""
    assert sorted(one.name for one in (tmp_path / "journal").iterdir()) == ["lock", "state-51", "steps-51"]
    with _open(tmp_path / "journal") as journal:
        assert _all(journal)["asset_id"].to_pylist() == people()["asset_id"].to_pylist()[:51]


def test_a_step_that_is_broken_off_while_it_is_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def cut(handle: int, words: bytes) -> int:
        write(handle, words[:100])
        raise KeyboardInterrupt

    with _open(tmp_path / "journal") as journal:
        journal.feed(people().slice(0, 10))
        with monkeypatch.context() as broken:
            broken.setattr(os, "write", cut)
            with pytest.raises(KeyboardInterrupt):
                journal.feed(people().slice(10, 10))
        with pytest.raises(JobError, match="open the journal again"):
            journal.feed(people().slice(10, 10))
    with _open(tmp_path / "journal") as journal:
        assert journal.number == 1


def test_numbers_of_any_make_are_written_down(tmp_path: Path) -> None:
    with _open(tmp_path / "journal") as journal:
        journal.feed(people().slice(0, 10))
        journal.lift("sim", people()["asset_id"][0].as_py(), np.int64(_at(1.0)), "?")  # type: ignore[arg-type]
    with _open(tmp_path / "journal") as journal:
        assert journal.number == 2


def test_bad_input_is_refused_and_the_journal_goes_on(tmp_path: Path) -> None:
    labels = _review(people()["asset_id"].to_pylist()[:3])
    nothing = labels.set_column(4, "known_at", pa.nulls(3, pa.timestamp("us", "UTC")))
    logins = _devices(people()["asset_id"].to_pylist()[:3])
    with _open(tmp_path / "journal") as journal:
        with pytest.raises(InputError, match="labels, row 1, known_at: is empty"):
            journal.label(nothing)
        with pytest.raises(InputError, match="labels: there is no column label"):
            journal.label(labels.drop_columns("label"))
        with pytest.raises(InputError, match="logins, row 1, at: is empty"):
            journal.log_in(logins.set_column(2, "at", pa.nulls(3, pa.timestamp("us", "UTC"))))
        journal.feed(people().slice(0, 10))
        assert journal.number == 1


def test_a_voucher_for_somebody_who_is_not_there_is_not_taken_down(tmp_path: Path) -> None:
    with _open(tmp_path / "journal") as journal:
        journal.feed(people().slice(0, 10))
        with pytest.raises(NotFoundError, match="sim:nobody is not among"):
            journal.vouch(("sim", "nobody"), ("sim", "old"), _at(-200.0), _at(1.0))
        assert journal.stream.vouches.spoken == []


def test_what_raises_is_no_step(tmp_path: Path) -> None:
    with _open(tmp_path / "journal") as journal:
        journal.feed(people().slice(0, 10))
        with pytest.raises(NotFoundError):
            journal.lift("sim", "nobody", _at(1.0), "?")
        assert journal.number == 1
    with _open(tmp_path / "journal") as journal:
        assert journal.number == 1


def test_a_step_that_cannot_be_written_down_stops_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _open(tmp_path / "journal") as journal:
        journal.feed(people().slice(0, 10))

        def full(*_: object) -> int:
            raise OSError(28, "no space left on device")

        with monkeypatch.context() as broken:
            broken.setattr(os, "write", full)
            with pytest.raises(JobError, match="could not be written down, and does not count"):
                journal.feed(people().slice(10, 10))
        with pytest.raises(JobError, match="open the journal again"):
            journal.feed(people().slice(20, 10))
    with _open(tmp_path / "journal") as journal:
        assert journal.number == 1
        journal.feed(people().slice(10, 10))
        assert _all(journal)["asset_id"].to_pylist() == people()["asset_id"].to_pylist()[:20]


def test_a_step_that_is_broken_off_stops_the_journal_and_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _open(tmp_path / "journal") as journal:
        journal.feed(people().slice(0, 10))
        with monkeypatch.context() as broken:
            broken.setattr(journal.stream, "_decide", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                journal.feed(people().slice(10, 10))
        with pytest.raises(JobError, match="was broken off or not written down; open the journal again"):
            journal.feed(people().slice(10, 10))
    (tmp_path / "journal" / ".state-9.new-x").mkdir()
    with _open(tmp_path / "journal") as journal:
        assert journal.number == 1
        assert len(journal.feed(people().slice(10, 10))) == 10
    assert sorted(one.name for one in (tmp_path / "journal").iterdir()) == ["lock", "state-0", "steps-0"]


def test_one_process_at_a_time_may_open_it(tmp_path: Path) -> None:
    with _open(tmp_path / "journal"), pytest.raises(UsageError, match="another process has this journal open"):
        _open(tmp_path / "journal")


def test_another_policy_or_other_keys_are_refused(tmp_path: Path) -> None:
    _open(tmp_path / "journal").close()

    with pytest.raises(InputError, match="under other keys"):
        Journal(tmp_path / "journal", POLICY, ROTATED)
    _open(tmp_path / "journal").close()


def test_nothing_on_disk_can_be_read_by_others_or_holds_a_value(tmp_path: Path) -> None:
    with _open(tmp_path / "journal", durable=True) as journal:
        journal.feed(_world().slice(0, 500))
    files = [one for one in (tmp_path / "journal").rglob("*") if one.is_file()]

    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0
    steps = b"".join(one.read_bytes() for one in files)
    for column in ("ip", "username", "device_id", "phone_prefix"):
        for value in pc.unique(_world()[column].slice(0, 500)).drop_null().to_pylist():
            assert len(value) < 6 or value.encode() not in steps
    assert all(one.stat().st_mode & 0o077 == 0 or one.parent.stat().st_mode & 0o077 == 0 for one in files)


def _killed(world: Path, folder: Path, after: int) -> int:
    """Feed one by one and kill it; the last number that was answered."""
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(world), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    last = begun = int(process.stdout.readline())
    try:
        while last < begun + after:
            line = process.stdout.readline()
            assert line, "it ended before it was killed"
            last = int(line)
        time.sleep(0.001 * (after % 7))
    finally:
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().split()
        process.wait()
        process.stdout.close()
    return int(rest[-1]) if rest else last


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_kill_9_loses_no_answer_and_repeats_none(tmp_path: Path) -> None:
    pq.write_table(_world(), tmp_path / "world.parquet")
    answered = 0
    for after in (200, 731, 1, 950):
        answered = _killed(tmp_path / "world.parquet", tmp_path / "journal", after)
        with _open(tmp_path / "journal") as journal:
            assert journal.number >= answered
            answered = journal.number
    with _open(tmp_path / "journal") as journal:
        for row in range(answered, len(_world())):
            journal.feed(_world().slice(row, 1))
        journal.finish()

        assert _all(journal).equals(decided(_world()))
    shutil.rmtree(tmp_path / "journal")
