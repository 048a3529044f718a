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

__all__ = ["FOUND_SHARE", "Known", "RoleCount", "TeamCount", "TruthComparison", "compare_with_truth", "read_truth"]

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
    """How many accounts of one role there are, and how many of them a run put in networks."""

    role: str
    accounts: int
    in_networks: int


@dataclass(frozen=True)
class TeamCount:
    """How many accounts one planted team has, and how many of them a run put in networks."""

    team: str
    accounts: int
    in_networks: int

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
        members: accounts in networks, each once.
        unknown: members that the truth does not name.
        roles: one count for each role in the truth, by name.
        teams: one count for each planted team, by name.

    """

    matched_by: Literal["platform and asset_id", "asset_id"]
    networks: int
    members: int
    unknown: int
    roles: tuple[RoleCount, ...]
    teams: tuple[TeamCount, ...]


def _opened(file: Path) -> IO[str]:
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
    with _opened(file) as stream:
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
    rows = opened.table("members", ["platform", "asset_id"]).to_pylist()
    members = {(str(row["platform"]), str(row["asset_id"])) for row in rows}
    by_id = bool(members) and not {platform for platform, _ in members} & {platform for platform, _ in known}
    if by_id:
        known = _without_platforms(known, Path(truth))
        members = {("", asset) for _, asset in members}
    found = [known[key] for key in members if key in known]
    return TruthComparison(
        matched_by="asset_id" if by_id else "platform and asset_id",
        networks=opened.table("networks", ["network_id"]).num_rows,
        members=len(members),
        unknown=len(members) - len(found),
        roles=tuple(RoleCount(*row) for row in _counts((k.role for k in known.values()), (k.role for k in found))),
        teams=tuple(TeamCount(*row) for row in _counts(_teams(known.values()), _teams(found))),
    )


def _without_platforms(known: dict[Key, Known], truth: Path) -> dict[Key, Known]:
    bare = {("", asset): what for (_, asset), what in known.items()}
    if len(bare) < len(known):
        raise FormatError(
            f"{truth} and the run name different platforms, and some asset_id of the truth is on two of them; "
            "write the run's platform into the truth"
        )
    return bare


def _teams(accounts: Iterable[Known]) -> Iterable[str]:
    return (account.team for account in accounts if account.role == TEAM)


def _counts(everyone: Iterable[str], found: Iterable[str]) -> list[tuple[str, int, int]]:
    hits = Counter(found)
    return [(name, count, hits[name]) for name, count in sorted(Counter(everyone).items())]
