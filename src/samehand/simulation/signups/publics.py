"""People who have something in common but no place: a protest, dissidents, patriots, refugees, night workers, and more."""

from __future__ import annotations

import numpy as np

from samehand.simulation.signups.clock import EVENING, NIGHT
from samehand.simulation.signups.genuine import draw_people, first_posts, own_device
from samehand.simulation.signups.machines import age_of, family_of
from samehand.simulation.signups.names import DEFAULT, WORDS, handle_of
from samehand.simulation.signups.networks import CGNAT, MOBILE, RESIDENTIAL, TOR, VPN
from samehand.simulation.signups.parameters import DAY_S
from samehand.simulation.signups.places import COUNTRIES, country
from samehand.simulation.signups.rows import Array, Rows
from samehand.simulation.signups.sampling import between, powered, weighted
from samehand.simulation.signups.stage import Stage
from samehand.simulation.signups.things import LINKS
from samehand.simulation.signups.venues import Gathering, gather, lands

__all__ = [
    "defaults", "dissidents", "marketing", "nights", "old_handsets", "patriots", "platform_surge", "protests", "refugees",
    "returning",
]  # fmt: skip

_BLOCKED = ("CN", "CN", "CN", "IR", "RU", "VE")


def _days(stage: Stage, rng: np.random.Generator, at: Gathering, lengths: Array) -> Array:
    """A day for each person, on the days of their group, which have uneven weights."""
    day = np.empty(len(at), dtype=np.int64)
    begin = np.searchsorted(at.group, np.arange(at.number + 1))
    for group, length in enumerate(lengths.tolist()):
        days, weight = stage.clock.burst(rng, 0, stage.clock.days, length)
        where = slice(begin[group], begin[group + 1])
        day[where] = days[weighted(rng, weight, int(begin[group + 1] - begin[group]))]
    return day


def protests(stage: Stage, rng: np.random.Generator) -> Rows:
    """H2: a country at 4 to 10 times its daily rate: evenings, one language, new apps, the same pictures."""
    parameters, number = stage.parameters, int(rng.integers(1, 3))
    land = lands(stage, rng, number)
    days, times = rng.integers(1, 7, number), rng.uniform(3, 9, number)
    daily = parameters.genuine * stage.places.weight[land] / parameters.days
    size = np.clip(daily * days * times, 80 * parameters.genuine / 40_000, 0.03 * parameters.genuine)
    sizes = np.maximum(np.rint(size * parameters.hard_scale), 2).astype(np.int64)
    at = Gathering(np.repeat(np.arange(number), sizes), number, land)
    zone = stage.places.zone.draw(rng, land)[at.group]
    day = _days(stage, rng, at, days)
    at_s = stage.clock.at(rng, stage.places.offset_s[zone], day, EVENING)
    road = rng.random(len(at)) < between(rng, (0.4, 0.8))
    shared = rng.random(len(at)) < stage.places.cgnat[at.home]
    kind = np.where(road, np.where(shared, CGNAT, MOBILE), RESIDENTIAL)
    rows = draw_people(stage, rng, at.home, at_s=at_s, zone=zone, kind=kind, late=0.6)
    _offered(rng, rows, between(rng, (0.15, 0.6)))
    shown = rng.random(len(at)) < between(rng, (0.02, 0.25))
    rows.avatar[shown] = _pictures(stage, rng, at, int(rng.integers(1, 12)))[shown]
    told = rng.random(len(at)) < between(rng, (0.1, 0.5))
    rows.referrer[told] = stage.things.house_link(rng, at.number)[at.group][told]
    return rows


def dissidents(stage: Stage, rng: np.random.Generator) -> Rows:
    """H6: people of a blocked country who come through VPN and Tor, at night, in a wave; and their diaspora."""
    at = gather(stage, rng, (1, 3), (90, 600), 0.02)
    blocked = np.array([country(_BLOCKED[int(pick)]) for pick in rng.integers(0, len(_BLOCKED), at.number)])
    home = blocked[at.group]
    zone = stage.places.zone.draw(rng, home)
    day = _days(stage, rng, at, rng.integers(2, 15, at.number))
    at_s = stage.clock.at(rng, stage.places.offset_s[zone], day, EVENING + between(rng, (0.2, 1.0)) * NIGHT)
    kind = np.where(rng.random(len(at)) < between(rng, (0.03, 0.3)), TOR, VPN)
    rows = draw_people(stage, rng, home, at_s=at_s, zone=zone, kind=kind)
    _leave(stage, rng, rows)
    exits = rng.random(len(at)) < between(rng, (0.2, 0.8))
    sites = stage.networks.sites(rng, rng.choice(rows.asn, int(rng.integers(3, 15))).astype(np.int64))
    ip = sites[rng.integers(0, len(sites), len(at))] + rng.integers(1, 255, len(at))
    asn = stage.networks.prefix_asn[ip >> 8]
    rows.ip[exits], rows.asn[exits] = ip[exits], asn[exits]
    rows.country[exits], rows.net[exits] = stage.networks.country[asn][exits], stage.networks.kind[asn][exits]
    hidden = rng.random(len(at)) < between(rng, (0.1, 0.4))
    rows.zone[hidden] = stage.places.zone.draw(rng, rows.country.astype(np.int64))[hidden]
    _offered(rng, rows, between(rng, (0.2, 0.6)))
    rows.avatar[rng.random(len(at)) < between(rng, (0.1, 0.6))] = -1
    veiled = (rows.domain >= 0) & (rng.random(len(at)) < between(rng, (0.02, 0.3)))
    rows.domain[veiled] = stage.things.disposable_domain(rng, int(veiled.sum()))
    away = (rows.phone >= 0) & (rng.random(len(at)) < between(rng, (0.1, 0.5)))
    bare = away & (rng.random(len(at)) < 0.6)
    lent = lands(stage, rng, len(at))
    rows.phone[away] = stage.things.phone(rng, lent)[away]
    rows.phone_country[away] = lent[away]
    rows.phone[bare], rows.phone_country[bare] = -1, -1
    return rows


def _leave(stage: Stage, rng: np.random.Generator, rows: Rows) -> None:
    """Exits in other countries for nine in ten of those who have one at home, where it would open nothing, in place."""
    weight = stage.exits.copy()
    weight[np.unique(rows.home)] = 0
    where = np.flatnonzero((rows.country == rows.home) & (rng.random(len(rows)) < 0.9))
    land = weighted(rng, weight, len(where))
    asn = stage.networks.carrier(rng, land, rows.net[where].astype(np.int64))
    rows.country[where], rows.asn[where] = land, asn
    rows.ip[where] = stage.networks.address(rng, asn, np.zeros(len(where), dtype=bool))


def old_handsets(stage: Stage, rng: np.random.Generator) -> Rows:
    """H9: the poorer half of the world on handsets that get no new system any more."""
    count = len(gather(stage, rng, (1, 1), (200, 800), 0.02))
    weight = stage.places.weight * stage.places.hardship**2
    rows = draw_people(stage, rng, weighted(rng, weight, count * 12), late=2.0)
    age = age_of(rows.client.astype(np.int64)) + rng.random(len(rows))
    age = np.where(family_of(rows.client) == 2, -1, age)
    return rows.taken(np.sort(np.argsort(-age)[:count]))


def defaults(stage: Stage, rng: np.random.Generator) -> Rows:
    """H10: people who leave everything as the platform offers it."""
    count = len(gather(stage, rng, (1, 1), (300, 1_200), 0.03))
    rows = draw_people(stage, rng, weighted(rng, stage.places.weight, count))
    rows.handle[:] = DEFAULT
    rows.avatar[rng.random(count) < between(rng, (0.6, 0.95))] = -1
    rows.display[rng.random(count) < 0.6] = 0
    return rows


def refugees(stage: Stage, rng: np.random.Generator) -> Rows:
    """H11: people from one country in others, with the SIM of home or of the way, in shelters and on mobile networks."""
    at = gather(stage, rng, (1, 3), (80, 420), 0.015)
    host = np.array([rng.choice(lands(stage, rng, 5), 3) for _ in range(at.number)])
    land = host[at.group, rng.choice(3, len(at), p=(0.6, 0.28, 0.12))]
    zone = stage.places.zone.draw(rng, land)
    kind = np.where(rng.random(len(at)) < 0.5, RESIDENTIAL, np.where(rng.random(len(at)) < 0.6, CGNAT, MOBILE))
    here = draw_people(stage, rng, land, zone=zone, kind=kind, late=1.5)
    there = draw_people(stage, rng, at.home, late=1.5)
    for name in ("given", "family", "locale", "phone", "phone_country", "handle", "mail", "domain", "client"):
        getattr(here, name)[:] = getattr(there, name)
    here.client[:] = stage.machines.updated(rng, here.client, here.at_s, late=1.5)
    here.device[:] = own_device(rng, family_of(here.client))
    sheltered = np.flatnonzero((rng.random(len(at)) < between(rng, (0.1, 0.5))) & (kind == RESIDENTIAL))
    house = rng.integers(0, max(1, len(at) // 25), len(sheltered))
    first = np.unique(house, return_index=True)
    source = sheltered[first[1][np.searchsorted(first[0], house)]]
    here.copied(sheltered, source, "ip", "asn", "country", "home")
    advised = rng.random(len(at)) < between(rng, (0.05, 0.4))
    here.referrer[advised] = stage.things.house_invite(rng, at.number)[at.group][advised]
    return here


def returning(stage: Stage, rng: np.random.Generator) -> Rows:
    """H12: somebody's second account: the same device and often the same name, days or weeks later."""
    count = len(gather(stage, rng, (1, 1), (200, 600), 0.015)) // 2
    first = draw_people(stage, rng, weighted(rng, stage.places.weight, count))
    again = first.taken(np.arange(count))
    gap_s = np.exp(rng.uniform(np.log(600), np.log(25 * DAY_S), count))
    again.at_s[:] = stage.clock.inside(first.at_s + gap_s)
    again.client[:] = stage.machines.updated(rng, first.client, again.at_s)
    fresh = draw_people(stage, rng, first.home.astype(np.int64), at_s=again.at_s)
    for name, share in (
        ("handle", 0.5),
        ("digits", 0.9),
        ("avatar", 0.7),
        ("domain", 0.4),
        ("mail", 0.5),
        ("word", 0.8),
        ("referrer", 1.0),
        ("flow_ms", 1.0),
    ):
        other = rng.random(count) < share
        getattr(again, name)[other] = getattr(fresh, name)[other]
    again.mail[again.domain < 0] = -1
    unset = (again.domain >= 0) & (again.mail < 0)
    again.domain[unset] = -1
    moved = rng.random(count) < 0.5
    again.ip[moved] = stage.networks.neighbours(rng, again.ip[moved])
    again.first_post_s[:] = first_posts(rng, again.at_s, stage.posting, stage.first_post_s, stage.first_post_sigma)
    return Rows.joined([first, again])


def patriots(stage: Stage, rng: np.random.Generator) -> Rows:
    """H13: supporters of a government, of their own accord: one flag, slogans for names, a few days of zeal."""
    at = gather(stage, rng, (1, 3), (80, 600), 0.02)
    zone = stage.places.zone.draw(rng, at.land)[at.group]
    at_s = stage.clock.at(rng, stage.places.offset_s[zone], _days(stage, rng, at, rng.integers(2, 21, at.number)))
    rows = draw_people(stage, rng, at.home, at_s=at_s, zone=zone)
    flagged = rng.random(len(at)) < between(rng, (0.2, 0.7))
    rows.avatar[flagged] = at.home[flagged]
    slogans = rng.integers(0, WORDS, (at.number, 6))[at.group, rng.integers(0, 6, len(at))]
    named = rng.random(len(at)) < between(rng, (0.15, 0.6))
    rows.word[named] = slogans[named]
    parts = np.array([5, 6, 7, 8, 10])[rng.integers(0, 5, len(at))]
    rows.handle[named] = handle_of(parts, rng.integers(0, 2, len(at)), rng.integers(0, 5, len(at)))[named]
    worn = rng.random(len(at)) < between(rng, (0.1, 0.5))
    rows.badge[worn] = slogans[worn]
    told = rng.random(len(at)) < between(rng, (0.0, 0.4))
    rows.referrer[told] = stage.things.house_link(rng, at.number)[at.group][told]
    return rows


def nights(stage: Stage, rng: np.random.Generator) -> Rows:
    """H14: night shifts, and people abroad whose clock and language are those of home."""
    count = len(gather(stage, rng, (1, 1), (200, 700), 0.02))
    home = weighted(rng, stage.places.weight, count)
    zone = stage.places.zone.draw(rng, home)
    at_s = stage.clock.at(rng, stage.places.offset_s[zone], None, NIGHT)
    rows = draw_people(stage, rng, home, at_s=at_s, zone=zone)
    abroad = rng.random(count) < between(rng, (0.2, 0.6))
    origin = lands(stage, rng, count)
    rows.locale[abroad] = stage.places.locale.draw(rng, origin)[abroad]
    kept = abroad & (rng.random(count) < 0.4)
    rows.zone[kept] = stage.places.zone.draw(rng, origin)[kept]
    return rows


def marketing(stage: Stage, rng: np.random.Generator) -> Rows:
    """People whom an advertisement brings within days, most of them by its link; nobody's hard negative."""
    at = gather(stage, rng, (1, 1), (150, 1_000), 0.03)
    zone = stage.places.zone.draw(rng, at.land)[at.group]
    at_s = stage.clock.at(rng, stage.places.offset_s[zone], _days(stage, rng, at, rng.integers(1, 7, at.number)))
    rows = draw_people(stage, rng, at.home, at_s=at_s, zone=zone, late=0.6)
    led = rng.random(len(at)) < between(rng, (0.4, 0.9))
    rows.referrer[led] = LINKS + stage.things.links + 5_000 + int(rng.integers(0, 3_000))
    return rows


def platform_surge(stage: Stage, rng: np.random.Generator, factor: float) -> Rows:
    """A surge of the whole platform: so many times its daily rate for 2 to 5 days, mostly out of one country."""
    days, weight = stage.clock.burst(rng, stage.parameters.baseline_days, stage.clock.days, int(rng.integers(2, 6)))
    count = round(stage.parameters.genuine / (stage.clock.days / len(days) / (factor - 1) + 1))
    land = int(lands(stage, rng, 1)[0])
    local = rng.random(count) < between(rng, (0.5, 0.9))
    home = np.where(local, land, weighted(rng, stage.places.weight, count))
    zone = stage.places.zone.draw(rng, home)
    at_s = stage.clock.at(rng, stage.places.offset_s[zone], days[weighted(rng, weight, count)])
    rows = draw_people(stage, rng, home, at_s=at_s, zone=zone, late=0.6)
    _offered(rng, rows, between(rng, (0.1, 0.4)))
    told = rng.random(count) < between(rng, (0.1, 0.5))
    rows.referrer[told] = stage.things.house_link(rng, 1)[0]
    rows.scenario[:] = 2
    return rows


def _offered(rng: np.random.Generator, rows: Rows, share: float) -> None:
    rows.handle[rng.random(len(rows)) < share] = DEFAULT


def _pictures(stage: Stage, rng: np.random.Generator, at: Gathering, number: int) -> Array:
    """One of some pictures of each group, the first ones of many, or its flag."""
    own = stage.things.own_picture(rng, at.number * number).reshape(at.number, number)
    own[:, 0] = np.where(rng.random(at.number) < 0.5, at.land % len(COUNTRIES), own[:, 0])
    return own[at.group, powered(rng, number, len(at), 1.6)]
