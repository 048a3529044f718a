"""A small server that answers as Mastodon's admin API is documented to, on this machine only, and fails where it is told to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.serving import JsonHandler, serving

TOKEN = "masto_fake_token"
OWN = "100"
EVERYONE = {"id": -99, "name": "", "color": "", "permissions": 65536, "highlighted": False}
MODERATOR = {"id": 1, "name": "Moderator", "color": "", "permissions": 0x10400 | 0x10, "highlighted": True}
DONE_BY = {"disable": "disabled", "silence": "silenced", "suspend": "suspended", "sensitive": "sensitized"}
UNDONE_BY = {"enable": "disabled", "unsilence": "silenced", "unsuspend": "suspended", "unsensitive": "sensitized"}


@dataclass(frozen=True)
class Fault:
    """An answer in the place of the right one; status 0 cuts the line; where `silent`, once the client gives up.

    `done` says whether what was asked is done all the same, so that only the reply is lost.
    """

    status: int = 0
    done: bool = False
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False


@dataclass
class FakeMastodon:
    """What the server knows, what it was asked, and the faults that wait for a path: each is spent once, in order.

    Attributes:
        strikes: account and what was done to it, each time that something was.

    """

    url: str = ""
    own: str = OWN
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    strikes: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    page: int = 100

    def add(self, username: str, **facts: Any) -> str:
        """An account of this server."""
        number = str(facts.pop("id", 100 + len(self.accounts)))
        made = "2026-05-01T10:00:00.000Z"
        self.accounts[number] = {
            "id": number, "username": username, "domain": None, "created_at": made, "email": f"{username}@mail.example",
            "ip": None, "ips": [], "role": EVERYONE, "confirmed": True, "approved": True, "disabled": False,
            "silenced": False, "suspended": False, "sensitized": False, "locale": "en", "invite_request": None,
            "account": {"id": number, "username": username, "acct": username, "display_name": username.title(),
                        "created_at": made[:10] + "T00:00:00.000Z", "url": f"https://fake.test/@{username}"},
        } | facts  # fmt: skip
        return number

    def read(self, path: str, asked: dict[str, str]) -> tuple[int, Any]:
        """The right answer to a GET."""
        if path == "/api/v1/accounts/verify_credentials":
            return 200, {"id": self.own, "username": "root"}
        if not self.accounts[self.own]["role"]["permissions"] & 0x401:
            return 403, {"error": "This action is not allowed"}
        if path == "/api/v2/admin/accounts":
            return 200, self._listed(asked)
        found = self.accounts.get(path.rpartition("/")[2])
        return (404, {"error": "Record not found"}) if found is None else (200, found)

    def _listed(self, asked: dict[str, str]) -> list[Any]:
        below = int(asked.get("max_id", 1 << 62))
        held = sorted(
            (one for one in self.accounts.values() if int(one["id"]) < below), key=lambda one: -int(one["id"])
        )
        local = [one for one in held if asked.get("origin") != "local" or one["domain"] is None]
        return local[: min(int(asked.get("limit", 100)), self.page)]

    def write(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        """The right answer to a POST."""
        number, _, verb = path.removeprefix("/api/v1/admin/accounts/").partition("/")
        found = self.accounts.get(number)
        if found is None:
            return 404, {"error": "Record not found"}
        if verb == "action":
            kind = form.get("type", "")
            if kind not in DONE_BY:
                return 422, {"error": "Record invalid"}
            if found["role"] != EVERYONE and found["domain"] is None:
                return 403, {"error": "This action is not allowed"}
            if found["domain"] is None or kind != "disable":
                found[DONE_BY[kind]] = True
            self.strikes.append((number, kind))
            return 200, {}
        if verb == "unsuspend" and not found["suspended"]:
            return 403, {"error": "This action is not allowed"}
        found[UNDONE_BY[verb]] = False
        self.strikes.append((number, verb))
        return 200, found


def _handler(fake: FakeMastodon) -> type[BaseHTTPRequestHandler]:
    class Handler(JsonHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._respond(parts.path, lambda: fake.read(parts.path, asked))

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            self._respond(self.path, lambda: fake.write(self.path, form))

        def _respond(self, path: str, right: Any) -> None:
            fake.asked.append(path)
            fake.agents.add(self.headers["User-Agent"])
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.tell(401, {"error": "The access token is invalid"})
                return
            fault = fake.faults[path].pop(0) if fake.faults[path] else None
            if fault is None:
                self.tell(*right())
                return
            if fault.done:
                right()
            if fault.silent:
                self.connection.recv(1)  # until the other side gives up
            if fault.status:
                self.tell(fault.status, fault.body, fault.headers)
            else:
                self.close_connection = True

    return Handler


@contextmanager
def fake_mastodon() -> Iterator[FakeMastodon]:
    """Run the server, with a moderator as its only account."""
    fake = FakeMastodon()
    fake.add("root", role=MODERATOR)
    with serving(_handler(fake)) as fake.url:
        yield fake
