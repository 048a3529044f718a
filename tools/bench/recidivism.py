"""A wave of a known operator among millions, and decisions one by one: writes docs/measured/recidivism.md.

`python tools/bench/recidivism.py` draws, replays and counts the whole worlds (an hour, 10 GB of disk); `--scale 0.02` small
ones. Each step is a process of its own; what a replay costs is what its process used. Each part lies in bench/recidivism/ when it
is done, and the page is made of those that are there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from time import perf_counter, sleep

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.evaluation import markdown_table, uncapped, write_page
from samehand.evaluation.costs import Cost, run, samehand
from samehand.policy import DECISIONS, read_signup_policy
from samehand.records import TIME
from samehand.signups import KeyRing, SignupStream
from samehand.simulation import draw_signups, signup_scenario

SEED = 67_900
PAGE = Path("docs/measured/recidivism.md")
SCENARIOS = {"known": "signups-recidivism", "mixed": "signups-recidivism-mixed"}
DONE = Path("bench/recidivism")
PARTS = ("known", "mixed", "latency")
ONE_BY_ONE = 20_000
AT_RATES = {250: 5_000, 500: 10_000, 750: 10_000, 1_000: 10_000, 1_500: 10_000}
"""Sign-ups a second, and how many of them."""
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


def _filled(scale: float) -> tuple[SignupStream, pa.Table]:
    """A stream that holds all but the last sign-ups of a world, and those; its baseline reaches back to the first day."""
    world, shipped = draw_signups(signup_scenario("signups-recidivism", SEED, scale), SEED), read_signup_policy()
    policy = replace(uncapped(shipped), time=replace(shipped.time, baseline_days=world.parameters.days))
    stream, table = SignupStream(policy, KeyRing(("1",), (b"bench" + bytes(27),))), world.signups
    del world
    first = max(0, len(table) - sum(AT_RATES.values()) - ONE_BY_ONE)
    for low in range(0, first, 50_000):
        stream.feed(table.slice(low, min(50_000, first - low)))
    return stream, table.slice(first)


def one_by_one(scale: float) -> list[str]:
    """Latency of single decisions: one after the other, and as they come at random, so many a second."""
    stream, table = _filled(scale)
    held = stream.ledger.end
    say(f"the state holds {held:,} sign-ups")
    took = np.array([_served(stream, table, row) for row in range(ONE_BY_ONE)])
    rows = [("one after the other", f"{ONE_BY_ONE:,}", *_quantiles(took), f"{1 / took.mean():.0f}")]
    stream.finish()
    rng, low = np.random.default_rng(SEED), ONE_BY_ONE
    for rate, count in AT_RATES.items():
        due, done = np.cumsum(rng.exponential(1 / rate, count)), np.zeros(count)
        at = pa.array(stream.last_us + (1e6 * due).astype(np.int64), TIME)
        some = table.slice(low, count).set_column(table.column_names.index("at"), "at", at)
        begun = perf_counter()
        for k in range(count):
            if (wait := begun + due[k] - perf_counter()) > 0:
                sleep(wait)
            _served(stream, some, k)
            done[k] = perf_counter() - begun
        low += count
        rows.append((f"{rate} a second", f"{count:,}", *_quantiles(done - due), f"{count / done[-1]:.0f}"))
        say(str(rows[-1]))
    begun = perf_counter()
    stream.finish()
    look_s, new = perf_counter() - begun, sum(AT_RATES.values())
    return [
        "## Decisions one by one",
        f"Decisions one by one, in process, one core, on a state that holds {held:,} sign-ups: milliseconds from the moment at which a "
        "sign-up comes to its decision, waiting included. *One after the other*: each when the one before it is decided, at "
        "the world's own times, with a look for waves among every two to three thousand. Below they come at random (exponential waits) "
        "at the rate named, at times to match, so that no hour ends meanwhile; *decided a second* below the rate says that it falls "
        "behind: it saturates there.",
        markdown_table(("sign-ups come", "number", "median", "p99", "p99.9", "worst", "decided a second"), rows),
        f"A look over the {new:,} that came then took {look_s:.1f} s. Nobody is decided meanwhile: at 500 a second looks take "
        f"{100 * 500 * look_s / new:.0f} % of the time, and who comes then waits for the end of it. A platform with so many runs looks "
        "oftener (`epoch_minutes`), so that they are short, or splits its sign-ups over several streams.",
    ]


def _served(stream: SignupStream, table: pa.Table, row: int) -> float:
    begun = perf_counter()
    stream.feed(table.slice(row, 1))
    return perf_counter() - begun


def _quantiles(seconds: npt.NDArray[np.float64]) -> list[str]:
    return [f"{1_000 * np.quantile(seconds, q):.2f}" for q in (0.5, 0.99, 0.999, 1.0)]


def world(part: str, scale: float) -> list[str]:
    """Whom a replay contains, and what it costs."""
    with tempfile.TemporaryDirectory() as folder:
        rows, cost = replayed(SCENARIOS[part], scale, Path(folder))
    return [
        "## A known operator's wave" + (", of mixed evasion" if part == "mixed" else ""),
        f"Scale {scale:g} of a wave of 200,000 by an operator of whom 936 accounts were taken down, among 5,000,000 genuine "
        f"sign-ups in 90 days; seed {SEED}, daily caps lifted, automatic suspension on.",
        markdown_table(HEAD, rows),
        "What `samehand signups replay` cost, the reading of the dataset and the writing of the run included.",
        markdown_table(COST, [cost]),
    ]


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be given again")
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    DONE.mkdir(parents=True, exist_ok=True)
    for part in asked.only or PARTS:
        texts = world(part, asked.scale) if part in SCENARIOS else one_by_one(asked.scale)
        (DONE / f"{part}.md").write_text("\n\n".join(texts), encoding="utf-8")
    done = [DONE / f"{name}.md" for name in PARTS if (DONE / f"{name}.md").is_file()]
    write_page(
        asked.page, "Recidivism and speed", "make bench (tools/bench/recidivism.py)",
        [file.read_text(encoding="utf-8") for file in done],
    )  # fmt: skip


if __name__ == "__main__":
    main()
