"""What 200,000 of the ladder's decisions cost, from the run to the reversal: writes docs/measured/casework.md.

`python tools/bench/casework.py` on SQLite, and on a PostgreSQL of its own; `--accounts 5000` with fewer. Each job is a process of
its own, three times. The plain alternative writes the same lines and as many rows, with no signature, no log and no case.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

import pyarrow as pa

from samehand.casework import (
    Casework,
    Decisions,
    SigningKey,
    add_reviewer,
    adopt_ladder,
    found_roster,
    make_key,
    read_entries,
    take_steps,
    verify,
)
from samehand.enforcement import CsvConnector, Execution
from samehand.evaluation import markdown_table, write_page
from samehand.evaluation.costs import Cost, run
from samehand.policy import read_signup_policy
from samehand.records import schema_of, write_run
from samehand.store import open_store

PAGE = Path("docs/measured/casework.md")
ACCOUNTS = 200_000
REPEATS = 3
BATCH = 2_000
PASSPHRASE = "of the bench only"
STAGES = ("ordered", "carried out", "a reversal approved", "taken back", "the log gone over")
HEAD = ("store", "wall s", "CPU s", "peak MiB", *STAGES)


def _now() -> datetime:
    return datetime.now(UTC)


def _run_folder(folder: Path, accounts: int) -> Path:
    """A run over sign-ups that limits so many accounts."""
    policy, at = read_signup_policy(), _now()
    columns = {
        "platform": ["sim"] * accounts, "asset_id": [f"account-{k:07}" for k in range(accounts)], "at": [at] * accounts,
        "decided_at": [at] * accounts, "decision": ["limit"] * accounts, "score": [5.0] * accounts,
        "p_value": [None] * accounts, "wave_id": ["W1"] * accounts,
        "reasons": [["wave W1: 200 sign-ups held together by device, name", "shares an address"]] * accounts,
        "policy_version": [policy.version] * accounts,
    }  # fmt: skip
    with write_run(folder) as writer:
        writer.info.update({"policy": json.loads(json.dumps(asdict(policy))), "dataset": {"name": "made up"}})
        schema = schema_of("decisions")
        writer.write(
            "decisions", pa.table({name: pa.array(columns[name], schema.field(name).type) for name in schema.names})
        )
    return folder


def _staff(work: Casework, folder: Path) -> dict[str, SigningKey]:
    keys = {name: make_key(folder / f"{name}.key", name, PASSPHRASE) for name in ("ada", "ben", "eva", "robot")}
    found_roster(work.store, keys["ada"], keys["ben"], _now())
    leads = [keys["ada"], keys["ben"]]
    add_reviewer(work.store, leads, keys["eva"], ["appeals"], _now())
    add_reviewer(work.store, leads, keys["robot"], ["service"], _now())
    for name in ("ada", "ben"):
        adopt_ladder(work.store, read_signup_policy(), keys[name], _now())
    return keys


def work_through(store_url: str, folder: Path, run_folder: Path, accounts: int) -> None:
    """The whole job on one store; prints the seconds of each stage."""
    seconds: list[float] = []
    begun = perf_counter()

    def over() -> None:
        nonlocal begun
        seconds.append(perf_counter() - begun)
        begun = perf_counter()

    with open_store(store_url) as store:
        work = Casework(store, _now)
        keys, decisions = _staff(work, folder), Decisions(work)
        begun = perf_counter()
        (step,) = take_steps(work, run_folder, keys["robot"])
        over()
        with CsvConnector(folder / "acts.csv", "sim", _now) as connector:
            execution = Execution(work, connector, "sim")
            done = execution.run(step.decision.decision_id, "robot", batch=BATCH)
            over()
            back = decisions.propose_reversal(step.decision.decision_id, "A bad day.", keys["ada"])
            decisions.sample(back.decision_id, "ben")
            decisions.approve(back.decision_id, keys["ben"], back.confirmation)
            over()
            undone = execution.run(back.decision_id, "robot", batch=BATCH)
            over()
        with store.reading() as session:
            found = verify(session)
            entries = sum(entry["kind"] == "act.done" for entry in read_entries(session, most=1_000_000))
        over()
    with open(folder / "acts.csv", encoding="utf-8") as lines:
        acts = [row[3] for row in csv.reader(lines)][1:]
    whole = (done.done, undone.done, entries, acts.count("limit"), acts.count("unlimit"))
    if not found.holds or whole != (accounts, accounts, 2 * accounts, accounts, accounts):
        sys.exit(f"not whole: {whole}, log {found.holds}")
    (folder / "seconds.json").write_text(json.dumps(seconds))


@contextmanager
def _server() -> Iterator[str]:
    from tests.stores import postgres_database, postgres_server

    with postgres_server(durable=True) as server, postgres_database(server) as url:
        yield url


def _measured(what: str, run_folder: Path, accounts: int) -> tuple[Cost, list[float]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _server() if what == "PostgreSQL" else nullcontext(f"sqlite:///{folder}/store.sqlite") as url:
            words = [
                "--one",
                what,
                "--url",
                url,
                "--folder",
                name,
                "--run",
                str(run_folder),
                "--accounts",
                str(accounts),
            ]
            plain = [sys.executable, str(Path(__file__).with_name("_plain_acts.py")), name, str(accounts), str(BATCH)]
            cost = run(plain if what == "plain" else [sys.executable, __file__, *words])
        held = folder / "seconds.json"
        return cost, json.loads(held.read_text()) if held.is_file() else []


def main(accounts: int) -> None:
    """Measure and write the page."""
    rows, cpu = [], {}
    with tempfile.TemporaryDirectory() as name:
        run_folder = _run_folder(Path(name) / "run", accounts)
        done: dict[str, list[tuple[Cost, list[float]]]] = {}
        for _ in range(REPEATS):
            for what in ("SQLite", "PostgreSQL", "plain"):
                done.setdefault(what, []).append(_measured(what, run_folder, accounts))
                sys.stderr.write(f"{what} {done[what][-1][0]} load {os.getloadavg()[0]:.1f}\n")
    for what, found in done.items():
        cpu[what] = median(cost.cpu_s for cost, _ in found)
        stages = [f"{median(one):.1f}" for one in zip(*(seconds for _, seconds in found), strict=True)]
        walls = [cost.wall_s for cost, _ in found]
        rows.append(
            (what, f"{median(walls):.0f} ({min(walls):.0f}–{max(walls):.0f})", f"{cpu[what]:.0f}",
             f"{max(cost.peak_mib for cost, _ in found):,.0f}", *(stages or ["–"] * len(STAGES)))
        )  # fmt: skip
    ratios = ", ".join(f"{what} {cpu[what] / cpu['plain']:.1f}" for what in ("SQLite", "PostgreSQL"))
    write_page(PAGE, "Casework", "make bench (tools/bench/casework.py)", [
        f"{accounts:,} of the ladder's decisions against the `csv` connector, {BATCH:,} acts a batch: ordered by the service's key "
        "with their findings frozen, carried out, taken back by two persons; both databases, runs of each in turn: "
        f"{REPEATS}, medians. Every "
        "act is in the log and in the file, and the log is gone over at the end. PostgreSQL waits for its disk; its own processes are not in CPU and peak.",
        markdown_table(HEAD, rows),
        f"`plain` writes as many lines and rows with no signature, no log, no findings and no case, and starts without samehand. CPU as a multiple of it: {ratios}.",
    ])  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--one")
    parser.add_argument("--url")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--run", type=Path)
    given = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[2]))
    if given.one:
        work_through(given.url, given.folder, given.run, given.accounts)
    else:
        main(given.accounts)
