"""A small server that answers as Synapse's admin API does, on this machine only, and fails where it is told to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.serving import serving

TOKEN = "syt_fake_token"
ADMIN = "@root:fake.test"
MADE_MS = 1_714_557_600_000

Fault = tuple[int, dict[str, str], bytes]


def json_fault(status: int, body: Any = None, **headers: str) -> Fault:
    """An answer that is sent in the place of the right one."""
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body or {}).encode()


@dataclass
class FakeSynapse:
    """What the server knows, what it was asked, and the faults that wait for a path: each is sent once, in order."""

    url: str = ""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    connections: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    asked: list[str] = field(default_factory=list)
    sent: list[tuple[str, Any]] = field(default_factory=list)
    own: str = ADMIN

    def add(self, name: str, *connections: tuple[str, str, int], **facts: Any) -> str:
        """A user; connections are address, agent, and milliseconds after the sign-up."""
        user = f"@{name}:fake.test"
        made_ms = facts.setdefault("creation_ts", MADE_MS + 1000 * len(self.users))
        self.users[user] = {"name": user, "admin": False, "suspended": False, "displayname": name.title(), **facts}
        self.connections[user] = [
            {"ip": ip, "user_agent": agent, "last_seen": made_ms + after_ms} for ip, agent, after_ms in connections
        ]
        return user

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, Any]:
        """The right answer to a GET."""
        if path == "/_synapse/admin/v1/server_version":
            return 200, {"server_version": "1.163.2"}
        if path == "/_matrix/client/v3/account/whoami":
            return 200, {"user_id": self.own}
        if path.startswith("/_synapse/admin/v1/users/"):
            return 200, {"admin": self.users[self.own]["admin"]}
        if path == "/_synapse/admin/v2/users":
            return 200, self._page(asked)
        user = path.rpartition("/")[2]
        if user not in self.users:
            return 404, {"errcode": "M_NOT_FOUND", "error": "User not found"}
        if "/whois/" in path:
            return 200, {"devices": {"": {"sessions": [{"connections": self.connections[user]}]}}}
        return 200, {**self.users[user], "creation_ts": 1}

    def _page(self, asked: dict[str, str]) -> dict[str, Any]:
        listed = [
            {name: value for name, value in user.items() if name not in ("suspended", "threepids", "appservice_id")}
            for user in self.users.values()
            if (asked.get("deactivated") == "true" or not user.get("deactivated"))
            and (asked.get("locked") == "true" or not user.get("locked"))
        ]
        start, limit = int(asked["from"]), int(asked["limit"])
        following = {"next_token": str(start + limit)} if start + limit < len(listed) else {}
        return {"users": listed[start : start + limit], "total": len(listed), **following}

    def suspend(self, path: str, body: Any) -> tuple[int, Any]:
        """The right answer to a PUT."""
        user = path.rpartition("/")[2]
        self.users[user]["suspended"] = body["suspend"]
        return 200, {f"user_{user}_suspended": body["suspend"]}


def _handler(fake: FakeSynapse) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._respond(None)

        def do_PUT(self) -> None:
            self._respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _respond(self, body: Any) -> None:
            parts = urlsplit(self.path)
            path = unquote(parts.path)
            fake.asked.append(path)
            if body is not None:
                fake.sent.append((path, body))
            if fake.faults[path]:
                self._send(*fake.faults[path].pop(0))
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                self._send(*json_fault(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "Invalid access token"}))
            else:
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, answer = fake.answer(path, asked) if body is None else fake.suspend(path, body)
                self._send(*json_fault(status, answer))

        def _send(self, status: int, headers: dict[str, str], data: bytes) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def fake_synapse() -> Iterator[FakeSynapse]:
    """Run the server, with an admin as its only user."""
    fake = FakeSynapse()
    fake.add("root", admin=True)
    with serving(_handler(fake)) as fake.url:
        yield fake
