"""The two platforms of the replay: drawn by `samehand simulate`, and tied to one another by what an operation links to."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from samehand.records import DATASET_TABLES, Dataset, write_dataset

__all__ = [
    "BANDS",
    "PEER",
    "Cast",
    "link_to_peer",
    "people_of",
    "raised_caps",
    "rename",
    "rewrite_delays",
    "roles_of",
    "write_known_bad",
]

PEER = "metabook.example"
"""Where the pages of the other platform are found."""
HOUR_S, DAY_S = 3_600.0, 86_400.0
BANDS = ((HOUR_S, 6 * HOUR_S), (6 * HOUR_S, DAY_S), (DAY_S, 3 * DAY_S), (3 * DAY_S, 7 * DAY_S), (7 * DAY_S, 14 * DAY_S))
"""Delays between a sign-up and its first post."""
SILENT = 0.25
IDS = ("asset_id", "ref_asset_id", "target_id", "host_id")


@dataclass(frozen=True)
class Cast:
    """Who is who: account ids by role, and the operation's by team."""

    roles: Mapping[str, tuple[str, ...]]
    teams: Mapping[str, tuple[str, ...]]

    def of(self, *roles: str) -> list[str]:
        """Everybody with one of the roles."""
        return sorted(name for role in roles for name in self.roles.get(role, ()))

    def in_order(self, role: str) -> list[str]:
        """Everybody with a role, in the world's own order, which is the same whatever ids they bear."""
        return list(self.roles.get(role, ()))

    def renamed(self, names: Mapping[str, str]) -> Cast:
        """The same under other ids."""

        def new(groups: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            return {group: tuple(names.get(one, one) for one in some) for group, some in groups.items()}

        return Cast(new(self.roles), new(self.teams))


def roles_of(truth: Path) -> Cast:
    """Read `truth.csv` of a world."""
    roles: dict[str, list[str]] = {}
    teams: dict[str, list[str]] = {}
    with truth.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            roles.setdefault(row["role"], []).append(row["asset_id"])
            if row["role"] == "team":
                teams.setdefault(row["team"], []).append(row["asset_id"])
    return Cast(
        {role: tuple(some) for role, some in roles.items()}, {name: tuple(some) for name, some in teams.items()}
    )


def _mapped(column: pa.ChunkedArray[Any], names: Mapping[str, str]) -> pa.Array[Any]:
    values = column.to_pylist()
    if pa.types.is_list(column.type):
        return pa.array([one and [names.get(part, part) for part in one] for one in values], column.type)
    return pa.array([names.get(one, one) for one in values], column.type)


def _copied(source: Path, into: Path, change: Mapping[tuple[str, str], Mapping[str, str]]) -> None:
    """A dataset anew with values of (table, column) replaced."""
    opened = Dataset.open(source)
    with write_dataset(into, name=opened.manifest.name, replace=True) as writer:
        for name in DATASET_TABLES:
            if name == "rejects" or not opened.rows(name):
                continue
            table = opened.table(name)
            for column in table.column_names:
                if names := change.get((name, column)):
                    table = table.set_column(
                        table.column_names.index(column),
                        table.schema.field(column),
                        _mapped(table.column(column), names),
                    )
            writer.add(name, table)
    shutil.rmtree(source)


def rename(source: Path, into: Path, names: Mapping[str, str]) -> None:
    """Give accounts of a dataset the ids that a server gave them; `source` is removed."""
    columns = [*IDS, "mentions"]
    _copied(source, into, {(table, column): names for table in DATASET_TABLES for column in columns})


def link_to_peer(source: Path, into: Path, cast: Cast, teams: Sequence[str], pages: Sequence[str], site: str) -> None:
    """Let the teams' links lead to what the peer's pages posted, and to a site; `source` is removed.

    What is replaced is each link that three times or more accounts of the teams posted, and nobody else did.
    """
    posts = Dataset.open(source).table("posts", ["asset_id", "urls"])
    mine = {name for team in teams for name in cast.teams[team]}
    inside: Counter[str] = Counter()
    outside: set[str] = set()
    for who, links in zip(posts.column("asset_id").to_pylist(), posts.column("urls").to_pylist(), strict=True):
        for link in links or ():
            if who in mine:
                inside[link] += 1
            else:
                outside.add(link)
    theirs = sorted(
        (link for link, count in inside.items() if count > 2 and link not in outside),
        key=lambda one: (-inside[one], one),
    )
    places = [*(f"https://{PEER}/{page}/posts" for page in pages), f"https://{site}"]
    changed = {link: f"{places[k % len(places)]}/{k}" for k, link in enumerate(theirs)}
    _copied(source, into, {("posts", "urls"): changed})


def rewrite_delays(truth: Path, seed: int) -> None:
    """Draw anew when accounts of the operation first post: an hour to 14 days after their sign-up, a quarter never."""
    rng = np.random.default_rng([seed, 1908])
    table = pacsv.read_csv(truth, convert_options=pacsv.ConvertOptions(column_types={"asset_id": pa.string()}))
    mine = pc.equal(table["role"], "operation").to_numpy(zero_copy_only=False)
    delay = np.exp(rng.uniform(np.log(HOUR_S), np.log(14 * DAY_S), int(mine.sum())))
    delay[rng.random(len(delay)) < SILENT] = np.nan
    out = np.full(len(mine), np.nan)
    out[mine] = delay
    pacsv.write_csv(table.append_column("delay_s", pa.array(out, from_pandas=True)), truth)


def write_known_bad(drawn: Path, out: Path, names: Mapping[str, str]) -> int:
    """The sign-ups of accounts that were found and taken down, under the ids that they bear; how many there are.

    Args:
        drawn: `known_bad.csv` of the world of sign-ups.
        out: the file to write.
        names: id there -> id on the platform, for those that were taken down.

    """
    with drawn.open(encoding="utf-8", newline="") as stream:
        rows = [
            row | {"asset_id": names[row["asset_id"]]} for row in csv.DictReader(stream) if row["asset_id"] in names
        ]
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def people_of(cast: Cast, protest: int, organic: int, seed: int) -> list[str]:
    """Genuine people who live on the real server."""
    draw = Random(seed)
    return [*draw.sample(cast.of("protest"), protest), *draw.sample(cast.of("organic"), organic)]


def raised_caps(policy: str, version: str) -> str:
    """A policy of sign-ups for an incident: the daily caps of what the machine may do are out of the way."""
    text = re.sub(r'^version = ".*"$', f'version = "{version}"', policy, count=1, flags=re.MULTILINE)
    return re.sub(r"^(challenge|limit|review|suspend) = \d+", r"\1 = 1000000", text, flags=re.MULTILINE)
