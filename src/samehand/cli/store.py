"""What every command on the store shares: where it is, whose key signs, and how times and people are shown."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from samehand.casework import SigningKey, read_key
from samehand.errors import NotFoundError, UsageError

__all__ = [
    "NUMBER",
    "account_of",
    "existing",
    "now",
    "passphrase_for",
    "role_options",
    "signers",
    "signing",
    "store_option",
    "unlocked",
    "worker",
]

Command = TypeVar("Command", bound=Callable[..., Any])


NUMBER: Final = click.IntRange(0, (1 << 31) - 1)
"""A number of something in the store."""


def existing(where: str) -> str:
    """A store that has to be there already: a slip in its name would make an empty one, in which nothing counts.

    Raises:
        NotFoundError: it is a file that is not there.

    """
    path = where.removeprefix("sqlite:///")
    if "://" not in path and not Path(path).is_file():
        raise NotFoundError(f"{path}: there is no such store")
    return where


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def store_option(command: Command) -> Command:
    """`--store` and `--json`, which every command on the store takes."""
    command = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)
    return click.option(
        "--store", "where", envvar="SAMEHAND_STORE", default="samehand.sqlite", show_default=True,
        help="The store: the path of an SQLite file, or postgresql://USER@HOST:PORT/NAME; SAMEHAND_STORE says so too.",
    )(command)  # fmt: skip


def worker(command: Command) -> Command:
    """`--as`: who does it."""
    return click.option("--as", "by", required=True, metavar="NAME", help="Who does it, by their name on the roster.")(
        command
    )


def signing(command: Command) -> Command:
    """`--by`: whose key signs it."""
    return click.option(
        "--by", "key_file", type=click.Path(path_type=Path), required=True, metavar="KEY",
        help="The key file of who signs it. Its passphrase is asked for, or read from SAMEHAND_PASSPHRASE_NAME or "
        "SAMEHAND_PASSPHRASE.",
    )(command)  # fmt: skip


def signers(command: Command) -> Command:
    """`--by`, twice where it takes two: whose keys sign it."""
    return click.option(
        "--by", "key_files", type=click.Path(path_type=Path), required=True, multiple=True, metavar="KEY",
        help="A lead's key file; given twice, with another lead's, where somebody is let decide. Passphrases are asked for, or "
        "read from SAMEHAND_PASSPHRASE_NAME or SAMEHAND_PASSPHRASE.",
    )(command)  # fmt: skip


def role_options(command: Command) -> Command:
    """`--role`: whom a decision is about."""
    return click.option(
        "--role", "roles", multiple=True, type=click.Choice(["core", "amplifier"]), default=["core"], show_default=True,
        help="Whom it is about; may be given twice.",
    )(command)  # fmt: skip


def account_of(text: str) -> tuple[str, str]:
    """Platform and id of an account that is written `platform:asset id`.

    Raises:
        UsageError: it is written otherwise.

    """
    platform, colon, asset = text.partition(":")
    if not colon or not platform or not asset:
        raise UsageError(f"an account is written platform:asset id, not {text}")
    return platform, asset


def passphrase_for(name: str, *, new: bool = False) -> str:
    """The passphrase of somebody's key: from the environment, or asked for where a person sits.

    Raises:
        UsageError: it is in neither, and nobody can be asked.

    """
    own = f"SAMEHAND_PASSPHRASE_{name.upper().replace('-', '_')}"
    for variable in (own, "SAMEHAND_PASSPHRASE"):
        if variable in os.environ:
            return os.environ[variable]
    if not sys.stdin.isatty():
        raise UsageError(f"the passphrase of {name}'s key is needed: set {own}, or run this where it can be typed")
    typed = click.prompt(f"Passphrase of {name}'s key", hide_input=True, confirmation_prompt=new, err=True)
    return str(typed)


def unlocked(path: Path) -> SigningKey:
    """A key file, opened with its holder's passphrase."""
    try:
        name = str(json.loads(path.read_text("utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        name = path.stem  # what is wrong with the file, reading it says
    return read_key(path, passphrase_for(name) if path.is_file() else "")
