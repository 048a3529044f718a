"""Interface language and script against the place that accounts name: told by genuine people who name the same place.

Of people who live abroad many keep the interface of home: that alone is no sign of anything. So each interface is held against
genuine accounts that name the same place, and counts only where it stands out from these, and is not usual there. Even then it
names nobody: what it bears of a claim ends at L1 (`BEARS["nothing"]`). Scripts are read from tags alone (`zh-Hans`), never
guessed from a text: models do not tell simplified from traditional Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from samehand.attribution.countries import country_in_words
from samehand.attribution.evidence import EvidenceItem
from samehand.attribution.networks import LEAST_ACCOUNTS, STRONG, odds_of

__all__ = ["InterfaceOdds", "Stated", "interface_of", "language_evidence", "language_odds"]

LEAST_GENUINE: Final = 30
"""So many genuine accounts have to name a place, or nothing is said of it."""
USUAL: Final = 0.2
"""An interface that so many genuine accounts of a place use fits it."""
HANT: Final = frozenset({"TW", "HK", "MO"})
HANS: Final = frozenset({"CN", "SG"})
_TAG = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:[-_](?P<script>[A-Za-z]{4}))?(?:[-_](?P<region>[A-Za-z]{2}|\d{3}))?\b"
)


@dataclass(frozen=True)
class Stated:
    """Where an account says that it is (ISO 3166-1, "" if nowhere), and its interface (`zh-Hans`, `en`; "" if not known)."""

    place: str
    interface: str


@dataclass(frozen=True)
class InterfaceOdds:
    """How much likelier accounts that name a place have an interface than genuine accounts that name it, with 95 of 100.

    Attributes:
        place, interface: which. accounts: that have it, `of` so many that name the place. genuine, genuine_of: the same of
            genuine accounts. odds, low, high: with 1/2 added to each cell.

    """

    place: str
    interface: str
    accounts: int
    of: int
    genuine: int
    genuine_of: int
    odds: float
    low: float
    high: float


def interface_of(tag: str | None) -> str:
    """Language and script of a tag (BCP 47, or `zh_CN`); Chinese gets its script from its region, else stays without."""
    found = _TAG.match(tag or "")
    if found is None:
        return ""
    language, script, region = found["language"].lower(), found["script"], (found["region"] or "").upper()
    if not script and language == "zh":
        script = "Hant" if region in HANT else "Hans" if region in HANS else None
    return f"{language}-{script.title()}" if script else language


def language_odds(theirs: Mapping[str, Stated], genuine: Mapping[str, Stated]) -> list[InterfaceOdds]:
    """Odds by place and interface, the highest low end first; of places that too few genuine accounts name, none.

    Args:
        theirs, genuine: by account what it states; without a place or an interface it does not count.

    """
    mine, others = _by_place(theirs), _by_place(genuine)
    found = []
    for place, held in sorted(mine.items()):
        there = others.get(place, [])
        if len(there) < LEAST_GENUINE:
            continue
        for interface in sorted(set(held)):
            a, c = held.count(interface), there.count(interface)
            odds = odds_of(a, len(held) - a, c, len(there) - c)
            found.append(InterfaceOdds(place, interface, a, len(held), c, len(there), *odds))
    return sorted(found, key=lambda one: (-one.low, one.place, one.interface))


def _by_place(stated: Mapping[str, Stated]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in stated.values():
        if one.place and one.interface:
            found.setdefault(one.place, []).append(one.interface)
    return found


def language_evidence(
    theirs: Mapping[str, Stated], genuine: Mapping[str, Stated], source: str
) -> list[EvidenceItem]:  # fmt: skip
    """What interfaces say against stated places, as evidence; it points at no country, and names nobody.

    Args:
        theirs, genuine: as `language_odds` has them. source: whose data.

    """
    odds = [
        one for one in language_odds(theirs, genuine)
        if one.accounts >= LEAST_ACCOUNTS and one.low >= STRONG and one.genuine / one.genuine_of < USUAL
    ]  # fmt: skip
    if not odds:
        return []
    top = odds[0]
    said = (
        f"Of {top.of:,} accounts that say they are in {country_in_words(top.place)}, {top.accounts:,} have the interface "
        f"{top.interface}; of genuine accounts that say so, {top.genuine:,} of {top.genuine_of:,}: odds {top.odds:.0f} "
        f"(95 of 100: {top.low:.1f} to {top.high:.0f})."
    )
    return [EvidenceItem(kind="interface_language", said=said, source=source, reliability="A", credibility=2)]
