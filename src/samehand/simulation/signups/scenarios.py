"""Named worlds of sign-ups: parameters drawn from ranges by seed."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from samehand.errors import UsageError
from samehand.simulation.signups.parameters import LEVELS, Evasion, SignupParameters

__all__ = ["SIGNUP_SCENARIOS", "signup_scenario"]

_Draw = Callable[[np.random.Generator], SignupParameters]
_KNOWN: Final = 936
_WAVE: Final = 200_000
_PEOPLE: Final = 5_000_000


def _drawn(rng: np.random.Generator) -> SignupParameters:
    """Level, prevalence, regime, rings and surges drawn: 40,000 people."""
    return SignupParameters(
        name="signups",
        prevalence=float(np.exp(rng.uniform(np.log(0.005), np.log(0.2)))),
        evasion=LEVELS[int(rng.integers(0, len(LEVELS)))],
        rings=int(rng.integers(2, 7)),
        surges=int(rng.integers(1, 5)),
    )


def _level(level: Evasion) -> _Draw:
    def draw(rng: np.random.Generator) -> SignupParameters:
        return replace(_drawn(rng), name=f"signups-{level.lower()}", evasion=level, prevalence=0.01, regime="fresh")

    return draw


def _quiet(rng: np.random.Generator) -> SignupParameters:
    """No operation; all hard negatives and rings: whoever is taken for one is a mistake."""
    return replace(_drawn(rng), name="signups-quiet", prevalence=0.0)


def _surge(rng: np.random.Generator) -> SignupParameters:
    """The quiet world with a genuine surge of 4 to 10 times the daily rate."""
    return replace(_quiet(rng), name="signups-surge", surge=(4.0, 10.0))


def _forum(rng: np.random.Generator) -> SignupParameters:
    """A forum that knows an address, a name and the time."""
    withheld = (
        "asn", "country", "net_type", "user_agent", "os_version", "app_version", "device_id", "email_domain",
        "email_pattern", "phone_prefix", "phone_country", "display_name", "avatar_hash", "locale", "timezone", "referrer",
        "flow_ms",
    )  # fmt: skip
    levels: tuple[Evasion, ...] = ("E0", "E1", "E2")
    return replace(_drawn(rng), name="signups-forum", withheld=withheld, evasion=levels[int(rng.integers(0, 3))])


def _watched(rng: np.random.Generator) -> SignupParameters:
    """A platform that hands over logins, and labels of its reviewers, days late and some of them wrong."""
    return replace(_drawn(rng), name="signups-watched", logins=True, labels=True, waves=(2, 4))


def _recidivism(rng: np.random.Generator) -> SignupParameters:
    """After 936 removals the same operator signs up 200,000 accounts at E0 to E1 among 5,000,000 people in 90 days."""
    return replace(
        _drawn(rng),
        name="signups-recidivism",
        genuine=_PEOPLE,
        days=90.0,
        baseline_days=28.0,
        prevalence=_WAVE / (_PEOPLE + _WAVE),
        evasion=("E0", "E1"),
        regime="fresh",
        waves=(3, 8),
        known_bad=_KNOWN,
    )


def _mixed(rng: np.random.Generator) -> SignupParameters:
    """The same with waves of E0 to E3."""
    return replace(_recidivism(rng), name="signups-recidivism-mixed", evasion=("E0", "E1", "E2", "E3"))


def _august(rng: np.random.Generator) -> SignupParameters:
    """The same operator signs up some 200,000 accounts at E0 to E1 among 500,000 people in 50 days."""
    return replace(
        _recidivism(rng),
        name="signups-august",
        start=datetime(2019, 7, 1, tzinfo=UTC),
        genuine=_PEOPLE // 10,
        days=50.0,
        prevalence=_WAVE / (_PEOPLE // 10 + _WAVE),
    )


SIGNUP_SCENARIOS: Final[dict[str, _Draw]] = {
    "signups": _drawn,
    **{f"signups-{level.lower()}": _level(level) for level in LEVELS},
    "signups-quiet": _quiet,
    "signups-surge": _surge,
    "signups-forum": _forum,
    "signups-watched": _watched,
    "signups-recidivism": _recidivism,
    "signups-recidivism-mixed": _mixed,
    "signups-august": _august,
}
"""Each scenario and how it draws its parameters."""


def signup_scenario(name: str, seed: int, scale: float = 1.0) -> SignupParameters:
    """Draw a scenario's parameters from its ranges.

    Args:
        name: one of SIGNUP_SCENARIOS.
        seed: of the draw; the same name and seed give the same parameters.
        scale: factor on people; rings and hard negatives grow with them, known bad accounts keep their number.

    Raises:
        UsageError: no scenario bears that name, or the scale is not above 0.

    """
    if name not in SIGNUP_SCENARIOS:
        near = difflib.get_close_matches(name, SIGNUP_SCENARIOS, n=1, cutoff=0.0)[0]
        raise UsageError(
            f"there is no scenario '{name}'; did you mean '{near}'? Scenarios are {', '.join(SIGNUP_SCENARIOS)}"
        )
    if not 0 < scale < float("inf"):
        raise UsageError(f"--scale is a factor above 0, not {scale}")
    drawn = SIGNUP_SCENARIOS[name](np.random.default_rng([seed, zlib.crc32(name.encode())]))
    people = max(1, round(drawn.genuine * scale))
    return replace(drawn, genuine=people, ring_scale=people / 40_000)
