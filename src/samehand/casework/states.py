"""The states of a case, and what leads from one to another: an explicit machine, and nothing beside it."""

from __future__ import annotations

from typing import Final, Literal, get_args

from samehand.errors import UsageError

__all__ = ["STATES", "TRANSITIONS", "WAITING", "Event", "State", "after"]

State = Literal["open", "proposed", "approved", "acting", "enforced", "dismissed", "closed"]
Event = Literal["propose", "withdraw", "refuse", "approve", "act", "finish", "dismiss", "close", "reopen"]
STATES: Final[tuple[State, ...]] = get_args(State)
WAITING: Final[tuple[State, ...]] = ("open", "proposed", "approved", "acting")
"""In these somebody has something to do."""
TRANSITIONS: Final[dict[tuple[State, Event], State]] = {
    ("open", "propose"): "proposed",
    ("proposed", "withdraw"): "open",
    ("proposed", "refuse"): "open",
    ("proposed", "approve"): "approved",
    ("approved", "act"): "acting",
    ("acting", "finish"): "enforced",
    ("enforced", "act"): "acting",  # a reversal
    ("enforced", "close"): "closed",
    ("open", "dismiss"): "dismissed",
    ("dismissed", "reopen"): "open",
    ("closed", "reopen"): "open",
    ("enforced", "reopen"): "open",
}
"""From a state, by what happens, to the next."""


def after(state: str, event: Event) -> State:
    """The state that follows.

    Raises:
        UsageError: that cannot happen in this state; the message says what can.

    """
    for (before, happens), to in TRANSITIONS.items():
        if before == state and happens == event:
            return to
    can = ", ".join(happens for before, happens in TRANSITIONS if before == state)
    raise UsageError(f"a case that is {state} cannot {event}; it can {can or 'do nothing more'}")
