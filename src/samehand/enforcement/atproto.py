"""Takes accounts of a PDS, a server of the AT Protocol, down through its admin's API, and undoes it."""

from __future__ import annotations

from typing import Any, Final

from samehand.enforcement.confirming import confirmed_act
from samehand.enforcement.connector import AccountState, Act, Action, Capabilities
from samehand.errors import InputError, JobError, NotFoundError
from samehand.sources import Answer, PlatformApi, atproto_admin, is_did, xrpc

__all__ = ["AtprotoConnector", "checked_did"]

CAPABILITIES: Final = Capabilities(
    "atproto", frozenset({"suspend", "reinstate"}), None,
    "a takedown by the PDS can be undone at any time and nothing is lost: the account and all it published are back",
)  # fmt: skip


def checked_did(account: str) -> str:
    """An account's DID.

    Raises:
        InputError: it is none.

    """
    if not is_did(account):
        raise InputError("it is no DID; one is written did:plc:... or did:web:...")
    return account


class AtprotoConnector:
    """A PDS as a `Connector`. Who is suspended (there: taken down) cannot log in, and nothing it published is served.

    Args:
        api: the server, asked as its admin (`samehand.sources.atproto_api`).

    Raises:
        InputError: it is no PDS, the password is not its admin's, or it cannot be reached.

    """

    def __init__(self, api: PlatformApi) -> None:
        self._api = api
        atproto_admin(api)

    def state(self, account: str) -> AccountState:
        """How an account stands. That its owner has deactivated it closes nothing for good, and is not told.

        Raises:
            InputError: it is no account of this server, or the server cannot be reached; JobError: the server does not tell.

        """
        return AccountState(account, self._takedown(account).get("applied") is True, deactivated=False, admin=False)

    @property
    def capabilities(self) -> Capabilities:
        """A takedown, which can be undone."""
        return CAPABILITIES

    def settle(self) -> None:
        """Nothing: the server keeps what it confirms."""

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
        """Take an account down, or undo it; the takedown's `ref` on the server is the key, so that a repeat is known by it."""
        act = confirmed_act(self, CAPABILITIES, account, action, send=lambda: self._send(account, action, key))
        if act.outcome == "already" and action == "suspend" and key is not None and self._is_ours(account, key):
            return Act(account, action, "done")
        return act

    def _send(self, account: str, action: Action, key: str | None) -> Answer:
        takedown = {"applied": action == "suspend", **({"ref": key} if key is not None else {})}
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": account}
        return self._api.post(xrpc("com.atproto.admin.updateSubjectStatus"), {"subject": subject, "takedown": takedown})

    def _is_ours(self, account: str, key: str) -> bool:
        """Whether the takedown that stands is this very act, of which the reply was lost or which a crash cut short."""
        try:
            return self._takedown(account).get("ref") == key
        except (InputError, JobError):
            return False

    def _takedown(self, account: str) -> dict[str, Any]:
        answer = self._api.get(xrpc("com.atproto.admin.getSubjectStatus"), {"did": checked_did(account)})
        facts = answer.body or {}
        if answer.status in (400, 404):
            raise NotFoundError(f"the server has no such account ({answer.told})")
        takedown = facts.get("takedown")
        if not answer.ok or not isinstance(takedown, dict) or not isinstance(takedown.get("applied"), bool):
            raise JobError(f"the server does not tell how the account stands ({answer.told})")
        return takedown
