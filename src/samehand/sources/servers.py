"""Accounts of a platform's server, asked for over its API, into a dataset: each kept, merged or rejected."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import UsageError
from samehand.records import Dataset, DatasetWriter, Source, SourceWriter, write_dataset
from samehand.sources.atproto import ATPROTO_ADMIN, atproto_api
from samehand.sources.atproto_reader import AtprotoReader
from samehand.sources.importing import FileReport, ImportReport, platform_named
from samehand.sources.mastodon_users import MASTODON_TOKEN
from samehand.sources.platform_api import PlatformApi
from samehand.sources.server_parts import Part, ServerReader
from samehand.sources.synapse import SYNAPSE_TOKEN
from samehand.sources.synapse_rooms import SynapseReader
from samehand.sources.users_reader import mastodon_reader

__all__ = ["SERVERS", "ServerKind", "import_server"]


@dataclass(frozen=True)
class ServerKind:
    """A kind of server that can be asked.

    Attributes:
        variable: of the environment, which holds what the server knows its admin by.
        holds: what that is, in words.
        platform: of the rows, where none is named.
        api: the server at an address, asked with that.
        reader: reads it, for a platform's name.

    """

    variable: str
    holds: str
    platform: str
    api: Callable[[str, str], PlatformApi]
    reader: Callable[[PlatformApi, str], ServerReader]


SERVERS: Final = {
    "synapse": ServerKind(SYNAPSE_TOKEN, "the access token of a server admin", "matrix", PlatformApi, SynapseReader),
    "mastodon": ServerKind(MASTODON_TOKEN, "a moderator's access token", "mastodon", PlatformApi, mastodon_reader),
    "atproto": ServerKind(ATPROTO_ADMIN, "the server's admin password", "bluesky", atproto_api, AtprotoReader),
}
"""Servers that can be asked, by name."""

Progress = Callable[[int, int], None]


class _HeldAlready(Exception):  # noqa: N818
    """What was read is in the dataset, so that nothing is to be written."""


def import_server(
    name: str,
    api: PlatformApi,
    into: str | Path,
    *,
    platform: str | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Read the accounts of a server into the tables of a dataset, all or none.

    What the dataset holds stays; what it does not hold is added.

    Args:
        name: what the server is, one of `SERVERS`.
        api: the server, asked as its kind wants it.
        into: the dataset's folder; made when it is not there.
        platform: the platform of the rows; the kind's own if None.
        progress: called with how many accounts have been read and how many there are (0 where the server does not say).

    Returns:
        A report with one source for each table that is counted, the accounts' first.

    Raises:
        UsageError: an option makes no sense; InputError: it is no such server, it does not know its admin by what was
            given, or it cannot be reached; JobError: it failed on the way. Nothing has changed then.

    """
    if name not in SERVERS:
        raise UsageError(f"there is no server '{name}' that can be asked; servers are {', '.join(SERVERS)}")
    platform = platform_named(platform) or SERVERS[name].platform
    folder = Path(into)
    # the accounts held are looked up before the dataset is opened for writing: it then refuses if they changed meanwhile
    signed_up = _signed_up(folder, platform)
    reading = _Reading(SERVERS[name].reader(api, platform), name, platform, signed_up, progress)
    held = True
    try:
        with write_dataset(folder) as writer:
            reading.write(writer, api.host)
        held = False
    except _HeldAlready:
        pass
    dataset = Dataset.open(folder)
    files = [
        FileReport(api.url if first else f"{api.url} {counted}", reading.found(dataset.manifest.sources, counted), held)
        for first, counted in zip([True, *[False] * len(reading.told)], reading.told, strict=False)
    ]
    rows = {table: facts.rows for table, facts in dataset.manifest.tables.items() if facts.rows}
    return ImportReport(folder, tuple(files), rows, dataset.time_resolution_s)


def _signed_up(folder: Path, platform: str) -> set[str]:
    """Accounts of the platform whose sign-up the dataset holds: a name that was changed since makes no second one."""
    if not (folder / "dataset.json").is_file():
        return set()
    held = Dataset.open(folder).table("signups", ["platform", "asset_id"]).to_pylist()
    return {row["asset_id"] for row in held if row["platform"] == platform}


@dataclass
class _Told:
    """What was told of one table, as a source of the dataset."""

    source: SourceWriter
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    reasons: Counter[str] = field(default_factory=Counter)

    def note(self, part: Part) -> None:
        for name, table in sorted(part.tables.items()):
            for row in table.to_pylist():
                self.digest.update(json.dumps([name, row], default=str, sort_keys=True).encode() + b"\n")
        for one in part.rejects:
            self.digest.update(json.dumps([one.reason, one.raw]).encode() + b"\n")
            self.reasons[one.reason] += 1


class _Reading:
    """What one server tells on its way into a dataset."""

    def __init__(
        self, reader: ServerReader, name: str, platform: str, signed_up: set[str], progress: Progress | None
    ) -> None:
        self.told: dict[str, _Told] = {}
        self._reader = reader
        self._name = name
        self._options = {"platform": platform}
        self._signed_up = signed_up
        self._progress = progress

    def found(self, sources: tuple[Source, ...], counted: str) -> Source:
        """The source of the dataset that is just what was read of a table."""
        return next(one for one in sources if self._is_of(one, counted))

    def write(self, writer: DatasetWriter, host: str) -> None:
        """Add all rows.

        Raises:
            _HeldAlready: the dataset has just these already, read in the same way.

        """
        self._of(self._reader.counted[0], writer, host)
        for part in self._reader.parts():
            told = self._of(part.counted, writer, host)
            told.note(part)
            told.source.reject([(one.row, one.reason, one.raw) for one in part.rejects])
            for name, table in part.tables.items():
                told.source.add(name, self._new_signups(table) if name == "signups" else table)
            if self._progress is not None:
                self._progress(self._reader.read, self._reader.total)
        held = writer.manifest.sources
        if all(any(self._is_of(one, counted) for one in held) for counted in self.told):
            raise _HeldAlready
        for counted, told in self.told.items():
            told.source.facts = replace(told.source.facts, **self._facts(counted, told))

    def _of(self, counted: str, writer: DatasetWriter, host: str) -> _Told:
        if counted not in self.told:
            file = host if counted == self._reader.counted[0] else f"{host} {counted}"
            facts = Source(writer.unique_name(file), self._name, "", counted, self._options)
            self.told[counted] = _Told(writer.source(facts))
        return self.told[counted]

    def _facts(self, counted: str, told: _Told) -> dict[str, Any]:
        unreadable = self._reader.unreadable(counted)
        return {
            "sha256": told.digest.hexdigest(),
            "rejected": told.reasons.total(),
            "reasons": dict(told.reasons.most_common()),
            "unreadable": {name: count for name, count in sorted(unreadable.items()) if count},
            "notes": tuple(self._reader.notes(counted)),
        }

    def _is_of(self, source: Source, counted: str) -> bool:
        mine = (self.told[counted].digest.hexdigest(), self._name, self._options, counted)
        return (source.sha256, source.format, source.options, source.table) == mine

    def _new_signups(self, signups: pa.Table) -> pa.Table:
        ids = signups.column("asset_id")
        new = pc.invert(pc.is_in(ids, value_set=pa.array(sorted(self._signed_up), pa.string())))
        self._signed_up.update(ids.to_pylist())
        return signups.filter(new)
