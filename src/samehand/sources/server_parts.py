"""What a platform's server tells, ready for the tables of a dataset, and counted as what a file of each table would be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from samehand.records import schema_of
from samehand.sources.batches import Reject

__all__ = ["Part", "ServerReader", "table_of"]


@dataclass(frozen=True)
class Part:
    """Some rows that a server told, of one kind.

    Attributes:
        counted: the table in whose rows they are counted as read, kept, merged and rejected.
        tables: rows by table; those of other tables than `counted` come along.
        rejects: what became no row of `counted`, with its number among all of that kind.

    """

    counted: str
    tables: Mapping[str, pa.Table]
    rejects: list[Reject] = field(default_factory=list)


class ServerReader(Protocol):
    """Reads all that a server tells of its accounts."""

    @property
    def counted(self) -> tuple[str, ...]:
        """The tables whose rows are counted, the accounts' first."""
        ...

    @property
    def read(self) -> int:
        """How many accounts were read so far."""
        ...

    @property
    def total(self) -> int:
        """How many accounts there are, where the server says so; 0 until it has, or where it does not."""
        ...

    def parts(self) -> Iterator[Part]:
        """All rows, thousands at a time.

        Raises:
            InputError: the server cannot be reached, or does not know the caller; JobError: it failed on the way.

        """
        ...

    def unreadable(self, counted: str) -> Mapping[str, int]:
        """Optional values that could not be read, by name."""
        ...

    def notes(self, counted: str) -> Iterable[str]:
        """What one who uses the rows should know."""
        ...


def table_of(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table of the dataset; what they do not have is null."""
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema_of(name))
