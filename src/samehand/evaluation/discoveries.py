"""The false discovery rate that comes out, where it is known who belongs together: of pairs, and of networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samehand.evaluation.drawn import searched_worlds

__all__ = ["Discoveries", "discoveries_in"]

I64 = npt.NDArray[np.int64]

ONE_HAND = ("team", "newsroom", "mirror")


@dataclass(frozen=True)
class Discoveries:
    """What a run of one world reported, and how much of it is false.

    Attributes:
        seed: of the world.
        pairs, false_pairs: significant pairs over all traces, and those whose accounts are not of one hand.
        networks, false_networks: networks, and those of which most pairs of members are not of one hand.

    """

    seed: int
    pairs: int
    false_pairs: int
    networks: int
    false_networks: int


def _hands(known: list[tuple[str, str | None]]) -> I64:
    """A number for each hand, by role and team; accounts that act alone have one each, below zero."""
    numbers: dict[tuple[str, str | None], int] = {}
    hands = [numbers.setdefault(who, len(numbers)) if who[0] in ONE_HAND else -1 - row for row, who in enumerate(known)]
    return np.array(hands, np.int64)


def discoveries_in(scenario: str, seeds: range, *, level: float = 0.01) -> Iterator[Discoveries]:
    """Count true and false discoveries in worlds of a scenario, at default settings.

    Of one hand are the accounts of one team, of the newsrooms, of the mirrors. Fans, a protest and people at large
    are not, however much they are together.

    Args:
        scenario: a scenario's name.
        seeds: one world each.
        level: the false discovery rate asked for.

    """
    for one in searched_worlds(scenario, seeds, level=level):
        hand = _hands([one.truth[asset] for asset in one.assets])
        pairs = false = 0
        for trace in one.found.traces:
            first, second = trace.judged.first[trace.significant], trace.judged.second[trace.significant]
            pairs, false = pairs + len(first), false + int((hand[first] != hand[second]).sum())
        wrong = sum(_mostly_apart(hand[network.members]) for network in one.found.networks)
        yield Discoveries(one.seed, pairs, false, len(one.found.networks), wrong)


def _mostly_apart(hand: I64) -> bool:
    same = int((hand[:, None] == hand[None, :]).sum()) - len(hand)
    return 2 * same < len(hand) * (len(hand) - 1)
