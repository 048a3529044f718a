"""What accounts refer to: mail providers, telephones, pictures, and the ways by which people come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.signups.machines import DESK, POME
from samehand.simulation.signups.places import COUNTRIES, Places
from samehand.simulation.signups.rows import Array
from samehand.simulation.signups.sampling import Grouped, powered, weighted

__all__ = ["INVITES", "LINKS", "PLAIN", "POPULAR", "QRS", "UNIQUE", "Things", "domain_kind"]

_FREE: Final = 5
_LOCAL: Final = 3
_SCHOOLS: Final = 40
_DISPOSABLE: Final = 60
_FIRST_LOCAL: Final = _FREE
_FIRST_DISPOSABLE: Final = _FIRST_LOCAL + _LOCAL * len(COUNTRIES)
_FIRST_SCHOOL: Final = _FIRST_DISPOSABLE + _DISPOSABLE
_FIRST_ORGANISATION: Final = _FIRST_SCHOOL + _SCHOOLS * len(COUNTRIES)
PLAIN: Final = ("direct", "search", "app_store", "play_store", "embed", "invite")
DIRECT, SEARCH, APP_STORE, PLAY_STORE, EMBED, INVITE = range(6)
LINKS: Final = 100
INVITES: Final = 10_000
QRS: Final = 1_000_000_000
"""First number of links, invitation codes and QR codes."""
POPULAR: Final = 3_000
UNIQUE: Final = 1 << 20
"""Pictures below POPULAR are shared by many, the first ones flags; those from UNIQUE on are somebody's own."""


def domain_kind(domain: Array) -> Array:
    """0 freemail, 1 freemail of a country, 2 disposable, 3 a school's, 4 an organisation's; -1 no address."""
    found = np.searchsorted([_FIRST_LOCAL, _FIRST_DISPOSABLE, _FIRST_SCHOOL, _FIRST_ORGANISATION], domain, side="right")
    return np.where(domain < 0, -1, found)


@dataclass(frozen=True)
class Things:
    """Habits of a world with the things accounts refer to.

    Attributes:
        mail_kinds: share of people by the kind of their mail: freemail, the country's, disposable, school, organisation.
        organisations, invites, links: how many there are. phones: how many prefixes each country has.
        channel: shares of people who give an address, a telephone, and both.
        pictures: shares of people without a picture, with their own, and with a popular one.
        ways: weight of each plain way and of links, invitations and QR codes, by family of machines.
        flow_s, flow_sigma: of the form's time. quick, quick_s: share of people with a password manager, and their time.

    """

    mail_kinds: Array
    organisations: int
    invites: int
    links: int
    phones: Array
    channel: Array
    pictures: Array
    ways: Grouped
    flow_s: float
    flow_sigma: float
    quick: float
    quick_s: float

    @classmethod
    def drawn(cls, rng: np.random.Generator, places: Places, people: int) -> Things:
        """Draw the habits."""
        # direct, search, app_store, play_store, embed, invite without a code, link, invite with one, qr
        base = np.array([
            [3, 1.5, 0, 5, 0.3, 0.3, 1.5, 1.5, 0.15],
            [3, 1.5, 5, 0, 0.3, 0.3, 1.5, 1.5, 0.15],
            [5, 4, 0, 0, 1.5, 0.3, 3, 1, 0.02],
        ])  # fmt: skip
        ways = base * rng.lognormal(0, 0.3, base.shape)
        found = Grouped.of(np.repeat(np.arange(3), 9), ways.ravel(), 3)
        return cls(
            mail_kinds=rng.dirichlet(np.array([50, 25, 2.5, 4, 8])),
            organisations=max(2_000, people // 20),
            invites=max(1_000, people // 8),
            links=int(rng.integers(150, 400)),
            phones=np.maximum(people * places.weight / 4, 300).astype(np.int64).clip(0, 999_999),
            channel=rng.dirichlet(np.array([10, 8, 4])),
            pictures=rng.dirichlet(np.array([12, 12, 2.5])),
            ways=Grouped(found.items % 9, found.total, found.first),
            flow_s=float(rng.uniform(40, 75)),
            flow_sigma=float(rng.uniform(0.5, 0.75)),
            quick=float(rng.uniform(0.06, 0.16)),
            quick_s=float(rng.uniform(9, 20)),
        )

    def domain(self, rng: np.random.Generator, home: Array) -> Array:
        """A mail provider for each person."""
        count = len(home)
        options = (
            powered(rng, _FREE, count, 1.7),
            _FIRST_LOCAL + home.astype(np.int64) * _LOCAL + powered(rng, _LOCAL, count, 1.5),
            _FIRST_DISPOSABLE + powered(rng, _DISPOSABLE, count, 2.0),
            _FIRST_SCHOOL + home.astype(np.int64) * _SCHOOLS + powered(rng, _SCHOOLS, count, 1.3),
            _FIRST_ORGANISATION + powered(rng, self.organisations, count, 1.5),
        )
        found: Array = np.choose(weighted(rng, self.mail_kinds, count), options)
        return found

    def house_domain(self, rng: np.random.Generator, count: int) -> Array:
        """Mail domains of houses that few use."""
        low, high = _FIRST_ORGANISATION + self.organisations // 2, _FIRST_ORGANISATION + self.organisations
        found: Array = rng.integers(low, high, count)
        return found

    def school_domain(self, rng: np.random.Generator, home: Array) -> Array:
        """A school's domain in each country."""
        return _FIRST_SCHOOL + home.astype(np.int64) * _SCHOOLS + rng.integers(0, _SCHOOLS, len(home))

    def disposable_domain(self, rng: np.random.Generator, count: int) -> Array:
        """Domains of throw-away mail."""
        return _FIRST_DISPOSABLE + rng.integers(0, _DISPOSABLE, count)

    def phone(self, rng: np.random.Generator, country: Array) -> Array:
        """A telephone's prefix in each country."""
        return country.astype(np.int64) * 1_000_000 + powered(rng, self.phones[country], len(country), 1.3)

    def picture(self, rng: np.random.Generator, home: Array) -> Array:
        """A picture for each person, or none; of the popular ones a tenth are flags, mostly one's own."""
        count = len(home)
        popular = powered(rng, POPULAR - len(COUNTRIES), count, 2.2) + len(COUNTRIES)
        flag = np.where(rng.random(count) < 0.8, home, rng.integers(0, len(COUNTRIES), count))
        popular = np.where(rng.random(count) < 0.1, flag, popular)
        options = (np.full(count, -1), self.own_picture(rng, count), popular)
        found: Array = np.choose(weighted(rng, self.pictures, count), options)
        return found

    def own_picture(self, rng: np.random.Generator, count: int) -> Array:
        """Pictures that nobody else has."""
        return UNIQUE + rng.integers(0, 1 << 48, count)

    def way(self, rng: np.random.Generator, family: Array) -> Array:
        """How each person came, by the family of machine."""
        count = len(family)
        way = self.ways.draw(rng, family)
        link = LINKS + powered(rng, self.links, count, 2.2)
        invite = INVITES + powered(rng, self.invites, count, 1.3)
        found: Array = np.where(way == 6, link, np.where(way == 7, invite, way))
        return np.where(way == 8, QRS + rng.integers(0, 400, count), found)

    def house_link(self, rng: np.random.Generator, count: int) -> Array:
        """Links that few come by."""
        return LINKS + self.links + rng.integers(0, 5_000, count)

    def house_invite(self, rng: np.random.Generator, count: int) -> Array:
        """Invitation codes that few others use."""
        return INVITES + rng.integers(self.invites // 2, self.invites, count)

    def house_qr(self, rng: np.random.Generator, count: int) -> Array:
        """QR codes of one event."""
        return QRS + rng.integers(400, 1_000_000, count)

    def pace(self, rng: np.random.Generator, client_family: Array) -> Array:
        """Milliseconds that each person took over the form; a desk is quicker, a password manager much."""
        count = len(client_family)
        hurry = rng.random(count) < self.quick
        median = np.where(hurry, self.quick_s, self.flow_s) * np.where(client_family == DESK, 0.85, 1.0)
        median = median * np.where(client_family == POME, 0.95, 1.0)
        sigma = np.where(hurry, 0.5, self.flow_sigma)
        taken_ms: Array = np.rint(1_000 * median * np.exp(sigma * rng.standard_normal(count)))
        return taken_ms.clip(700, 3_600_000)
