"""Ids as a release shows them: keyed hashes under a key of this release and of this kind of id, or the id itself.

Whoever holds an outside crawl cannot join it to the release by an id, nor two releases to each other. The keys are made for one
release and are not part of it; they are destroyed, or kept apart for who may see the ids. A hash without a key would hide
nothing: all ids of a platform are tried in an hour.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

__all__ = ["ID_KINDS", "IdKind", "ReleaseKeys"]

IdKind = Literal["account", "post", "mention", "group"]
ID_KINDS: Final[tuple[IdKind, ...]] = get_args(IdKind)
KEY_BYTES: Final = 32
LETTERS: Final = string.digits + string.ascii_letters
LENGTH: Final = 43
"""As many of these 62 letters as 256 bits take."""


@dataclass(frozen=True)
class ReleaseKeys:
    """The keys of one release, one a kind of id, so that an account's hash is not that of a post of the same number."""

    keys: Mapping[IdKind, bytes]

    @classmethod
    def make(cls) -> ReleaseKeys:
        """New ones, from the system's random source."""
        return cls({kind: secrets.token_bytes(KEY_BYTES) for kind in ID_KINDS})

    @classmethod
    def of(cls, seed: bytes) -> ReleaseKeys:
        """Those that follow from a seed: for a replay that has to repeat, never for a release of real people."""
        return cls({kind: hmac.new(seed, kind.encode(), hashlib.sha256).digest() for kind in ID_KINDS})

    def hashed(self, kind: IdKind, platform: str, value: str) -> str:
        """An id as the release shows it: 43 letters and digits that say nothing of it.

        Nothing else is in it: a spreadsheet would run what begins with a hyphen, and nothing splits it into words.
        """
        digest = hmac.new(
            self.keys[kind], f"{platform}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256
        ).digest()
        number, shown = int.from_bytes(digest), []
        for _ in range(LENGTH):
            number, letter = divmod(number, len(LETTERS))
            shown.append(LETTERS[letter])
        return "".join(shown)
