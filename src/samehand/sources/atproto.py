"""Accounts of a PDS, a server of the AT Protocol, as its admin's API tells of them, and the records that they published."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from samehand.errors import InputError, JobError
from samehand.sources.batches import RAW_CHARACTERS, Reject
from samehand.sources.contacts import email_shape
from samehand.sources.json_cells import object_in, objects_in, text_of, whole
from samehand.sources.platform_api import Answer, PlatformApi

__all__ = ["ATPROTO_ADMIN", "AtprotoAccount", "AtprotoServer", "atproto_admin", "atproto_api", "is_did", "xrpc"]

ATPROTO_ADMIN: Final = "SAMEHAND_ATPROTO_ADMIN"
"""The environment's variable that holds the admin password of a PDS."""

_DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")
_LONGEST_DID: Final = 2_048
_PAGE: Final = 500
_AT_ONCE: Final = 50
"""Accounts of one question: their DIDs stand in its address."""
_RECORDS: Final = 100
_FAILURES_IN_A_ROW: Final = 10
_NO_HANDLE: Final = "handle.invalid"


def is_did(text: str) -> bool:
    """Whether a text is an account's permanent id, `did:plc:...` or `did:web:...`."""
    return len(text) <= _LONGEST_DID and _DID.fullmatch(text) is not None


def xrpc(method: str) -> str:
    """The address of a method of the protocol on a server."""
    return f"/xrpc/{method}"


def atproto_api(url: str, password: str) -> PlatformApi:
    """A PDS, asked as its admin."""
    return PlatformApi(url, password, user="admin")


def atproto_admin(api: PlatformApi) -> str:
    """Make sure that this is a PDS and that the password is its admin's; the server's own DID.

    Raises:
        InputError: it is not, or cannot be reached.

    """
    about = api.get(xrpc("com.atproto.server.describeServer"))
    server = (about.body or {}).get("did")
    if not about.ok or not isinstance(server, str):
        raise InputError(f"{api.url} does not answer as a PDS does ({about.told}); name the server's own address")
    asked = _allowed(api, api.get(xrpc("com.atproto.admin.getSubjectStatus"), {"did": server}))
    if asked.status not in (200, 400, 404):  # it need not have an account of its own
        raise InputError(f"{api.url} does not answer its admin ({asked.told}); try again later")
    return server


def _allowed(api: PlatformApi, answer: Answer) -> Answer:
    if answer.status in (401, 403):
        raise InputError(f"{api.url} does not know the admin password ({answer.told}); set {ATPROTO_ADMIN} to its own")
    return answer


@dataclass(frozen=True)
class AtprotoAccount:
    """An account of the server.

    Attributes:
        did: its permanent id.
        status: active, or what the server lists it as instead: takendown, suspended, deactivated and others.
        handle: its name of now, None where that does not prove itself.
        made_at: when it signed up, as the server writes it.
        email_domain, email_pattern: of the address that it gave.
        invited_by: the account whose invitation it used.

    """

    did: str
    status: str
    handle: str | None
    made_at: str | None
    email_domain: str | None
    email_pattern: str | None
    invited_by: str | None


class AtprotoServer:
    """Reads accounts and records of a PDS.

    Args:
        api: the server, asked as its admin.
        page: accounts of one page of the list.
        records: records of one page.

    """

    def __init__(self, api: PlatformApi, *, page: int = _PAGE, records: int = _RECORDS) -> None:
        self._api = api
        self._page = page
        self._records = records
        self._failures = 0

    def accounts(self) -> Iterator[AtprotoAccount | Reject]:
        """All accounts, the earliest sign-up first."""
        row = 0
        waiting: list[dict[str, Any]] = []
        for listed in self._listed():
            row += 1
            waiting.append(listed)
            if len(waiting) == _AT_ONCE:
                yield from self._told(waiting, row - len(waiting))
                waiting = []
        yield from self._told(waiting, row - len(waiting))

    def pages(self, did: str, collection: str) -> Iterator[dict[str, Any] | str]:
        """Records of an account, the first made first, a page at a time as the server sends it; or why there are none."""
        wish = {"repo": did, "collection": collection, "limit": str(self._records), "reverse": "true"}
        while True:
            answer = self._api.get(xrpc("com.atproto.repo.listRecords"), wish)
            page = _body(answer)
            if not isinstance(page.get("records"), list):
                self._failed(answer)
                yield f"the server does not list what the account published ({answer.told})"
                return
            self._failures = 0
            if page["records"]:
                yield page
            following = page.get("cursor")
            if (
                len(page["records"]) < self._records
                or not isinstance(following, str)
                or following == wish.get("cursor")
            ):
                return
            wish["cursor"] = following

    def _listed(self) -> Iterator[dict[str, Any]]:
        wish = {"limit": str(self._page)}
        seen: set[str] = set()
        while True:
            answer = self._api.get(xrpc("com.atproto.sync.listRepos"), wish)
            body = _body(answer)
            if not isinstance(body.get("repos"), list):
                raise JobError(f"{self._api.url} did not list its accounts ({answer.told}); run this again")
            yield from (object_in(one) for one in body["repos"])
            following = body.get("cursor")
            if not isinstance(following, str):
                return
            if following in seen:
                raise JobError(f"{self._api.url} lists the same page of accounts again and again; run this again")
            seen.add(following)
            wish["cursor"] = following

    def _told(self, listed: list[dict[str, Any]], before: int) -> Iterator[AtprotoAccount | Reject]:
        """Listed accounts with what only the admin is told."""
        dids = [one["did"] for one in listed if isinstance(one.get("did"), str) and is_did(one["did"])]
        infos, why = self._infos(dids) if dids else ({}, "")
        for row, one in enumerate(listed, start=before + 1):
            raw = json.dumps(one, ensure_ascii=True)[:RAW_CHARACTERS]
            did = one.get("did")
            if not isinstance(did, str) or not is_did(did):
                yield Reject(row, "the value has no DID", raw)
            elif did not in infos:
                yield Reject(row, why, raw)
            else:
                yield _made(did, one, infos[did])

    def _infos(self, dids: list[str]) -> tuple[dict[str, dict[str, Any]], str]:
        """What the admin is told of accounts, and why there is nothing about the others."""
        answer = _allowed(self._api, self._api.get(xrpc("com.atproto.admin.getAccountInfos"), {"dids": dids}))
        body = _body(answer)
        if not isinstance(body.get("infos"), list):
            self._failed(answer)
            return {}, f"the server does not tell about it (HTTP {answer.status})"
        self._failures = 0
        found = {text_of(one.get("did")) or "": one for one in objects_in(body["infos"])}
        return found, "the server does not tell about it"

    def _failed(self, answer: Answer) -> None:
        """When a server fails again and again, the job does; that it does not know an account is no failure."""
        self._failures += answer.status not in (400, 404)
        if self._failures == _FAILURES_IN_A_ROW:
            raise JobError(
                f"{self._api.url} failed {_FAILURES_IN_A_ROW} times in a row ({answer.told}); try again later"
            )


def _body(answer: Answer) -> dict[str, Any]:
    """What a server said, as far as a table can hold it; nothing where it failed."""
    try:
        return dict(whole(answer.body)) if answer.ok else {}
    except RecursionError:  # one that is nested so deeply would end the reading of all others
        return {}


def _made(did: str, listed: Mapping[str, Any], info: dict[str, Any]) -> AtprotoAccount:
    domain, pattern = email_shape(text_of(info.get("email")) or "")
    handle = text_of(info.get("handle"))
    inviter = text_of(object_in(info, "invitedBy").get("forAccount")) or ""
    away = text_of(listed.get("status")) or "inactive"
    return AtprotoAccount(
        did=did,
        status=away if listed.get("active") is False else "active",
        handle=None if handle == _NO_HANDLE else handle,
        made_at=text_of(info.get("indexedAt")),
        email_domain=domain,
        email_pattern=pattern,
        invited_by=inviter if is_did(inviter) else None,
    )
