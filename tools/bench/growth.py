"""Ten times the activities at constant density, and one object that a hundred thousand share: docs/measured/growth.md."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from samehand.evaluation import draw_activities, markdown_table, write_page
from samehand.evaluation.costs import Cost, run, samehand
from samehand.evaluation.speed import Measured, measure, write_toolkit_csv

SIZES = (500_000, 2_000_000, 5_000_000, 20_000_000)
TENFOLD = ((500_000, 5_000_000), (2_000_000, 20_000_000))
REPEATS = 3
DAYS = 30
CELLS, CELL = 4, 500
CROWD, CROWD_SPAN_S = 100_000, 600
MOST = 13.0


def _popularity(rng: np.random.Generator, objects: int, rows: int) -> npt.NDArray[np.int64]:
    """Objects whose sharers have one distribution whatever their number: Pareto with exponent 1.5, at most 500 times the least."""
    weight = np.minimum((1 - rng.random(objects)) ** (-1 / 1.5), 500.0)
    heap = np.cumsum(weight)
    return np.asarray(np.searchsorted(heap, rng.random(rows) * heap[-1]), np.int64)


def draw_dense(rows: int, seed: int) -> pa.Table:
    """About `rows` activities: account, obj, at_s, at most one for each account and object.

    Rows / 10 accounts and rows / 6 objects, so that an account does ten things and an object has six sharers on average
    at any size; and 4 planted cells of 500 accounts for each 500,000 rows.
    """
    rng = np.random.default_rng(seed)
    accounts, objects = rows // 10, rows // 6
    obj, account = _popularity(rng, objects, rows), rng.integers(0, accounts, rows)
    at = rng.random(objects)[obj] * DAYS * 86400 + np.exp(rng.normal(np.log(7200), 1.8, rows))
    parts = [(account, obj, at)]
    for cell in range(CELLS * rows // 500_000):
        member, thing = np.nonzero(rng.random((CELL, 60)) < 0.5)
        moment = rng.random(60)[thing] * DAYS * 86400 + rng.normal(0, 20, len(member))
        parts.append((accounts + cell * CELL + member, objects + cell * 60 + thing, moment))
    account, obj, at = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    _, first = np.unique(account * (int(obj.max()) + 1) + obj, return_index=True)
    first = rng.permutation(first)
    return pa.table({"account": account[first], "obj": obj[first], "at_s": at[first].astype(np.int64)})


def _crowded(rows: int, seed: int) -> pa.Table:
    """The activities of `speed.py`, and one object more that 100,000 accounts share within ten minutes."""
    table = draw_activities(rows, seed)
    rng = np.random.default_rng(seed + 1)
    accounts = np.unique(table.column("account").to_numpy())
    who = rng.permutation(accounts)[:CROWD]
    at_s = 15 * 86400 + rng.integers(0, CROWD_SPAN_S, len(who))
    obj = np.full(len(who), int(table.column("obj").to_numpy().max()) + 1)
    return pa.concat_tables([table, pa.table({"account": who, "obj": obj, "at_s": at_s})])


def _measured(table: pa.Table, file: Path) -> list[Measured]:
    pq.write_table(table, file)
    runs = [measure("kernel", file) for _ in range(REPEATS)]
    sys.stderr.write(f"{table.num_rows:,} {runs[-1]}\n")
    return runs


def _growth(folder: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = []
    cost: dict[int, float] = {}
    for size in SIZES:
        runs = _measured(table := draw_dense(size, 7), folder / f"{size}.parquet")
        work = [one.work_cpu_s for one in runs]
        cost[size] = median(work)
        spread = f"{median(work):.2f} ({min(work):.2f}–{max(work):.2f})"
        rows.append(
            (f"{table.num_rows:,}", f"{runs[0].edges:,}", spread, f"{median(one.cpu_s for one in runs):.1f}",
             f"{max(one.peak_mib for one in runs):.0f}")
        )  # fmt: skip
        del table
    factors: list[tuple[object, ...]] = [
        (
            f"{small:,} to {large:,}",
            f"{cost[large] / cost[small]:.1f}",
            "yes" if cost[large] <= MOST * cost[small] else "no",
        )
        for small, large in TENFOLD
    ]
    return rows, factors


def _detected(table: pa.Table, folder: Path, name: str) -> tuple[Cost, dict[str, object]]:
    """A whole `detect` over these activities, and what its run says."""
    file, data, out = folder / f"{name}.csv", folder / f"{name}-data", folder / f"{name}-run"
    write_toolkit_csv(table, file)
    run(samehand("import", "toolkit", str(file), "--into", str(data)))
    cost = run(samehand("detect", str(data), "--out", str(out), "--traces", "url"))
    info = json.loads((out / "run.json").read_text())
    sampled = pq.read_table(out / "edges.parquet", columns=["sampled"]).column(0).to_numpy()
    return cost, {"banded": info["families"][0]["banded_objects"], "edges": len(sampled), "sampled": int(sampled.sum())}


def _crowd(folder: Path) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for name, table in (("without", draw_activities(1_000_000, 7)), ("with", _crowded(1_000_000, 7))):
        kernel = _measured(table, folder / f"{name}.parquet")
        cost, said = _detected(table, folder, name)
        work = median(one.work_cpu_s for one in kernel)
        rows.append(
            (
                name,
                f"{work:.2f}",
                f"{cost.cpu_s:.1f}",
                f"{cost.peak_mib:.0f}",
                said["banded"],
                said["edges"],
                said["sampled"],
            )
        )
        sys.stderr.write(f"{rows[-1]}\n")
    return rows


def main() -> None:
    """Measure and write the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, factors = _growth(folder)
        crowd = _crowd(folder)
    parts = [
        "Pairs with at least 3 common objects within 60 s. *Constant density*: accounts, objects and planted teams grow "
        "with the activities, an account does ten things on average and an object has six sharers at every size; how "
        "popular objects are has one fixed shape (Pareto, exponent 1.5, at most 500 times the least) instead of hubs that "
        "grow with the data as in `speed.md`. CPU seconds of counting (sort included), median and range of three; process "
        "CPU and peak with start and loading.",
        markdown_table(("activities", "edges", "counting CPU s", "process CPU s", "peak MiB"), rows),
        f"Ten times the activities cost so many times the CPU time (at most {MOST:g} asked for):",
        markdown_table(("from, to", "times", "within"), factors),
        f"One object shared by {CROWD:,} accounts within ten minutes, on top of a million activities as in `speed.md`. It is "
        "banded: of its sharers only near neighbours in a fixed order are paired, objects that are so are counted in the "
        "run (`banded_objects`, and a note), and an edge that leans on one is marked `sampled`. *Detect* is the whole "
        "command, four windows, receipts and report.",
        markdown_table(
            ("that object", "kernel CPU s", "detect CPU s", "detect peak MiB", "banded", "edges", "of them sampled"),
            crowd,
        ),
    ]
    write_page(Path("docs/measured/growth.md"), "Growth", "make bench (tools/bench/growth.py)", parts)


if __name__ == "__main__":
    main()
