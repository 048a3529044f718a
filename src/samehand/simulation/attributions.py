"""Worlds of who is behind a network: what each kind of operator leaves behind, and what investigators get to see of it.

Processes are drawn, not conclusions: shifts by a calendar, leisure, tunnels, slips, re-used servers, tenders that somebody
finds, marks that are planted. How much any of it says of a hypothesis is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

__all__ = ["TRUTHS", "AttributionWorld", "Found", "Truth", "attribution_world"]

Truth = Literal["state_directed", "aligned_volunteers", "spam_for_hire", "genuine_movement", "false_flag"]
TRUTHS: Final[tuple[Truth, ...]] = get_args(Truth)
I64 = npt.NDArray[np.int64]
HOUR, DAY = 3_600_000_000, 86_400_000_000
ZONES: Final = {"CN": 8, "RU": 3, "IR": 3}
UNFORGED: Final = ("unblocked", "infrastructure", "identity", "procurement")


@dataclass(frozen=True)
class Found:
    """What an investigator found beside the platform's own data: of what kind, how well graded, and at whom it points."""

    kind: str
    reliability: str
    credibility: int
    country: str = ""
    entity: str = ""


@dataclass(frozen=True)
class AttributionWorld:
    """A world.

    Attributes:
        truth, country: who is behind it, and whose state it is about. times: by account, microseconds UTC.
        theirs, genuine: log-ins by account as (country, kind of network). infrastructure, disclosed: what the network used, and
            what an earlier disclosure named; others: by value how many outsiders use it.
        found: what investigators found. left: unforgeable traces of a state that were left, by what they are.

    """

    truth: Truth
    country: str
    times: Mapping[str, I64]
    theirs: Mapping[str, list[tuple[str, str]]]
    genuine: Mapping[str, list[tuple[str, str]]]
    infrastructure: frozenset[str]
    disclosed: frozenset[str]
    others: Mapping[str, int]
    found: tuple[Found, ...]
    left: frozenset[str] = field(default_factory=frozenset)


def attribution_world(
    truth: Truth, seed: int, *, off: Mapping[str, frozenset[date]], forged: bool = False
) -> AttributionWorld:
    """Draw a world.

    Args:
        truth: who is behind it. seed: of all draws. off: by country the days on which its offices rest in the year simulated.
        forged: whether somebody plants evidence of a state beside what is there, all of it in one place.

    """
    rng = np.random.default_rng(seed)
    country = str(rng.choice(list(ZONES)))
    count = int(rng.integers(20, 80))
    office = truth in ("state_directed", "spam_for_hire") or (truth == "false_flag" and rng.random() < 0.7)
    rests = off[country] if truth != "spam_for_hire" or rng.random() < 0.3 else off[str(rng.choice(list(ZONES)))]
    times = {
        f"a{k}": _shifts(rng, ZONES[country], rests) if office else _leisure(rng, ZONES[country]) for k in range(count)
    }
    left = _left(rng, truth)
    theirs = {f"a{k}": _logins(rng, truth, country, left) for k in range(count)}
    genuine = {f"g{k}": _genuine_logins(rng, country) for k in range(400)}
    shared = {f"s{k}" for k in range(int(rng.integers(1, 5)))} if "infrastructure" in left else set()
    hosting = {f"h{k}" for k in range(6)}
    return AttributionWorld(
        truth, country, times, theirs, genuine, frozenset(shared | hosting), frozenset(shared | {"h0", "h1", "x9"}),
        {name: int(rng.integers(50, 5_000)) for name in hosting}, _finds(rng, country, left, forged=forged),
        frozenset(left & set(UNFORGED)) if truth == "state_directed" else frozenset(),
    )  # fmt: skip


YEAR: Final = 2019
SPAN: Final = (date(YEAR, 2, 1), 300)


def _shifts(rng: np.random.Generator, zone: int, rests: frozenset[date]) -> I64:
    """Work in an office: nine hours with a pause, on days that are none of rest, with a slip now and then."""
    found: list[int] = []
    rate = rng.gamma(4, 1.2)
    for k in range(SPAN[1]):
        day = SPAN[0] + timedelta(days=k)
        resting = day in rests
        for _ in range(rng.poisson(rate * (0.12 if resting else 1.0))):
            hour = rng.choice([9, 10, 11, 14, 15, 16, 17]) + rng.random() if rng.random() < 0.85 else rng.uniform(7, 24)
            found.append(_at(day, float(hour), zone))
    return np.sort(np.array(found, np.int64))


def _leisure(rng: np.random.Generator, zone: int) -> I64:
    """Evenings and weekends, as somebody with a day's work of their own has them."""
    found: list[int] = []
    rate = rng.gamma(2, 1.2)
    for k in range(SPAN[1]):
        day = SPAN[0] + timedelta(days=k)
        for _ in range(rng.poisson(rate * (1.6 if day.weekday() >= 5 else 0.8))):
            hour = rng.normal(20.5, 2) if day.weekday() < 5 else rng.uniform(9, 24)
            found.append(_at(day, float(np.clip(hour, 0, 23.9)), zone))
    return np.sort(np.array(found, np.int64))


def _at(day: date, hour: float, zone: int) -> int:
    return (day - date(1970, 1, 1)).days * DAY + int((hour - zone) * HOUR)


LEAVES: Final[Mapping[Truth, Mapping[str, float]]] = {
    "state_directed": {
        "unblocked": 0.6, "infrastructure": 0.5, "identity": 0.35, "procurement": 0.45, "insider": 0.2, "exit": 0.5,
    },
    "aligned_volunteers": {"identity": 0.05, "open": 0.6, "persons": 0.4, "exit": 0.5},
    "spam_for_hire": {"infrastructure": 0.2, "customers": 0.65, "paid": 0.5, "exit": 0.4, "procurement": 0.05},
    "genuine_movement": {"open": 0.7, "persons": 0.7, "exit": 0.2},
    "false_flag": {"exit": 0.8, "insider": 0.6, "marks": 0.45, "infrastructure": 0.12},
}  # fmt: skip
"""How often each leaves each trace and somebody finds it."""


def _left(rng: np.random.Generator, truth: Truth) -> set[str]:
    return {name for name, chance in LEAVES[truth].items() if rng.random() < chance}


def _logins(rng: np.random.Generator, truth: Truth, country: str, left: set[str]) -> list[tuple[str, str]]:
    """Tunnels mostly; of an operator that slips, now and then straight from the office; of others from where they live."""
    found = []
    abroad = truth in ("aligned_volunteers", "genuine_movement")
    for _ in range(int(rng.integers(3, 15))):
        draw = rng.random()
        if "unblocked" in left and draw < 0.25:
            found.append((country, "residential"))
        elif "exit" in left and draw < 0.5:
            found.append((country, str(rng.choice(["vpn", "hosting"]))))
        elif abroad:
            found.append((str(rng.choice(["US", "CA", "AU", "GB", "DE"])), str(rng.choice(["mobile", "residential"]))))
        else:
            found.append((str(rng.choice(["US", "NL", "SG"])), str(rng.choice(["vpn", "hosting"]))))
    return found


def _genuine_logins(rng: np.random.Generator, country: str) -> list[tuple[str, str]]:
    """Genuine users of the locale live abroad, where the platform can be reached, and a few roam at home."""
    home = rng.random() < 0.03
    where = [country] if home else ["US", "CA", "AU", "GB", "DE"]
    return [
        (str(rng.choice(where)), str(rng.choice(["mobile", "residential", "vpn"])))
        for _ in range(int(rng.integers(2, 10)))
    ]


KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "identity": ("identity_link", "country"), "procurement": ("procurement_record", "entity"),
    "insider": ("insider_document", "entity"), "open": ("organised_in_the_open", ""), "persons": ("persons_known", ""),
    "customers": ("many_customers", ""), "paid": ("paid_by_the_piece", ""), "marks": ("planted_marks", ""),
}  # fmt: skip
FORGER_SLIPS: Final = 0.5


def _finds(rng: np.random.Generator, country: str, left: set[str], *, forged: bool) -> tuple[Found, ...]:
    """What investigators find, each graded as well as chance has it; two in a hundred of each kind are somebody else's."""
    found = []
    for name, (kind, points) in KINDS.items():
        astray = rng.random() < 0.02
        if name not in left and not astray:
            continue
        grade = str(rng.choice(["A", "B", "C"], p=[0.4, 0.4, 0.2])), int(rng.choice([1, 2, 3], p=[0.3, 0.5, 0.2]))
        if astray and name not in left:
            grade = str(rng.choice(["C", "D", "E"])), int(rng.choice([3, 4, 5]))
        found.append(
            Found(kind, *grade, country if points else "", f"bureau of {country}" if points == "entity" else "")
        )
    if forged:
        found.append(Found("insider_document", "B", 2, country, f"bureau of {country}"))
        if rng.random() < FORGER_SLIPS:
            found.append(Found("planted_marks", "B", 2))
    return tuple(found)
