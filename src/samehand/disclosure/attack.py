"""What somebody with an outside crawl could find again in a release: tried before it goes out, as well as we can.

The crawl is the whole platform as anybody could have collected it: ids, profiles, counts, posts with their times and texts. A
join on ids has to find nobody. For each account that is shown under a hash, the attacker keeps every account of the crawl that
could be it, by language, day of creation and counts as they are shown, and guesses among them: what they get right is the sum
over accounts of one in as many as are left, exactly, without a draw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from samehand.disclosure.anonymity import SUPPRESSED
from samehand.disclosure.archive import QUASI, STEPS, Archive
from samehand.errors import InputError

__all__ = ["MOST_FOUND", "Attack", "attack", "refuse_if_found"]

MOST_FOUND: Final = 0.01
"""The share of small accounts that an attacker may get right."""
Z: Final = 1.96
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Attack:
    """How an attack went.

    Attributes:
        small: accounts shown under a hash. joined: ids of the crawl that stand anywhere in the release's columns of ids.
        right: small accounts that the attacker gets right, on average. share, low, high: of the small ones, with the interval
            of 95 of 100 (Wilson 1927). alone: those that only one account of the crawl could be.
        by_column: what each column shown as it is costs: the share if it were left out.

    """

    small: int
    joined: int
    right: float
    share: float
    low: float
    high: float
    alone: int
    by_column: Mapping[str, float]


def attack(
    archive: Archive, crawl: pa.Table, truth: Mapping[str, tuple[str, str]], clear: Iterable[str] = ()
) -> Attack:
    """Attack a release.

    Args:
        archive: its tables. crawl: `assets` of a dataset, as somebody outside could have collected them.
        truth: by the hash of each small account who it is, which only who made the release knows.
        clear: ids of accounts that are shown as they are, by purpose.

    """
    rows = [row for row in archive.users.to_pylist() if row["userid"] in truth]
    outside = crawl.to_pylist()
    ids = {str(row["asset_id"]) for row in outside} - set(clear)
    joined = sum(len(ids & {value for value in column if value}) for column in _id_columns(archive))
    right, alone = _guessed(rows, outside, QUASI)
    costs = {
        name: _guessed(rows, outside, [one for one in QUASI if one != name])[0] / max(len(rows), 1) for name in QUASI
    }
    share = right / len(rows) if rows else 0.0
    low, high = _wilson(right, len(rows))
    return Attack(len(rows), joined, right, share, low, high, alone, costs)


def _id_columns(archive: Archive) -> Iterable[list[str]]:
    named = ("userid", "user_display_name", "user_screen_name", "in_reply_to_userid", "retweet_userid", "tweetid")
    for table in (archive.users, archive.posts):
        for name in named:
            if name in table.column_names:
                yield table[name].to_pylist()
    yield [one for cell in archive.posts["user_mentions"].to_pylist() for one in (cell or "[]")[1:-1].split(", ")]


def _plain(row: Mapping[str, Any]) -> dict[str, str]:
    made = row["created_at"]
    return {
        "account_language": row["language"] or "", "account_creation_date": made.date().isoformat() if made else "",
        "follower_count": str(row["followers"] or 0), "following_count": str(row["following"] or 0),
    }  # fmt: skip


def _guessed(
    rows: Sequence[Mapping[str, Any]], outside: Sequence[Mapping[str, Any]], columns: Sequence[str]
) -> tuple[float, int]:
    """How many of the rows are guessed right on average over these columns, and how many leave one account only.

    What a value was blunted to is tried at every step that there is, so that no row says by how much it was blunted.
    """
    plain = [_plain(row) for row in outside]
    masks = {name: _could_be([one[name] for one in plain], {row[name] for row in rows}, name) for name in columns}
    shown: Counter[tuple[str, ...]] = Counter(tuple(row[name] for name in columns) for row in rows)
    right, alone = 0.0, 0
    for cell, count in shown.items():
        fits = np.ones(len(outside), bool)
        for name, said in zip(columns, cell, strict=True):
            fits &= masks[name][said]
        fitting = int(fits.sum())
        if fitting:
            right += count / fitting
            alone += count if fitting == 1 else 0
    return right, alone


def _could_be(values: Sequence[str], shown: Iterable[str], column: str) -> dict[str, Bools]:
    """By what is shown in a column, which accounts of the crawl it could be."""
    of_value = {value: {SUPPRESSED, *(step(value) for step in STEPS[column])} for value in set(values)}
    return {said: np.fromiter((said in of_value[value] for value in values), bool, len(values)) for said in shown}


def _wilson(found: float, count: int) -> tuple[float, float]:
    if not count:
        return 0.0, 0.0
    p, n = found / count, count
    middle, half = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + Z * Z / n)), min(1.0, (middle + half) / (1 + Z * Z / n))


def refuse_if_found(done: Attack, most: float = MOST_FOUND) -> None:
    """Refuse a release in which small accounts could be found again.

    Raises:
        InputError: somebody is joined, or more than `most` are guessed right; the message says what to blunt.

    """
    if done.joined:
        raise InputError(f"{done.joined:,} ids of the crawl stand in the release as they are; nothing is released")
    if done.share > most:
        worst = sorted(done.by_column, key=lambda name: done.by_column[name])
        gain = ", ".join(f"{name} (to {done.by_column[name]:.1%})" for name in worst[:3])
        raise InputError(
            f"an attacker with a crawl finds {done.share:.1%} of {done.small:,} small accounts again (95 of 100: "
            f"{done.low:.1%} to {done.high:.1%}), and {most:.0%} may be; nothing is released. Leave out, the first first: "
            f"{gain}"
        )
