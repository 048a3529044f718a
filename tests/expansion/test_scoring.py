"""What objects say, held against sums by hand; hubs, homes and pages that others run."""

from __future__ import annotations

from math import comb, exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from samehand.expansion import Holdings, Shared
from samehand.expansion.scoring import LEAST_TIE, Circle, Scores, _surprise, score
from tests.expansion.made_up import crowd, hand, holdings_of, login, number


def _scores(holdings: Holdings, *members: str, named: list[int] | None = None) -> Scores:
    shared = Shared.of(holdings, named or [])
    inside = np.zeros(len(holdings), bool)
    inside[[number(holdings, name) for name in members]] = True
    return score(shared, Circle(inside, shared.named))


@given(
    st.integers(1, 12), st.integers(2, 40), st.integers(1, 30), st.integers(50, 400),
)  # fmt: skip
def test_surprise_is_the_binomial_tail(held: int, holders: int, size: int, known: int) -> None:
    held, size = min(held, size), max(size, held)
    chance = (holders - 1) / (known - 1)
    tail = sum(comb(size, k) * chance**k * (1 - chance) ** (size - k) for k in range(held, size + 1))

    found = _surprise(
        np.array([float(held)]), np.array([holders], np.int32), np.array([float(size)]), np.array([float(known)])
    )[0]

    assert found == pytest.approx(-log(tail), rel=1e-6, abs=1e-9) or tail < exp(-24)


def test_half_a_holder_says_half_as_much() -> None:
    held = np.array([0.5, 1.0, 1.5, 2.0])
    nats = _surprise(held, np.full(4, 5, np.int32), np.full(4, 10.0), np.full(4, 500.0))

    assert nats[0] == pytest.approx(nats[1] / 2)
    assert nats[2] == pytest.approx((nats[1] + nats[3]) / 2)


def test_what_everybody_uses_says_next_to_nothing_even_where_all_members_use_it() -> None:
    people = crowd()
    holdings = holdings_of(logins=[*people, *(login(f"o{k}", ip="carrier3") for k in range(8))])

    scores = _scores(holdings, *(f"o{k}" for k in range(8)))

    others = [number(holdings, f"c{k}") for k in range(150, 200)]
    assert scores.operator[others].max() < 5


def test_a_home_that_one_of_many_members_lives_in_is_no_surprise() -> None:
    holdings = holdings_of(logins=crowd())
    members = [f"c{4 * k}" for k in range(150)]

    alone, among_many = _scores(holdings, "c0"), _scores(holdings, *members)

    neighbour = number(holdings, "c1")
    assert alone.operator[neighbour] > 5
    assert among_many.operator[neighbour] < LEAST_TIE


def test_who_has_more_things_of_a_kind_than_others_gets_less_for_each() -> None:
    travellers = [login("t", ip=f"home{k}") for k in range(0, 400, 10)]
    holdings = holdings_of(logins=[*crowd(), *travellers, login("s", ip="home0")])

    scores = _scores(holdings, "c0")

    assert scores.operator[number(holdings, "t")] < scores.operator[number(holdings, "s")]


def test_a_page_is_tied_by_those_who_run_it_only_where_most_of_them_are_members() -> None:
    runs = [{"asset_id": f"o{k}", "role": "admin", "target_id": "theirs"} for k in range(2)]
    runs += [{"asset_id": name, "role": "admin", "target_id": "big"} for name in ("o0", "c1", "c2", "c3", "c4")]
    runs += [{"asset_id": f"c{k}", "role": "admin", "target_id": f"page{k}"} for k in range(10, 200)]
    pages = [{"asset_id": name, "kind": "page"} for name in ("theirs", "big", *(f"page{k}" for k in range(10, 200)))]
    holdings = holdings_of(assets=pages, relations=runs, logins=[*crowd(), *hand()])

    scores = _scores(holdings, "o0", "o1")

    assert scores.operator[number(holdings, "theirs")] > 4
    assert scores.operator[number(holdings, "big")] == 0


def test_two_ties_through_one_member_say_less_than_two_through_two_members() -> None:
    couple = [login("x", ip="flat"), login("y", ip="flat"), login("z", device="d9"), login("w", device="d9")]
    both = [login("v", ip="flat"), login("v", device="d9")]
    shares = [login("u", ip="loft"), login("y2", ip="loft"), login("u", device="d8"), login("y2", device="d8")]
    holdings = holdings_of(logins=[*crowd(), *couple, *both, *shares])

    scores = _scores(holdings, "x", "z", "y2")

    assert scores.operator[number(holdings, "v")] > 1.4 * scores.operator[number(holdings, "u")]


def test_behaviour_adds_no_more_than_what_the_operator_left() -> None:
    posts = [
        {"post_id": f"{who}{k}", "asset_id": who, "media_hashes": [f"id:m{k}"], "urls": [f"https://a.example/{k}"]}
        for who in ("o0", "c700")
        for k in range(5)
    ]
    others = [{"post_id": f"x{k}", "asset_id": f"c{k}", "media_hashes": [f"id:x{k}"]} for k in range(600)]
    holdings = holdings_of(logins=[*crowd(), *hand()], posts=[*posts, *others])

    scores = _scores(holdings, "o0")

    assert scores.families[:, number(holdings, "c700")].max() > 4
    assert scores.total[number(holdings, "c700")] == 0


def test_surprise_holds_where_numbers_are_too_large_for_one_key() -> None:
    held, holders = np.array([2.0, 2.0, 3.0]), np.array([4, 4, 2_000_000_000], np.int32)
    size, known = np.array([5.0, 5.0, 2e9]), np.array([1e9, 2e9, 4e9])

    found = _surprise(held, holders, size, known)

    by_hand = [-binom.logsf(1, 5, 3 / (n - 1)) for n in (1e9, 2e9)]
    assert found[:2] == pytest.approx(np.minimum(by_hand, found[:2].max()), rel=1e-9)
    assert found[0] < found[1]
    assert found[2] == pytest.approx(0.0, abs=1e-9)
