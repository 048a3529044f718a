"""Claims: versions that are signed, superseded and taken back, by two persons where a state is named; and who has them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from samehand.attribution import ClaimDraft, EvidenceItem
from samehand.casework import (
    CLAIM_RETRACTED,
    Claim,
    ClaimEvidence,
    ClaimRecipients,
    Claims,
    Retention,
    export_case,
    read_entries,
    settle_claim,
    verify,
)
from samehand.casework.tables import ClaimEvidenceRow, ClaimRow
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.store import events_of
from tests.casework.scenes import Office, brought


def piece(kind: str, **more: Any) -> EvidenceItem:
    """A piece of evidence of the best grade."""
    return EvidenceItem(
        **{
            "kind": kind,
            "said": f"{kind} was found.",
            "source": "Kite Lab",
            "reliability": "A",
            "credibility": 1,
            **more,
        }
    )


ORIGIN = piece("unblocked_access", country="CN")
SURE = [
    ORIGIN, piece("earlier_infrastructure", country="CN", entity="Kite Works"),
    piece("procurement_record", country="CN", entity="Kite Works", source_class="open"), piece("working_hours"),
]  # fmt: skip
STATE = ClaimDraft(level="L5", legal_note="Counsel read it, and has no objection.")


@pytest.fixture
def case(office: Office, tmp_path: Path) -> int:
    return brought(office, tmp_path / "run")


def held(office: Office, case: int, *items: EvidenceItem) -> list[int]:
    return [one.evidence_id for one in ClaimEvidence(office.casework).add(case, items or SURE, "dia")]


def claimed(office: Office, case: int, level: str = "L2", by: str = "ada", **more: Any) -> Claim:
    draft = ClaimDraft(level=level, **more)  # type: ignore[arg-type]
    return Claims(office.casework).make(case, draft, office.keys[by])


def test_a_claim_holds_its_evidence_what_it_comes_to_and_the_words_that_its_level_permits(
    office: Office, case: int
) -> None:
    numbers = held(office, case)
    claim = claimed(office, case, "L4", would_change=("A tender that turns out to be forged.",))

    body = claim.body
    assert (claim.version, claim.level, claim.state, claim.made_by) == (1, "L4", "standing", "ada")
    assert body["text"].startswith("The network is run by Kite Works.")
    assert (body["country"], body["entity"], body["type"]) == ("CN", "Kite Works", "organisation")
    assert [one["evidence_id"] for one in body["evidence"]] == numbers
    assert set(body["evidence"][0]["ratings"]) == set(body["weighing"]["posterior"])
    assert body["evidence"][1]["alternative"].startswith("A contractor")
    assert body["weighing"]["word"] in ("very likely", "almost certain")
    assert body["weighing"]["confidence"] == "high"
    assert set(body["weighing"]["without"]) == {"access", "infrastructure", "records", "hours"}
    assert len(body["alternatives"]) == 4
    assert body["would_change"][-1] == "A tender that turns out to be forged."
    assert any("says nothing of a state" in one for one in body["limits"])


@pytest.mark.parametrize(
    ("items", "level", "lacks"),
    [
        ([], "L2", "technical evidence that tells of a country"),
        ([piece("working_hours", country="CN"), piece("interface_language", country="CN")], "L2", "beyond hours, language"),
        ([ORIGIN], "L3", "a link to persons"),
        ([ORIGIN, piece("earlier_infrastructure", country="CN", entity="e")], "L4", "a link to persons, or two independent"),
        ([ORIGIN], "L5", "fewer than two independent groups"),
        ([*SURE, piece("identity_link", country="RU")], "L2", "does not point at two"),
    ],
)  # fmt: skip
def test_a_claim_that_says_more_than_its_evidence_allows_is_refused(
    office: Office, case: int, items: list[EvidenceItem], level: str, lacks: str
) -> None:
    if items:
        held(office, case, *items)
    with pytest.raises(UsageError, match=rf"{level} is not allowed: .*{lacks}"):
        claimed(office, case, level, legal_note="Read.")
    assert Claims(office.casework).of_case(case) == []


def test_a_case_without_a_network_bears_no_claim(office: Office) -> None:
    case = office.casework.open("By hand", "dia").case_id
    held(office, case)
    with pytest.raises(UsageError, match="L1 is not allowed: the evidence reaches L0"):
        claimed(office, case, "L1")
    assert claimed(office, case, "L0").body["text"] == "We make no claim about these accounts."


def test_a_state_is_named_with_two_signatures_of_two_persons_and_a_legal_note(office: Office, case: int) -> None:
    held(office, case)
    claims = Claims(office.casework)
    with pytest.raises(UsageError, match="takes a legal note"):
        claimed(office, case, "L5")
    first = claims.make(case, STATE, office.keys["ada"])

    assert first.state == "proposed"
    assert claims.standing(case) is None
    with pytest.raises(UsageError, match="ada made version 1"):
        claims.sign(case, 1, office.keys["ada"])
    with pytest.raises(UsageError, match="dia may not approve"):
        claims.sign(case, 1, office.keys["dia"])
    with pytest.raises(UsageError, match="waits for a second signature"):
        claimed(office, case)
    assert claims.sign(case, 1, office.keys["cem"]).state == "standing"
    standing = claims.standing(case)
    assert standing is not None
    assert (standing.signer, standing.body["type"], standing.body["country"]) == ("cem", "state", "CN")
    assert standing.body["text"].startswith("The network is directed by the state of China.")
    with pytest.raises(UsageError, match="nothing is left to sign"):
        claims.sign(case, 1, office.keys["ben"])


def test_evidence_that_came_or_went_after_the_first_signature_stops_the_second(office: Office, case: int) -> None:
    numbers = held(office, case)
    claims, evidence = Claims(office.casework), ClaimEvidence(office.casework)
    claims.make(case, STATE, office.keys["ada"])
    marks = held(office, case, piece("planted_marks"), piece("many_customers"))
    with pytest.raises(UsageError, match="does not bear L5"):
        claims.sign(case, 1, office.keys["cem"])
    for one in marks:
        evidence.withdraw(case, one, "It was another network's.", "dia")
    evidence.withdraw(case, numbers[3], "The clock was wrong.", "dia")
    with pytest.raises(UsageError, match=f"evidence {numbers[3]} was taken out"):
        claims.sign(case, 1, office.keys["cem"])


def test_a_change_is_a_new_version_and_nothing_of_the_old_one_is_written_over(office: Office, case: int) -> None:
    held(office, case)
    first = claimed(office, case, "L2")
    second = claimed(office, case, "L4")

    old, new = Claims(office.casework).of_case(case)
    assert (old.state, new.state, new.version) == ("superseded", "standing", 2)
    assert (old.body, old.digest) == (first.body, first.digest)
    assert (new.digest, new.body["supersedes"]) == (second.digest, first.digest)
    assert old.why == "Version 2 takes its place."


def test_a_version_that_waits_for_its_second_signature_leaves_the_one_before_it_standing(
    office: Office, case: int
) -> None:
    held(office, case)
    claims = Claims(office.casework)
    claimed(office, case, "L2")
    claims.make(case, STATE, office.keys["ada"])
    assert [one.state for one in claims.of_case(case)] == ["standing", "proposed"]
    claims.sign(case, 2, office.keys["ben"])
    assert [one.state for one in claims.of_case(case)] == ["superseded", "standing"]


def test_a_retraction_is_in_the_outbox_and_owed_to_everybody_who_was_given_the_claim(office: Office, case: int) -> None:
    held(office, case)
    claims, recipients = Claims(office.casework), ClaimRecipients(office.casework)
    claim = claimed(office, case)
    given = [recipients.give(case, name, "dia") for name in ("The Kite Times", "Another platform")]
    assert recipients.give(case, "The Kite Times", "dia") == given[0]
    assert recipients.of_case(case, owed=True) == []
    office.clock.pass_by(hours=5)

    claims.retract(case, 1, "The access log was another platform's.", office.keys["ben"])

    with office.store.reading() as session:
        (event,) = events_of(session, CLAIM_RETRACTED)
    assert event.body == {
        "case": case, "claim": claim.claim_id, "version": 1, "level": "L2", "superseded_by": None,
        "why": "The access log was another platform's.",
    }  # fmt: skip
    owed = recipients.of_case(case, owed=True)
    assert [one.name for one in owed] == ["The Kite Times", "Another platform"]
    assert {one.owed_at for one in owed} == {office.clock()}
    for one in owed:
        assert recipients.told(case, one.recipient_id, "dia").sent_by == "dia"
    assert recipients.of_case(case, owed=True) == []
    with pytest.raises(UsageError, match="is owed nothing"):
        recipients.told(case, owed[0].recipient_id, "dia")
    with pytest.raises(UsageError, match="does not stand"):
        recipients.give(case, "Too late", "dia")
    with pytest.raises(UsageError, match="is retracted already"):
        claims.retract(case, 1, "Once more.", office.keys["ben"])


def test_who_has_a_version_that_is_superseded_is_owed_the_news_once(office: Office, case: int) -> None:
    held(office, case)
    recipients = ClaimRecipients(office.casework)
    claimed(office, case, "L2")
    (given,) = [recipients.give(case, "The Kite Times", "dia")]
    claimed(office, case, "L4")
    assert [one.recipient_id for one in recipients.of_case(case, owed=True)] == [given.recipient_id]
    with office.store.reading() as session:
        assert [one.body["superseded_by"] for one in events_of(session, CLAIM_RETRACTED)] == [2]
    recipients.told(case, given.recipient_id, "dia")
    Claims(office.casework).retract(case, 2, "It was wrong.", office.keys["ada"])
    assert recipients.of_case(case, owed=True) == []


def test_a_copy_that_is_corrected_where_it_is_kept_counts_as_told_once(office: Office, case: int) -> None:
    held(office, case)
    claim = claimed(office, case)
    Claims(office.casework).retract(case, claim.version, "It was wrong.", office.keys["ada"])
    with office.store.writing() as session:
        assert settle_claim(session, claim.claim_id, "release", office.clock(), "disclosure") == []


def test_a_claim_whose_evidence_was_taken_out_is_given_to_nobody(office: Office, case: int) -> None:
    (number,) = held(office, case, ORIGIN)
    claimed(office, case)
    ClaimEvidence(office.casework).withdraw(case, number, "It was wrong.", "dia")
    with pytest.raises(UsageError, match=f"evidence {number} was taken out"):
        ClaimRecipients(office.casework).give(case, "The Kite Times", "dia")


def test_whoever_is_given_a_claim_while_it_is_taken_back_is_refused_or_owed_the_news(office: Office, case: int) -> None:
    held(office, case)
    claimed(office, case)
    claims, recipients = Claims(office.casework), ClaimRecipients(office.casework)

    def given(k: int) -> bool:
        if k == 6:
            claims.retract(case, 1, "It was wrong.", office.keys["ada"])
            return True
        try:
            recipients.give(case, f"reader {k}", "dia")
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(given, range(16)))

    found = recipients.of_case(case)
    assert len(found) == sum(done) - 1
    assert [one for one in found if one.owed_at is None] == []


def test_versions_that_are_made_at_once_follow_one_another(office: Office, case: int) -> None:
    held(office, case)
    with ThreadPoolExecutor(4) as pool:
        versions = [
            one.version for one in pool.map(lambda by: claimed(office, case, by=by), ("ada", "ben", "cem", "dia"))
        ]
    assert sorted(versions) == [1, 2, 3, 4]
    assert [one.state for one in Claims(office.casework).of_case(case)] == ["superseded"] * 3 + ["standing"]


def test_what_was_changed_past_the_log_is_noticed(office: Office, case: int) -> None:
    numbers = held(office, case)
    claims = Claims(office.casework)
    claim = claimed(office, case)
    with office.store.writing() as session:
        body = {**claim.body, "text": "The network is directed by the state of China."}
        session.execute(update(ClaimRow).values(body=json.dumps(body)))
    with pytest.raises(InputError, match="is not what ada signed"):
        claims.standing(case)
    with office.store.writing() as session:
        session.execute(update(ClaimRow).values(body=json.dumps(claim.body)))
    claims.retract(case, 1, "It was wrong.", office.keys["ada"])
    with office.store.writing() as session:
        session.execute(update(ClaimRow).values(state="standing"))
    with pytest.raises(InputError, match="and not in the log"):
        claims.standing(case)
    with office.store.writing() as session:
        session.execute(
            update(ClaimEvidenceRow)
            .where(ClaimEvidenceRow.evidence_id == numbers[0])
            .values(withdrawn_at=office.clock())
        )
    with pytest.raises(InputError, match="is not what the log has"):
        ClaimEvidence(office.casework).of_case(case)


def test_a_second_signature_that_somebody_writes_into_the_store_counts_for_nothing(office: Office, case: int) -> None:
    held(office, case)
    Claims(office.casework).make(case, STATE, office.keys["ada"])
    with office.store.writing() as session:
        session.execute(update(ClaimRow).values(state="standing", signer="cem", second_signature="00" * 64))
    with pytest.raises(InputError, match="no second one signed it"):
        Claims(office.casework).standing(case)


def test_everything_is_in_the_log_and_the_log_says_nothing_of_what_was_found(office: Office, case: int) -> None:
    numbers = held(office, case)
    claimed(office, case)
    ClaimRecipients(office.casework).give(case, "The Kite Times", "dia")
    Claims(office.casework).retract(case, 1, "It was wrong.", office.keys["ada"])
    ClaimEvidence(office.casework).withdraw(case, numbers[0], "It was wrong.", "dia")
    with office.store.reading() as session:
        entries = read_entries(session, case)
        assert verify(session).holds
    kinds = [one["kind"] for one in entries if one["kind"].startswith("claim.")]
    assert kinds == ["claim.evidence", "claim.made", "claim.given", "claim.retracted", "claim.evidence.withdrawn"]
    said = json.dumps([one["body"] for one in entries])
    assert not any(word in said for word in ("Kite", "China", "wrong", "found"))


def test_slips_are_told(office: Office, case: int) -> None:
    claims, evidence = Claims(office.casework), ClaimEvidence(office.casework)
    held(office, case)
    with pytest.raises(UsageError, match=r"piece 1 is evidence 1 of case \d+ already"):
        held(office, case, ORIGIN)
    with pytest.raises(NotFoundError, match="no case 99"):
        evidence.weigh(99)
    with pytest.raises(NotFoundError, match="has no evidence 99"):
        evidence.withdraw(case, 99, "Wrong.", "dia")
    with pytest.raises(NotFoundError, match="has no version 7"):
        claims.sign(case, 7, office.keys["cem"])
    with pytest.raises(NotFoundError, match="has no recipient 5"):
        ClaimRecipients(office.casework).told(case, 5, "dia")
    with pytest.raises(UsageError, match="does not say that the actor is of type 'state'"):
        claimed(office, case, "L4", actor_type="state")
    with pytest.raises(UsageError, match="does not say that a state directs it"):
        claimed(office, case, "L4", limits=("It is a state-backed network.",))
    with pytest.raises(UsageError, match="two sentences"):
        claimed(office, case, "L4", limits=("That is very likely, with high confidence.",))
    with pytest.raises(UsageError, match="eva may not propose"):
        claimed(office, case, by="eva")


def test_a_ground_that_needs_a_state_named_is_met_while_two_persons_claim_it_and_no_longer(
    office: Office, case: int
) -> None:
    def lacks() -> tuple[str, ...]:
        tried = office.decisions.dry_run(case, "remove", ["attributed_activity"], ["core", "amplifier"])
        return tuple(tried.unmet.get("attributed_activity", ()))

    numbers = held(office, case)
    assert lacks() == ("the operator is named at L0, and L5 is needed",)
    made = claimed(office, case, "L5", legal_note="Counsel read it, and has no objection.")
    assert lacks() == ("the operator is named at L0, and L5 is needed",)
    Claims(office.casework).sign(case, made.version, office.keys["ben"])
    assert lacks() == ()
    ClaimEvidence(office.casework).withdraw(case, numbers[0], "It was another platform's.", "dia")
    assert lacks() == ("the operator is named at L0, and L5 is needed",)


def test_an_exported_case_has_its_claims_as_they_may_be_published(office: Office, case: int) -> None:
    held(office, case)
    claimed(office, case, "L2")
    Claims(office.casework).retract(case, 1, "The log was another platform's.", office.keys["ada"])
    claimed(office, case, "L4")

    first, second = export_case(office.casework, case, "ada")["claims"]

    assert (first["level"], first["state"], first["why"]) == ("L2", "retracted", "The log was another platform's.")
    assert (second["level"], second["state"], second["entity"]) == ("L4", "standing", "Kite Works")
    assert first["made_by"] == second["made_by"] != "ada"
    told = json.dumps([first, second])
    assert "signature" not in told
    assert "earlier_infrastructure was found" not in told


def test_what_a_claim_rested_on_is_erased_when_its_time_has_come_and_no_version_stands(
    office: Office, case: int
) -> None:
    held(office, case)
    claimed(office, case, "L2")
    office.casework.dismiss(case, "Nothing is to be done.", "ada")
    at_once = {state: {"accounts": 0, "texts": 0} for state in ("dismissed", "closed")}
    clock = Retention(office.casework, at_once)  # type: ignore[arg-type]

    clock.run("ada")
    assert Claims(office.casework).standing(case) is not None
    assert len(ClaimEvidence(office.casework).of_case(case)) == len(SURE)

    Claims(office.casework).retract(case, 1, "It was wrong.", office.keys["ada"])
    assert [(one.what, one.count) for one in clock.due()] == [("texts", len(SURE) + 1)]
    clock.run("ada")

    assert ClaimEvidence(office.casework).of_case(case) == []
    (one,) = Claims(office.casework).of_case(case)
    assert (one.level, one.state, one.body) == ("L2", "retracted", {})
    with office.store.reading() as session:
        assert verify(session).holds
        told = [row.body for row in session.scalars(select(ClaimEvidenceRow))]
    assert told == [""] * len(SURE)
    assert export_case(office.casework, case, "ada")["claims"][0]["level"] == "L2"
    assert clock.due() == []
