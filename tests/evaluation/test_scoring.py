from __future__ import annotations

import math
from dataclasses import replace

import pytest

from samehand.evaluation import Known, Verdicts, add_up, bootstrap, drawn_anew, recall_at, score
from tests.evaluation.made_verdicts import TRUTH, VERDICTS, network

SCORE = score(VERDICTS, TRUTH, "by hand")


def test_accounts_in_networks_are_planted_one_hand_organic_or_strangers() -> None:
    found = SCORE.found

    assert (found.planted, found.one_hand, found.organic, found.strangers) == (5, 2, 6, 1)
    assert (SCORE.planted, SCORE.teams) == (7, 2)


def test_an_organic_account_in_two_networks_counts_once() -> None:
    assert SCORE.found.accounts_of == {"team": 5, "newsroom": 2, "fan": 2, "organic": 4}


def test_precision_counts_newsrooms_as_wrong_and_recall_counts_planted_accounts() -> None:
    assert SCORE.found.precision == pytest.approx(5 / 13)
    assert SCORE.recall(SCORE.found) == pytest.approx(5 / 7)
    assert SCORE.f1(SCORE.found) == pytest.approx(2 * (5 / 13) * (5 / 7) / (5 / 13 + 5 / 7))


def test_the_flagged_networks_are_scored_by_themselves() -> None:
    flagged = SCORE.flagged

    assert (flagged.networks, flagged.planted, flagged.one_hand, flagged.organic) == (3, 3, 2, 4)
    assert flagged.precision == pytest.approx(3 / 9)
    assert SCORE.recall(flagged) == pytest.approx(3 / 7)


def test_a_network_is_right_when_more_than_half_of_its_members_are_planted() -> None:
    assert (SCORE.found.networks, SCORE.found.right) == (
        6,
        1,
    )  # half is not more than half: u0 with o1, t3 with a stranger
    assert SCORE.flagged.network_precision == pytest.approx(1 / 3)


def test_a_team_is_found_from_half_of_its_accounts_on() -> None:
    assert SCORE.found.teams_found == 1  # four of four; of the other one of three
    assert SCORE.flagged.teams_found == 1
    assert SCORE.team_recall(SCORE.found) == pytest.approx(1 / 2)


def test_networks_without_anybody_planted_are_told_apart_from_those_of_organic_accounts_only() -> None:
    assert (SCORE.found.organic_networks, SCORE.found.authentic_networks) == (2, 3)
    assert (SCORE.flagged.organic_networks, SCORE.flagged.authentic_networks) == (1, 2)


def test_organic_accounts_beside_planted_ones_are_counted() -> None:
    assert (SCORE.found.beside, SCORE.flagged.beside) == (2, 1)


def test_a_network_is_of_the_group_that_most_of_its_members_are_of() -> None:
    assert SCORE.found.networks_of == {
        "team": 2,
        "organic": 2,
        "newsroom": 1,
        "fan": 1,
    }  # of u0 and o1: the first by name


def test_a_world_is_misflagged_when_a_network_with_nobody_planted_is_flagged() -> None:
    right = Verdicts("made up", (network("t0 t1", flagged=True), network("o0 o1")))

    assert (SCORE.worlds_reporting, SCORE.worlds_misflagged) == (1, 1)
    assert score(right, TRUTH, "right").worlds_misflagged == 0


def test_nothing_found_has_no_precision_and_a_recall_of_zero() -> None:
    nothing = score(Verdicts("made up"), TRUTH, "empty")

    assert math.isnan(nothing.found.precision)
    assert (nothing.recall(nothing.found), nothing.f1(nothing.found), nothing.worlds_reporting) == (0, 0, 0)


def test_worlds_are_added_up_by_their_counts() -> None:
    empty = score(replace(VERDICTS, networks=(), seconds=1.0), TRUTH, "empty")

    total = add_up([SCORE, empty], "sum")

    assert (total.worlds, total.planted, total.found.planted, total.seconds) == (2, 14, 5, 3.5)
    assert total.recall(total.found) == pytest.approx(5 / 14)
    assert total.found.accounts_of == SCORE.found.accounts_of
    assert (total.worlds_reporting, total.worlds_misflagged) == (1, 1)


def test_worlds_in_which_a_detector_did_not_run_count_for_nothing_but_are_said() -> None:
    absent = score(Verdicts("made up", note="not installed", ran=False), TRUTH, "absent")

    total = add_up([SCORE, absent], "sum")

    assert (total.worlds, total.ran, total.planted, total.notes) == (1, 1, 7, ("not installed",))


def test_recall_at_a_cut_takes_networks_of_one_rank_together_or_not_at_all() -> None:
    assert [recall_at(VERDICTS, TRUTH, most) for most in (0, 1, 2, 6, 7, 8)] == [0, 3, 4, 4, 4, 5]


def test_recall_at_a_cut_stops_at_the_first_excess() -> None:
    ranked = Verdicts("made up", (network("o0 o1", rank=1), network("t0 t1 t2", rank=2)))

    assert [recall_at(ranked, TRUTH, most) for most in (0, 1, 2)] == [0, 0, 3]


def test_labels_count_operation_accounts_as_planted() -> None:
    labels = {("x", "a"): Known("operation", ""), ("x", "b"): Known("organic", "")}

    labelled = score(Verdicts("made up", (network("a b"),)), labels, "labels")

    assert (labelled.planted, labelled.found.planted, labelled.found.organic, labelled.teams) == (1, 1, 1, 0)


def test_a_bootstrap_interval_holds_the_figure_and_needs_two_worlds() -> None:
    """Two worlds, one found whole and one not at all: three draws in four have at least one that was found."""
    empty = score(replace(VERDICTS, networks=()), TRUTH, "empty")

    interval = bootstrap(drawn_anew([SCORE, empty]), lambda one: one.recall(one.found))

    assert interval == pytest.approx((0.0, 5 / 7))
    assert bootstrap(drawn_anew([SCORE]), lambda one: one.recall(one.found)) is None
