"""Accounts that were taken down: kept as keyed hashes only, held against new sign-ups, forgotten in time.

What is kept of such an account is one keyed hash for each fact, each level of an address apart, and the time of its
removal; nothing can be read from it, and without the key file nothing can be tried against it. Keys form a ring: new
accounts are kept under the newest key, older entries are found under theirs and taken over as soon as they are met.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from samehand.errors import FormatError, InputError, NotFoundError
from samehand.records import private_file
from samehand.signups.coding import DAY_US, code_rows, hash_of
from samehand.signups.facts import FACTS

__all__ = ["KeyRing", "KnownBad", "account_hash"]

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]

KEY_BYTES = 32


@dataclass(frozen=True)
class KeyRing:
    """Secret keys, newest first, each with its name."""

    names: tuple[str, ...]
    keys: tuple[bytes, ...]

    @property
    def newest(self) -> bytes:
        """The key under which new things are kept."""
        return self.keys[0]

    @property
    def marks(self) -> list[str]:
        """What tells keys apart and gives nothing away of them, one for each key: a hash of nothing under it."""
        return [f"{hash_of('mark', '', key):016x}" for key in self.keys]

    @classmethod
    def open(cls, path: str | Path) -> KeyRing:
        """Read a key file, or make one where there is none; only its owner may be able to read it.

        Raises:
            InputError: others may read the file.
            FormatError: it is no key file.

        """
        file = Path(path)
        if not file.exists():
            ring = cls(("1",), (secrets.token_bytes(KEY_BYTES),))
            ring.write(file)
            return ring
        if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise InputError(f"{file}: others can read this key file; run `chmod 600 {file}`, and think of a new key")
        try:
            entries = json.loads(file.read_text(encoding="utf-8"))["keys"]
            ring = cls(tuple(str(one["name"]) for one in entries), tuple(bytes.fromhex(one["key"]) for one in entries))
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(f"{file}: is no key file; move it away, and a new one is made") from error
        if not ring.keys or any(len(key) != KEY_BYTES for key in ring.keys):
            raise FormatError(f"{file}: holds no key of {KEY_BYTES} bytes; move it away, and a new one is made")
        return ring

    def rotated(self) -> KeyRing:
        """A ring with a new key in front; the older ones stay until nothing is kept under them."""
        number = max((int(name) for name in self.names if name.isdecimal()), default=0) + 1
        return KeyRing((str(number), *self.names), (secrets.token_bytes(KEY_BYTES), *self.keys))

    def without(self, names: frozenset[str]) -> KeyRing:
        """A ring without some older keys; the newest stays."""
        kept = [k for k, name in enumerate(self.names) if k == 0 or name not in names]
        return KeyRing(tuple(self.names[k] for k in kept), tuple(self.keys[k] for k in kept))

    def write(self, path: str | Path) -> None:
        """Write the key file, readable by its owner only."""
        entries = [{"name": name, "key": key.hex()} for name, key in zip(self.names, self.keys, strict=True)]
        private_file(Path(path), json.dumps({"keys": entries}, indent=1))


def account_hash(platform: str, asset_id: str, key: bytes) -> int:
    """The keyed hash by which an account that was taken down is found again, to be forgotten."""
    return hash_of("account", f"{platform}\x1f{asset_id}", key)


@dataclass
class KnownBad:
    """Accounts that were taken down.

    Attributes:
        account: uint64[k], keyed hashes of their names. facts: uint64[k, facts]; 0 where there is nothing.
        removed_us: int64[k], ascending. key: int32[k], place of the entry's key in the ring.

    """

    account: U64
    facts: U64
    removed_us: I64
    key: I32

    @classmethod
    def empty(cls) -> KnownBad:
        """Nobody."""
        return cls(
            np.zeros(0, np.uint64), np.zeros((0, len(FACTS)), np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int32)
        )

    @classmethod
    def of(cls, table: pa.Table, ring: KeyRing) -> KnownBad:
        """Hash the accounts of a table.

        Args:
            table: the columns of `signups`, and `removed_at`: timestamp, not null.
            ring: whose newest key is used.

        """
        removed = table.column("removed_at").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
        order = np.argsort(removed, kind="stable")
        coded = code_rows(table.drop_columns("removed_at"), ring.newest)
        names = zip(table.column("platform").to_pylist(), table.column("asset_id").to_pylist(), strict=True)
        account = np.array([account_hash(platform, name, ring.newest) for platform, name in names], np.uint64)
        return cls(account[order], coded.facts[order], removed[order].astype(np.int64), np.zeros(len(order), np.int32))

    def __len__(self) -> int:
        return len(self.removed_us)

    def take(self, kept: npt.NDArray[Any]) -> KnownBad:
        """Some of them."""
        return KnownBad(self.account[kept], self.facts[kept], self.removed_us[kept], self.key[kept])

    def at(self, now_us: int, expires_days: int) -> KnownBad:
        """Those who were taken down by then, and not so long before that they are to be forgotten."""
        oldest = now_us - expires_days * DAY_US
        return self.take((self.removed_us <= now_us) & (self.removed_us > oldest))

    def forgotten(self, platform: str, asset_id: str, ring: KeyRing) -> KnownBad:
        """Without one account, whose removal was reversed; under whichever key it is kept."""
        names = np.array([account_hash(platform, asset_id, key) for key in ring.keys], np.uint64)
        return self.take(self.account != names[self.key])

    def taken_over(self, shown: Sequence[U64]) -> KnownBad:
        """With every fact that rows show too, and that is kept under an older key, kept under the newest instead.

        Args:
            shown: the rows' facts under each key of the ring, the newest first.

        """
        facts, key = self.facts.copy(), self.key.copy()
        for place in range(1, len(shown)):
            mine = np.flatnonzero(key == place)
            if not len(mine):
                continue
            old = shown[place]
            for f in range(facts.shape[1]):
                known, where = np.unique(old[:, f], return_index=True)
                at = np.searchsorted(known, facts[mine, f])
                hit = (at < len(known)) & (facts[mine, f] != 0)
                hit[hit] = known[at[hit]] == facts[mine[hit], f]
                facts[mine[hit], f] = shown[0][where[at[hit]], f]
        return KnownBad(self.account, facts, self.removed_us, key)

    def write(self, path: str | Path, ring: KeyRing) -> None:
        """Write the hashes as Parquet, readable by their owner only."""
        columns: dict[str, Any] = {
            "account": pa.array(self.account, pa.uint64()),
            "removed_at": pa.array(self.removed_us, pa.timestamp("us", "UTC")),
            "key": pa.array([ring.names[place] for place in self.key.tolist()], pa.string()),
        }
        for number, fact in enumerate(FACTS):
            columns[fact.name] = pc.if_else(
                pa.array(self.facts[:, number] != 0), pa.array(self.facts[:, number], pa.uint64()), None
            )
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        private_file(Path(path), sink.getvalue())

    @classmethod
    def open(cls, path: str | Path, ring: KeyRing) -> KnownBad:
        """Read what `write` wrote.

        Raises:
            NotFoundError: no such file. InputError: it needs a key that the ring does not hold.

        """
        if not Path(path).is_file():
            raise NotFoundError(f"{path}: there is no such file of accounts taken down")
        table = pq.read_table(path)
        places = {name: place for place, name in enumerate(ring.names)}
        names = table.column("key").to_pylist()
        if missing := sorted(set(names) - set(places)):
            raise InputError(
                f"{path}: is kept under key {missing[0]}, which the key file does not hold; give its key file"
            )
        facts = np.stack([table.column(fact.name).fill_null(0).to_numpy() for fact in FACTS], axis=1)
        removed = table.column("removed_at").cast(pa.int64()).to_numpy()
        return cls(
            table.column("account").to_numpy().astype(np.uint64), facts.astype(np.uint64), removed.astype(np.int64),
            np.array([places[name] for name in names], np.int32),
        )  # fmt: skip
