"""Takes accounts of the AT Protocol's network down through Ozone, its moderation service, as one of its moderators."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from samehand.enforcement.atproto import checked_did
from samehand.enforcement.confirming import confirmed_act
from samehand.enforcement.connector import AccountState, Act, Action, Capabilities
from samehand.errors import InputError, JobError, NotFoundError
from samehand.sources import Answer, Closing, PlatformApi, is_did, xrpc

__all__ = ["OZONE_DID", "OZONE_HANDLE", "OZONE_PASSWORD", "OzoneConnector", "OzoneSession"]

OZONE_HANDLE: Final = "SAMEHAND_OZONE_HANDLE"
"""The environment's variable that holds the moderator's handle."""
OZONE_PASSWORD: Final = "SAMEHAND_OZONE_PASSWORD"
"""The environment's variable that holds the moderator's password, best an app password."""
OZONE_DID: Final = "SAMEHAND_OZONE_DID"
"""The environment's variable that holds the DID of the moderation service."""

CAPABILITIES: Final = Capabilities(
    "ozone", frozenset({"suspend", "reinstate"}), None,
    "a takedown by Ozone can be undone at any time and nothing is lost; both reach the PDS and the AppView within moments",
)  # fmt: skip
_EVENT: Final = "tools.ozone.moderation.defs#"


class OzoneSession(Closing):
    """A moderator's log-in at the PDS of the moderator's account, which hands questions on to Ozone.

    Args:
        url: the PDS.
        handle, password: of the moderator.
        ozone: the DID of the moderation service.
        sleep: how to wait for a busy server, in seconds.

    Raises:
        InputError: the PDS cannot be reached, or does not know the moderator.

    """

    def __init__(
        self, url: str, handle: str, password: str, ozone: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        if not is_did(ozone):
            raise InputError(f"'{ozone}' is no DID of a moderation service; set {OZONE_DID} to one")
        self.ozone = ozone
        self._url, self._sleep = url, sleep
        self._login = {"identifier": handle, "password": password}
        self.did, self._api = self._logged_in()

    def get(self, method: str, parameters: Mapping[str, str | Sequence[str]]) -> Answer:
        """Ask Ozone something."""
        return self._fresh(lambda api: api.get(xrpc(method), parameters))

    def post(self, method: str, body: Mapping[str, Any]) -> Answer:
        """Call a procedure of Ozone's; see `PlatformApi.post`."""
        return self._fresh(lambda api: api.post(xrpc(method), body))

    def close(self) -> None:
        """End the connections; the log-in ends by itself."""
        self._api.close()

    def _fresh(self, call: Callable[[PlatformApi], Answer]) -> Answer:
        """What Ozone says; a log-in lasts some hours, and is made anew when it has ended."""
        answer = call(self._api)
        if (answer.body or {}).get("error") != "ExpiredToken":
            return answer
        self._api.close()
        self.did, self._api = self._logged_in()
        return call(self._api)

    def _logged_in(self) -> tuple[str, PlatformApi]:
        with PlatformApi(self._url, None, sleep=self._sleep) as api:
            answer = api.post(xrpc("com.atproto.server.createSession"), self._login)
        said = answer.body or {}
        did, token = said.get("did"), said.get("accessJwt")
        if not answer.ok or not isinstance(did, str) or not isinstance(token, str):
            raise InputError(
                f"{self._url} does not let the moderator in ({answer.told}); see {OZONE_HANDLE} and {OZONE_PASSWORD}"
            )
        headers = {"atproto-proxy": f"{self.ozone}#atproto_labeler"}
        return did, PlatformApi(self._url, token, headers=headers, sleep=self._sleep)


class OzoneConnector:
    """Ozone as a `Connector`: what it decides reaches the PDS and the AppView that it is set up for, and is in its own log.

    Args:
        session: a moderator's.

    Raises:
        InputError: Ozone does not answer, or not this moderator.

    """

    def __init__(self, session: OzoneSession) -> None:
        self._session = session
        answer = self._statuses(session.ozone)
        if not answer.ok:
            raise InputError(f"Ozone does not answer this moderator ({answer.told}); see {OZONE_DID}")

    def state(self, account: str) -> AccountState:
        """How an account stands with Ozone; `admin` is the moderator's own account, and the moderation service.

        Raises:
            InputError: nobody knows the account, or the server cannot be reached; JobError: Ozone does not tell.

        """
        answer = self._statuses(checked_did(account))
        found = (answer.body or {}).get("subjectStatuses")
        if not answer.ok or not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise JobError(f"Ozone does not tell how the account stands ({answer.told})")
        if not found:
            self._known(account)
        own = account in (self._session.did, self._session.ozone)
        return AccountState(account, any(one.get("takendown") is True for one in found), deactivated=False, admin=own)

    @property
    def capabilities(self) -> Capabilities:
        """A takedown, which can be undone."""
        return CAPABILITIES

    def settle(self) -> None:
        """Nothing: Ozone keeps what it confirms."""

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
        """Take an account down, or undo it; the event bears the key, and Ozone takes one of a key only once."""
        return confirmed_act(
            self, CAPABILITIES, account, action, refusal=_refusal, send=lambda: self._emit(account, action, key)
        )

    def _emit(self, account: str, action: Action, key: str | None) -> Answer:
        kind = "modEventTakedown" if action == "suspend" else "modEventReverseTakedown"
        tool = {"name": "samehand", **({"meta": {"batchId": key}} if key is not None else {})}
        event = {
            "event": {"$type": f"{_EVENT}{kind}", "comment": "a decision that was taken in samehand"},
            "subject": {"$type": "com.atproto.admin.defs#repoRef", "did": account},
            "createdBy": self._session.did,
            "modTool": tool,
            **({"externalId": key} if key is not None else {}),
        }
        return self._session.post("tools.ozone.moderation.emitEvent", event)

    def _statuses(self, did: str) -> Answer:
        # whom moderators have muted is left out unless one asks for it
        return self._session.get(
            "tools.ozone.moderation.queryStatuses", {"subject": did, "includeMuted": "true", "limit": "1"}
        )

    def _known(self, account: str) -> None:
        """Make sure that there is such an account: Ozone has no status of those whom nobody has ever looked at."""
        answer = self._session.get("tools.ozone.moderation.getRepo", {"did": account})
        if answer.status in (400, 404):
            raise NotFoundError(f"Ozone knows no such account ({answer.told})")
        if not answer.ok:
            raise JobError(f"Ozone does not tell whether there is such an account ({answer.told})")


def _refusal(state: AccountState) -> str | None:
    return "it is the moderator's own account, or the moderation service's" if state.admin else None
