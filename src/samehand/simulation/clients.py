"""Through which app each post came, and which posts were deleted later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from samehand.simulation.ledger import Rows
from samehand.simulation.looks import DAY_S, Population
from samehand.simulation.marks import Marks
from samehand.simulation.people import Integers, People

__all__ = ["POPULAR", "client_names", "with_clients", "with_deletions"]

POPULAR = ("Web", "Phone A", "Phone B", "Lite", "Tablet", "Desk")
_SHARES = (0.24, 0.33, 0.27, 0.08, 0.05, 0.03)
TAIL = 200
"""Clients of the long tail that ordinary people use, some of them a group's tool too."""
FAVOURITE = 0.85
TOOL_FAITH = 0.9
"""Share of its posts that an account sends through its group's client."""
DELETERS = 0.7
"""Share of its posts that an account deletes that deletes most of them."""


def client_names(rng: np.random.Generator, tools: int, words: list[str]) -> list[str]:
    """The popular ones, and after them the long tail with each group's tool in it."""
    chosen = rng.choice(len(words), size=TAIL + tools, replace=TAIL + tools > len(words))
    return [*POPULAR, *(f"{words[place].title()} App" for place in chosen.tolist())]


def with_clients(
    rng: np.random.Generator, population: Population, people: People, marks: Marks, tools: Integers, rows: Rows
) -> Rows:
    """Rows with the number of a client each.

    Args:
        rng: the randomness of looks.
        population: how many use odd clients.
        people: the accounts.
        marks: whose accounts use one client of their group's.
        tools: the group's tool of each account; -1 for none.
        rows: with -1 for the account's own mix, a tool's number, or -2 and less for one of the popular ones.

    """
    count = len(people)
    main = rng.choice(len(POPULAR), count, p=_SHARES)
    second = rng.choice(len(POPULAR), count, p=_SHARES)
    odd = np.flatnonzero(rng.random(count) < population.odd_clients)
    main[odd] = len(POPULAR) + np.floor(TAIL * rng.random(len(odd)) ** 2.5).astype(np.int64)
    bears = marks.borne["one_client"] & (tools >= 0)
    main[bears] = _numbers(tools[bears])
    faith = np.where(bears, TOOL_FAITH, FAVOURITE)[rows.account]
    own = np.where(rng.random(len(rows)) < faith, main[rows.account], second[rows.account])
    given = np.where(rows.client >= 0, _numbers(rows.client), -2 - rows.client)
    return replace(rows, client=np.where(rows.client == -1, own, given))


def _numbers(tools: Integers) -> Integers:
    """Tools lie in the tail from its middle on: the first of them are used by a few ordinary people too."""
    return len(POPULAR) + TAIL // 3 + tools


def with_deletions(rng: np.random.Generator, population: Population, marks: Marks, rows: Rows) -> Rows:
    """Rows some of which were deleted hours or days later, most of those of accounts that cover their tracks."""
    share = np.where(marks.borne["deletion"], DELETERS, population.deleted)[rows.account]
    gone = rng.random(len(rows)) < share
    later_s = rows.at_s + DAY_S * np.exp(rng.normal(0.0, 1.5, len(rows)))
    return replace(rows, deleted_s=np.where(gone, later_s, np.nan))
