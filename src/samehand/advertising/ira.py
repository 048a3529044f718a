"""The ads that the Internet Research Agency bought on Facebook, as the United States House released them, from an SQLite file.

The file is what simonw/russian-ira-facebook-ads-datasette makes of the release. It was read from scanned pages: an end before
its beginning is not held, and said.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from samehand.advertising.ad_record import AdRecord
from samehand.errors import FormatError, NotFoundError

__all__ = ["IraAds"]

TABLES: Final[Mapping[str, frozenset[str]]] = {
    "ads": frozenset(
        {"id", "clicks", "impressions", "text", "url", "spend_amount", "spend_currency", "created", "ended"}
    ),
    "targets": frozenset({"id", "name", "category"}),
    "ad_targets": frozenset({"target_id", "ad_id"}),
}
PLATFORM: Final = "facebook"
UNITED_STATES: Final = "united_states"


class IraAds:
    """The file, open to be read once.

    Args:
        path: of the SQLite file.

    Attributes:
        read, rejected: rows so far; those that bear no id are rejected. turned: ads whose end lies before their beginning.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no such database.

    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotFoundError(f"{path}: there is no such file")
        self.path, self.read, self.rejected, self.turned = path, 0, 0, 0
        with closing(self._open()) as file:
            for table, columns in TABLES.items():
                try:
                    held = {row[1] for row in file.execute(f"PRAGMA table_info({table})")}
                except sqlite3.DatabaseError as error:
                    raise FormatError(f"{path} is no SQLite file ({error})") from error
                if missing := columns - held:
                    raise FormatError(f"{path} has no column {table}.{min(missing)}; it is no file of these ads")

    def _open(self) -> sqlite3.Connection:
        file = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        file.row_factory = sqlite3.Row
        return file

    def records(self) -> Iterator[AdRecord]:
        """The ads, each with what it was aimed at."""
        with closing(self._open()) as file:
            aimed: dict[int, list[tuple[str, str]]] = defaultdict(list)
            chosen = "SELECT a.ad_id, t.category, t.name FROM ad_targets a JOIN targets t ON t.id = a.target_id ORDER BY t.id"
            for ad, category, name in file.execute(chosen):
                aimed[ad].append((category, name))
            for row in file.execute("SELECT * FROM ads ORDER BY id"):
                self.read += 1
                if row["id"] is None:
                    self.rejected += 1
                    continue
                yield self._record(row, aimed.get(row["id"], []))

    def _record(self, row: Any, aimed: list[tuple[str, str]]) -> AdRecord:
        first, last = _moment(row["created"]), _moment(row["ended"])
        if first and last and last < first:
            self.turned += 1
            last = None
        spent = None if row["spend_amount"] in (None, "") else float(row["spend_amount"])
        shown = row["impressions"]
        excluded = tuple(name for category, name in aimed if category.startswith("exclu"))
        targeted = tuple(name for _, name in aimed if name not in excluded)
        at_home = any(
            UNITED_STATES in name.lower().replace(" ", "_") for name in targeted if name.startswith("location")
        )
        return AdRecord(
            platform=PLATFORM, ad_id=str(row["id"]), page=row["url"] or "", text=(row["text"] or "").strip(),
            landing_url=row["url"] or "", first_shown=first, last_shown=last, targeted=targeted, excluded=excluded,
            countries=("US",) if at_home else (), impressions_min=shown, impressions_max=shown, clicks=row["clicks"],
            spend_min=spent, spend_max=spent, currency=row["spend_currency"] or "", status="stopped", political=None,
        )  # fmt: skip


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None
