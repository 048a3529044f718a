"""Moments into bins: a timeline with bars of a natural width, and a week of hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from samehand.report.figures import Bar
from samehand.report.wording import day, moment

__all__ = ["Timeline", "timeline", "week"]

_WIDTHS: Final = (
    (60, "minute"),
    (300, "5 minutes"),
    (900, "15 minutes"),
    (3_600, "hour"),
    (10_800, "3 hours"),
    (21_600, "6 hours"),
    (43_200, "12 hours"),
    (86_400, "day"),
    (604_800, "week"),
    (2_592_000, "30 days"),
    (31_536_000, "365 days"),
)
MOST_BARS = 62


@dataclass(frozen=True)
class Timeline:
    """Bars from the first moment to the last; `width` says in words what each stands for."""

    bars: tuple[Bar, ...]
    width: str


def timeline(moments_us: Sequence[int]) -> Timeline:
    """Count moments (microseconds since 1970) in at most 62 bins of a natural width, empty ones included."""
    if not moments_us:
        return Timeline((), "day")
    seconds = np.asarray(moments_us, dtype=np.int64) // 1_000_000
    low, high = int(seconds.min()), int(seconds.max())
    fitting = [(size, name) for size, name in _WIDTHS if high // size - low // size < MOST_BARS]
    size, name = fitting[0] if fitting else _WIDTHS[-1]
    first, bins = low // size, high // size - low // size + 1
    counts = np.bincount(seconds // size - first, minlength=bins)
    label = day if size >= 86_400 else lambda at: moment(at)[:16]
    return Timeline(
        tuple(Bar(label((first + place) * size * 1_000_000), int(count)) for place, count in enumerate(counts)), name
    )


def week(moments_us: Sequence[int]) -> npt.NDArray[np.int64]:
    """Count moments by weekday (Monday first) and hour, UTC: int64[7, 24]."""
    hours = np.asarray(moments_us, dtype=np.int64) // 3_600_000_000
    weekday = (hours // 24 + 3) % 7  # 1970-01-01 was a Thursday
    counts = np.bincount(weekday * 24 + hours % 24, minlength=168)
    return counts.reshape(7, 24).astype(np.int64)
