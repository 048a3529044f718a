"""Acts on a platform of one's own: each is delivered to a URL, signed, as often as it takes, under a key that tells repeats.

What is delivered is {"type": "act", "version": 1, "key", "at", "platform", "account", "action"}: `key` is the act's, the same
over retries and processes; `at` (UTC) is when this try of it was begun. The receiver answers 200 to 299 once it has taken the
act over, and may say in JSON whether it was news: {"effective": true}, or {"effective": false} where it had the key before or
the account stood so; status 409 may bear the latter, too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from samehand.enforcement.connector import AccountState, Act, Action, Capabilities, after, stands
from samehand.enforcement.signed_post import SignedGet, SignedPost, verify_webhook
from samehand.errors import InputError, JobError, NotFoundError
from samehand.sources import Answer

__all__ = ["WEBHOOK_SECRET", "WEBHOOK_STATE", "WebhookConnector", "verify_webhook"]

WEBHOOK_SECRET: Final = "SAMEHAND_WEBHOOK_SECRET"
"""The environment's variable that holds the secret which acts are signed with."""

WEBHOOK_STATE: Final = "SAMEHAND_WEBHOOK_STATE"
"""The environment's variable that may hold the address at which the platform tells how an account stands."""

VERSION: Final = 1
STATES: Final = ("suspended", "limited", "challenged", "removed")
_ACTIONS: Final[frozenset[Action]] = frozenset(
    {"challenge", "limit", "suspend", "remove", "unchallenge", "unlimit", "reinstate"}
)
_THEIRS: Final = "what can be undone, and for how long, is the receiver's to say; nothing undoes a removal; "
DELIVERED: Final = Capabilities(
    "webhook", _ACTIONS, None,
    _THEIRS + f"done means delivered, since the platform does not tell how accounts stand (it could: {WEBHOOK_STATE})",
)  # fmt: skip
CONFIRMED: Final = Capabilities(
    "webhook", _ACTIONS, None, _THEIRS + "done means that the platform was asked, and says that the account stands so"
)


class WebhookConnector:
    """A platform that takes acts at a URL as a `Connector`.

    Args:
        post: where acts go.
        platform: whose accounts they are.
        now: the clock.
        told: where the platform tells how an account stands, {"suspended", "limited", "challenged", "removed"}, each true
            or false; None where it does not tell: then an act is done when it is delivered.

    Attributes:
        deliveries: acts that the receiver took over.
        effective: those of them that it called effective.
        repeats: those that it called no news.

    """

    def __init__(
        self, post: SignedPost, platform: str, now: Callable[[], datetime], *, told: SignedGet | None = None
    ) -> None:
        self.deliveries, self.effective, self.repeats = 0, 0, 0
        self._post, self._platform, self._now, self._told = post, platform, now, told
        self._standing: dict[str, AccountState] = {}

    @property
    def capabilities(self) -> Capabilities:
        """Everything, as far as the receiver does it."""
        return CONFIRMED if self._told else DELIVERED

    @property
    def counted(self) -> str:
        """What was delivered, in words."""
        unsaid = self.deliveries - self.effective - self.repeats
        return (
            f"{self.deliveries:,} delivered: {self.effective:,} effective, {self.repeats:,} no news, {unsaid:,} unsaid"
        )

    def state(self, account: str) -> AccountState:
        """How an account stands, as the platform says; where it does not tell, as it should after what was delivered here.

        Raises:
            NotFoundError: the platform knows no such account. InputError: it cannot be reached. JobError: it does not tell, or
                nothing was delivered about the account.

        """
        if self._told is not None:
            return _state(account, self._told.ask(account))
        if account not in self._standing:
            raise JobError("the platform does not tell how accounts stand, and nothing was delivered about this one")
        return self._standing[account]

    def settle(self) -> None:
        """Nothing: the receiver keeps what it took over."""

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
        """Deliver an act, unless the platform says that the account stands so.

        Raises:
            UsageError: the key has other characters than letters, digits, - and _.

        """
        key = key or uuid.uuid4().hex
        try:
            if self._told is None:
                return self._delivered(account, action, self._send(key, account, action))
            state = self.state(account)
            if stands(state, action):
                return Act(account, action, "already")
            if state.deactivated:
                return Act(account, action, "failed", "it is removed, which nothing undoes")
            return self._confirmed(key, account, action)
        except (InputError, JobError) as error:
            return Act(account, action, "failed", str(error))

    def _send(self, key: str, account: str, action: Action) -> Answer:
        at = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        answer = self._post.send(
            key, {"type": "act", "version": VERSION, "key": key, "at": at, "platform": self._platform,
                  "account": account, "action": action},
        )  # fmt: skip
        if _taken(answer):
            self.deliveries += 1
            self.effective += _effective(answer) is True
            self.repeats += _effective(answer) is False
        return answer

    def _delivered(self, account: str, action: Action, answer: Answer) -> Act:
        """What became of an act by the receiver's word alone."""
        if not _taken(answer):
            return Act(account, action, "failed", f"the receiver did not take the act over ({answer.told})")
        before = self._standing.get(account) or AccountState(account, suspended=False, deactivated=False, admin=False)
        self._standing[account] = after(before, action)
        # no news to a receiver that had our own lost attempt is ours all the same, and ours to take back
        news = answer.repeated or _effective(answer) is not False
        return Act(account, action, "done" if news else "already")

    def _confirmed(self, key: str, account: str, action: Action) -> Act:
        """What became of an act by how the account stands after it, whatever was answered."""
        try:
            answered = self._send(key, account, action).told
        except InputError as error:
            answered = str(error)
        if stands(self.state(account), action):
            return Act(account, action, "done")
        return Act(account, action, "failed", f"the account stands as before ({answered})")


def _taken(answer: Answer) -> bool:
    return 200 <= answer.status < 300 or (answer.status == 409 and _effective(answer) is False)


def _effective(answer: Answer) -> bool | None:
    said: Any = (answer.body or {}).get("effective")
    return said if isinstance(said, bool) else None


def _state(account: str, answer: Answer) -> AccountState:
    if answer.status == 404:
        raise NotFoundError(f"the platform has no such account ({answer.told})")
    facts = answer.body or {}
    if not answer.ok or not all(isinstance(facts.get(name), bool) for name in STATES):
        raise JobError(f"the platform does not tell how the account stands ({answer.told})")
    return AccountState(
        account, facts["suspended"], facts["removed"], False, limited=facts["limited"], challenged=facts["challenged"]
    )
