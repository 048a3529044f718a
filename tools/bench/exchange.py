"""What it costs to read a collection over TAXII 2.1; writes docs/measured/exchange.md.

`python tools/bench/exchange.py`: 100,000 objects of ours, read by taxii2-client at 1,000 a page; and 2,000 objects, read at 100 a
page from our server and from medallion 3.0.0, the old server of the standard's authors, by the same client in turn.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from requests.exceptions import RequestException
from taxii2client.common import TokenAuth
from taxii2client.v21 import Collection, as_pages

from samehand.casework import Casework
from samehand.evaluation import markdown_table, write_page
from samehand.exchange import Collections, Grade, Indicator, TipDraft, Tips, share_tip
from samehand.service import make_api_key
from samehand.store import open_store

PAGE = Path("docs/measured/exchange.md")
MANY, FEW = 100_000, 2_000
REPEATS = 3
SOURCE = "A peer"
PLACE = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"


def _now() -> datetime:
    return datetime.now(UTC)


def _tip(count: int) -> TipDraft:
    found = tuple(
        Indicator(
            kind="domain", value=f"kite{k}.test", phase=9, procedure="9.5.3 Using redirect domains", raw=f"kite{k}[.]test", row=k + 1
        )
        for k in range(count)
    )  # fmt: skip
    return TipDraft(ref=f"kites-{count}", title=f"{count} kites", form="kill-chain", indicators=found, read=count)


def _filled(store_file: Path, count: int) -> tuple[str, str, float]:
    """A store with one collection of so many indicators; its id, a key that reads it, and the seconds that sharing took."""
    with open_store(store_file) as store:
        work = Casework(store, _now)
        (taken,) = Tips(work).take([_tip(count)], "bench", Grade(source=SOURCE, tlp="green"))
        collections = Collections(work)
        collections.make("peers", "bench", clearance="green")
        began = time.perf_counter()
        share_tip(work, taken.tip_id, "peers", "bench")
        took = time.perf_counter() - began
        _, key = make_api_key(work, "peer", ["taxii:read"], "bench", rate=100_000)
        collections.let("peers", "peer", "bench")
        return collections.titled("peers").collection_id, key, took


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        server.terminate()
        server.wait(20)


def _read(place: Collection, page: int) -> tuple[int, float]:
    began, count = time.perf_counter(), 0
    for one in as_pages(place.get_objects, per_request=page):
        count += len(one.get("objects", ()))
    return count, time.perf_counter() - began


def _when_up(url: str, **login: Any) -> Collection:
    end = time.monotonic() + 60
    while True:
        try:
            place = Collection(url, **login)
            _ = place.title
        except RequestException:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return place


def _ours(folder: Path, count: int, page: int) -> tuple[list[float], float]:
    collection_id, key, shared = _filled(folder / f"{count}.sqlite", count)
    port = _free_port()
    command = [
        str(Path(sys.executable).parent / "samehand"),
        "serve",
        "--port",
        str(port),
        "--store",
        str(folder / f"{count}.sqlite"),
    ]
    with _running(command):
        place = _when_up(f"http://127.0.0.1:{port}/taxii2/exchange/collections/{collection_id}/", auth=TokenAuth(key))
        runs = [_read(place, page) for _ in range(REPEATS)]
    assert all(read >= count for read, _ in runs), runs
    return [took for _, took in runs], shared


def _medallion(folder: Path) -> list[float]:
    """The same indicators in medallion's memory, and read from it."""
    from samehand.exchange import tip_objects

    objects = [
        one for one in tip_objects(_tip(FEW), tlp="green", source=SOURCE, received=_now()) if one["type"] == "indicator"
    ]
    at = "2026-11-27T00:00:00.000000Z"
    media = "application/stix+json;version=2.1"
    manifest = [{"id": one["id"], "date_added": at, "version": one["modified"], "media_type": media} for one in objects]
    data = {
        "/discovery": {"title": "peer", "default": "http://127.0.0.1/peers/", "api_roots": ["http://127.0.0.1/peers/"]},
        "peers": {
            "information": {"title": "peers", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 9_765_625},
            "status": [],
            "collections": [{
                "id": PLACE, "title": "peers", "can_read": True, "can_write": True,
                "media_types": [media], "objects": objects, "manifest": manifest,
            }],
        },
    }  # fmt: skip
    (folder / "data.json").write_text(json.dumps(data))
    config = {
        "backend": {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": str(folder / "data.json")}, "users": {"peer": "peer"},
        "taxii": {"max_page_size": 100},
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    port = _free_port()
    program = str(Path(sys.executable).parent / "medallion")
    with _running([program, str(folder / "config.json"), "--host", "127.0.0.1", "--port", str(port)]):
        place = _when_up(f"http://127.0.0.1:{port}/peers/collections/{PLACE}/", user="peer", password="peer")
        runs = [_read(place, 100) for _ in range(REPEATS)]
    assert all(read >= FEW for read, _ in runs), runs
    return [took for _, took in runs]


def _told(seconds: list[float]) -> str:
    return f"{median(seconds):.1f} ({min(seconds):.1f}-{max(seconds):.1f})"


def main() -> None:
    """Measure, and write the page."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        many, shared = _ours(folder, MANY, 1_000)
        few, _ = _ours(folder, FEW, 100)
        old = _medallion(folder)
    rows = [
        ["samehand serve", f"{MANY:,}", "1,000", _told(many)], ["samehand serve", f"{FEW:,}", "100", _told(few)],
        ["medallion 3.0.0", f"{FEW:,}", "100", _told(old)],
    ]  # fmt: skip
    write_page(PAGE, "Exchange", "make bench (tools/bench/exchange.py)", [
        "A collection of indicators read by taxii2-client from a server on the same machine, SQLite; wall seconds, "
        f"{REPEATS} runs in turn, median and range.",
        markdown_table(["server", "objects", "a page", "s"], rows),
        f"medallion takes {median(old) / median(few):.0f} times as long. To put the {MANY:,} into the collection took {shared:.0f} s.",
    ])  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
