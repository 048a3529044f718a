"""A policy is tried on what was decided, and says what it would have changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from samehand.casework import Decision, bring, read_entries, try_pack
from samehand.policy import Pack, parse_pack
from tests.casework.scenes import PACK, STRONG, Office, accounts, brought, finding, run_of

CIB = ["coordinated_inauthentic"]


def _changed(*pairs: tuple[str, str]) -> Pack:
    text = PACK.text
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return parse_pack(text, "draft")


def _decided(office: Office, case: int, action: str = "suspend") -> Decision:
    decision = office.decisions.propose(case, action, CIB, "One hand.", office.keys["dia"])  # type: ignore[arg-type]
    office.decisions.sample(decision.decision_id, "cem")
    return office.decisions.approve(decision.decision_id, office.keys["cem"], decision.confirmation)


def test_the_policy_in_force_changes_nothing(office: Office, tmp_path: Path) -> None:
    _decided(office, brought(office, tmp_path / "run"))

    trial = try_pack(office.casework, PACK)

    assert (trial.tried, trial.decisions, trial.cases) == (1, (), ())


def test_a_stricter_policy_tells_which_accounts_it_would_have_spared_and_why(office: Office, tmp_path: Path) -> None:
    more = (*STRONG, finding("inauthentic", "client", "strong"))
    for name, found, first in (("few", STRONG, 0), ("many", more, 100)):
        run = run_of(tmp_path / name, {"N1": accounts(30, first)}, findings=found, seed=first)
        bring(office.casework, run, ["N1"], "dia", case_id=1 if first else None)
    _decided(office, 1)
    stricter = _changed(
        ('{ axis = "inauthentic", least = "strong", groups = 2 }', '{ axis = "inauthentic", groups = 3 }')
    )

    (one,) = try_pack(office.casework, stricter).decisions

    assert (one.accounts, one.still) == (60, 30)
    assert one.policy == PACK.version


def test_a_policy_without_the_ground_spares_all_and_says_so(office: Office, tmp_path: Path) -> None:
    _decided(office, brought(office, tmp_path / "run"))
    renamed = _changed(("[grounds.coordinated_inauthentic]", "[grounds.one_hand]"))

    (one,) = try_pack(office.casework, renamed).decisions

    assert (one.still, one.why) == (0, ("coordinated_inauthentic: the policy has no such ground",))


def test_a_milder_policy_says_that_it_allows_less(office: Office, tmp_path: Path) -> None:
    _decided(office, brought(office, tmp_path / "run"))
    milder = _changed(('strongest = "suspend"', 'strongest = "limit"'))

    trial = try_pack(office.casework, milder)

    assert "it allows limit at most, not suspend" in trial.decisions[0].why[0]
    assert trial.cases[0].now["coordinated_inauthentic"] == "suspend"
    assert trial.cases[0].then["coordinated_inauthentic"] == "limit"


def test_a_laxer_policy_names_the_cases_that_it_would_bear(office: Office, tmp_path: Path) -> None:
    brought(office, tmp_path / "run", findings=STRONG[:1], inauthentic="some", flagged=False)
    lax = _changed(
        ('{ axis = "inauthentic", least = "strong", groups = 2 }', '{ axis = "inauthentic", least = "some" }')
    )

    (one,) = try_pack(office.casework, lax).cases

    assert (one.case_id, set(one.then) - set(one.now)) == (1, {"fake_accounts"})


def test_a_trial_leaves_no_trace(office: Office, tmp_path: Path) -> None:
    _decided(office, brought(office, tmp_path / "run"))
    with office.store.reading() as session:
        before = read_entries(session)
    try_pack(office.casework, _changed(("[grounds.spam]", "[grounds.pushing]")))
    with office.store.reading() as session:
        assert read_entries(session) == before


@pytest.mark.parametrize("action", ["limit", "suspend"])
def test_what_was_refused_is_not_tried(office: Office, tmp_path: Path, action: str) -> None:
    case = brought(office, tmp_path / "run")
    decision = office.decisions.propose(case, action, CIB, "One hand.", office.keys["dia"])  # type: ignore[arg-type]
    office.decisions.refuse(decision.decision_id, office.keys["cem"], "No.")

    assert try_pack(office.casework, PACK).tried == 0
