"""`samehand serve` as a process of its own: it listens on this machine only, answers, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from samehand.cli import main

SERVE = (sys.executable, "-m", "samehand", "serve")


def _run(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Any:
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words), *(["--json"] if not code else [])])
    output = capsys.readouterr()
    assert ended.value.code == code, output.err
    return json.loads(output.out) if not code else output.err


@contextmanager
def _served(*words: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    server = subprocess.Popen(
        [*SERVE, "--port", "0", *map(str, words), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["url"], server
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)


def test_a_key_that_was_made_is_answered_until_it_is_revoked_and_the_server_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--store", tmp_path / "s.sqlite")
    key = _run(capsys, "serve", "key", "make", "web", "--scope", "ads:decide", "--days", 2, "--as", "me", *where)["key"]
    question = {"policy": "neutral", "legal_name": "Corner Shop"}
    headers = {"Authorization": f"Bearer {key}"}

    with _served(*where) as (url, server):
        assert url.startswith("http://127.0.0.1:")
        done = httpx.post(f"{url}/v1/ads/decide", json=question, headers=headers)
        assert (done.status_code, done.json()["decision"]) == (200, "allow")
        assert _run(capsys, "serve", "key", "revoke", "web", "--as", "me", *where)["revoked"]
        time.sleep(1.1)  # within a second it ends
        assert httpx.post(f"{url}/v1/ads/decide", json=question, headers=headers).status_code == 401
    assert server.returncode in (0, -signal.SIGINT, 130)
    (held,) = _run(capsys, "serve", "key", "list", *where)["keys"]
    assert (held["name"], held["scopes"], held["revoked"]) == ("web", ["ads:decide"], True)
    assert key not in json.dumps(held)


def test_a_port_that_is_taken_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = _run(capsys, "serve", "--port", taken.getsockname()[1], "--store", tmp_path / "s.sqlite", code=1)
    assert "cannot be listened on" in said


def test_a_key_without_a_scope_that_there_is_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--store", tmp_path / "s.sqlite")
    assert "ads:decide" in _run(capsys, "serve", "key", "make", "x", "--scope", "all", "--as", "me", *where, code=2)
    assert "no key called x" in _run(capsys, "serve", "key", "revoke", "x", "--as", "me", *where, code=2)
