"""Scenes among people who have nothing to do with one another: who is held together by what, and what one place explains."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from samehand.policy import DECISIONS, read_signup_policy
from samehand.signups import SignupStream
from samehand.signups.coding import DAY_US, code_rows
from samehand.signups.facts import FAMILIES
from samehand.signups.ledger import Ledger
from samehand.signups.profiles import MAKERS, fit, measure_profile
from samehand.signups.waves import Wave, grow_wave, like_a_movement, venue_of
from tests.signups.streams import (
    RING,
    decided,
    highest,
    in_order,
    people,
    places_of,
    scripted,
    stream_of,
    table_of,
    unlike,
    word,
)

DAY = 19.0
LIMIT = DECISIONS.index("limit")
RULES = read_signup_policy().waves


def _scene(planted: pa.Table) -> tuple[Ledger, npt.NDArray[np.int64]]:
    """A ledger at the end of a world with something planted in it, and where that lies."""
    table = in_order(people(), planted)
    time = read_signup_policy().time
    ledger = Ledger(int(time.window_days * DAY_US), int(time.baseline_days * DAY_US))
    rows = code_rows(table, RING.newest)
    ledger.arrive(rows)
    ledger.advance(int(rows.at_us[-1]) + 1)
    places = places_of(table, "planted")
    assert places[0] >= ledger.middle
    return ledger, places


def _grown(planted: pa.Table) -> tuple[Wave, npt.NDArray[np.int64], Ledger]:
    ledger, places = _scene(planted)
    wave = grow_wave(ledger, places, np.arange(ledger.middle, ledger.end), RULES)
    assert wave is not None
    return wave, places, ledger


def _office(count: int, seed: int = 2) -> pa.Table:
    """New staff: the company's network, computers, mail, way of making names, and logo."""
    rng = np.random.default_rng(seed)
    return table_of(
        [
            unlike(
                rng, k, DAY + 0.3 * k / count, ip=f"11.9.9.{k % 4 + 1}", user_agent="Web/6.4.0 (Desk 3; B-1)",
                os_version="Desk 3", app_version="6.4.0", email_domain="company.example", email_pattern="L1.L7",
                username=f"acme_{word(rng, 1)}{word(rng, 7)}", avatar_hash="pdq:" + "ab" * 32,
            )
            for k in range(count)
        ]
    )  # fmt: skip


def _movement(count: int, seed: int = 3, **more: Any) -> pa.Table:
    """A march is tomorrow: the badge as picture, the cheap telephone of the region, the movement's word in the handle."""
    rng = np.random.default_rng(seed)
    return table_of(
        [
            unlike(
                rng, k, DAY + 0.9 * k / count, user_agent="App/6.4.0 (Droid 9; M-33)", os_version="Droid 9",
                app_version="6.4.0",
                username=f"freedom_{word(rng, 6)}", avatar_hash="pdq:" + "cd" * 32, **more,
            )
            for k in range(count)
        ]
    )  # fmt: skip


def test_a_script_on_rented_machines_is_held_together_by_who_made_it() -> None:
    wave, places, _ = _grown(scripted(40, DAY))

    assert set(places.tolist()) <= set(wave.members.tolist())
    assert {"client", "contact", "name"} <= set(wave.makers)
    assert wave.venue == ""
    assert wave.cell.rows > 12 * wave.cell.expected


def test_a_script_recruits_nobody_who_has_nothing_to_do_with_it() -> None:
    wave, places, _ = _grown(scripted(40, DAY))

    assert len(set(wave.members.tolist()) - set(places.tolist())) <= 1


def test_those_who_fit_are_found_from_a_half_of_them() -> None:
    ledger, places = _scene(scripted(40, DAY))
    wave = grow_wave(ledger, places[::2], np.arange(ledger.middle, ledger.end), RULES)

    assert wave is not None
    assert set(places.tolist()) <= set(wave.members.tolist())


def test_who_may_not_join_does_not() -> None:
    ledger, places = _scene(scripted(40, DAY))
    wave = grow_wave(ledger, places[::2], places[:0], RULES)

    assert wave is not None
    assert wave.members.tolist() == places[::2].tolist()


def test_an_office_is_explained_by_its_place_and_has_no_makers() -> None:
    wave, _, _ = _grown(_office(30))

    assert wave.venue == "network"
    assert wave.makers == ()


def test_an_organisation_whose_people_sign_up_from_home_is_explained_by_its_mail() -> None:
    rng = np.random.default_rng(8)
    home = [f"11.{k + 1}.{rng.integers(1, 255)}.7" for k in range(30)]
    wave, _, _ = _grown(_office(30).set_column(3, "ip", pa.array(home)))

    assert wave.venue == "domain"
    assert wave.makers == ()


@pytest.mark.parametrize(
    ("net_type", "venue"), [("residential", "network"), ("mobile", "network"), ("hosting", ""), ("vpn", "")]
)
def test_a_network_is_a_place_only_where_people_are(net_type: str, venue: str) -> None:
    office = _office(30)
    for name, values in (("net_type", [net_type] * 30), ("email_domain", [None] * 30)):
        office = office.set_column(office.schema.get_field_index(name), name, pa.array(values, pa.string()))
    ledger, places = _scene(office)

    name, there = venue_of(ledger, places)
    assert name == venue
    assert there.tolist() == (places.tolist() if venue else [])


def test_a_mail_domain_whose_users_are_all_over_the_world_is_no_place() -> None:
    rng = np.random.default_rng(5)
    rows = [
        unlike(rng, k, DAY, email_domain="hand.example", country=("BR", "DE", "GB", "AR")[k % 4]) for k in range(20)
    ]
    ledger, places = _scene(table_of(rows))

    name, there = venue_of(ledger, places)
    assert (name, len(there)) == ("", 0)


def _half_with_one_mail(count: int) -> pa.Table:
    """A script on rented machines; every other account has mail at one domain of one country, and no telephone or app."""
    rows = scripted(count, DAY)
    other = {
        "email_domain": "hand.example",
        "country": "NL",
        "phone_prefix": None,
        "user_agent": None,
        "os_version": None,
    }
    for name, value in {**other, "app_version": None, "flow_ms": None}.items():
        values = [value if k % 2 else own for k, own in enumerate(rows[name].to_pylist())]
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.array(values, rows.schema.field(name).type))
    return rows


def test_a_mail_domain_does_not_excuse_those_who_are_not_of_it() -> None:
    wave, places, ledger = _grown(_half_with_one_mail(60))

    assert venue_of(ledger, places)[0] == "domain"
    assert wave.venue == ""
    assert {"client", "name"} <= set(wave.makers)
    assert len(set(wave.members.tolist()) & set(places.tolist())) > 50
    assert len(set(wave.members.tolist()) - set(places.tolist())) <= 1
    assert wave.members.tolist() == sorted(wave.members.tolist())
    assert len(wave.odds) == len(wave.nats) == len(wave.members)


def test_an_office_with_a_few_friends_outside_stays_an_office() -> None:
    friends = table_of([unlike(np.random.default_rng(4), 40 + k, DAY + 0.2) for k in range(12)])
    ledger, places = _scene(pa.concat_tables([_office(30), friends]))
    wave = grow_wave(ledger, places, places[:0], RULES)

    assert wave is not None
    assert wave.venue == "network"
    assert wave.makers == ()


def test_a_movement_at_home_with_one_badge_one_telephone_and_one_word_has_no_makers() -> None:
    wave, _, _ = _grown(_movement(40))

    assert wave.makers == ()


@pytest.mark.parametrize(
    ("makers", "place", "typical", "excused"),
    [
        (("name", "picture"), 0.0, 2.0, True),
        (("name", "picture"), 0.0, 9.0, True),
        (("name", "picture"), 2.2, 2.9, True),  # a cause's people who all live abroad
        (("name", "picture"), 2.2, 4.5, False),
        (("client", "name"), 3.0, 4.4, True),
        (("contact", "name"), 0.0, 4.4, True),  # a region's telephones
        (("contact", "name"), 0.0, 4.5, False),
        (("contact", "name"), 2.2, 2.9, False),
        (("name", "pace"), 0.0, 2.0, False),
        (("device", "client"), 0.0, 2.0, False),
    ],
)
def test_what_a_cause_shares_is_no_hand_unless_its_people_fit_as_a_whole(
    makers: tuple[str, ...], place: float, typical: float, excused: bool
) -> None:
    wave, _, _ = _grown(scripted(40, DAY))
    shown = replace(wave, makers=makers, strength={**wave.strength, "network": 0.0, "place": place}, typical=typical)

    assert like_a_movement(shown, RULES) == excused


def test_the_same_from_elsewhere_with_one_block_of_telephones_has() -> None:
    wave, _, _ = _grown(
        _movement(40, phone_prefix="+99900001", phone_country="XK", timezone="Asia/Tokyo", flow_ms=4_000)
    )

    assert {"client", "name", "picture"} <= set(wave.makers)


def _region(count: int, makes: int, seed: int = 7) -> pa.Table:
    """People of one region: telephones of some makes that few have elsewhere, numbers of one block for each make."""
    rng = np.random.default_rng(seed)
    return table_of(
        [
            unlike(
                rng, k, DAY + 0.9 * k / count, user_agent=f"App/6.4.0 (Droid 9; R-{k % makes})", os_version="Droid 9",
                app_version="6.4.0", phone_prefix=f"+5592{k % makes}0",
            )
            for k in range(count)
        ]
    )  # fmt: skip


def test_blocks_of_numbers_and_telephones_of_a_region_hold_together_only_who_fits_closely() -> None:
    ledger, places = _scene(_region(40, 4))
    near = np.arange(ledger.middle, ledger.end)
    close, loose = (grow_wave(ledger, places, near, replace(RULES, whole_odds=odds)) for odds in (6.0, 8.0))

    assert close is not None
    assert loose is not None
    assert 6.0 < close.typical == loose.typical < 8.0
    assert set(close.makers) == {"client", "contact", "name"}
    assert loose.makers == ()


def test_a_badge_that_many_more_bear_holds_no_wave_together() -> None:
    """Forty of a script that bear a badge of a hundred people: most who have it are no members."""
    rng = np.random.default_rng(6)
    badge = {"avatar_hash": "pdq:" + "cd" * 32, "user_agent": "App/6.4.0 (Droid 9; M-33)"}
    crowd = [unlike(rng, k, DAY, **badge, phone_prefix=None) for k in range(100)]
    ledger, places = _scene(table_of(crowd))
    wave = grow_wave(ledger, places[:40], places[:0], RULES)

    assert wave is None or wave.makers == ()


def test_makers_are_of_the_families_that_tell_of_a_maker() -> None:
    for planted in (scripted(40, DAY), _office(30), _movement(40)):
        assert set(_grown(planted)[0].makers) <= set(MAKERS)


def _highest_of_planted(planted: pa.Table) -> tuple[set[int], SignupStream]:
    stream = stream_of()
    best = highest(decided(in_order(people(), planted), stream))
    return {rung for asset, rung in best.items() if asset.startswith("planted")}, stream


@pytest.mark.parametrize("planted", [_office(30), _movement(40)], ids=["office", "movement"])
def test_nobody_of_an_office_or_a_movement_is_challenged(planted: pa.Table) -> None:
    rungs, stream = _highest_of_planted(planted)

    assert max(rungs) <= 1
    assert not any(stream.acts_on(wave) for wave in stream.found.values())


def test_most_of_a_script_is_limited() -> None:
    best = highest(decided(in_order(people(), scripted(40, DAY))))
    rungs = [rung for asset, rung in best.items() if asset.startswith("planted")]

    assert sum(rung >= 3 for rung in rungs) > 0.8 * len(rungs)


def _diffuse(count: int, seed: int = 4) -> pa.Table:
    """A hand with several machines, blocks of telephones, domains and pictures, dealt out at random: no pair stands out."""
    rng = np.random.default_rng(seed)

    def one(kind: str, many: int) -> str:
        return f"{kind}{rng.integers(0, many)}"

    return table_of(
        [
            unlike(
                rng, k, DAY + 0.5 * k / count, user_agent=f"App/2.0 ({one('Box ', 5)})", phone_prefix=f"+88{one('', 6)}0000",
                phone_country="XK", email_domain=one("mail-", 5) + ".example", avatar_hash="pdq:" + one("f", 9) * 32,
                timezone="Asia/Tokyo", country=("BR", "DE", "GB", "AR", "US")[k % 5], locale=None,
            )
            for k in range(count)
        ]
    )  # fmt: skip


def test_a_hand_whose_things_are_many_is_found_as_a_whole() -> None:
    """By no pair of facts, for that is asked to be rarer here than it can be."""
    pairs = replace(RULES, least_lift=1e9, least_owned=1.0)
    alone, whole = replace(pairs, whole_members=10**6), pairs
    table = in_order(people(), _diffuse(60))
    found = [highest(decided(table, stream_of(replace(read_signup_policy(), waves=rules)))) for rules in (alone, whole)]
    limited = [sum(one[f"planted-{k}"] >= LIMIT for k in range(60)) for one in found]

    assert limited[0] == 0
    assert limited[1] > 45
    assert sum(rung >= LIMIT for rung in found[1].values()) <= limited[1] + 1


def test_a_few_are_no_whole_and_neither_are_a_venue_and_a_movement() -> None:
    wave, _, _ = _grown(scripted(40, DAY))

    assert wave.is_whole(RULES)
    assert wave.together > 40 * RULES.whole_odds - 40
    assert not wave.is_whole(replace(RULES, whole_members=len(wave.members) + 1))
    assert not wave.is_whole(replace(RULES, whole_odds=wave.typical + 0.1))
    assert not replace(wave, venue="network").is_whole(RULES)
    assert not replace(wave, makers=("name", "picture")).is_whole(RULES)


def test_what_only_a_rows_own_office_shares_does_not_speak_for_it() -> None:
    """Ten of one company have one program; ten of as many mail domains have another: only these fit each other by it."""
    rng = np.random.default_rng(7)
    office = [
        unlike(rng, k, DAY, email_domain="company.example", user_agent="Web/1.0 (Desk 1)", phone_prefix="+99910001")
        for k in range(10)
    ]
    others = [
        unlike(rng, 10 + k, DAY, email_domain=f"m{k}.example", user_agent="Web/2.0 (Desk 2)", phone_prefix="+99910001")
        for k in range(10)
    ]
    ledger, places = _scene(table_of(office + others))
    nats = fit(ledger, places, measure_profile(ledger, places), np.ones(20, np.bool_))
    client, contact = (nats[:, FAMILIES.index(name)] for name in ("client", "contact"))

    assert client[:10].max() < 0
    assert client[10:].min() > 3
    assert contact.min() > 3


def test_a_newcomer_from_the_office_of_some_members_does_not_fit_by_what_they_share() -> None:
    rng = np.random.default_rng(7)
    office = [unlike(rng, k, DAY, email_domain="company.example", user_agent="Web/1.0 (Desk 1)") for k in range(12)]
    alone = unlike(rng, 12, DAY, email_domain="elsewhere.example", user_agent="Web/1.0 (Desk 1)")
    ledger, places = _scene(table_of([*office, alone]))
    nats = fit(ledger, places[11:], measure_profile(ledger, places[:11]))[:, FAMILIES.index("client")]

    assert nats[0] < 0
    assert nats[1] > 3


def test_an_hour_speaks_where_few_of_a_country_are_awake() -> None:
    """Twenty who sign up at seven in the morning, UTC: the middle of the night for half of them, afternoon for the others."""
    rng = np.random.default_rng(9)
    japan = {"country": "JP", "locale": "ja-JP", "timezone": "Asia/Tokyo"}
    before = [unlike(rng, 1_000 + k, 1 + k % 9 + 20.5 / 24) for k in range(300)]
    before += [unlike(rng, 2_000 + k, 1 + k % 9 + 7.5 / 24, **japan) for k in range(300)]
    at_night = [unlike(rng, k, 18 + 7.5 / 24) for k in range(10)]
    by_day = [unlike(rng, 10 + k, 18 + 7.5 / 24, **japan) for k in range(10)]
    rows = code_rows(in_order(people(), table_of(before + at_night + by_day)), RING.newest)
    time = read_signup_policy().time
    ledger = Ledger(int(time.window_days * DAY_US), int(time.baseline_days * DAY_US))
    ledger.arrive(rows)
    ledger.advance(int(rows.at_us[-1]) + 1)
    names = in_order(people(), table_of(before + at_night + by_day))["asset_id"].to_pylist()
    night, day = ([names.index(f"planted-{k}") for k in range(low, low + 10)] for low in (0, 10))
    places = np.sort(np.array([*night, *day]))
    nats = fit(ledger, places, measure_profile(ledger, places), np.ones(20, np.bool_))[:, FAMILIES.index("hour")]
    by_place = dict(zip(places.tolist(), nats.tolist(), strict=True))

    assert min(by_place[k] for k in night) > 1
    assert max(by_place[k] for k in day) < 0.5
