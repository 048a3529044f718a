"""Numbers of people with noise that hides any one of them, and the ledger of what was spent.

The noise is the discrete Laplace distribution, drawn exactly from random bits with integers alone (Canonne, Kamath and Steinke
2020, "The Discrete Gaussian for Differential Privacy", algorithms 1 and 2): floating point would leak what it is to hide
(Mironov 2012). A count in which each person is one changes by one with a person: noise of scale 1/epsilon hides whoever it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from samehand.errors import UsageError

__all__ = ["Ledger", "Noised", "RandomBelow", "discrete_laplace"]

RandomBelow = Callable[[int], int]
"""A whole number from 0 to less than its argument, each as likely."""
MOST_EPSILON: Final = 8


def _bernoulli(p: Fraction, below: RandomBelow) -> bool:
    """True with a probability that is a fraction."""
    return below(p.denominator) < p.numerator


def _bernoulli_exp(gamma: Fraction, below: RandomBelow) -> bool:
    """True with the probability exp(-gamma), gamma from 0 to 1 (algorithm 1, the first loop)."""
    k = 1
    while _bernoulli(gamma / k, below):
        k += 1
    return k % 2 == 1


def discrete_laplace(scale: Fraction, below: RandomBelow = secrets.randbelow) -> int:
    """A whole number k with a probability in proportion to exp(-|k| / scale) (algorithm 2).

    Args:
        scale: above 0. below: where random numbers come from.

    """
    s, t = scale.numerator, scale.denominator
    # 1/scale = t/s: magnitudes are geometric, drawn a digit in base s at a time
    while True:
        u = below(s)
        if not _bernoulli_exp(Fraction(u, s), below):
            continue
        v = 0
        while _bernoulli_exp(Fraction(1), below):
            v += 1
        magnitude = (u + s * v) // t
        negative = _bernoulli(Fraction(1, 2), below)
        if not (negative and magnitude == 0):
            return -magnitude if negative else magnitude


@dataclass(frozen=True)
class Noised:
    """A number that may be told.

    Attributes:
        value: with noise, never below 0. epsilon: what it cost. within: in 95 of 100 draws the true number is so near.

    """

    value: int
    epsilon: Fraction
    within: int


@dataclass
class Ledger:
    """What of a case's budget was spent on which number; what is spent is spent, whoever asks again.

    Attributes:
        budget: the epsilon of all releases of a case together. below: where random numbers come from. spent: by what was told.
        before: what earlier releases told, by name: the count and how it was told. gone: what these spent.

    """

    budget: Fraction
    below: RandomBelow = secrets.randbelow
    spent: dict[str, Fraction] = field(default_factory=dict)
    before: Mapping[str, tuple[int, Noised]] = field(default_factory=dict)
    gone: Fraction = Fraction(0)
    _told: dict[str, tuple[int, Noised]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.budget <= MOST_EPSILON:
            raise UsageError(
                f"a release spends an epsilon above 0 and {MOST_EPSILON} at most, not {float(self.budget):g}"
            )

    @property
    def left(self) -> Fraction:
        """What is left to spend."""
        return self.budget - self.gone - sum(self.spent.values(), Fraction(0))

    def tell(self, what: str, true: int, epsilon: Fraction) -> Noised:
        """A count of people with noise; asked again for the same, the same.

        Args:
            what: the number's name. true: the count, in which each person is one at most. epsilon: to be spent on it.

        Raises:
            UsageError: it costs more than is left, nothing, or is another number under a name that was told.

        """
        if what in self._told:
            if self._told[what][0] != true:
                raise UsageError(f"'{what}' was told as another number; two draws would show more than one")
            return self._told[what][1]
        if what in self.before and self.before[what][0] == true:
            # drawn anew it would tell more with each release
            self.spent[what] = Fraction(0)
            self._told[what] = self.before[what]
            return self.before[what][1]
        if not 0 < epsilon <= self.left:
            earlier = f", as earlier releases of the case spent {float(self.gone):g}" if self.gone else ""
            raise UsageError(
                f"'{what}' costs {float(epsilon):g}, and {float(self.left):g} of {float(self.budget):g} is left{earlier}; "
                "leave the number out, or let all releases of the case together spend more (--epsilon)"
            )
        self.spent[what] = epsilon
        value = max(0, true + discrete_laplace(1 / epsilon, self.below))
        noised = Noised(value, epsilon, _within(epsilon))
        self._told[what] = (true, noised)
        return noised

    @property
    def told(self) -> Mapping[str, tuple[int, Noised]]:
        """What was told, by name: the count, which stays in the house, and how it was told."""
        return {**self.before, **self._told}

    def statement(self) -> Mapping[str, float]:
        """The epsilon that each number was drawn with, for the release; one that was told before was drawn then."""
        return {name: float(self._told[name][1].epsilon) for name in sorted(self.spent)}


def _within(epsilon: Fraction, share: float = 0.95) -> int:
    """The least w of which |noise| <= w in `share` of draws: 1 - 2 q^(w+1) / (1 + q), q = exp(-epsilon)."""
    from math import ceil, exp, log

    q = exp(-float(epsilon))
    return max(0, ceil(log((1 - share) * (1 + q) / 2) / log(q) - 1))
