"""Users of a Matrix server as Synapse's admin API tells of them: profile, state, contacts' shapes, connections."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from samehand.errors import InputError, JobError
from samehand.sources.batches import RAW_CHARACTERS, Reject
from samehand.sources.contacts import email_shape, phone_shape
from samehand.sources.json_cells import objects_in
from samehand.sources.platform_api import USER_AGENT, Answer, PlatformApi
from samehand.sources.server_users import Connection, ServerUser, clean, text_or_none

__all__ = ["SYNAPSE_TOKEN", "SynapseUsers", "is_user_id", "synapse_admin", "user_path"]

SYNAPSE_TOKEN: Final = "SAMEHAND_SYNAPSE_TOKEN"
"""The environment's variable that holds an admin's access token."""

_PAGE: Final = 500
_FAILURES_IN_A_ROW: Final = 10
_USER_ID: Final = re.compile(r"@[!-9;-~]+:[!-~]+")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STATES: Final = {
    "admins": "users are admins of the server",
    "deactivated": "users are deactivated: the server has forgotten their addresses and numbers",
    "suspended": "users are suspended",
    "locked": "users are locked",
    "shadow_banned": "users are shadow-banned",
}
_LATEST_MS: Final = 7_258_118_400_000  # the year 2200: beyond, a number is no time


def is_user_id(text: str) -> bool:
    """Whether a text is the full name of a Matrix account, `@name:server`."""
    return _USER_ID.fullmatch(text) is not None


def user_path(user: str) -> str:
    """The address of a user's state on the server."""
    return f"/_synapse/admin/v2/users/{quote(user, safe='')}"


def synapse_admin(api: PlatformApi) -> str:
    """Make sure that this is Synapse and that the token is an admin's; the admin's own user id.

    Raises:
        InputError: it is not, or cannot be reached.

    """
    version = api.get("/_synapse/admin/v1/server_version")
    if version.status not in (401, 403) and not (version.ok and "server_version" in (version.body or {})):
        raise InputError(
            f"{api.url} does not answer as Synapse does ({version.told}); name the server's own address, "
            "where /_synapse/admin is let through"
        )
    own = _allowed(api, api.get("/_matrix/client/v3/account/whoami"))
    user = (own.body or {}).get("user_id")
    if not isinstance(user, str):
        raise InputError(f"{api.url} does not say whose the token is ({own.told}); name the server's own address")
    admin = _allowed(api, api.get(f"/_synapse/admin/v1/users/{quote(user, safe='')}/admin"))
    if (admin.body or {}).get("admin") is not True:
        raise InputError(_NO_ADMIN.format(url=api.url))
    return user


_NO_ADMIN: Final = (
    "{url} knows the token, but not as an admin's; make its user a server admin, or take the token of one"
)


def _allowed(api: PlatformApi, answer: Answer) -> Answer:
    if answer.status == 401:
        raise InputError(f"{api.url} does not know the token ({answer.told}); set {SYNAPSE_TOKEN} to an admin's")
    if answer.status == 403:
        raise InputError(_NO_ADMIN.format(url=api.url))
    return answer


class SynapseUsers:
    """Reads all users of a server, the earliest sign-up first; who is no account that somebody signed up for is a reject.

    Args:
        api: the server.
        page: users of one page.

    Attributes:
        total: how many there are by the server's own count, known with the first page.
        guests_hidden: whether the server refuses to list guests.
        unreadable: optional values that could not be read, by name.
        states: what a note says of users who stand so.

    """

    states: Mapping[str, str] = _STATES

    def __init__(self, api: PlatformApi, *, page: int = _PAGE) -> None:
        self.total = 0
        self.guests_hidden = False
        self.unreadable: Counter[str] = Counter()
        self._api = api
        self._page = page
        self._failures = 0

    def __iter__(self) -> Iterator[ServerUser | Reject]:
        for row, listed in enumerate(self._listed(), start=1):
            raw = clean(json.dumps(listed, ensure_ascii=False))[:RAW_CHARACTERS]
            found = self._user(listed)
            yield Reject(row, found, raw) if isinstance(found, str) else found

    def notes(self) -> Iterator[str]:
        """What else is to be known of the reading."""
        if self.guests_hidden:
            yield "the server does not list guests, so that nobody knows how many were left out"

    def _listed(self) -> Iterator[Any]:
        start: str | None = "0"
        seen: set[str] = set()
        while start is not None:
            # without a wish of their own locked and deactivated users are left out; later sign-ups come last, so that
            # no page is shifted by them
            wish = {"deactivated": "true", "locked": "true", "order_by": "creation_ts", "dir": "f"}
            wish |= {"from": start, "limit": str(self._page), "guests": "false" if self.guests_hidden else "true"}
            answer = _allowed(self._api, self._api.get("/_synapse/admin/v2/users", wish))
            if answer.status == 400 and not self.guests_hidden:
                self.guests_hidden = True  # a server that leaves log-ins to another service has no guests to list
                continue
            users = (answer.body or {}).get("users")
            if not answer.ok or not isinstance(users, list):
                raise JobError(f"{self._api.url} did not list its users ({answer.told}); run this again")
            assert answer.body is not None
            total = answer.body.get("total")
            self.total = total if isinstance(total, int) else self.total
            yield from users
            seen.add(start)
            following = answer.body.get("next_token")
            start = None if following is None else str(following)
            if start in seen:
                raise JobError(f"{self._api.url} lists the same page of users again and again; run this again")

    def _user(self, listed: Any) -> ServerUser | str:
        """A user, or why it is none."""
        if not isinstance(listed, dict) or not isinstance(listed.get("name"), str) or not is_user_id(listed["name"]):
            return "the value has no user id"
        if listed.get("is_guest") is True:
            return "a guest, who has not signed up"
        if listed.get("user_type") == "bot":
            return "a user of type 'bot'"
        made_at = _time(listed.get("creation_ts"))
        if made_at is None:
            return "creation_ts is no time that can be read"
        name = quote(listed["name"], safe="")
        detail = self._told(self._api.get(user_path(listed["name"])))
        if isinstance(detail, str):
            return detail
        if detail.get("appservice_id"):
            return "a user of an application service, such as a bridge or a bot"
        seen = self._told(self._api.get(f"/_synapse/admin/v1/whois/{name}"))
        return seen if isinstance(seen, str) else _made(listed, detail, self._connections(seen), made_at)

    def _connections(self, seen: Mapping[str, Any]) -> tuple[Connection, ...]:
        """Where a user was seen, the earliest first; not where this program was seen at work for it."""
        devices = seen.get("devices")
        found = []
        for device in devices.values() if isinstance(devices, dict) else ():
            for session in objects_in(device.get("sessions") if isinstance(device, dict) else None):
                for one in objects_in(session.get("connections")):
                    at = _time(one.get("last_seen"))
                    self.unreadable["last_seen"] += at is None
                    if at is not None and one.get("user_agent") != USER_AGENT:
                        found.append(Connection(at, text_or_none(one.get("ip")), text_or_none(one.get("user_agent"))))
        return tuple(sorted(found, key=lambda one: (one.at, one.ip or "", one.user_agent or "")))

    def _told(self, answer: Answer) -> Mapping[str, Any] | str:
        """What a server says of one user, or why it says nothing; when it fails again and again, the job does."""
        _allowed(self._api, answer)
        if answer.ok and answer.body is not None:
            self._failures = 0
            return answer.body
        self._failures += 1
        if self._failures == _FAILURES_IN_A_ROW:
            raise JobError(
                f"{self._api.url} failed {_FAILURES_IN_A_ROW} times in a row ({answer.told}); try again later"
            )
        if answer.body is None and answer.status == 200:
            return "the server's answer about it is no JSON object"
        return f"the server does not tell about it (HTTP {answer.status})"


def _made(
    listed: Mapping[str, Any], detail: Mapping[str, Any], connections: tuple[Connection, ...], made_at: datetime
) -> ServerUser:
    contacts = _contacts(detail)
    domain, pattern = email_shape(contacts.get("email", ""))
    prefix, country = phone_shape(contacts.get("msisdn", ""))
    return ServerUser(
        user_id=listed["name"],
        name=listed["name"][1:].partition(":")[0],
        made_at=made_at.replace(microsecond=0),
        display_name=text_or_none(listed.get("displayname")),
        avatar=text_or_none(listed.get("avatar_url")),
        status=_status({**detail, **{name: value for name, value in listed.items() if value is not None}}),
        admin=listed.get("admin") is True or detail.get("admin") is True,
        email_domain=domain,
        email_pattern=pattern,
        phone_prefix=prefix,
        phone_country=country,
        connections=connections,
    )


def _status(facts: Mapping[str, Any]) -> str:
    states = ("deactivated", "suspended", "locked", "shadow_banned")
    return next((state for state in states if facts.get(state)), "active")


def _contacts(detail: Mapping[str, Any]) -> dict[str, str]:
    """The first address and the first number that a user gave."""
    found: dict[str, str] = {}
    for one in sorted(objects_in(detail.get("threepids")), key=_added):
        medium, address = one.get("medium"), one.get("address")
        if isinstance(medium, str) and isinstance(address, str):
            found.setdefault(medium, address)
    return found


def _added(contact: Mapping[str, Any]) -> float:
    added = contact.get("added_at")
    return added if isinstance(added, int | float) else 0.0


def _time(value: Any) -> datetime | None:
    """Milliseconds since 1970 as a time."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _LATEST_MS:
        return None
    return _EPOCH + timedelta(milliseconds=value)
