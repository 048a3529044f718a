"""Sign-ups as numbers: one array a field, codes instead of texts, -1 where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["FIELDS", "ROLES", "Array", "Rows"]

Array: TypeAlias = npt.NDArray[Any]
ROLES: Final = ("genuine", "spam", "operation")
FIELDS: Final[dict[str, Any]] = {
    "at_s": np.float64,
    "home": np.int16,
    "country": np.int16,
    "ip": np.int64,
    "asn": np.int32,
    "net": np.int8,
    "client": np.int32,
    "device": np.int64,
    "domain": np.int32,
    "mail": np.int16,
    "phone": np.int64,
    "phone_country": np.int16,
    "handle": np.int16,
    "given": np.int32,
    "family": np.int32,
    "word": np.int32,
    "digits": np.int64,
    "display": np.int8,
    "badge": np.int32,
    "avatar": np.int64,
    "locale": np.int16,
    "zone": np.int16,
    "referrer": np.int32,
    "flow_ms": np.int32,
    "role": np.int8,
    "team": np.int16,
    "level": np.int8,
    "regime": np.int8,
    "scenario": np.int8,
    "signals": np.int8,
    "first_post_s": np.float64,
}
"""Each field and its type. `home` is where the person lives, which no column tells; the last seven are the truth."""


@dataclass
class Rows:
    """Sign-ups, one entry a field and account.

    Codes are indices into the tables of the stage; `ip` is an address as `networks` packs it; `digits` are nine digits of
    which a handle takes the last ones; `at_s` and `first_post_s` are seconds from the world's start (NaN is never).
    """

    at_s: Array
    home: Array
    country: Array
    ip: Array
    asn: Array
    net: Array
    client: Array
    device: Array
    domain: Array
    mail: Array
    phone: Array
    phone_country: Array
    handle: Array
    given: Array
    family: Array
    word: Array
    digits: Array
    display: Array
    badge: Array
    avatar: Array
    locale: Array
    zone: Array
    referrer: Array
    flow_ms: Array
    role: Array
    team: Array
    level: Array
    regime: Array
    scenario: Array
    signals: Array
    first_post_s: Array

    def __post_init__(self) -> None:
        """Hold each field in its own type."""
        for item in fields(self):
            setattr(self, item.name, np.asarray(getattr(self, item.name)).astype(FIELDS[item.name], copy=False))

    def __len__(self) -> int:
        return len(self.at_s)

    def taken(self, where: Array | slice) -> Rows:
        """The rows at these places."""
        return Rows(**{name: getattr(self, name)[where] for name in FIELDS})

    def copied(self, where: Array, source: Array, *names: str) -> None:
        """Give rows what other rows have in these fields, in place."""
        for name in names:
            getattr(self, name)[where] = getattr(self, name)[source]

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """All parts one after the other; their own arrays are let go."""
        whole = {}
        for name in FIELDS:
            whole[name] = np.concatenate([getattr(part, name) for part in parts])
            for part in parts:
                setattr(part, name, None)
        return cls(**whole)
