from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.policy import DECISIONS, SignupPolicy, read_signup_policy
from samehand.signups.ladder import CHALLENGE, LIMIT, OBSERVE, REVIEW, SUSPEND, Caps, Evidence, wanted_rungs

POLICY = read_signup_policy()
FIELDS = {
    "odds": np.float64, "families": np.int8, "all_families": np.int8, "known_families": np.int8,
    "known_odds": np.float64, "members": np.int32, "learned": np.float64, "device": np.int32, "by_device": np.bool_,
}  # fmt: skip
ODDS, FAMILIES = st.floats(-12, 20), st.integers(0, 6)


@st.composite
def _evidence(draw: st.DrawFn) -> dict[str, Any]:
    """As the stream makes it: what a tie says counts among the odds and the families too."""
    known_odds, known_families, families = draw(ODDS), draw(FAMILIES), draw(FAMILIES)
    families = max(families, known_families)
    return {
        "odds": max(draw(ODDS), known_odds), "families": families, "all_families": families + draw(st.integers(0, 2)),
        "known_families": known_families, "known_odds": known_odds,
        "members": draw(st.integers(0, 60)), "learned": draw(st.floats(0, 1) | st.just(np.nan)),
        "device": draw(st.sampled_from([0, 0, 12])), "by_device": draw(st.booleans()),
    }  # fmt: skip


def _rung(
    evidence: dict[str, Any], *, seasoned: bool = True, suspends: bool = False, policy: SignupPolicy = POLICY
) -> int:
    one = Evidence(**{name: np.array([evidence[name]], kind) for name, kind in FIELDS.items()})
    return int(wanted_rungs(policy, one, seasoned=np.array([seasoned]), suspends=suspends)[0])


FULL: dict[str, Any] = {
    "odds": 30.0, "families": 6, "all_families": 6, "known_families": 6, "known_odds": 30.0, "members": 99,
    "learned": np.nan, "device": 0, "by_device": False,
}  # fmt: skip
NOTHING: dict[str, Any] = {
    **FULL, "odds": -12.0, "families": 0, "all_families": 0, "known_families": 0, "known_odds": -12.0, "members": 0,
}  # fmt: skip
WAVE: dict[str, Any] = {**NOTHING, "odds": 3.0, "families": 2, "all_families": 2, "members": 9}


@given(_evidence(), st.booleans(), st.booleans(), st.floats(0, 9), st.integers(0, 3))
def test_more_evidence_never_asks_for_a_lower_rung(
    evidence: dict[str, Any], seasoned: bool, suspends: bool, odds: float, families: int
) -> None:
    more = {**evidence, "odds": evidence["odds"] + odds}
    more |= {name: evidence[name] + families for name in ("families", "all_families")}

    before, after = (_rung(one, seasoned=seasoned, suspends=suspends) for one in (evidence, more))

    assert after >= before


@given(_evidence(), st.floats(0, 9), st.integers(0, 3), st.integers(0, 40))
def test_a_stronger_tie_or_a_larger_wave_never_asks_for_a_lower_rung(
    evidence: dict[str, Any], odds: float, families: int, members: int
) -> None:
    more = {**evidence, "members": evidence["members"] + members}
    more |= {"known_odds": evidence["known_odds"] + odds, "odds": evidence["odds"] + odds}
    more |= {name: evidence[name] + families for name in ("known_families", "families", "all_families")}

    assert _rung(more, suspends=True) >= _rung(evidence, suspends=True)


@given(_evidence(), st.booleans())
def test_the_machine_suspends_only_where_it_was_told_that_it_may(evidence: dict[str, Any], automatic: bool) -> None:
    rung = replace(POLICY.ladder["suspend"], automatic=automatic)
    policy = replace(POLICY, ladder={**POLICY.ladder, "suspend": rung})

    assert _rung(evidence, policy=policy) < SUSPEND


@given(_evidence(), st.booleans())
def test_a_suspension_takes_two_families_and_a_tie(evidence: dict[str, Any], known_bad: bool) -> None:
    rung = replace(POLICY.ladder["suspend"], log_odds=0.0, families=2, members=0, known_bad=known_bad)
    policy = replace(POLICY, ladder={**POLICY.ladder, "suspend": rung})

    if _rung(evidence, policy=policy, suspends=True) == SUSPEND:
        assert evidence["families"] >= 2
        assert evidence["known_odds"] > 0
        assert evidence["known_families"] > 0


def test_the_strongest_evidence_suspends_where_the_machine_may_and_is_reviewed_where_not() -> None:
    assert (_rung(FULL, suspends=True), _rung(FULL)) == (SUSPEND, REVIEW)


@given(_evidence(), st.booleans())
def test_what_one_place_explains_never_limits(evidence: dict[str, Any], seasoned: bool) -> None:
    """Whatever all families say: those that are left out are not among `families`."""
    evidence |= {"families": 0, "known_families": 0, "all_families": 9}

    assert _rung(evidence, seasoned=seasoned, suspends=True) <= CHALLENGE


@given(_evidence())
def test_without_a_baseline_nobody_is_limited_without_a_tie(evidence: dict[str, Any]) -> None:
    if _rung(evidence, seasoned=False, suspends=True) >= LIMIT:
        assert evidence["known_odds"] >= POLICY.ladder["limit"].log_odds
        assert evidence["known_families"] > 0


@given(_evidence())
def test_a_baseline_never_lowers_what_is_asked_for(evidence: dict[str, Any]) -> None:
    assert _rung(evidence, seasoned=True) >= _rung(evidence, seasoned=False)


def test_a_rung_that_is_not_automatic_is_passed_over() -> None:
    rung = replace(POLICY.ladder["review"], automatic=False)

    assert _rung(FULL, policy=replace(POLICY, ladder={**POLICY.ladder, "review": rung})) == LIMIT


def test_a_wave_smaller_than_a_rung_asks_for_does_not_reach_it_without_a_tie() -> None:
    small = {**FULL, "known_odds": -12.0, "known_families": 0, "members": POLICY.ladder["limit"].members - 1}

    assert (_rung(small), _rung({**small, "members": 10})) == (CHALLENGE, LIMIT)


def _caps(**numbers: int) -> SignupPolicy:
    return replace(POLICY, caps=replace(POLICY.caps, **numbers))


@given(
    st.lists(st.tuples(st.integers(OBSERVE, SUSPEND), st.integers(0, 1)), max_size=60),
    st.lists(st.integers(0, 5), min_size=4, max_size=4),
)
def test_no_day_puts_more_on_a_rung_than_its_cap(asked: list[tuple[int, int]], numbers: list[int]) -> None:
    policy = _caps(**dict(zip(DECISIONS[2:], numbers, strict=True)))
    caps = Caps()
    given_: list[tuple[int, int]] = []
    for rung, day in sorted(asked, key=lambda one: one[1]):
        got = caps.allowed(policy, rung, day)
        assert got <= rung
        given_.append((got, day))

    for day in (0, 1):
        for rung, most in zip(range(CHALLENGE, SUSPEND + 1), numbers, strict=True):
            assert given_.count((rung, day)) <= most


def test_a_full_rung_gives_the_one_below_and_a_new_day_the_rung_itself() -> None:
    policy, caps = _caps(review=1), Caps()

    assert [caps.allowed(policy, REVIEW, day) for day in (0, 0, 1)] == [REVIEW, LIMIT, REVIEW]


def test_an_account_that_waits_for_a_full_rung_uses_up_no_other_place() -> None:
    """It asks again at every look; each time it stays where it is."""
    policy, caps = _caps(review=0, limit=2), Caps()
    first = caps.allowed(policy, REVIEW, 0)
    again = [caps.allowed(policy, REVIEW, 0, first) for _ in range(24)]

    assert {first, *again} == {LIMIT}
    assert caps.allowed(policy, LIMIT, 0) == LIMIT


@pytest.mark.parametrize("held", [OBSERVE, CHALLENGE, LIMIT])
def test_a_cap_never_takes_an_account_down(held: int) -> None:
    assert Caps().allowed(_caps(challenge=0, limit=0, review=0), REVIEW, 0, held) == held


@given(_evidence(), st.booleans(), st.booleans())
def test_model_and_device_add_one_rung_at_most_and_nothing_above_limit(
    evidence: dict[str, Any], seasoned: bool, suspends: bool
) -> None:
    without = _rung({**evidence, "learned": np.nan, "device": 0}, seasoned=seasoned, suspends=suspends)
    found = _rung(evidence, seasoned=seasoned, suspends=suspends)

    assert found <= max(without, min(LIMIT, max(CHALLENGE if evidence["device"] else OBSERVE, without + 1)))


@pytest.mark.parametrize(
    ("evidence", "rung"),
    [
        ({**NOTHING, "learned": 0.97}, OBSERVE),
        ({**NOTHING, "device": 12}, CHALLENGE),
        ({**NOTHING, "device": 12, "learned": 0.97}, CHALLENGE),
        ({**WAVE, "odds": 1.0, "learned": 0.97}, CHALLENGE),
        ({**WAVE, "odds": 1.0, "learned": 0.5}, OBSERVE),
        ({**WAVE, "odds": 1.0, "families": 0, "learned": 0.97}, OBSERVE),
        (WAVE, CHALLENGE),
        ({**WAVE, "learned": 0.97}, LIMIT),
        ({**WAVE, "device": 12}, LIMIT),
        ({**WAVE, "device": 12, "by_device": True}, CHALLENGE),
        ({**WAVE, "odds": 30.0, "members": 99, "learned": 0.0}, CHALLENGE),
        ({**FULL, "learned": 0.0}, REVIEW),
        ({**FULL, "learned": 1.0, "device": 12}, REVIEW),
    ],
)
def test_what_a_model_and_a_device_add(evidence: dict[str, Any], rung: int) -> None:
    assert _rung(evidence) == rung


@pytest.mark.parametrize("more", [{"learned": 1.0}, {"device": 12}])
def test_without_a_baseline_neither_model_nor_device_limits(more: dict[str, Any]) -> None:
    assert _rung({**WAVE, **more}, seasoned=False) == CHALLENGE


@pytest.mark.parametrize(
    ("rung", "key", "evidence", "reached"),
    [
        ("limit", "automatic", {**WAVE, "learned": 1.0}, CHALLENGE),
        ("limit", "automatic", {**WAVE, "device": 12}, CHALLENGE),
        ("limit", "known_bad", {**WAVE, "device": 12}, CHALLENGE),
        ("challenge", "automatic", {**NOTHING, "device": 12}, 0),
        ("observe", "automatic", {**NOTHING, "learned": 1.0}, 0),
    ],
)
def test_neither_model_nor_device_does_what_the_policy_does_not_let_the_machine_do(
    rung: str, key: str, evidence: dict[str, Any], reached: int
) -> None:
    changed = replace(POLICY.ladder[rung], **{key: key == "known_bad"})

    assert _rung(evidence, policy=replace(POLICY, ladder={**POLICY.ladder, rung: changed})) == reached


def test_what_one_place_explains_is_not_limited_for_a_model() -> None:
    venue = replace(POLICY, ladder={**POLICY.ladder, "challenge": replace(POLICY.ladder["challenge"], venue=True)})

    assert _rung({**WAVE, "families": 0, "learned": 1.0}, policy=venue) == CHALLENGE
