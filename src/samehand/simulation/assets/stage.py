"""What is on the stage while a world of assets is drawn: who there is, and the rows that they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from samehand.simulation.assets.parameters import DAY_S, HOUR_S, AssetParameters

__all__ = ["Asset", "Login", "Post", "Stage"]


@dataclass
class Asset:
    """One asset: its kind, what it is in truth, its community, and the hour around which it is awake."""

    kind: str
    role: str
    community: int
    hour: float
    staff: list[int] = field(default_factory=list)
    fans: int = 0


Login = tuple[int, float, str, str, str, str]
"""Account, time, address, network, kind of network, device."""


@dataclass
class Post:
    """One post; texts and things by their names."""

    asset: int
    at: float
    text: str
    urls: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    media: tuple[str, ...] = ()


@dataclass
class Stage:
    """Collects a world; assets are known by their number."""

    rng: np.random.Generator
    world: AssetParameters
    assets: list[Asset] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    relations: list[tuple[int, str, int, float]] = field(default_factory=list)
    engagements: list[tuple[int, int, str, float]] = field(default_factory=list)
    drawn: int = 0

    def cast(self, kind: str, role: str, community: int) -> int:
        """Put an asset on the stage."""
        self.assets.append(Asset(kind, role, community, float(self.rng.normal(20, 3)) % 24))
        return len(self.assets) - 1

    def of(self, kind: str, *roles: str) -> list[int]:
        """Assets of a kind, of these roles or of all."""
        return [n for n, one in enumerate(self.assets) if one.kind == kind and (not roles or one.role in roles)]

    def name(self, kind: str) -> str:
        """A name that nothing else bears."""
        self.drawn += 1
        return f"{kind}{int(self.rng.integers(1 << 40)):010x}{self.drawn}"

    def address(self, block: int) -> str:
        """An address in one of the blocks of private use, which no network of the world has."""
        low = self.rng.integers(0, 256, 2)
        return f"10.{block % 256}.{low[0]}.{low[1]}"

    def moment(self, hour: float) -> float:
        """A time on any day, around an hour."""
        day = int(self.rng.integers(0, int(self.world.days)))
        return day * DAY_S + (float(self.rng.normal(hour, 2.5)) % 24) * HOUR_S

    def pick(self, among: Sequence[int], count: int) -> list[int]:
        """Some of them, each once."""
        count = min(count, len(among))
        return [among[k] for k in self.rng.choice(len(among), count, replace=False).tolist()] if count else []

    def run_by(self, target: int, staff: Iterable[int], role: str = "admin") -> None:
        """Let accounts run a page or group."""
        for account in staff:
            if account not in self.assets[target].staff:
                self.assets[target].staff.append(account)
                self.relations.append((account, role, target, float(self.rng.uniform(-300, 0)) * DAY_S))
