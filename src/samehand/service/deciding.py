"""What answers questions about ads: a registry with its gates made ready, taken anew as a whole when a contest was upheld."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from samehand.advertising import AdContests, AdDecision, AdReviews, Advertiser, Gate, Registry, Resolver, Transition
from samehand.policy import ad_pack_names, read_ad_pack

__all__ = ["AdDesk"]

GATES: Final = 256
"""Policies by day that are kept ready."""


@dataclass(frozen=True)
class _Ready:
    """A registry, how many contests were upheld in it, and its gate by policy, day and day on which it was held."""

    registry: Registry
    upheld: int
    gate: Callable[[str, date, date], Gate]


class AdDesk:
    """Decides about ads.

    Args:
        registry: of media. now: the clock. reviews: by persons, which count where the gate sends to one.
        contests: of outlets, of which those upheld change the registry; `renew` takes them in.

    """

    def __init__(
        self, registry: Registry, now: Callable[[], datetime], reviews: AdReviews | None, contests: AdContests | None
    ) -> None:
        self._now, self._reviews, self._contests = now, reviews, contests
        self._ready = self._made(registry)
        self._looked_at = now()

    @property
    def registry(self) -> Registry:
        """As it is now."""
        return self._ready.registry

    @property
    def looked_at(self) -> datetime:
        """When it last looked whether a contest was upheld."""
        return self._looked_at

    def now(self) -> datetime:
        """The clock."""
        return self._now()

    def today(self) -> date:
        """The day whose facts count where none is asked."""
        return self._now().date()

    def decide(self, who: Advertiser, policy: str, on: date, held: date, ran: Transition | None) -> AdDecision:
        """What the policy says of an advertiser, or a person said of the same."""
        gate = self._ready.gate(policy, on, held)
        return self._reviews.decide(who, gate, ran) if self._reviews else gate.decide(who, ran)

    def renew(self) -> bool:
        """Take in what was upheld meanwhile; whether there was any."""
        upheld = self._contests.upheld() if self._contests else self._ready.upheld
        self._looked_at = self._now()
        if upheld == self._ready.upheld:
            return False
        self._ready = self._made(self._ready.registry)
        return True

    def _made(self, registry: Registry) -> _Ready:
        upheld = self._contests.upheld() if self._contests else 0
        known = self._contests.registry() if self._contests else registry
        resolver = Resolver(known)

        @lru_cache(maxsize=GATES)
        def gate(policy: str, on: date, held: date) -> Gate:
            return Gate(known, read_ad_pack(policy, on), on, held, resolver=resolver)

        day = self.today()
        for name in ad_pack_names():  # tables are loaded, and standings looked up, before a request waits for it
            one = gate(name, day, day)
            one.prepare()
            one.decide(Advertiser(legal_name="Кайт Kite 電視", landing_url="https://kite.invalid/"))
        return _Ready(known, upheld, gate)
