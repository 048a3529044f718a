"""What a caller may choose about a detection, and how it is read."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from samehand.errors import UsageError

__all__ = ["DEFAULT_WINDOWS", "DetectParameters", "parse_time", "parse_windows"]

DEFAULT_WINDOWS = ("10s", "60s", "10m", "1h", "6h")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_windows(words: str) -> tuple[int, ...]:
    """Read `10s,60s,10m,1h` as seconds, ascending, each once.

    Raises:
        UsageError: a word is no whole number with s, m, h or d behind it, or is zero.

    """
    seconds = set()
    for word in words.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*([smhd])\s*", word)
        if not match or int(match[1]) == 0:
            raise UsageError(f"--window cannot be read at '{word}'; write it like 10s,60s,10m,1h")
        seconds.add(int(match[1]) * _UNITS[match[2]])
    return tuple(sorted(seconds))


def parse_time(word: str | None, option: str) -> datetime | None:
    """Read an ISO date or time; without a zone it is UTC.

    Raises:
        UsageError: it is neither.

    """
    if word is None:
        return None
    try:
        moment = datetime.fromisoformat(word)
    except ValueError as error:
        raise UsageError(
            f"{option} '{word}' is no date or time; write it like 2019-08-19 or 2019-08-19T12:00:00+08:00"
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


@dataclass(frozen=True)
class DetectParameters:
    """How to detect.

    Attributes:
        traces: names, all of them when None.
        windows_s: windows in seconds, ascending.
        fdr: the false discovery rate of the run.
        since, until: ISO times, from and before.
        where: an SQL condition over the posts table.
        seed: seeds the search for communities and the choice of controls.
        context: a CSV of platform, asset_id, owner: accounts known to act together in the open.

    """

    traces: tuple[str, ...] | None = None
    windows_s: tuple[int, ...] = (10, 60, 600, 3600, 21_600)
    fdr: float = 0.01
    since: str | None = None
    until: str | None = None
    where: str | None = None
    seed: int = 0
    context: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.fdr < 1:
            raise UsageError(f"--fdr {self.fdr} is not between 0 and 1")
        if not self.windows_s:
            raise UsageError("there is no window; name at least one, like --window 60s")

    def as_dict(self) -> dict[str, Any]:
        """The parameters as run.json keeps them."""
        return asdict(self)
