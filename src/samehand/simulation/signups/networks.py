"""Who carries people's traffic: networks with their kind, and addresses in them. All addresses are nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.signups.places import COUNTRIES, Places
from samehand.simulation.signups.rows import Array
from samehand.simulation.signups.sampling import Grouped

__all__ = ["NET_TYPES", "V6", "Networks", "prefix_of"]

NET_TYPES: Final = ("residential", "mobile", "cgnat", "hosting", "vpn", "tor", "education")
RESIDENTIAL, MOBILE, CGNAT, HOSTING, VPN, TOR, EDUCATION = range(7)
V6: Final = 1 << 60
_V4_PREFIXES: Final = 1 << 20
_CARRIERS: Final = ((3, 7), (2, 4), (1, 3), (2, 5), (2, 6), (1, 1), (2, 6))
"""How many networks of each kind a country has, bounds included."""
_ROOM: Final = (0.62, 0.14, 0.004, 0.06, 0.012, 0.003, 0.03)
"""Share of a country's /24 that each kind has."""


def prefix_of(ip: Array) -> Array:
    """The /24 of an address as a number below 2^20, the /48 of an IPv6 one above; -1 where there is none."""
    found: Array = np.where(ip < 0, -1, np.where(ip >= V6, _V4_PREFIXES + ((ip >> 40) & 0xFFFF), ip >> 8))
    return found


@dataclass(frozen=True)
class Networks:
    """Networks by number.

    Attributes:
        country, kind: of each network; kind indexes NET_TYPES.
        carriers: to draw a network of `country * 7 + kind`.
        prefixes: to draw a /24 of a network, 80 % of people on a third of them.
        prefix_asn: network of each /24. block: first /48 of each network.

    """

    country: Array
    kind: Array
    carriers: Grouped
    prefixes: Grouped
    prefix_asn: Array
    block: Array

    @classmethod
    def drawn(cls, rng: np.random.Generator, places: Places, people: int) -> Networks:
        """Networks for so many people: a /24 for each six of them, at most 700,000."""
        bounds = np.array(_CARRIERS)
        count = rng.integers(bounds[:, 0], bounds[:, 1] + 1, (len(COUNTRIES), len(NET_TYPES)))
        group = np.repeat(np.arange(count.size), count.ravel())
        shuffled = rng.permutation(group)
        weight = rng.gamma(1.2, 1.0, len(shuffled)) + 0.05
        wanted = min(people / 6, 700_000) * places.weight[:, None] * np.array(_ROOM)
        within = np.bincount(shuffled, weights=weight, minlength=count.size)
        room = np.maximum(np.rint((wanted.ravel() / within.clip(1e-9))[shuffled] * weight), 1).astype(np.int64)
        owner = np.repeat(np.arange(len(shuffled)), room)
        prefixes = Grouped.of(owner, rng.lognormal(0, 1.25, len(owner)), len(shuffled))
        return cls(
            country=shuffled // len(NET_TYPES),
            kind=shuffled % len(NET_TYPES),
            carriers=Grouped.of(shuffled, weight, count.size),
            prefixes=prefixes,
            prefix_asn=owner,
            block=rng.permutation(65_536)[: len(shuffled)],
        )

    def carrier(self, rng: np.random.Generator, country: Array, kind: Array) -> Array:
        """A network of a kind in a country."""
        return self.carriers.draw(rng, country.astype(np.int64) * len(NET_TYPES) + kind)

    def address(self, rng: np.random.Generator, asn: Array, v6: Array) -> Array:
        """An address in each network: one of its /24, or a household's /64 where `v6`."""
        count = len(asn)
        old = (self.prefixes.draw(rng, asn) << 8) + rng.integers(1, 255, count)
        new = V6 + (self.block[asn] << 40) + (rng.integers(0, 65_536, count) << 24) + rng.integers(1, 1 << 24, count)
        found: Array = np.where(v6, new, old)
        return found

    def neighbours(self, rng: np.random.Generator, ip: Array) -> Array:
        """Another address of the same /24 or /64."""
        old = (ip >> 8 << 8) + rng.integers(1, 255, len(ip))
        found: Array = np.where(ip >= V6, (ip >> 24 << 24) + rng.integers(1, 1 << 24, len(ip)), old)
        return found

    def sites(self, rng: np.random.Generator, asn: Array) -> Array:
        """A /24 of each network, any with the same chance, as the first address in it."""
        first, end = self.prefixes.first[asn], self.prefixes.first[asn + 1]
        chosen: Array = first + np.floor(rng.random(len(asn)) * (end - first)).astype(np.int64)
        return self.prefixes.items[chosen] << 8
