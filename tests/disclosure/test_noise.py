"""Noise that is what it is said to be, and a budget that is spent once."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from samehand.disclosure import Ledger, discrete_laplace
from samehand.errors import UsageError


@pytest.mark.parametrize("scale", [Fraction(1), Fraction(2), Fraction(10, 3), Fraction(1, 2)])
def test_draws_follow_the_distribution(scale: Fraction) -> None:
    """20,000 draws with a fixed seed against the exact probabilities; with another seed it fails by luck once in a thousand."""
    below = Random(20_260_811).randrange
    drawn = Counter(discrete_laplace(scale, below) for _ in range(20_000))
    q = exp(-1 / float(scale))
    edge = max(2, int(4 * scale))
    expected = {k: 20_000 * (1 - q) / (1 + q) * q ** abs(k) for k in range(-edge, edge + 1)}
    seen = [drawn[k] for k in expected]
    rest = 20_000 - sum(seen)
    assert chisquare([*seen, rest], [*expected.values(), 20_000 - sum(expected.values())]).pvalue > 0.001


@given(st.integers(0, 1_000_000), st.sampled_from([Fraction(1, 10), Fraction(1, 2), Fraction(1)]))
def test_a_number_is_told_once_and_never_below_nothing(true: int, epsilon: Fraction) -> None:
    ledger = Ledger(Fraction(2), Random(1).randrange)
    first = ledger.tell("followers", true, epsilon)
    assert first == ledger.tell("followers", true, epsilon)
    assert first.value >= 0
    assert ledger.left == 2 - epsilon
    assert ledger.statement() == {"followers": float(epsilon)}


def test_what_is_told_is_as_near_as_is_said() -> None:
    near = 0
    for seed in range(2_000):
        told = Ledger(Fraction(1), Random(seed).randrange).tell("n", 1_000, Fraction(1, 2))
        near += abs(told.value - 1_000) <= told.within
    assert told.within == 6
    assert 0.94 < near / 2_000 < 0.98  # the least whole number whose share is 95 of 100 or more


def test_what_is_spent_is_spent() -> None:
    ledger = Ledger(Fraction(1))
    ledger.tell("followers", 15_500, Fraction(3, 4))
    for what, epsilon in (("members", Fraction(1, 2)), ("members", Fraction(0)), ("members", Fraction(-1))):
        with pytest.raises(UsageError, match="is left"):
            ledger.tell(what, 2_200, epsilon)
    with pytest.raises(UsageError, match="another number"):
        ledger.tell("followers", 15_501, Fraction(1, 8))
    with pytest.raises(UsageError, match="above 0 and 8 at most"):
        Ledger(Fraction(9))
