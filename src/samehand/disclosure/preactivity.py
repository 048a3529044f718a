"""Accounts whose sign-up is known, as counts: the part of a sweep of which, where they never posted, nothing else can be shown.

The counts bear no noise, since each account that was acted on is a row of the release; what they do instead is tell of no few.
What is fewer than k is left out, and with it so much more that none of it is found by taking what is shown from a total.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["NO_NOISE", "PARTS", "PreActivity", "Span", "channel_of", "preactivity_of"]

PARTS: Final = ("never_posted", "posted", "given_back")
"""What became of an account whose sign-up is known: each is in one of them."""
NO_NOISE: Final = (
    "exact: accounts that were acted on are what the release is about, and each that stands is a row of it; cells and parts of "
    "fewer than k are left out, and others with them"
)
"""What the ledger says of these counts."""
COLUMNS: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("created_on", "channel", "rule_families")),
        *((name, pa.int64()) for name in ("accounts", *PARTS)),
    ]
)
UNKNOWN: Final = "unknown"
CHANNELS: Final = frozenset({"direct", "search", "app_store", "play_store", "embed", "invite", "link", "qr"})
Span = Literal["day", "month", "none"]
LETTERS: Final[Mapping[Span, int]] = {"day": 10, "month": 7}
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class PreActivity:
    """The table `preactivity_daily`, and what is not in it.

    Attributes:
        table: created_on (day or month of the sign-up), channel (what the referrer begins with), rule_families (independent
            families that held the wave together, joined by `|`), accounts, and of these never_posted, posted and given_back,
            null where it would tell of few.
        known: accounts that were acted on, whose sign-up is known, and its parts, as in the table; they add up.
        cells: that are left out. accounts: in these. span: what `created_on` is; where `none`, all is left out.

    """

    table: pa.Table
    known: Mapping[str, int | None]
    cells: int
    accounts: int
    span: Span


def channel_of(referrer: str | None) -> str:
    """The way by which somebody came, without the code of an invitation or the address of a link; `other` for what is none."""
    kind = referrer.partition(":")[0] if referrer else UNKNOWN
    return kind if kind in CHANNELS or kind == UNKNOWN else "other"


def preactivity_of(
    signups: Iterable[pa.RecordBatch], families: Mapping[tuple[str, str], str], *, posted: Set[tuple[str, str]],
    given_back: Set[tuple[str, str]], k: int, span: Span = "day",
) -> PreActivity:  # fmt: skip
    """Count sign-ups of accounts that were acted on, by day, channel and rule families.

    Args:
        signups: batches with platform, asset_id, at and referrer. families: what held together the wave of each account that
            was acted on. posted: accounts with any post. given_back: accounts that an appeal cleared, with posts or without.
        k: what has fewer accounts is left out and counted. span: by day, by month, or no cell at all.

    """
    cells: dict[tuple[str, str, str], Counter[str]] = {}
    seen: set[tuple[str, str]] = set()
    for batch in signups:
        for row in batch.to_pylist():
            key = (row["platform"], row["asset_id"])
            if key not in families or key in seen:
                continue
            seen.add(key)
            part = "given_back" if key in given_back else "posted" if key in posted else "never_posted"
            cell = _created(row["at"], span), channel_of(row["referrer"]), families[key]
            cells.setdefault(cell, Counter())[part] += 1
    named = sorted(cells)
    counts = np.array([[cells[cell][part] for part in PARTS] for cell in named], np.int64).reshape(-1, len(PARTS))
    sizes, totals = counts.sum(axis=1), counts.sum(axis=0)
    left_out = _covered(sizes, k) if span in LETTERS else np.ones(len(named), bool)
    few = 0 < len(seen) < k
    # how many were given back follows from the release's appeals and accounts; it is told whatever it is
    secret = np.append(_covered(totals[:-1], k), False) | few
    hidden = _without_parts(counts, left_out, secret, k)
    rows = [
        {
            **dict(zip(("created_on", "channel", "rule_families"), cell, strict=True)), "accounts": int(sizes[number]),
            **{part: None if hidden[number] else int(counts[number, at]) for at, part in enumerate(PARTS)},
        }
        for number, cell in enumerate(named) if not left_out[number]
    ]  # fmt: skip
    parts = {part: None if secret[at] else int(totals[at]) for at, part in enumerate(PARTS)}
    return PreActivity(
        pa.Table.from_pylist(rows, COLUMNS), {"accounts": None if few else len(seen), **parts}, int(left_out.sum()),
        int(sizes[left_out].sum()), span,
    )  # fmt: skip


def _created(at: datetime, span: Span) -> str:
    return at.date().isoformat()[: LETTERS.get(span, 0)]


def _covered(values: Ints, k: int) -> Bools:
    """Which of numbers that make up a known total are left out.

    Those below k, and so many more, the smallest first, that what is left out is k or more, in two numbers.
    """
    hidden = (values > 0) & (values < k)
    for one in sorted(np.flatnonzero(values >= k).tolist(), key=lambda one: values[one]):
        if not hidden.any() or (hidden.sum() > 1 and values[hidden].sum() >= k):
            break
        hidden[one] = True
    return hidden


def _without_parts(counts: Ints, left_out: Bools, secret: Bools, k: int) -> Bools:
    """Which cells are told without their parts.

    Those that have one below k, and so many more that no part below k follows: of no part the cells that are hidden have fewer
    than k together if there are more of it, and they are two at least. Then each such part may be another number for all that a
    reader can add up: beside known totals of its row and its column an entry is at most the lesser of both, and at least that
    only where no other row is. Parts whose totals are secret count as one, since their sum is known.
    """
    hidden = left_out | ((counts > 0) & (counts < k)).any(axis=1)
    lines = [counts[:, at] for at in np.flatnonzero(~secret)] + (
        [counts[:, secret].sum(axis=1)] if secret.any() else []
    )
    while short := [line for line in lines if 0 < line[hidden].sum() < k and line[~hidden].any()]:
        line = short[0]
        more = np.flatnonzero(~hidden & (line > 0))
        hidden[more[np.argmin(line[more])]] = True
    if hidden.sum() == 1 and len(hidden) > 1:
        sizes = np.where(hidden, np.iinfo(np.int64).max, counts.sum(axis=1))
        hidden[sizes.argmin()] = True
    return hidden
