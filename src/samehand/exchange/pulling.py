"""A partner's TAXII 2.1 collection, read from where it was left."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from taxii2client.common import TokenAuth
from taxii2client.exceptions import TAXIIServiceException
from taxii2client.v21 import Collection, as_pages

from samehand.errors import InputError, JobError, UsageError

__all__ = ["pull_collection"]

PAGE: Final = 1_000
MOST: Final = 2_000_000
LARGEST: Final = 64 << 20
"""Bytes of one answer."""
CONNECT_S, READ_S, PAGE_S = 10.0, 60.0, 300.0
"""For a connection, for the next bytes, and for a whole answer."""
EMPTY: Final = 3
"""Pages without an object, one after the other, after which it is no collection."""
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

logging.getLogger("taxii2client").setLevel(logging.ERROR)


def pull_collection(url: str, secret: str, *, user: str = "", added_after: str = "") -> Iterator[dict[str, Any]]:
    """Every object of a collection, page by page.

    Args:
        url: of the collection. secret: a token, or the password of `user`. added_after: only what was added later.

    Raises:
        UsageError: the link goes over the net without TLS. InputError: the server refuses it or sends elsewhere, or its
            answer is none of TAXII 2.1, or too large. JobError: the server cannot be reached, or takes too long.

    """
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise UsageError(f"{url}: a key is not sent without TLS; the link begins with https")
    login: dict[str, Any] = {"user": user, "password": secret} if user else {"auth": TokenAuth(secret)}
    asked = {"added_after": added_after} if added_after else {}
    read, empty = 0, 0
    try:
        place = Collection(f"{url.rstrip('/')}/", **login)
        session = place._conn.session
        session.max_redirects = 0
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Careful())
        for page in as_pages(place.get_objects, per_request=PAGE, **asked):
            objects = page.get("objects", [])
            if not isinstance(objects, list):
                raise InputError(f"{url}: it does not answer as TAXII 2.1 has it: 'objects' is no list")
            empty = 0 if objects else empty + 1
            if empty >= EMPTY and page.get("more"):
                raise InputError(f"{url}: it says that there is more, and gives nothing")
            for one in objects:
                read += 1
                if read > MOST:
                    raise InputError(f"{url}: it has more than {MOST:,} objects; ask for what was added after a day")
                yield one
    except requests.TooManyRedirects as error:
        raise InputError(f"{url}: it sends elsewhere; ask its owner for the link, and give that") from error
    except requests.HTTPError as error:
        raise InputError(f"{url}: {error}") from error
    except requests.RequestException as error:
        raise JobError(f"{url} cannot be reached: {type(error).__name__}") from error
    except (TAXIIServiceException, ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"{url}: it does not answer as TAXII 2.1 has it: {error}") from error


class _Careful(HTTPAdapter):
    """Waits for no answer without an end, and reads none that is too large."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Ask, and read the whole answer within its bounds."""
        end = time.monotonic() + PAGE_S
        answer = super().send(request, **{**options, "timeout": (CONNECT_S, READ_S), "stream": True})
        body = bytearray()
        for part in answer.iter_content(1 << 16):
            body += part
            if len(body) > LARGEST:
                raise InputError(f"{request.url}: an answer is larger than {LARGEST >> 20} MiB")
            if time.monotonic() > end:
                raise requests.ReadTimeout(f"an answer takes longer than {PAGE_S:g} s")
        answer._content = bytes(body)
        return answer
