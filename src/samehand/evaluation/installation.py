"""What samehand stands on here: the versions of its libraries, its extras, and what the machine has left."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

__all__ = ["Installation", "Machine", "examine_installation", "examine_machine"]

LEAST_MEMORY_BYTES: Final = 1 << 30
LEAST_DISK_BYTES: Final = 1 << 30


@dataclass(frozen=True)
class Installation:
    """The libraries that samehand asks for.

    Attributes:
        libraries: the version of each core library, None where it is missing.
        extras: of each optional extra, the libraries that it still lacks; empty where it is complete.

    """

    libraries: Mapping[str, str | None]
    extras: Mapping[str, tuple[str, ...]]

    @property
    def missing(self) -> tuple[str, ...]:
        """Core libraries that are not there."""
        return tuple(name for name, version in self.libraries.items() if version is None)


@dataclass(frozen=True)
class Machine:
    """Processor cores this process may use, and bytes free: of memory (None where unknown) and in the temporary folder."""

    cores: int
    memory_free: int | None
    disk_free: int

    @property
    def tight(self) -> tuple[str, ...]:
        """What there is little of, in words."""
        words = []
        if self.memory_free is not None and self.memory_free < LEAST_MEMORY_BYTES:
            words.append("less than 1 GiB of memory is free: large datasets will not fit")
        if self.disk_free < LEAST_DISK_BYTES:
            words.append("less than 1 GiB is free in the temporary folder: set TMPDIR to a larger one")
        return tuple(words)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def examine_installation(requirements: list[str] | None = None) -> Installation:
    """The core libraries and the extras of the installed package, from its own metadata.

    `requirements` stands in for the metadata's lines (`numpy>=2.0`, `pyspark>=4; extra == "spark"`).
    """
    libraries: dict[str, str | None] = {}
    extras: dict[str, tuple[str, ...]] = {}
    for line in metadata.requires("samehand") or [] if requirements is None else requirements:
        found = re.match(r"[A-Za-z0-9._-]+", line)
        if found is None:
            continue
        extra = re.search(r"extra\s*==\s*['\"]([\w.-]+)['\"]", line)
        version = _version(found[0])
        if extra is None:
            libraries[found[0]] = version
        else:
            extras[extra[1]] = extras.get(extra[1], ()) + (() if version else (found[0],))
    return Installation(libraries, extras)


def _memory_free() -> int | None:
    """Bytes that can be had without swapping, as Linux tells."""
    try:
        facts = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", facts, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def examine_machine() -> Machine:
    """The cores that this process may use, and the memory and disk that are free."""
    return Machine(len(os.sched_getaffinity(0)), _memory_free(), shutil.disk_usage(tempfile.gettempdir()).free)
