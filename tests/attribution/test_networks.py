"""Networks and infrastructure: against genuine users of the locale, and only what nobody else uses."""

from __future__ import annotations

import pytest

from samehand.attribution import country_odds, network_evidence, overlap_evidence

HOME = [("CN", "residential")]
ABROAD = [("US", "mobile")]
GENUINE = {f"g{k}": HOME if k < 12 else ABROAD for k in range(400)}


def test_a_country_stands_out_only_against_genuine_users_of_the_locale() -> None:
    theirs = {f"a{k}": HOME if k < 30 else ABROAD for k in range(40)}
    (item,) = network_evidence(theirs, GENUINE, "the platform")
    assert (item.kind, item.country) == ("network_origin", "CN")
    (blocked,) = network_evidence(theirs, GENUINE, "the platform", {"CN": "its own logs"})
    assert blocked.kind == "unblocked_access"
    alike = {f"g{k}": HOME if k % 4 else ABROAD for k in range(400)}
    assert network_evidence(theirs, alike, "the platform") == []


def test_tunnels_and_rented_servers_say_nothing_of_a_country() -> None:
    for kind in ("vpn", "hosting", "tor"):
        assert network_evidence({f"a{k}": [("CN", kind)] for k in range(40)}, GENUINE, "the platform") == []


def test_few_accounts_say_nothing() -> None:
    assert network_evidence({f"a{k}": HOME for k in range(9)}, GENUINE, "the platform") == []


def test_odds_are_the_table_of_two_by_two() -> None:
    theirs = {"a": HOME, "b": HOME, "c": ABROAD}
    genuine = {"d": HOME, "e": ABROAD, "f": ABROAD, "g": ABROAD}
    odds = {one.country: one for one in country_odds(theirs, genuine)}
    assert odds["CN"].odds == pytest.approx((2.5 * 3.5) / (1.5 * 1.5))
    assert odds["CN"].low < odds["CN"].odds < odds["CN"].high
    assert (odds["CN"].accounts, odds["CN"].genuine) == (2, 1)


def test_infrastructure_that_many_use_ties_nobody() -> None:
    found = overlap_evidence(
        ["kite.test", "shared.test"], ["kite.test", "shared.test"], {"shared.test": 900}, source="a peer", country="CN"
    )
    assert len(found) == 1
    assert found[0].said.startswith("1 of its servers")
    assert "1 more are shared" in found[0].said
    assert overlap_evidence(["shared.test"], ["shared.test"], {"shared.test": 6}, source="a peer", country="CN") == []
