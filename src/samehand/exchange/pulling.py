"""A partner's TAXII 2.1 collection, read from where it was left."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from taxii2client.common import TokenAuth
from taxii2client.exceptions import TAXIIServiceException
from taxii2client.v21 import Collection, as_pages

from samehand.errors import InputError, JobError, UsageError

__all__ = ["pull_collection"]

PAGE: Final = 1_000
MOST: Final = 2_000_000
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

logging.getLogger("taxii2client").setLevel(logging.ERROR)


def pull_collection(url: str, secret: str, *, user: str = "", added_after: str = "") -> Iterator[dict[str, Any]]:
    """Every object of a collection, page by page.

    Args:
        url: of the collection. secret: a token, or the password of `user`. added_after: only what was added later.

    Raises:
        UsageError: the link goes over the net without TLS. InputError: the server refuses it, or its answer is none of TAXII
            2.1. JobError: the server cannot be reached.

    """
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise UsageError(f"{url}: a key is not sent without TLS; the link begins with https")
    login: dict[str, Any] = {"user": user, "password": secret} if user else {"auth": TokenAuth(secret)}
    asked = {"added_after": added_after} if added_after else {}
    read = 0
    try:
        place = Collection(f"{url.rstrip('/')}/", **login)
        for page in as_pages(place.get_objects, per_request=PAGE, **asked):
            for one in page.get("objects", ()):
                read += 1
                if read > MOST:
                    raise InputError(f"{url}: it has more than {MOST:,} objects; ask for what was added after a day")
                yield one
    except requests.HTTPError as error:
        raise InputError(f"{url}: {error}") from error
    except requests.RequestException as error:
        raise JobError(f"{url} cannot be reached: {type(error).__name__}") from error
    except (TAXIIServiceException, ValueError, AttributeError) as error:
        raise InputError(f"{url}: it does not answer as TAXII 2.1 has it: {error}") from error
