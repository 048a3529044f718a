"""The file of `--context`: accounts known to act together in the open, with the owner that they belong to."""

from __future__ import annotations

import csv
from pathlib import Path

from samehand.authenticity import SharedOwner
from samehand.errors import FormatError, InputError, NotFoundError

__all__ = ["read_context"]

COLUMNS = ("platform", "asset_id", "owner")


def read_context(path: str | Path) -> tuple[SharedOwner, ...]:
    """Read a CSV with the columns platform, asset_id and owner (any further ones are left alone).

    Raises:
        NotFoundError: the file is not there.
        InputError: it is a folder.
        FormatError: it is no CSV in UTF-8, a column is missing, or a cell is empty; the message says which.

    """
    file = Path(path)
    if file.is_dir():
        raise InputError(f"{file} is a folder; --context names a CSV with the columns {', '.join(COLUMNS)}")
    if not file.is_file():
        raise NotFoundError(f"{file} is not there; --context names a CSV with the columns {', '.join(COLUMNS)}")
    owners: list[SharedOwner] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
            if missing:
                raise FormatError(
                    f"{file} has no column {missing[0]}; --context names a CSV with the columns {', '.join(COLUMNS)}"
                )
            for number, row in enumerate(reader, 1):
                cells = [(row[name] or "").strip() for name in COLUMNS]
                if not all(cells):
                    empty = COLUMNS[cells.index("")]
                    raise FormatError(f"{file}, row {number}: {empty} is empty; fill it, or leave the row out")
                owners.append(SharedOwner(*cells))
    except UnicodeDecodeError as error:
        raise FormatError(f"{file} is no text in UTF-8; save it as a CSV in UTF-8") from error
    except csv.Error as error:
        raise FormatError(f"{file} cannot be read as CSV: {error}; save it anew as a CSV in UTF-8") from error
    return tuple(owners)
