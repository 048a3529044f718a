"""What a platform's connector can do, and what it says of each act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["AccountState", "Act", "Action", "Connector", "Outcome"]

Action = Literal["suspend", "reinstate"]
Outcome = Literal["done", "already", "failed"]


@dataclass(frozen=True)
class AccountState:
    """How an account stands on its platform.

    Attributes:
        account: its id there.
        suspended: whether it may log in and read, but write nothing.
        deactivated: whether it is closed for good.
        admin: whether it runs the platform.

    """

    account: str
    suspended: bool
    deactivated: bool
    admin: bool


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


class Connector(Protocol):
    """A platform on which accounts are suspended and reinstated.

    An act asks for the account's state first and repeats nothing; it never raises for what the platform does, but says
    `failed`, so that what was done before it stays on record.
    """

    def state(self, account: str) -> AccountState:
        """How an account stands.

        Raises:
            InputError: the platform knows no such account, or cannot be reached; JobError: it does not tell.

        """
        ...

    def suspend(self, account: str) -> Act:
        """Keep an account from writing anything."""
        ...

    def reinstate(self, account: str) -> Act:
        """Undo a suspension."""
        ...
