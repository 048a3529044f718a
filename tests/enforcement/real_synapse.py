"""A real Synapse for tests: set up in a folder, on this machine only, and ended by its process id."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import sqlite3
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

SERVER = "cib.test"
SECRET = "a secret of tests only"
PASSWORD = "a password of tests only"
LONGEST_START_S = 120
_FREE = {"per_second": 100_000, "burst_count": 100_000}


def _settings(folder: Path, port: int) -> dict[str, Any]:
    listener = {"port": port, "type": "http", "tls": False, "bind_addresses": ["127.0.0.1"], "x_forwarded": True}
    return {
        "listeners": [{**listener, "resources": [{"names": ["client"], "compress": False}]}],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "registration_shared_secret": SECRET,
        "enable_registration": True,
        "allow_guest_access": True,
        "enable_registration_without_verification": True,
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "rc_registration": _FREE,
        "rc_message": _FREE,
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), _FREE),
        "rc_joins": dict.fromkeys(("local", "remote"), _FREE),
        "rc_joins_per_room": _FREE,
    }


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Person:
    """Somebody who uses the server, always from the same address and with the same agent."""

    user: str
    client: httpx.Client

    def send(self, room: str, text: str) -> tuple[int, str | None]:
        """Post to a room: the HTTP status, and the code of the error."""
        path = f"/_matrix/client/v3/rooms/{room}/send/m.room.message/{time.monotonic_ns()}"
        answer = self.client.put(path, json={"msgtype": "m.text", "body": text})
        return answer.status_code, answer.json().get("errcode")

    def enter(self, room: str) -> None:
        """Join a room."""
        self.client.post(f"/_matrix/client/v3/join/{room}", json={}).raise_for_status()

    def open_room(self) -> str:
        """Make a room that everybody may join."""
        answer = self.client.post("/_matrix/client/v3/createRoom", json={"preset": "public_chat"}).raise_for_status()
        return str(answer.json()["room_id"])


@dataclass
class RealSynapse:
    """A server that runs."""

    url: str
    folder: Path
    clients: list[httpx.Client] = field(default_factory=list)

    def _client(self, **headers: str) -> httpx.Client:
        client = httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)
        self.clients.append(client)
        return client

    def admin_token(self, name: str) -> str:
        """Make an admin with the secret that admins' tools share with the server."""
        path, client = "/_synapse/admin/v1/register", self._client()
        nonce = client.get(path).json()["nonce"]
        words = "\0".join([nonce, name, PASSWORD, "admin"]).encode()
        mac = hmac.new(SECRET.encode(), words, hashlib.sha1).hexdigest()
        facts = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": True, "mac": mac}
        return str(client.post(path, json=facts).raise_for_status().json()["access_token"])

    def sign_up(self, name: str, ip: str, agent: str) -> Person:
        """Register, log in, and be seen."""
        client = self._client(**{"X-Forwarded-For": ip, "User-Agent": agent})
        facts = {"auth": {"type": "m.login.dummy"}, "username": name, "password": PASSWORD, "inhibit_login": True}
        client.post("/_matrix/client/v3/register", json=facts).raise_for_status()
        login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": PASSWORD}
        answer = client.post("/_matrix/client/v3/login", json=login).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {answer['access_token']}"
        client.get("/_matrix/client/v3/account/whoami").raise_for_status()
        return Person(str(answer["user_id"]), client)

    def date_signup(self, user: str, at_s: int) -> None:
        """Say that a user signed up at another time than now."""
        with closing(sqlite3.connect(self.folder / "homeserver.db", timeout=60)) as database, database:
            database.execute("UPDATE users SET creation_ts = ? WHERE name = ?", (at_s, user))

    def wait_for_connections(self, users: Collection[str]) -> None:
        """Wait until the server has written down from where everybody came.

        It does so every five seconds, and while it does a question after a user's connections may find none.
        """
        end = time.monotonic() + 60
        with closing(sqlite3.connect(self.folder / "homeserver.db", timeout=60)) as database:
            while not set(users) <= {user for (user,) in database.execute("SELECT user_id FROM user_ips")}:
                assert time.monotonic() < end, "the server does not write down connections"
                time.sleep(0.2)

    def close_account(self, person: Person, token: str) -> None:
        """Deactivate somebody."""
        client = self._client(Authorization=f"Bearer {token}")
        client.post(f"/_synapse/admin/v1/deactivate/{person.user}", json={"erase": False}).raise_for_status()

    def enter_as_guest(self) -> None:
        """Come without an account."""
        self._client().post("/_matrix/client/v3/register", params={"kind": "guest"}, json={}).raise_for_status()

    def close(self) -> None:
        for client in self.clients:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@contextmanager
def real_synapse(python: Path, folder: Path) -> Iterator[RealSynapse]:
    """Run a server in a folder of its own until the end of the block, whatever happens in it."""
    port = _free_port()
    command = [str(python), "-m", "synapse.app.homeserver", "--config-path", "made.yaml"]
    generate = ["--server-name", SERVER, "--generate-config", "--report-stats=no"]
    subprocess.run([*command, *generate], cwd=folder, check=True, capture_output=True, timeout=LONGEST_START_S)
    (folder / "own.yaml").write_text(json.dumps(_settings(folder, port)), encoding="utf-8")
    with (folder / "out.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--config-path", "own.yaml"], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url, folder)
            with RealSynapse(url, folder) as server:
                yield server
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    until = time.monotonic() + LONGEST_START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", trust_env=False, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    told = (folder / "out.log").read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"Synapse does not answer (exit {process.poll()}):\n{told}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
