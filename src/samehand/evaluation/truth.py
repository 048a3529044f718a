"""A run beside the truth about the world it was made from: who was found, and who should not have been."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, NamedTuple

from samehand.errors import FormatError, NotFoundError
from samehand.records import Run

__all__ = [
    "FOUND_SHARE",
    "Known",
    "RoleCount",
    "TeamCount",
    "TruthComparison",
    "compare_with_truth",
    "opened_text",
    "read_truth",
]

TEAM: Final = "team"
FOUND_SHARE: Final = 0.5
"""A planted team counts as found when at least this share of its accounts is in networks."""

Key = tuple[str, str]


class Known(NamedTuple):
    """What the truth says of one account: its role, and its team where it has one (empty otherwise)."""

    role: str
    team: str


@dataclass(frozen=True)
class RoleCount:
    """How many accounts of one role there are, and how many of them a run put in networks, and in flagged ones."""

    role: str
    accounts: int
    in_networks: int
    flagged: int = 0


@dataclass(frozen=True)
class TeamCount:
    """How many accounts one planted team has, and how many of them a run put in networks, and in flagged ones."""

    team: str
    accounts: int
    in_networks: int
    flagged: int = 0

    @property
    def found(self) -> bool:
        """Whether at least `FOUND_SHARE` of the team is in networks."""
        return self.in_networks >= FOUND_SHARE * self.accounts


@dataclass(frozen=True)
class TruthComparison:
    """A run's members by what the truth says of them.

    Attributes:
        matched_by: what told which account is which: platform and id, or the id alone where the truth and the run call
            the platform differently (a file that was exported and imported again).
        networks: networks in the run.
        flagged: flagged networks in the run.
        members: accounts in networks, each once.
        unknown: members that the truth does not name.
        roles: one count for each role in the truth, by name.
        teams: one count for each planted team, by name.

    """

    matched_by: Literal["platform and asset_id", "asset_id"]
    networks: int
    flagged: int
    members: int
    unknown: int
    roles: tuple[RoleCount, ...]
    teams: tuple[TeamCount, ...]


def opened_text(file: Path) -> IO[str]:
    """Open a text file, or one in .gz."""
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8", newline="")
    return file.open(encoding="utf-8", newline="")


def read_truth(path: str | Path) -> dict[Key, Known]:
    """Read a `truth.csv` (platform, asset_id, role, team) as `samehand simulate` writes it.

    Returns:
        What is known of each (platform, asset_id).

    Raises:
        NotFoundError: the file is not there.
        FormatError: a column is missing, a row has no role, or an account comes twice.

    """
    file = Path(path)
    if not file.is_file():
        raise NotFoundError(f"{file} is not there; name the truth.csv that `samehand simulate` wrote into its dataset")
    known: dict[Key, Known] = {}
    with opened_text(file) as stream:
        reader = csv.DictReader(stream)
        try:
            missing = [
                name for name in ("platform", "asset_id", "role", "team") if name not in (reader.fieldnames or [])
            ]
        except UnicodeDecodeError as error:
            raise FormatError(f"{file} is no text; a truth is a CSV in UTF-8, or one in .gz") from error
        if missing:
            raise FormatError(f"{file} has no column {missing[0]}; a truth has platform, asset_id, role and team")
        for number, row in enumerate(reader, 1):
            key = (row["platform"], row["asset_id"])
            if not row["role"]:
                raise FormatError(f"{file}, row {number}: {':'.join(key)} has no role; give it one, such as organic")
            if key in known:
                raise FormatError(f"{file}, row {number}: {':'.join(key)} comes twice; leave one of its rows out")
            known[key] = Known(row["role"], row["team"] or "")
    return known


def compare_with_truth(run: str | Path, truth: str | Path) -> TruthComparison:
    """Count the accounts that a run put in networks by what the truth says of them.

    Accounts are matched by platform and asset_id. Where no platform of the run's members is one of the truth's, they are
    matched by asset_id alone, and `matched_by` says so.

    Raises:
        NotFoundError: the run or the truth is not there.
        FormatError: the truth cannot be read, or ids alone would have to match and one belongs to two accounts.

    """
    opened = Run.open(run)
    known = read_truth(truth)
    networks = opened.table("networks", ["network_id", "flagged"]).to_pylist()
    flags = {row["network_id"] for row in networks if row["flagged"]}
    rows = opened.table("members", ["network_id", "platform", "asset_id"]).to_pylist()
    by_id = bool(rows) and not {row["platform"] for row in rows} & {platform for platform, _ in known}
    if by_id:
        known = _without_platforms(known, Path(truth))
    placed = [(row["network_id"], ("" if by_id else row["platform"], row["asset_id"])) for row in rows]
    members = {key for _, key in placed}
    found = [known[key] for key in members if key in known]
    flagged = [known[key] for key in {key for network, key in placed if network in flags} if key in known]
    everyone = list(known.values())
    return TruthComparison(
        matched_by="asset_id" if by_id else "platform and asset_id",
        networks=len(networks),
        flagged=len(flags),
        members=len(members),
        unknown=len(members) - len(found),
        roles=tuple(
            RoleCount(*row) for row in _counts(*([k.role for k in some] for some in (everyone, found, flagged)))
        ),
        teams=tuple(TeamCount(*row) for row in _counts(*(_teams(some) for some in (everyone, found, flagged)))),
    )


def _without_platforms(known: dict[Key, Known], truth: Path) -> dict[Key, Known]:
    bare = {("", asset): what for (_, asset), what in known.items()}
    if len(bare) < len(known):
        raise FormatError(
            f"{truth} and the run name different platforms, and some asset_id of the truth is on two of them; "
            "write the run's platform into the truth"
        )
    return bare


def _teams(accounts: Iterable[Known]) -> list[str]:
    return [account.team for account in accounts if account.role == TEAM]


def _counts(everyone: list[str], found: list[str], flagged: list[str]) -> list[tuple[str, int, int, int]]:
    hits, flags = Counter(found), Counter(flagged)
    return [(name, count, hits[name], flags[name]) for name, count in sorted(Counter(everyone).items())]
