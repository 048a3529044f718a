"""What somebody with an outside crawl could find again in a release: tried before it goes out, as well as we can.

The crawl is the whole platform as anybody could have collected it: ids, profiles, counts. A join of its ids with every table
and with the STIX bundle has to find nobody, nor has a search for ids and handles in what was written. For each account that
is shown under a hash, the attacker keeps every account of the crawl that could be it, by platform, language, day of creation
and counts as they are shown, and by the days on which accounts signed up, and guesses among them: what they get right is the
sum over accounts of one in as many as are left, exactly, without a draw.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from samehand.disclosure.anonymity import SUPPRESSED
from samehand.disclosure.archive import QUASI, STEPS
from samehand.disclosure.scrubbing import MENTION, NAME_PARTS, folded, is_telling, names_of_others
from samehand.errors import InputError

__all__ = ["MOST_FOUND", "Attack", "attack", "refuse_if_found"]

MOST_FOUND: Final = 0.01
"""The share of small accounts that an attacker may get right."""
Z: Final = 1.96
Bools = NDArray[np.bool_]


# what stands in these columns is no id: counts, dates, languages and kinds, and what k accounts or more used
NO_IDS: Final = frozenset({
    *QUASI, "tweet_language", "tweet_time", "is_retweet", "quote_count", "reply_count", "like_count", "retweet_count", "day",
    "language", "kind", "value", "created_on", "channel", "rule_families",
})  # fmt: skip
PEOPLE: Final = ("userid", "user_screen_name", "in_reply_to_userid", "retweet_userid", "user_mentions")
SAID: Final = (
    "user_display_name", "user_reported_location", "user_profile_description", "user_profile_url", "tweet_text",
    "tweet_client_name", "hashtags", "urls",
)  # fmt: skip
"""What people wrote, in which others could be named."""
LATIN: Final = re.compile(r"@([a-z0-9_.-]+)")
QUOTED: Final = re.compile(r"'([^']*)'")


@dataclass(frozen=True)
class Attack:
    """How an attack went.

    Attributes:
        small: accounts shown under a hash. joined: ids of the crawl that stand in any table or in the STIX bundle, and handles
            of accounts that are not shown in clear, in what was written, too.
        right: small accounts that the attacker gets right, on average. share, low, high: of the small ones, with the interval
            of 95 of 100 (Wilson 1927). alone: those that only one account of the crawl could be.
        knowing_who: the share that would be got right by somebody who knew exactly which accounts were acted on.
        by_column: what each column shown as it is costs, and the days of `preactivity_daily`: the share if it were left out.

    """

    small: int
    joined: int
    right: float
    share: float
    low: float
    high: float
    alone: int
    knowing_who: float
    by_column: Mapping[str, float]


def attack(
    tables: Mapping[str, pa.Table], crawl: pa.Table, truth: Mapping[str, tuple[str, str]], clear: Iterable[str] = (),
    bundle: Mapping[str, Any] | None = None,
) -> Attack:  # fmt: skip
    """Attack a release.

    Args:
        tables: all that go out, by name. crawl: `assets` of a dataset, as somebody outside could have collected them.
        truth: by the hash of each small account who it is, which only who made the release knows.
        clear: ids of accounts that are shown as they are, by purpose. bundle: the STIX that goes out.

    """
    rows = [row for row in tables["users"].to_pylist() if row["userid"] in truth]
    # on which platforms somebody was acted on, a release tells
    platforms = {platform for platform, _ in truth.values()}
    everybody = crawl.to_pylist()
    ids = {str(row["asset_id"]) for row in everybody} - set(clear)
    joined = {one.casefold() for found in _strings(tables, bundle or {}) for one in ids & found}
    joined |= _named(tables, names_of_others(everybody, set(clear)).keys())
    days = set(tables["preactivity_daily"]["created_on"].to_pylist()) if "preactivity_daily" in tables else set()
    outside = _Outside([row for row in everybody if row["platform"] in platforms], rows, truth)
    right, alone = outside.guessed(QUASI, days)
    count = max(len(rows), 1)
    costs = {name: outside.guessed([one for one in QUASI if one != name], days)[0] / count for name in QUASI}
    if days:
        costs["preactivity_daily"] = outside.guessed(QUASI, ())[0] / count
    knowing = outside.guessed(QUASI, days, among=outside.acted_on)[0] / count
    low, high = _wilson(right, len(rows))
    return Attack(len(rows), len(joined), right, right / count, low, high, alone, knowing, costs)


def _strings(tables: Mapping[str, pa.Table], bundle: Mapping[str, Any]) -> Iterator[set[str]]:
    """What could be an id: by column of a table each value and each part of a list, and whatever STIX says or quotes."""
    for table in tables.values():
        for name in table.column_names:
            if name in NO_IDS or not pa.types.is_string(table.schema.field(name).type):
                continue
            values = {value for value in table[name].to_pylist() if value}
            yield values | {part for value in values if value[0] == "[" for part in value[1:-1].split(", ")}
    said = set(_walked(bundle))
    yield said | {quoted for one in said for quoted in QUOTED.findall(one)}


def _named(tables: Mapping[str, pa.Table], names: Set[str]) -> set[str]:
    """Names of others in users and posts: as whom somebody stands there, after an `@`, or where no word is meant."""
    telling, found = {name for name in names if is_telling(name)}, set[str]()
    for table in (tables[name] for name in ("users", "posts") if name in tables):
        for column in table.column_names:
            if column not in (*PEOPLE, *SAID):
                continue
            for said in {folded(value).casefold() for value in table[column].to_pylist() if value}:
                if column in PEOPLE:
                    found |= names & {said, *said.strip("[]").split(", ")}
                    continue
                for part in NAME_PARTS:
                    found |= telling.intersection(part.findall(said))
                for run in (*MENTION.findall(said), *LATIN.findall(said)):
                    found |= names & {run, run.rstrip("_.-")}
    return found


def _walked(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _walked(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _walked(one)


def _plain(row: Mapping[str, Any]) -> dict[str, str]:
    made = row["created_at"]
    return {
        "account_language": row["language"] or "", "account_creation_date": made.date().isoformat() if made else "",
        "follower_count": str(row["followers"] or 0), "following_count": str(row["following"] or 0),
    }  # fmt: skip


class _Outside:
    """The accounts of a crawl, and which of them each row that is shown could be.

    Args:
        accounts: of the crawl. rows: that are shown. truth: by `userid` of a row who it is.

    """

    def __init__(
        self,
        accounts: Sequence[Mapping[str, Any]],
        rows: Sequence[Mapping[str, Any]],
        truth: Mapping[str, tuple[str, str]],
    ) -> None:
        plain = [_plain(row) for row in accounts]
        self._rows = rows
        self._fits = {
            name: _could_be([one[name] for one in plain], {row[name] for row in rows}, name) for name in QUASI
        }
        self._days = [one["account_creation_date"] for one in plain]
        place = {(row["platform"], row["asset_id"]): at for at, row in enumerate(accounts)}
        self._is = [place.get(truth[row["userid"]]) for row in rows]
        self.acted_on: Bools = np.zeros(len(accounts), bool)
        self.acted_on[[at for at in self._is if at is not None]] = True

    def guessed(self, columns: Sequence[str], days: Iterable[str], *, among: Bools | None = None) -> tuple[float, int]:
        """How many of the rows are guessed right on average over these columns, and how many leave one account only.

        What a value was blunted to is tried at every step that there is, so that no row says by how much it was blunted. Where
        days (or months) of sign-ups are told, the attacker guesses among accounts made on that of them on which it pays most,
        or on any. `among`: to which accounts they keep.
        """
        # 0: no day that is told
        told = {day: number for number, day in enumerate(sorted(set(days)), start=1)}
        day_of = np.array([told.get(day, told.get(day[:7], 0)) for day in self._days], np.int64)
        shown: dict[tuple[str, ...], Counter[int]] = {}
        for row, at in zip(self._rows, self._is, strict=True):
            made = 0 if at is None else int(day_of[at])
            shown.setdefault(tuple(row[name] for name in columns), Counter())[made] += 1
        right, alone = 0.0, 0
        for cell, of_day in shown.items():
            fits = np.ones(len(day_of), bool) if among is None else among.copy()
            for name, said in zip(columns, cell, strict=True):
                fits &= self._fits[name][said]
            on_day = np.bincount(day_of[fits], minlength=1)
            # whoever guesses among all, or among those of one day that is told
            guesses = [(of_day.total(), int(fits.sum())), *((of_day[day], int(on_day[day])) for day in of_day if day)]
            right += max((count / fitting for count, fitting in guesses if fitting), default=0.0)
            alone += max((count for count, fitting in guesses if fitting == 1), default=0)
        return right, alone


def _could_be(values: Sequence[str], shown: Iterable[str], column: str) -> dict[str, Bools]:
    """By what is shown in a column, which accounts of the crawl it could be."""
    of_value = {value: {SUPPRESSED, value, *(step(value) for step in STEPS[column])} for value in set(values)}
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
        raise InputError(
            f"{done.joined:,} ids of the crawl stand in the release as they are, or handles; nothing is released"
        )
    if done.share > most:
        worst = sorted(done.by_column, key=lambda name: done.by_column[name])
        gain = ", ".join(f"{name} (to {done.by_column[name]:.1%})" for name in worst[:3])
        raise InputError(
            f"an attacker with a crawl finds {done.share:.1%} of {done.small:,} small accounts again (95 of 100: "
            f"{done.low:.1%} to {done.high:.1%}), and {most:.0%} may be; nothing is released. A larger --k blunts more; "
            f"what tells most is, with what would be found without it: {gain}"
        )
