"""API keys: 256 random bits that are shown once, of which the store holds the SHA-256; each with scopes, a rate, and an end.

A random key of that length needs no slow hash: nobody tries 2^256 of them.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy import Boolean, Float, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.casework import Casework, Entry, append, is_founded
from samehand.errors import NotFoundError, UsageError
from samehand.store import Base, Moment, Store

__all__ = ["SCOPES_OF_KEYS", "ApiKey", "KeyRing", "KeyScope", "list_api_keys", "make_api_key", "revoke_api_key"]

KeyScope = Literal["ads:decide", "ads:read", "taxii:read", "taxii:write"]
SCOPES_OF_KEYS: Final[tuple[KeyScope, ...]] = get_args(KeyScope)
PREFIX: Final = "smh_"
BYTES: Final = 32
KNOWN_FOR_S: Final = 1.0
"""So long a key that was looked up counts without another look: a revoked one ends within it."""
MOST_KNOWN: Final = 10_000
MOST_RATE: Final = 100_000.0


class ApiKeyRow(Base):
    """A key: what it may do and how often, never the key itself."""

    __tablename__ = "api_keys"

    key_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(200))
    rate: Mapped[float] = mapped_column(Float)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked: Mapped[bool] = mapped_column(Boolean)


@dataclass(frozen=True)
class ApiKey:
    """A key as the store knows it.

    Attributes:
        key_id, name: its number, and whose it is. scopes: what it may do. rate: requests a second.
        made_at, made_by, expires_at: when, by whom, and until when; None without end. revoked: whether it was ended.

    """

    key_id: int
    name: str
    scopes: tuple[str, ...]
    rate: float
    made_at: datetime
    made_by: str
    expires_at: datetime | None
    revoked: bool


def _read(row: ApiKeyRow) -> ApiKey:
    scopes = tuple(row.scopes.split())
    return ApiKey(
        row.key_id, row.name, scopes, row.rate, row.made_at, row.made_by, row.expires_at, row.revoked
    )  # fmt: skip


def digest_of(secret: str) -> str:
    """What the store holds of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_api_key(
    casework: Casework, name: str, scopes: Sequence[str], by: str, *, rate: float = 50.0, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:  # fmt: skip
    """Make a key; the second of what is returned is the key itself, which nothing shows again.

    Args:
        casework: of the store.
        name: whose it is.
        scopes: of `SCOPES_OF_KEYS`.
        by: who makes it; a lead, once the store has a roster.
        rate: requests a second.
        expires_at: when it ends; without end if None.

    Raises:
        UsageError: the name is taken or none, a scope or rate is none, or `by` may not.

    """
    unknown = [one for one in scopes if one not in SCOPES_OF_KEYS]
    if not scopes or unknown:
        raise UsageError(
            f"a key has scopes of {', '.join(SCOPES_OF_KEYS)}" + (f", not {unknown[0]}" if unknown else "")
        )
    if not 0 < len(name.strip()) <= 80 or not name.isprintable():
        raise UsageError("a key bears a name of 80 characters at most: whose it is")
    if not 0 < rate <= MOST_RATE:
        raise UsageError(f"a key's rate is above 0 and {MOST_RATE:,.0f} requests a second at most")
    secret = PREFIX + secrets.token_urlsafe(BYTES)
    with casework.store.writing() as session:
        _allow(casework, session, by)
        if session.scalar(select(ApiKeyRow.key_id).where(ApiKeyRow.name == name)) is not None:
            raise UsageError(f"there is a key called {name} already; names of keys are used once")
        at = casework.now()
        row = ApiKeyRow(
            name=name, digest=digest_of(secret), scopes=" ".join(dict.fromkeys(scopes)), rate=rate, made_at=at, made_by=by,
            expires_at=expires_at, revoked=False,
        )  # fmt: skip
        session.add(row)
        session.flush()
        append(session, at, [Entry("api_key.made", by, {"key": row.key_id, "scopes": row.scopes.split()})])
        return _read(row), secret


def revoke_api_key(casework: Casework, name: str, by: str) -> ApiKey:
    """End a key, within a second.

    Raises:
        NotFoundError: there is none of that name. UsageError: `by` may not.

    """
    with casework.store.writing() as session:
        _allow(casework, session, by)
        row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.name == name))
        if row is None:
            raise NotFoundError(f"there is no key called {name}")
        row.revoked = True
        append(session, casework.now(), [Entry("api_key.revoked", by, {"key": row.key_id})])
        return _read(row)


def list_api_keys(store: Store) -> list[ApiKey]:
    """Every key, the oldest first."""
    with store.reading() as session:
        return [_read(row) for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.key_id)).all()]


def _allow(casework: Casework, session: Session, by: str) -> None:
    """A lead, where the store has a roster; else whoever can write into it."""
    if is_founded(session):
        casework.roster(session).allow(by, "roster")


@dataclass
class _Held:
    """A key that was looked up, until when it counts, and what of its rate is left."""

    key: ApiKey | None
    until: float
    left: float
    at: float


class KeyRing:
    """Knows keys by what they are sent as, and how often each was used of late.

    Args:
        store: that holds them. now: the clock. ticks: a clock that only goes on, in seconds. most: keys that it keeps in mind.

    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        ticks: Callable[[], float] = time.monotonic,
        most: int = MOST_KNOWN,
    ) -> None:
        self._store, self._now, self._ticks, self._most = store, now, ticks, most
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._unknown: OrderedDict[str, _Held] = OrderedDict()

    def key(self, secret: str) -> ApiKey | None:
        """The key that somebody sends, if it counts: it is there, not revoked, and not at its end."""
        held = self._look(digest_of(secret))
        if (
            held.key is None
            or held.key.revoked
            or (held.key.expires_at is not None and held.key.expires_at <= self._now())
        ):
            return None
        return held.key

    def wait_s(self, secret: str) -> float:
        """Take one request of a key's rate; seconds to wait where none is left, else 0. A second's worth may come at once."""
        held, at = self._look(digest_of(secret)), self._ticks()
        assert held.key is not None  # it was asked for before
        rate = held.key.rate
        held.left = min(max(rate, 1.0), held.left + (at - held.at) * rate)
        held.at = at
        if held.left < 1:
            return (1 - held.left) / rate
        held.left -= 1
        return 0.0

    def _look(self, digest: str) -> _Held:
        at, held = self._ticks(), self._held.get(digest) or self._unknown.get(digest)
        if held is not None and at < held.until:
            return held
        with self._store.reading() as session:
            row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.digest == digest))
            key = None if row is None else _read(row)
        rate = max(key.rate, 1.0) if key else 0.0
        new = _Held(key, at + KNOWN_FOR_S, held.left if held else rate, held.at if held else at)
        kept = self._held if key else self._unknown  # apart: whoever guesses keys does not push out those that are used
        kept[digest] = new
        kept.move_to_end(digest)
        while len(kept) > self._most:
            kept.popitem(last=False)
        return new
