"""Suspends and reinstates users of a Matrix server through Synapse's admin API."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from samehand.enforcement.confirming import confirmed_act
from samehand.enforcement.connector import AccountState, Act, Action, Capabilities
from samehand.errors import InputError, JobError, NotFoundError
from samehand.sources import PlatformApi, is_user_id, synapse_admin, user_path

__all__ = ["SynapseConnector"]


CAPABILITIES: Final = Capabilities(
    "synapse", frozenset({"suspend", "reinstate"}), None,
    "a suspension can be undone at any time and nothing is lost; a deactivation could not be, so it is not offered",
)  # fmt: skip


class SynapseConnector:
    """A Synapse server as a `Connector`. A suspended user logs in and reads, but writes nothing, and it can be undone.

    Args:
        api: the server, with an admin's token.

    Raises:
        InputError: it is no Synapse, the token is not an admin's, or it cannot be reached.

    """

    def __init__(self, api: PlatformApi) -> None:
        self._api = api
        self._own = synapse_admin(api)

    def state(self, account: str) -> AccountState:
        """How a user stands.

        Raises:
            InputError: it is no user of this server, or the server cannot be reached; JobError: the server does not tell.

        """
        if not is_user_id(account):
            raise InputError("it is no Matrix user id; one is written @name:server")
        answer = self._api.get(user_path(account))
        if answer.status in (400, 404):
            raise NotFoundError(f"the server has no such user ({answer.told})")
        facts = answer.body or {}
        if not answer.ok or not all(isinstance(facts.get(name), bool) for name in ("suspended", "admin")):
            raise JobError(f"the server does not tell how the user stands ({answer.told})")
        return AccountState(account, facts["suspended"], bool(facts.get("deactivated")), facts["admin"])

    @property
    def capabilities(self) -> Capabilities:
        """Suspension, which can be undone; a deactivation cannot, so it is not offered."""
        return CAPABILITIES

    def settle(self) -> None:
        """Nothing: the server keeps what it confirms."""

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:  # noqa: ARG002
        """Suspend a user, not an admin and not the token's own, or undo it."""
        path, wanted = f"/_synapse/admin/v1/suspend/{quote(account, safe='')}", {"suspend": action == "suspend"}
        return confirmed_act(
            self, CAPABILITIES, account, action, refusal=self._refusal, send=lambda: self._api.put(path, wanted)
        )

    def _refusal(self, state: AccountState) -> str | None:
        if state.account == self._own:
            return "it is the user whose token is used"
        if state.admin:
            return "it is an admin of the server"
        if state.deactivated:
            return "it is deactivated, which no suspension adds to and no reinstatement undoes"
        return None
