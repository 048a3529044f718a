"""What we found, as partners can use it: the accounts of a decision that was carried out, on what it rests, and by what means.

An account goes out as an indicator under a decision that two persons signed where it takes two, never as a suspicion; what a
finding says goes beside it, with its chance level. An account that an appeal clears is taken back from every partner.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from samehand.casework import (
    CLAIM_RETRACTED,
    CORRECTION,
    Authorised,
    Casework,
    Decisions,
    Finding,
    findings_of,
)
from samehand.errors import JobError, UsageError
from samehand.exchange.claims import revoke_claim
from samehand.exchange.drafts import Tlp
from samehand.exchange.marking import MARKINGS, extension_definition, marking_objects, stix_id
from samehand.exchange.sharing import Added, Collections
from samehand.exchange.stix_writing import identity, technique_object, tip_objects
from samehand.exchange.tips import TIP_RETRACTED, TipRow, Tips
from samehand.store import Event, consume, event_of, publish, waiting

__all__ = ["TECHNIQUES", "decision_objects", "recalls_owed", "share_decision", "share_tip", "take_back"]

_log = logging.getLogger(__name__)

TECHNIQUES: Final[Mapping[str, str]] = {
    "text": "T0084.001", "repost": "T0049.003", "fast_repost": "T0049.003", "hashtag": "T0049.002",
    "hashtag_sequence": "T0049.002", "same_names": "T0097", "same_bios": "T0097", "same_avatars": "T0097",
    "shared_logins": "T0130", "shared_admins": "T0007", "deleted_posts": "T0129.007", "one_client": "T0049.003",
    "round_the_clock": "T0090.003", "regular_gaps": "T0090.003", "wave": "T0090", "known_bad": "T0090",
}  # fmt: skip
"""What a finding or a trace is in DISARM; what is not here is none of its techniques."""
OF_A_TIP: Final = ("indicator", "note", "report", "relationship")
WHO: Final = "exchange"
RECALL_FAILED: Final = "recall.failed"
SHAREABLE: Final = ("suspend", "remove")
STRONG: Final = ("some", "strong", "significant")


def decision_objects(
    done: Authorised, findings: Sequence[Finding], *, tlp: Tlp, organisation: str, at: datetime
) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a decision, what others refer to first, each with whom it is about ("" for nobody in particular).

    Args:
        done: the decision, its signatures gone over, of those who are told of. findings: of its case. tlp: how they are
            marked. organisation: who says so. at: when.

    """
    decision, who = done.decision, identity(organisation)
    subject = of_decision(decision.decision_id)
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
        yield note, subject
    yield {
        **head, "type": "grouping", "id": stix_id("grouping", scope), "context": "suspicious-activity", "object_refs": refs,
        "name": f"Accounts that one decision was taken about ({decision.action}, {decision.radius.accounts:,})",
        "description": f"Decided under {decision.policy}, on the grounds {', '.join(decision.grounds)}. It names accounts that "
        "acted together and were found inauthentic; it says nothing of who is behind them.",
    }, subject  # fmt: skip


def of_decision(decision_id: int) -> str:
    """Whom the objects of a decision are about that are about nobody in particular."""
    return f"decision {decision_id}"


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
    """Put a decision that was carried out into a collection: those to whom it was done, and who were not given back.

    Args:
        work: casework of the store. decision_id: the decision. title: of the collection. by: who shares it.
        tlp: how it is marked. organisation: who says so, to partners.

    Raises:
        NotFoundError: there is no such decision or collection. UsageError: it was not carried out, does nothing to accounts
            that peers could look for, everybody of it was given back, its marking does not let it go there, or `by` may not.
            InputError: a signature in it is not good.

    """
    decision = Decisions(work).decision(decision_id)
    if decision.state != "done" or decision.action not in SHAREABLE:
        raise UsageError(
            f"decision {decision_id} is to {decision.action}, and {decision.state}; what is shared was carried out, "
            f"to {' or '.join(SHAREABLE)}"
        )
    of_case = Decisions(work).carried_out(decision.case_id, SHAREABLE)
    done = next(one for one in of_case if one.decision.decision_id == decision_id)
    standing = tuple(one for one in done.members if not one.cleared)
    if not standing:
        raise UsageError(f"everybody of decision {decision_id} was given back; nothing of it is shared")
    done = replace(done, members=standing)
    with work.store.reading() as session:
        findings = findings_of(session, decision.case_id)
    made = list(decision_objects(done, findings, tlp=tlp, organisation=organisation, at=work.now()))
    subjects = {one["id"]: subject for one, subject in made if subject}
    return Collections(work).add(title, (one for one, _ in made), by, tlp=tlp, subjects=subjects)


def share_tip(work: Casework, tip_id: int, title: str, by: str) -> Added:
    """Hand a tip on, under its own marking and in its source's name.

    Raises:
        NotFoundError: there is no such tip or collection. UsageError: its time is over, its marking does not let it go
            there, or `by` may not.

    """
    tip, draft = Tips(work).draft(tip_id)
    if tip.retracted_at is None:  # what was taken back goes out as taken back
        tip.must_count(work.now().date())
    objects = list(tip_objects(draft, tlp=tip.tlp, source=tip.source, received=tip.received_at, changed=tip.changed_at))
    subjects = {one["id"]: f"tip {tip_id}" for one in objects if one["type"] in OF_A_TIP}

    def unchanged(session: Session) -> None:
        now = session.get_one(TipRow, tip_id, with_for_update=True)
        if (now.tlp, now.retracted_at) != (tip.tlp, tip.retracted_at):
            raise UsageError(
                f"tip {tip_id} was marked more narrowly, or taken back, meanwhile; look at it and share it again"
            )

    return Collections(work).add(title, objects, by, tlp=tip.tlp, subjects=subjects, within=unchanged)


def _renewed(work: Casework, session: Session, tip_id: int) -> int:
    """Enter anew, wherever a tip was handed on, what its source took back of it, and the report that says whose it is."""
    tip, draft = Tips(work).draft(tip_id)
    made = tip_objects(draft, tlp=tip.tlp, source=tip.source, received=tip.received_at, changed=tip.changed_at)
    objects = [one for one in made if one.get("revoked") or one["type"] == "report"]
    return Collections(work).renew(session, f"tip {tip_id}", objects, tip.tlp)


def take_back(work: Casework, *, again: bool = False) -> int:
    """Take back from every partner what was corrected or retracted since this was last asked; how many objects there were.

    What cannot be taken back because of an error in it is set aside, so that nothing waits behind it; the log says so, and
    `recalls_owed` counts it.

    Args:
        work: casework of the store. again: whether what was set aside is tried as well.

    Raises:
        JobError: the store is away; what was not done is done by the next call.

    """
    revoked = 0
    if again:
        with work.store.reading() as session:
            owed = waiting(session, WHO, RECALL_FAILED)
        for _ in range(owed):
            revoked += _next(work, RECALL_FAILED)
    for topic in ACTS:
        with work.store.reading() as session:
            left = waiting(session, WHO, topic)
        for _ in range(left):
            revoked += _next(work, topic)
    return revoked


def recalls_owed(work: Casework) -> int:
    """How many corrections and retractions were set aside, and are owed to partners."""
    with work.store.reading() as session:
        return waiting(session, WHO, RECALL_FAILED)


def _next(work: Casework, topic: str) -> int:
    """Act on the next event of a topic, whole or not at all; how many objects were taken back."""
    done = 0

    def act(session: Session, event: Event) -> None:
        nonlocal done
        of = event_of(session, event.body["event"]) if topic == RECALL_FAILED else event
        done = ACTS[of.topic](work, session, of)

    def set_aside(session: Session, event: Event) -> None:
        number = event.body["event"] if topic == RECALL_FAILED else event.number
        publish(session, RECALL_FAILED, work.now(), {"event": number})
        _log.error("event %d cannot be taken back from partners; `samehand tip recall` tries it again", number)

    try:
        with work.store.writing() as session:
            consume(session, WHO, topic, partial(act, session), most=1)
    except (JobError, SQLAlchemyError):
        raise
    except Exception as error:
        _log.error("taking back: %s", type(error).__name__)  # what it says may name somebody
        with work.store.writing() as session:
            consume(session, WHO, topic, partial(set_aside, session), most=1)
        return 0
    return done


def _corrected(work: Casework, session: Session, event: Event) -> int:
    collections = Collections(work)
    revoked = collections.revoke(session, [f"{platform}:{asset}" for platform, asset in event.body["accounts"]])
    return revoked + collections.prune(session, of_decision(event.body["decision"]))


def _retracted(work: Casework, session: Session, event: Event) -> int:
    tip = event.body["tip"]
    return Collections(work).revoke(session, [f"tip {tip}"]) if event.body["whole"] else _renewed(work, session, tip)


ACTS: Final[Mapping[str, Callable[[Casework, Session, Event], int]]] = {
    CORRECTION: _corrected, TIP_RETRACTED: _retracted, CLAIM_RETRACTED: revoke_claim,
}  # fmt: skip
"""What is done about an event of each topic."""
