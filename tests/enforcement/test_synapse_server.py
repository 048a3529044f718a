"""Accounts of a real Synapse are read, and those named are suspended and reinstated; `test_synapse_detected.py` finds them."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from samehand.cli import main
from samehand.enforcement import Act, Batch, SynapseConnector, carry_out
from samehand.records import Dataset
from samehand.sources import SYNAPSE_TOKEN, PlatformApi
from tests.enforcement.real_synapse import Person, RealSynapse

pytestmark = pytest.mark.server

ORGANIC = 40
BURST = 30
DAY_S = 86_400
SHARED = ("203.0.113.7", "203.0.113.8", "198.51.100.20")
BURST_AGENT = "okhttp/4.9.0"
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
    "Element/1.11.70 (Windows NT 10.0; Win64; x64) Electron/31.2.1",
    "Element X Android/24.08.0 (Pixel 7; Android 14)",
)
NAMES = ("anna", "bo", "carla", "dimitri", "ewa", "farid", "gita", "hugo", "ines", "jonas")


@dataclass(frozen=True)
class Town:
    """All that the server knows of: an admin, people, a burst, and a room that everybody is in."""

    server: RealSynapse
    token: str
    organic: tuple[Person, ...]
    burst: tuple[Person, ...]
    room: str


@pytest.fixture(scope="module")
def town(synapse: RealSynapse) -> Town:
    draw = random.Random(4)
    token = synapse.admin_token("root")
    now_s = int(time.time())
    organic = []
    for number in range(ORGANIC):
        name = f"{NAMES[number % len(NAMES)]}{draw.choice(('', '.', '_'))}{draw.randrange(10, 10_000)}x{number}"
        ip = f"192.0.2.{number // 2 + 1}"  # two live behind each address
        organic.append(synapse.sign_up(name, ip, draw.choice(AGENTS)))
        synapse.date_signup(organic[-1].user, now_s - draw.randrange(30 * DAY_S))
    burst = [synapse.sign_up(f"patriot_mum{1900 + n}", SHARED[n % 3], BURST_AGENT) for n in range(BURST)]
    room = organic[0].open_room()
    for person in (*organic[1:], *burst):
        person.enter(room)
    synapse.wait_for_connections([person.user for person in (*organic, *burst)])
    return Town(synapse, token, tuple(organic), tuple(burst), room)


@pytest.fixture
def connector(town: Town) -> Iterator[SynapseConnector]:
    with PlatformApi(town.server.url, town.token) as api:
        yield SynapseConnector(api)


def _imported(town: Town, into: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setenv(SYNAPSE_TOKEN, town.token)
    with pytest.raises(SystemExit) as ended:
        main(["import", "synapse", town.server.url, "--into", str(into), "--json"])
    assert ended.value.code == 0
    return Dataset.open(into)


def _outcomes(batch: Batch) -> Counter[str]:
    return Counter(act.outcome for act in batch.acts)


def test_every_user_is_read_with_the_address_and_agent_that_it_came_with(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = _imported(town, tmp_path / "d", monkeypatch)

    source = dataset.manifest.sources[0]
    assert (source.read, source.kept, source.merged, source.rejected) == (
        ORGANIC + BURST + 1,
        ORGANIC + BURST + 1,
        0,
        0,
    )
    seen = {row["asset_id"]: row for row in dataset.table("signups").to_pylist()}
    for person in (*town.organic, *town.burst):
        row, headers = seen[person.user], person.client.headers
        assert (row["ip"], row["user_agent"]) == (headers["X-Forwarded-For"], headers["User-Agent"])
    assert dataset.rows("logins") >= ORGANIC + BURST
    assert len({row["at"].date() for row in seen.values()}) > 10


def test_what_was_said_in_the_open_room_is_read(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person = town.organic[3]
    assert person.send(town.room, "the bakery on the corner is open again") == (200, None)

    posts = _imported(town, tmp_path / "d", monkeypatch).table("posts").to_pylist()

    (mine,) = [post for post in posts if post["text"] == "the bakery on the corner is open again"]
    assert (mine["asset_id"], mine["kind"]) == (person.user, "original")


def test_reading_the_server_again_adds_no_signup(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _imported(town, tmp_path / "d", monkeypatch)
    logins = first.rows("logins")

    again = _imported(town, tmp_path / "d", monkeypatch)

    assert {name: again.rows(name) for name in ("assets", "signups", "logins")} == {
        "assets": ORGANIC + BURST + 1,
        "signups": ORGANIC + BURST + 1,
        "logins": logins,
    }


def test_a_burst_is_suspended_before_its_first_message_and_can_be_reinstated(
    town: Town, connector: SynapseConnector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = sorted(person.user for person in town.burst)

    assert _outcomes(carry_out(connector, accounts, "suspend")) == {"done": BURST}

    assert {person.send(town.room, "hello") for person in town.burst} == {(403, "M_USER_SUSPENDED")}
    assert {person.send(town.room, "hello") for person in town.organic} == {(200, None)}
    assert _outcomes(carry_out(connector, accounts, "suspend")) == {"already": BURST}
    statuses = _imported(town, tmp_path / "after", monkeypatch).table("assets", ["asset_id", "status"]).to_pylist()
    assert {row["asset_id"] for row in statuses if row["status"] == "suspended"} == set(accounts)

    first, *others = town.burst
    assert connector.act(first.user, "reinstate").outcome == "done"
    assert first.send(town.room, "sorry") == (200, None)
    assert {person.send(town.room, "hello") for person in others} == {(403, "M_USER_SUSPENDED")}
    assert _outcomes(carry_out(connector, accounts, "reinstate")) == {"already": 1, "done": BURST - 1}
    assert {person.send(town.room, "hello") for person in town.burst} == {(200, None)}
    assert _outcomes(carry_out(connector, accounts, "reinstate")) == {"already": BURST}


def test_the_switch_stops_the_rest(town: Town, connector: SynapseConnector) -> None:
    users = [person.user for person in town.organic[:4]]
    acts: list[Act] = []

    batch = carry_out(connector, users, "suspend", stopped=lambda: len(acts) == 2, told=acts.append)

    assert [connector.state(user).suspended for user in users] == [True, True, False, False]
    assert batch.left == tuple(users[2:])
    assert _outcomes(carry_out(connector, users, "reinstate")) == {"done": 2, "already": 2}


def test_the_admin_a_stranger_and_a_closed_account_are_not_acted_on(town: Town, connector: SynapseConnector) -> None:
    gone = town.server.sign_up("leaver", "192.0.2.200", AGENTS[0])
    town.server.close_account(gone, town.token)

    acts = [
        connector.act(user, "suspend") for user in ("@root:cib.test", "@ann:other.test", "@nobody:cib.test", gone.user)
    ]

    assert [act.outcome for act in acts] == ["failed"] * 4
    assert [act.detail.split(" (")[0] for act in acts] == [
        "refused: it is the user whose token is used",
        "the server has no such user",
        "the server has no such user",
        "refused: it is deactivated, which no suspension adds to and no reinstatement undoes",
    ]


def test_a_token_of_no_admin_reads_nothing(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = town.organic[0].client.headers["Authorization"].removeprefix("Bearer ")

    for wrong in (token, "syt_unknown"):
        monkeypatch.setenv(SYNAPSE_TOKEN, wrong)
        with pytest.raises(SystemExit) as ended:
            main(["import", "synapse", town.server.url, "--into", str(tmp_path / "d")])
        assert ended.value.code == 2
    assert not (tmp_path / "d").exists()


def test_guests_are_counted_as_rejected(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town.server.enter_as_guest()

    dataset = _imported(town, tmp_path / "d", monkeypatch)

    assert dict(dataset.manifest.sources[0].reasons) == {"a guest, who has not signed up": 1}
