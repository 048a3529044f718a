"""What accounts hold in common with whom: devices and addresses of log-ins, administrators, accounts they follow."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import Column

__all__ = ["SharedKeys", "admin_keys", "followed_keys", "login_keys"]

I8 = npt.NDArray[np.int8]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

LOGIN_KINDS: Final = ("address", "network", "device", "user agent")
ADMIN_KINDS: Final = ("administrator", "administered asset")
_COLUMN_OF: Final = {"address": "ip", "network": "ip", "device": "device_id", "user agent": "user_agent"}


@dataclass(frozen=True)
class SharedKeys:
    """Which account has which key, each pair once.

    Attributes:
        start: int64[accounts + 1]; key: int32[pairs], the keys of account a are `key[start[a]:start[a + 1]]`, ascending.
        users: int32[keys], how many have the key, those that are no account of the data too.
        kind: int8[keys], place in `kinds`.
        kinds: what a key can be.
        names: string array, each key as `platform:asset_id` where it is an asset; null for keys of log-ins.

    """

    start: I64
    key: I32
    users: I32
    kind: I8
    kinds: tuple[str, ...]
    names: Column


@dataclass(frozen=True)
class _Pairs:
    """(holder, key) of one kind, as texts."""

    holder: Column
    key: Column
    kind: int


def _indexed(pairs: list[_Pairs], accounts: Column, kinds: tuple[str, ...], *, named: bool) -> SharedKeys | None:
    """Number holders and keys and keep each pair once; None where there is no pair."""
    holder = pa.concat_arrays([p.holder for p in pairs])
    both = pc.and_(pc.is_valid(holder), pc.is_valid(pa.concat_arrays([p.key for p in pairs])))
    kind = np.repeat(np.arange(len(pairs)), [len(p.key) for p in pairs])
    there = both.to_numpy(zero_copy_only=False)
    if not there.any():
        return None
    marked = [pc.binary_join_element_wise(str(p.kind), p.key, ":") for p in pairs]
    key = pa.concat_arrays(marked).filter(both).dictionary_encode()
    order = pc.sort_indices(key.dictionary).to_numpy()  # rows come in any order, and no number may depend on it
    words = key.dictionary.take(pa.array(order))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    code = rank[key.indices.to_numpy()]
    who = holder.filter(both).dictionary_encode()
    wide = np.unique(who.indices.to_numpy().astype(np.int64) * len(words) + code)
    someone, code_of = wide // len(words), (wide % len(words)).astype(np.int32)
    users = np.bincount(code_of, minlength=len(words)).astype(np.int32)
    number = pc.fill_null(pc.index_in(who.dictionary, value_set=accounts), -1).to_numpy(zero_copy_only=False)[someone]
    mine = np.flatnonzero(number >= 0)
    mine = mine[np.lexsort((code_of[mine], number[mine]))]
    kind_of = np.zeros(len(users), np.int8)
    kind_of[code] = kind[there]
    start = np.zeros(len(accounts) + 1, np.int64)
    start[1:] = np.cumsum(np.bincount(number[mine], minlength=len(accounts)))
    names = pc.utf8_slice_codeunits(words, 2) if named else pa.nulls(len(users), pa.string())
    return SharedKeys(start, code_of[mine], users, kind_of, kinds, names)


def _joined(table: pa.Table, first: str, second: str) -> Column:
    parts = [pa.concat_arrays(table.column(name).cast(pa.string()).chunks) for name in (first, second)]
    return pc.binary_join_element_wise(*parts, ":")


def _network_of(address: str) -> str | None:
    """The /24 or /48 of a well-formed address, the one thing about an address that is not opaque."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


def _networks(addresses: Column) -> Column:
    coded = addresses.dictionary_encode()
    found = [None if value is None else _network_of(value) for value in coded.dictionary.to_pylist()]
    return pa.array(found, pa.string()).take(coded.indices)


def login_keys(logins: pa.Table | None, accounts: Column) -> SharedKeys | None:
    """Addresses, networks, devices and user agents by account; None where no log-in was supplied."""
    if logins is None or not logins.num_rows:
        return None
    holder, pairs = _joined(logins, "platform", "asset_id"), []
    for number, kind in enumerate(LOGIN_KINDS):
        if (name := _COLUMN_OF[kind]) in logins.column_names:
            column: Any = pa.concat_arrays(logins.column(name).cast(pa.string()).chunks)
            pairs.append(_Pairs(holder, _networks(column) if kind == "network" else column, number))
    return _indexed(pairs, accounts, LOGIN_KINDS, named=False) if pairs else None


def _role(relations: pa.Table | None, role: str) -> pa.Table | None:
    if relations is None or not relations.num_rows:
        return None
    found = relations.filter(pc.equal(relations.column("role"), role))
    return found if found.num_rows else None


def admin_keys(relations: pa.Table | None, accounts: Column) -> SharedKeys | None:
    """Who administers each account, and what each account administers; None where nobody administers anything."""
    rows = _role(relations, "admin")
    if rows is None:
        return None
    admin, target = _joined(rows, "platform", "asset_id"), _joined(rows, "platform", "target_id")
    return _indexed([_Pairs(target, admin, 0), _Pairs(admin, target, 1)], accounts, ADMIN_KINDS, named=True)


def followed_keys(relations: pa.Table | None, accounts: Column) -> SharedKeys | None:
    """Whom each account follows; None where no follower was supplied."""
    rows = _role(relations, "follower")
    if rows is None:
        return None
    holder, target = _joined(rows, "platform", "asset_id"), _joined(rows, "platform", "target_id")
    return _indexed([_Pairs(holder, target, 0)], accounts, ("followed account",), named=True)
