"""Verdicts beside the truth: accounts, networks and teams, counted so that worlds can be added up.

Planted are accounts of the roles `team` and `operation`. Newsrooms and mirrors are one hand too, but authentic: they are
counted apart. All other roles are organic groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from samehand.evaluation.truth import FOUND_SHARE, Known
from samehand.evaluation.verdicts import Account, NamedNetwork, Verdicts

__all__ = ["ONE_HAND", "PLANTED", "Tally", "WorldScore", "add_up", "recall_at", "score"]

PLANTED: Final = ("team", "operation")
ONE_HAND: Final = ("newsroom", "mirror")

Truth = Mapping[Account, Known]


@dataclass(frozen=True)
class Tally:
    """Counts over some networks, accounts each once.

    Attributes:
        networks: how many there are.
        right: those with more than half of their members planted.
        organic_networks: those of organic accounts only.
        authentic_networks: those with nobody planted in them: organic accounts, newsrooms, mirrors.
        planted: planted accounts in them.
        one_hand: accounts of newsrooms and mirrors in them.
        organic: accounts of organic groups in them.
        beside: organic accounts in networks that also hold planted ones.
        strangers: accounts that the truth does not name.
        teams_found: teams with at least half of their accounts in them.
        accounts_of: accounts in them by role.
        networks_of: networks by the role that most of their members have.
        planted_states_of, authentic_states_of: networks with somebody planted, and with nobody, by the detector's state on
            inauthenticity.

    """

    networks: int
    right: int
    organic_networks: int
    authentic_networks: int
    planted: int
    one_hand: int
    organic: int
    beside: int
    strangers: int
    teams_found: int
    accounts_of: Counter[str]
    networks_of: Counter[str]
    planted_states_of: Counter[str]
    authentic_states_of: Counter[str]

    @property
    def accounts(self) -> int:
        """Accounts in these networks, strangers left out."""
        return self.planted + self.one_hand + self.organic

    @property
    def precision(self) -> float:
        """Of the accounts, those that are planted; nan where there are none."""
        return _share(self.planted, self.accounts)

    @property
    def network_precision(self) -> float:
        """Of the networks, those with more than half of their members planted; nan where there are none."""
        return _share(self.right, self.networks)


@dataclass(frozen=True)
class WorldScore:
    """One detector in one world or set, or in several added up.

    Attributes:
        detector: its name.
        name: of the world or set.
        worlds: how many are added up.
        planted, teams: planted accounts, and teams, that there are to find.
        everyone: accounts by role.
        found: over all networks.
        flagged: over flagged networks.
        worlds_reporting: worlds with any network.
        worlds_misflagged: worlds in which a network with nobody planted in it is flagged.
        seconds: wall time.
        notes: what is to be said of how it ran.
        ran: worlds in which the detector said anything.

    """

    detector: str
    name: str
    worlds: int
    planted: int
    teams: int
    everyone: Counter[str]
    found: Tally
    flagged: Tally
    worlds_reporting: int
    worlds_misflagged: int
    seconds: float
    notes: tuple[str, ...]
    ran: int

    def recall(self, tally: Tally) -> float:
        """Of the planted accounts, those in the tally's networks; nan where nothing is planted."""
        return _share(tally.planted, self.planted)

    def f1(self, tally: Tally) -> float:
        """The harmonic mean of the tally's precision and recall; 0 where nothing is found, nan where nothing is planted."""
        return 2 * tally.planted / (tally.accounts + self.planted) if self.planted else float("nan")

    def team_recall(self, tally: Tally) -> float:
        """Of the teams, those of which at least half of the accounts are in the tally's networks."""
        return _share(tally.teams_found, self.teams)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _is_planted(known: Known | None) -> bool:
    return known is not None and known.role in PLANTED


def _teams(truth: Truth, accounts: Iterable[Account]) -> Counter[str]:
    known = (truth[account] for account in accounts if account in truth)
    return Counter(one.team for one in known if one.role in PLANTED and one.team)


def _most_common_role(members: Collection[Account], truth: Truth) -> str:
    roles = Counter(truth[account].role for account in members if account in truth)
    return min(roles, key=lambda role: (-roles[role], role)) if roles else "not in the truth"


def _kinds(members: Collection[Account], truth: Truth) -> tuple[int, int, int]:
    """Planted members, members of newsrooms and mirrors, organic members."""
    roles = [truth[account].role for account in members if account in truth]
    planted = sum(role in PLANTED for role in roles)
    one_hand = sum(role in ONE_HAND for role in roles)
    return planted, one_hand, len(roles) - planted - one_hand


def tally(networks: Collection[NamedNetwork], truth: Truth) -> Tally:
    """Count some networks against the truth."""
    inside = frozenset().union(*(network.members for network in networks))
    kinds = [(network, *_kinds(network.members, truth)) for network in networks]
    mixed = [network.members for network, planted, _, organic in kinds if planted and organic]
    planted, one_hand, organic = _kinds(inside, truth)
    there, caught = _teams(truth, truth), _teams(truth, inside)
    return Tally(
        networks=len(networks),
        right=sum(2 * planted > len(network.members) for network, planted, _, _ in kinds),
        organic_networks=sum(bool(organic and not planted and not one_hand) for _, planted, one_hand, organic in kinds),
        authentic_networks=sum(not planted for _, planted, _, _ in kinds),
        planted=planted,
        one_hand=one_hand,
        organic=organic,
        beside=_kinds(frozenset().union(*mixed), truth)[2],
        strangers=sum(account not in truth for account in inside),
        teams_found=sum(caught[team] >= FOUND_SHARE * size for team, size in there.items()),
        accounts_of=Counter(truth[account].role for account in inside if account in truth),
        planted_states_of=Counter(network.inauthentic for network, planted, _, _ in kinds if planted),
        authentic_states_of=Counter(network.inauthentic for network, planted, _, _ in kinds if not planted),
        networks_of=Counter(_most_common_role(network.members, truth) for network in networks),
    )


def score(verdicts: Verdicts, truth: Truth, name: str) -> WorldScore:
    """Hold what a detector said of one world or set against the truth.

    Args:
        verdicts: of the detector.
        truth: role and team of each account.
        name: of the world or set.

    """
    found = tally(verdicts.networks, truth)
    flagged = tally([network for network in verdicts.networks if network.flagged], truth)
    return WorldScore(
        detector=verdicts.detector,
        name=name,
        worlds=1,
        planted=sum(_is_planted(known) for known in truth.values()),
        teams=len(_teams(truth, truth)),
        everyone=Counter(known.role for known in truth.values()),
        found=found,
        flagged=flagged,
        worlds_reporting=int(bool(found.networks)),
        worlds_misflagged=int(bool(flagged.authentic_networks)),
        seconds=verdicts.seconds,
        notes=(verdicts.note,) if verdicts.note else (),
        ran=int(verdicts.ran),
    )


def _add_tallies(tallies: list[Tally]) -> Tally:
    sums: dict[str, Any] = {}
    for one in fields(Tally):
        nothing: Any = Counter() if one.name.endswith("_of") else 0
        sums[one.name] = sum((getattr(part, one.name) for part in tallies), nothing)
    return Tally(**sums)


def add_up(scores: list[WorldScore], name: str) -> WorldScore:
    """One detector's scores in several worlds as one: counts and seconds added, each note once.

    Worlds in which the detector did not run at all count for nothing.

    Args:
        scores: of one detector, at least one.
        name: of the sum.

    """
    ran = [one for one in scores if one.ran]
    counted = ("worlds", "planted", "teams", "worlds_reporting", "worlds_misflagged", "ran")
    return WorldScore(
        detector=scores[0].detector,
        name=name,
        **{field: sum(getattr(one, field) for one in ran) for field in counted},
        everyone=sum((one.everyone for one in ran), Counter()),
        found=_add_tallies([one.found for one in ran]),
        flagged=_add_tallies([one.flagged for one in ran]),
        seconds=sum(one.seconds for one in ran),
        notes=tuple(dict.fromkeys(note for one in scores for note in one.notes)),
    )


def recall_at(verdicts: Verdicts, truth: Truth, most: int) -> int:
    """Planted accounts found before more than `most` others are, networks taken in order of significance.

    Networks of one rank are taken together or not at all. Whoever is not planted counts against it, newsrooms too;
    accounts that the truth does not name count for nothing.

    Args:
        verdicts: networks with the most significant first.
        truth: role and team of each account.
        most: so many others may be among them.

    """
    taken: set[Account] = set()
    best = 0
    for place, network in enumerate(verdicts.networks):
        taken |= network.members
        following = verdicts.networks[place + 1 : place + 2]
        if following and following[0].rank == network.rank:
            continue
        planted, one_hand, organic = _kinds(taken, truth)
        if one_hand + organic > most:
            break
        best = planted
    return best
