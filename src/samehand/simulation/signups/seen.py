"""What a row shows by itself: its fields brought to a few classes each, nulls in a class of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.signups.machines import APP, age_of, family_of
from samehand.simulation.signups.missing import Lost
from samehand.simulation.signups.names import FAMILY, GIVEN, HANDLES
from samehand.simulation.signups.networks import HOSTING, TOR, V6, VPN, prefix_of
from samehand.simulation.signups.parameters import DAY_S, HOUR_S
from samehand.simulation.signups.places import COUNTRIES, LOCALES
from samehand.simulation.signups.rows import Array, Rows
from samehand.simulation.signups.stage import Stage
from samehand.simulation.signups.things import INVITES, LINKS, QRS, domain_kind

__all__ = ["Popularity", "families_seen", "givens_seen", "pace_class", "seen", "veiled"]

_RARITIES: Final = 24
_LAND: Final = np.array(
    [COUNTRIES.index(name.split("-")[1]) if name.split("-")[1] in COUNTRIES else -1 for name in LOCALES]
)
_SHOWS_GIVEN: Final = np.array(["g" in (left, right) for left, _, right in HANDLES])
_SHOWS_FAMILY: Final = np.array(["s" in (left, right) for left, _, right in HANDLES])


@dataclass(frozen=True)
class Popularity:
    """How often each code of a field is among people, for looking up: sorted codes, counts, and the sample's size."""

    codes: Array
    counts: Array
    total: int

    @classmethod
    def of(cls, codes: Array) -> Popularity:
        """Count the codes that are there."""
        values, counts = np.unique(codes[codes >= 0], return_counts=True)
        return cls(values, counts, int(counts.sum()))

    def count(self, codes: Array) -> Array:
        """How often each code is; 0 for one that is not among them."""
        if not len(self.codes):
            return np.zeros(len(codes), dtype=np.int64)
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[place] == codes, self.counts[place], 0)

    def rarity(self, codes: Array) -> Array:
        """The class of each code: halvings of its share, the last one for what nobody else has, -1 for nothing."""
        count = self.count(codes)
        found = np.floor(np.log2(max(self.total, 1) / np.maximum(count, 0.5))).astype(np.int64)
        return np.where(codes < 0, -1, np.where(count == 0, _RARITIES - 1, found.clip(0, _RARITIES - 2)))

    def share(self, codes: Array) -> Array:
        """The share of each code; what is not among them shares what is left as Good and Turing estimate it."""
        once = max(1, int((self.counts == 1).sum()))
        unseen = once / max(self.total, 1) / (5 * max(len(self.codes), 200))
        return np.maximum(self.count(codes) / max(self.total, 1), unseen)


def veiled(rows: Rows) -> Array:
    """Whether each comes by a hoster, a VPN or Tor."""
    found: Array = (rows.net == HOSTING) | (rows.net == VPN) | (rows.net == TOR)
    return found


def givens_seen(rows: Rows) -> Array:
    """Whether each handle or display name shows the given name."""
    handled = (rows.handle >= 0) & _SHOWS_GIVEN[np.maximum(rows.handle, 0) // 18]
    found: Array = handled | ((rows.display >= 1) & (rows.display <= 3))
    return found


def families_seen(rows: Rows) -> Array:
    """Whether each handle or display name shows the family name."""
    handled = (rows.handle >= 0) & _SHOWS_FAMILY[np.maximum(rows.handle, 0) // 18]
    found: Array = handled | (rows.display == 2) | (rows.display == 3)
    return found


def pace_class(flow_ms: Array) -> Array:
    """Quarter octaves of the time over the form; -1 for null."""
    octave = np.floor(4 * np.log2(np.maximum(flow_ms, 500) / 500)).astype(np.int64)
    return np.where(flow_ms < 0, -1, octave.clip(0, 51))


def _agrees(left: Array, right: Array) -> Array:
    return np.where((left < 0) | (right < 0), 0, np.where(left == right, 1, 2))


def _abode(stage: Stage, land: Array, zone: Array) -> Array:
    """Whether a country has a zone: 0 unknown, 1 yes, 2 no."""
    has = np.zeros((len(COUNTRIES), len(stage.places.offset_s)), dtype=bool)
    has[np.repeat(np.arange(len(COUNTRIES)), np.diff(stage.places.zone.first)), stage.places.zone.items] = True
    known = (land >= 0) & (zone >= 0)
    return np.where(known, 2 - has[np.maximum(land, 0), np.maximum(zone, 0)], 0)


def _ways(popular: Popularity, referrer: Array) -> Array:
    rarity = popular.rarity(referrer)
    special = np.where(referrer < INVITES, 6 + rarity, np.where(referrer < QRS, 32, 33))
    return np.where((referrer < 0) | (referrer < LINKS), referrer, special)


def seen(stage: Stage, rows: Rows, lost: Lost, popular: dict[str, Popularity]) -> dict[str, Array]:
    """Each field's class, -1 for null.

    Args:
        stage: the world.
        rows: after fields got lost. lost: the columns of clients that did.
        popular: how often codes of client, prefix, domain, avatar and referrer are among people.

    """
    client = np.where(lost["user_agent"], -1, rows.client)
    known = client >= 0
    family = np.where(known, family_of(np.maximum(client, 0)), 3)
    land = np.where(rows.locale < 0, -1, _LAND[np.maximum(rows.locale, 0)])
    country, zone = rows.country.astype(np.int64), rows.zone.astype(np.int64)
    place = _agrees(land, country) * 9 + _abode(stage, country, zone) * 3 + _abode(stage, land, zone)
    newest = np.searchsorted(stage.machines.released_s, rows.at_s, side="right") - 1
    offset_s = np.where(zone < 0, 0, stage.places.offset_s[np.maximum(zone, 0)])
    given, surname = rows.given % GIVEN * 12 // GIVEN, rows.family % FAMILY * 12 // FAMILY
    return {
        "net": (rows.net + 1) * 2 + (rows.ip >= V6),
        "place": place * 8 + rows.net + 1,
        "country": country,
        "locale": rows.locale.astype(np.int64),
        "phone": _agrees(rows.phone_country, country) * 3 + _agrees(rows.phone_country, land),
        "client": popular["client"].rarity(client),
        "system": np.where(known, family * 16 + age_of(np.maximum(client, 0)), -1),
        "version": np.where(known, (newest - client % APP).clip(0, 40), -1),
        "device": (rows.device >= 0) * 4 + family,
        "prefix": popular["prefix"].rarity(prefix_of(rows.ip)),
        "mail kind": domain_kind(rows.domain),
        "domain": popular["domain"].rarity(rows.domain),
        "mail": rows.mail.astype(np.int64),
        "handle": rows.handle.astype(np.int64),
        "given": np.where(givens_seen(rows), given, -1),
        "family": np.where(families_seen(rows), surname, -1),
        "display": rows.display.astype(np.int64),
        "avatar": popular["avatar"].rarity(rows.avatar),
        "referrer": _ways(popular["referrer"], rows.referrer.astype(np.int64)),
        "pace": pace_class(rows.flow_ms),
        "hour": (np.floor((rows.at_s + offset_s) / HOUR_S).astype(np.int64)) % 24,
        "baseline": (rows.at_s < stage.parameters.baseline_days * DAY_S).astype(np.int64),
    }
