"""How probable each sign-up is from the operation, against people: what the generator itself can know of one row.

Both numbers are sums over fields of ln p(field | operation) - ln p(field | people), from one row alone: what several
accounts share is in neither, but for the clairvoyant, who knows the operation's things beforehand.

`llr` knows the ranges of the operation's levels and not what it has drawn from them. `clairvoyant` knows each wave's pools,
homes, days, pace and hours; it is the mixture of the waves by their sizes. Approximations:

- Shares among people are counted in two other draws of 40,000 to 400,000 people of the same world, hard negatives included.
- Shares under the ranges are counted in 40 other waves of 250 accounts a level, and fields are brought to classes: rarity
  for clients, prefixes, domains, pictures and links, twelfths of the name list, quarter octaves of the pace.
- Fields are taken as independent, but that locale, country and zone are one field together with the kind of network.
- In the clairvoyant what a wave does not take from a pool is taken as among people of the same country and kind of network.
- A client whose user agent got lost is taken as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from samehand.simulation.signups.genuine import ordinary
from samehand.simulation.signups.groups import hard_negatives, surges
from samehand.simulation.signups.missing import Lost, lose
from samehand.simulation.signups.names import FAMILY, GIVEN
from samehand.simulation.signups.networks import prefix_of
from samehand.simulation.signups.parameters import DAY_S, HOUR_S, Evasion
from samehand.simulation.signups.places import COUNTRIES, LOCALES, ZONES
from samehand.simulation.signups.rows import Array, Rows
from samehand.simulation.signups.seen import Popularity, families_seen, givens_seen, pace_class, seen, veiled
from samehand.simulation.signups.stage import Stage
from samehand.simulation.signups.waves import Pool, Wave, draw_wave, rows_of

__all__ = ["Odds", "draw_genuine"]

_LEAST: Final = 40_000
_MOST: Final = 400_000
_WAVES: Final = 40
_ACCOUNTS: Final = 250
_CHUNK: Final = 400_000
_FLOOR: Final = 1e-6
_RANK: Final = {"given": (GIVEN, 2.5), "family": (FAMILY, 2.0)}
_WIDTH: Final = {"locale": len(LOCALES), "zone": len(ZONES), "handle": 256, "mail": 128}


def draw_genuine(stage: Stage, rng: np.random.Generator) -> list[Rows]:
    """All people: those of the hard negatives, those whom surges bring, and everybody else, in parts."""
    special = [*hard_negatives(stage, rng), *surges(stage, rng)]
    return [*ordinary(stage, rng, max(0, stage.parameters.genuine - sum(map(len, special)))), *special]


def _shares(codes: Array, width: int) -> Array:
    """The share of each code and, first, of null; half an account is added to each code that some have or might."""
    counts = np.bincount(codes + 1, minlength=width + 1) + 0.5
    found: Array = counts / counts.sum()
    return found


@dataclass(frozen=True)
class _Known:
    """One wave as the clairvoyant knows it: tables of ln ratios by class, and its pools."""

    wave: Wave
    tables: dict[str, Array]
    pools: dict[str, tuple[Array, Array, float]]
    homes: Array


@dataclass(frozen=True)
class Odds:
    """Tables for both numbers.

    Attributes:
        stage: the world. popular: how often codes are among people.
        ranges: ln ratio of each class of each field under the ranges.
        context: shares of locale, zone, handle and mail by country, without and with a veil.
        known: the waves, for the clairvoyant.

    """

    stage: Stage
    popular: dict[str, Popularity]
    ranges: dict[str, Array]
    context: dict[str, Array]
    known: tuple[_Known, ...]

    @classmethod
    def measured(cls, stage: Stage, rng: np.random.Generator, waves: list[Wave]) -> Odds:
        """Count shares among other people and other waves of the same world."""
        count = min(max(stage.parameters.genuine, _LEAST), _MOST)
        other = replace(stage, parameters=replace(stage.parameters, genuine=count))
        # two draws: whoever is counted as popular must not be asked how popular they are
        popular = _popular(Rows.joined(draw_genuine(other, rng)))
        people = Rows.joined(draw_genuine(other, rng))
        lost = lose(stage, rng, people)
        drawn = Rows.joined(
            [_other_wave(stage, rng, level) for level in stage.parameters.levels for _ in range(_WAVES)]
        )
        theirs = seen(stage, drawn, lose(stage, rng, drawn), popular)
        ours = seen(stage, people, lost, popular)
        ranges = {}
        for name, codes in ours.items():
            width = int(max(codes.max(), theirs[name].max())) + 40
            ranges[name] = np.log(_shares(theirs[name], width) / _shares(codes, width))
        context = {name: _by_context(people, getattr(people, name), width) for name, width in _WIDTH.items()}
        odds = cls(stage, popular, ranges, context, ())
        return replace(odds, known=tuple(odds._know(rng, wave, people) for wave in waves))

    def of(self, rows: Rows, lost: Lost) -> tuple[Array, Array]:
        """Both numbers of each row, in nats; the clairvoyant of a world without an operation is 0."""
        llr, clairvoyant = np.zeros(len(rows)), np.zeros(len(rows))
        for start in range(0, len(rows), _CHUNK):
            where = slice(start, start + _CHUNK)
            part = rows.taken(where)
            gone = {name: column[where] for name, column in lost.items()}
            for name, codes in seen(self.stage, part, gone, self.popular).items():
                table = self.ranges[name]
                llr[where] += table[np.minimum(codes + 1, len(table) - 1)]
            if self.known:
                clairvoyant[where] = self._clairvoyant(part, gone)
        return llr, clairvoyant

    def _clairvoyant(self, rows: Rows, lost: Lost) -> Array:
        sizes = np.array([known.wave.count for known in self.known], dtype=np.float64)
        whole = np.full(len(rows), -np.inf)
        for known, size in zip(self.known, sizes / sizes.sum(), strict=True):
            whole = np.logaddexp(whole, np.log(max(size, 1e-9)) + self._of_wave(known, rows, lost))
        return whole

    def _of_wave(self, known: _Known, rows: Rows, lost: Lost) -> Array:
        classes = _circumstances(rows)
        if "ip" in known.pools:
            classes = {name: classes[name] for name in ("day", "hour", "pace", "channel")}
        total = np.zeros(len(rows))
        for name, codes in classes.items():
            total += known.tables[name][codes + 1]
        context = rows.country.astype(np.int64) + 1 + (len(COUNTRIES) + 1) * veiled(rows)
        for name, (codes, weight, share) in known.pools.items():
            values = self._values(rows, lost, name)
            pooled = _looked_up(codes, weight, values)
            base, people = np.ones(len(rows)), self._among_people(name, rows, values, context, pooled > 0)
            if name in ("locale", "zone") and "ip" in known.pools:
                base = (known.homes @ self.context[name][1 : len(COUNTRIES) + 1])[values + 1] / people
            ratio = share * pooled / people + (1 - share) * base
            total += np.where((values < 0) & (name != "avatar"), 0.0, np.log(np.maximum(ratio, _FLOOR)))
        return total

    def _values(self, rows: Rows, lost: Lost, name: str) -> Array:
        values = getattr(rows, name).astype(np.int64)
        if name == "client":
            return np.where(lost["user_agent"], -1, values)
        if name == "given":
            return np.where(givens_seen(rows), values, -1)
        return np.where(families_seen(rows), values, -1) if name == "family" else values

    def _among_people(self, name: str, rows: Rows, values: Array, context: Array, needed: Array) -> Array:
        """The share of each value among people of the row's country and network; 1 where it is not needed."""
        if name in self.context:
            found: Array = self.context[name][context, values + 1]
            return found
        people = np.ones(len(rows))
        held = values[needed]
        if name in _RANK:
            size, power = _RANK[name]
            rank = held % size
            within = ((rank + 1) / size) ** (1 / power) - (rank / size) ** (1 / power)
            people[needed] = within * 0.3
        elif name == "ip":
            people[needed] = self.popular["prefix"].share(prefix_of(held)) / 254
        elif name == "device":
            people[needed] = 1e-12
        else:
            people[needed] = self.popular[name].share(held)
        return people

    def _know(self, rng: np.random.Generator, wave: Wave, people: Rows) -> _Known:
        """Simulate more accounts of a wave, for what it takes from no pool, and sort its pools."""
        more = Rows.joined([rows_of(self.stage, rng, replace(wave, count=_ACCOUNTS), 0) for _ in range(12)])
        lose(self.stage, rng, more)
        tables = {}
        mine, theirs = _circumstances(people), _circumstances(more)
        for name, codes in mine.items():
            width = int(max(codes.max(), theirs[name].max(), self.stage.parameters.days if name == "day" else 0)) + 8
            tables[name] = np.log(_shares(theirs[name], width) / _shares(codes, width))
        homes = np.bincount(wave.homes.codes, weights=wave.homes.weight, minlength=len(COUNTRIES))
        pools = {name: _sorted(pool) for name, pool in wave.pools.items()}
        return _Known(wave, tables, pools, homes / homes.sum())


def _popular(people: Rows) -> dict[str, Popularity]:
    names = ("client", "domain", "avatar", "referrer", "phone")
    found = {name: Popularity.of(getattr(people, name)) for name in names}
    return {**found, "prefix": Popularity.of(prefix_of(people.ip))}


def _other_wave(stage: Stage, rng: np.random.Generator, level: Evasion) -> Rows:
    wanted = stage.parameters.regime
    fresh = rng.random() < 0.65 if wanted == "both" else wanted == "fresh"
    wave = draw_wave(
        stage,
        rng,
        name="",
        role="operation",
        level=level,
        regime="fresh" if fresh else "stock",
        count=_ACCOUNTS,
        first_day=stage.parameters.baseline_days,
    )
    return rows_of(stage, rng, wave, 0)


def _circumstances(rows: Rows) -> dict[str, Array]:
    """When, where from, how fast, and with which channel: classes that a wave takes from no pool."""
    return {
        "day": np.floor(rows.at_s / DAY_S).astype(np.int64),
        "hour": np.floor(rows.at_s / HOUR_S).astype(np.int64) % 24,
        "pace": pace_class(rows.flow_ms),
        "channel": (rows.domain >= 0) * 2 + (rows.phone >= 0).astype(np.int64),
        "country": rows.country.astype(np.int64),
        "net": rows.net.astype(np.int64),
    }


def _by_context(people: Rows, values: Array, width: int) -> Array:
    """Shares of values by country, first without and then with a veil, shrunk towards the world's."""
    contexts = 2 * (len(COUNTRIES) + 1)
    context = people.country.astype(np.int64) + 1 + (len(COUNTRIES) + 1) * veiled(people)
    counts = np.bincount(context * (width + 1) + values + 1, minlength=contexts * (width + 1))
    counts = counts.reshape(contexts, width + 1).astype(np.float64)
    world = _shares(values.astype(np.int64), width)
    found: Array = (counts + 20 * world) / (counts.sum(axis=1, keepdims=True) + 20)
    return found


def _sorted(pool: Pool) -> tuple[Array, Array, float]:
    codes, where = np.unique(pool.codes, return_inverse=True)
    weight = np.bincount(where, weights=pool.weight)
    return codes, weight / weight.sum(), pool.share


def _looked_up(codes: Array, weight: Array, values: Array) -> Array:
    place = np.minimum(np.searchsorted(codes, values), len(codes) - 1)
    return np.where(codes[place] == values, weight[place], 0.0)
