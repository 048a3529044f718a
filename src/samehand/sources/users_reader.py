"""Users of a server as rows: assets, and with each its sign-up and its connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from samehand.sources.batches import Reject
from samehand.sources.mastodon_users import MastodonUsers, mastodon_moderator
from samehand.sources.platform_api import PlatformApi
from samehand.sources.server_parts import Part, table_of
from samehand.sources.server_users import ServerUser, ServerUsers

__all__ = ["UsersReader", "mastodon_reader"]

_BATCH: Final = 100
_SOON: Final = timedelta(days=1)
_NOTES: Final = {
    "unseen": "users have no connection that the server still knows: their sign-ups have neither ip nor user_agent",
    "late": "users' earliest connection was last used more than a day after they signed up: the ip and user_agent "
    "of their sign-up are that connection's, and may not be those that they signed up with",
}


class UsersReader:
    """The users of a server as a `ServerReader`.

    Args:
        users: of the server.
        platform: of the rows.

    """

    counted: tuple[str, ...] = ("assets",)

    def __init__(self, users: ServerUsers, platform: str) -> None:
        self.read = 0
        self._users = users
        self._platform = platform
        self._seen: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many users there are by the server's own count; 0 where it does not say."""
        return self._users.total

    def parts(self) -> Iterator[Part]:
        """Users of the server, in its order."""
        users = iter(self._users)
        while batch := list(islice(users, _BATCH)):
            self.read += len(batch)
            rejects = [one for one in batch if isinstance(one, Reject)]
            yield self._part([one for one in batch if isinstance(one, ServerUser)], rejects)

    def _part(self, users: list[ServerUser], rejects: list[Reject]) -> Part:
        for user in users:
            self._note(user)
        tables = {
            "assets": table_of("assets", map(self._asset, users)),
            "signups": table_of("signups", map(self._signup, users)),
            "logins": table_of("logins", (row for user in users for row in self._logins(user))),
        }
        return Part("assets", tables, rejects)

    def unreadable(self, counted: str) -> Mapping[str, int]:  # noqa: ARG002
        """Optional values that could not be read, by name."""
        return self._users.unreadable

    def notes(self, counted: str) -> Iterator[str]:  # noqa: ARG002
        """How many users are of kinds that one should know of."""
        told = {**self._users.states, **_NOTES}
        yield from (f"{self._seen[name]:,} {words}" for name, words in told.items() if self._seen[name])
        yield from self._users.notes()

    def _note(self, user: ServerUser) -> None:
        self._seen["admins"] += user.admin
        self._seen[user.status] += 1
        self._seen["unseen"] += not user.connections
        self._seen["late"] += bool(user.connections) and user.connections[0].at - user.made_at > _SOON

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

    def _logins(self, user: ServerUser) -> Iterator[dict[str, Any]]:
        for one in user.connections:
            yield {**self._key(user), "at": one.at, "ip": one.ip, "user_agent": one.user_agent}


def _picture(user: ServerUser) -> str | None:
    return f"id:{user.avatar}" if user.avatar else None


def mastodon_reader(api: PlatformApi, platform: str) -> UsersReader:
    """Read a Mastodon server.

    Raises:
        InputError: it is no Mastodon, the token may not see its accounts, or it cannot be reached.

    """
    mastodon_moderator(api)
    return UsersReader(MastodonUsers(api), platform)
