"""A claim of attribution as partners read it: the campaign, what is claimed of it, and where it originates if that is claimed.

It says what a release says (`claim_block`) and nothing more. When the version ends, one with `revoked` follows everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from samehand.attribution import claim_block, country_in_words
from samehand.casework import Casework, Claim, Claims, give_claim, settle_claim
from samehand.errors import UsageError
from samehand.exchange.drafts import Tlp
from samehand.exchange.marking import MARKINGS, marking_objects, stix_id
from samehand.exchange.sharing import Added, Collections
from samehand.exchange.stix_writing import identity
from samehand.store import Event

__all__ = ["claim_objects", "revoke_claim", "share_claim"]


def claim_objects(claim: Claim, *, tlp: Tlp, organisation: str) -> Iterator[dict[str, Any]]:
    """The objects of a claim, what others refer to first.

    Args:
        claim: that stands. tlp: how they are marked. organisation: who says so.

    """
    who, block = identity(organisation), claim_block(claim.body, claim.version)
    yield who
    yield marking_objects(tlp)
    scope, at = f"{organisation}\0{claim.digest}", claim.made_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    head = {
        "spec_version": "2.1", "created_by_ref": who["id"], "created": at, "modified": at,
        "object_marking_refs": [MARKINGS[tlp]],
    }  # fmt: skip
    campaign = {
        **head, "type": "campaign", "id": stix_id("campaign", scope), "name": f"The network of case {claim.case_id}",
        "description": block["text"],
    }  # fmt: skip
    yield campaign
    if block["country"]:
        place = {
            **head, "type": "location", "id": stix_id("location", scope), "country": block["country"],
            "name": country_in_words(block["country"]),
        }  # fmt: skip
        yield place
        yield {
            **head, "type": "relationship", "id": stix_id("relationship", scope), "relationship_type": "originates-from",
            "source_ref": campaign["id"], "target_ref": place["id"],
        }  # fmt: skip
    yield {
        **head, "type": "note", "id": stix_id("note", scope), "abstract": f"Claim of attribution, {claim.level}, version "
        f"{claim.version}", "content": json.dumps(block, ensure_ascii=False, sort_keys=True), "object_refs": [campaign["id"]],
        "labels": [f"claim:{claim.level}"],
    }  # fmt: skip


def share_claim(work: Casework, case_id: int, title: str, by: str, *, tlp: Tlp, organisation: str) -> Added:
    """Put the claim of a case that stands into a collection, which is noted as one who has it.

    Args:
        work: casework of the store. case_id: the case. title: of the collection. by: who shares it. tlp: how it is marked.
        organisation: who says so, to partners.

    Raises:
        NotFoundError: there is no such case or collection. UsageError: no claim stands, its evidence does not bear it any more,
            its marking does not let it go there, or `by` may not. InputError: something in it is not what was signed.

    """
    claim = Claims(work).to_give(case_id)
    if claim is None:
        raise UsageError(f"no claim of case {case_id} stands; `samehand attribute claim` makes one")
    objects = list(claim_objects(claim, tlp=tlp, organisation=organisation))
    subjects = {
        one["id"]: _subject(claim.claim_id) for one in objects if "modified" in one and one["type"] != "identity"
    }

    def given(session: Session) -> None:
        give_claim(work, session, case_id, claim.claim_id, "collection", title, by)

    return Collections(work).add(title, objects, by, tlp=tlp, subjects=subjects, within=given)


def revoke_claim(work: Casework, session: Session, event: Event) -> int:
    """Take a version that ended back from every collection, in the transaction that consumes the event; how many objects."""
    claim_id = event.body["claim"]
    revoked = Collections(work).revoke(session, [_subject(claim_id)])
    settle_claim(session, claim_id, "collection", work.now(), "exchange")
    return revoked


def _subject(claim_id: int) -> str:
    return f"claim {claim_id}"
