"""Numbers, times and strange strings, as people read them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["cleaned", "counted", "day", "duration", "moment", "odds", "offset", "share", "shortened", "significant"]

_UNSAFE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SCALES: Final = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def cleaned(text: str) -> str:
    """The text with control characters, and marks that turn the direction of what follows, shown as U+FFFD."""
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n"))


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters; an ellipsis says where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 account`, `1,204 accounts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def significant(value: float | None) -> str:
    """A number in two significant digits, a dash for null."""
    if value is None or math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    if 0.001 <= abs(value) < 1e6:
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"
    digits, _, power = f"{value:.1e}".partition("e")
    return f"{digits}\u00a0×\u00a010{str(int(power)).translate(_RAISED)}"


def odds(p_value: float) -> str:
    """A probability in words: `about 1 in 2,300`, `less than 1 in a trillion`."""
    if not p_value > 1e-12:
        return "less than 1 in a trillion"
    turns = 1 / p_value
    if turns < 1.5:
        return "no better than chance"
    for size, name in _SCALES:
        if turns >= size:
            return f"about 1 in {turns / size:.{1 if turns < 9.5 * size else 0}f} {name}".replace(".0 ", " ")
    rounded = round(turns, -max(0, int(math.log10(turns)) - 1))
    return f"about 1 in {rounded:,.0f}"


def share(value: float | None) -> str:
    """A share in per cent, to two digits; a dash for null."""
    if value is None or math.isnan(value):
        return "–"
    percent = 100 * value
    if 0 < percent < 0.01:
        return "< 0.01 %"
    return f"{percent:.2g} %" if percent < 10 else f"{percent:.0f} %"


def duration(seconds: float) -> str:
    """A length of time in its natural unit: `40 s`, `12 min`, `3.5 h`, `2 d`."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{f'{seconds / size:.1f}'.removesuffix('.0')} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 or seconds == 0 else f"{seconds:.2g} s"


def offset(microseconds: int) -> str:
    """How much later than the first."""
    return "first" if microseconds == 0 else f"+{duration(microseconds / 1e6)}"


def moment(microseconds: int) -> str:
    """A time since 1970 as date and time of day, UTC."""
    return f"{_EPOCH + timedelta(microseconds=microseconds):%Y-%m-%d %H:%M:%S}"


def day(microseconds: int) -> str:
    """A time since 1970 as a date, UTC."""
    return f"{_EPOCH + timedelta(microseconds=microseconds):%Y-%m-%d}"
