"""A small HTTP server of JSON for tests, on this machine only, that fails where it is told to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.serving import JsonHandler
from tests.serving import serving as serving_at

Fault = tuple[int, dict[str, str], bytes]
LOST: Fault = (0, {}, b"")
"""The server does what it is asked, and its answer never comes."""


def json_fault(status: int, body: Any = None, **headers: str) -> Fault:
    """An answer that is sent in the place of the right one."""
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body or {}).encode()


@dataclass
class FakeServer:
    """What the server was asked, and the faults that wait for a path: each is sent once, in order."""

    url: str = ""
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    asked: list[str] = field(default_factory=list)
    sent: list[tuple[str, Any]] = field(default_factory=list)

    def refused(self, path: str, headers: Message) -> Fault | None:
        """What somebody is told who may not ask this."""
        raise NotImplementedError

    def answer(self, path: str, asked: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """The right answer; the body is None where nothing was sent."""
        raise NotImplementedError


def _handler(fake: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(JsonHandler):
        def do_GET(self) -> None:
            self._respond(None)

        def do_PUT(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            self._respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _respond(self, body: Any) -> None:
            parts = urlsplit(self.path)
            path = unquote(parts.path)
            fake.asked.append(path)
            if body is not None:
                fake.sent.append((path, body))
            fault = fake.faults[path].pop(0) if fake.faults[path] else None
            if fault is None or fault is LOST:
                refused = fake.refused(path, self.headers)
                right = refused or json_fault(*fake.answer(path, parse_qs(parts.query), body))
            if fault is LOST:
                self.close_connection = True
            else:
                status, headers, data = fault or right
                self.tell(status, data, headers)

    return Handler


@contextmanager
def serving(fake: FakeServer) -> Iterator[None]:
    """Run the server until the end of the block."""
    with serving_at(_handler(fake)) as fake.url:
        yield
