"""`dataset.json`: what a dataset holds and where each row came from, as frozen dataclasses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from samehand.errors import InputError, NotFoundError
from samehand.records.schema import SCHEMA_VERSION

__all__ = ["Extras", "Manifest", "Source", "TableFile"]

MANIFEST_NAME = "dataset.json"


@dataclass(frozen=True)
class Extras:
    """Columns of a file that no table has, kept aside.

    Attributes:
        file: Parquet file below the dataset: the file's row number, the key of the row's record, the extra columns.
        columns: each extra column and in how many rows it held something.

    """

    file: str
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Source:
    """One file that was read into the dataset, or rows that a program wrote.

    Attributes:
        file: the file's name, made unique in the dataset by `#2`, `#3`; empty for rows that a program wrote.
        format: the name of the format that read it.
        sha256: of the file's bytes; empty for rows that a program wrote.
        table: the table that its rows became; counts are in rows of the file.
        options: what was asked for besides the format, such as `platform`, `trace` or `timezone`.
        time_resolution: in seconds, null when the source has no times.
        read, kept, merged, rejected: rows of the file; read = kept + merged + rejected.
        reasons: why rows were rejected, with counts.
        differing: for each column, rows whose value differed from the one already held (the held one stays).
        unreadable: for each optional column, rows whose value could not be read and became null.
        extras: the columns that were kept aside, or null.
        notes: what a reader should know, such as the zone that was assumed.

    """

    file: str
    format: str
    sha256: str
    table: str
    options: Mapping[str, str] = field(default_factory=dict)
    time_resolution: float | None = None
    read: int = 0
    kept: int = 0
    merged: int = 0
    rejected: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    differing: Mapping[str, int] = field(default_factory=dict)
    unreadable: Mapping[str, int] = field(default_factory=dict)
    extras: Extras | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Source:
        """Rebuild a source from its object in `dataset.json`."""
        extras = facts.get("extras")
        plain = {key: value for key, value in facts.items() if key not in ("extras", "notes")}
        return cls(**plain, extras=Extras(**extras) if extras else None, notes=tuple(facts.get("notes", ())))


@dataclass(frozen=True)
class TableFile:
    """A table of the dataset: its number of rows, and the SHA-256 of its content (over its files' bytes, in order)."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """All of `dataset.json`: the dataset's name, its sources in order of import, its tables."""

    name: str
    schema_version: int = SCHEMA_VERSION
    sources: tuple[Source, ...] = ()
    tables: Mapping[str, TableFile] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a dataset folder.

        Raises:
            NotFoundError: the folder, or its `dataset.json`, is not there.
            InputError: the file is damaged, or a later samehand wrote it.

        """
        file = folder / MANIFEST_NAME
        if not file.is_file():
            raise NotFoundError(
                f"{folder} is no dataset: it has no {MANIFEST_NAME} "
                f"(make one with `samehand import FORMAT FILE --into {folder}`)"
            )
        try:
            facts = json.loads(file.read_text(encoding="utf-8"))
            version = int(facts["schema_version"])
            if version > SCHEMA_VERSION:
                raise InputError(f"{file} was written by a later samehand (schema {version}); upgrade samehand")
            return cls(
                name=str(facts["name"]),
                schema_version=version,
                sources=tuple(Source.from_json(source) for source in facts["sources"]),
                tables={name: TableFile(**table) for name, table in facts["tables"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{file} is damaged ({error}); import the files again into a new dataset") from error

    def text(self) -> str:
        """The manifest as it stands in `dataset.json`."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
