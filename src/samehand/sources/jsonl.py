"""JSON Lines: one JSON value a line, within limits of length and depth; a bad line is rejected, the rest goes on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samehand.sources.batches import RAW_CHARACTERS, Reject
from samehand.sources.json_cells import whole
from samehand.sources.streams import CleanStream, Limits, open_clean

__all__ = ["JsonLines", "parsed", "shown"]


class JsonLines:
    """A JSONL file.

    Attributes:
        stream: the bytes below, with what was repaired in them.

    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.stream = open_clean(path, limits)
        self._limits = limits

    def objects(self) -> Iterator[tuple[int, dict[str, Any] | Reject]]:
        """Each line that is not empty with its number (from 1): its object, or why it is none."""
        try:
            for number, line in enumerate(self._lines(), start=1):
                yield number, self._object(number, line)
        finally:
            self.stream.close()

    def _lines(self) -> Iterator[bytes]:
        reader = io.BufferedReader(_raw(self.stream))
        most = self._limits.line_bytes
        while line := reader.readline(most + 1):
            whole = line
            while len(whole) > most and not whole.endswith(b"\n") and (whole := reader.readline(most)):
                pass
            if line.strip():
                yield line

    def _object(self, number: int, line: bytes) -> dict[str, Any] | Reject:
        value, reason = parsed(line, self._limits)
        if isinstance(value, dict):
            return value
        return Reject(number, reason or "the line is no JSON object", shown(line))


def parsed(data: bytes, limits: Limits, what: str = "line") -> tuple[Any, str | None]:
    """The JSON value that these bytes are, or why they are none that is safe to use."""
    if len(data) > limits.line_bytes:
        return None, f"the {what} is longer than {limits.line_bytes:,} bytes"
    try:
        value = json.loads(data, parse_constant=lambda _: None)
    except RecursionError:
        return None, "the JSON is nested too deeply"
    except ValueError:
        return None, f"the {what} is no JSON"
    if _deeper(data, value, limits.depth):
        return None, "the JSON is nested too deeply"
    return (whole(value) if b"\\u" in data or b"\\U" in data else value), None


def shown(data: bytes) -> str:
    """The beginning of bytes that were rejected, as text."""
    return data[: 4 * RAW_CHARACTERS].decode("utf-8", "ignore").strip()[:RAW_CHARACTERS]


def _raw(stream: CleanStream) -> io.RawIOBase:
    return stream


def _deeper(line: bytes, value: Any, depth: int) -> bool:
    if line.count(b"[") + line.count(b"{") <= depth:
        return False
    level: list[Any] = [value]
    for _ in range(depth):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)
