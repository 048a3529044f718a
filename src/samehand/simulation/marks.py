"""Who bears which mark: each group's look dealt out to its accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samehand.simulation.looks import MARKS, Disguise
from samehand.simulation.people import Integers

__all__ = ["Group", "Marks", "dealt"]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Group:
    """Accounts with a look.

    Attributes:
        kind: their role. accounts: who. look: how.
        about: account that the group is about, such as a leader; -1 for none. tie: to it, follower or member.
        site: number of its site; -1 for none.
        admins: organic accounts that administer the group's pages; 0: they are no pages.

    """

    kind: str
    accounts: Integers
    look: Disguise
    about: int = -1
    tie: str = "follower"
    site: int = -1
    admins: int = 0


@dataclass(frozen=True)
class Marks:
    """The groups, and for each mark the accounts that bear it (a flag for each account of the world)."""

    groups: tuple[Group, ...]
    borne: Mapping[str, Flags]

    def bearers(self, mark: str) -> Iterator[tuple[Group, Integers]]:
        """Each group that bears the mark, with those of its accounts that do."""
        for group in self.groups:
            accounts = group.accounts[self.borne[mark][group.accounts]]
            if getattr(group.look, mark) > 0 and len(accounts):
                yield group, accounts


def dealt(rng: np.random.Generator, accounts: int, groups: tuple[Group, ...]) -> Marks:
    """Deal each group's marks out: so many of its accounts as the share says, each mark by itself.

    An account of two groups (two protests) looks like the latter.
    """
    owner = np.full(accounts, -1, dtype=np.int64)
    for number, group in enumerate(groups):
        owner[group.accounts] = number
    borne = {mark: np.zeros(accounts, dtype=bool) for mark in MARKS}
    for number, group in enumerate(groups):
        own = group.accounts[owner[group.accounts] == number]
        for mark in group.look.marks:
            count = round(getattr(group.look, mark) * len(own))
            borne[mark][rng.permutation(own)[:count]] = True
    return Marks(groups, borne)
