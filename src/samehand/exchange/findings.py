"""What we found, as partners can use it: the accounts of a decision that was carried out, on what it rests, and by what means.

An account goes out as an indicator under a decision that two persons signed where it takes two, never as a suspicion; what a
finding says goes beside it, with its chance level. An account that an appeal clears is taken back from every partner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from samehand.casework import CLAIM_RETRACTED, CORRECTION, Authorised, Casework, Decisions, Finding, findings_of
from samehand.errors import UsageError
from samehand.exchange.claims import revoke_claim
from samehand.exchange.drafts import Tlp
from samehand.exchange.marking import MARKINGS, extension_definition, marking_objects, stix_id
from samehand.exchange.sharing import Added, Collections
from samehand.exchange.stix_writing import identity, technique_object, tip_objects
from samehand.exchange.tips import TIP_RETRACTED, Tips
from samehand.store import Event, consume

__all__ = ["TECHNIQUES", "decision_objects", "share_decision", "share_tip", "take_back"]

TECHNIQUES: Final[Mapping[str, str]] = {
    "text": "T0084.001", "repost": "T0049.003", "fast_repost": "T0049.003", "hashtag": "T0049.002",
    "hashtag_sequence": "T0049.002", "same_names": "T0097", "same_bios": "T0097", "same_avatars": "T0097",
    "shared_logins": "T0130", "shared_admins": "T0007", "deleted_posts": "T0129.007", "one_client": "T0049.003",
    "round_the_clock": "T0090.003", "regular_gaps": "T0090.003", "wave": "T0090", "known_bad": "T0090",
}  # fmt: skip
"""What a finding or a trace is in DISARM; what is not here is none of its techniques."""
OF_A_TIP: Final = ("indicator", "note", "report", "relationship")
SHAREABLE: Final = ("suspend", "remove")
STRONG: Final = ("some", "strong", "significant")


def decision_objects(
    done: Authorised, findings: Sequence[Finding], *, tlp: Tlp, organisation: str, at: datetime
) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a decision, what others refer to first, each with whom it is about ("" for nobody in particular).

    Args:
        done: the decision, its signatures gone over. findings: of its case. tlp: how they are marked.
        organisation: who says so. at: when.

    """
    decision, who = done.decision, identity(organisation)
    yield who, ""
    yield marking_objects(tlp), ""
    yield extension_definition(who["id"]), ""
    networks = [one for one in findings if not one.of_account and one.state in STRONG]
    used = sorted({TECHNIQUES[one.finding] for one in networks if one.finding in TECHNIQUES} | {"T0090"})
    techniques = [technique_object(one) for one in used]
    yield from ((one, "") for one in techniques)
    head = {
        "spec_version": "2.1", "created_by_ref": who["id"], "created": _moment(decision.proposed_at), "modified": _moment(at),
        "object_marking_refs": [MARKINGS[tlp]],
    }  # fmt: skip
    scope = f"{organisation}\0{decision.digest}"
    refs = [one["id"] for one in techniques]
    for member in done.members:
        if member.asset_id is None:
            continue
        indicator = _account(member.platform, member.asset_id, decision.action, scope, head)
        refs.append(indicator["id"])
        yield indicator, f"{member.platform}:{member.asset_id}"
    for one in networks:
        note = _finding(one, scope, head, who["id"])
        refs.append(note["id"])
        yield note, ""
    yield {
        **head, "type": "grouping", "id": stix_id("grouping", scope), "context": "suspicious-activity", "object_refs": refs,
        "name": f"Accounts that one decision was taken about ({decision.action}, {decision.radius.accounts:,})",
        "description": f"Decided under {decision.policy}, on the grounds {', '.join(decision.grounds)}. It names accounts that "
        "acted together and were found inauthentic; it says nothing of who is behind them.",
    }, ""  # fmt: skip


def _account(platform: str, asset_id: str, action: str, scope: str, head: Mapping[str, Any]) -> dict[str, Any]:
    quoted = [one.replace("\\", "\\\\").replace("'", "\\'") for one in (asset_id, platform)]
    return {
        **head, "type": "indicator", "id": stix_id("indicator", scope, platform, asset_id), "pattern_type": "stix",
        "pattern": f"[user-account:user_id = '{quoted[0]}' AND user-account:account_type = '{quoted[1]}']",
        "valid_from": head["created"], "indicator_types": ["malicious-activity"], "labels": [f"action:{action}"],
    }  # fmt: skip


def _finding(one: Finding, scope: str, head: Mapping[str, Any], who: str) -> dict[str, Any]:
    said = [f"{one.finding}: {one.state} ({one.axis})"]
    said += [
        f"{name} {one.body[name]:.4g}" for name in ("value", "expected", "p_value") if one.body.get(name) is not None
    ]
    return {
        **head, "type": "note", "id": stix_id("note", scope, one.network, one.finding), "content": ", ".join(said),
        "object_refs": [who],
    }  # fmt: skip


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def share_decision(work: Casework, decision_id: int, title: str, by: str, *, tlp: Tlp, organisation: str) -> Added:
    """Put a decision that was carried out into a collection.

    Args:
        work: casework of the store. decision_id: the decision. title: of the collection. by: who shares it.
        tlp: how it is marked. organisation: who says so, to partners.

    Raises:
        NotFoundError: there is no such decision or collection. UsageError: it was not carried out, does nothing to accounts
            that peers could look for, its marking does not let it go there, or `by` may not. InputError: a signature in it is
            not good.

    """
    done = Decisions(work).authorised(decision_id)
    if done.decision.state != "done" or done.decision.action not in SHAREABLE:
        raise UsageError(
            f"decision {decision_id} is to {done.decision.action}, and {done.decision.state}; what is shared was carried out, "
            f"to {' or '.join(SHAREABLE)}"
        )
    with work.store.reading() as session:
        findings = findings_of(session, done.decision.case_id)
    made = list(decision_objects(done, findings, tlp=tlp, organisation=organisation, at=work.now()))
    subjects = {one["id"]: subject for one, subject in made if subject}
    return Collections(work).add(title, (one for one, _ in made), by, tlp=tlp, subjects=subjects)


def share_tip(work: Casework, tip_id: int, title: str, by: str) -> Added:
    """Hand a tip on, under its own marking and in its source's name.

    Raises:
        NotFoundError: there is no such tip or collection. UsageError: its marking does not let it go there, or `by` may not.

    """
    tip, draft = Tips(work).draft(tip_id)
    objects = list(tip_objects(draft, tlp=tip.tlp, source=tip.source, received=tip.received_at, changed=tip.changed_at))
    subjects = {one["id"]: f"tip {tip_id}" for one in objects if one["type"] in OF_A_TIP}
    return Collections(work).add(title, objects, by, tlp=tip.tlp, subjects=subjects)


def _renewed(work: Casework, session: Session, tip_id: int) -> int:
    """Enter anew, wherever a tip was handed on, what its source took back of it."""
    tip, draft = Tips(work).draft(tip_id)
    taken = [one for one in draft.indicators if one.revoked]
    only = replace(draft, indicators=tuple(taken))
    made = tip_objects(only, tlp=tip.tlp, source=tip.source, received=tip.received_at, changed=tip.changed_at)
    objects = [one for one in made if one.get("revoked")]
    return Collections(work).renew(session, f"tip {tip_id}", objects, tip.tlp)


def take_back(work: Casework) -> int:
    """Take back from every partner what was corrected or retracted since this was last asked; how many objects there were.

    Where it ends in the middle, nothing of it is done, and the next call does it.
    """
    collections, revoked = Collections(work), 0

    def corrected(session: Session, event: Event) -> None:
        nonlocal revoked
        revoked += collections.revoke(session, [f"{platform}:{asset}" for platform, asset in event.body["accounts"]])

    def retracted(session: Session, event: Event) -> None:
        nonlocal revoked
        tip = event.body["tip"]
        revoked += collections.revoke(session, [f"tip {tip}"]) if event.body["whole"] else _renewed(work, session, tip)

    def ended(session: Session, event: Event) -> None:
        nonlocal revoked
        revoked += revoke_claim(work, session, event)

    for topic, act in ((CORRECTION, corrected), (TIP_RETRACTED, retracted), (CLAIM_RETRACTED, ended)):
        with work.store.writing() as session:
            while consume(session, "exchange", topic, lambda event, act=act, session=session: act(session, event)):  # type: ignore[misc]
                pass
    return revoked
