"""Attribution on worlds in which it is known who is behind: how often a state is named, rightly and wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samehand.attribution import (
    CALENDARS,
    LIKELY,
    EvidenceItem,
    Weighed,
    days_off,
    hours_evidence,
    network_evidence,
    overlap_evidence,
    reach,
    weigh,
)
from samehand.simulation import TRUTHS, AttributionWorld, Truth, attribution_world

__all__ = ["Attributed", "attributed_worlds", "evidence_of"]

YEAR = 2019
BLOCKED = {
    "CN": "the platform's own access logs",
    "IR": "the platform's own access logs",
    "RU": "the platform's own access logs",
}


@dataclass(frozen=True)
class Attributed:
    """A world, the evidence that was read from it, and what it came to."""

    world: AttributionWorld
    items: tuple[EvidenceItem, ...]
    weighed: Weighed

    @property
    def names_a_state(self) -> bool:
        """Whether it may be signed that a state directs it."""
        return reach(self.items, self.weighed, coordinated=True).signable

    @property
    def leans_to_a_state(self) -> bool:
        """Whether the probability alone is likely or more, however little confidence it has."""
        return self.weighed.posterior["state_directed"] >= LIKELY


def evidence_of(world: AttributionWorld) -> list[EvidenceItem]:
    """The evidence that the helpers and investigators get from a world."""
    items = hours_evidence(world.times, "the platform's own data")
    items += network_evidence(world.theirs, world.genuine, "the platform's own data", BLOCKED)
    items += overlap_evidence(
        world.infrastructure, world.disclosed, world.others, source="an earlier disclosure", country=world.country,
        entity=f"bureau of {world.country}",
    )  # fmt: skip
    items += [
        EvidenceItem(
            kind=one.kind, said="As an investigator found it.", source="an investigator", reliability=one.reliability,
            credibility=one.credibility, country=one.country, entity=one.entity,
        )
        for one in world.found
    ]  # fmt: skip
    return items


def attributed_worlds(
    seeds: Sequence[int], truths: Sequence[Truth] = TRUTHS, *, forged: bool = False
) -> list[Attributed]:
    """Worlds of each truth, one a seed, attributed."""
    off = {name: days_off(name, YEAR) for name in CALENDARS}
    found = []
    for truth in truths:
        for seed in seeds:
            world = attribution_world(truth, seed, off=off, forged=forged)
            items = tuple(evidence_of(world))
            found.append(Attributed(world, items, weigh(items)))
    return found
