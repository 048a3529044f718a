"""Ads in bulk: a table of those that stand now, in CSV, JSONL or Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import pyarrow as pa

from samehand.advertising.repository import AdVersion
from samehand.records import TIME

__all__ = ["AD_COLUMNS", "ads_table"]

TEXT, LIST = pa.string(), pa.list_(pa.string())
AD_COLUMNS: Final = pa.schema([
    ("platform", TEXT), ("ad_id", TEXT), ("version", pa.int64()), ("recorded_at", TIME), ("status", TEXT),
    ("advertiser_id", TEXT), ("advertiser", TEXT), ("page", TEXT), ("beneficiary", TEXT), ("payer", TEXT), ("agency", TEXT),
    ("text", TEXT), ("media_hashes", LIST), ("language", TEXT), ("landing_url", TEXT), ("subject", TEXT),
    ("political", pa.bool_()), ("commercial", pa.bool_()), ("first_shown", TIME), ("last_shown", TIME), ("countries", LIST),
    ("targeted", LIST), ("excluded", LIST), ("reach", pa.int64()), ("reach_by_country", TEXT), ("impressions_min", pa.int64()),
    ("impressions_max", pa.int64()), ("clicks", pa.int64()), ("spend_min", pa.float64()), ("spend_max", pa.float64()),
    ("currency", TEXT), ("decision", TEXT), ("ground", TEXT), ("policy", TEXT), ("entity_id", TEXT), ("label", TEXT),
    ("code", TEXT), ("path", LIST), ("sources", LIST), ("decided_on", TEXT), ("decided_at", TIME), ("removal", TEXT),
    ("hash", TEXT),
])  # fmt: skip
"""A row an ad, as it stands now; null where the platform does not tell. `reach_by_country` is a JSON object."""


def ads_table(versions: Iterable[AdVersion]) -> pa.Table:
    """Ads as a table with the columns of `AD_COLUMNS`."""
    return pa.Table.from_pylist([_row(one) for one in versions], AD_COLUMNS)


def _row(one: AdVersion) -> dict[str, Any]:
    held = asdict(one.record)
    reached = held.pop("reach_by_country")
    told = {name: value if value != "" else None for name, value in held.items()}
    return {
        **{name: list(value) if isinstance(value, tuple) else value for name, value in told.items()},
        "reach_by_country": json.dumps(reached, sort_keys=True) if reached else None,
        "version": one.version, "recorded_at": one.recorded_at, "hash": one.hash,
    }  # fmt: skip
