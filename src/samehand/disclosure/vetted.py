"""The vetted tier: what somebody who is named gets under an agreement, and what even they do not.

They get the operation as it was: ids of its accounts and posts, texts, and times to the second. Whoever is no part of it stays
hashed under the keys of this release, in texts too (`samehand.disclosure.scrubbing`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from samehand.casework import SigningKey
from samehand.errors import UsageError

__all__ = ["HANDLING", "Tier", "Vetted", "handling_of", "new_mark"]

HANDLING: Final = "NOT-TO-BE-PUBLISHED.txt"
LONGEST: Final = 200


@dataclass(frozen=True)
class Vetted:
    """For whom a release is that is not public.

    Attributes:
        recipient: by name; an agreement with them is there. second: whose key signs it beside its maker's.

    """

    recipient: str
    second: SigningKey

    def __post_init__(self) -> None:
        if not self.recipient.strip() or not self.recipient.isprintable() or len(self.recipient) > LONGEST:
            raise UsageError(f"a recipient is a name in one line, of {LONGEST} letters at most")


@dataclass(frozen=True)
class Tier:
    """What a release says of its tier: public, or vetted with its recipient and its mark."""

    recipient: str | None = None
    mark: str | None = None

    @property
    def name(self) -> str:
        """`public` or `vetted`."""
        return "public" if self.recipient is None else "vetted"


def new_mark() -> str:
    """What tells one copy from another: 16 letters that are in no other release."""
    return secrets.token_hex(8)


def handling_of(tier: Tier) -> str | None:
    """How whoever has it keeps it; None of a public release."""
    if tier.recipient is None:
        return None
    return (
        f"Given to {tier.recipient} under an agreement, and to nobody else. Not to be published or passed on. "
        f"Mark {tier.mark}: it is in no other copy. Rows that are taken back later are removed when the correction comes."
    )
