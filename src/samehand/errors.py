"""The one tree of errors; every message says what was wrong, where, and how to mend it.

SamehandError
├── UsageError            bad arguments (exit 2)
├── InputError            a file, dataset or run that does not hold what it should (exit 2)
│   ├── FormatError       the columns or the shape of a file do not fit the format named
│   ├── LimitError        a file larger, deeper or more compressed than is safe to open
│   └── NotFoundError     a path, account or table that is not there
├── MissingExtraError     a library of an optional extra is not installed (exit 1)
└── JobError              the job itself failed (exit 1)
"""

from __future__ import annotations

__all__ = [
    "SamehandError",
    "UsageError",
    "InputError",
    "FormatError",
    "LimitError",
    "NotFoundError",
    "MissingExtraError",
    "JobError",
]


class SamehandError(Exception):
    """Root of all errors that samehand raises on purpose."""

    exit_code = 1


class UsageError(SamehandError, ValueError):
    """The caller asked for something that makes no sense."""

    exit_code = 2


class InputError(SamehandError, ValueError):
    """What was handed in cannot be used; the message names file, row and column."""

    exit_code = 2


class FormatError(InputError):
    """A file's columns or shape do not fit the format that was named."""


class LimitError(InputError):
    """A file is larger, deeper or more compressed than is safe to open."""


class NotFoundError(InputError, LookupError):
    """A path, table or account is not there."""


class MissingExtraError(SamehandError, ImportError):
    """A library of an optional extra is not installed; the message says how to install it."""


class JobError(SamehandError, RuntimeError):
    """The job failed though its input was good."""
