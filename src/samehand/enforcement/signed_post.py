"""JSON objects delivered to a receiver's URL, signed as the Standard Webhooks specification (1.0.0) has it.

Signed is `id.timestamp.body` under HMAC-SHA256; the headers are webhook-id, webhook-timestamp (seconds since 1970) and
webhook-signature (`v1,` and the signature in base64; several, divided by blanks, while a secret is replaced by another). The id
stays the same however often an object is sent, so the receiver knows a repeat by it; the time, and so the signature, is of the
attempt. A request without a body, one that asks for something, is signed over its target: path and query.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from samehand.errors import InputError, NotFoundError, UsageError
from samehand.sources import Answer, Closing, Patience, PlatformApi, private_url

__all__ = ["TOLERANCE", "SignedGet", "SignedPost", "WebhookSecret", "verify_webhook"]

TOLERANCE: Final = timedelta(minutes=5)
"""How far the time of an attempt may be from the receiver's clock, either way."""

_PREFIX: Final = "whsec_"
_LEAST_BYTES: Final = 32
_MOST_BYTES: Final = 64
_ACCOUNT: Final = "{account}"
_TARGET: Final = re.compile(r"(?:[!$%-;=?-Z_a-z~]|\{account\})*")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")  # the specification wants no full stop, which divides what is signed


class WebhookSecret:
    """The secret that sender and receiver share, and no one else.

    Args:
        text: `whsec_` and 32 to 64 random bytes in base64; two of them, divided by a blank, while one replaces the other:
            then both sign, and either is good.

    Raises:
        UsageError: it is none.

    """

    def __init__(self, text: str) -> None:
        self._keys = tuple(map(_key, text.split()))
        if not self._keys:
            raise UsageError(f"the webhook's secret is empty; {_HOW}")

    def headers(self, key: str, payload: bytes, at: datetime) -> dict[str, str]:
        """The three headers of a request.

        Args:
            key: the id of what is sent, of letters, digits, - and _.
            payload: the body as it is sent; of a request without one its target, path and query.
            at: when the attempt is made.

        Raises:
            UsageError: the key has other characters.

        """
        if not _KEY.fullmatch(key):
            raise UsageError("the key of what is sent has to be of letters, digits, - and _")
        stamp = str(int(at.timestamp()))
        signed = " ".join(self._signatures(key, stamp, payload))
        return {"webhook-id": key, "webhook-timestamp": stamp, "webhook-signature": signed}

    def signed(self, key: str, stamp: str, payload: bytes, signatures: str) -> bool:
        """Whether one of the signatures is one of this secret's; it takes as long whichever it is."""
        mine = [one.encode() for one in self._signatures(key, stamp, payload)]
        theirs = [one.encode("utf-8", "replace") for one in signatures.split()]
        held = [hmac.compare_digest(one, other) for one in mine for other in theirs]
        return any(held)

    def _signatures(self, key: str, stamp: str, payload: bytes) -> list[str]:
        content = f"{key}.{stamp}.".encode("utf-8", "replace") + payload
        digests = [hmac.new(one, content, hashlib.sha256).digest() for one in self._keys]
        return [f"v1,{base64.b64encode(digest).decode()}" for digest in digests]


_HOW: Final = (
    "it is whsec_ and 32 to 64 random bytes in base64, as made by: "
    "python -c \"import base64, secrets; print('whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())\""
)


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError as error:
        raise UsageError(f"the webhook's secret is not base64; {_HOW}") from error
    if not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise UsageError(f"the webhook's secret has {len(key)} bytes; {_HOW}")
    return key


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Make sure that a request comes from who has the secret, unchanged and lately: for its receiver.

    Args:
        secret: as the sender has it.
        headers: of the request, in any case.
        body: as it was received, before it is parsed; of a request without a body its target, path and query.
        now: the receiver's clock.

    Returns:
        The id of what was sent: who has acted on it before does not do so again.

    Raises:
        InputError: it is not signed with the secret, or was sent more than five minutes ago or ahead. UsageError: the secret
            is none.

    """
    held = {name.lower(): value for name, value in headers.items()}
    try:
        key, stamp, signatures = (held[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise InputError(f"the request has no header {error.args[0]}, so it is not signed") from error
    if not WebhookSecret(secret).signed(key, stamp, body, signatures):
        raise InputError(
            "the request is not signed with the secret; leave it, and see that both ends have the same one"
        )
    # what is signed is the sender's own words, so the time can be read from here on
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise InputError("the request was sent more than five minutes ago or ahead: a replay, or a clock that is wrong")
    return key


class _Signed(Closing):
    """One address of a receiver, and what its requests are signed with.

    Args:
        url: the address; https, or plain http on this machine. A redirect is not followed: name where it leads to.
        secret: what requests are signed with.
        now: the clock.
        patience: how long the receiver is waited for; 429, 500, 502 to 504 and silence are tried again.
        sleep: how to wait, in seconds.

    Raises:
        UsageError: the address cannot be used.

    """

    def __init__(
        self, url: str, secret: WebhookSecret, now: Callable[[], datetime], *,
        patience: Patience | None = None, sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        server, self._target = _parted(url)
        self._secret, self._now = secret, now
        self._api = PlatformApi(server, None, patience=patience or Patience(at_first=True), sleep=sleep)

    def close(self) -> None:
        """End the connections."""
        self._api.close()


class SignedPost(_Signed):
    """Delivers JSON objects to one address, each at least once; whoever receives them tells repeats by their key."""

    def send(self, key: str, what: Mapping[str, Any]) -> Answer:
        """Deliver an object; delivered it is when the answer's status is 200 to 299.

        Args:
            key: the same however often the object is sent, and another for every other one.
            what: the object.

        Raises:
            InputError: the receiver cannot be reached, or has not answered. UsageError: the key cannot be used.

        """
        body = json.dumps(what, separators=(",", ":")).encode()
        sent = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._api.post(
            self._target, body, headers=lambda: sent | self._secret.headers(key, body, self._now())
        )  # fmt: skip


class SignedGet(_Signed):
    """Asks about accounts at one address, in which `{account}` stands for the account's id."""

    def ask(self, account: str) -> Answer:
        """Ask about an account; signed is the path with the query, since there is no body.

        Raises:
            InputError: the receiver cannot be reached, or has not answered. NotFoundError: the id is none.

        """
        if account in ("", ".", ".."):  # in a path these are no names
            raise NotFoundError("it is no account's id")
        target = self._target.replace(_ACCOUNT, quote(account, safe="", errors="replace"))
        key = uuid.uuid4().hex
        return self._api.get(target, headers=lambda: self._secret.headers(key, target.encode(), self._now()))


def _parted(url: str) -> tuple[str, str]:
    """The server of an address, and what is asked of it: path and query."""
    server = "/".join(url.split("/", 3)[:3]).partition("?")[0]
    target = url[len(server) :] or "/"
    server = private_url(server)
    if not _TARGET.fullmatch(target):
        raise UsageError(
            f"what follows {server} cannot be asked for as it is; percent-encode what is not ASCII, and leave out #"
        )
    return server, target if target.startswith("/") else f"/{target}"
