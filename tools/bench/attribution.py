"""How often a state is named, rightly and wrongly, on simulated worlds; writes docs/measured/attribution.md.

`python tools/bench/attribution.py`: worlds of each truth on seeds that nothing was chosen by, as they are and with a forged
document planted; state-directed worlds are drawn until so many left two unforgeable kinds of traces.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from samehand.evaluation import Attributed, attributed_worlds, markdown_table, write_page
from samehand.simulation import TRUTHS

PAGE = Path("docs/measured/attribution.md")
WORLDS = 50
FIRST_SEED = 53_000
ORDER = ("low", "moderate", "high")
ALIKE = 1e-9
UNFORGED = 2
"""So many unforgeable kinds of traces have to be left for a state to be expected."""


def _row(name: str, plain: list[Attributed], forged: list[Attributed]) -> list[str]:
    def of(found: list[Attributed]) -> list[str]:
        named, leans = sum(one.names_a_state for one in found), sum(one.leans_to_a_state for one in found)
        return [str(len(found)), str(named), str(leans)]

    return [name, *of(plain), *of(forged)[1:]]


def _changes(plain: list[Attributed], forged: list[Attributed]) -> Counter[str]:
    """What the forged document did to the confidence of claims that name a state."""
    found: Counter[str] = Counter()
    for before, after in zip(plain, forged, strict=True):
        if before.names_a_state:
            marks = any(one.kind == "planted_marks" for one in after.items)
            fell = ORDER.index(after.weighed.confidence) < ORDER.index(before.weighed.confidence)
            found[f"{'fell' if fell else 'stayed'}{', marks found' if marks else ', no mark found'}"] += 1
        elif after.names_a_state:
            found["newly named"] += 1
    return found


def _odds(plain: list[Attributed], forged: list[Attributed]) -> Counter[str]:
    """What the forged document did to the probability that a state directs it, in claims that name one."""
    found: Counter[str] = Counter()
    for before, after in zip(plain, forged, strict=True):
        if before.names_a_state:
            marks = any(one.kind == "planted_marks" for one in after.items)
            change = after.weighed.posterior["state_directed"] - before.weighed.posterior["state_directed"]
            word = "fell" if change < -ALIKE else "rose" if change > ALIKE else "stayed"
            found[f"{word}{', marks found' if marks else ', no mark found'}"] += 1
    return found


def _said(counts: Counter[str]) -> str:
    return "; ".join(f"{name}: {count}" for name, count in sorted(counts.items()))


def main() -> None:
    """Measure, and write the page."""
    seeds = range(FIRST_SEED, FIRST_SEED + WORLDS)
    rows, changes, odds = [], Counter[str](), Counter[str]()
    for truth in TRUTHS:
        drawn = seeds if truth != "state_directed" else range(FIRST_SEED, FIRST_SEED + 3 * WORLDS)
        plain, forged = attributed_worlds(drawn, [truth]), attributed_worlds(drawn, [truth], forged=True)
        changes += _changes(plain, forged)
        odds += _odds(plain, forged)
        if truth == "state_directed":
            kept = [k for k, one in enumerate(plain) if len(one.world.left) >= UNFORGED][:WORLDS]
            rows.append(
                _row("state_directed, two unforgeable kinds left", [plain[k] for k in kept], [forged[k] for k in kept])
            )
        rows.append(_row(truth, plain, forged))
    write_page(PAGE, "Attribution", "make bench (tools/bench/attribution.py)", [
        f"Worlds of `attribution_world`, seeds from {FIRST_SEED:,}; *named*: likely or more, with high confidence, so that it may be "
        "signed; *leans*: likely or more by probability alone, which no text says. *Forged*: a document from within is planted as well; "
        "half of the forgers slip, and somebody sees it.",
        markdown_table(
            ["who is behind it", "worlds", "named", "leans", "named, forged", "leans, forged"], rows
        ),
        f"Confidence (low, moderate, high) of claims that name a state, when the forged document comes: {_said(changes)}. The "
        f"probability that a state directs it: {_said(odds)}.",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
