"""An act on a platform that is asked how the account stands, before and after: nothing is repeated, nothing said unseen."""

from __future__ import annotations

from collections.abc import Callable

from samehand.enforcement.connector import AccountReader, AccountState, Act, Action, Capabilities, stands
from samehand.errors import InputError, JobError
from samehand.sources import Answer

__all__ = ["confirmed_act"]


def confirmed_act(
    platform: AccountReader, capabilities: Capabilities, account: str, action: Action, *,
    send: Callable[[], Answer], refusal: Callable[[AccountState], str | None] | None = None,
) -> Act:  # fmt: skip
    """Do something to an account unless it stands so, and say `done` only if it stands so afterwards, whatever was answered.

    Args:
        platform: tells how the account stands.
        capabilities: what the platform lets be done.
        account, action: what is done, and to whom.
        send: sends the act, and returns what the platform answered.
        refusal: why an account that stands so is not acted on, or None.

    """
    if action not in capabilities.actions:
        return Act(account, action, "failed", f"{capabilities.platform} has no way to {action}")
    try:
        state = platform.state(account)
        why = refusal(state) if refusal else None
        if why:
            return Act(account, action, "failed", f"refused: {why}")
        if stands(state, action):
            return Act(account, action, "already")
        told = _sent(send)
        if stands(platform.state(account), action):
            return Act(account, action, "done")
        return Act(account, action, "failed", f"the account stands as before ({told})")
    except (InputError, JobError) as error:
        return Act(account, action, "failed", str(error))


def _sent(send: Callable[[], Answer]) -> str:
    """What was answered, or why nothing was: an act of which the reply was lost may have been done."""
    try:
        return send().told
    except InputError as error:
        return str(error)
