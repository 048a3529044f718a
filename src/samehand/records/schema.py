"""The tables of a dataset and of a run: their columns, types and which of them may be null.

Every time is `timestamp[us, UTC]`, every id a string. A column is declared once, here; readers, writers, simulation and
reports ask for it by name.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from samehand.errors import NotFoundError

__all__ = [
    "DATASET_TABLES",
    "KEYS",
    "POST_KINDS",
    "RUN_TABLES",
    "SCHEMA_VERSION",
    "TIME",
    "empty_table",
    "required_columns",
    "schema_of",
]

SCHEMA_VERSION: Final = 1
TIME: Final = pa.timestamp("us", tz="UTC")
POST_KINDS: Final = ("original", "repost", "reply", "quote")

_STRINGS: Final = pa.list_(pa.string())
_TYPES: Final[dict[str, pa.DataType]] = {
    "time": TIME,
    "text": pa.string(),
    "texts": _STRINGS,
    "int": pa.int64(),
    "real": pa.float64(),
    "flag": pa.bool_(),
}


def _schema(columns: str) -> pa.Schema:
    """Read `name:type` declarations; a trailing `*` says that the column is never null, no type means text."""
    fields: list[pa.Field[pa.DataType]] = []
    for word in columns.split():
        name, _, kind = word.rstrip("*").partition(":")
        fields.append(pa.field(name, _TYPES[kind or "text"], nullable=not word.endswith("*")))
    return pa.schema(fields)


DATASET_TABLES: Final[dict[str, pa.Schema]] = {
    "assets": _schema(
        "platform* asset_id* kind* handle display_name bio profile_url location language created_at:time "
        "followers:int following:int posts_count:int avatar_hash status"
    ),
    "asset_history": _schema("platform* asset_id* at:time* field* value"),
    "posts": _schema(
        "platform* post_id* asset_id* posted_at:time* kind* text language client ref_post_id ref_asset_id "
        "urls:texts hashtags:texts mentions:texts media_hashes:texts "
        "like_count:int repost_count:int reply_count:int deleted_at:time"
    ),
    "activities": _schema("platform* asset_id* trace* object_id* at:time* post_id"),
    "engagements": _schema("platform* asset_id* target_id* kind* at:time"),
    "relations": _schema("platform* asset_id* role* target_id* since:time until:time"),
    "logins": _schema("platform* asset_id* at:time* ip asn country net_type device_id user_agent"),
    "signups": _schema(
        "platform* asset_id* at:time* ip asn country net_type user_agent os_version app_version device_id "
        "email_domain email_pattern phone_prefix phone_country username display_name avatar_hash locale timezone "
        "referrer flow_ms:int"
    ),
    "media": _schema("platform* media_id* post_id asset_id path hash"),
    "labels": _schema("platform* asset_id* label* source* known_at:time*"),
    "events": _schema("platform* event_id* name host_id starts_at:time ends_at:time place interested:int going:int"),
    "advertisers": _schema(
        "platform* advertiser_id* legal_name payer beneficiary agency handle page_name country created_at:time"
    ),
    "ads": _schema(
        "platform* ad_id* advertiser_id* text landing_url media_hashes:texts starts_at:time ends_at:time "
        "target_countries:texts targeting impressions:int clicks:int spend:real currency recipients:int"
    ),
    "rejects": _schema("table* source* row:int* reason* raw"),
}
"""Tables of a dataset folder, each `NAME.parquet` (or a folder of parts), present even when empty."""

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "assets": ("platform", "asset_id"),
    "posts": ("platform", "post_id"),
    "media": ("platform", "media_id"),
    "events": ("platform", "event_id"),
    "advertisers": ("platform", "advertiser_id"),
    "ads": ("platform", "ad_id"),
}
"""What makes a row of a table one thing. A table that is not named is keyed by all of its columns."""

_EDGE: Final = "platform_a* asset_a* platform_b* asset_b* trace* window_s:int*"

RUN_TABLES: Final[dict[str, pa.Schema]] = {
    "edges": _schema(
        f"{_EDGE} shared_objects:int* co_activities:int* occasions:int* expected:real* p_value:real* q_value:real* "
        "bits:real* sampled:flag*"
    ),
    "receipts": _schema(f"{_EDGE} object_id* post_a post_b at_a:time* at_b:time* base_rate:real"),
    "networks": _schema(
        "network_id* size:int* p_value:real* q_value:real* coordinated* inauthentic* flagged:flag* explanation"
    ),
    "members": _schema("network_id* platform* asset_id* role* score:real*"),
    "findings": _schema(
        "network_id* asset_id finding* axis* value:real expected:real p_value:real independence_group* state* "
        "receipts:texts"
    ),
    "path": _schema(
        "network_id* platform* asset_id* step:int* attribute* object_id* from_platform from_asset_id to_platform* "
        "to_asset_id* holders:int* members:int* base_rate:real* nats:real* receipts:texts"
    ),
    "decisions": _schema(
        "platform* asset_id* at:time* decided_at:time* decision* score:real* p_value:real wave_id reasons:texts "
        "policy_version*"
    ),
}
"""Tables of a run folder, each `NAME.parquet`, present even when empty."""


def schema_of(table: str) -> pa.Schema:
    """The declared schema of a dataset's or a run's table.

    Raises:
        NotFoundError: no table bears that name.

    """
    found = DATASET_TABLES.get(table) or RUN_TABLES.get(table)
    if found is None:
        raise NotFoundError(f"there is no table '{table}'; tables are {', '.join([*DATASET_TABLES, *RUN_TABLES])}")
    return found


def required_columns(table: str) -> tuple[str, ...]:
    """The columns of a table that are never null, in declared order."""
    return tuple(field.name for field in schema_of(table) if not field.nullable)


def empty_table(table: str) -> pa.Table:
    """A table of no rows with the declared schema."""
    return schema_of(table).empty_table()
