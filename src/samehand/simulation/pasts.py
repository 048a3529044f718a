"""What accounts did before the world begins, and what they were called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.ledger import Rows
from samehand.simulation.looks import DAY_S, Population
from samehand.simulation.marks import Flags, Marks
from samehand.simulation.people import SCRIPTS, Integers, People, Reals

__all__ = ["Change", "Pasts", "pasts"]

LANGUAGE_CHANGES = 0.04
"""Of ordinary accounts with a past: those who wrote in another script then."""
SILENCE = 0.1
"""Of ordinary accounts with a past: those who fell silent for months."""
SILENT_S = 90 * DAY_S


@dataclass(frozen=True)
class Change:
    """Accounts that once bore other values of a field.

    Attributes:
        field: `handle`, `display_name` or `language`. account, at_s: whose changed when, seconds since the start.
        script: for `language` the code of the script before.

    """

    field: str
    account: Integers
    at_s: Reals
    script: Integers


@dataclass(frozen=True)
class Pasts:
    """Posts from before the world, when each account must have been there at the latest, and what changed since."""

    rows: list[Rows]
    there_s: Reals
    changes: list[Change]


def pasts(
    rng: np.random.Generator, population: Population, people: People, marks: Marks, made_s: Reals, days: float
) -> Pasts:
    """Draw the earlier lives: ordinary ones, and those of accounts that changed hands."""
    there_s = made_s.copy()
    rows, changes = _ordinary(rng, population, made_s, ~marks.borne["repurposed"], people, days)
    for group, account in marks.bearers("repurposed"):
        script = int(rng.choice([code for code in range(len(SCRIPTS)) if code != people.script[account[0]]]))
        end_s = -DAY_S * group.look.gap_days
        begin_s = end_s - DAY_S * rng.uniform(40, 240, len(account))
        there_s[account] = np.minimum(there_s[account], begin_s - DAY_S * rng.exponential(60, len(account)))
        who = np.repeat(np.arange(len(account)), rng.integers(4, 25, len(account)))
        at_s = begin_s[who] + (end_s - begin_s[who]) * rng.random(len(who))
        old = Rows.of(account[who], at_s).written_in(script)
        # what was bought posted through other apps, each seller's stock through its own
        rows.append(old.through(-2 - rng.integers(0, 3, len(account))[who]))
        handed_s = end_s * rng.uniform(0.02, 0.25) + DAY_S * rng.uniform(-3, 0, len(account))
        before = np.full(len(account), script, dtype=np.int64)
        changes += [Change(field, account, handed_s, before) for field in ("handle", "display_name", "language")]
    return Pasts(rows, there_s, changes)


def _ordinary(
    rng: np.random.Generator, population: Population, made_s: Reals, own: Flags, people: People, days: float
) -> tuple[list[Rows], list[Change]]:
    """Ordinary accounts with a past: most went on all the time, some fell silent, some write in another script now."""
    begin_s = np.maximum(made_s, -population.past_days * DAY_S)
    known = np.flatnonzero(own & (begin_s < -DAY_S) & (rng.random(len(people)) < population.past))
    silent = rng.random(len(known)) < SILENCE
    silent &= begin_s[known] < -SILENT_S - DAY_S
    end_s = np.where(silent, -SILENT_S, 0.0)
    who = np.repeat(np.arange(len(known)), 1 + rng.poisson(7, len(known)))
    at_s = begin_s[known][who] + (end_s[who] - begin_s[known][who]) * rng.random(len(who))
    moved = rng.random(len(known)) < LANGUAGE_CHANGES
    script = np.where(moved, (people.script[known] + rng.integers(1, len(SCRIPTS), len(known))) % len(SCRIPTS), -1)
    changes = [Change("language", known[moved], end_s[moved] - DAY_S * rng.random(int(moved.sum())), script[moved])]
    for field, share in (("display_name", population.renamed), ("handle", population.renamed / 4)):
        account = np.flatnonzero(own & (rng.random(len(people)) < share))
        since_s = np.maximum(made_s[account], -700 * DAY_S)
        at = since_s + (days * DAY_S - since_s) * rng.random(len(account))
        changes.append(Change(field, account, at, np.full(len(account), -1, dtype=np.int64)))
    return [Rows.of(known[who], at_s).written_in(script[who])], changes
