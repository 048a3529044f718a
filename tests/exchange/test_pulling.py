"""A partner's server that does not do as it should: no pull without an end, nowhere else, and nothing falls over."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from samehand.errors import InputError, JobError
from samehand.exchange import pull_collection, pulling

MEDIA = "application/taxii+json;version=2.1"
Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that answers each question for objects with one body; its collection's link."""
    servers = []

    def start(body: Any, status: int = 200) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told = {"id": "1", "title": "x", "can_read": True, "can_write": False, "media_types": [MEDIA]}
                content = body if "objects" in self.path else told
                self.send_response(status if "objects" in self.path else 200)
                self.send_header("Content-Type", MEDIA)
                if status == 302:
                    self.send_header("Location", str(body))
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/x/collections/1/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"more": True, "next": "1"}, "says that there is more, and gives nothing"),
        ({"objects": 7}, "no list"), ([1], "does not answer as TAXII"), (b"[" * 100_000, "does not answer as TAXII"),
        (b"null", "does not answer as TAXII"), (b"{", "does not answer as TAXII"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_told(serve: Serve, body: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        list(pull_collection(serve(body), "token"))


def test_nobody_is_followed_elsewhere(serve: Serve) -> None:
    elsewhere = serve({"objects": [{"type": "identity", "id": "identity--1"}]})

    with pytest.raises(InputError, match="it sends elsewhere"):
        list(pull_collection(serve(elsewhere, 302), "token"))


def test_an_answer_has_a_bound_in_bytes_and_in_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "LARGEST", 1_000)
    with pytest.raises(InputError, match="is larger than"):
        list(pull_collection(serve({"objects": ["x" * 2_000]}), "token"))
    monkeypatch.setattr(pulling, "LARGEST", 1 << 20)
    monkeypatch.setattr(pulling, "PAGE_S", 0.0)
    with pytest.raises(JobError, match="cannot be reached"):
        list(pull_collection(serve({"objects": ["x" * 2_000]}), "token"))
