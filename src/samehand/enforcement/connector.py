"""What a platform's connector can do, and what it says of each act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

__all__ = [
    "UNDOES",
    "AccountReader",
    "AccountState",
    "Act",
    "Action",
    "Capabilities",
    "Connector",
    "Outcome",
    "after",
    "stands",
]

Action = Literal["challenge", "limit", "suspend", "remove", "unchallenge", "unlimit", "reinstate"]
Outcome = Literal["done", "already", "failed"]
UNDOES: Final[dict[Action, Action]] = {"unchallenge": "challenge", "unlimit": "limit", "reinstate": "suspend"}
"""Each undoing, and what it undoes; nothing undoes a removal."""


@dataclass(frozen=True)
class AccountState:
    """How an account stands on its platform.

    Attributes:
        account: its id there.
        suspended: whether it is shut out, as the platform has it: it may write nothing, or not even log in.
        deactivated: whether it is closed for good.
        admin: whether it runs the platform.
        limited, challenged: whether others see less of it, whether it has to show first that it is a person.

    """

    account: str
    suspended: bool
    deactivated: bool
    admin: bool
    limited: bool = False
    challenged: bool = False


def stands(state: AccountState, action: Action) -> bool:
    """Whether an account stands as an action would leave it."""
    done = UNDOES.get(action, action)
    held = {
        "challenge": state.challenged, "limit": state.limited, "suspend": state.suspended, "remove": state.deactivated,
    }[done]  # fmt: skip
    return held != (action in UNDOES)


def after(state: AccountState, action: Action) -> AccountState:
    """How an account stands once an action is done."""
    on = action not in UNDOES
    match UNDOES.get(action, action):
        case "challenge":
            return replace(state, challenged=on)
        case "limit":
            return replace(state, limited=on)
        case "suspend":
            return replace(state, suspended=on)
        case _:
            return replace(state, deactivated=on)


@dataclass(frozen=True)
class Act:
    """What became of one action on one account.

    Attributes:
        account: its id on the platform.
        action: what was to be done.
        outcome: `done`; `already`: the account stood so before, nothing was sent; `failed`: it may not stand so.
        detail: why it failed, in words.

    """

    account: str
    action: Action
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What a platform lets be done.

    Attributes:
        platform: the connector's name.
        actions: what can be done.
        horizon_days: how long each can be undone in full; None without end.
        horizon: the same in words: what is lost, and when.

    """

    platform: str
    actions: frozenset[Action]
    horizon_days: int | None
    horizon: str


class AccountReader(Protocol):
    """The read side of a platform: how accounts stand there. It changes nothing."""

    def state(self, account: str) -> AccountState:
        """How an account stands.

        Raises:
            InputError: the platform knows no such account, or cannot be reached; JobError: it does not tell.

        """
        ...


class Connector(AccountReader, Protocol):
    """A platform on which accounts are acted on, and the acts undone.

    An act asks for the account's state first and repeats nothing, and asks for it again before it says `done`; it never raises
    for what the platform does, but says `failed`, so that what was done before it stays on record.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the platform lets be done."""
        ...

    def act(self, account: str, action: Action, *, key: str | None = None) -> Act:
        """Do something to an account, or undo it.

        Args:
            account: its id on the platform.
            action: what is done.
            key: the same for each try of one act, and another for every other act; for a platform that tells repeats by it.

        """
        ...

    def settle(self) -> None:
        """Make sure that what was done is kept, where the platform does not see to it by itself; after each batch.

        Raises:
            JobError: it cannot be kept.

        """
        ...
