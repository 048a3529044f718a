"""Waves: from linked sign-ups to all that fit together, and what families of evidence hold them together."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from samehand.policy import WaveRules
from samehand.signups.cells import Cell, strongest_cell
from samehand.signups.coding import FACT_NUMBER, NOWHERE
from samehand.signups.facts import FAMILIES
from samehand.signups.ledger import Ledger
from samehand.signups.profiles import MAKER_PLACES, MAKERS, Profile, fit, measure_profile, summed

__all__ = ["Wave", "grow_wave", "holds", "like_a_movement", "venue_of"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

ROUNDS = 4
SHARED = 0.45
"""A family holds a wave together when its members fit by the policy's nats on average, and so many of them by one nat."""
MOVEMENT, OUT_OF_PLACE = {"client", "name", "picture"}, 2.0
"""What people of a movement share, and the nats of place or network from which on they are not where they say."""
VENUE_SHARE, FEW_NETWORKS, ONE_COUNTRY = 0.5, 3, 0.8
"""Of the members so many share a venue: so many networks, or one mail domain, so many of its users in one country."""
RARE_SHARE = 0.005
"""What a larger share of people has is no venue: a provider, the gateway of a mobile network."""
LEAST_MADE = 2.0
"""Nats that the makers' families say at least; nobody joins for where they are."""
LINKED = 2.0
"""Nats that being linked to the others is worth."""
RECRUITED = 1.0
"""Log odds that a row without a link needs to be of a wave; one that is linked needs 0."""


@dataclass(frozen=True)
class Wave:
    """Sign-ups that one hand may have made.

    Attributes:
        members: int64, places in the ledger. odds: float64, each member's log odds of belonging. nats: float64[members,
            families], by which each member fits.
        profile: what they share.
        strength: nats by family, the mean over members.
        makers: families of `MAKERS` that hold it together, those that one venue explains left out.
        venue: "" or what one place explains it by: network or domain.
        cell: the most surprising pair of facts that its members share, which gives a p-value.
        typical: the median of `odds` without what links are worth.
        together: nats by which all members' facts, each foretold by the others', beat what is usual, less what it costs to
            have picked these members among all sign-ups: -ln of a bound of the p-value where families are independent.

    """

    members: I64
    odds: F64
    nats: F64
    profile: Profile
    strength: dict[str, float]
    makers: tuple[str, ...]
    venue: str
    cell: Cell
    typical: float
    together: float

    def is_whole(self, rules: WaveRules) -> bool:
        """Whether so many members fit one another so well that no single pair of facts has to be rare, nor their own."""
        enough = len(self.members) >= rules.whole_members and self.typical >= rules.whole_odds
        return enough and not self.venue and not set(self.makers) <= MOVEMENT


def _commonest(ledger: Ledger, members: I64, fact: str, values: int) -> I64:
    """The members with the commonest values of a fact, of those that are rare at large and that three or more have."""
    own = ledger.codes[members, FACT_NUMBER[fact]]
    value, count = np.unique(own[own >= 0], return_counts=True)
    rare = (ledger.usual(value) < RARE_SHARE) & (count >= 3) if len(value) else np.zeros(0, np.bool_)
    best = value[rare][np.argsort(-count[rare], kind="stable")[:values]]
    return members[np.isin(own, best)]


def venue_of(ledger: Ledger, members: I64) -> tuple[str, I64]:
    """Which venue at least half of the rows share: few networks where people are, or an organisation's mail in a country.

    A hoster's, VPN's or Tor's network is no venue, and neither is a mail domain whose users are all over the world.

    Returns:
        "network", "domain" or "", and the rows that are there.

    """
    there = _commonest(ledger, members, "network", FEW_NETWORKS)
    if len(there) >= VENUE_SHARE * len(members) and np.isin(ledger.net_type[there], NOWHERE).mean() < 0.5:
        return "network", there
    there = _commonest(ledger, members, "domain", 1)
    if len(there) >= VENUE_SHARE * len(members):
        _, count = np.unique(ledger.strata[there, 1], return_counts=True)
        if count.max() >= ONE_COUNTRY * len(there):
            return "domain", there
    return "", members[:0]


EXPLAINED = {
    "": (),
    "network": ("contact", "client", "device", "name", "picture"),
    "domain": ("contact", "client", "name", "picture"),
}  # fmt: skip
"""Families that a venue explains: an office buys one make of machine, makes names by rule, and has a logo."""


def grow_wave(ledger: Ledger, linked: I64, near: I64, rules: WaveRules) -> Wave | None:
    """From rows that hang together to all that fit together: profile, those who fit, their profile, and so on.

    Args:
        ledger: what is in memory.
        linked: rows of one cluster, ascending; being linked is worth `LINKED` nats.
        near: rows of no cluster that may join besides, ascending.
        rules: what holds a wave together, and what it has to own.

    Returns:
        None where they fall apart.

    """
    looked = np.union1d(linked, near)
    bonus = np.where(np.isin(looked, linked, assume_unique=True), LINKED, 0.0)
    members, profile = linked, measure_profile(ledger, linked)
    nats, odds = np.zeros((0, len(FAMILIES))), np.zeros(0)
    for _ in range(ROUNDS):
        member = np.isin(looked, members, assume_unique=True)
        nats = fit(ledger, looked, profile, member)
        prior = np.log(len(members) / max(1.0, ledger.in_window))
        odds = prior + summed(nats) + bonus
        least = np.where(bonus > 0, 0.0, RECRUITED)
        chosen = looked[(odds >= least) & (nats[:, MAKER_PLACES].sum(axis=1) >= LEAST_MADE)]
        if np.array_equal(chosen, members) or len(chosen) < 2:
            break
        members, profile = chosen, measure_profile(ledger, chosen)
    inside = np.isin(looked, members, assume_unique=True)
    cell = strongest_cell(ledger, members)
    if cell is None or not inside.any():
        return None
    strength: dict[str, float] = {
        family: float(n) for family, n in zip(FAMILIES, nats[inside].mean(axis=0), strict=True)
    }
    shared = dict(zip(FAMILIES, (nats[inside] >= 1.0).mean(axis=0).tolist(), strict=True))
    venue, there = venue_of(ledger, members)
    if not venue:
        venue, there = venue_of(ledger, cell.holders)
    outside = np.setdiff1d(members, there, assume_unique=True)
    some = rules.whole_members <= len(outside) < len(members)
    if venue and some and (apart := _without(ledger, outside, members, rules)) is not None:
        return apart
    makers = tuple(
        f for f in MAKERS if strength[f] >= rules.strong_nats and shared[f] >= SHARED and f not in EXPLAINED[venue]
    )  # fmt: skip
    # most who have the thing are no members: a movement's picture or a release, not this hand's own
    plain = np.log(len(members) / max(1.0, ledger.in_window)) + summed(nats[inside])
    wave = Wave(
        members, odds[inside], nats[inside], profile, strength, makers, venue, cell, float(np.median(plain)),
        float(plain.sum()) - len(members),
    )  # fmt: skip
    not_its_own = cell.owned < rules.least_owned and not wave.is_whole(rules)
    return replace(wave, makers=()) if not_its_own or like_a_movement(wave, rules) else wave


def _without(ledger: Ledger, outside: I64, members: I64, rules: WaveRules) -> Wave | None:
    """The wave that those outside a venue are by themselves, with those of the venue who are like them; None for none.

    Who is of a venue has to fit those outside: what an organisation's people share with one another is not held against them.
    Nor may the venue's people make up half of the outsiders' own cell: then nothing is shown apart from them.
    """
    wave = grow_wave(ledger, outside, members[:0], rules)
    if wave is None or wave.venue:
        return None
    if not holds(wave.makers, wave.cell.rows, wave.cell.expected, whole=wave.is_whole(rules), rules=rules):
        return None
    others = np.setdiff1d(members, wave.members, assume_unique=True)
    nats = fit(ledger, others, wave.profile)
    odds = np.log(len(wave.members) / max(1.0, ledger.in_window)) + summed(nats)
    like = (odds >= RECRUITED) & (nats[:, MAKER_PLACES].sum(axis=1) >= LEAST_MADE)
    rows = np.append(wave.members, others[like])
    order = np.argsort(rows, kind="stable")
    return replace(
        wave, members=rows[order], odds=np.append(wave.odds, odds[like])[order],
        nats=np.concatenate((wave.nats, nats[like]))[order],
    )  # fmt: skip


def holds(makers: Sized, rows: int, expected: float, *, whole: bool, rules: WaveRules) -> bool:
    """Whether families enough hold a wave, and its cell is rare or its members fit so well that it need not be."""
    return len(makers) >= rules.least_families and (rows >= rules.least_lift * expected or whole)


def like_a_movement(wave: Wave, rules: WaveRules) -> bool:
    """Whether nothing but telephone, manner of naming and picture is shared: so do people of one cause with one badge.

    At home they have telephone numbers of the region's blocks, too. They may all live abroad, or sit behind one exit. But they
    fit one another less than a wave that stands as a whole.
    """
    in_place = wave.strength["place"] < OUT_OF_PLACE and wave.strength["network"] < OUT_OF_PLACE
    if wave.typical >= rules.whole_odds:
        return in_place and set(wave.makers) <= MOVEMENT
    return set(wave.makers) <= (MOVEMENT | {"contact"} if in_place else MOVEMENT)
