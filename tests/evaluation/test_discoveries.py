from __future__ import annotations

import numpy as np

from samehand.evaluation import discoveries_in
from samehand.evaluation.discoveries import _hands, _mostly_apart


def test_one_hand_is_a_team_and_everybody_else_is_alone() -> None:
    hand = _hands([("team", "team-1"), ("team", "team-1"), ("team", "team-2"), ("fan", None), ("fan", None)])

    assert hand[0] == hand[1]
    assert len(set(hand.tolist())) == 4


def test_a_network_is_false_when_most_pairs_in_it_are_not_of_one_hand() -> None:
    assert not _mostly_apart(np.array([1, 1, 1, -4]))
    assert _mostly_apart(np.array([1, 1, -3, -4]))


def test_a_world_with_teams_gives_true_pairs_and_networks() -> None:
    (found,) = discoveries_in("hongkong", range(11, 12))

    assert found.pairs > 100
    assert found.false_pairs <= 0.05 * found.pairs
    assert (found.networks >= 2, found.false_networks) == (True, 0)
