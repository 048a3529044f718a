"""A wave of a known operator among millions, and decisions one by one: writes docs/measured/recidivism.md.

`python tools/bench/recidivism.py` draws, replays and counts the whole worlds (an hour, 10 GB of disk); `--scale 0.02` small
ones. Each step is a process of its own; what a replay costs is what its process used.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from time import perf_counter

import duckdb
import numpy as np

from samehand.evaluation import markdown_table, uncapped, write_page
from samehand.evaluation.costs import Cost, run, samehand
from samehand.policy import DECISIONS, read_signup_policy
from samehand.signups import KeyRing, SignupStream
from samehand.simulation import draw_signups, signup_scenario

SEED = 63_900
PAGE = Path("docs/measured/recidivism.md")
SCENARIOS = ("signups-recidivism", "signups-recidivism-mixed")
ONE_BY_ONE = 20_000
CAPS = ("challenge", "limit", "review", "suspend")
HEAD = ("world", "wave", "limited", "before first post", "genuine people", "limited", "challenged", "suspended")
COST = ("world", "sign-ups", "wall s", "CPU s", "us of CPU each", "peak MiB")
COUNTS = """
    WITH best AS (
        SELECT asset_id, max(list_position(?, decision)) AS rung,
               min(CASE WHEN list_position(?, decision) >= ? THEN decided_at END) AS limited_at
        FROM read_parquet(?) GROUP BY asset_id
    )
    SELECT role, evasion, count(*), count(*) FILTER (rung >= ?), count(*) FILTER (rung >= ?), count(*) FILTER (rung >= ?),
           count(*) FILTER (limited_at < coalesce(first_post_at, TIMESTAMPTZ '9999-01-01'))
    FROM read_csv(?, header = true, types = {'asset_id': 'VARCHAR', 'first_post_at': 'TIMESTAMPTZ'}) JOIN best USING (asset_id)
    GROUP BY role, evasion ORDER BY role, evasion
"""
"""By role and level: accounts, challenged or more, limited or more, suspended, limited before the first post."""


Count = tuple[str, str, int, int, int, int, int]


def say(words: str) -> None:
    """Tell on stderr what is being done."""
    sys.stderr.write(words + "\n")


def _without_caps(path: Path) -> Path:
    """The shipped policy with daily caps lifted, in a file."""
    text = files("samehand.policy").joinpath("packs/signups.toml").read_text(encoding="utf-8")
    head, caps = text.split("[caps]", 1)
    path.write_text(
        head + "[caps]" + "\n" + "".join(f"{name} = 1000000000\n" for name in CAPS) + caps[caps.index("\n[") :]
    )
    if read_signup_policy(path) != uncapped(read_signup_policy()):
        sys.exit("the policy without caps is not the shipped one without caps")
    return path


def replayed(scenario: str, scale: float, folder: Path) -> tuple[list[tuple[object, ...]], tuple[object, ...]]:
    """Draw a world, replay it with the command, and count: rows of the page, and what it cost."""
    world, out = folder / "world", folder / "run"
    run(samehand("simulate", scenario, "--out", str(world), "--scale", str(scale), "--seed", str(SEED)))
    say(f"{scenario} is drawn")
    cost = run(
        samehand("signups", "replay", str(world), "--out", str(out), "--known-bad", str(world / "known_bad.csv"), "--policy",
                 str(_without_caps(folder / "policy.toml")), "--automatic-suspension")
    )  # fmt: skip
    challenge, limit, suspend = (DECISIONS.index(name) + 1 for name in ("challenge", "limit", "suspend"))
    counts: list[Count] = duckdb.execute(
        COUNTS,
        [list(DECISIONS), list(DECISIONS), limit, str(out / "decisions.parquet"), challenge, limit, suspend,
                str(world / "truth.csv")],
    ).fetchall()  # fmt: skip
    rows = _rows(scenario, counts)
    say(f"{scenario}: {rows[0]} {cost}")
    return rows, _cost_row(scenario, sum(one[2] for one in counts), cost)


def _rows(scenario: str, counts: Sequence[Count]) -> list[tuple[object, ...]]:
    def summed(role: str) -> list[int]:
        return [sum(column) for column in zip(*(one[2:] for one in counts if one[0] == role), strict=True)]

    (wave, _, limited, _, before), (people, hit, stopped, suspended, _) = summed("operation"), summed("genuine")
    whole = (
        scenario, f"{wave:,}", f"{limited / wave:.3f}", f"{before / wave:.3f}", f"{people:,}", f"{100 * stopped / people:.4f} %",
        f"{100 * hit / people:.4f} %", suspended,
    )  # fmt: skip
    levels = [
        (f"– of these {level}", f"{n:,}", f"{one / n:.3f}", f"{early / n:.3f}", *[""] * 4)
        for role, level, n, _, one, _, early in counts
        if role == "operation"
    ]
    return [whole, *levels]


def _cost_row(scenario: str, signups: int, cost: Cost) -> tuple[object, ...]:
    return (
        scenario, f"{signups:,}", f"{cost.wall_s:.0f}", f"{cost.cpu_s:.0f}", f"{1e6 * cost.cpu_s / signups:.0f}",
        f"{cost.peak_mib:,.0f}",
    )  # fmt: skip


def one_by_one(scale: float) -> tuple[object, ...]:
    """Latency of single decisions on a state that holds a whole world: its baseline reaches back to the first day."""
    world, shipped = draw_signups(signup_scenario("signups-recidivism", SEED, scale), SEED), read_signup_policy()
    policy = replace(uncapped(shipped), time=replace(shipped.time, baseline_days=world.parameters.days))
    table, ring = world.signups, KeyRing(("1",), (b"bench" + bytes(27),))
    del world
    stream = SignupStream(policy, ring)
    first = max(0, len(table) - ONE_BY_ONE)
    for low in range(0, first, 50_000):
        stream.feed(table.slice(low, min(50_000, first - low)))
    took = []
    for row in range(first, len(table)):
        begun = perf_counter()
        stream.feed(table.slice(row, 1))
        took.append(perf_counter() - begun)
    milli = 1_000 * np.array(took)
    return (
        f"{stream.ledger.end:,}", f"{first:,}", *(f"{np.quantile(milli, q):.2f}" for q in (0.5, 0.99, 0.999, 1.0)),
        f"{1_000 / milli.mean():.0f}",
    )  # fmt: skip


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    costs = []
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            found, cost = replayed(scenario, asked.scale, Path(folder))
        rows += found
        costs.append(cost)
    latency = one_by_one(asked.scale)
    write_page(
        asked.page, "Recidivism and speed", "make bench (tools/bench/recidivism.py)",
        [
            f"Scale {asked.scale:g} of a wave of 200,000 by an operator of whom 936 accounts were taken down, among 5,000,000 genuine "
            f"sign-ups in 90 days; seed {SEED}, daily caps lifted, automatic suspension on.",
            markdown_table(HEAD, rows),
            "What `samehand signups replay` cost, the reading of the dataset and the writing of the run included.",
            markdown_table(COST, costs),
            "Decisions one by one, in process, one core: milliseconds; on a state that holds all sign-ups of the world.",
            markdown_table(
                ("sign-ups in memory", "seen before", "median", "p99", "p99.9", "worst", "a second at most"), [latency]
            ),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
