"""A claim's words and what is published of it: no more than its level lets it, whoever drew it up."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.attribution import (
    LEVELS,
    ClaimDraft,
    EvidenceItem,
    borne,
    claim_block,
    draft_claim,
    evidence_kinds,
    reach,
    read_evidence,
    weigh,
)
from samehand.errors import FormatError, UsageError


def piece(kind: str, **more: Any) -> EvidenceItem:
    sure = {"said": "Found in Beijing.", "source": "somebody", "reliability": "A", "credibility": 1}
    return EvidenceItem(**{"kind": kind, **sure, **more})


ANY = st.lists(
    st.builds(
        piece, st.sampled_from(tuple(evidence_kinds())), country=st.sampled_from(["", "CN", "RU"]),
        entity=st.sampled_from(["", "Kite Works"]), source_class=st.sampled_from(["", "open", "classified"]),
    ),
    max_size=8,
)  # fmt: skip
SURE = [
    piece("unblocked_access", country="CN"), piece("earlier_infrastructure", country="CN", entity="Kite Works"),
    piece("procurement_record", country="CN", entity="Kite Works", source_class="open"),
]  # fmt: skip


@given(ANY, st.sampled_from(LEVELS), st.booleans())
@settings(max_examples=300)
def test_what_is_published_says_no_more_than_its_level_and_its_evidence(
    items: list[EvidenceItem], level: Any, coordinated: bool
) -> None:
    draft = ClaimDraft(level=level, legal_note="Read by counsel.")
    reached = reach(items, weigh(items), coordinated=coordinated)
    assert set(borne(items, reached)) - {"L5"} <= set(LEVELS[: LEVELS.index(reached.level) + 1])
    if level not in borne(items, reached):
        with pytest.raises(UsageError, match=f"{level} is not allowed"):
            draft_claim(items, draft, coordinated=coordinated)
        return
    block = claim_block(draft_claim(items, draft, coordinated=coordinated), 1)
    at, told = LEVELS.index(level), json.dumps(block)
    assert "Read by counsel" not in told
    assert (block["country"] is None) == (at < 2)
    assert (block["entity"] is None) or at >= 4
    if at < 2:
        assert (block["likelihood"], block["confidence"]) == (None, None)
        assert not re.search("China|Russia|Beijing|Kite", told)
    if at < 5:
        assert "directed by the state" not in told
        assert at >= 4 or "orders such accounts" not in told
        assert at >= 3 or "tie accounts to persons" not in told
        assert at >= 2 or "Log-ins come from" not in told
        assert not any(
            one["likelihood"] for one in block["alternatives_considered"] if "a state directs" in one["explanation"]
        )
        assert block["explanation"] != "a state directs it"
        assert not re.search(r"(likely|chance|certain) that a state directs", told)
    for sentence in re.split(r"(?<=\.) ", block["text"]):
        assert not ("confidence" in sentence and re.search("likely|certain|chance", sentence))


def test_what_was_found_is_published_of_open_sources_alone_and_of_what_its_level_bears() -> None:
    by_level = {
        level: claim_block(draft_claim(SURE, ClaimDraft(level=level), coordinated=True), 1)["evidence_summary"]
        for level in ("L2", "L4")
    }  # fmt: skip
    assert [one["found"] for one in by_level["L2"]] == [None, None, None]
    assert [one["found"] for one in by_level["L4"]] == [None, None, "Found in Beijing."]
    assert {one["grade"] for one in by_level["L4"]} == {"A1"}


def test_ties_to_an_entity_are_no_links_to_persons() -> None:
    with pytest.raises(
        UsageError, match=r"ties the network to Kite Works, and to no persons; .* claim L1 or L2 or L4 or L5"
    ):
        draft_claim(SURE, ClaimDraft(level="L3"), coordinated=True)
    persons = [*SURE, piece("identity_link", country="CN")]
    text = draft_claim(persons, ClaimDraft(level="L3"), coordinated=True)["text"]
    assert text.startswith("The network has links to individuals associated with China.")


def test_a_claim_weaker_than_its_evidence_is_allowed_and_says_nothing_of_how_likely_a_state_is() -> None:
    body = draft_claim(SURE, ClaimDraft(level="L2"), coordinated=True)
    assert body["text"] == (
        "The network originates in China. That it originates there says nothing of who ordered it. "
        "Whether a state directs it is not claimed."
    )
    assert claim_block(body, 1)["entity"] is None


def test_words_that_deny_may_name_what_is_not_claimed() -> None:
    draft = ClaimDraft(level="L2", limits=("We do not know whether it was ordered by anybody.",))
    assert draft_claim(SURE, draft, coordinated=True)["limits"][-1].startswith("We do not know")
    with pytest.raises(UsageError, match="what would change it: a claim of level L2"):
        draft_claim(SURE, ClaimDraft(level="L2", would_change=("It was ordered by a minister.",)), coordinated=True)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"source_class": "secret"}, "open, proprietary or classified"), ({"sha256": "abc"}, "sha256 is 64"),
        ({"entity": "X. The state directs it"}, "a name, not a sentence"), ({"entity": 5}, "entity is a name"),
        ({"credibility": True}, "graded A to F"), ({"disarm": "T0084"}, "disarm is a list"),
        ({"group": "a\nb"}, "group is a name"),
    ],
)  # fmt: skip
def test_a_piece_of_evidence_that_is_not_as_it_has_to_be_is_refused(wrong: dict[str, Any], told: str) -> None:
    said = {"kind": "identity_link", "said": "Found.", "source": "somebody", **wrong}
    with pytest.raises(FormatError, match=f"row 1: .*{told}"):
        read_evidence(said, "row 1")
