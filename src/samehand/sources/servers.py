"""Accounts of a platform's server, asked for over its API, into a dataset: each user kept, merged or rejected."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from samehand.errors import UsageError
from samehand.records import Dataset, DatasetWriter, Source, schema_of, write_dataset
from samehand.sources.batches import Reject
from samehand.sources.importing import FileReport, ImportReport, platform_named
from samehand.sources.platform_api import PlatformApi
from samehand.sources.synapse import SYNAPSE_TOKEN, SynapseUser, SynapseUsers, synapse_admin

__all__ = ["SERVERS", "import_server"]

SERVERS: Final = {"synapse": SYNAPSE_TOKEN}
"""Servers that can be asked, and the variable of the environment that holds the token for each."""

_PLATFORM: Final = "matrix"
_BATCH: Final = 5_000
_SOON: Final = timedelta(days=1)

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
    """Read the users of a server into the tables assets, signups and logins, all or none.

    What the dataset holds stays; users, sign-ups and connections that it does not hold are added.

    Args:
        name: what the server is, one of `SERVERS`.
        api: the server, with an admin's token.
        into: the dataset's folder; made when it is not there.
        platform: the platform of the rows; `matrix` if None.
        progress: called with how many users have been read and how many there are.

    Raises:
        UsageError: an option makes no sense; InputError: it is no such server, the token is not an admin's, or it cannot
            be reached; JobError: it failed on the way. Nothing has changed then.

    """
    if name not in SERVERS:
        raise UsageError(f"there is no server '{name}' that can be asked; servers are {', '.join(SERVERS)}")
    platform = platform_named(platform) or _PLATFORM
    folder = Path(into)
    synapse_admin(api)
    # the users held are looked up before the dataset is opened for writing: it then refuses if they changed meanwhile
    reading = _Reading(SynapseUsers(api), platform, _signed_up(folder, platform), progress)
    held = True
    try:
        with write_dataset(folder) as writer:
            reading.write(writer, Source(writer.unique_name(api.host), name, "", "assets", {"platform": platform}))
        held = False
    except _HeldAlready:
        pass
    dataset = Dataset.open(folder)
    source = next(one for one in dataset.manifest.sources if reading.is_of(one, name))
    rows = {table: facts.rows for table, facts in dataset.manifest.tables.items() if facts.rows}
    return ImportReport(folder, (FileReport(api.url, source, held),), rows, dataset.time_resolution_s)


def _signed_up(folder: Path, platform: str) -> frozenset[str]:
    """Accounts of the platform whose sign-up the dataset holds: a name that was changed since makes no second one."""
    if not (folder / "dataset.json").is_file():
        return frozenset()
    held = Dataset.open(folder).table("signups", ["platform", "asset_id"]).to_pylist()
    return frozenset(row["asset_id"] for row in held if row["platform"] == platform)


class _Reading:
    """The users of one server on their way into a dataset."""

    def __init__(
        self, users: SynapseUsers, platform: str, signed_up: frozenset[str], progress: Progress | None
    ) -> None:
        self._users = users
        self._platform = platform
        self._signed_up = set(signed_up)
        self._progress = progress
        self._digest = hashlib.sha256()
        self._reasons: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._read = 0

    def is_of(self, source: Source, name: str) -> bool:
        """Whether a source of the dataset is just what was read, in the same way."""
        mine = (self._digest.hexdigest(), name, {"platform": self._platform})
        return (source.sha256, source.format, source.options) == mine

    def write(self, writer: DatasetWriter, facts: Source) -> None:
        """Add all users.

        Raises:
            _HeldAlready: the dataset has just these users already, read in the same way.

        """
        source = writer.source(facts)
        for batch in self._batches():
            rejects = [one for one in batch if isinstance(one, Reject)]
            users = [one for one in batch if isinstance(one, SynapseUser)]
            self._reasons.update(reject.reason for reject in rejects)
            source.reject([(reject.row, reject.reason, reject.raw) for reject in rejects])
            source.add("assets", _table("assets", map(self._asset, users)))
            source.add("signups", _table("signups", (self._signup(user) for user in users if self._is_new(user))))
            source.add("logins", _table("logins", (row for user in users for row in self._logins(user))))
        if any(self.is_of(one, facts.format) for one in writer.manifest.sources):
            raise _HeldAlready
        source.facts = replace(
            facts,
            sha256=self._digest.hexdigest(),
            rejected=self._reasons.total(),
            reasons=dict(self._reasons.most_common()),
            unreadable={name: count for name, count in sorted(self._users.unreadable.items()) if count},
            notes=tuple(self._notes()),
        )

    def _batches(self) -> Iterator[list[SynapseUser | Reject]]:
        users = iter(self._users)
        while batch := list(islice(self._counted(users), _BATCH)):
            yield batch

    def _counted(self, users: Iterator[SynapseUser | Reject]) -> Iterator[SynapseUser | Reject]:
        for one in users:
            self._digest.update(json.dumps(asdict(one), default=str, sort_keys=True).encode() + b"\n")
            self._read += 1
            if self._progress is not None:
                self._progress(self._read, self._users.total)
            if isinstance(one, SynapseUser):
                self._note(one)
            yield one

    def _note(self, user: SynapseUser) -> None:
        self._seen["admins"] += user.admin
        self._seen[user.status] += 1
        self._seen["unseen"] += not user.connections
        self._seen["late"] += bool(user.connections) and user.connections[0].at - user.made_at > _SOON

    def _notes(self) -> Iterator[str]:
        told = {
            "admins": "users are admins of the server",
            "deactivated": "users are deactivated: the server has forgotten their addresses and numbers",
            "suspended": "users are suspended",
            "locked": "users are locked",
            "shadow_banned": "users are shadow-banned",
            "unseen": "users have no connection that the server still knows: their sign-ups have neither ip nor user_agent",
            "late": "users' earliest connection was last used more than a day after they signed up: the ip and user_agent "
            "of their sign-up are that connection's, and may not be those that they signed up with",
        }
        yield from (f"{self._seen[name]:,} {words}" for name, words in told.items() if self._seen[name])
        if self._users.guests_hidden:
            yield "the server does not list guests, so that nobody knows how many were left out"

    def _key(self, user: SynapseUser) -> dict[str, Any]:
        return {"platform": self._platform, "asset_id": user.user_id}

    def _asset(self, user: SynapseUser) -> dict[str, Any]:
        return {
            **self._key(user),
            "kind": "account",
            "handle": user.name,
            "display_name": user.display_name,
            "created_at": user.made_at,
            "avatar_hash": _picture(user),
            "status": user.status,
        }

    def _is_new(self, user: SynapseUser) -> bool:
        new = user.user_id not in self._signed_up
        self._signed_up.add(user.user_id)
        return new

    def _signup(self, user: SynapseUser) -> dict[str, Any]:
        first = user.connections[0] if user.connections else None
        return {
            **self._key(user),
            "at": user.made_at,
            "ip": first.ip if first else None,
            "user_agent": first.user_agent if first else None,
            "email_domain": user.email_domain,
            "email_pattern": user.email_pattern,
            "phone_prefix": user.phone_prefix,
            "phone_country": user.phone_country,
            "username": user.name,
            "display_name": user.display_name,
            "avatar_hash": _picture(user),
        }

    def _logins(self, user: SynapseUser) -> Iterator[dict[str, str | datetime | None]]:
        for one in user.connections:
            yield {**self._key(user), "at": one.at, "ip": one.ip, "user_agent": one.user_agent}


def _picture(user: SynapseUser) -> str | None:
    return f"id:{user.avatar}" if user.avatar else None


def _table(name: str, rows: Iterator[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema_of(name))
