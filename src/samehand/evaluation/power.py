"""What is found of what was planted, and how many ordinary people come along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from samehand.evaluation.drawn import searched_worlds
from samehand.simulation import Team

__all__ = ["PowerCell", "SeedResult", "TeamResult", "found_in_scenario", "power_map", "wilson"]


@dataclass(frozen=True)
class TeamResult:
    """One planted team: how it worked and how many of its accounts were found."""

    plan: Team
    accounts: int
    found: int


@dataclass(frozen=True)
class SeedResult:
    """One world: accounts in networks by role, planted accounts, and the explained sets.

    precision counts as right whoever acts by one hand: a team, a newsroom, mirrors. Fans explained by their author are
    in no network.
    """

    seed: int
    planted: int
    in_networks: dict[str, int]
    explained: tuple[int, ...]
    teams: tuple[TeamResult, ...] = ()

    @property
    def recall(self) -> float:
        """Planted accounts found."""
        return self.in_networks.get("team", 0) / self.planted if self.planted else float("nan")

    @property
    def precision(self) -> float:
        """Of the accounts in networks, those of teams (and of newsrooms and mirrors, which are one hand too)."""
        right = sum(self.in_networks.get(role, 0) for role in ("team", "newsroom", "mirror"))
        everyone = sum(self.in_networks.values())
        return right / everyone if everyone else float("nan")


@dataclass
class PowerCell:
    """One cell of a power map: teams that fall into it, and their accounts planted and found."""

    teams: int = 0
    teams_found: int = 0
    accounts: int = 0
    found: int = 0
    worlds: set[int] = field(default_factory=set)


def found_in_scenario(scenario: str, seeds: range, *, level: float = 0.01) -> Iterator[SeedResult]:
    """Draw worlds of a scenario and detect in them at default settings.

    Args:
        scenario: a scenario's name.
        seeds: one world each.
        level: the false discovery rate asked for.

    """
    for one in searched_worlds(scenario, seeds, level=level):
        truth = one.truth
        inside = [one.assets[member] for network in one.found.networks for member in network.members.tolist()]
        planted = Counter(team for role, team in truth.values() if role == "team")
        caught = Counter(truth[asset][1] for asset in inside if truth[asset][0] == "team")
        teams = tuple(
            TeamResult(plan, planted[f"team-{k}"], caught[f"team-{k}"])
            for k, plan in enumerate(one.drawn.parameters.teams, start=1)
        )
        roles = dict(Counter(truth[asset][0] for asset in inside))
        explained = tuple(len(e.members) for e in one.found.explained)
        yield SeedResult(one.seed, sum(planted.values()), roles, explained, teams)


def _bin(value: float, edges: tuple[float, ...]) -> str:
    at = int(np.searchsorted(edges, value, side="right"))
    if at == 0:
        return f"under {edges[0]:g}"
    return f"{edges[at - 1]:g} and more" if at == len(edges) else f"{edges[at - 1]:g} to {edges[at]:g}"


def power_map(results: list[SeedResult]) -> dict[str, dict[str, PowerCell]]:
    """Teams found, by style and by each of what makes a team weak; a team counts as found from half of its accounts on."""
    cells: dict[str, dict[str, PowerCell]] = {}
    for result in results:
        for team in result.teams:
            plan = team.plan
            keys = {
                "style": plan.style,
                "trace": plan.trace,
                "accounts": _bin(team.accounts, (10, 15, 20, 25)),
                "objects": _bin(plan.objects, (6, 9, 12, 16)),
                "sessions": _bin(-(-plan.objects // plan.session_objects), (3, 5, 8, 12)),
                "participation": _bin(plan.participation, (0.45, 0.6, 0.75)),
                "window (burst)": _bin(plan.window_s, (30, 120, 600)) if plan.style == "burst" else "-",
                "camouflage": _bin(plan.camouflage, (2, 5, 10)),
            }
            for axis, key in keys.items():
                cell = cells.setdefault(axis, {}).setdefault(key, PowerCell())
                cell.teams += 1
                cell.teams_found += 2 * team.found >= team.accounts
                cell.accounts += team.accounts
                cell.found += team.found
                cell.worlds.add(result.seed)
    return cells


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """A 95 % interval for a share (Wilson 1927)."""
    if not trials:
        return 0.0, 1.0
    z, share = 1.96, hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2)) / (1 + z * z / trials)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))
