"""Make `src/samehand/records/disarm.csv` anew from the MISP galaxy of DISARM techniques: `python -m tools.disarm_table FILE`.

The galaxy is CC0 or BSD; its notice stands in `disarm.NOTICE.txt` beside the table.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

TABLE = Path("src/samehand/records/disarm.csv")


def main(source: str) -> None:
    """Write the table: technique, name, tactic, and the galaxy's own id of it."""
    values = json.loads(Path(source).read_text("utf-8"))["values"]
    rows = [
        (one["meta"]["external_id"], one["value"], one["meta"]["kill_chain"][0].removeprefix("tactics:"), one["uuid"])
        for one in values
    ]
    with open(TABLE, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("technique", "name", "tactic", "uuid"))
        out.writerows(sorted(rows))
    print(f"{TABLE}: {len(rows)} techniques")


if __name__ == "__main__":
    main(sys.argv[1])
