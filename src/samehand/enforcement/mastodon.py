"""Limits and suspends accounts of a Mastodon server through its admin API, and undoes both.

Mastodon's own suspension takes an account's posts away after 30 days and its ties to others at once, so a suspension is by
default what Mastodon calls *disable*: the person cannot log in, and nothing is lost. What Mastodon calls *silence* is a limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from samehand.enforcement.connector import AccountState, Act, Action, Capabilities, stands
from samehand.errors import InputError, JobError, MissingExtraError, NotFoundError
from samehand.sources import (
    MASTODON_TOKEN,
    USER_AGENT,
    Patience,
    is_mastodon_id,
    is_mastodon_staff,
    private_url,
    usable_token,
)

if TYPE_CHECKING:
    from mastodon import Mastodon

__all__ = ["MastodonConnector", "SuspendBy"]

SuspendBy = Literal["disable", "suspend"]

PATIENCE: Final = Patience(longest_wait_s=330)  # a server's limits are for five minutes
_ACTIONS: Final[frozenset[Action]] = frozenset({"limit", "unlimit", "suspend", "reinstate"})
DISABLING: Final = Capabilities(
    "mastodon", _ACTIONS, None,
    "a suspension shuts the person out of the account (Mastodon calls it disable) and a limit hides it from who does not "
    "follow it; both can be undone at any time and nothing is lost, but what is posted already stays to be seen",
)  # fmt: skip
SUSPENDING: Final = Capabilities(
    "mastodon-suspend", _ACTIONS, 30,
    "a suspension (Mastodon's own) takes the account's posts and media away for good after 30 days, and who followed whom at "
    "once: a reinstatement before that brings back the posts, none brings back the followers; a limit can be undone at any "
    "time",
)  # fmt: skip
_NO_MODERATOR: Final = (
    "{url} knows the token, but does not let it see accounts ({told}); it has to be a moderator's, with the scopes "
    "read:accounts, admin:read:accounts and admin:write:accounts"
)


@dataclass(frozen=True)
class _Account:
    """An account as the admin API tells of it."""

    account: str
    local: bool
    staff: bool
    disabled: bool
    silenced: bool
    suspended: bool


@dataclass(frozen=True)
class _Trouble:
    """Why a request came to nothing, and after how many seconds it may do better; None: never."""

    error: InputError | JobError
    pause_s: float | None


class MastodonConnector:
    """A Mastodon server as a `Connector`; accounts are named by the numbers that its admin API has for them.

    Args:
        url: the server, `https://host`.
        token: a moderator's access token, with the scopes read:accounts, admin:read:accounts and admin:write:accounts.
        suspend_by: what a suspension is there: `disable` (no log-in; undone without loss, accounts of this server only) or
            `suspend` (Mastodon's own; the data goes after 30 days).
        patience: how long the server is waited for.
        sleep: how to wait, in seconds.

    Raises:
        MissingExtraError: Mastodon.py is not installed. UsageError: the URL or the token cannot be used. InputError: it is no
            Mastodon, the token is not a moderator's, or it cannot be reached. JobError: it does not tell whose the token is.

    """

    def __init__(
        self, url: str, token: str, *, suspend_by: SuspendBy = "disable", patience: Patience = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._by, self._patience, self._sleep = suspend_by, patience, sleep
        self._answered, self._status, self._retry_after = False, 0, ""
        self._heard_last: Any = None
        self._client = _client(private_url(url), usable_token(token), patience.timeout_s)
        self._client.session.hooks["response"].append(self._heard)
        self._own = self._self()

    @property
    def capabilities(self) -> Capabilities:
        """Limits and suspensions; Mastodon asks nobody to show that they are a person, and removals cannot be undone."""
        return DISABLING if self._by == "disable" else SUSPENDING

    def state(self, account: str) -> AccountState:
        """How an account stands; disabled is suspended where that is what a suspension is, and so is Mastodon's own.

        Raises:
            InputError: it is no account of this server, or the server cannot be reached; JobError: the server does not tell.

        """
        return self._state(self._account(account))

    def settle(self) -> None:
        """Nothing: the server keeps what it confirms."""

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:  # noqa: ARG002
        """Limit or suspend an account, not of the staff and not the token's own, or undo it."""
        if action not in _ACTIONS:
            return Act(account, action, "failed", f"Mastodon has no way to {action}")
        try:
            held = self._account(account)
            refusal = self._refusal(held, action)
            if refusal:
                return Act(account, action, "failed", f"refused: {refusal}")
            if stands(self._state(held), action):
                return Act(account, action, "already")
            return self._done(account, action)
        except (InputError, JobError) as error:
            return Act(account, action, "failed", str(error))

    def close(self) -> None:
        """End the connections."""
        self._client.session.close()

    def _state(self, held: _Account) -> AccountState:
        suspended = held.suspended or (self._by == "disable" and held.disabled)
        return AccountState(held.account, suspended, False, held.staff, limited=held.silenced)

    def _refusal(self, held: _Account, action: Action) -> str | None:
        if held.account == self._own:
            return "it is the account whose token is used"
        if held.staff:
            return "it is of the server's staff"
        if self._by == "disable" and action in ("suspend", "reinstate"):
            if not held.local:
                return "it is of another server, where this one can disable nobody; it can be limited"
            if action == "reinstate" and held.suspended:
                return "it is suspended on the server, by others or another setting, which enabling it does not undo"
        return None

    def _done(self, account: str, action: Action) -> Act:
        """Act, and ask for the account whatever was answered: only what is not done is repeated."""
        wait = self._patience.first_wait_s
        for attempt in range(1, self._patience.attempts + 1):
            trouble = self._trouble(lambda: self._send(account, action), wait)
            if stands(self.state(account), action):
                return Act(account, action, "done")
            if trouble is None or trouble.pause_s is None or attempt == self._patience.attempts:
                why = "the server took it" if trouble is None else str(trouble.error)
                return Act(account, action, "failed", f"the account stands as before ({why})")
            self._sleep(trouble.pause_s)
            wait *= 2
        raise AssertionError("the last attempt returns")

    def _send(self, account: str, action: Action) -> None:
        match action:
            case "limit":
                self._client.admin_account_moderate(account, action="silence")
            case "suspend":
                self._client.admin_account_moderate(account, action=self._by)
            case "unlimit":
                self._client.admin_account_unsilence(account)
            case _ if self._by == "disable":
                self._client.admin_account_enable(account)
            case _:
                self._client.admin_account_unsuspend(account)

    def _self(self) -> str:
        """The token's own account, once it is sure that the token is a moderator's."""
        told = self._read(self._client.account_verify_credentials)
        own = told.get("id") if isinstance(told, dict) else None
        if not isinstance(own, str):
            raise InputError(
                f"{self._client.api_base_url} does not say whose the token is; name the server's own address"
            )
        try:
            self._account(own)
        except JobError as error:
            if self._status != 403:
                raise
            raise InputError(_NO_MODERATOR.format(url=self._client.api_base_url, told=error)) from error
        return own

    def _account(self, account: str) -> _Account:
        if not is_mastodon_id(account):
            raise InputError("it is no account id of Mastodon's admin API, which is a number")
        return _read_account(account, self._read(lambda: self._client.admin_account(account)))

    def _read(self, ask: Callable[[], Any]) -> Any:
        """Ask for something, again while the server is busy.

        Returns:
            The answer itself: the library fills in what a server left out, and takes any word for true or false.

        """
        wait = self._patience.first_wait_s
        for attempt in range(1, self._patience.attempts + 1):
            trouble = self._trouble(ask, wait)
            if trouble is None:
                return self._heard_last
            if trouble.pause_s is None or attempt == self._patience.attempts:
                raise trouble.error
            self._sleep(trouble.pause_s)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")

    def _trouble(self, ask: Callable[[], Any], wait_s: float) -> _Trouble | None:
        """Make one request; what came in its way."""
        from mastodon import errors

        self._retry_after = ""
        try:
            ask()
        except errors.MastodonRatelimitError:
            pause = self._asked_s(wait_s)
            again = pause if pause <= self._patience.longest_wait_s else None
            return _Trouble(JobError(f"the server allows no more requests for {pause:,.0f} s"), again)
        except errors.MastodonNetworkError as error:
            url = self._client.api_base_url
            again = wait_s if self._answered else None
            return _Trouble(InputError(f"{url} cannot be reached ({_cause(error)}); check the URL"), again)
        except errors.MastodonNotFoundError:
            return _Trouble(NotFoundError("the server has no such account"), None)
        except errors.MastodonUnauthorizedError as error:
            told = f"the server does not know the token ({_told(error)}); set {MASTODON_TOKEN} to a moderator's"
            return _Trouble(InputError(told), None)
        except errors.MastodonServerError as error:
            return _Trouble(JobError(f"the server failed ({_told(error)})"), wait_s)
        except errors.MastodonAPIError as error:
            what = "refused" if self._status >= 400 else "does not answer as Mastodon does"
            return _Trouble(JobError(f"the server {what} ({_told(error)})"), None)
        return None

    def _heard(self, response: Any, *_: Any, **__: Any) -> None:
        self._answered, self._status = True, response.status_code
        self._retry_after = response.headers.get("Retry-After", "").strip()
        try:
            self._heard_last = response.json()
        except (ValueError, RecursionError):
            self._heard_last = None

    def _asked_s(self, wait_s: float) -> float:
        """The pause that the server asks for: `Retry-After` in seconds, or when its limits begin anew."""
        if self._retry_after.isdecimal() and len(self._retry_after) < 10:
            return float(self._retry_after)
        reset = self._client.ratelimit_reset
        return max(wait_s, reset - time.time()) if reset else wait_s


def _client(url: str, token: str, timeout_s: float) -> Mastodon:
    try:
        from mastodon import Mastodon
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "a Mastodon server needs the optional library: pip install 'samehand[mastodon]'"
        ) from error
    # "wait" would wait without an end, so a limit is told (`throw`) and waited for here
    client = Mastodon(api_base_url=url, ratelimit_method="throw", request_timeout=timeout_s, user_agent=USER_AGENT)
    client.access_token = token  # given above, it would be taken for the path of a file where there is one
    client.session.max_redirects = 0  # the token goes to nobody but the server that was named
    return client


def _read_account(account: str, told: Any) -> _Account:
    flags = ("disabled", "silenced", "suspended")
    known = isinstance(told, dict) and told.get("id") == account and {"role", "domain"} <= told.keys()
    if not known or not all(isinstance(told.get(name), bool) for name in flags):
        raise JobError("the server does not tell how the account stands")
    return _Account(
        account,
        told["domain"] is None,
        is_mastodon_staff(told["role"]),
        told["disabled"],
        told["silenced"],
        told["suspended"],
    )


def _told(error: Exception) -> str:
    """An error in a few words: status, the server's message."""
    words = [str(word)[:200] for word in error.args[1:] if word is not None]
    return " ".join(["HTTP", *words[:1], *words[2:]]) if words else str(error)[:200]


def _cause(error: Exception) -> str:
    return "it took too long to answer" if "timed out" in str(error) else "no answer, or one that leads elsewhere"
