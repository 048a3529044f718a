"""JSON Lines: one JSON value a line, within limits of length and depth; a bad line is rejected, the rest goes on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samehand.sources.batches import RAW_CHARACTERS, Reject
from samehand.sources.streams import CleanStream, Limits, open_clean

__all__ = ["JsonLines"]


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
                yield number, self._parsed(number, line)
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

    def _parsed(self, number: int, line: bytes) -> dict[str, Any] | Reject:
        reason = None
        value: Any = None
        if len(line) > self._limits.line_bytes:
            reason = f"the line is longer than {self._limits.line_bytes:,} bytes"
        else:
            try:
                value = json.loads(line, parse_constant=lambda _: None)
            except RecursionError:
                reason = "the JSON is nested too deeply"
            except ValueError:
                reason = "the line is no JSON"
        if reason is None and not isinstance(value, dict):
            reason = "the line is no JSON object"
        if reason is None and _deeper(line, value, self._limits.depth):
            reason = "the JSON is nested too deeply"
        if reason is not None:
            return Reject(number, reason, line[: 4 * RAW_CHARACTERS].decode("utf-8", "ignore").strip()[:RAW_CHARACTERS])
        return _whole(value) if b"\\u" in line or b"\\U" in line else value  # type: ignore[no-any-return]


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


def _whole(value: Any) -> Any:
    """The same value without half characters (lone surrogates) and NUL, which no file of ours could hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return value
