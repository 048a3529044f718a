"""How much of an operation a tip of three leads to, and who is taken in by mistake; writes docs/measured/expansion.md.

`python tools/bench/expansion.py`: 25 worlds of 15 to 500 assets on seeds that nothing was chosen by, tips of three accounts, pages or
groups, mixed tips, and tips that are wrong; the same of accounts alone, and worlds without an operation.
"""

from __future__ import annotations

import sys
from pathlib import Path

from samehand.evaluation import expand_tips, expansion_tables, write_page

PAGE = Path("docs/measured/expansion.md")
FIRST_SEED, WORLDS, FEWER = 71_000, 25, 8


def main() -> None:
    """Measure, and write the page."""

    def say(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    seeds = range(FIRST_SEED, FIRST_SEED + WORLDS)
    scores = expand_tips("assets", seeds, say=say)
    scores += expand_tips("assets-accounts", seeds[:FEWER], say=say)
    scores += expand_tips("assets-quiet", seeds[:FEWER], say=say)
    write_page(PAGE, "Expansion from tips", "make bench (tools/bench/expansion.py)", expansion_tables(scores))


if __name__ == "__main__":
    main()
