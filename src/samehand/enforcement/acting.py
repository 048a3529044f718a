"""One action on many accounts, one after the other, with a switch that stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from samehand.enforcement.connector import Act, Action, Connector, Outcome

__all__ = ["Batch", "carry_out"]


@dataclass(frozen=True)
class Batch:
    """What became of an action on many accounts.

    Attributes:
        acts: one an account that was acted on, in order.
        left: accounts that were not touched, because the switch was thrown.

    """

    acts: tuple[Act, ...]
    left: tuple[str, ...]

    def with_outcome(self, outcome: Outcome) -> tuple[Act, ...]:
        """The acts that ended so."""
        return tuple(act for act in self.acts if act.outcome == outcome)

    @property
    def complete(self) -> bool:
        """Whether every account stands as it should."""
        return not self.left and not self.with_outcome("failed")


def carry_out(
    connector: Connector,
    accounts: Iterable[str],
    action: Action,
    *,
    stopped: Callable[[], bool] = lambda: False,
    told: Callable[[Act], None] = lambda act: None,  # noqa: ARG005
) -> Batch:
    """Act on accounts in order, each once.

    Args:
        connector: their platform.
        accounts: their ids; one that is named again is not acted on again.
        action: what is to be done.
        stopped: the switch, asked before each account; when it says yes the rest is left as it is.
        told: called with each act as soon as it is over, so that it is on record whatever comes next.

    """
    waiting = list(dict.fromkeys(accounts))
    acts: list[Act] = []
    while len(acts) < len(waiting) and not stopped():
        acts.append(connector.act(waiting[len(acts)], action))
        told(acts[-1])
    connector.settle()
    return Batch(tuple(acts), tuple(waiting[len(acts) :]))
