"""People who share a place or a device: campus, carrier, household, class, office, conference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.signups.clock import OFFICE
from samehand.simulation.signups.genuine import draw_people, own_device
from samehand.simulation.signups.machines import family_of
from samehand.simulation.signups.names import MAILS, handle_of, mail_of
from samehand.simulation.signups.networks import CGNAT, EDUCATION, HOSTING, MOBILE, RESIDENTIAL
from samehand.simulation.signups.parameters import DAY_S, HOUR_S
from samehand.simulation.signups.rows import Array, Rows
from samehand.simulation.signups.sampling import between
from samehand.simulation.signups.stage import Stage

__all__ = ["Gathering", "campuses", "carriers", "classes", "conferences", "gather", "lands", "offices", "sharers"]


@dataclass(frozen=True)
class Gathering:
    """Groups of people of one kind: which group each person is in, its first and last moment, and its country."""

    group: Array
    number: int
    land: Array

    def __len__(self) -> int:
        return len(self.group)

    @property
    def home(self) -> Array:
        """The country of each person."""
        found: Array = self.land[self.group]
        return found


def lands(stage: Stage, rng: np.random.Generator, count: int) -> Array:
    """Countries of groups: large ones more often, but less so than people."""
    root = np.sqrt(stage.places.weight)
    return rng.choice(len(root), count, p=root / root.sum())


def gather(
    stage: Stage, rng: np.random.Generator, groups: tuple[int, int], members: tuple[float, float], most: float
) -> Gathering:
    """Groups with log-uniform sizes; as many as the world's size calls for, at most a share `most` of its people."""
    parameters = stage.parameters
    factor = parameters.genuine / 40_000 * parameters.hard_scale
    number = max(1, round(int(rng.integers(groups[0], groups[1] + 1)) * factor))
    sizes = np.exp(rng.uniform(np.log(members[0]), np.log(members[1]), number))
    sizes *= min(1.0, most * parameters.genuine / sizes.sum())
    sizes = np.maximum(np.rint(sizes), 2).astype(np.int64)
    return Gathering(np.repeat(np.arange(number), sizes), number, lands(stage, rng, number))


def spot(stage: Stage, rng: np.random.Generator, at: Gathering, kinds: Array, hosts: int = 1) -> tuple[Array, Array]:
    """The network of each group and an address in it for each person, one of so many behind it."""
    asn = stage.networks.carrier(rng, at.land, kinds)
    base = stage.networks.address(rng, asn, np.zeros(at.number, dtype=bool))
    door = rng.integers(1, 255, (at.number, hosts))
    return asn[at.group], (base[at.group] >> 8 << 8) + door[at.group, rng.integers(0, hosts, len(at))]


def _through(rows: Rows, where: Array, asn: Array, ip: Array, kind: Array, country: Array) -> None:
    rows.asn[where], rows.ip[where] = asn[where], ip[where]
    rows.net[where], rows.country[where] = kind[where], country[where]


def _moments(
    stage: Stage, rng: np.random.Generator, at: Gathering, days: tuple[int, int], hours: Array | None
) -> tuple[Array, Array]:
    """A zone for each person of a group, and a moment on the group's days (working days where hours are given)."""
    zone = stage.places.zone.draw(rng, at.land)
    length = rng.integers(days[0], days[1] + 1, at.number)
    first = np.floor(rng.random(at.number) * np.maximum(stage.clock.days - length, 1)).astype(np.int64)
    day = first[at.group] + np.floor(rng.random(len(at)) * length[at.group]).astype(np.int64)
    if hours is not None:
        free = (day + stage.clock.first_weekday) % 7
        day = np.maximum(day - np.maximum(free - 4, 0), 0)
    whose = zone[at.group]
    return whose, stage.clock.at(rng, stage.places.offset_s[whose], day, hours)


def campuses(stage: Stage, rng: np.random.Generator) -> Rows:
    """H1: students behind the few addresses of a university in the first week of term."""
    at = gather(stage, rng, (1, 3), (60, 420), 0.02)
    zone, at_s = _moments(stage, rng, at, (4, 8), None)
    rows = draw_people(stage, rng, at.home, at_s=at_s, zone=zone, late=0.7)
    kind = np.full(len(at), EDUCATION)
    asn, ip = spot(stage, rng, at, np.full(at.number, EDUCATION), int(rng.integers(2, 12)))
    inside = rng.random(len(at)) < between(rng, (0.6, 0.95))
    _through(rows, np.flatnonzero(inside), asn, ip, kind, at.home)
    school = stage.things.school_domain(rng, at.land)[at.group]
    theirs = (rows.domain >= 0) & (rng.random(len(at)) < between(rng, (0.3, 0.8)))
    rows.domain[theirs] = school[theirs]
    return rows


def carriers(stage: Stage, rng: np.random.Generator) -> Rows:
    """H3: a mobile carrier with one or two /24 for all of its customers."""
    at = gather(stage, rng, (1, 3), (250, 1_600), 0.04)
    rows = draw_people(stage, rng, at.home, kind=np.full(len(at), CGNAT))
    asn, ip = spot(stage, rng, at, np.full(at.number, CGNAT), int(rng.integers(20, 200)))
    _through(rows, np.arange(len(at)), asn, ip, np.full(len(at), CGNAT), at.home)
    return rows


def sharers(stage: Stage, rng: np.random.Generator) -> Rows:
    """H4: households, shared telephones and cybercafes: one device and one address for 2 to 12 people."""
    at = gather(stage, rng, (60, 140), (2, 12), 0.02)
    zone = stage.places.zone.draw(rng, at.land)[at.group]
    begin = rng.random(at.number) * stage.clock.days * DAY_S
    at_s = stage.clock.inside(
        begin[at.group] + rng.exponential(1.0, len(at)) * 2 * DAY_S * rng.random(at.number)[at.group]
    )
    rows = draw_people(stage, rng, at.home, at_s=at_s, zone=zone)
    kind = np.where(rng.random(at.number) < 0.6, RESIDENTIAL, MOBILE)
    asn, ip = spot(stage, rng, at, kind)
    _through(rows, np.arange(len(at)), asn, ip, kind[at.group], at.home)
    first = np.searchsorted(at.group, at.group)
    rows.client[:] = stage.machines.updated(rng, rows.client[first], rows.at_s)
    device = rng.integers(0, 1 << 62, at.number)
    rows.device[:] = np.where(rng.random(len(at)) < 0.9, device[at.group], own_device(rng, family_of(rows.client)))
    return rows


def classes(stage: Stage, rng: np.random.Generator) -> Rows:
    """H5: school classes in one hour, on tablets of one make, with addresses in sequence."""
    at = gather(stage, rng, (3, 8), (14, 42), 0.015)
    zone, day_s = _moments(stage, rng, at, (1, 1), OFFICE)
    first = np.searchsorted(at.group, at.group)
    at_s = stage.clock.inside(day_s[first] + rng.random(len(at)) * between(rng, (0.3, 1.2)) * HOUR_S)
    rows = draw_people(stage, rng, at.home, at_s=at_s, zone=zone)
    kind = np.full(at.number, EDUCATION)
    asn, ip = spot(stage, rng, at, kind)
    _through(rows, np.arange(len(at)), asn, ip, kind[at.group], at.home)
    _one_image(stage, rng, at, rows, between(rng, (0.6, 1.0)))
    rows.domain[:] = stage.things.school_domain(rng, at.land)[at.group]
    ends = rng.integers(2, 5, at.number)
    rows.mail[:] = mail_of(rng.integers(0, len(MAILS), at.number)[at.group], ends[at.group])
    begin = rng.integers(0, 900_000_000, at.number)
    rows.digits[:] = begin[at.group] + np.arange(len(at)) - first
    alike = rng.random(len(at)) < between(rng, (0.2, 0.9))
    rows.handle[alike] = handle_of(rng.integers(0, 11, at.number), 0, 2)[at.group][alike]
    rows.word[alike] = rows.word[first][alike]
    rows.phone[:], rows.phone_country[:] = -1, -1
    return rows


def offices(stage: Stage, rng: np.random.Generator) -> Rows:
    """H7: an office that puts 10 to 150 people on the platform in working hours, named by one rule."""
    at = gather(stage, rng, (2, 6), (10, 150), 0.02)
    zone, at_s = _moments(stage, rng, at, (1, 4), OFFICE)
    rows = draw_people(stage, rng, at.home, at_s=at_s, zone=zone)
    kind = np.where(rng.random(at.number) < 0.75, RESIDENTIAL, HOSTING)
    asn, ip = spot(stage, rng, at, kind, int(rng.integers(1, 4)))
    inside = rng.random(len(at)) < between(rng, (0.75, 1.0))
    _through(rows, np.flatnonzero(inside), asn, ip, kind[at.group], at.home)
    _one_image(stage, rng, at, rows, between(rng, (0.5, 1.0)))
    theirs = rng.random(len(at)) < between(rng, (0.8, 1.0))
    rows.domain[theirs] = stage.things.house_domain(rng, at.number)[at.group][theirs]
    rows.mail[theirs] = mail_of(rng.integers(0, 5, at.number), 0)[at.group][theirs]
    ruled = rng.random(len(at)) < between(rng, (0.4, 1.0))
    rows.handle[ruled] = handle_of(
        rng.integers(0, 11, at.number), rng.integers(0, 2, at.number), rng.integers(0, 4, at.number)
    )[at.group][ruled]
    logo = (rng.random(at.number) < 0.3)[at.group] & (rng.random(len(at)) < 0.7)
    rows.avatar[logo] = stage.things.own_picture(rng, at.number)[at.group][logo]
    asked = rng.random(len(at)) < between(rng, (0.0, 0.7))
    rows.referrer[asked] = stage.things.house_invite(rng, at.number)[at.group][asked]
    return rows


def conferences(stage: Stage, rng: np.random.Generator) -> Rows:
    """H8: visitors who come by one QR code or one invitation, half of them through the hall's network."""
    at = gather(stage, rng, (1, 3), (40, 420), 0.02)
    zone, at_s = _moments(stage, rng, at, (1, 3), OFFICE)
    guests = rng.random(len(at)) < between(rng, (0.1, 0.5))
    home = np.where(guests, lands(stage, rng, len(at)), at.home)
    rows = draw_people(stage, rng, home, at_s=at_s, zone=zone)
    kind = np.where(rng.random(at.number) < 0.6, RESIDENTIAL, HOSTING)
    asn, ip = spot(stage, rng, at, kind, int(rng.integers(1, 4)))
    inside = rng.random(len(at)) < between(rng, (0.3, 0.7))
    _through(rows, np.flatnonzero(inside), asn, ip, kind[at.group], at.home)
    code = np.where(
        rng.random(at.number) < 0.6, stage.things.house_qr(rng, at.number), stage.things.house_invite(rng, at.number)
    )
    coded = rng.random(len(at)) < between(rng, (0.7, 1.0))
    rows.referrer[coded] = code[at.group][coded]
    return rows


def _one_image(stage: Stage, rng: np.random.Generator, at: Gathering, rows: Rows, share: float) -> None:
    """Machines of one make in each group, with one system and one version, in place."""
    model = stage.machines.model(rng, stage.places, at.land, rng.random(at.number) < 0.3)
    moment = rows.at_s[np.searchsorted(at.group, np.arange(at.number))]
    image = stage.machines.client(rng, model, moment)
    alike = rng.random(len(at)) < share
    rows.client[alike] = image[at.group][alike]
    family = family_of(rows.client)
    rows.device[alike] = own_device(rng, family)[alike]
    rows.referrer[alike] = stage.things.way(rng, family)[alike]
