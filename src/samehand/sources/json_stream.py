"""A JSON file too large to hold: the containers that are walked give their members one by one.

The standard library's parser reads each member; found here is only where a member ends. So a bad member is rejected with
its text and the rest goes on, and the limits of length and depth hold for each, which no streaming parser offers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Final

from samehand.sources.batches import Reject
from samehand.sources.jsonl import JsonLines, parsed, shown
from samehand.sources.streams import CleanStream, Limits, open_clean

__all__ = ["ITEM", "Entry", "JsonStream", "Mark", "Place", "Walk", "json_file"]

ITEM: Final = "*"
"""In a place: some member of a list."""

Place = tuple[str, ...]
"""Keys from the file's value to a member; `ITEM` for a list's."""

Walk = Callable[[Place, bytes], bool]
"""Whether the container at a place is walked rather than read whole, given its first bytes, too."""


class Mark(Enum):
    """What is not a value: the beginning of a container that is walked."""

    OPENED = "opened"


Entry = tuple[Place, Any]
"""A place and its value, `Mark.OPENED`, or a `Reject` whose row nobody has numbered yet."""

_BLANK: Final = re.compile(rb"[\s,]*")
# no possessive quantifiers: before 3.11.5 Python matches some of them wrongly
_STRING: Final = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_KEY: Final = re.compile(rb"(" + _STRING + rb")\s*:\s*", re.DOTALL)
_SCALAR: Final = re.compile(_STRING + rb'|[^\s,"\[\]{}]+', re.DOTALL)
# a quotation mark by itself begins an unfinished string
_TOKEN: Final = re.compile(_STRING + rb'|["\[\]{}]', re.DOTALL)
_HEX: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_HEAD: Final = 256
_SHOWN: Final = 1 << 14


class JsonStream:
    """The values of a file, walked.

    Args:
        path: the file.
        limits: what is safe to open.
        walk: which containers are walked.
        chunk: so many bytes are read at once.

    Attributes:
        stream: the bytes below, with what was repaired in them.

    """

    def __init__(self, path: Path, limits: Limits, walk: Walk, *, chunk: int = 1 << 20) -> None:
        self.stream = open_clean(path, limits)
        self._chunk = chunk
        self._limits = limits
        self._walk = walk
        self._bytes = b""
        self._at = 0

    def entries(self) -> Iterator[Entry]:
        """Members of walked containers, and values that are not walked, in the file's order."""
        try:
            while self._peek():
                yield from self._value(())
        except _BrokenError as broken:
            yield (), Reject(0, f"{broken.reason}; the rest of the file was not read", shown(broken.data))
        finally:
            self.stream.close()

    def _value(self, place: Place) -> Iterator[Entry]:
        first = self._peek()
        if first not in (b"[", b"{"):
            yield place, self._checked(self._scalar())
        elif not self._walk(place, self._bytes[self._at : self._at + _HEAD]):
            data, whole = self._container()
            yield place, self._checked(data) if whole else self._too_long(data)
        else:
            self._at += 1
            yield place, Mark.OPENED
            yield from self._list(place) if first == b"[" else self._object(place)

    def _list(self, place: Place) -> Iterator[Entry]:
        while (first := self._peek()) != b"]":
            if first in (b"", b"}"):
                raise self._broken("the JSON ends within a list")
            yield from self._value((*place, ITEM))
        self._at += 1

    def _object(self, place: Place) -> Iterator[Entry]:
        while (first := self._peek()) != b"}":
            if first == b"":
                raise self._broken("the JSON ends within an object")
            yield from self._value((*place, self._key()))
        self._at += 1

    def _key(self) -> str:
        found = _KEY.match(self._bytes, self._at)
        while found is None or found.end() == len(self._bytes):
            if len(self._bytes) - self._at > self._limits.field_bytes or not self._fill():
                raise self._broken("the JSON has a member without a name")
            found = _KEY.match(self._bytes, self._at)
        self._at = found.end()
        name, _ = parsed(found[1], self._limits)
        return name if isinstance(name, str) else ""

    def _scalar(self) -> bytes:
        """A value that is no container, or what stands in its place."""
        found = _SCALAR.match(self._bytes, self._at)
        while found is None or found.end() == len(self._bytes):
            if len(self._bytes) - self._at > self._limits.line_bytes or not self._fill():
                break
            found = _SCALAR.match(self._bytes, self._at)
        if found is None:
            raise self._broken("the JSON has something else where a value belongs")
        self._at = found.end()
        return found[0]

    def _container(self) -> tuple[bytes, bool]:
        """The object or list that begins here and whether it is all of it; one that is too long is not."""
        depth, place, beginning = 0, self._at, b""
        while True:
            for found in _TOKEN.finditer(self._bytes, place):
                mark = found[0]
                if mark == b'"':
                    # looked at again from its beginning, once there is more of it
                    place = found.start()
                    break
                place = found.end()
                depth += (mark in (b"[", b"{")) - (mark in (b"]", b"}"))
                if depth == 0:
                    data, self._at = self._bytes[self._at : place], place
                    return beginning or data, not beginning
            else:
                place = len(self._bytes)
            beginning = self._let_go(beginning, place)
            place -= self._at
            if not self._fill():
                raise self._broken("the JSON ends within a value", beginning)

    def _let_go(self, beginning: bytes, place: int) -> bytes:
        """Skip what a value has beyond the limit, up to a place; what it begins with is kept."""
        most = self._limits.line_bytes
        if len(self._bytes) - place > most:
            raise self._broken(f"the JSON has a text longer than {most:,} bytes, or one that never ends", beginning)
        if place - self._at > most:
            beginning = beginning or self._bytes[self._at : self._at + _SHOWN]
            self._at = place
        return beginning

    def _fill(self) -> bool:
        """Read on; what was used up is let go."""
        more = self.stream.read(self._chunk)
        self._bytes, self._at = self._bytes[self._at :] + more, 0
        return bool(more)

    def _peek(self) -> bytes:
        """The next byte that is no blank and no comma; none at the end."""
        while True:
            found = _BLANK.match(self._bytes, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._bytes):
                while len(self._bytes) - self._at < _HEAD and self._fill():
                    pass
                return self._bytes[self._at : self._at + 1]
            if not self._fill():
                return b""

    def _checked(self, data: bytes) -> Any:
        value, reason = parsed(data, self._limits, "value")
        if reason is not None and b"\\x" in data:
            # Telegram Desktop writes control characters so, which is no JSON
            value, reason = parsed(_HEX.sub(_unicode, data), self._limits, "value")
        return value if reason is None else Reject(0, reason, shown(data))

    def _too_long(self, data: bytes) -> Reject:
        return Reject(0, f"the value is longer than {self._limits.line_bytes:,} bytes", shown(data))

    def _broken(self, reason: str, data: bytes = b"") -> _BrokenError:
        return _BrokenError(reason, data or self._bytes[self._at : self._at + _SHOWN])


class _BrokenError(Exception):
    """The file cannot be followed any further."""

    def __init__(self, reason: str, data: bytes) -> None:
        super().__init__(reason)
        self.reason = reason
        self.data = data


def _unicode(found: re.Match[bytes]) -> bytes:
    return b"\\u00" + found[1] if found[1] else found[0]


class _Lines:
    """A JSONL file as a stream of values."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._lines = JsonLines(path, limits)
        self.stream: CleanStream = self._lines.stream

    def entries(self) -> Iterator[Entry]:
        """The object of each line, or why it is none."""
        return (((), value) for _, value in self._lines.objects())


def json_file(path: Path, limits: Limits, walk: Walk) -> JsonStream | _Lines:
    """A file of JSON: one object a line, where one of its first lines is one that need not be walked, else of any layout."""
    probe = open_clean(path, limits)
    head = probe.read()
    probe.close()
    whole = head[: head.rfind(b"\n") + 1] or head
    for line in whole.split(b"\n")[:20]:
        line = line.rstrip()
        if len(line) > 2 and line.startswith(b"{") and isinstance(parsed(line, limits)[0], dict):
            return _Lines(path, limits)
    return JsonStream(path, limits, walk)
