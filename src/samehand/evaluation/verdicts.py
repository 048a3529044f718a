"""What a detector said of one world or set: the networks it found, which of them it flags, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Account", "FindingCount", "NamedNetwork", "Verdicts", "by_rank"]

Account = tuple[str, str]
"""(platform, asset_id)."""


@dataclass(frozen=True)
class NamedNetwork:
    """One network that a detector names.

    Attributes:
        members: its accounts.
        flagged: whether the detector holds it for inauthentic. A detector of one verdict flags whatever it names.
        inauthentic: the detector's state on that axis (no, insufficient, unknown, some, strong); empty where it has none.
        rank: the smaller, the more significant; networks of one rank are as significant as each other.

    """

    members: frozenset[Account]
    flagged: bool
    rank: tuple[float, ...] = ()
    inauthentic: str = ""


class FindingCount(NamedTuple):
    """How often one finding about networks came out in one state."""

    finding: str
    state: str
    times: int


@dataclass(frozen=True)
class Verdicts:
    """All that one detector said of one world or set.

    Attributes:
        detector: its name.
        networks: most significant first.
        seconds: wall time from the data on disk to the networks.
        note: why there are none, or why some may be missing; empty where the detector ran to its end.
        ran: whether it said anything at all: not where it is not installed, or stopped before its first network.
        findings: how often each finding came out in each state, for detectors that have findings.

    """

    detector: str
    networks: tuple[NamedNetwork, ...] = ()
    seconds: float = 0.0
    note: str = ""
    ran: bool = True
    findings: tuple[FindingCount, ...] = field(default=())


def by_rank(networks: Iterable[NamedNetwork]) -> tuple[NamedNetwork, ...]:
    """Networks with the most significant first; of equal rank, in an order that no run changes."""
    return tuple(sorted(networks, key=lambda network: (network.rank, sorted(network.members))))
