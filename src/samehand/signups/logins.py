"""Logins: newcomers who share a device afterwards, where that is far beyond what the platform and the device are used to.

Time is cut into blocks as long as the window. Of each block only counts by device are kept, as hashes. A device on which
newcomers were too many does not enter what is usual.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.policy import LoginRules
from samehand.signups.arrays import grown
from samehand.signups.coding import check_filled, hash_of
from samehand.signups.ledger import Index, key_of
from samehand.signups.recidivism import account_hash

__all__ = ["Crowds", "Logins"]

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
BLOCKS = 4
"""Completed blocks that say what is usual."""


@dataclass(frozen=True)
class Logins:
    """Logins as numbers, by time.

    Attributes:
        at_us: int64[n]. account, device: uint64[n], keyed hashes.

    """

    at_us: I64
    account: U64
    device: U64

    @classmethod
    def of(cls, table: pa.Table, key: bytes) -> Logins:
        """Rows of `logins` that name a device, in order of time.

        Raises:
            InputError: a column or cell that has to be there is not.

        """
        check_filled(table, "logins", ("platform", "asset_id", "at"))
        table = table.filter(pc.fill_null(pc.not_equal(table.column("device_id"), ""), False))
        at = table.column("at").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy().astype(np.int64)
        device = table.column("device_id").combine_chunks().dictionary_encode()
        hashes = np.array([hash_of("device", one, key) for one in device.dictionary.to_pylist()], np.uint64)
        names = zip(table.column("platform").to_pylist(), table.column("asset_id").to_pylist(), strict=True)
        account = np.array([account_hash(platform, asset, key) for platform, asset in names], np.uint64)
        found = cls(at, account, hashes[device.indices.to_numpy()] if len(hashes) else np.zeros(0, np.uint64))
        return found.take(np.lexsort((found.device, found.account, at)))

    def take(self, rows: I64 | slice) -> Logins:
        """Some of them."""
        return Logins(self.at_us[rows], self.account[rows], self.device[rows])

    def __len__(self) -> int:
        return len(self.at_us)

    def and_more(self, other: Logins) -> Logins:
        """These and others, by time; of one moment by account and device."""
        both = Logins(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in ("at_us", "account", "device")))
        return both.take(np.lexsort((both.device, both.account, both.at_us)))


NONE = Logins(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.uint64))


@nb.njit(cache=True)
def _pair_keys(device: U64, account: U64) -> U64:
    out = np.empty(len(device), np.uint64)
    for k in range(len(device)):
        out[k] = key_of(np.int64(device[k]), np.int64(account[k]), 13)
    return out


@dataclass
class Crowds:
    """Who logs in on which device, in the block at hand, and how it was in the blocks before.

    Attributes:
        rules: of the policy. block_us: how long a block is.
        waiting: logins that are not counted yet. block: number of the block at hand; -1 before the first login.
        pairs, devices: numbers of the block's pairs of device and account, and of its devices.
        device, row: int32[pairs] and int64[pairs], the device's number and the account's row of the stream; -1 for one who is
            no newcomer.
        new, all: int32[devices], newcomers, and accounts in all. crowd: bool[devices], newcomers were too many.
        past: of each block before, hashes of devices, ascending, and how many newcomers there were.

    """

    rules: LoginRules
    block_us: int
    waiting: Logins = NONE
    block: int = -1
    pairs: Index = field(default_factory=Index)
    devices: Index = field(default_factory=Index)
    device: I32 = field(default_factory=lambda: np.zeros(1024, np.int32))
    row: I64 = field(default_factory=lambda: np.zeros(1024, np.int64))
    new: I32 = field(default_factory=lambda: np.zeros(1024, np.int32))
    all: I32 = field(default_factory=lambda: np.zeros(1024, np.int32))
    crowd: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1024, np.bool_))
    past: list[tuple[U64, I32]] = field(default_factory=list)

    def expect(self, more: Logins) -> None:
        """Take logins; they count from the first look after them on."""
        self.waiting = self.waiting.and_more(more)

    def count(self, accounts: U64, first: int, now_us: int, *, seasoned: bool) -> tuple[I64, I32]:
        """Count the logins before a moment.

        Args:
            accounts: hashes of the newcomers of the window. first: row of the stream of the first of them.
            now_us: the moment. seasoned: whether it is known by then what is usual; nobody is named before.

        Returns:
            Rows of the stream who log in on a crowded device, and how many newcomers that device has.

        """
        due = int(np.searchsorted(self.waiting.at_us, now_us))
        logins, self.waiting = self.waiting.take(slice(0, due)), self.waiting.take(slice(due, None))
        order = np.argsort(accounts, kind="stable") if due else np.zeros(0, np.int64)
        ranked = accounts[order]
        rows, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        for block in np.unique(logins.at_us // self.block_us).tolist():
            if block > self.block:
                self._close(block)
            mine = logins.take(np.flatnonzero(logins.at_us // self.block_us == block))
            place = np.searchsorted(ranked, mine.account)
            known = place < len(ranked)
            known[known] = ranked[place[known]] == mine.account[known]
            row = np.full(len(mine), -1, np.int64)
            row[known] = first + order[place[known]]
            hit, many = self._crowded(self._add(mine, row), seasoned=seasoned)
            rows.append(hit)
            counts.append(many)
        return np.concatenate(rows), np.concatenate(counts)

    def _add(self, logins: Logins, row: I64) -> I64:
        """Count pairs that are new in the block; numbers of their devices, each once."""
        before = self.pairs.count
        pair = self.pairs.numbered(_pair_keys(logins.device, logins.account))
        _, once = np.unique(pair, return_index=True)
        once = once[pair[once] >= before]
        number = self.devices.numbered(logins.device[once])
        self.device, self.row = grown(self.device, self.pairs.count), grown(self.row, self.pairs.count)
        self.device[pair[once]], self.row[pair[once]] = number, row[once]
        for name in ("new", "all", "crowd"):
            setattr(self, name, grown(getattr(self, name), self.devices.count))
        np.add.at(self.all, number, 1)
        np.add.at(self.new, number, row[once] >= 0)
        return np.unique(number)

    def _crowded(self, touched: I64, *, seasoned: bool) -> tuple[I64, I32]:
        rules = self.rules
        many = touched[
            (self.new[touched] >= rules.least_accounts) & (self.new[touched] >= rules.least_share * self.all[touched])
        ]
        if not seasoned or not self.past or not len(many):
            return np.zeros(0, np.int64), np.zeros(0, np.int32)
        hashes = np.zeros(self.devices.count, np.uint64)
        used = np.flatnonzero(self.devices.keys)
        hashes[self.devices.numbers[used]] = self.devices.keys[used]
        before = np.zeros(len(many), np.int32)
        for keys, counts in self.past:
            place = np.minimum(np.searchsorted(keys, hashes[many]), len(keys) - 1)
            before = np.maximum(before, np.where(keys[place] == hashes[many], counts[place], 0))
        busiest = np.concatenate([counts for _, counts in self.past])
        as_many = np.array([(busiest >= n).mean() for n in self.new[many].tolist()])
        many = many[(self.new[many] >= rules.times * np.maximum(before, 1)) & (as_many <= rules.usual)]
        self.crowd[many] = True
        pairs = np.flatnonzero(np.isin(self.device[: self.pairs.count], many) & (self.row[: self.pairs.count] >= 0))
        return self.row[pairs], self.new[self.device[pairs]]

    def _close(self, block: int) -> None:
        """Keep the counts of the block at hand, and begin another."""
        if self.devices.count:
            used = np.flatnonzero(self.devices.keys)
            used = used[~self.crowd[self.devices.numbers[used]]]
            used = used[np.argsort(self.devices.keys[used])]
            if len(used):
                self.past.append((self.devices.keys[used], self.new[self.devices.numbers[used]]))
        self.past = self.past[-BLOCKS:]
        self.block, self.pairs, self.devices = block, Index(), Index()
        self.new[:], self.all[:], self.crowd[:] = 0, 0, False
