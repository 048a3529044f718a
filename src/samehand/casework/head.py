"""The head of the log, signed, outside the store: what shows that its end was cut off, or all of it written anew.

A file of heads has one JSON object a line: store, number and hash of the last entry, when, who signed, their public key, and
the signature. It is only ever added to. Whoever holds the store but not this file can undo only what was entered after its
last line: that window is what `Heads.open_entries` counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from samehand.casework.audit import Break, Verification, head_of, verify
from samehand.casework.keys import SigningKey, is_signed_by
from samehand.casework.roster import Roster, read_roster
from samehand.casework.statements import Statement
from samehand.errors import FormatError, JobError, NotFoundError, UsageError
from samehand.store import Store, micros

__all__ = ["Heads", "add_head", "sign_head", "verify_with_heads", "write_head"]

PARTS = {"store": str, "number": int, "hash": str, "at": int, "by": str, "public": str, "signature": str}


@dataclass(frozen=True)
class Heads:
    """What a look at the log beside a file of heads found.

    Attributes:
        verification: of the log, the heads among what it was held against.
        heads: lines of the file. open_entries: entries after the last of them, whose loss nothing would show.

    """

    verification: Verification
    heads: int
    open_entries: int


def _statement(store_id: str, number: int, last: str, at_us: int, by: str) -> Statement:
    return Statement("audit.head", store_id, {"number": number, "hash": last, "at": at_us, "by": by})


def sign_head(store: Store, key: SigningKey, at: datetime) -> dict[str, Any]:
    """Sign the log's head.

    Args:
        store: whose log.
        key: the service's, or a lead's.
        at: now.

    Returns:
        A line of a file of heads.

    Raises:
        UsageError: the key's holder may not.

    """
    with store.reading() as session:
        roster = read_roster(session, store.store_id)
        if not (roster.who(key.name).may("ladder") or roster.who(key.name).may("policy")):
            raise UsageError(f"{key.name} may not sign heads of the log; the service or a lead does")
        roster.holder(key, "view")
        number, last = head_of(session)
    statement = _statement(store.store_id, number, last, micros(at), key.name)
    return {"store": store.store_id, **statement.body, "public": key.public, "signature": key.sign(statement)}


def add_head(path: Path, line: Mapping[str, Any]) -> None:
    """Add a head to a file outside the store, which is made if it is not there.

    Raises:
        NotFoundError: the file's folder is not there. JobError: it cannot be written.

    """
    if not path.parent.is_dir():
        raise NotFoundError(f"{path.parent}: there is no such folder for the heads")
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise JobError(f"{path} cannot be written ({error.strerror}): the head of the log did not leave") from error


def write_head(store: Store, key: SigningKey, path: Path, at: datetime) -> int:
    """Sign the log's head and add it to a file; the number of the last entry.

    Raises:
        As in `sign_head` and `add_head`.

    """
    line = sign_head(store, key, at)
    add_head(path, line)
    return int(line["number"])


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file of heads; `samehand audit head` writes one")
    try:
        texts = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no file of heads: it is no text in UTF-8") from error
    out = []
    for number, text in enumerate(texts, start=1):
        try:
            line = json.loads(text)
            ok = isinstance(line, dict) and all(type(line.get(name)) is kind for name, kind in PARTS.items())
        except ValueError:
            ok = False
        if not ok:
            raise FormatError(f"{path}, line {number}: it is no head of a log")
        out.append(line)
    return out


def _wrong(line: dict[str, Any], store: Store, roster: Roster, before: int) -> str:
    """What is wrong with a head; "" where it is good."""
    if line["store"] != store.store_id:
        return f"it is of another store ({line['store']})"
    statement = _statement(store.store_id, line["number"], line["hash"], line["at"], line["by"])
    if not is_signed_by(line["public"], statement, line["signature"]):
        return "its signature is not good"
    if line["by"] not in roster.people or roster.people[line["by"]].public != line["public"]:
        return f"the roster has another key for {line['by']}, or none: it is not the roster under which it was signed"
    return "" if line["number"] >= before else "it names an earlier entry than the head before it"


def verify_with_heads(session: Session, store: Store, path: Path) -> Heads:
    """Go over the log, and hold it against each head that left the store.

    Raises:
        NotFoundError: there is no such file. FormatError: a line of it is no head.

    """
    lines, roster = _lines(path), read_roster(session, store.store_id)
    breaks, anchors, before = [], [], 0
    for place, line in enumerate(lines, start=1):
        if wrong := _wrong(line, store, roster, before):
            breaks.append(Break(line["number"], f"head {place} of {path.name}: {wrong}"))
            continue
        before = line["number"]
        if line["number"]:
            anchors.append((line["number"], line["hash"]))
    differ = [
        Break(number, "two signed heads name two different entries")
        for number in {n for n, _ in anchors} if len({last for n, last in anchors if n == number}) > 1
    ]  # fmt: skip
    found = verify(session, anchors)
    every = Verification(found.entries, found.hash, (*breaks, *differ, *found.breaks))
    return Heads(every, len(lines), max(0, found.entries - before))
