"""A platform of one's own that takes acts at a URL and tells how accounts stand, and fails where it is told to."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import unquote

from samehand.enforcement import UNDOES, verify_webhook
from samehand.errors import InputError
from tests.serving import JsonHandler, serving

SECRET = "whsec_" + "QUFB" * 16
STATES = {"suspend": "suspended", "limit": "limited", "challenge": "challenged", "remove": "removed"}

When = Literal["before", "after"]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a request: before it is carried out (and so instead of it), or after it.

    `status` 0 cuts the line; where `silent`, nothing is said until the sender gives up.
    """

    status: int = 0
    when: When = "before"
    retry_after: str = ""
    silent: bool = False


@dataclass
class Receiver:
    """What the platform knows, what it was sent, and the faults that wait: each is spent once, in order.

    Attributes:
        effective: how often an act took effect, by its key.
        sent: the bodies of all attempts; `headers` theirs.
        mute: whether it says nothing of whether an act was news.

    """

    url: str = ""
    standing: dict[str, dict[str, bool]] = field(default_factory=dict)
    effective: Counter[str] = field(default_factory=Counter)
    sent: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    faults_of: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    mute: bool = False
    repeat_status: int = 200
    lie: bool = False

    def add(self, account: str, **facts: bool) -> str:
        self.standing[account] = dict.fromkeys(STATES.values(), False) | facts
        return account

    def take(self, key: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Carry an act out, once a key."""
        standing = self.standing.get(body["account"])
        if standing is None:
            return 422, {"error": "no such account"}
        done = UNDOES.get(body["action"], body["action"])
        wanted = body["action"] not in UNDOES
        news = key not in self.effective and standing[STATES[done]] != wanted
        if news:
            self.effective[key] += 1
            standing[STATES[done]] = wanted != self.lie
        status = 200 if news else self.repeat_status
        return status, {} if self.mute else {"effective": news}

    def tell(self, account: str) -> tuple[int, Any]:
        """How an account stands."""
        standing = self.standing.get(account)
        return (404, {"error": "no such account"}) if standing is None else (200, standing)


def _headers(receiver: Receiver, fault: Fault) -> dict[str, str]:
    """What goes with a fault: when to come again, or where else to go."""
    again = {"Retry-After": fault.retry_after} if fault.retry_after else {}
    return again | ({"Location": f"{receiver.url}/elsewhere"} if fault.status in (301, 302, 307, 308) else {})


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(JsonHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if self._genuine(raw):
                body = json.loads(raw)
                receiver.sent.append(body)
                receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
                self._answer(lambda: receiver.take(self.headers["Idempotency-Key"], body), str(body.get("account")))

        def do_GET(self) -> None:
            if self._genuine(self.path.encode()):
                account = unquote(self.path.partition("?id=")[2])
                receiver.asked.append(account)
                self._answer(lambda: receiver.tell(account), f"state of {account}")

        def _genuine(self, raw: bytes) -> bool:
            try:
                verify_webhook(SECRET, dict(self.headers), raw, datetime.now(UTC))
            except InputError as error:
                self.tell(401, {"error": str(error)})
                return False
            return True

        def _answer(self, right: Any, about: str) -> None:
            waiting = receiver.faults_of[about] or (receiver.faults if self.command == "POST" else [])
            fault = waiting.pop(0) if waiting else None
            done: tuple[int, Any] = (0, {}) if fault and fault.when == "before" else right()
            if fault is None:
                self.tell(*done)
                return
            if fault.silent:
                self.connection.recv(1)  # until the other side gives up
            if fault.status:
                self.tell(fault.status, {}, _headers(receiver, fault))
            else:
                self.close_connection = True

    return Handler


@contextmanager
def receiving(receiver: Receiver | None = None) -> Iterator[Receiver]:
    """Run the platform, with no account where none is given."""
    receiver = receiver or Receiver()
    with serving(_handler(receiver)) as receiver.url:
        yield receiver
