"""From which networks accounts log in, against genuine users of the same locale; what they share with earlier disclosures.

A share of log-ins says nothing by itself: of people who write a language many live where it is spoken. It is held against
genuine accounts of the same locale, by account. Tunnels and rented servers say next to nothing of a country and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

from samehand.attribution.evidence import EvidenceItem

__all__ = ["Odds", "country_odds", "network_evidence", "overlap_evidence"]

RENTED: Final = frozenset({"hosting", "vpn", "tor"})
Z: Final = 1.96
LEAST_ACCOUNTS: Final = 10
STRONG: Final = 3.0
"""Odds, at the low end of their interval, from which a country stands out."""
RARE_HOLDERS: Final = 5
"""Infrastructure that more others use is shared hosting, and worth nothing."""


@dataclass(frozen=True)
class Odds:
    """How much likelier accounts are to log in from a country than genuine accounts of their locale: odds with 95 of 100."""

    country: str
    accounts: int
    genuine: int
    odds: float
    low: float
    high: float


def country_odds(
    theirs: Mapping[str, Iterable[tuple[str, str]]], genuine: Mapping[str, Iterable[tuple[str, str]]]
) -> list[Odds]:
    """Odds by country, the highest low end first (log odds with 1/2 added; Haldane 1956, Anscombe 1956).

    Args:
        theirs, genuine: by account its log-ins as (country, kind of network). Rented networks and tunnels do not count.

    """
    mine, others = _by_country(theirs), _by_country(genuine)
    found = []
    for country in sorted({one for held in mine.values() for one in held}):
        a = sum(country in held for held in mine.values())
        c = sum(country in held for held in others.values())
        b, d = len(mine) - a, len(others) - c
        found.append(Odds(country, a, c, *odds_of(a, b, c, d)))
    return sorted(found, key=lambda one: (-one.low, one.country))


def odds_of(a: int, b: int, c: int, d: int) -> tuple[float, float, float]:
    """The odds of a table of two by two, with the interval of 95 of 100; 1/2 is added to each cell."""
    value = log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
    spread = Z * sqrt(1 / (a + 0.5) + 1 / (b + 0.5) + 1 / (c + 0.5) + 1 / (d + 0.5))
    return exp(value), exp(value - spread), exp(value + spread)


def _by_country(logins: Mapping[str, Iterable[tuple[str, str]]]) -> dict[str, set[str]]:
    held = {
        name: {country for country, kind in found if country and kind not in RENTED} for name, found in logins.items()
    }
    return {name: countries for name, countries in held.items() if countries}


def network_evidence(
    theirs: Mapping[str, Iterable[tuple[str, str]]], genuine: Mapping[str, Iterable[tuple[str, str]]], source: str,
    blocked: Mapping[str, str] | None = None,
) -> list[EvidenceItem]:  # fmt: skip
    """What log-ins say of a country, as evidence.

    Args:
        theirs, genuine: as `country_odds` has them. source: whose data. blocked: countries in which the public cannot reach
            the platform, each with who says so.

    """
    odds = [one for one in country_odds(theirs, genuine) if one.accounts >= LEAST_ACCOUNTS and one.low >= STRONG]
    if not odds:
        return []
    top = odds[0]
    said = (
        f"{top.accounts:,} of the accounts log in from networks of {top.country}, other than rented ones: odds {top.odds:.0f} "
        f"(95 of 100: {top.low:.1f} to {top.high:.0f}) against genuine accounts of their locale."
    )
    kind = "network_origin"
    if blocked and top.country in blocked:
        kind, said = (
            "unblocked_access",
            f"{said} The platform is blocked there for the public ({blocked[top.country]}).",
        )
    return [EvidenceItem(kind=kind, said=said, source=source, reliability="A", credibility=2, country=top.country)]


def overlap_evidence(
    theirs: Iterable[str], disclosed: Iterable[str], others: Mapping[str, int], *, source: str, country: str, entity: str = ""
) -> list[EvidenceItem]:  # fmt: skip
    """What infrastructure an earlier disclosure names as well, as evidence.

    Args:
        theirs: domains, addresses or devices of the network. disclosed: of an operation that was attributed before.
        others: by value how many accounts of nobody's network use it; what more than a few use is left out.
        source: of the earlier disclosure. country, entity: to whom it was attributed.

    """
    shared = sorted(set(theirs) & set(disclosed))
    rare = [one for one in shared if others.get(one, 0) <= RARE_HOLDERS]
    if not rare:
        return []
    said = f"{len(rare):,} of its servers, domains or devices were used by an operation that was disclosed before"
    said += (
        f"; {len(shared) - len(rare):,} more are shared by many and count for nothing."
        if len(shared) > len(rare)
        else "."
    )
    return [
        EvidenceItem(
            kind="earlier_infrastructure", said=said, source=source, reliability="B", credibility=2 if len(rare) > 1 else 3,
            country=country, entity=entity,
        )
    ]  # fmt: skip
