"""Fields that get lost, at the same rate for everybody, and columns that a platform does not hand over."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation.signups.rows import Array, Rows
from samehand.simulation.signups.stage import Stage

__all__ = ["COLUMN_FIELDS", "Lost", "lose"]

Lost = dict[str, Array]
COLUMN_FIELDS: Final = {
    "ip": ("ip",), "asn": ("asn",), "country": ("country",), "net_type": ("net",), "device_id": ("device",),
    "email_domain": ("domain",), "email_pattern": ("mail",), "phone_prefix": ("phone",),
    "phone_country": ("phone_country",), "username": ("handle",), "display_name": ("display", "badge"),
    "avatar_hash": ("avatar",), "locale": ("locale",), "timezone": ("zone",), "referrer": ("referrer",),
    "flow_ms": ("flow_ms",),
}  # fmt: skip
"""Columns and the fields they are made of; a client's three columns get lost each for itself."""
_CLIENT: Final = ("user_agent", "os_version", "app_version")


def lose(stage: Stage, rng: np.random.Generator, rows: Rows) -> Lost:
    """Lose fields in place; what is lost of a client's columns is returned, True where it is."""
    count, withheld = len(rows), set(stage.parameters.withheld)
    rates = dict(stage.missing)
    lost: Lost = {}
    for column in (*COLUMN_FIELDS, *_CLIENT):
        rate = 1.0 if column in withheld else rates.get(column, 0.0)
        gone = rng.random(count, dtype=np.float32) < rate
        if column in _CLIENT:
            lost[column] = gone
        for name in COLUMN_FIELDS.get(column, ()):
            getattr(rows, name)[gone] = 0 if name == "display" else -1
    return lost
