"""Speed beside others: the same activities, the same edges, each engine in a process of its own.

A process is asked for CPU seconds (its own and its children's), wall seconds and peak memory, as the operating system
counts them. Engines: `kernel` (ours, arrays loaded from Parquet), `duckdb` (a time-bucket join, the best formulation
found), `toolkit` (coordination-network-toolkit's own compute step, when it is installed).
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["ENGINES", "Measured", "draw_activities", "measure", "run_engine", "write_toolkit_csv"]

ENGINES = ("kernel", "duckdb", "toolkit")
WINDOW_S = 60
MINIMUM = 3
DAYS = 30


@dataclass(frozen=True)
class Measured:
    """One run of an engine in a process of its own.

    edges, total: pairs found and their summed counts; work_cpu_s: CPU seconds of the counting alone, loading left out;
    cpu_s, wall_s, peak_mib: of the whole process, start and loading included.
    """

    engine: str
    edges: int
    total: int
    work_cpu_s: float
    cpu_s: float
    wall_s: float
    peak_mib: float


def _zipf(rng: np.random.Generator, n: int, exponent: float, size: int) -> npt.NDArray[np.int64]:
    heap = np.cumsum(np.arange(1, n + 1, dtype=np.float64) ** -exponent)
    return np.asarray(np.searchsorted(heap, rng.random(size) * heap[-1]), np.int64)


def draw_activities(rows: int, seed: int) -> pa.Table:
    """About `rows` activities: account, obj (int64), at_s (int64), at most one for each account and object.

    Objects Zipf .9, accounts Zipf .7, delays lognormal (median 2 h, sigma 1.8) within 30 days; and 4 planted cells of
    500 accounts, 60 objects a cell, each joined with chance .5 within about 20 s.
    """
    rng = np.random.default_rng(seed)
    accounts, objects = rows // 10, rows // 6
    account, obj = _zipf(rng, accounts, 0.7, rows), _zipf(rng, objects, 0.9, rows)
    at = rng.random(objects)[obj] * DAYS * 86400 + np.exp(rng.normal(np.log(7200), 1.8, rows))
    parts = [(account, obj, at)]
    for cell in range(4):
        member, thing = np.nonzero(rng.random((500, 60)) < 0.5)
        moment = rng.random(60)[thing] * DAYS * 86400 + rng.normal(0, 20, len(member))
        parts.append((accounts + cell * 500 + member, objects + cell * 60 + thing, moment))
    account, obj, at = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    _, first = np.unique(account * (objects + 240) + obj, return_index=True)
    first = rng.permutation(first)
    return pa.table({"account": account[first], "obj": obj[first], "at_s": at[first].astype(np.int64)})


def _kernel(file: Path) -> tuple[int, int, float]:
    from samehand.coordination import count_pairs, sorted_activities

    def column(name: str) -> npt.NDArray[np.int64]:
        return np.asarray(pq.read_table(file, columns=[name], use_threads=False).column(0).to_numpy())

    # a column at a time, narrowed at once: the file's 64-bit columns are never in memory together
    account, obj = column("account").astype(np.int32), column("obj").astype(np.int32)
    at = column("at_s") * 1_000_000
    pa.default_memory_pool().release_unused()
    tiny = np.arange(4, dtype=np.int64)
    count_pairs(sorted_activities(tiny, tiny, tiny, tiny, accounts=4, objects=4), WINDOW_S)  # load the compiled kernels
    begun = time.process_time()
    activities = sorted_activities(
        account,
        obj,
        at,
        np.arange(len(at), dtype=np.int32),
        accounts=int(account.max()) + 1,
        objects=int(obj.max()) + 1,
    )
    del account, obj, at
    found = count_pairs(activities, WINDOW_S, minimum=MINIMUM)
    return len(found.first), int(found.objects.sum()), time.process_time() - begun


_BUCKETS = """
with a as (select account, obj, at_s, at_s // {w} as k from loaded),
     b as (select account, obj, at_s, unnest([k - 1, k, k + 1]) as k from a)
select count(*), sum(n) from (
    select a.account, b.account, count(*) as n from a join b using (obj, k)
    where a.account < b.account and abs(a.at_s - b.at_s) <= {w} group by all having n >= {m})
"""


def _duckdb(file: Path) -> tuple[int, int, float]:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"create table loaded as select * from read_parquet('{file}')")
        begun = time.process_time()
        row = connection.execute(_BUCKETS.format(w=WINDOW_S, m=MINIMUM)).fetchone()
        assert row is not None
        return int(row[0]), int(row[1] or 0), time.process_time() - begun


def write_toolkit_csv(table: pa.Table, file: Path) -> None:
    """Write activities (account, obj, at_s) in the toolkit's eight columns, one link a message."""
    columns = (table.column(name).to_pylist() for name in ("account", "obj", "at_s"))
    with file.open("w", encoding="utf-8") as stream:
        stream.write("message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n")
        for row, (account, obj, at_s) in enumerate(zip(*columns, strict=True)):
            stream.write(f"{row},{account},u{account},,,m{row},{at_s},http://x.example/{obj}\n")


def _toolkit(file: Path) -> tuple[int, int, float]:
    """The toolkit's co_link network over links; its table is filled by hand, so that only its compute step counts."""
    from coordination_network_toolkit.compute_networks import compute_co_link_network
    from coordination_network_toolkit.preprocess import preprocess_csv_files

    store, csv = file.with_suffix(".toolkit.db"), file.with_suffix(".toolkit.csv")
    store.unlink(missing_ok=True)
    write_toolkit_csv(pq.read_table(file), csv)
    preprocess_csv_files(str(store), [str(csv)])
    before = _cpu_s()  # its workers are counted when this process is over: `measure` takes the difference
    compute_co_link_network(str(store), WINDOW_S, min_edge_weight=MINIMUM, n_threads=len(os.sched_getaffinity(0)))
    with sqlite3.connect(store) as connection:
        edges, total = connection.execute(
            "select count(*), sum(weight) from co_link_network where user_1 < user_2 and weight >= ?", (MINIMUM,)
        ).fetchone()
    return int(edges), int(total or 0), -before


def _cpu_s() -> float:
    """CPU seconds of this process and its children, user and system."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def run_engine(engine: str, file: Path) -> dict[str, Any]:
    """Run one engine in this process: edges, total, work_cpu_s (below zero: CPU seconds spent before the work)."""
    edges, total, work = {"kernel": _kernel, "duckdb": _duckdb, "toolkit": _toolkit}[engine](file)
    return {"edges": edges, "total": total, "work_cpu_s": work}


def measure(engine: str, file: Path, *, timeout_s: float = 3600) -> Measured:
    """Run one engine in a process of its own.

    Args:
        engine: one of `ENGINES`.
        file: Parquet of account, obj, at_s.
        timeout_s: the process is ended after so long.

    Raises:
        subprocess.CalledProcessError: the engine failed.

    """
    code = (
        "import json, sys, pathlib; from samehand.evaluation.speed import run_engine; "
        "print(json.dumps(run_engine(sys.argv[1], pathlib.Path(sys.argv[2]))))"
    )
    report = file.with_suffix(".usage")
    begun = time.perf_counter()
    # a process between us and the engine reports what its one child used, so that no earlier run is counted in
    watcher = (
        "import json, resource, subprocess, sys; "
        "out = subprocess.run(sys.argv[2:], check=True, stdout=subprocess.PIPE).stdout; "
        "u = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "open(sys.argv[1], 'w').write(json.dumps([u.ru_utime + u.ru_stime, u.ru_maxrss / 1024])); sys.stdout.buffer.write(out)"
    )
    done = subprocess.run(
        [sys.executable, "-c", watcher, str(report), sys.executable, "-c", code, engine, str(file)],
        check=True, stdout=subprocess.PIPE, timeout=timeout_s,
    )  # fmt: skip
    wall = time.perf_counter() - begun
    cpu, peak = json.loads(report.read_text())
    result = json.loads(done.stdout.splitlines()[-1])
    work = result["work_cpu_s"] if result["work_cpu_s"] >= 0 else cpu + result["work_cpu_s"]
    return Measured(engine, result["edges"], result["total"], work, cpu, wall, peak)
