"""How much of an operation a tip of three leads to, and who is taken in by mistake; writes docs/measured/expansion.md.

`python tools/bench/expansion.py`: 25 worlds of 15 to 500 assets on seeds that nothing was chosen by; tips of three accounts, pages
or groups, once more after a reviewer's answers; mixed tips, and tips that are wrong; operations of accounts alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

from samehand.evaluation import expand_tips, expansion_tables, write_page

PAGE = Path("docs/measured/expansion.md")
FIRST_SEED, WORLDS, FEWER = 72_000, 25, 6


def main() -> None:
    """Measure, and write the page."""

    def say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    seeds = range(FIRST_SEED, FIRST_SEED + WORLDS)
    scores = expand_tips("assets", seeds, tips=("assets",), passes=1, say=say)
    scores += expand_tips("assets", seeds, tips=("mixed", "genuine"), passes=0, say=say)
    scores += expand_tips("assets-accounts", seeds[:FEWER], tips=("assets",), passes=0, say=say)
    write_page(PAGE, "Expansion from tips", "make bench (tools/bench/expansion.py)", expansion_tables(scores))


if __name__ == "__main__":
    main()
