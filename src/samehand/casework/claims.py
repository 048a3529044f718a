"""Claims of attribution: versions that are signed, superseded and taken back, and never written over.

A version is what `samehand.attribution.draft_claim` makes of the case's evidence, frozen in what its maker signs. L5 a second
person signs too, by the hash of what was signed, as decisions are answered. A new version supersedes the one that stood when it
stands itself; what was given of the old one is then taken back from everybody who has it. That a version ended is in the log
and in the outbox (topic `claim.retracted`) in the same transaction, with who is owed the news.

An event of that topic has the case, the claim's number, version and level, why, and `superseded_by`, the version that takes its
place (None where none does).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from samehand.attribution import ClaimDraft, Level, borne, draft_claim, reach, weigh
from samehand.casework.audit import Entry, append
from samehand.casework.cases import Casework, check_text, is_text
from samehand.casework.claim_evidence import acts_together, bodies_of, evidence_held
from samehand.casework.keys import SigningKey, is_signed_by
from samehand.casework.roster import Roster
from samehand.casework.statements import Statement
from samehand.casework.tables import ClaimRecipientRow, ClaimRow
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.store import publish

__all__ = ["CLAIM_RETRACTED", "Claim", "ClaimState", "Claims", "claim_to_give"]

CLAIM_RETRACTED: Final = "claim.retracted"
TWO: Final = ("L5",)
"""Levels that take two persons."""
ClaimState = Literal["proposed", "standing", "superseded", "retracted"]


@dataclass(frozen=True)
class Claim:
    """A version of a case's claim.

    Attributes:
        claim_id, case_id, version, level, state: which. body: as `draft_claim` made it, and what it supersedes; {} where it
            was erased.
        made_by, made_at: who signed it first. signer, signed_at: the second person, where it takes two.
        ended_by, ended_at, why: who took it back or superseded it; None while it stands. digest: of what was signed.

    """

    claim_id: int
    case_id: int
    version: int
    level: Level
    state: ClaimState
    body: dict[str, Any]
    made_by: str
    made_at: datetime
    signer: str | None
    signed_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    why: str | None
    digest: str


class Claims:
    """The claims of a store.

    Args:
        casework: of the store.

    """

    def __init__(self, casework: Casework) -> None:
        self.casework, self.store = casework, casework.store

    def make(self, case_id: int, draft: ClaimDraft, key: SigningKey) -> Claim:
        """Make a version of a case's claim of its evidence as it is now, and sign it; below L5 it stands with that.

        Raises:
            NotFoundError: there is no such case. UsageError: the evidence does not allow it, a version waits for its second
            signature, or `key` may not. InputError: evidence or a network was changed past the log.

        """
        with self.store.writing() as session:
            self.casework.roster(session).holder(key, "propose")
            self.casework.held(session, case_id, key.name, "propose")
            before = _rows(session, case_id)
            if waiting := [row.version for row in before if row.state == "proposed"]:
                raise UsageError(
                    f"version {waiting[0]} of the claim of case {case_id} waits for a second signature; sign or retract it"
                )
            held = [one for one in evidence_held(session, case_id) if one.withdrawn_at is None]
            made = draft_claim([one.item for one in held], draft, coordinated=acts_together(session, case_id))
            numbers = [(one.evidence_id, one.digest) for one in held]
            for one, (number, told) in zip(made["evidence"], numbers, strict=True):
                one.update(evidence_id=number, digest=told)
            body = {
                **made, "case": case_id, "version": len(before) + 1, "nonce": secrets.token_hex(16),
                "supersedes": next((row.digest for row in before if row.state == "standing"), None),
            }  # fmt: skip
            if not is_text(json.dumps(body, ensure_ascii=False)):
                raise UsageError("a claim is text; what was said of it holds what no text holds")
            row = self._enter(session, body, key)
            if row.state == "standing":
                self._supersede(session, row, key.name)
            return _read(row)

    def _enter(self, session: Session, body: dict[str, Any], key: SigningKey) -> ClaimRow:
        statement = Statement("claim.make", self.store.store_id, body)
        row = ClaimRow(
            case_id=body["case"], version=body["version"], level=body["level"], made_by=key.name, made_at=self.casework.now(),
            state="proposed" if body["level"] in TWO else "standing", body=json.dumps(body), digest=statement.digest,
            signature=key.sign(statement), signer=None, signed_at=None, second_signature=None, ended_by=None, ended_at=None,
            why=None, end_signature=None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        entered = {"claim": row.claim_id, "version": row.version, "level": row.level, "statement": row.digest}
        append(session, row.made_at, [Entry("claim.made", key.name, entered, row.case_id)])
        return row

    def sign(self, case_id: int, version: int, key: SigningKey) -> Claim:
        """Sign a version that takes two persons; it stands from then on, and supersedes the one before it.

        Raises:
            NotFoundError: there is no such version. UsageError: it takes no second signature, `key` may not, it is the maker's
            own, or its evidence is other by now. InputError: something in it is not what was signed.

        """
        with self.store.writing() as session:
            roster = self.casework.roster(session)
            roster.holder(key, "approve")
            self.casework.held(session, case_id, key.name, "approve")
            row = _row(session, case_id, version)
            if row.state != "proposed":
                raise UsageError(
                    f"version {version} of the claim of case {case_id} is {row.state}; nothing is left to sign"
                )
            roster.allow(row.made_by, "propose")
            _as_made(roster, row)
            _are_two(roster, row, key.name)
            if why := no_longer_borne(session, row):
                raise UsageError(f"{why}; take version {version} back, and claim anew")
            row.signer, row.signed_at, row.state = key.name, self.casework.now(), "standing"
            row.second_signature = key.sign(_second(roster.store_id, row, key.name))
            session.flush()
            entered = {"claim": row.claim_id, "version": version, "statement": row.digest}
            append(session, row.signed_at, [Entry("claim.signed", key.name, entered, case_id)])
            self._supersede(session, row, key.name)
            return _read(row)

    def _supersede(self, session: Session, by: ClaimRow, who: str) -> None:
        for row in _rows(session, by.case_id):
            if row.state == "standing" and row.version < by.version:
                self._end(session, row, "superseded", who, f"Version {by.version} takes its place.", by.version)

    def retract(self, case_id: int, version: int, why: str, key: SigningKey) -> Claim:
        """Take a version back; one person is enough, and no lock holds it up. Everybody who has it is owed the news.

        Raises:
            NotFoundError: there is no such version. UsageError: no reason is given, it has ended, or `key` may not.

        """
        check_text(why, "a reason")
        with self.store.writing() as session:
            self.casework.roster(session).holder(key, "propose")
            self.casework.row(session, case_id, for_update=True)
            row = _row(session, case_id, version)
            if row.state not in ("proposed", "standing"):
                raise UsageError(f"version {version} of the claim of case {case_id} is {row.state} already")
            said = {"claim": row.claim_id, "proposal": row.digest, "by": key.name, "why": why}
            row.end_signature = key.sign(Statement("claim.retract", self.store.store_id, said))
            self._end(session, row, "retracted", key.name, why, None)
            return _read(row)

    def _end(
        self, session: Session, row: ClaimRow, state: ClaimState, by: str, why: str, superseded_by: int | None
    ) -> None:
        """End a version, tell the log and the outbox, and note who is owed the news."""
        at = self.casework.now()
        row.state, row.ended_by, row.ended_at, row.why = state, by, at, why
        session.flush()
        session.execute(
            update(ClaimRecipientRow)
            .where(ClaimRecipientRow.claim_id == row.claim_id, ClaimRecipientRow.owed_at.is_(None)).values(owed_at=at)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        entered = {
            "claim": row.claim_id,
            "version": row.version,
            "superseded_by": superseded_by,
            "statement": row.digest,
        }
        append(session, at, [Entry(f"claim.{state}", by, entered, row.case_id)])
        told = {
            "case": row.case_id, "claim": row.claim_id, "version": row.version, "level": row.level, "why": why,
            "superseded_by": superseded_by,
        }  # fmt: skip
        publish(session, CLAIM_RETRACTED, at, told)

    def of_case(self, case_id: int) -> list[Claim]:
        """Every version of a case's claim, in order.

        Raises:
            NotFoundError: there is no such case.

        """
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            return claims_within(session, case_id)

    def standing(self, case_id: int) -> Claim | None:
        """The version that stands, every signature gone over; None where none does.

        Raises:
            NotFoundError: there is no such case. InputError: something in it is not what was signed.

        """
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            row = claim_that_stands(self.casework, session, case_id)
            return None if row is None else _read(row)

    def to_give(self, case_id: int) -> Claim | None:
        """The version that stands, if it may still be given to somebody; None where none stands.

        Raises:
            NotFoundError: there is no such case. UsageError: the evidence as it is now does not bear it. InputError: something
            in it is not what was signed.

        """
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            row = claim_to_give(self.casework, session, case_id)
            return None if row is None else _read(row)


def claims_within(session: Session, case_id: int) -> list[Claim]:
    """Every version of a case's claim, in order, within a transaction."""
    return [_read(row) for row in _rows(session, case_id)]


def claim_that_stands(casework: Casework, session: Session, case_id: int) -> ClaimRow | None:
    """The version of a case's claim that stands, gone over signature by signature, within a transaction.

    Raises:
        InputError: something in it is not what was signed, or the log knows that it ended.

    """
    row = next((one for one in _rows(session, case_id) if one.state == "standing"), None)
    if row is None:
        return None
    roster = casework.roster(session)
    _as_made(roster, row)
    if row.level in TWO:
        _are_two(roster, row, str(row.signer))
        person = roster.who(str(row.signer))
        statement = _second(roster.store_id, row, person.name)
        if not person.might("approve") or not is_signed_by(person.public, statement, row.second_signature or ""):
            raise InputError(f"{_named(row)} takes two persons, and no second one signed it")
    made = {one["statement"] for one in bodies_of(session, case_id, "claim.made")}
    kinds = ("claim.retracted", "claim.superseded")
    ended = {one["statement"] for kind in kinds for one in bodies_of(session, case_id, kind)}
    if row.digest not in made or row.digest in ended:
        raise InputError(
            f"{_named(row)} stands in the store, and not in the log; `samehand audit verify` shows what else was"
        )
    return row


def claim_to_give(casework: Casework, session: Session, case_id: int) -> ClaimRow | None:
    """The version that stands, within a transaction that gives it to somebody.

    Raises:
        UsageError: the evidence as it is now does not bear it. InputError: as in `claim_that_stands`.

    """
    row = claim_that_stands(casework, session, case_id)
    if row is not None and (why := no_longer_borne(session, row)):
        raise UsageError(f"{_named(row)} is not given any more: {why}; claim anew, or take it back")
    return row


def no_longer_borne(session: Session, row: ClaimRow) -> str:
    """Why the evidence of a case, as it is now, does not bear a version any more; "" where it does.

    Raises:
        InputError: evidence or a network was changed past the log.

    """
    held = evidence_held(session, row.case_id)
    out = {one.evidence_id for one in held if one.withdrawn_at is not None}
    if gone := [one["evidence_id"] for one in json.loads(row.body)["evidence"] if one["evidence_id"] in out]:
        return f"evidence {gone[0]} was taken out since"
    items = [one.item for one in held if one.withdrawn_at is None]
    weighed = weigh(items)
    reached = reach(items, weighed, coordinated=acts_together(session, row.case_id))
    same = row.level in ("L0", "L1") or reached.where == json.loads(row.body)["country"]
    return "" if row.level in borne(items, reached) and same else f"the evidence as it is now does not bear {row.level}"


def _rows(session: Session, case_id: int) -> list[ClaimRow]:
    chosen = select(ClaimRow).where(ClaimRow.case_id == case_id).order_by(ClaimRow.version)
    return list(session.scalars(chosen))


def _row(session: Session, case_id: int, version: int) -> ClaimRow:
    found = next((row for row in _rows(session, case_id) if row.version == version), None)
    if found is None:
        raise NotFoundError(
            f"the claim of case {case_id} has no version {version}; `samehand attribute show` lists them"
        )
    return found


def _named(row: ClaimRow) -> str:
    return f"version {row.version} of the claim of case {row.case_id}"


def _second(store_id: str, row: ClaimRow, by: str) -> Statement:
    """What the second person signs: it by the hash of what was signed."""
    body = {"claim": row.claim_id, "proposal": row.digest, "by": by, "verdict": "approve"}
    return Statement("claim.sign", store_id, body)


def _as_made(roster: Roster, row: ClaimRow) -> dict[str, Any]:
    """What the maker of a version signed.

    Raises:
        InputError: the store holds something else.

    """
    body: dict[str, Any] = json.loads(row.body)
    person, statement = roster.who(row.made_by), Statement("claim.make", roster.store_id, body)
    good = statement.digest == row.digest and is_signed_by(person.public, statement, row.signature)
    if not good or not person.might("propose"):
        raise InputError(f"{_named(row)} is not what {row.made_by} signed; somebody changed it")
    if (row.case_id, row.version, row.level) != (body["case"], body["version"], body["level"]):
        raise InputError(f"{_named(row)} says something else than what {row.made_by} signed")
    return body


def _are_two(roster: Roster, row: ClaimRow, signer: str) -> None:
    if signer == row.made_by or roster.who(signer).public == roster.who(row.made_by).public:
        raise UsageError(f"{signer} made {_named(row)}; another person has to sign it")


def _read(row: ClaimRow) -> Claim:
    return Claim(
        row.claim_id, row.case_id, row.version, cast(Level, row.level), cast(ClaimState, row.state),
        json.loads(row.body) if row.body else {}, row.made_by, row.made_at, row.signer, row.signed_at, row.ended_by,
        row.ended_at, row.why, row.digest,
    )  # fmt: skip
