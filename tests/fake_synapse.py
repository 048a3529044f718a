"""A small server that answers as Synapse's admin API does, on this machine only, and fails where it is told to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from tests.fake_server import FakeServer, Fault, json_fault, serving

__all__ = ["ADMIN", "MADE_MS", "TOKEN", "FakeSynapse", "fake_synapse", "json_fault"]

TOKEN = "syt_fake_token"
ADMIN = "@root:fake.test"
MADE_MS = 1_714_557_600_000


@dataclass
class FakeSynapse(FakeServer):
    """What the server knows."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    connections: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    own: str = ADMIN
    rooms: list[dict[str, Any]] = field(default_factory=list)
    said: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    page: int = 3
    """Messages that the server gives at one time, at most."""

    def open_room(self, name: str, **facts: Any) -> str:
        """A room that anybody may join."""
        room = f"!{name}:fake.test"
        self.rooms.append({"room_id": room, "join_rules": "public", "encryption": None, **facts})
        self.said[room].append({"type": "m.room.create", "content": {}})
        return room

    def say(self, room: str, sender: str, content: dict[str, Any] | None = None, **facts: Any) -> str:
        """A message in a room, a minute after the one before."""
        number = sum(map(len, self.said.values()))
        event = {"type": "m.room.message", "sender": sender, "event_id": f"$e{number}",
                 "origin_server_ts": MADE_MS + 60_000 * number,
                 "content": {"msgtype": "m.text", "body": f"word {number}"} if content is None else content}  # fmt: skip
        self.said[room].append({**event, **facts})
        return f"$e{number}"

    def add(self, name: str, *connections: tuple[str, str, int], **facts: Any) -> str:
        """A user; connections are address, agent, and milliseconds after the sign-up."""
        user = f"@{name}:fake.test"
        made_ms = facts.setdefault("creation_ts", MADE_MS + 1000 * len(self.users))
        self.users[user] = {"name": user, "admin": False, "suspended": False, "displayname": name.title(), **facts}
        self.connections[user] = [
            {"ip": ip, "user_agent": agent, "last_seen": made_ms + after_ms} for ip, agent, after_ms in connections
        ]
        return user

    def refused(self, path: str, headers: Message) -> Fault | None:
        if headers["Authorization"] == f"Bearer {TOKEN}":
            return None
        return json_fault(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "Invalid access token"})

    def answer(self, path: str, asked: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if body is not None:
            return self.suspend(path, body)
        if path == "/_synapse/admin/v1/server_version":
            return 200, {"server_version": "1.163.2"}
        if path == "/_matrix/client/v3/account/whoami":
            return 200, {"user_id": self.own}
        if path.startswith("/_synapse/admin/v1/users/"):
            return 200, {"admin": self.users[self.own]["admin"]}
        if path == "/_synapse/admin/v2/users":
            return 200, self._page(asked)
        if path == "/_synapse/admin/v1/rooms":
            start = int(asked["from"][0])
            following = {"next_batch": start + 2} if start + 2 < len(self.rooms) else {}
            return 200, {"rooms": self.rooms[start : start + 2], **following}
        if path.startswith("/_synapse/admin/v1/rooms/"):
            return 200, self._messages(path.split("/")[5], int(asked.get("from", ["0"])[0]))
        user = path.rpartition("/")[2]
        if user not in self.users:
            return 404, {"errcode": "M_NOT_FOUND", "error": "User not found"}
        if "/whois/" in path:
            return 200, {"devices": {"": {"sessions": [{"connections": self.connections[user]}]}}}
        return 200, {**self.users[user], "creation_ts": 1}

    def _page(self, asked: dict[str, list[str]]) -> dict[str, Any]:
        listed = [
            {name: value for name, value in user.items() if name not in ("suspended", "threepids", "appservice_id")}
            for user in self.users.values()
            if (asked.get("deactivated") == ["true"] or not user.get("deactivated"))
            and (asked.get("locked") == ["true"] or not user.get("locked"))
        ]
        start, limit = int(asked["from"][0]), int(asked["limit"][0])
        following = {"next_token": str(start + limit)} if start + limit < len(listed) else {}
        return {"users": listed[start : start + limit], "total": len(listed), **following}

    def _messages(self, room: str, start: int) -> dict[str, Any]:
        chunk = self.said[room][start : start + self.page]
        return {"chunk": chunk, "start": str(start), "end": str(start + len(chunk))}

    def suspend(self, path: str, body: Any) -> tuple[int, Any]:
        """The right answer to a PUT."""
        user = path.rpartition("/")[2]
        self.users[user]["suspended"] = body["suspend"]
        return 200, {f"user_{user}_suspended": body["suspend"]}


@contextmanager
def fake_synapse() -> Iterator[FakeSynapse]:
    """Run the server, with an admin as its only user."""
    fake = FakeSynapse()
    fake.add("root", admin=True)
    with serving(fake):
        yield fake
