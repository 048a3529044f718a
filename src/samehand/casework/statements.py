"""What is signed, as bytes: one way of writing each statement, so that a signature is good for it and for nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

__all__ = ["Statement", "canonical", "digest"]


def canonical(value: Any) -> bytes:
    """JSON with keys in order and no spaces, UTF-8: the same value is always the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


@dataclass(frozen=True)
class Statement:
    """What somebody says and signs.

    Attributes:
        purpose: what kind of statement it is; a signature under one purpose is none under another.
        store_id: the store it is made in, and good for.
        body: what is said, as plain values of JSON.

    """

    purpose: str
    store_id: str
    body: dict[str, Any]

    @property
    def signed(self) -> bytes:
        """The bytes that are signed."""
        return b"samehand statement 1\n" + canonical(
            {"purpose": self.purpose, "store": self.store_id, "body": self.body}
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes that are signed, in hex."""
        return hashlib.sha256(self.signed).hexdigest()
