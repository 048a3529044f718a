"""What the ad gate costs: a file of 100,000 advertisers, and the HTTP service at 500 requests a second; writes docs/measured/advertising.md.

`python tools/bench/advertising.py`; `--lists FOLDER` also with the State Media Matrix and the Hamilton list of that folder as layers.
The plain alternative compares each name with each name of the registry, with rapidfuzz and no index, and decides nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

from rapidfuzz import fuzz, process

from samehand.advertising import ADVERTISER_FIELDS, combine, read_layer, shipped_entities
from samehand.evaluation import markdown_table, write_page
from samehand.evaluation.costs import Cost, run

PAGE = Path("docs/measured/advertising.md")
ROWS = 100_000
REPEATS = 3
RATE = 500
SECONDS = 20
CONNECTIONS = 16
SEED = 7_700
FIRST = [
    "Amber",
    "Blue",
    "Bright",
    "City",
    "Coast",
    "Daily",
    "Delta",
    "Eastern",
    "Evening",
    "First",
    "Forest",
    "Garden",
    "Global",
    "Golden",
    "Grand",
    "Green",
    "Harbour",
    "Home",
    "Island",
    "Lake",
    "Local",
    "Marble",
    "Metro",
    "Morning",
    "Mountain",
    "National",
    "New",
    "Night",
    "North",
    "Northern",
    "Ocean",
    "Open",
    "Orange",
    "Pacific",
    "Park",
    "Prime",
    "Quick",
    "River",
    "Royal",
    "Silver",
    "Smart",
    "Solar",
    "South",
    "Spring",
    "Stone",
    "Summer",
    "Sunny",
    "Swift",
    "True",
    "Urban",
    "Valley",
    "Victory",
    "Western",
    "White",
    "Winter",
    "World",
    "Young",
]
LAST = [
    "Advisors",
    "Airlines",
    "Apparel",
    "Bakery",
    "Bank",
    "Beverages",
    "Bicycles",
    "Books",
    "Broadcasting",
    "Catering",
    "Clinic",
    "Coffee",
    "Construction",
    "Consulting",
    "Cosmetics",
    "Design",
    "Digital",
    "Education",
    "Electronics",
    "Energy",
    "Events",
    "Fashion",
    "Fitness",
    "Flowers",
    "Foods",
    "Footwear",
    "Furniture",
    "Games",
    "Garage",
    "Health",
    "Hotels",
    "Insurance",
    "Interiors",
    "Jewellers",
    "Kitchens",
    "Labs",
    "Law",
    "Logistics",
    "Marketing",
    "Media",
    "Motors",
    "Music",
    "News",
    "Optics",
    "Partners",
    "Pharmacy",
    "Photography",
    "Press",
    "Radio",
    "Realty",
    "Records",
    "Robotics",
    "Schools",
    "Security",
    "Shoes",
    "Software",
    "Sports",
    "Studio",
    "Television",
    "Toys",
    "Travel",
    "Wines",
]
COUNTRIES = ("US", "CN", "RU", "GB", "FR", "DE", "IR", "QA", "TR", "IN", "BR", "NG")


def _drawn(rows: int, seed: int) -> list[dict[str, str]]:
    """Advertisers, one in a hundred of whom is somebody of the registry by a domain, a handle or a name."""
    rng = random.Random(seed)
    outlets = [one for one in shipped_entities().values() if one.assets]
    out = []
    for k in range(rows):
        name = f"{rng.choice(FIRST)} {rng.choice(FIRST)} {rng.choice(LAST)}"
        row = {
            "advertiser_id": f"a{k}", "legal_name": f"{name} {rng.choice(('Ltd', 'LLC', 'GmbH', 'SA'))}",
            "payer": f"{rng.choice(FIRST)} {rng.choice(LAST)} Holding {rng.randrange(10_000)}", "page_name": f"{name} {k}",
            "platform": "x", "handle": f"shop{k}", "country": rng.choice(COUNTRIES),
            "landing_url": f"https://www.shop{k}.com/offer/{rng.randrange(1_000)}?utm_source=x", "target_countries": "US|GB",
        }  # fmt: skip
        if rng.random() < 0.01:
            outlet = rng.choice(outlets)
            asset = rng.choice(outlet.assets)
            if asset.platform == "domain":
                row["landing_url"] = f"https://{asset.value}/a"
            else:
                row.update(platform=asset.platform, handle=asset.value)
            row.update(legal_name=outlet.name, country=outlet.country)
        out.append(row)
    return out


def _file(path: Path, rows: list[dict[str, str]]) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name for name in ADVERTISER_FIELDS if name in rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    return path


def plain(path: Path, lists: Path | None) -> None:
    """Every name against every name."""
    layers = [read_layer(name, file, date(2026, 1, 1)) for name, file in _lists(lists)]
    names = [name.text.casefold() for one in combine(shipped_entities().values(), layers) for name in one.names]
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for field in ("legal_name", "payer", "page_name"):
                process.extractOne(row[field].casefold(), names, scorer=fuzz.token_sort_ratio, score_cutoff=90)


def _lists(folder: Path | None) -> list[tuple[str, Path]]:
    if folder is None:
        return []
    return [("matrix", folder / "State_Media_Matrix.csv"), ("hamilton", folder / "Hamilton_Account_List2024.csv")]


def _checked(folder: Path, path: Path, lists: Path | None) -> Cost:
    layers = [word for name, file in _lists(lists) for word in ("--layer", f"{name}:{file}")]
    words = [
        "ads",
        "check",
        str(path),
        "--policy",
        "x-current",
        "--on",
        "2026-11-27",
        "--out",
        str(folder / "out.parquet"),
        *layers,
    ]
    return run([sys.executable, "-m", "samehand", *words])


# --- over HTTP


async def _asked(port: int, key: str, rows: list[dict[str, str]]) -> list[float]:
    """Latencies in seconds, each from when its request was due: whoever waits for a connection waits, too."""
    bodies = [
        json.dumps({"policy": "x-current", **{k: v for k, v in row.items() if k != "target_countries"}, "target_countries": ["US", "GB"]})
        for row in rows
    ]  # fmt: skip
    queue: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
    latencies: list[float] = []
    wrong = 0

    async def work() -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (task := await queue.get()) is not None:
            due, body = task
            data = body.encode()
            writer.write(
                f"POST /v1/ads/decide HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode()
                + data
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")
            )
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - due)
            wrong += not head.startswith("HTTP/1.1 200")
        writer.close()

    workers = [asyncio.create_task(work()) for _ in range(CONNECTIONS)]
    begun = time.perf_counter() + 0.2
    for k in range(RATE * SECONDS):
        due = begun + k / RATE
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        queue.put_nowait((due, bodies[k % len(bodies)]))
    for _ in workers:
        queue.put_nowait(None)
    await asyncio.gather(*workers)
    if wrong:
        sys.exit(f"{wrong} of {len(latencies)} requests were not answered with 200")
    return sorted(latencies)


def _served(folder: Path, rows: list[dict[str, str]]) -> tuple[list[float], float]:
    """Latencies at the rate, and the server's CPU seconds a second; the server has one core to itself."""
    store = str(folder / "serve.sqlite")
    words = [sys.executable, "-m", "samehand", "serve"]
    made = subprocess.run(
        [*words, "key", "make", "bench", "--scope", "ads:decide", "--rate", "10000", "--as", "bench", "--store", store, "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    key = json.loads(made.stdout)["key"]
    server = subprocess.Popen(
        [*words, "--port", "0", "--store", store, "--json"], stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {0}),
    )  # fmt: skip
    try:
        assert server.stdout is not None
        port = int(json.loads(server.stdout.readline())["url"].rsplit(":", 1)[1])
        time.sleep(1.0)
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        before = _cpu_s(server.pid)
        latencies = asyncio.run(_asked(port, key, rows))
        return latencies, (_cpu_s(server.pid) - before) / SECONDS
    finally:
        server.terminate()
        server.wait(timeout=30)


def _cpu_s(pid: int) -> float:
    ticks = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


def main(lists: Path | None) -> None:
    """Measure and write the page."""
    costs: dict[str, list[Cost]] = {}
    answered: list[tuple[list[float], float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = _drawn(ROWS, SEED)
        path, small = _file(folder / "ads.csv", rows), _file(folder / "small.csv", rows[: ROWS // 20])
        plainly = [sys.executable, __file__, "--plain", str(small), *(["--lists", str(lists)] if lists else [])]
        for _ in range(REPEATS):
            done = {"registry": _checked(folder, path, None)}
            if lists is not None:
                done["registry and two lists"] = _checked(folder, path, lists)
            done["plain, of a twentieth"] = run(plainly)
            for what, cost in done.items():
                costs.setdefault(what, []).append(cost)
                sys.stderr.write(f"{what} {cost} load {os.getloadavg()[0]:.1f}\n")
        for _ in range(REPEATS):
            everything = os.sched_getaffinity(0)
            (folder / f"{len(answered)}").mkdir()
            answered.append(_served(folder / f"{len(answered)}", rows[:5_000]))
            os.sched_setaffinity(0, everything)
            sys.stderr.write(
                f"p50 {answered[-1][0][len(answered[-1][0]) // 2] * 1e3:.2f} ms, server {answered[-1][1]:.2f}\n"
            )
    table = [
        (what, f"{median(c.wall_s for c in found):.1f} ({min(c.wall_s for c in found):.1f}–{max(c.wall_s for c in found):.1f})",
         f"{median(c.cpu_s for c in found):.1f}", f"{max(c.peak_mib for c in found):,.0f}")
        for what, found in costs.items()
    ]  # fmt: skip
    ours = median(c.cpu_s for c in costs["registry and two lists" if lists else "registry"])
    ratio = 20 * median(c.cpu_s for c in costs["plain, of a twentieth"]) / ours

    def at(share: float) -> str:
        found = [latencies[min(len(latencies) - 1, int(share * len(latencies)))] * 1e3 for latencies, _ in answered]
        return f"{median(found):.2f} ({min(found):.2f}–{max(found):.2f})"

    write_page(PAGE, "Advertising", "make bench (tools/bench/advertising.py)", [
        f"`samehand ads check` on {ROWS:,} advertisers, of whom about one in a hundred is somebody of the registry, under `x-current`; "
        f"{REPEATS} runs in turn, medians.",
        markdown_table(("with", "wall s", "CPU s", "peak MiB"), table),
        f"`plain` compares each name with each name by rapidfuzz, without an index and without a decision; for as many rows it takes {ratio:.1f} times "
        "the CPU.",
        f"`POST /v1/ads/decide` at {RATE} requests a second for {SECONDS} s over {CONNECTIONS} connections, API keys on, the server on one core; "
        f"latency from when a request was due, {REPEATS} runs, ms:",
        markdown_table(("p50", "p90", "p99", "p99.9", "server's core"), [
            (at(0.5), at(0.9), at(0.99), at(0.999), f"{median(share for _, share in answered):.0%}")
        ]),
    ])  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lists", type=Path)
    parser.add_argument("--plain", type=Path)
    given = parser.parse_args()
    if given.plain:
        plain(given.plain, given.lists)
    else:
        main(given.lists)
