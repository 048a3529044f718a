"""Signing keys: each reviewer makes and holds one, sealed with a passphrase, in a file of their own; never in the store.

Signatures are Ed25519 (RFC 8032). A key file's seed is sealed with ChaCha20-Poly1305 (RFC 8439) under a key that scrypt
(RFC 7914) makes of the passphrase. The file also pins the stores that its holder has worked in: who were
their founders, and how long their rosters were.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from samehand.casework.statements import Statement
from samehand.errors import FormatError, InputError, NotFoundError, UsageError
from samehand.records import private_file

__all__ = ["SigningKey", "is_signed_by", "make_key", "read_key"]

FORMAT: Final = "samehand key 1"
LEAST_PASSPHRASE: Final = 12
SCRYPT_N: Final = 1 << 15
"""32 MiB and a tenth of a second for each guess."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,31}\Z")


@dataclass(frozen=True)
class SigningKey:
    """A key that is open, and can sign.

    Attributes:
        name: whose: a pseudonym, never a person's name. public: the public key, in hex.
        path: its file.

    """

    name: str
    public: str
    path: Path
    _private: Ed25519PrivateKey

    def sign(self, statement: Statement) -> str:
        """A signature, in hex."""
        return self._private.sign(statement.signed).hex()

    def pin(self, store_id: str, founders: str, statements: int) -> None:
        """Hold that a store was founded so, and has so many statements on its roster; from then on it has no fewer.

        Raises:
            InputError: it was founded otherwise when this key was last used there, or its roster was longer.

        """
        with _alone(self.path):
            held = json.loads(self.path.read_text("utf-8"))
            before, least = held["pinned"].get(store_id, (founders, 0))
            if statements < least:
                raise InputError(
                    f"the store's roster has {statements} statements, and {self.path} has known {least}: somebody took some "
                    "away; trust nothing in it before you know who"
                )
            if before != founders:
                raise InputError(
                    f"the store's founders are not those whom {self.path} has known; somebody has put others in their place: "
                    "trust nothing in it before you know who"
                )
            if held["pinned"].get(store_id) != [founders, statements]:
                held["pinned"][store_id] = (founders, statements)
                _write(self.path, held)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until nobody else writes a key file of this folder: two commands may be under way with one key."""
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def is_signed_by(public: str, statement: Statement, signature: str) -> bool:
    """Whether a signature is that key's, on that statement."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), statement.signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _sealing(passphrase: str, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(Scrypt(salt=salt, length=32, n=SCRYPT_N, r=8, p=1).derive(passphrase.encode()))


def _write(path: Path, held: dict[str, object]) -> None:
    """Put a key file in place whole, readable by its owner only."""
    private_file(path, json.dumps(held, indent=1))


def make_key(path: Path, name: str, passphrase: str) -> SigningKey:
    """Make a key, and a file that only its owner can read.

    Args:
        path: of the file, which must not be there yet.
        name: a pseudonym: small letters, digits, `-` and `_`, 2 to 32 of them.
        passphrase: 12 characters or more.

    Raises:
        UsageError: the name or the passphrase is none. InputError: the file is there already.

    """
    if not _NAME.match(name):
        raise UsageError(f"a reviewer goes by 2 to 32 small letters, digits, - and _, not {name!r}; take a pseudonym")
    if len(passphrase) < LEAST_PASSPHRASE:
        raise UsageError(f"a passphrase has {LEAST_PASSPHRASE} characters or more")
    if path.exists():
        raise InputError(f"{path} is there already; a key is never written over: choose another file")
    if not path.parent.is_dir():
        raise NotFoundError(f"{path.parent}: there is no such folder for the key")
    private, salt, nonce = Ed25519PrivateKey.generate(), secrets.token_bytes(16), secrets.token_bytes(12)
    public = private.public_key().public_bytes_raw().hex()
    sealed = _sealing(passphrase, salt).encrypt(nonce, private.private_bytes_raw(), f"{name} {public}".encode())
    _write(
        path,
        {"format": FORMAT, "name": name, "public": public, "salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex(),
         "pinned": {}},
    )  # fmt: skip
    return SigningKey(name, public, path, private)


def read_key(path: Path, passphrase: str) -> SigningKey:
    """Open a key file.

    Raises:
        NotFoundError: it is not there. FormatError: it is no key file. InputError: others than its owner may read it, or the
        passphrase is not its own.

    """
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such key file; `samehand case key` makes one")
    if path.stat().st_mode & 0o077:
        raise InputError(f"others than its owner may read {path}; run chmod 600 on it, and make a new key if they did")
    try:
        held = json.loads(path.read_text("utf-8"))
        if held["format"] != FORMAT:
            raise ValueError(held["format"])
        name, public = str(held["name"]), str(held["public"])
        salt, nonce, sealed = (bytes.fromhex(held[part]) for part in ("salt", "nonce", "sealed"))
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path} is no key file of samehand's") from error
    try:
        seed = _sealing(passphrase, salt).decrypt(nonce, sealed, f"{name} {public}".encode())
    except InvalidTag as error:
        raise InputError(f"the passphrase does not open {path}, or the file was changed") from error
    return SigningKey(name, public, path, Ed25519PrivateKey.from_private_bytes(seed))
