"""Accounts of a platform's server, asked for over its API, into a dataset: each user kept, merged or rejected."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from samehand.errors import UsageError
from samehand.records import Dataset, DatasetWriter, Source, schema_of, write_dataset
from samehand.sources.batches import Reject
from samehand.sources.importing import FileReport, ImportReport, platform_named
from samehand.sources.mastodon_users import MASTODON_TOKEN, MastodonUsers, mastodon_moderator
from samehand.sources.platform_api import PlatformApi
from samehand.sources.server_users import ServerUser, ServerUsers
from samehand.sources.synapse import SYNAPSE_TOKEN, SynapseUsers, synapse_admin

__all__ = ["SERVERS", "import_server"]


@dataclass(frozen=True)
class _Kind:
    """A kind of server: its token's variable, the platform of its rows, how it is made sure of, and who reads it."""

    token: str
    platform: str
    made_sure: Callable[[PlatformApi], object]
    users: Callable[[PlatformApi], ServerUsers]


_KINDS: Final = {
    "synapse": _Kind(SYNAPSE_TOKEN, "matrix", synapse_admin, SynapseUsers),
    "mastodon": _Kind(MASTODON_TOKEN, "mastodon", mastodon_moderator, MastodonUsers),
}
SERVERS: Final = {name: kind.token for name, kind in _KINDS.items()}
"""Servers that can be asked, and the variable of the environment that holds the token for each."""

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
        platform: the platform of the rows; `matrix` or `mastodon` if None.
        progress: called with how many users have been read and how many there are, 0 if nobody knows.

    Raises:
        UsageError: an option makes no sense; InputError: it is no such server, the token is not an admin's, or it cannot
            be reached; JobError: it failed on the way. Nothing has changed then.

    """
    if name not in _KINDS:
        raise UsageError(f"there is no server '{name}' that can be asked; servers are {', '.join(SERVERS)}")
    kind = _KINDS[name]
    platform = platform_named(platform) or kind.platform
    folder = Path(into)
    kind.made_sure(api)
    # the users held are looked up before the dataset is opened for writing: it then refuses if they changed meanwhile
    reading = _Reading(kind.users(api), platform, _signed_up(folder, platform), progress)
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

    def __init__(self, users: ServerUsers, platform: str, signed_up: frozenset[str], progress: Progress | None) -> None:
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
            users = [one for one in batch if isinstance(one, ServerUser)]
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

    def _batches(self) -> Iterator[list[ServerUser | Reject]]:
        users = iter(self._users)
        while batch := list(islice(self._counted(users), _BATCH)):
            yield batch

    def _counted(self, users: Iterator[ServerUser | Reject]) -> Iterator[ServerUser | Reject]:
        for one in users:
            self._digest.update(json.dumps(asdict(one), default=str, sort_keys=True).encode() + b"\n")
            self._read += 1
            if self._progress is not None:
                self._progress(self._read, self._users.total)
            if isinstance(one, ServerUser):
                self._note(one)
            yield one

    def _note(self, user: ServerUser) -> None:
        self._seen["admins"] += user.admin
        self._seen[user.status] += 1
        self._seen["unseen"] += not user.connections
        self._seen["late"] += bool(user.connections) and user.connections[0].at - user.made_at > _SOON

    def _notes(self) -> Iterator[str]:
        told = {
            **self._users.states,
            "unseen": "users have no connection that the server still knows: their sign-ups have neither ip nor user_agent",
            "late": "users' earliest connection was last used more than a day after they signed up: the ip and user_agent "
            "of their sign-up are that connection's, and may not be those that they signed up with",
        }
        yield from (f"{self._seen[name]:,} {words}" for name, words in told.items() if self._seen[name])
        yield from self._users.notes()

    def _key(self, user: ServerUser) -> dict[str, Any]:
        return {"platform": self._platform, "asset_id": user.user_id}

    def _asset(self, user: ServerUser) -> dict[str, Any]:
        return {
            **self._key(user),
            "kind": "account",
            "handle": user.name,
            "display_name": user.display_name,
            "profile_url": user.profile_url,
            "created_at": user.made_at,
            "avatar_hash": _picture(user),
            "status": user.status,
        }

    def _is_new(self, user: ServerUser) -> bool:
        new = user.user_id not in self._signed_up
        self._signed_up.add(user.user_id)
        return new

    def _signup(self, user: ServerUser) -> dict[str, Any]:
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
            "locale": user.locale,
            "referrer": user.referrer,
        }

    def _logins(self, user: ServerUser) -> Iterator[dict[str, str | datetime | None]]:
        for one in user.connections:
            yield {**self._key(user), "at": one.at, "ip": one.ip, "user_agent": one.user_agent}


def _picture(user: ServerUser) -> str | None:
    return f"id:{user.avatar}" if user.avatar else None


def _table(name: str, rows: Iterator[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema_of(name))
