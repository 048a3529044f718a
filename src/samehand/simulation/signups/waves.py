"""A wave: accounts that one hand signs up in one way, its particulars drawn from the ranges of its level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from samehand.simulation.signups.clock import OFFICE
from samehand.simulation.signups.genuine import draw_people, first_posts, kinds_of, own_device
from samehand.simulation.signups.levels import RANGES, Bounds, Ranges
from samehand.simulation.signups.machines import family_of
from samehand.simulation.signups.names import DEFAULT, FAMILY, GIVEN
from samehand.simulation.signups.networks import HOSTING, MOBILE, RESIDENTIAL, VPN
from samehand.simulation.signups.parameters import DAY_S, HOUR_S, LEVELS, Evasion
from samehand.simulation.signups.rows import ROLES, Array, Rows
from samehand.simulation.signups.sampling import between, weighted
from samehand.simulation.signups.stage import Stage
from samehand.simulation.signups.things import DIRECT

__all__ = ["POOLED", "Pool", "Wave", "draw_wave", "rows_of"]

POOLED: Final = {
    "ip": 0, "device": 1, "client": 1, "handle": 2, "given": 2, "family": 2, "domain": 3, "mail": 3, "phone": 3,
    "avatar": 4, "referrer": 5, "zone": 6, "locale": 6,
}  # fmt: skip
"""Fields that a wave may take from a pool, and the family of signals that each belongs to; pace is family 7."""
_FAMILIES: Final = 8


@dataclass(frozen=True)
class Pool:
    """Things of a wave: their codes, the weight of each, and the share of its accounts that take one."""

    codes: Array
    weight: Array
    share: float

    @classmethod
    def of(cls, rng: np.random.Generator, codes: Array, share: float) -> Pool:
        """Codes with uneven weights."""
        return cls(codes, rng.gamma(1.5, 1.0, len(codes)) + 0.05, share)

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        """A code for each account."""
        found: Array = self.codes[weighted(rng, self.weight, count)]
        return found


@dataclass(frozen=True, kw_only=True)
class Wave:
    """A wave's particulars.

    Attributes:
        name: in the truth. role: index into ROLES. level, regime, count: of it.
        pools: things by the field they fill. homes: countries where accounts claim to be.
        zone: of the operator. days, day_weight: on which it signs up. night: share round the clock, not in office hours.
        sessions: runs of the script a day. pace_s, pace_sigma, pace: of the form.
        channel: shares of accounts with an address, a telephone, both. still_s, posting: when accounts first post.
        updated: whether the versions of its kit follow the releases.

    """

    name: str
    role: int
    level: Evasion
    regime: Literal["fresh", "stock"]
    count: int
    pools: dict[str, Pool]
    homes: Pool
    zone: int
    days: Array
    day_weight: Array
    night: float
    sessions: int
    pace_s: float
    pace_sigma: float
    pace: float
    channel: Array
    still_s: float
    posting: float
    updated: bool

    @property
    def ranges(self) -> Ranges:
        """The ranges of its level."""
        return RANGES[self.level]

    def keeping(self, rng: np.random.Generator, old: Wave, share: float) -> Wave:
        """The same wave with a share of its things replaced by those of an earlier one of the same operator."""
        pools = dict(self.pools)
        for name, pool in pools.items():
            if name in old.pools:
                kept = rng.random(len(pool.codes)) < share
                codes = np.where(kept, rng.choice(old.pools[name].codes, len(pool.codes)), pool.codes)
                pools[name] = replace(pool, codes=codes)
        return replace(self, pools=pools, zone=old.zone)


def _many(rng: np.random.Generator, bounds: Bounds, count: int = 0) -> int:
    """How many things; a wave of more than 2,000 accounts needs more, by the root of its size."""
    more = float(max(1.0, count / 2_000) ** 0.5)
    return max(1, round(between(rng, bounds, log=True) * more))


def draw_wave(
    stage: Stage,
    rng: np.random.Generator,
    *,
    name: str,
    role: str,
    level: Evasion,
    regime: Literal["fresh", "stock"],
    count: int,
    first_day: float,
) -> Wave:
    """Draw a wave of so many accounts; a fresh one signs up from its first day on."""
    ranges, places, last = RANGES[level], stage.places, stage.parameters.days
    homes = rng.choice(
        len(places.weight), min(_many(rng, ranges.countries), len(places.weight)), replace=False,
        p=_flatter(places.weight),
    )  # fmt: skip
    if regime == "fresh":
        days, weight = stage.clock.burst(rng, first_day, last, _many(rng, (1, 20)))
    else:
        days = np.arange(int(last))
        weight = rng.gamma(1.2, 1.0, len(days)) + 0.02
    operator = int(rng.choice(len(places.weight), p=_flatter(places.weight)))
    zone = int(places.zone.draw(rng, np.array([operator]))[0])
    return Wave(
        name=name,
        role=ROLES.index(role),
        level=level,
        regime=regime,
        count=count,
        pools=_pools(stage, rng, ranges, count, homes, operator, zone, float(days[0])),
        homes=Pool.of(rng, homes, 1.0),
        zone=zone,
        days=days,
        day_weight=weight,
        night=float(rng.uniform(0, 1)),
        sessions=int(rng.integers(1, 7)),
        pace_s=between(rng, ranges.pace_s, log=True),
        pace_sigma=between(rng, ranges.pace_sigma),
        pace=between(rng, ranges.pace),
        channel=stage.things.channel if level in {"E3", "E4"} else rng.dirichlet(stage.things.channel * 4 + 0.2),
        still_s=between(rng, (6 * HOUR_S, 30 * DAY_S), log=True),
        posting=float(rng.uniform(0.6, 0.95)),
        updated=bool(rng.random() < ranges.updated),
    )


def _flatter(weight: Array) -> Array:
    root = np.sqrt(weight)
    found: Array = root / root.sum()
    return found


def _pools(
    stage: Stage,
    rng: np.random.Generator,
    ranges: Ranges,
    count: int,
    homes: Array,
    operator: int,
    zone: int,
    day: float,
) -> dict[str, Pool]:
    places, things, names = stage.places, stage.things, stage.names
    culture = places.culture[homes]
    tongue = rng.choice(homes, _many(rng, ranges.names, count))
    devices = max(1, round(count / between(rng, ranges.devices, log=True)))
    kit = rng.choice(homes, _many(rng, ranges.clients))
    languages = np.concatenate([homes[:1], np.full(3, operator)])[: 1 + int(rng.integers(0, 2)) + len(homes)]
    phones = rng.choice(np.append(homes, operator), _many(rng, ranges.phones, count))
    list_culture = places.culture[tongue]
    codes = {
        "client": (_clients(stage, rng, kit, day), ranges.client),
        "device": (rng.integers(0, 1 << 62, devices), ranges.device),
        "handle": (
            _templates(rng, names.handles, culture, _many(rng, ranges.templates), rng.random() < 0.3),
            ranges.template,
        ),
        "given": (list_culture * GIVEN + rng.integers(0, GIVEN, len(tongue)), ranges.name),
        "family": (list_culture * FAMILY + rng.integers(0, FAMILY, len(tongue)), ranges.name),
        "domain": (_domains(stage, rng, homes, _many(rng, ranges.domains)), ranges.domain),
        "mail": (_templates(rng, names.mails, culture, _many(rng, ranges.mails), False), ranges.mail),
        "phone": (things.phone(rng, phones), ranges.phone),
        "avatar": (_pictures(stage, rng, homes, _many(rng, ranges.pictures, count)), ranges.picture),
        "referrer": (_ways(stage, rng, _many(rng, ranges.links)), ranges.referral),
        "zone": (np.array([zone]), ranges.leak),
        "locale": (places.locale.draw(rng, rng.choice(languages, _many(rng, ranges.locales))), ranges.locale),
    }
    pools = {name: Pool.of(rng, drawn, between(rng, share)) for name, (drawn, share) in codes.items()}
    if ranges.sites[1]:
        pools["ip"] = Pool.of(rng, _sites(stage, rng, ranges, count), 1.0)
    return {name: pool for name, pool in pools.items() if pool.share > 0}


def _sites(stage: Stage, rng: np.random.Generator, ranges: Ranges, count: int) -> Array:
    """Addresses at hosters and VPN exits in a few countries."""
    sites = _many(rng, ranges.sites, count)
    lands = rng.choice(len(stage.exits), max(1, int(rng.integers(1, 1 + min(sites, 12)))), p=_flatter(stage.exits))
    kind = np.where(rng.random(sites) < between(rng, ranges.hosting), HOSTING, VPN)
    base = stage.networks.sites(rng, stage.networks.carrier(rng, rng.choice(lands, sites), kind))
    hosts = _many(rng, ranges.hosts)
    return (base[:, None] + rng.integers(1, 255, (sites, hosts))).ravel()


def _clients(stage: Stage, rng: np.random.Generator, homes: Array, day: float) -> Array:
    """Machines of the kit: popular models for half of them, any for the others, as they ran some days before."""
    model = stage.machines.model(rng, stage.places, homes, rng.random(len(homes)) < 0.6)
    model = np.where(rng.random(len(homes)) < 0.5, model, rng.integers(0, len(stage.machines.age), len(homes)))
    at_s = np.full(len(homes), (day - float(rng.uniform(0, 30))) * DAY_S)
    return stage.machines.client(rng, model, at_s)


def _templates(rng: np.random.Generator, habits: Array, culture: Array, count: int, offered: bool) -> Array:
    """Templates that people use too, common ones more often; now and then the platform's own."""
    flat = np.sqrt(habits[culture[0]])
    found = weighted(rng, flat, count)
    if offered:
        found[0] = DEFAULT
    return found


def _domains(stage: Stage, rng: np.random.Generator, homes: Array, count: int) -> Array:
    home = rng.choice(homes, count)
    options = (
        stage.things.domain(rng, home),
        stage.things.disposable_domain(rng, count),
        stage.things.house_domain(rng, count),
    )
    found: Array = np.choose(rng.choice(3, count, p=(0.5, 0.25, 0.25)), options)
    return found


def _pictures(stage: Stage, rng: np.random.Generator, homes: Array, count: int) -> Array:
    """Pictures of its own, or popular ones."""
    popular = stage.things.picture(rng, rng.choice(homes, count))
    own = stage.things.own_picture(rng, count)
    found: Array = np.where((rng.random(count) < rng.uniform(0, 0.6)) & (popular >= 0), popular, own)
    return found


def _ways(stage: Stage, rng: np.random.Generator, count: int) -> Array:
    options = (
        np.full(count, DIRECT),
        stage.things.house_link(rng, count),
        stage.things.house_invite(rng, count),
        stage.things.way(rng, rng.integers(0, 3, count)),
    )
    found: Array = np.choose(rng.choice(4, count, p=(0.3, 0.25, 0.25, 0.2)), options)
    return found


def _moments(stage: Stage, rng: np.random.Generator, wave: Wave, zone: Array) -> Array:
    """When each account signs up."""
    count, offset_s = len(zone), stage.places.offset_s
    day = wave.days[weighted(rng, wave.day_weight, count)]
    hours = wave.ranges.hours
    if hours == "place":
        return stage.clock.at(rng, offset_s[zone], day)
    operator = np.full(count, offset_s[wave.zone])
    office = stage.clock.at(rng, operator, day, OFFICE)
    if hours == "office":
        return np.where(rng.random(count) < wave.night * 0.5, stage.clock.at(rng, operator, day, np.ones(24)), office)
    return np.where(rng.random(count) < wave.night, _sessions(stage, rng, wave, day), office)


def _sessions(stage: Stage, rng: np.random.Generator, wave: Wave, day: Array) -> Array:
    """Runs of a script: accounts one after the other at a beat."""
    run = day * wave.sessions + rng.integers(0, wave.sessions, len(day))
    runs, where = np.unique(run, return_inverse=True)
    begin_s = runs // wave.sessions * DAY_S + rng.random(len(runs)) * DAY_S
    order = np.argsort(where, kind="stable")
    size = np.bincount(where)
    rank = np.empty(len(day), dtype=np.int64)
    rank[order] = np.arange(len(day)) - np.repeat(np.cumsum(size) - size, size)
    beat_s = np.minimum(rng.uniform(8, 600, len(runs)), 8 * HOUR_S / size)
    at_s = begin_s[where] + (rank + rng.normal(0, 0.3, len(day))) * beat_s[where]
    return stage.clock.inside(at_s)


def rows_of(stage: Stage, rng: np.random.Generator, wave: Wave, team: int) -> Rows:
    """The accounts of a wave: people, and what the wave takes from its pools put over them."""
    count, ranges = wave.count, wave.ranges
    home = wave.homes.draw(rng, count)
    zone = stage.places.zone.draw(rng, home)
    kind = kinds_of(stage, rng, home)
    if ranges.proxied:
        own = (kind >= HOSTING) | (rng.random(count) < 0.5)
        kind = np.where(own, np.where(rng.random(count) < 0.75, RESIDENTIAL, MOBILE), kind)
    at_s = _moments(stage, rng, wave, zone)
    rows = draw_people(stage, rng, home, at_s=at_s, zone=zone, kind=kind)
    used = np.zeros((count, _FAMILIES), dtype=bool)
    if wave.level not in {"E3", "E4"}:
        _channels(stage, rng, wave, rows)
    for name, pool in wave.pools.items():
        taking = rng.random(count) < pool.share
        if name in {"domain", "mail", "phone", "device"}:
            taking &= getattr(rows, name) >= 0
        where = np.flatnonzero(taking)
        getattr(rows, name)[where] = pool.draw(rng, len(where))
        _follow(stage, rng, wave, rows, name, where)
        used[where, POOLED[name]] = True
    used[:, 6] &= rows.zone != zone
    paced = rng.random(count) < wave.pace
    used[paced, 7] = True
    drawn = 1_000 * wave.pace_s * np.exp(wave.pace_sigma * rng.standard_normal(count))
    rows.flow_ms[paced] = np.rint(drawn[paced]).clip(700, 3_600_000)
    rows.role[:], rows.team[:] = wave.role, team
    if ROLES[wave.role] == "operation":
        rows.level[:], rows.regime[:] = LEVELS.index(wave.level), ("fresh", "stock").index(wave.regime)
        rows.signals[:] = used.sum(axis=1)
    rows.first_post_s[:] = first_posts(rng, rows.at_s, wave.posting, wave.still_s, 0.8)
    return rows


def _channels(stage: Stage, rng: np.random.Generator, wave: Wave, rows: Rows) -> None:
    """Addresses and telephones as the wave gives them, in place."""
    count, home = len(rows), rows.home.astype(np.int64)
    channel = weighted(rng, wave.channel, count)
    mailed, phoned = channel != 1, channel != 0
    culture = stage.places.culture[home]
    rows.domain[:] = np.where(mailed, stage.things.domain(rng, home), -1)
    rows.mail[:] = np.where(mailed, stage.names.mail(rng, culture), -1)
    rows.phone[:] = np.where(phoned, stage.things.phone(rng, home), -1)
    rows.phone_country[:] = np.where(phoned, home, -1)


def _follow(stage: Stage, rng: np.random.Generator, wave: Wave, rows: Rows, name: str, where: Array) -> None:
    """Bring in line what hangs on a field that came from a pool, in place."""
    if name == "ip":
        asn = stage.networks.prefix_asn[rows.ip[where] >> 8]
        rows.asn[where] = asn
        rows.net[where], rows.country[where] = stage.networks.kind[asn], stage.networks.country[asn]
    elif name == "phone":
        rows.phone_country[where] = rows.phone[where] // 1_000_000
    elif name == "client":
        if wave.updated:
            rows.client[where] = stage.machines.updated(rng, rows.client[where], rows.at_s[where])
        family = family_of(rows.client[where])
        rows.device[where] = own_device(rng, family)
        rows.referrer[where] = stage.things.way(rng, family)
