"""Evidence weighed: one ratio a group, rivals that stay, confidence apart from likelihood, and words no stronger than both."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.attribution import (
    HYPOTHESES,
    LEVELS,
    EvidenceItem,
    claim_text,
    evidence_kinds,
    likelihood_word,
    names_a_state,
    reach,
    read_evidence,
    weigh,
)
from samehand.errors import FormatError, UsageError

KINDS = tuple(evidence_kinds())


def _item(
    kind: str, reliability: str = "A", credibility: int = 1, *, country: str = "", entity: str = ""
) -> EvidenceItem:
    return EvidenceItem(
        kind=kind,
        said="Found.",
        source="somebody",
        reliability=reliability,
        credibility=credibility,
        country=country,
        entity=entity,
    )


ANY_ITEM = st.builds(
    _item,
    st.sampled_from(KINDS),
    st.sampled_from("ABCDEF"),
    st.integers(1, 6),
    country=st.sampled_from(["", "CN", "RU"]),
)
SURE = [
    _item("unblocked_access", country="CN"), _item("earlier_infrastructure", country="CN", entity="e"),
    _item("procurement_record", country="CN", entity="e"), _item("working_hours"),
]  # fmt: skip


def test_nothing_says_nothing() -> None:
    weighed = weigh([])
    assert all(one == pytest.approx(0.2) for one in weighed.posterior.values())
    assert weighed.confidence == "low"
    assert not names_a_state(weighed)
    assert reach([], weighed, coordinated=False).level == "L0"


@given(ANY_ITEM)
def test_ten_pieces_that_hang_on_one_thing_are_one_piece(item: EvidenceItem) -> None:
    assert weigh([item] * 10).posterior == weigh([item]).posterior


@given(ANY_ITEM)
def test_a_group_moves_any_two_rivals_by_a_hundred_at_most(item: EvidenceItem) -> None:
    posterior = weigh([item]).posterior
    assert max(posterior.values()) / min(posterior.values()) <= 100.0001


@given(st.lists(ANY_ITEM, max_size=8))
@settings(max_examples=200)
def test_what_can_be_forged_never_makes_a_state_likelier_than_a_false_flag(items: list[EvidenceItem]) -> None:
    forgeable = [one for one in items if one.of.forgeable]
    weighed = weigh(forgeable)
    assert weighed.posterior["false_flag"] >= weighed.posterior["state_directed"] - 1e-12
    assert not names_a_state(weighed)


@given(st.lists(ANY_ITEM, max_size=8))
@settings(max_examples=200)
def test_a_state_is_named_only_if_it_stays_likely_without_any_one_group(items: list[EvidenceItem]) -> None:
    weighed = weigh(items)
    if not names_a_state(weighed):
        return
    for group in {one.hangs_on for one in items}:
        kept = [one for one in items if one.hangs_on != group]
        assert weigh(kept).posterior["state_directed"] >= 0.55
        assert weigh([one for one in kept if not one.of.forgeable]).posterior["state_directed"] >= 0.55
    saying = [one for one in items if one.of.ratings["state_directed"] in ("C", "CC")]
    assert len({one.of.category for one in saying}) >= 2
    assert len({one.hangs_on for one in saying}) >= 2


@pytest.mark.parametrize("kinds", [["working_hours", "holiday_calendar", "interface_language", "signup_traits"]])
def test_hours_languages_and_sign_ups_never_name_an_actor(kinds: list[str]) -> None:
    items = [_item(kind, country="CN", entity="e") for kind in kinds]
    reached = reach(items, weigh(items), coordinated=True)
    assert (reached.level, reached.where, reached.who, reached.signable) == ("L1", "", "", False)


def test_two_unforgeable_ties_are_signable_and_marks_that_somebody_planted_undo_it() -> None:
    weighed = weigh(SURE)
    reached = reach(SURE, weighed, coordinated=True)
    assert (reached.level, reached.where, reached.who, reached.signable) == ("L4", "CN", "e", True)
    undone = [*SURE, _item("planted_marks")]
    assert weigh(undone).posterior["state_directed"] < weighed.posterior["state_directed"]
    assert not reach(undone[2:], weigh(undone[2:]), coordinated=True).signable


def test_evidence_that_points_at_two_countries_names_neither() -> None:
    items = [*SURE, _item("identity_link", country="RU")]
    assert reach(items, weigh(items), coordinated=True).level == "L1"


@pytest.mark.parametrize("level", LEVELS)
def test_a_text_says_no_more_than_its_level(level: str) -> None:
    weak = weigh([_item("unblocked_access", "C", 3, country="CN")])
    assert weak.leading == "state_directed"
    assert not names_a_state(weak)
    text = claim_text(level, "China", "a firm", weak)  # type: ignore[arg-type]
    if level != "L5":
        assert "directed by the state" not in text
        assert "likely that a state directs" not in text
    strong = claim_text(level, "China", "a firm", weigh(SURE))  # type: ignore[arg-type]
    for sentence in re.split(r"(?<=\.) ", strong):
        assert not ("confidence" in sentence and re.search(r"likely|certain|chance", sentence)), sentence


def test_likelihood_words_have_the_bands_of_icd_203() -> None:
    said = [likelihood_word(one) for one in (0.01, 0.1, 0.3, 0.5, 0.6, 0.9, 0.97)]
    assert said == [
        "almost no chance", "very unlikely", "unlikely", "roughly even chance", "likely", "very likely", "almost certain",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "prior", [{}, dict.fromkeys(HYPOTHESES, 1.0), {**dict.fromkeys(HYPOTHESES, 0.25), "false_flag": 0.0}]
)
def test_a_prior_that_is_none_is_refused(prior: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="a chance above 0"):
        weigh([], prior)  # type: ignore[arg-type]


@pytest.mark.parametrize("said", [{"kind": "narrative"}, {"kind": "Target"}, {"kind": "working_hours", "opinion": "x"}])
def test_what_a_network_says_or_aims_at_is_never_evidence(said: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"row 3: .* never evidence"):
        read_evidence({"said": "x", "source": "y", **said}, "row 3")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"kind": "rumour"}, "no kind of evidence"), ({"said": ""}, "said is a text"), ({"source": 3}, "source is a text"),
        ({"reliability": "G"}, "A to F"), ({"credibility": 0}, "1 to 6"), ({"country": "cn"}, "ISO 3166-1"),
        ({"disarm": ["T9999"]}, "no technique T9999"), ({"colour": "red"}, "'colour' is nothing"),
    ],
)  # fmt: skip
def test_bad_evidence_is_refused_with_its_place(more: dict[str, object], why: str) -> None:
    good = {"kind": "working_hours", "said": "Found.", "source": "somebody", "reliability": "B", "credibility": 2}
    assert read_evidence(good, "row 1").of.category == "behavioural"
    with pytest.raises(FormatError, match=f"row 7: .*{why}"):
        read_evidence({**good, **more}, "row 7")


def test_every_kind_rates_all_rivals_and_has_another_reading() -> None:
    for kind in evidence_kinds().values():
        assert set(kind.ratings) == set(HYPOTHESES)
        assert kind.alternative
        assert kind.title
        assert kind.ratings["state_directed"] != "CC" or kind.category != "behavioural"
