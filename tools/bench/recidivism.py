"""A wave of a known operator among millions, and decisions one by one: writes docs/measured/recidivism.md.

`python tools/bench/recidivism.py` runs the whole world (an hour, 12 GiB with the drawing of the world); `--scale 0.02` a small one.
"""

from __future__ import annotations

import argparse
import resource
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

from samehand.evaluation import NewcomerScore, markdown_table, score_newcomers, uncapped, write_page
from samehand.policy import read_signup_policy
from samehand.signups import KeyRing, SignupStream
from samehand.simulation import draw_signups, signup_scenario

SEED = 61_900
PAGE = Path("docs/measured/recidivism.md")
SCENARIOS = ("signups-recidivism", "signups-recidivism-mixed")
ONE_BY_ONE = 20_000
HEAD = (
    "world",
    "wave",
    "limited",
    "before first post",
    "genuine people",
    "limited",
    "challenged",
    "suspended",
    "sign-ups",
    "CPU s",
    "us each",
)


def say(words: str) -> None:
    """Tell on stderr what is being done."""
    sys.stderr.write(words + "\n")


def _rows(name: str, one: NewcomerScore) -> list[tuple[object, ...]]:
    everybody = one.operation + one.genuine + one.spam
    whole = (
        name, f"{one.operation:,}", f"{one.limited / one.operation:.3f}", f"{one.before / one.operation:.3f}", f"{one.genuine:,}",
        f"{100 * one.genuine_limited / one.genuine:.4f} %", f"{100 * one.genuine_challenged / one.genuine:.4f} %",
        one.genuine_suspended, f"{everybody:,}", f"{one.seconds:.0f}", f"{1e6 * one.seconds / everybody:.0f}",
    )  # fmt: skip
    levels = [
        (f"– of these {level}", f"{count:,}", f"{limited / count:.3f}", f"{before / count:.3f}", *[""] * 7)
        for level, (count, limited, before) in one.by_level.items()
    ]
    return [whole, *levels]


def one_by_one(scale: float) -> tuple[object, ...]:
    """Latency of single decisions on a state that holds a world."""
    world = draw_signups(signup_scenario("signups-recidivism", SEED, scale), SEED)
    table, ring = world.signups, KeyRing(("1",), (b"bench" + bytes(27),))
    stream = SignupStream(uncapped(read_signup_policy()), ring)
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
        f"{stream.ledger.end:,}", f"{first:,}", *(f"{np.quantile(milli, q):.2f}" for q in (0.5, 0.99, 1.0)),
        f"{1_000 / milli.mean():.0f}",
    )  # fmt: skip


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    policy = uncapped(read_signup_policy())
    for scenario in SCENARIOS:
        one = score_newcomers(signup_scenario(scenario, SEED, asked.scale), SEED, policy, suspends=True, beside=False)
        rows += _rows(scenario, one)
        say(f"{scenario}: {one.limited} of {one.operation} limited, {one.genuine_limited} genuine, {one.seconds:.0f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    latency = one_by_one(asked.scale)
    write_page(
        asked.page, "Recidivism and speed", "make bench (tools/bench/recidivism.py)",
        [
            f"Scale {asked.scale:g} of a wave of 200,000 by an operator of whom 936 accounts were taken down, among 5,000,000 genuine "
            f"sign-ups in 90 days; seed {SEED}, daily caps lifted, automatic suspension on. CPU seconds are those of the decisions on "
            f"one core. Peak memory of the whole process, the drawing of the world included: {peak:,.0f} MiB.",
            markdown_table(HEAD, rows),
            "Decisions one by one, in process, one core: milliseconds.",
            markdown_table(("sign-ups in memory", "seen before", "median", "p99", "worst", "a second at most"), [latency]),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
