"""On a real Synapse the machine finds a wave of a known operator before its first message, and nobody else."""

from __future__ import annotations

import csv
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from samehand.casework import Appeals, Decision, Notices, bring, verify
from samehand.cli import main
from samehand.enforcement import Execution, SynapseConnector
from samehand.policy import DECISIONS
from samehand.records import Dataset
from samehand.sources import SYNAPSE_TOKEN, PlatformApi
from samehand.store import open_store
from tests.casework.scenes import Office, founded
from tests.enforcement.real_synapse import SERVER, Person, RealSynapse

pytestmark = pytest.mark.server

HISTORY, TAKEN_DOWN, WAVE, NEWCOMERS = 1_500, 8, 24, 10
DAY_S = 86_400
REMOVED_DAYS = 37
"""The operator's earlier accounts came 42 to 38 days ago, and were suspended so many days ago."""
HOUSES = ("203.0.113.7", "203.0.113.8", "198.51.100.20")
SCRIPT = "okhttp/4.9.0"
AGENTS = tuple(
    f"Element/1.11.{release} ({system}) Electron/{shell}"
    for release in range(60, 75)
    for system in ("Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "Macintosh; Intel Mac OS X 14_5")
    for shell in ("31.2.1", "30.1.2")
)
"""What people use, the most popular first."""
NAMES = ("anna", "bo", "carla", "dimitri", "ewa", "farid", "gita", "hugo", "ines", "jonas", "karim", "lena", "mei", "noor",
         "otto", "pia", "quin", "rosa", "sven", "tala", "uma", "vera", "wim", "xena", "yara", "zeno")  # fmt: skip


@dataclass(frozen=True)
class Past:
    """An account that signed up before the test began."""

    name: str
    at_s: int
    ip: str
    agent: str
    suspended: bool = False


def _people(draw: random.Random, now_s: int) -> Iterator[Past]:
    shares = [1 / (place + 1) for place in range(len(AGENTS))]
    for number in range(HISTORY):
        ending = draw.choice((f".{draw.choice(NAMES)}", str(draw.randrange(10, 9_999)), f"_{draw.randrange(100)}"))
        ip = f"{draw.randrange(20, 90)}.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(1, 255)}"
        at_s = now_s - draw.randrange(3_600, 30 * DAY_S)
        yield Past(f"{draw.choice(NAMES)}{ending}x{number}", at_s, ip, draw.choices(AGENTS, shares)[0])


def _operator(draw: random.Random, now_s: int) -> Iterator[Past]:
    for number in range(TAKEN_DOWN):
        at_s = now_s - draw.randrange(38 * DAY_S, 42 * DAY_S)
        yield Past(f"patriot_mum{1_000 + number}", at_s, HOUSES[number % len(HOUSES)], SCRIPT, suspended=True)


def _write_history(server: RealSynapse, past: list[Past]) -> None:
    users = [(f"@{one.name}:{SERVER}", one) for one in past]
    with closing(sqlite3.connect(server.folder / "homeserver.db", timeout=60)) as database, database:
        database.executemany(
            "INSERT INTO users (name, creation_ts, admin, is_guest, suspended, approved) VALUES (?, ?, 0, 0, ?, 1)",
            [(user, one.at_s, one.suspended) for user, one in users],
        )
        database.executemany(
            "INSERT INTO profiles (user_id, displayname, full_user_id) VALUES (?, ?, ?)",
            [(one.name, one.name, user) for user, one in users],
        )
        database.executemany(
            "INSERT INTO user_ips (user_id, access_token, device_id, ip, user_agent, last_seen) VALUES (?, '', 'D', ?, ?, ?)",
            [(user, one.ip, one.agent, 1_000 * one.at_s) for user, one in users],
        )


def _job(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"])
    assert ended.value.code == 0


def _write_known_bad(dataset: Dataset, file: Path, removed: datetime) -> int:
    """What the server itself says was suspended before, as `--known-bad` takes it."""
    suspended = {row["asset_id"] for row in dataset.table("assets").to_pylist() if row["status"] == "suspended"}
    rows: list[dict[str, Any]] = [
        {**row, "at": row["at"].isoformat(), "removed_at": removed.isoformat()}
        for row in dataset.table("signups").to_pylist()
        if row["asset_id"] in suspended
    ]
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def _answered(office: Office, decision: Decision) -> int:
    office.decisions.sample(decision.decision_id, "cem")
    return office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation).decision_id


def _suspended(office: Office, execution: Execution, case: int) -> int:
    """Suspend the wave for what it is: those who were suspended before, under new names."""
    proposed = office.decisions.propose(case, "suspend", ["ban_evasion"], "The mums of last month.", office.keys["dia"])
    number = _answered(office, proposed)
    assert execution.run(number, "dia").complete
    return number


def test_the_wave_that_the_machine_finds_is_suspended_before_its_first_message_and_people_are_not(
    synapse: RealSynapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, now_s = random.Random(4), int(time.time())
    token = synapse.admin_token("root")
    _write_history(synapse, [*_people(draw, now_s), *_operator(draw, now_s)])
    people: list[Person] = []
    for number in range(NEWCOMERS):  # each two share an address, and all three popular programs
        name, ip = f"{NAMES[number]}{draw.randrange(10, 9_999)}", f"192.0.2.{number // 2 + 1}"
        people.append(synapse.sign_up(name, ip, AGENTS[number // 2 % 3]))
    wave = [synapse.sign_up(f"patriot_mum{1_900 + n}", HOUSES[n % len(HOUSES)], SCRIPT) for n in range(WAVE)]
    room = people[0].open_room()
    for person in (*people[1:], *wave):
        person.enter(room)
    monkeypatch.setenv(SYNAPSE_TOKEN, token)

    _job("import", "synapse", synapse.url, "--into", str(tmp_path / "d"))
    dataset, file = Dataset.open(tmp_path / "d"), tmp_path / "known_bad.csv"
    assert _write_known_bad(dataset, file, datetime.fromtimestamp(now_s - REMOVED_DAYS * DAY_S, UTC)) == TAKEN_DOWN
    _job("signups", "replay", str(tmp_path / "d"), "--out", str(tmp_path / "run"), "--known-bad", str(file))
    decisions = pq.read_table(tmp_path / "run" / "decisions.parquet").to_pylist()
    limit = DECISIONS.index("limit")
    found = sorted({row["asset_id"] for row in decisions if DECISIONS.index(row["decision"]) >= limit})

    assert found == sorted(person.user for person in wave)
    with open_store(f"sqlite:///{tmp_path}/store.sqlite") as store, PlatformApi(synapse.url, token) as api:
        office = founded(store, tmp_path)
        execution = Execution(office.casework, SynapseConnector(api), "matrix")
        cases = {one.case.case_id for one in bring(office.casework, tmp_path / "run", [], "dia")}
        decided = [_suspended(office, execution, case) for case in sorted(cases)]
        assert {person.send(room, "hello") for person in wave} == {(403, "M_USER_SUSPENDED")}
        assert {person.send(room, "hello") for person in people} == {(200, None)}

        told: dict[str, str] = {}
        Notices(office.casework).write(
            "dia", lambda one: told.update({one.asset_id: one.reference}), contact="appeals@cib.test"
        )
        assert sorted(told) == found
        appeal = Appeals(office.casework).receive(told[wave[0].user], "I am a mum.", "dia")
        ruled = Appeals(office.casework).decide(appeal.appeal_id, "overturned", "She is.", office.keys["eva"])
        assert execution.run(ruled.reversal_id or 0, "dia").complete
        assert wave[0].send(room, "thanks") == (200, None)
        assert {person.send(room, "hello") for person in wave[1:]} == {(403, "M_USER_SUSPENDED")}
        for decision in decided:
            back = office.decisions.propose_reversal(decision, "A choir.", office.keys["dia"])
            assert execution.run(_answered(office, back), "dia").complete
        assert {person.send(room, "hello") for person in wave} == {(200, None)}
        with store.reading() as session:
            assert verify(session).holds
