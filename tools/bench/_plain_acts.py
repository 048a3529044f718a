"""As many lines and rows as `casework.py` writes, by the shortest way: `_plain_acts.py FOLDER ACCOUNTS BATCH`."""

from __future__ import annotations

import csv
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path


def main(folder: Path, accounts: int, batch: int) -> None:
    """Write each act and its undoing into a table and a file."""
    with (
        open(folder / "plain.csv", "w", newline="", encoding="utf-8") as file,
        closing(sqlite3.connect(folder / "plain.sqlite")) as database,
    ):
        database.execute("CREATE TABLE acts (account TEXT, action TEXT, at TEXT, PRIMARY KEY (account, action))")
        writer = csv.writer(file)
        for action in ("limit", "unlimit"):
            for low in range(0, accounts, batch):
                at = datetime.now(UTC).isoformat()
                rows = [(f"account-{k:07}", action, at) for k in range(low, min(low + batch, accounts))]
                with database:
                    database.executemany("INSERT INTO acts VALUES (?, ?, ?)", rows)
                writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
