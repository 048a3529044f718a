"""Identifiers that two partners compare without showing them: keyed hashes of what nobody can guess.

A hash under a key that both hold hides a value only from those without the key, and from the partner only where there are too
many values to try: a device's id, a picture's hash, an id of 96 random bits. An address, a telephone number, the shape of an
e-mail or an account's number on a platform that counts them can be tried one after the other, so only values are hashed
that have a form of random ones: numbers of 80 bits or more in hex, UUIDs, DIDs of the PLC directory, base64. A hash of
something that can be guessed has such a form, too, and can be guessed as well: its owner is not to hand that in. What matches
is a lead.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.records import private_file

__all__ = ["HASHED_KINDS", "HashedKind", "Hashes", "hashes_of", "make_exchange_key", "read_exchange_key"]

HashedKind = Literal["device", "media_hash", "avatar_hash", "account"]
HASHED_KINDS: Final[tuple[HashedKind, ...]] = get_args(HashedKind)
NEVER: Final = ("ip", "phone", "phone_prefix", "email", "email_domain", "email_pattern")
LEAST_BITS: Final = 80.0
"""Beyond what anybody tries: 2^80 hashes."""
KEY_BYTES: Final = 32
FORMS: Final = tuple(
    re.compile(one)
    for one in (
        r"(?:[a-z0-9]+:){0,2}[0-9a-fA-F]{20,512}", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        r"did:plc:[a-z2-7]{24}", r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9+/_-]{22,512}={0,2}",
    )
)  # fmt: skip
"""What random values look like: hex under a prefix, a UUID, a DID, base64."""
ALPHABETS: Final = ((re.compile(r"^[0-9]+$"), 10), (re.compile(r"^[0-9a-f-]+$"), 16), (re.compile(r"^[a-z2-7]+$"), 32))


@dataclass(frozen=True)
class Hashes:
    """Keyed hashes of values.

    Attributes:
        values: hash -> value; what is handed over is the hashes alone. refused: reason -> how many values.

    """

    values: dict[str, str]
    refused: dict[str, int]


def bits_of(value: str) -> float:
    """How many bits it takes at least to guess a value: of its alphabet and length, and of how it repeats itself."""
    body = value.split(":")[-1].lower()
    letters = next((size for pattern, size in ALPHABETS if pattern.fullmatch(body)), 36)
    counts = Counter(body)
    spread = -sum(count / len(body) * math.log2(count / len(body)) for count in counts.values()) if body else 0.0
    return len(body.replace("-", "")) * min(math.log2(letters), spread)


def hashes_of(kind: HashedKind | str, values: Iterable[str], key: bytes) -> Hashes:
    """Keyed hashes of values of a kind (HMAC-SHA-256), those left out that could be tried one after the other, or look so.

    Args:
        kind: of `HASHED_KINDS`. values: as both partners write them. key: that both hold.

    Raises:
        UsageError: the kind can be guessed: whoever holds the key would try all of them.

    """
    if kind in NEVER:
        raise UsageError(f"{kind} is never exchanged as a hash: whoever holds the key tries all there are")
    if kind not in HASHED_KINDS:
        raise UsageError(f"hashes are of {', '.join(HASHED_KINDS)}, not of {kind}")
    found: dict[str, str] = {}
    refused: Counter[str] = Counter()
    for value in values:
        if bits_of(value) < LEAST_BITS:
            refused["it could be guessed"] += 1
        elif not any(form.fullmatch(value) for form in FORMS):
            refused["it has no form of a random value: hex, a UUID, a DID, base64"] += 1
        else:
            found[hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()] = value
    return Hashes(found, dict(refused))


def make_exchange_key(path: Path) -> None:
    """Make a key for two partners, in a file that only its owner reads.

    Raises:
        UsageError: there is such a file.

    """
    if path.exists():
        raise UsageError(f"{path} is there already; a key is not written over")
    private_file(path, secrets.token_hex(KEY_BYTES) + "\n")


def read_exchange_key(path: Path) -> bytes:
    """The key in a file.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no key.

    """
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file")
    text = path.read_text("ascii", "replace").strip()
    if not re.fullmatch(f"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
        raise FormatError(f"{path} is no key of `samehand tip key`: it has {KEY_BYTES} bytes in hex")
    return bytes.fromhex(text)
