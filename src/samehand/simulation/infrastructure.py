"""Log-ins: from where and on what, with the sharing that ordinary people do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.looks import DAY_S, Population
from samehand.simulation.marks import Marks
from samehand.simulation.parameters import WorldParameters
from samehand.simulation.people import Integers, Reals

__all__ = ["Logins", "logins"]

_DOCUMENTATION = ("192.0.2", "198.51.100", "203.0.113")
"""RFC 5737; RFC 3849 has 2001:db8::/32, RFC 6598 the shared addresses 100.64/10."""
PER_CARRIER_ADDRESS = 25
"""Accounts to one shared address of a carrier at a time; over weeks a phone gets several, and dozens share each."""
VENUES = 36
_VENUE_KINDS = ("education", "education", "vpn", "vpn", "hosting", "residential")


@dataclass(frozen=True)
class Logins:
    """One entry a log-in.

    Attributes:
        account, at_s: who and when. place: number of the address. device: number of the device.
        addresses, networks, kinds: the address, the autonomous system and the kind of network of each place.

    """

    account: Integers
    at_s: Reals
    place: Integers
    device: Integers
    addresses: list[str]
    networks: list[str]
    kinds: list[str]


class _Places:
    """Addresses as they are given out."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.addresses: list[str] = []
        self.networks: list[str] = []
        self.kinds: list[str] = []

    def _add(self, address: str, kind: str, network: int) -> int:
        self.addresses.append(address)
        self.networks.append(f"AS{64_496 + network}")
        self.kinds.append(kind)
        return len(self.addresses) - 1

    def home(self) -> int:
        """An address of IPv6 in a subnet of its own."""
        a, b, c, d = (int(part) for part in self.rng.integers(1, 65_536, 4))
        return self._add(f"2001:db8:{a:x}:{b:x}::{c:x}:{d:x}", "residential", int(self.rng.integers(0, 6)))

    def carrier(self) -> int:
        """An address that many customers of a carrier have at once."""
        a, b, c = (int(part) for part in self.rng.integers((64, 0, 1), (128, 256, 255)))
        return self._add(f"100.{a}.{b}.{c}", "cgnat", 6 + a % 3)

    def public(self, kind: str) -> int:
        """One of the documentation's addresses."""
        block, host = _DOCUMENTATION[int(self.rng.integers(0, 3))], int(self.rng.integers(1, 255))
        return self._add(f"{block}.{host}", kind, 9 + int(self.rng.integers(0, 6)))


def logins(
    rng: np.random.Generator, world: WorldParameters, population: Population, marks: Marks, made_s: Reals
) -> Logins:
    """Draw log-ins: 1 to a dozen an account, at home, on the phone, some elsewhere; a group's mostly through its own.

    A third of homes and all phones sit behind carriers, dozens of accounts to an address. Some addresses of universities,
    offices and VPNs are shared by dozens, and an operation's VPN may be one of these.
    """
    count, places = len(made_s), _Places(rng)
    carriers = np.array([places.carrier() for _ in range(max(3, count // PER_CARRIER_ADDRESS))])
    venues = np.array([places.public(_VENUE_KINDS[number % len(_VENUE_KINDS)]) for number in range(VENUES)])
    shielded = rng.random(count) < 0.33
    home = np.array([-1 if behind else places.home() for behind in shielded.tolist()], dtype=np.int64)
    home[shielded] = rng.choice(carriers, int(shielded.sum()))
    household = np.flatnonzero(rng.random(count) < 0.1)
    home[household] = home[rng.integers(0, count, len(household))]
    device = np.arange(count)
    shares = np.flatnonzero(rng.random(count) < population.shared_devices)
    device[shares] = rng.integers(0, count, len(shares))
    venue = np.where(rng.random(count) < population.networks, rng.choice(venues, count), -1)
    account = np.repeat(np.arange(count), np.minimum(1 + rng.poisson(4, count), 12))
    drawn = rng.random(len(account))
    place = np.where(drawn < 0.55, home[account], rng.choice(carriers, len(account)))
    place = np.where((drawn > 0.75) & (venue[account] >= 0), venue[account], place)
    second = (rng.random(len(account)) < 0.2) & (rng.random(count) < 0.3)[account]
    used = device[account] + np.where(second, 2 * count, 0)
    _through_their_own(rng, marks, account, place, used, places, venues)
    first_s = np.maximum(made_s, 0.0)[account]
    at_s = first_s + (world.days * DAY_S - first_s) * rng.random(len(account))
    return Logins(account, at_s, place, used, places.addresses, places.networks, places.kinds)


def _through_their_own(
    rng: np.random.Generator,
    marks: Marks,
    account: Integers,
    place: Integers,
    device: Integers,
    places: _Places,
    venues: Integers,
) -> None:
    """Move nine in ten log-ins of those who share to the group's addresses and devices, in place."""
    for number, (group, sharing) in enumerate(marks.bearers("shared_infrastructure")):
        rows = np.flatnonzero(np.isin(account, sharing))
        rows = rows[rng.random(len(rows)) < 0.9]
        kind = "vpn" if group.kind == "team" else "residential"
        own = [
            int(rng.choice(venues)) if rng.random() < 0.3 else places.public(kind) for _ in range(group.look.addresses)
        ]
        place[rows] = rng.choice(own, len(rows))
        # each device is the desk of some of them
        desk = account[rows] % group.look.devices
        device[rows] = 10 * len(account) + 1_000 * number + desk
