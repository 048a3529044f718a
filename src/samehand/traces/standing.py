"""Traces that accounts leave without a post: addresses they come from, pages they run, whom they follow, names they bear."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.traces.model import Objects, Trace, one_object
from samehand.traces.voice import fold

__all__ = ["STANDING"]


def _flat(table: pa.Table, column: str) -> pa.Array[Any]:
    return table.column(column).combine_chunks() if table.num_rows else pa.array([], table.schema.field(column).type)


def _login(table: pa.Table) -> Objects:
    """The address and the device of each login, as two objects."""
    device = pc.binary_join_element_wise("device", _flat(table, "device_id"), ":")
    address = pc.binary_join_element_wise("ip", _flat(table, "ip"), ":")
    rows = np.repeat(np.arange(table.num_rows, dtype=np.int64), 2)
    order = np.arange(2 * table.num_rows).reshape(2, -1).T.ravel()
    keys = pa.concat_arrays([address, device]).take(pa.array(order)) if table.num_rows else address
    there = pc.is_valid(keys).to_numpy(zero_copy_only=False)
    missing = int((~there).sum())
    return Objects(rows[there], keys.filter(pa.array(there)), {"no address, or no device": missing} if missing else {})


def _related(table: pa.Table, roles: list[str], missing: str) -> Objects:
    mine = pc.is_in(_flat(table, "role"), value_set=pa.array(roles))
    dated = pc.and_(mine, pc.is_valid(_flat(table, "since")))
    return one_object(pc.if_else(dated, _flat(table, "target_id"), None), missing=missing)


def _follow(table: pa.Table) -> Objects:
    return _related(table, ["follower", "member"], "no follower or member, or no date")


def _admin(table: pa.Table) -> Objects:
    return _related(table, ["admin", "moderator"], "no admin or moderator, or no date")


def _handle(table: pa.Table) -> Objects:
    mine = pc.equal(_flat(table, "field"), "handle")
    coded = pc.if_else(mine, _flat(table, "value"), None).dictionary_encode()
    folded = pa.array([fold(name.strip().lstrip("@")) for name in coded.dictionary.to_pylist()], pa.string())
    return one_object(folded.take(coded.indices), missing="another field, or empty")


STANDING: Final = (
    Trace(
        "login",
        "logged in from the same address or device",
        ("ip", "device_id"),
        _login,
        (({"ip": "192.0.2.7"}, "ip:192.0.2.7"), ({"device_id": "d1"}, "device:d1"), ({"ip": None}, None)),
        table="logins",
        time="at",
        fused=False,
    ),
    Trace(
        "follow",
        "began to follow or joined the same",
        ("role", "target_id", "since"),
        _follow,
        (
            ({"role": "follower", "target_id": "9", "since": "2019-06-03"}, "9"),
            ({"role": "admin", "target_id": "9", "since": "2019-06-03"}, None),
            ({"role": "follower", "target_id": "9", "since": None}, None),
        ),
        table="relations",
        time="since",
        fused=False,
        of_platform=True,
    ),
    Trace(
        "admin",
        "began to run the same page or group",
        ("role", "target_id", "since"),
        _admin,
        (
            ({"role": "admin", "target_id": "9", "since": "2019-06-03"}, "9"),
            ({"role": "member", "target_id": "9", "since": "2019-06-03"}, None),
        ),
        table="relations",
        time="since",
        fused=False,
        of_platform=True,
    ),
    Trace(
        "handle",
        "bore the same handle",
        ("field", "value"),
        _handle,
        (
            ({"field": "handle", "value": "@Velor"}, "velor"),
            ({"field": "bio", "value": "velor"}, None),
        ),
        table="asset_history",
        time="at",
        fused=False,
    ),
)
"""Traces of the tables `logins`, `relations` and `asset_history`."""
