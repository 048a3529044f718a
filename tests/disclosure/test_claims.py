"""A claim in a release: what is told of it, in words no stronger than its level; and a retraction reaches all who have it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import stix2

from samehand.attribution import ClaimDraft
from samehand.casework import ClaimEvidence, ClaimRecipients, Claims
from samehand.disclosure import Releases
from samehand.errors import UsageError
from samehand.exchange import Collections, Wanted, share_claim, take_back
from tests.casework.scenes import Office
from tests.casework.test_claims import STATE, SURE
from tests.disclosure.test_releases import _make
from tests.enforcement.test_appeals import _suspended
from tests.enforcement.test_execution import Platform


@pytest.fixture
def decided(office: Office, tmp_path: Path) -> Office:
    _suspended(office, tmp_path, Platform(), 30)
    return office


@pytest.fixture
def claimed(decided: Office) -> Office:
    """A case that was carried out, with a claim of level L4."""
    ClaimEvidence(decided.casework).add(1, SURE, "dia")
    Claims(decided.casework).make(1, ClaimDraft(level="L4"), decided.keys["ada"])
    return decided


def _body(folder: Path) -> Any:
    return json.loads((folder / "release" / "release.json").read_text("utf-8"))


def _page(folder: Path) -> str:
    return (folder / "release" / "report.html").read_text("utf-8")


def test_a_release_has_the_claim_that_stands_and_its_page_says_no_more(claimed: Office, tmp_path: Path) -> None:
    made = _make(claimed, tmp_path)
    claim, page = _body(tmp_path)["actor_claim"], _page(tmp_path)

    assert (claim["level"], claim["version"], claim["country"], claim["entity"]) == ("L4", 1, "CN", "Kite Works")
    assert (claim["type"], claim["likelihood"], claim["confidence"]) == ("organisation", None, None)
    assert {"evidence_summary", "alternatives_considered", "limits", "would_change"} <= set(claim)
    assert "The network is run by Kite Works." in page
    assert "Whether a state directs it is not claimed." in page
    assert "directed by the state" not in page
    assert "Who is behind the accounts is not claimed here." not in page
    (recipient,) = ClaimRecipients(claimed.casework).of_case(1)
    assert (recipient.kind, recipient.name) == ("release", made.release_id)


def test_a_claim_that_names_a_state_tells_likelihood_and_confidence_in_two_sentences(
    decided: Office, tmp_path: Path
) -> None:
    ClaimEvidence(decided.casework).add(1, SURE, "dia")
    claims = Claims(decided.casework)
    claims.make(1, STATE, decided.keys["ada"])
    _make(decided, tmp_path)
    assert _body(tmp_path)["actor_claim"] is None  # it waits for a second signature
    claims.sign(1, 1, decided.keys["cem"])
    _make(decided, tmp_path)

    claim, page = _body(tmp_path)["actor_claim"], _page(tmp_path)
    assert (claim["level"], claim["type"], claim["confidence"]) == ("L5", "state", "high")
    assert claim["likelihood"] in ("very likely", "almost certain")
    assert "The network is directed by the state of China." in page
    assert "Counsel" not in page + json.dumps(claim)
    for sentence in re.split(r"[.;:]\s|<[^>]+>", page):
        assert not ("confidence" in sentence and re.search("likely|certain|chance", sentence)), sentence


def test_a_release_may_leave_the_claim_out(claimed: Office, tmp_path: Path) -> None:
    _make(claimed, tmp_path, claim=False)
    assert _body(tmp_path)["actor_claim"] is None
    assert "Who is behind the accounts is not claimed here." in _page(tmp_path)
    assert ClaimRecipients(claimed.casework).of_case(1) == []


def test_no_release_is_written_with_a_claim_whose_evidence_was_taken_out(claimed: Office, tmp_path: Path) -> None:
    ClaimEvidence(claimed.casework).withdraw(1, 1, "It was another network's.", "dia")
    with pytest.raises(UsageError, match="evidence 1 was taken out since"):
        _make(claimed, tmp_path)
    assert not (tmp_path / "release").exists()
    _make(claimed, tmp_path, claim=False)


def test_a_release_that_does_not_reach_the_store_is_not_there(
    claimed: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that ends while its release is written: nobody would ever correct what the store does not know."""
    written = Releases._write

    def write(self: Releases, *arguments: Any) -> None:
        Claims(claimed.casework).retract(1, 1, "It was another network's.", claimed.keys["ada"])
        written(self, *arguments)

    monkeypatch.setattr(Releases, "_write", write)
    with pytest.raises(UsageError, match="does not stand"):
        _make(claimed, tmp_path)
    assert not (tmp_path / "release").exists()
    assert Releases(claimed.casework).all() == []


def test_a_retraction_reaches_the_release_the_partners_and_everybody_who_is_named(
    claimed: Office, tmp_path: Path
) -> None:
    work = claimed.casework
    collections, recipients = Collections(work), ClaimRecipients(work)
    collections.make("peers", "ada", clearance="green")
    share_claim(work, 1, "peers", "ada", tlp="green", organisation="Kite Town")
    made, named = _make(claimed, tmp_path), recipients.give(1, "The Kite Times", "dia")
    releases, place = Releases(work), collections.titled("peers").collection_id
    assert (releases.take_corrections(), take_back(work)) == (0, 0)
    shared = [json.loads(one.body) for one in collections.page(place, Wanted(), 99)[0]]
    for one in shared:
        stix2.parse(one)
    assert {one["type"] for one in shared} >= {"campaign", "location", "relationship", "note"}
    claimed.clock.pass_by(hours=2)

    Claims(work).retract(1, 1, "The tender was forged.", claimed.keys["ben"])
    assert {one.kind for one in recipients.of_case(1, owed=True)} == {"release", "collection", "named"}
    assert releases.take_corrections() == 1
    assert take_back(work) == 4
    recipients.told(1, named.recipient_id, "dia")

    assert recipients.of_case(1, owed=True) == []
    assert {one.kind: one.sent_by for one in recipients.of_case(1)} == {
        "release": "disclosure", "collection": "exchange", "named": "dia",
    }  # fmt: skip
    (row,) = releases.corrections(made.release_id).to_pylist()
    assert (row["userid"], row["corrected_at"]) == (None, claimed.clock())
    assert row["what"] == "actor_claim, version 1, is taken back: whoever holds the release removes it"
    after = [json.loads(one.body) for one in collections.page(place, Wanted(), 99)[0]]
    ours = [one for one in after if one["type"] in ("campaign", "location", "relationship", "note")]
    assert [one.get("revoked") for one in ours] == [True] * 4
    assert (releases.take_corrections(), take_back(work)) == (0, 0)
    _make(claimed, tmp_path)
    assert _body(tmp_path)["actor_claim"] is None


def test_a_new_version_takes_the_old_one_back_and_stands_itself(claimed: Office, tmp_path: Path) -> None:
    work = claimed.casework
    Collections(work).make("peers", "ada", clearance="green")
    share_claim(work, 1, "peers", "ada", tlp="green", organisation="Kite Town")
    made = _make(claimed, tmp_path)
    claimed.clock.pass_by(hours=2)
    Claims(work).make(1, ClaimDraft(level="L2"), claimed.keys["ada"])
    share_claim(work, 1, "peers", "ada", tlp="green", organisation="Kite Town")
    assert Releases(work).take_corrections() == 1
    assert take_back(work) == 4

    (row,) = Releases(work).corrections(made.release_id).to_pylist()
    assert "version 1" in row["what"]
    place = Collections(work).titled("peers").collection_id
    notes = [json.loads(one.body) for one in Collections(work).page(place, Wanted(types=("note",)), 9)[0]]
    assert {one["labels"][0]: one.get("revoked", False) for one in notes} == {"claim:L4": True, "claim:L2": False}


def test_nothing_is_shared_where_no_claim_stands_or_its_marking_does_not_let_it(decided: Office) -> None:
    work = decided.casework
    Collections(work).make("public", "ada", clearance="clear")
    with pytest.raises(UsageError, match="no claim of case 1 stands"):
        share_claim(work, 1, "public", "ada", tlp="clear", organisation="Kite Town")
    ClaimEvidence(work).add(1, SURE, "dia")
    Claims(work).make(1, ClaimDraft(level="L2"), decided.keys["ada"])
    with pytest.raises(UsageError, match="TLP:GREEN does not go"):
        share_claim(work, 1, "public", "ada", tlp="green", organisation="Kite Town")
    assert ClaimRecipients(work).of_case(1) == []
