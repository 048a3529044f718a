"""Who has signed up on a server, as its admin's API tells of them, whichever server it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from samehand.sources.batches import Reject

__all__ = ["Connection", "ServerUser", "ServerUsers", "clean", "text_or_none"]


@dataclass(frozen=True)
class Connection:
    """From where a user was seen, and when last: a server keeps one for each address, or each session and address."""

    at: datetime
    ip: str | None
    user_agent: str | None


@dataclass(frozen=True)
class ServerUser:
    """A user of a server.

    Attributes:
        user_id: its id there.
        name: what it is called in its address.
        made_at: when it signed up.
        display_name: as in the profile.
        avatar: what names the picture, where two users may have the same.
        status: active, or how else it stands; the furthest of several states.
        admin: whether it is of those who run the server.
        email_domain, email_pattern, phone_prefix, phone_country: of the first address and number that it gave.
        connections: the earliest first.
        profile_url: where the profile is seen.
        locale: the language that it chose.
        referrer: whence it came.

    """

    user_id: str
    name: str
    made_at: datetime
    display_name: str | None
    avatar: str | None
    status: str
    admin: bool
    email_domain: str | None
    email_pattern: str | None
    phone_prefix: str | None
    phone_country: str | None
    connections: tuple[Connection, ...]
    profile_url: str | None = None
    locale: str | None = None
    referrer: str | None = None


class ServerUsers(Protocol):
    """Reads all users of a server; who is no account that somebody signed up for is a reject.

    Attributes:
        total: how many there are by the server's own count; 0 while it is not known.
        unreadable: optional values that could not be read, by name.
        states: what a note says of users who stand so, by status, and of `admins`.

    """

    total: int
    unreadable: Counter[str]
    states: Mapping[str, str]

    def __iter__(self) -> Iterator[ServerUser | Reject]:
        """The users."""
        ...

    def notes(self) -> Iterable[str]:
        """What else is to be known of the reading."""
        ...


def text_or_none(value: object) -> str | None:
    """Text that says something."""
    return clean(value) if isinstance(value, str) and value.strip() else None


def clean(text: str) -> str:
    """Text without NUL and without halves of characters, which no table can hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
