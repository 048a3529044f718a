"""Messages of a Synapse server's open rooms: each kept or rejected, and nothing of rooms that are not for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samehand.errors import JobError
from samehand.records import Dataset
from samehand.sources import PlatformApi, import_server
from tests.fake_synapse import TOKEN, FakeSynapse, fake_synapse, json_fault

ROOMS = "/_synapse/admin/v1/rooms"


@pytest.fixture
def fake() -> Iterator[FakeSynapse]:
    with fake_synapse() as server:
        yield server


def _imported(fake: FakeSynapse, into: Path) -> Dataset:
    with PlatformApi(fake.url, TOKEN, sleep=lambda pause_s: None) as api:
        import_server("synapse", api, into)
    return Dataset.open(into)


def _posts(dataset: Dataset) -> list[dict[str, Any]]:
    return sorted(dataset.table("posts").to_pylist(), key=lambda row: row["posted_at"])


def test_every_message_of_every_open_room_is_a_post(fake: FakeSynapse, tmp_path: Path) -> None:
    anna, bo = fake.add("anna"), fake.add("bo")
    said = [fake.say(room, who) for room in map(fake.open_room, "abc") for who in (anna, bo) * 3]

    dataset = _imported(fake, tmp_path / "d")

    assert [row["post_id"] for row in _posts(dataset)] == said
    assert {row["asset_id"] for row in _posts(dataset)} == {anna, bo}
    assert _posts(dataset)[0]["text"] == "word 1"
    accounts, posts = dataset.manifest.sources
    assert (accounts.read, posts.read, posts.kept, posts.rejected) == (3, 18, 18, 0)
    assert _imported(fake, tmp_path / "d").manifest == dataset.manifest


def test_what_is_new_is_added(fake: FakeSynapse, tmp_path: Path) -> None:
    room, anna = fake.open_room("a"), fake.add("anna")
    fake.say(room, anna)
    _imported(fake, tmp_path / "d")
    fake.say(room, anna)

    dataset = _imported(fake, tmp_path / "d")

    assert dataset.rows("posts") == 2
    assert (dataset.manifest.sources[-1].kept, dataset.manifest.sources[-1].merged) == (1, 1)


@pytest.mark.parametrize(
    ("facts", "note"),
    [
        ({"join_rules": "invite"}, "1 rooms are not for anybody to join"),
        ({"join_rules": None}, "1 rooms are not for anybody to join"),
        ({"encryption": "m.megolm.v1.aes-sha2"}, "1 rooms that anybody may join are encrypted"),
    ],
)
def test_nothing_is_read_of_a_room_that_is_not_for_everybody(
    fake: FakeSynapse, tmp_path: Path, facts: dict[str, Any], note: str
) -> None:
    anna = fake.add("anna")
    fake.say(fake.open_room("open"), anna)
    fake.say(fake.open_room("closed", **facts), anna)

    dataset = _imported(fake, tmp_path / "d")

    assert dataset.rows("posts") == 1
    assert dataset.manifest.sources[1].notes[0].startswith(note)
    assert f"{ROOMS}/!closed:fake.test/messages" not in fake.asked


def test_answers_files_changes_and_what_was_taken_away(fake: FakeSynapse, tmp_path: Path) -> None:
    room, anna = fake.open_room("a"), fake.add("anna")
    first = fake.say(room, anna)
    answer = {"body": "yes", "m.relates_to": {"m.in_reply_to": {"event_id": first}}}
    fake.say(room, anna, answer)
    fake.say(room, anna, {"msgtype": "m.image", "body": "cat.png", "url": "mxc://fake.test/abc"})
    fake.say(room, anna, {"body": "* yes", "m.relates_to": {"rel_type": "m.replace", "event_id": first}})
    fake.say(room, anna, {})
    fake.say(room, anna, origin_server_ts="yesterday")
    fake.say(room, "nobody")

    dataset = _imported(fake, tmp_path / "d")

    kept = [(row["kind"], row["text"], row["ref_post_id"], row["media_hashes"]) for row in _posts(dataset)]
    assert kept == [
        ("original", "word 1", None, None), ("reply", "yes", first, None), ("original", None, None, ["id:mxc://fake.test/abc"]),
    ]  # fmt: skip
    assert dict(dataset.manifest.sources[1].reasons) == {
        "a change of a message, which is kept as it was first": 1, "the message was taken away": 1,
        "origin_server_ts is no time that can be read": 1, "the message has no sender or no id": 1,
    }  # fmt: skip


@pytest.mark.parametrize("path", [ROOMS, f"{ROOMS}/!a:fake.test/messages"])
def test_a_server_that_fails_on_the_way_leaves_nothing_behind(fake: FakeSynapse, tmp_path: Path, path: str) -> None:
    fake.say(fake.open_room("a"), fake.add("anna"))
    fake.faults[path] = [json_fault(500)] * 5

    with pytest.raises(JobError, match="run this again"):
        _imported(fake, tmp_path / "d")
    assert not (tmp_path / "d").exists()
