"""People who sign up, each for themselves."""

from __future__ import annotations

import numpy as np

from samehand.simulation.signups.machines import DESK, family_of
from samehand.simulation.signups.networks import CGNAT, EDUCATION, HOSTING, MOBILE, RESIDENTIAL, TOR, VPN
from samehand.simulation.signups.rows import Array, Rows
from samehand.simulation.signups.sampling import weighted
from samehand.simulation.signups.stage import Stage

__all__ = ["draw_people", "first_posts", "kinds_of", "network", "ordinary", "own_device"]

_KINDS = np.array([RESIDENTIAL, MOBILE, HOSTING, VPN, TOR, EDUCATION])
_CHUNK = 500_000


def ordinary(stage: Stage, rng: np.random.Generator, count: int) -> list[Rows]:
    """So many people from everywhere, in parts."""
    parts = []
    for start in range(0, count, _CHUNK):
        home = weighted(rng, stage.places.weight, min(_CHUNK, count - start))
        part = draw_people(stage, rng, home)
        share_devices(stage, rng, part)
        parts.append(part)
    return parts


def draw_people(
    stage: Stage,
    rng: np.random.Generator,
    home: Array,
    *,
    at_s: Array | None = None,
    zone: Array | None = None,
    kind: Array | None = None,
    late: float = 1.0,
) -> Rows:
    """One person for each home.

    Args:
        stage: the world.
        rng: the randomness.
        home: country of each.
        at_s: when each signs up; by the place's hours if not given.
        zone: time zone of each; one of the country's if not given.
        kind: of network; by the people's habits if not given.
        late: how long people wait before they take a new version of the app.

    """
    count, places = len(home), stage.places
    zone = places.zone.draw(rng, home) if zone is None else zone
    at_s = stage.clock.at(rng, places.offset_s[zone]) if at_s is None else at_s
    kind = kinds_of(stage, rng, home) if kind is None else kind
    country, asn, ip, kind = network(stage, rng, home, kind)
    on_the_road = (kind == MOBILE) | (kind == CGNAT)
    model = stage.machines.model(rng, places, home, on_the_road)
    client = stage.machines.client(rng, model, at_s, late=late)
    family = family_of(client)
    abroad = rng.random(count) < stage.diaspora
    tongue = np.where(abroad, weighted(rng, places.weight, count), home)
    locale = places.locale.draw(rng, tongue)
    culture = places.culture[tongue]
    given, surname, word = stage.names.names(rng, culture)
    channel = weighted(rng, stage.things.channel, count)
    mailed, phoned = channel != 1, channel != 0
    travelling = country != home
    zone = np.where(travelling & (rng.random(count) < 0.35), places.zone.draw(rng, country), zone)
    astray = rng.random(count) < stage.astray
    zone = np.where(astray, rng.integers(0, len(places.offset_s), count), zone)
    phone_country = np.where(abroad & (rng.random(count) < 0.2), tongue, home)
    return Rows(
        at_s=at_s,
        home=home,
        country=country,
        ip=ip,
        asn=asn,
        net=kind,
        client=client,
        device=own_device(rng, family),
        domain=np.where(mailed, stage.things.domain(rng, home), -1),
        mail=np.where(mailed, stage.names.mail(rng, culture), -1),
        phone=np.where(phoned, stage.things.phone(rng, phone_country), -1),
        phone_country=np.where(phoned, phone_country, -1),
        handle=stage.names.handle(rng, culture),
        given=given,
        family=surname,
        word=word,
        digits=stage.names.digits(rng, count),
        display=weighted(rng, stage.names.displays, count),
        badge=np.full(count, -1),
        avatar=stage.things.picture(rng, home),
        locale=locale,
        zone=zone,
        referrer=stage.things.way(rng, family),
        flow_ms=stage.things.pace(rng, family),
        role=np.zeros(count),
        team=np.full(count, -1),
        level=np.full(count, -1),
        regime=np.full(count, -1),
        scenario=np.zeros(count),
        signals=np.zeros(count),
        first_post_s=first_posts(rng, at_s, stage.posting, stage.first_post_s, stage.first_post_sigma),
    )


def own_device(rng: np.random.Generator, family: Array) -> Array:
    """A device that nobody else has; a browser has none two times in five."""
    none = (family == DESK) & (rng.random(len(family)) < 0.4)
    found: Array = np.where(none, -1, rng.integers(0, 1 << 62, len(family)))
    return found


def kinds_of(stage: Stage, rng: np.random.Generator, home: Array) -> Array:
    """The kind of network of each person; a mobile one shares addresses by the country's share."""
    kind = _KINDS[weighted(rng, stage.kinds, len(home))]
    shared = (kind == MOBILE) & (rng.random(len(home)) < stage.places.cgnat[home])
    found: Array = np.where(shared, CGNAT, kind)
    return found


def network(stage: Stage, rng: np.random.Generator, home: Array, kind: Array) -> tuple[Array, Array, Array, Array]:
    """Country, network, address and kind by which each person comes: a VPN has its exit anywhere, travellers are abroad."""
    count = len(home)
    veiled = ((kind == VPN) & (rng.random(count) >= stage.at_home)) | (kind == TOR)
    away = rng.random(count) < stage.travellers
    country = np.where(veiled | away, weighted(rng, stage.exits, count), home)
    asn = stage.networks.carrier(rng, country, kind)
    new = ((kind == RESIDENTIAL) | (kind == MOBILE)) & (rng.random(count) < stage.places.v6[country])
    return country, asn, stage.networks.address(rng, asn, new), kind


def share_devices(stage: Stage, rng: np.random.Generator, rows: Rows) -> None:
    """Households and second accounts: some have the device of somebody else, and mostly the address, days apart."""
    count = len(rows)
    where = np.flatnonzero(rng.random(count) < stage.reused)
    source = rng.integers(0, count, len(where))
    rows.copied(where, source, "home", "country", "asn", "net", "client", "device", "ip", "zone", "locale")
    moved = where[rng.random(len(where)) < 0.5]
    rows.ip[moved] = stage.networks.neighbours(rng, rows.ip[moved])
    near = where[rng.random(len(where)) < 0.6]
    gap_s = rng.lognormal(np.log(90_000), 2.0, len(near))
    rows.at_s[near] = stage.clock.inside(rows.at_s[source[np.searchsorted(where, near)]] + gap_s)
    rows.client[where] = stage.machines.updated(rng, rows.client[where], rows.at_s[where])
    rows.first_post_s[where] = first_posts(
        rng, rows.at_s[where], stage.posting, stage.first_post_s, stage.first_post_sigma
    )


def first_posts(rng: np.random.Generator, at_s: Array, share: float, median_s: float, sigma: float) -> Array:
    """When each account posts first: a lognormal time after it signed up, or never (NaN)."""
    count = len(at_s)
    wait_s = median_s * np.exp(sigma * rng.standard_normal(count))
    found: Array = np.where(rng.random(count) < share, at_s + wait_s, np.nan)
    return found
