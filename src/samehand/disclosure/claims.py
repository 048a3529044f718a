"""The claim of attribution in a release: what of it is told, that the release has it, and that it was taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from samehand.attribution import claim_block
from samehand.casework import CLAIM_RETRACTED, Casework, Claim, Claims, claims_taken_back, give_claim, settle_claim
from samehand.store import Event, consume

__all__ = ["claim_corrections", "published_claim", "take_claims_back"]

TAKEN_BACK: Final = "actor_claim, version {version}, is taken back: whoever holds the release removes it"


def published_claim(
    work: Casework, case_id: int, release_id: str, by: str
) -> tuple[dict[str, Any] | None, Callable[[Session], None]]:
    """The `actor_claim` of a release, None where no claim stands; and what notes, when the release is entered, that it has it.

    Raises:
        UsageError: its evidence does not bear the claim any more. InputError: something in it is not what was signed.

    """
    claim: Claim | None = Claims(work).to_give(case_id)
    if claim is None:
        return None, lambda _: None
    claim_id = claim.claim_id

    def given(session: Session) -> None:
        give_claim(work, session, case_id, claim_id, "release", release_id, by)

    return claim_block(claim.body, claim.version), given


def take_claims_back(work: Casework, session: Session) -> int:
    """Note, of every release, which claims in it ended since; how many."""
    taken = 0

    def take(event: Event) -> None:
        nonlocal taken
        taken += len(settle_claim(session, event.body["claim"], "release", work.now(), "disclosure"))

    while consume(session, "disclosure", CLAIM_RETRACTED, take):
        pass
    return taken


def claim_corrections(session: Session, release_id: str) -> list[tuple[None, datetime, str]]:
    """The rows of a release's corrections that are about its claim: no account, since when, and what to do."""
    found = claims_taken_back(session, "release", release_id)
    return [(None, one.owed_at, TAKEN_BACK.format(version=one.version)) for one in found if one.owed_at is not None]
