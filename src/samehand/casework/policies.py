"""Which version of a policy decisions may cite: one that two persons signed, and that is in force on the day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append
from samehand.casework.keys import SigningKey, is_signed_by
from samehand.casework.roster import Roster, read_roster
from samehand.casework.statements import Statement
from samehand.casework.tables import PolicyRow
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.policy import Pack, SignupPolicy, lint_pack, parse_pack
from samehand.store import Store

__all__ = ["LADDER", "adopt", "adopt_ladder", "in_force", "policy_digest", "retire", "signers_of"]

PURPOSE: Final = "policy"
LADDER: Final = "ladder"
"""The pack of the policies of sign-ups, under which the ladder's steps run."""
PERSONS: Final = 2


def policy_digest(text: str) -> str:
    """What a policy's text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def _statement(store_id: str, pack: str, version: str, text: str) -> Statement:
    return Statement(PURPOSE, store_id, {"pack": pack, "version": version, "policy": policy_digest(text)})


def signers_of(roster: Roster, row: PolicyRow) -> list[str]:
    """Who signed a policy, of those who may, and whose signature is good."""
    statement = _statement(roster.store_id, row.pack, row.version, row.text)
    signatures: Mapping[str, str] = json.loads(row.signatures)
    return [
        name for name, signature in sorted(signatures.items())
        if name in roster.people and roster.people[name].may("policy")
        and is_signed_by(roster.people[name].public, statement, signature)
    ]  # fmt: skip


def adopt(store: Store, pack: Pack, by: SigningKey, at: datetime) -> tuple[str, ...]:
    """Sign a version of a policy; the second person to do so puts it in force.

    Args:
        store: of the cases.
        pack: the version.
        by: who signs.
        at: now.

    Returns:
        Who has signed it by now.

    Raises:
        UsageError: it is not sound (`lint_pack`), or `by` may not, or has signed it. InputError: the store holds another text
        under that version.

    """
    if wrong := lint_pack(pack):
        raise UsageError(f"{pack.version} is not sound: {'; '.join(wrong)}")
    return _sign(store, pack.pack, pack.version, pack.text, by, at)


def adopt_ladder(store: Store, policy: SignupPolicy, by: SigningKey, at: datetime) -> tuple[str, ...]:
    """Sign a version of the policy of sign-ups; when two have, the service may take its steps up to `limit`.

    Args, returns and errors:
        As in `adopt`.

    """
    return _sign(store, LADDER, policy.version, json.dumps(asdict(policy), indent=1, sort_keys=True), by, at)


def _sign(store: Store, pack: str, version: str, text: str, by: SigningKey, at: datetime) -> tuple[str, ...]:
    with store.writing() as session:
        roster = read_roster(session, store.store_id)
        roster.holder(by, "policy")
        row = session.get(PolicyRow, version, with_for_update=True)
        if row is None:
            row = PolicyRow(version=version, pack=pack, text=text, signatures="{}", added_at=at)
            session.add(row)
        if (row.text, row.pack) != (text, pack):
            raise InputError(f"the store holds another text as {version}; a policy that changes gets a new version")
        if row.retired_at is not None:
            raise UsageError(f"{version} was retired; a policy that comes back gets a new version")
        signatures = json.loads(row.signatures)
        if by.name in signatures:
            raise UsageError(f"{by.name} has signed {version}; it takes another person")
        signatures[by.name] = by.sign(_statement(store.store_id, row.pack, row.version, row.text))
        row.signatures = json.dumps(signatures)
        session.flush()
        signers = signers_of(roster, row)
        body = {"version": row.version, "policy": policy_digest(row.text), "signed": signers}
        append(session, at, [Entry("policy.signed", by.name, body)])
        return tuple(signers)


def retire(store: Store, version: str, by: SigningKey, at: datetime) -> None:
    """Take a version out of force; what was decided under it stays.

    Raises:
        NotFoundError: the store has no such version. UsageError: `by` may not.

    """
    with store.writing() as session:
        read_roster(session, store.store_id).holder(by, "policy")
        row = session.get(PolicyRow, version, with_for_update=True)
        if row is None:
            raise NotFoundError(f"the store has no policy {version}")
        row.retired_at = at
        append(session, at, [Entry("policy.retired", by.name, {"version": version})])


def in_force(session: Session, roster: Roster, pack: str, on: date) -> Pack:
    """The version of a policy that decisions of a day cite: signed by two, not retired, in force; the newest of these.

    Raises:
        NotFoundError: there is none.

    """
    rows = session.scalars(
        select(PolicyRow)
        .where(PolicyRow.pack == pack, PolicyRow.retired_at.is_(None))
        .order_by(PolicyRow.added_at.desc())
    )
    for row in rows:
        read = parse_pack(row.text, row.version)
        if read.is_in_force(on) and len(signers_of(roster, row)) >= PERSONS:
            return read
    raise NotFoundError(
        f"no version of {pack} is in force on {on} and signed by two persons; they sign it: samehand case policy sign"
    )
