"""Users of a Mastodon server as its admin API tells of them: profile, state, the shape of the e-mail address, addresses."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from samehand.errors import InputError, JobError
from samehand.sources.batches import RAW_CHARACTERS, Reject
from samehand.sources.contacts import email_shape
from samehand.sources.json_cells import object_in, objects_in
from samehand.sources.platform_api import Answer, PlatformApi
from samehand.sources.server_users import Connection, ServerUser, clean, text_or_none

__all__ = ["MASTODON_TOKEN", "MastodonUsers", "is_mastodon_staff", "is_mastodon_id", "mastodon_moderator"]

MASTODON_TOKEN: Final = "SAMEHAND_MASTODON_TOKEN"
"""The environment's variable that holds the access token of a moderator."""

_LISTED: Final = "/api/v2/admin/accounts"
_PAGE: Final = 200
_ID: Final = re.compile(r"[1-9][0-9]{0,18}")
_INVITES: Final = 0x10000  # the one permission that every user may have
_STATES: Final = {
    "admins": "users are of the server's staff",
    "suspended": "users are suspended",
    "disabled": "users are disabled: they cannot log in",
    "silenced": "users are silenced",
    "pending": "users wait to be approved",
    "unconfirmed": "users have not confirmed their e-mail address",
}


def is_mastodon_id(text: str) -> bool:
    """Whether a text is an account's number, written as the admin API writes it."""
    return _ID.fullmatch(text) is not None


def is_mastodon_staff(role: Any) -> bool:
    """Whether a role may do more than invite people; before Mastodon 4 it is a word.

    Accounts of other servers have none. A role that cannot be read counts as staff: such an account is better left alone.
    """
    if role is None or role == "user":
        return False
    permissions = role.get("permissions") if isinstance(role, dict) else None
    try:
        return int(permissions) & ~_INVITES != 0  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return True


def mastodon_moderator(api: PlatformApi) -> None:
    """Make sure that this is Mastodon and that the token may see its accounts.

    Raises:
        InputError: it is not, or cannot be reached.

    """
    answer = _allowed(api, api.get(_LISTED, {"origin": "local", "limit": "1"}))
    if answer.items is None:
        raise InputError(f"{api.url} does not answer as Mastodon does ({answer.told}); name the server's own address")


def _allowed(api: PlatformApi, answer: Answer) -> Answer:
    if answer.status == 401:
        raise InputError(f"{api.url} does not know the token ({answer.told}); set {MASTODON_TOKEN} to a moderator's")
    if answer.status == 403:
        raise InputError(
            f"{api.url} knows the token, but does not let it see accounts ({answer.told}); it has to be a moderator's, with "
            "the scope admin:read:accounts"
        )
    return answer


class MastodonUsers:
    """Reads all users of a server, the latest sign-up first; who is no account that somebody signed up for is a reject.

    Args:
        api: the server.
        page: users of one page, 200 at most.

    Attributes:
        total: 0; the server does not say how many there are.
        unreadable: optional values that could not be read, by name.
        states: what a note says of users who stand so.

    """

    states: Mapping[str, str] = _STATES

    def __init__(self, api: PlatformApi, *, page: int = _PAGE) -> None:
        self.total = 0
        self.unreadable: Counter[str] = Counter()
        self._api = api
        self._page = page

    def __iter__(self) -> Iterator[ServerUser | Reject]:
        for row, listed in enumerate(self._listed(), start=1):
            found = self._user(listed)
            if isinstance(found, str):
                yield Reject(row, found, clean(json.dumps(_unaddressed(listed), ensure_ascii=False))[:RAW_CHARACTERS])
            else:
                yield found

    def notes(self) -> Iterable[str]:
        """Nothing else."""
        return ()

    def _listed(self) -> Iterator[Any]:
        below: int | None = None
        while True:
            # each page is what lies below the last one's smallest number, so that no page is shifted by new sign-ups
            wish = {"origin": "local", "limit": str(self._page)} | ({"max_id": str(below)} if below else {})
            answer = _allowed(self._api, self._api.get(_LISTED, wish))
            if not 200 <= answer.status < 300 or answer.items is None:
                raise JobError(f"{self._api.url} did not list its users ({answer.told}); run this again")
            if not answer.items:
                return
            numbers = [int(one["id"]) for one in answer.items if _has_id(one)]
            if not numbers or (below is not None and min(numbers) >= below):
                raise JobError(f"{self._api.url} lists the same page of users again and again; run this again")
            below = min(numbers)
            yield from answer.items

    def _user(self, listed: Any) -> ServerUser | str:
        """A user, or why it is none."""
        if not _has_id(listed) or text_or_none(listed.get("username")) is None:
            return "the value has no id and name of an account"
        if listed.get("domain") is not None:
            return "an account of another server, who has not signed up here"
        made_at = _time(listed.get("created_at"))
        if made_at is None:
            return "created_at is no time that can be read"
        email = listed.get("email")
        domain, pattern = email_shape(email if isinstance(email, str) else "")
        profile = object_in(listed, "account")
        inviter = text_or_none(listed.get("invited_by_account_id"))
        return ServerUser(
            user_id=listed["id"],
            name=clean(listed["username"]),
            made_at=made_at,
            display_name=text_or_none(profile.get("display_name")),
            avatar=None,  # its address is the account's own, so it would tie nobody
            status=_status(listed),
            admin=is_mastodon_staff(listed.get("role")),
            email_domain=domain,
            email_pattern=pattern,
            phone_prefix=None,
            phone_country=None,
            connections=self._connections(listed),
            profile_url=text_or_none(profile.get("url")),
            locale=text_or_none(listed.get("locale")),
            referrer=f"invite:{inviter}" if inviter else None,
        )

    def _connections(self, listed: Mapping[str, Any]) -> tuple[Connection, ...]:
        found = []
        for one in objects_in(listed.get("ips")):
            at = _time(one.get("used_at"))
            self.unreadable["used_at"] += at is None
            if at is not None:
                found.append(Connection(at, text_or_none(one.get("ip")), None))
        return tuple(sorted(found, key=lambda one: (one.at, one.ip or "")))


def _has_id(listed: Any) -> bool:
    return isinstance(listed, dict) and isinstance(listed.get("id"), str) and is_mastodon_id(listed["id"])


def _unaddressed(listed: Any) -> Any:
    """A user without what a dataset may not hold: the whole address, and what was written to be let in."""
    hidden = ("email", "invite_request")
    return {name: one for name, one in listed.items() if name not in hidden} if isinstance(listed, dict) else None


def _status(facts: Mapping[str, Any]) -> str:
    for state in ("suspended", "disabled", "silenced"):
        if facts.get(state) is True:
            return state
    if facts.get("approved") is False:
        return "pending"
    return "unconfirmed" if facts.get("confirmed") is False else "active"


def _time(value: Any) -> datetime | None:
    """ISO 8601 with a zone as a time."""
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo and 1970 <= at.year < 2200 else None
    except (TypeError, ValueError, OverflowError):
        return None
