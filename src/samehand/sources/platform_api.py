"""A platform's HTTP API that answers in JSON: who asks, patience with a busy server, and answers as plain values."""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx

from samehand import __version__
from samehand.errors import InputError, UsageError

__all__ = ["USER_AGENT", "Answer", "Closing", "Headers", "Patience", "PlatformApi", "private_url", "usable_token"]

USER_AGENT: Final = f"samehand/{__version__}"
_BUSY: Final = frozenset([429, 500, 502, 503, 504])

Headers = Callable[[], Mapping[str, str]]
"""Headers of a request that are made anew for each attempt, as a signature over the time is."""

# httpx tells each address at the level INFO, and addresses hold the names of accounts
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes:
        timeout_s: longest silence within one request.
        attempts: how often a request is made before its last answer stands.
        first_wait_s: the pause after the first attempt; it doubles each time, unless the server names its own.
        longest_wait_s: a server that asks for a longer pause is not asked again.
        at_first: whether a server that took the first request of all and said nothing is waited for as well.

    """

    timeout_s: float = 30.0
    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0
    at_first: bool = False


@dataclass(frozen=True)
class Answer:
    """What a server said.

    Attributes:
        status: the HTTP status.
        body: the JSON object; None where the answer was none.
        items: the JSON list; None where the answer was none.
        repeated: whether an earlier attempt of the same request may have been carried out, with its answer lost.

    """

    status: int
    body: Mapping[str, Any] | None
    repeated: bool = False
    items: Sequence[Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked, and said so in JSON."""
        return 200 <= self.status < 300 and self.body is not None

    @property
    def told(self) -> str:
        """The answer in a few words: status, the platform's code of the error, its message."""
        if self.body is None:
            return f"HTTP {self.status}, and no JSON object"
        words = [self.body.get(name) for name in ("errcode", "error", "message")]
        return " ".join([f"HTTP {self.status}", *(word[:200] for word in words if isinstance(word, str))])


class Closing:
    """What holds connections until the end of a `with` block."""

    def close(self) -> None:
        """End the connections."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class PlatformApi(Closing):
    """Makes requests that are safe to repeat, and repeats them while the server is busy (429, 500, 502 to 504).

    Redirects are not followed, so that the token goes to nobody but the server that was named.

    Args:
        url: the server, `https://host[:port][/path]`; plain `http` too.
        token: what it knows the caller by, put into no message; None asks as anybody may, or signs each request.
        user: the name that goes with it where the server takes a name and a password (HTTP Basic, RFC 7617); without
            one it is a bearer token (RFC 6750).
        headers: what else is said with each request.
        patience: how long it is waited for.
        sleep: how to wait, in seconds.

    Raises:
        UsageError: the URL or the token cannot be used.

    """

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        user: str | None = None,
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = _checked_url(url)
        self._patience = patience or Patience()
        self._sleep = sleep
        self._answered = False
        said = {"User-Agent": USER_AGENT, **(headers or {}), **_authorization(token, user)}
        self._client = httpx.Client(headers=said, timeout=self._patience.timeout_s, follow_redirects=False)

    @property
    def host(self) -> str:
        """The server's name, with the port where the URL names one."""
        return urlsplit(self.url).netloc

    def get(
        self,
        path: str,
        parameters: Mapping[str, str | Sequence[str]] | None = None,
        *,
        headers: Headers | None = None,
    ) -> Answer:
        """Ask for something; a parameter with several values is sent once for each.

        Raises:
            InputError: the server cannot be reached.

        """
        return self._ask("GET", path, headers, params=parameters)

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Set something to a state, which is the same however often it is done.

        Raises:
            InputError: the server cannot be reached.

        """
        return self._ask("PUT", path, None, json=body)

    def post(self, path: str, body: bytes | Mapping[str, Any], *, headers: Headers | None = None) -> Answer:
        """Hand over an object, as JSON or as the bytes given, once or more often.

        Only what is the same however often it is done, or what the server tells repeats of by what body or headers say.

        Raises:
            InputError: the server cannot be reached.

        """
        if isinstance(body, bytes):
            return self._ask("POST", path, headers, content=body)
        return self._ask("POST", path, headers, json=body)

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _ask(self, method: str, path: str, headers: Headers | None, **what: Any) -> Answer:
        wait, repeated = self._patience.first_wait_s, False
        for attempt in range(1, self._patience.attempts + 1):
            last = attempt == self._patience.attempts
            try:
                made = dict(headers()) if headers else None
                response = self._client.request(method, self.url + path, headers=made, **what)
            except httpx.HTTPError as error:
                if last or not self._is_there(error):
                    raise InputError(f"{self.url} cannot be reached ({_cause(error)}); check the URL") from error
                repeated |= not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                pause = wait
            else:
                self._answered = True
                answer = _answer(response, repeated)
                asked = _asked_pause_s(response, answer)
                pause = wait if asked is None else asked
                if last or answer.status not in _BUSY or pause > self._patience.longest_wait_s:
                    return answer
                repeated |= answer.status >= 500
            self._sleep(pause)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")

    def _is_there(self, error: httpx.HTTPError) -> bool:
        """Whether a server that did not answer is one to wait for: one that has answered is perhaps being started again."""
        taken = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        return self._answered or (self._patience.at_first and taken)


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"'{url}' is no address of a server; name it as https://matrix.example.org")
    if "@" in parts.netloc:
        raise UsageError("a server's address holds no name and password; the token comes from the environment")
    if parts.query or parts.fragment:
        raise UsageError(f"'{url}' is more than the address of a server; leave out what follows ? or #")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def private_url(url: str) -> str:
    """The address of a server that nobody on the way can read or change what is sent to: https, or this very machine.

    Raises:
        UsageError: it is no address of a server, or plain http to another machine.

    """
    url = _checked_url(url)
    parts = urlsplit(url)
    if parts.scheme == "http" and not _is_here(parts.hostname or ""):
        raise UsageError(f"'{url}' is plain http, which others on the way can read; name it with https")
    return url


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _authorization(token: str | None, user: str | None) -> dict[str, str]:
    if token is None:
        return {}
    if user is None:
        return {"Authorization": f"Bearer {usable_token(token)}"}
    if not token.strip() or not token.isprintable():
        raise UsageError("the password is empty, or holds what no password holds (line breaks); set it again")
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}"}


def usable_token(token: str) -> str:
    """A token without the blanks around it.

    Raises:
        UsageError: it is none.

    """
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("the token is empty, or holds what no token holds (blanks, line breaks); set it again")
    return token


def _cause(error: httpx.HTTPError) -> str:
    return "it took too long to answer" if isinstance(error, httpx.TimeoutException) else str(error) or "no answer"


def _answer(response: httpx.Response, repeated: bool) -> Answer:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    return Answer(
        response.status_code,
        body if isinstance(body, dict) else None,
        repeated,
        body if isinstance(body, list) else None,
    )


def _asked_pause_s(response: httpx.Response, answer: Answer) -> float | None:
    """The pause that a server asks for: `Retry-After` in seconds or as a date, or Matrix's older `retry_after_ms`."""
    header = response.headers.get("Retry-After", "").strip()
    if header.isdecimal() and len(header) < 10:
        return float(header)
    if header:
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    asked = (answer.body or {}).get("retry_after_ms")
    return asked / 1000 if isinstance(asked, int | float) and not isinstance(asked, bool) and asked >= 0 else None
