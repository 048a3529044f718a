"""Rows of `signups` as keyed hashes: after this step no value can be read any more, only compared.

The key is the platform's own; who has the state without it cannot try out addresses or numbers against it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.errors import InputError
from samehand.signups.facts import FACTS, Fact

__all__ = [
    "COLUMNS", "DAY_US", "FACT_NUMBER", "NET_TYPES", "NOWHERE", "Arrivals", "CodedRows",
    "check_filled", "code_rows", "hash_of",
]  # fmt: skip

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
I8 = npt.NDArray[np.int8]

FACT_NUMBER: Final = {fact.name: number for number, fact in enumerate(FACTS)}
COLUMNS: Final = tuple(dict.fromkeys(column for fact in FACTS for column in fact.columns))
"""Columns of `signups` that facts read."""
DAY_US: Final = 86_400_000_000
FEW: Final = 32
NET_TYPES: Final = ("residential", "mobile", "cgnat", "education", "hosting", "vpn", "tor")
NOWHERE: Final = tuple(NET_TYPES.index(name) for name in ("hosting", "vpn", "tor"))
"""Places in NET_TYPES of networks where nobody lives or works; a place shared there is no venue."""


@dataclass(frozen=True)
class CodedRows:
    """Sign-ups as numbers, in the order of the table.

    Attributes:
        facts: uint64[n, facts], keyed hashes; 0 where there is nothing.
        strata: uint64[n, 2], the language set and the country; 0 where it is not known.
        net_type: int8[n], place in `NET_TYPES`; -1 where unknown.
        at_us: int64[n], time of the sign-up, microseconds since 1970.

    """

    facts: U64
    strata: U64
    net_type: I8
    at_us: I64

    def __len__(self) -> int:
        return len(self.at_us)

    def between(self, low: int, high: int, at_us: I64) -> CodedRows:
        """Some of the rows, with times of their own."""
        return CodedRows(self.facts[low:high], self.strata[low:high], self.net_type[low:high], at_us[low:high])


@dataclass(frozen=True)
class Arrivals:
    """Sign-ups as a stream takes them, in the order of the table.

    Attributes:
        names: platform and asset id of each.
        rows: what they show under each key of a ring, the newest first.

    """

    names: list[tuple[str, str]]
    rows: tuple[CodedRows, ...]

    @classmethod
    def of(cls, table: pa.Table, keys: Sequence[bytes], newest: CodedRows | None = None) -> Arrivals:
        """Code rows of `signups`; `newest` are the same rows under the first key, where that was done already."""
        names = list(zip(table.column("platform").to_pylist(), table.column("asset_id").to_pylist(), strict=True))
        older = (code_rows(table, key) for key in keys[1:])
        return cls(names, (newest or code_rows(table, keys[0]), *older))

    def __len__(self) -> int:
        return len(self.names)


def check_filled(table: pa.Table, name: str, columns: Sequence[str]) -> None:
    """Refuse a table in which a column is missing, or a cell empty, that has to be there.

    Raises:
        InputError: the message says which column and row.

    """
    for column in columns:
        if column not in table.column_names:
            raise InputError(f"{name}: there is no column {column}; it needs {', '.join(columns)}")
        if table.column(column).null_count:
            row = pc.index(pc.is_null(table.column(column)), True).as_py()
            raise InputError(f"{name}, row {row + 1}, {column}: is empty; fill it in, or leave the row out")


def hash_of(name: str, value: str, key: bytes) -> int:
    """64 bits of a value under a key, never 0; `name` keeps the same value of two facts apart."""
    digest = hashlib.blake2b(
        value.encode("utf-8", "surrogatepass"), digest_size=8, key=key, person=name.encode()[:16]
    ).digest()
    return int.from_bytes(digest, "little") or 1


def _encoded(column: pa.ChunkedArray[Any]) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Each row's place in a list of values, and the list; None where it is missing."""
    if len(column) < FEW:  # single sign-ups: looking for values that repeat costs more than it saves
        return np.arange(len(column)), column.to_pylist()
    whole = column.combine_chunks()
    coded = whole.dictionary_encode()
    values = coded.dictionary.to_pylist()
    return coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False).astype(np.int64), [*values, None]


def _hashes(fact: Fact, values: list[tuple[Any, ...]], key: bytes) -> U64:
    read = (fact.read(*value) for value in values)
    return np.array([0 if word is None else hash_of(fact.name, word, key) for word in read], np.uint64)


def _fact(fact: Fact, columns: dict[str, tuple[I64, list[Any]]], key: bytes) -> U64:
    if len(fact.columns) == 1:
        place, values = columns[fact.columns[0]]
        return _hashes(fact, [(value,) for value in values], key)[place]
    (a, of_a), (b, of_b) = (columns[name] for name in fact.columns)
    joint, place = np.unique(a * len(of_b) + b, return_inverse=True)
    values = [(of_a[int(both) // len(of_b)], of_b[int(both) % len(of_b)]) for both in joint]
    return _hashes(fact, values, key)[place]


def code_rows(table: pa.Table, key: bytes) -> CodedRows:
    """Code rows of `signups`.

    Args:
        table: with the columns of the schema; a column that is not there is missing everywhere.
        key: at most 64 bytes.

    """
    count = table.num_rows
    columns = {
        name: _encoded(table.column(name)) if name in table.column_names else (np.zeros(count, np.int64), [None])
        for name in (*COLUMNS, "net_type")
    }
    columns["at"] = _encoded(pc.hour(table.column("at").cast(pa.timestamp("us", "UTC"))))
    facts = np.zeros((count, len(FACTS)), np.uint64)
    for number, fact in enumerate(FACTS):
        facts[:, number] = _fact(fact, columns, key)
    place, values = columns["locale"]
    stratum = np.array([hash_of("locale", value, key) if value else 0 for value in values], np.uint64)[place]
    place, values = columns["country"]
    country = np.array([hash_of("country", value, key) if value else 0 for value in values], np.uint64)[place]
    place, values = columns["net_type"]
    known = np.array([NET_TYPES.index(value) if value in NET_TYPES else -1 for value in values], np.int8)
    at = table.column("at").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    return CodedRows(facts, np.stack((stratum, country), axis=1), known[place], np.asarray(at, np.int64))
