"""Small platforms by hand: people with lives of their own, and whoever is added to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from samehand.expansion import COLUMNS, Holdings, gather
from samehand.records import schema_of

START = datetime(2019, 6, 3, tzinfo=UTC)


def tables_of(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, pa.Table]:
    """Tables with what the rows say, `p` for the platform, the start for times and `original` for kinds of posts."""
    found = {}
    for name, columns in COLUMNS.items():
        schema = pa.schema([schema_of(name).field(column) for column in columns])
        usual = {"platform": "p", "posted_at": START, "kind": "original" if name == "posts" else "account"}
        columns_of = {
            field.name: pa.array([row.get(field.name, usual.get(field.name)) for row in rows.get(name, ())], field.type)
            for field in schema
        }
        found[name] = pa.table(columns_of, schema=schema)
    return found


def login(who: str, *, ip: str | None = None, device: str | None = None) -> dict[str, Any]:
    return {"asset_id": who, "ip": ip, "device_id": device}


def post(name: str, who: str, **said: Any) -> dict[str, Any]:
    minute = said.pop("minute", 0)
    return {"post_id": name, "asset_id": who, "posted_at": START + timedelta(minutes=minute), **said}


def crowd(people: int = 800) -> list[dict[str, Any]]:
    """Log-ins of people, each with a device; two share an address at home, fifty a carrier's."""
    rows = []
    for k in range(people):
        rows += [login(f"c{k}", ip=f"home{k // 2}", device=f"dev{k}"), login(f"c{k}", ip=f"carrier{k // 50}")]
    return rows


def hand(size: int = 12) -> list[dict[str, Any]]:
    """Log-ins of accounts moved by one hand: three devices and two addresses among them, and a carrier's."""
    rows = []
    for k in range(size):
        rows += [
            login(f"o{k}", ip=f"rented{k % 2}", device=f"tool{k % 3}"),
            login(f"o{k}", ip=f"rented{(k // 2) % 2}", device=f"tool{(k + 1) % 3}"),
            login(f"o{k}", ip="carrier0"),
        ]
    return rows


def holdings_of(**rows: Sequence[Mapping[str, Any]]) -> Holdings:
    return gather(tables_of(rows))


def number(holdings: Holdings, name: str) -> int:
    return int(holdings.ids.to_pylist().index(name))


def names(holdings: Holdings, assets: Sequence[int]) -> set[str]:
    return {str(holdings.ids[k].as_py()) for k in assets}
