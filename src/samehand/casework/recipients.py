"""To whom a claim was given, and who is owed the news that it does not stand any more.

A release, a collection that partners read, or somebody who is named: each is noted in the transaction in which it is given.
When the version ends, each is owed the news; it counts as sent when the room that gave it has corrected its copy, or when
somebody says that they told whom they had told before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append
from samehand.casework.cases import Casework, check_text, is_text
from samehand.casework.claims import claim_to_give
from samehand.casework.tables import ClaimRecipientRow, ClaimRow
from samehand.errors import NotFoundError, UsageError

__all__ = ["ClaimRecipient", "ClaimRecipients", "RecipientKind", "claims_taken_back", "give_claim", "settle_claim"]

RecipientKind = Literal["release", "collection", "named"]
KINDS: Final[tuple[RecipientKind, ...]] = get_args(RecipientKind)
LONGEST: Final = 300


@dataclass(frozen=True)
class ClaimRecipient:
    """Somebody to whom a version of a claim was given.

    Attributes:
        recipient_id, claim_id, version, kind, name: who, and what they have. given_at, given_by: when, and by whom.
        owed_at: since when they are owed the news that it does not stand; None while it does. sent_at, sent_by: when they got
            it, and who or what told them.

    """

    recipient_id: int
    claim_id: int
    version: int
    kind: RecipientKind
    name: str
    given_at: datetime
    given_by: str
    owed_at: datetime | None
    sent_at: datetime | None
    sent_by: str | None


class ClaimRecipients:
    """Who has the claims of a store.

    Args:
        casework: of the store.

    """

    def __init__(self, casework: Casework) -> None:
        self.casework, self.store = casework, casework.store

    def give(self, case_id: int, name: str, by: str) -> ClaimRecipient:
        """Note that somebody who is named gets the version that stands: an organisation, a newsroom, another platform.

        Raises:
            NotFoundError: there is no such case. UsageError: no version stands, the evidence as it is now does not
            bear it, the name is none, or `by` may not.

        """
        with self.store.writing() as session:
            self.casework.held(session, case_id, by, "act")
            row = give_claim(self.casework, session, case_id, None, "named", name, by)
            return _read(row, session.get_one(ClaimRow, row.claim_id).version)

    def of_case(self, case_id: int, *, owed: bool = False) -> list[ClaimRecipient]:
        """Everybody to whom a version of a case's claim was given, in order; those only who are owed the news, if so asked.

        Raises:
            NotFoundError: there is no such case.

        """
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            chosen = (
                select(ClaimRecipientRow, ClaimRow.version).join(ClaimRow, ClaimRow.claim_id == ClaimRecipientRow.claim_id)
                .where(ClaimRow.case_id == case_id).order_by(ClaimRecipientRow.recipient_id)
            )  # fmt: skip
            found = [_read(row, version) for row, version in session.execute(chosen)]
        return [one for one in found if not owed or (one.owed_at is not None and one.sent_at is None)]

    def told(self, case_id: int, recipient_id: int, by: str) -> ClaimRecipient:
        """Say that somebody who was named has got the news.

        Raises:
            NotFoundError: the case has no such recipient. UsageError: nothing is owed to them, they have it, or it is no person
            who tells them.

        """
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "act")
            row = session.get(ClaimRecipientRow, recipient_id, with_for_update=True)
            claim = None if row is None else session.get_one(ClaimRow, row.claim_id)
            if row is None or claim is None or claim.case_id != case_id:
                raise NotFoundError(
                    f"case {case_id} has no recipient {recipient_id}; `samehand attribute recipients` lists them"
                )
            if row.kind != "named":
                raise UsageError(f"recipient {recipient_id} is a {row.kind}, which is told where it is kept, by itself")
            if row.owed_at is None or row.sent_at is not None:
                raise UsageError(f"recipient {recipient_id} is owed nothing")
            row.sent_at, row.sent_by = self.casework.now(), by
            entered = {"claim": row.claim_id, "recipient": recipient_id}
            append(session, row.sent_at, [Entry("claim.told", by, entered, case_id)])
            return _read(row, claim.version)


def give_claim(
    casework: Casework, session: Session, case_id: int, claim_id: int | None, kind: RecipientKind, name: str, by: str
) -> ClaimRecipientRow:
    """Note, in the transaction in which it is given, who gets the version that stands.

    Args:
        casework, session: of the store. case_id: whose claim. claim_id: the version that is about to be given; None for
            whichever stands. kind, name: to whom. by: who gives it.

    Raises:
        UsageError: it does not stand, or the evidence as it is now does not bear it; or the name is none. InputError:
            something in it is not what was signed.

    """
    check_text(name, "a recipient")
    if len(name) > LONGEST or not is_text(name) or "\n" in name:
        raise UsageError(f"a recipient is a name in one line, of {LONGEST} letters at most")
    casework.row(session, case_id, for_update=True)
    claim = claim_to_give(casework, session, case_id)
    if claim is None or claim_id not in (None, claim.claim_id):
        raise UsageError(
            f"the claim of case {case_id} does not stand{'' if claim is None else ' in that version'}; give nothing"
        )
    same = (ClaimRecipientRow.claim_id == claim.claim_id) & (ClaimRecipientRow.kind == kind)
    known = session.scalar(select(ClaimRecipientRow).where(same, ClaimRecipientRow.name == name))
    if known is not None:
        return known
    row = ClaimRecipientRow(
        claim_id=claim.claim_id, kind=kind, name=name, given_at=casework.now(), given_by=by, owed_at=None, sent_at=None,
        sent_by=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    entered = {"claim": claim.claim_id, "recipient": row.recipient_id, "kind": kind}
    append(session, row.given_at, [Entry("claim.given", by, entered, case_id)])
    return row


def settle_claim(session: Session, claim_id: int, kind: RecipientKind, at: datetime, by: str) -> list[str]:
    """Say that recipients of a kind have got the news that a version ended, in the transaction that corrects their copies.

    Returns:
        Their names: ids of releases, or titles of collections.

    """
    rows = session.scalars(
        select(ClaimRecipientRow).where(
            ClaimRecipientRow.claim_id == claim_id, ClaimRecipientRow.kind == kind, ClaimRecipientRow.owed_at.is_not(None),
            ClaimRecipientRow.sent_at.is_(None),
        ).order_by(ClaimRecipientRow.recipient_id).with_for_update()
    ).all()  # fmt: skip
    for row in rows:
        row.sent_at, row.sent_by = at, by
    session.flush()
    return [row.name for row in rows]


def claims_taken_back(session: Session, kind: RecipientKind, name: str) -> list[ClaimRecipient]:
    """What a recipient was given that ended since, and of which its copy was corrected; in order."""
    chosen = (
        select(ClaimRecipientRow, ClaimRow.version).join(ClaimRow, ClaimRow.claim_id == ClaimRecipientRow.claim_id)
        .where(ClaimRecipientRow.kind == kind, ClaimRecipientRow.name == name, ClaimRecipientRow.sent_at.is_not(None))
        .order_by(ClaimRecipientRow.recipient_id)
    )  # fmt: skip
    return [_read(row, version) for row, version in session.execute(chosen)]


def _read(row: ClaimRecipientRow, version: int) -> ClaimRecipient:
    return ClaimRecipient(
        row.recipient_id, row.claim_id, version, cast(RecipientKind, row.kind), row.name, row.given_at, row.given_by,
        row.owed_at, row.sent_at, row.sent_by,
    )  # fmt: skip
