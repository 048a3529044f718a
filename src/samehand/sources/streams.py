"""Bytes of a stranger's file: decompressed within limits, and repaired to clean UTF-8 on the way."""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa

from samehand.errors import FormatError, InputError, LimitError, NotFoundError

__all__ = ["ByteStream", "CleanStream", "Limits", "open_clean"]

_CHUNK: Final = 1 << 20

_PACKED: Final[dict[bytes, Literal["gzip", "zstd"]]] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_OTHERS: Final = {
    b"PK\x03\x04": "a zip archive",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"7z\xbc\xaf": "a 7z archive",
    b"SQLite format 3": "an SQLite database",
    b"PAR1": "a Parquet file",
}
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Limits:
    """What is safe to open: beyond it a file is refused, or a row rejected.

    Attributes:
        expanded_bytes: most bytes that a compressed file may hold.
        ratio: most bytes that one compressed byte may become, looked at beyond `ratio_from_bytes`.
        ratio_from_bytes: below so many bytes any ratio is harmless.
        line_bytes: longest line of a JSONL file, or row of a CSV file.
        field_bytes: longest cell of a CSV file.
        depth: deepest nesting of a JSON value.

    """

    expanded_bytes: int = 1 << 38
    ratio: int = 500
    ratio_from_bytes: int = 1 << 28
    line_bytes: int = 8 << 20
    field_bytes: int = 1 << 20
    depth: int = 64


class ByteStream:
    """A file's bytes, decompressed where its first bytes say gzip or zstd.

    Raises:
        NotFoundError: there is no such file.
        FormatError: the file is an archive or a database.

    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._expanded = 0
        if not path.is_file():
            raise NotFoundError(f"{path} is {'a folder, not a file' if path.is_dir() else 'not there'}; check the path")
        try:
            with path.open("rb") as stream:
                start = stream.read(16)
            self._file = pa.OSFile(str(path), "rb")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
        for magic, what in _OTHERS.items():
            if start.startswith(magic):
                raise FormatError(
                    f"{path} is {what}, not a text file; unpack it first (.gz and .zst are read as they are)"
                )
        packed = next((name for magic, name in _PACKED.items() if start.startswith(magic)), None)
        self._packed = packed
        self._stream = pa.CompressedInputStream(self._file, packed) if packed else self._file

    def read(self, size: int = _CHUNK) -> bytes:
        """At most `size` bytes; none at the end.

        Raises:
            LimitError: the file holds more than is safe.
            InputError: the compressed bytes are damaged.

        """
        try:
            data: bytes = self._stream.read(size)
        except OSError as error:
            raise InputError(f"{self._path} cannot be unpacked ({error}); fetch it again") from error
        self._expanded += len(data)
        if self._packed:
            self._check()
        return data

    def _check(self) -> None:
        if self._expanded > self._limits.expanded_bytes:
            raise LimitError(f"{self._path} unpacks to more than {self._limits.expanded_bytes:,} bytes; split it first")
        if self._expanded > self._limits.ratio_from_bytes and self._expanded > self._limits.ratio * self.position:
            raise LimitError(
                f"{self._path} unpacks to more than {self._limits.ratio} times its size, as an archive bomb does; "
                "unpack it yourself if you trust it"
            )

    @property
    def position(self) -> int:
        """How many bytes of the file itself have been read."""
        return int(self._file.tell())

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        self._file.close()


class CleanStream(io.RawIOBase):
    """A byte stream as clean UTF-8 without byte-order mark and NUL, in which a parser finds no surprise.

    Bytes that are no UTF-8 are read as Windows-1252, the usual culprit, and counted.

    Attributes:
        repaired: bytes that were no UTF-8.
        nul: NUL bytes that were left out.
        encoding: what the byte-order mark said, or utf-8.

    """

    def __init__(self, source: ByteStream) -> None:
        super().__init__()
        self.repaired = 0
        self.nul = 0
        self.encoding = "utf-8"
        self.position = 0
        self._source = source
        self._ready = b""
        self._tail = b""
        self._ended = False
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begin()

    def _begin(self) -> None:
        first = self._source.read()
        for mark, encoding in _BOMS:
            if first.startswith(mark):
                self.encoding = encoding
                first = first[len(mark) :]
                break
        if self.encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        self._ready = self._cleaned(first)

    def _cleaned(self, data: bytes) -> bytes:
        final = not data
        if self._decoder is not None:
            text = self._decoder.decode(data, final)
            self.repaired += text.count("\ufffd")
            clean = text.encode("utf-8")
        else:
            clean = self._repaired(self._tail + data, final)
        if b"\0" in clean:
            self.nul += clean.count(b"\0")
            clean = clean.replace(b"\0", b"")
        return clean

    def _repaired(self, data: bytes, final: bool) -> bytes:
        """Valid UTF-8 as it is; an unfinished character at the end waits for the next bytes."""
        view, start, parts = memoryview(data), 0, []
        while True:
            try:
                _, used = codecs.utf_8_decode(view[start:], "strict", final)
            except UnicodeDecodeError as error:
                parts += [data[start : start + error.start], _WINDOWS[data[start + error.start]]]
                start += error.start + 1
                self.repaired += 1
            else:
                self._tail = data[start + used :]
                return b"".join([*parts, data[start : start + used]]) if parts else data[:used]

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes, all that is left for -1; none at the end."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(_CHUNK), b""))
        while not self._ready and not self._ended:
            data = self._source.read()
            self._ended = not data
            self._ready = self._cleaned(data)
        taken, self._ready = self._ready[:size], self._ready[size:]
        self.position = self._source.position
        return taken

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a buffer, as `io.BufferedReader` asks for it."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def unread(self, data: bytes) -> None:
        """Put bytes back in front."""
        self._ready = data + self._ready

    def close(self) -> None:
        """Close the file below."""
        if not self.closed:
            self._source.close()
        super().close()


def _windows_1252(byte: int) -> bytes:
    try:
        return bytes([byte]).decode("cp1252").encode("utf-8")
    except UnicodeDecodeError:
        return chr(byte).encode("utf-8")


_WINDOWS: Final = tuple(_windows_1252(byte) for byte in range(256))


def open_clean(path: Path, limits: Limits) -> CleanStream:
    """Open a text file of any encoding we repair, compressed or not."""
    return CleanStream(ByteStream(path, limits))
