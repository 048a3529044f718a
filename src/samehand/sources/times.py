"""Times as platforms write them -> `timestamp[us, UTC]`, a column at a time.

Read are: seconds, milliseconds, microseconds and nanoseconds since 1970 (told apart by size), ISO 8601 with or without
zone, `YYYY-MM-DD HH:MM[:SS]`, Twitter's `Wed Aug 27 13:08:45 +0000 2008` and, where a format says so, a pattern of its
own. What Arrow cannot read in bulk is read value by value; years before 1900 or after 2199 are no times.
"""

from __future__ import annotations

import difflib
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import UsageError
from samehand.records import TIME, Column, mask

__all__ = ["Times", "read_times", "zone_named"]

_NAIVE: Final = pa.timestamp("us")
_LOWEST: Final = -2_208_988_800_000_000
_HIGHEST: Final = 7_258_118_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER: Final = r"^[+-]?\d+(\.\d*)?([eE]\+?\d+)?$"
_ZONED: Final = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)$"
_PLAIN: Final = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$"
_TWITTER: Final = r"^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [+-]\d{4} \d{4}$"
_AMERICAN: Final = r"^(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})(?: (?P<t>\d{1,2}:\d\d(?::\d\d)?))?$"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_PATTERNS: Final[dict[str | None, tuple[str | None, ...]]] = {
    None: (None, "%a %b %d %H:%M:%S %z %Y"),
    "us": ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y"),
}

Ticks = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Times:
    """A column of times.

    Attributes:
        values: `timestamp[us, UTC]`, null where there was nothing or nothing that could be read.
        unreadable: where there was something that could not be read.
        zoneless: how many values had no zone of their own.

    """

    values: Column
    unreadable: npt.NDArray[np.bool_]
    zoneless: int


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name.

    Raises:
        UsageError: there is none; the message has the nearest.

    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        known = sorted(zoneinfo.available_timezones())
        near = difflib.get_close_matches(name, known, 3)
        raise UsageError(
            f"there is no time zone '{name}'; "
            + (f"nearest: {', '.join(near)}" if near else "name one such as Europe/Berlin")
        ) from None


def read_times(values: Column, zone: str = "UTC", pattern: str | None = None) -> Times:
    """Read a column of times.

    Args:
        values: text without surrounding blanks, null where empty; or a column that has a type of its own.
        zone: the time zone of values that name none.
        pattern: a `strptime` pattern to read values by; `us` for `M/D/YYYY H:MM[:SS]`.

    """
    reader = _Reader(zone, pattern)
    if pa.types.is_timestamp(values.type):
        read = values.cast(_NAIVE if values.type.tz is None else TIME, safe=False)
        read = reader.located(read) if values.type.tz is None else read
    elif pa.types.is_date(values.type):
        read = reader.located(values.cast(_NAIVE))
    elif pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_decimal(values.type):
        read = _from_numbers(values)
    else:
        read = reader.text(values.cast(pa.string()))
    ticks = read.cast(pa.int64())
    sane = pc.and_(pc.greater_equal(ticks, _LOWEST), pc.less(ticks, _HIGHEST))
    read = pc.if_else(sane, read, pa.scalar(None, TIME))
    unreadable = np.asarray(pc.and_(pc.is_valid(values), pc.is_null(read)))
    return Times(read, unreadable, reader.zoneless)


def _from_numbers(values: Column) -> Column:
    """Numbers since 1970: seconds below 1e11, milliseconds below 1e14, microseconds below 1e17, else nanoseconds."""
    if pa.types.is_integer(values.type):
        whole = values.cast(pa.int64(), safe=False)
        known = np.asarray(pc.is_valid(whole))
        ticks = np.asarray(pc.fill_null(whole, 0))
        size = np.abs(ticks)
        scaled = np.where(size < 10**11, np.where(size < 10**11, ticks, 0) * 10**6, ticks)
        scaled = np.where((size >= 10**11) & (size < 10**14), np.where(size < 10**14, ticks, 0) * 1000, scaled)
        scaled = np.where(size >= 10**17, ticks // 1000, scaled)
    else:
        real = np.asarray(pc.fill_null(values.cast(pa.float64(), safe=False), np.nan))
        known = np.isfinite(real) & (np.abs(real) < 1e20)
        real = np.where(known, real, 0.0)
        size = np.abs(real)
        factor = np.select([size < 1e11, size < 1e14, size < 1e17], [1e6, 1e3, 1.0], 1e-3)
        scaled = np.rint(np.clip(real * factor, -9e18, 9e18)).astype(np.int64)
    return pa.array(scaled, mask=~known).cast(TIME)


class _Reader:
    """Reads text, class by class: the whole column first, then what is left by its looks, then value by value."""

    def __init__(self, zone: str, pattern: str | None) -> None:
        self.zone = zone
        self.pattern = pattern
        self.zoneless = 0

    def located(self, naive: Column) -> Column:
        """Times of the zone at hand as UTC; an hour that came twice is the first, one that never came the next."""
        self.zoneless += len(naive) - naive.null_count
        if self.zone == "UTC":
            return naive.cast(TIME)
        here = pc.assume_timezone(naive, self.zone, ambiguous="earliest", nonexistent="latest")
        located: Column = here.cast(TIME)
        return located

    def text(self, values: Column) -> Column:
        if self.pattern == "us":
            return self._by_looks(values, [(_AMERICAN, self._american)])
        if self.pattern is not None:
            return self._one_by_one(values)
        for read in (_epochs, _zoned, self._plain):
            try:
                return read(values)
            except pa.ArrowInvalid:
                continue
        looks: list[tuple[str, Callable[[Column], Column]]] = [
            (_NUMBER, _epochs),
            (_ZONED, _zoned),
            (_PLAIN, self._plain),
            (_TWITTER, _twitter),
        ]
        return self._by_looks(values, looks)

    def _plain(self, values: Column) -> Column:
        return self.located(values.cast(_NAIVE))

    def _american(self, values: Column) -> Column:
        parts = pc.extract_regex(values, _AMERICAN)
        clock = pc.struct_field(parts, "t")
        clock = pc.if_else(pc.equal(clock, ""), "00:00", clock)
        clock = pc.if_else(pc.match_substring_regex(clock, r"^\d:"), pc.binary_join_element_wise("0", clock, ""), clock)
        month, day = (pc.utf8_lpad(pc.struct_field(parts, name), 2, "0") for name in ("m", "d"))
        date = pc.binary_join_element_wise(pc.struct_field(parts, "y"), month, day, "-")
        return self._plain(pc.binary_join_element_wise(date, clock, " "))

    def _by_looks(self, values: Column, looks: list[tuple[str, Callable[[Column], Column]]]) -> Column:
        """Read each kind of value in bulk; a kind with an impossible date among them is read one by one."""
        result = pa.nulls(len(values), TIME)
        left = np.asarray(pc.is_valid(values))
        for pattern, read in looks:
            mine = left & np.asarray(pc.fill_null(pc.match_substring_regex(values, pattern), False))
            left &= ~mine
            chosen = values.filter(mask(mine))
            if not len(chosen):
                continue
            before = self.zoneless
            try:
                found = read(chosen)
            except pa.ArrowInvalid:
                self.zoneless = before
                found = self._one_by_one(chosen)
            result = pc.replace_with_mask(result, pa.array(mine), found)
        if left.any():
            result = pc.replace_with_mask(result, pa.array(left), self._one_by_one(values.filter(mask(left))))
        return result

    def _one_by_one(self, values: Column) -> Column:
        """Each distinct value by Python."""
        coded = values.dictionary_encode()
        read = [self._one(str(value)) for value in coded.dictionary.to_pylist()]
        zoneless = np.array([found is not None and found.tzinfo is None for found in read], bool)
        if zoneless.any():
            codes = np.asarray(pc.drop_null(coded.indices))
            self.zoneless += int(zoneless[codes].sum())
        ticks = pa.array([self._ticks(found) for found in read], pa.int64())
        return ticks.take(coded.indices).cast(TIME)

    def _one(self, value: str) -> datetime | None:
        for pattern in _PATTERNS.get(self.pattern, (self.pattern,)):
            try:
                return datetime.fromisoformat(value) if pattern is None else datetime.strptime(value, pattern)
            except ValueError:
                continue
        return None

    def _ticks(self, found: datetime | None) -> int | None:
        if found is None:
            return None
        aware = found if found.tzinfo is not None else found.replace(tzinfo=zoneinfo.ZoneInfo(self.zone))
        try:
            return (aware - _EPOCH) // timedelta(microseconds=1)
        except OverflowError:
            return None


def _epochs(values: Column) -> Column:
    try:
        return _from_numbers(values.cast(pa.int64()))
    except pa.ArrowInvalid:
        return _from_numbers(values.cast(pa.float64()))


def _zoned(values: Column) -> Column:
    return values.cast(TIME)


def _twitter(values: Column) -> Column:
    month = pc.add(pc.index_in(pc.utf8_slice_codeunits(values, 4, 7), pa.array(_MONTHS)), 1)
    if month.null_count:
        raise pa.ArrowInvalid("no such month")
    date = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(values, 26, 30),
        pc.utf8_lpad(month.cast(pa.string()), 2, "0"),
        pc.utf8_slice_codeunits(values, 8, 10),
        "-",
    )
    clock = pc.utf8_slice_codeunits(values, 11, 19)
    zone = pc.utf8_slice_codeunits(values, 20, 25)
    return _zoned(pc.binary_join_element_wise(pc.binary_join_element_wise(date, clock, "T"), zone, ""))
