from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from samehand.evaluation import recall_at_precision
from samehand.evaluation.signup_peers import (
    BEFORE,
    BITS,
    WITHIN_US,
    Ianus,
    block_pairs,
    boosting,
    fact_weights,
    learned,
    pair_bits,
    pooled_supersets,
    row_features,
    ufa,
)
from samehand.simulation import SignupParameters, SignupWorld, draw_signups
from tests.signups.streams import signup, table_of

SCRIPT = SignupParameters(genuine=4_000, evasion="E0", prevalence=0.05, regime="fresh", ring_scale=0.1, hard_scale=0.2)


@cache
def world(seed: int) -> SignupWorld:
    return draw_signups(SCRIPT, seed)


def recalled(score: np.ndarray[tuple[int], np.dtype[np.float64]], of: SignupWorld) -> float:
    role = dict(zip(of.truth["asset_id"].to_pylist(), of.truth["role"].to_pylist(), strict=True))
    mine = np.array([role[one] for one in of.signups["asset_id"].to_pylist()])
    told = mine != "spam"
    return recall_at_precision(score[told], mine[told] == "operation")


def names_of(bits: int) -> set[str]:
    return {name for place, name in enumerate(BITS) if bits >> place & 1}


def test_pairs_are_those_of_one_block_within_seven_days_each_once() -> None:
    rng = np.random.default_rng(3)
    codes = {name: rng.integers(-1, 12, 200) for name in ("ip24", "phone", "device")}
    at_us = np.sort(rng.integers(0, 20 * 86_400_000_000, 200))

    a, b = block_pairs(codes, at_us)

    expected = {
        (i, j)
        for i in range(200)
        for j in range(i + 1, 200)
        if at_us[j] - at_us[i] <= WITHIN_US and any(code[i] == code[j] >= 0 for code in codes.values())
    }
    assert expected == set(zip(a.tolist(), b.tolist(), strict=True))
    assert len(expected) == len(a)


def test_a_row_of_a_crowded_block_is_paired_with_those_right_before_it_only() -> None:
    crowd = {"ip24": np.zeros(100, np.int64), "phone": np.full(100, -1), "device": np.full(100, -1)}

    a, b = block_pairs(crowd, np.arange(100))

    assert {*range(99 - BEFORE, 99)} == set(a[b == 99].tolist())


def test_a_pair_has_in_common_what_both_have_and_nothing_that_is_missing() -> None:
    shared = {"phone_prefix": "+85291", "user_agent": "A/1", "username": "anna84"}
    rows = table_of([signup(1, 1.0, **shared, ip="1.2.3.4"), signup(2, 1.1, **shared, ip="1.2.3.9")])

    _, _, bits = pair_bits(rows)

    assert {"ip24", "phone", "agent", "name form", "name stem"} == names_of(int(bits[0]))


def test_the_night_is_that_of_the_time_zone_which_an_account_has_set() -> None:
    rows = [signup(k, 1.0 + 19.5 / 24, ip="1.2.3.4", timezone="Asia/Hong_Kong") for k in range(2)]
    abroad = [{**row, "timezone": "Europe/London"} for row in rows]

    assert "night" in names_of(int(pair_bits(table_of(rows))[2][0]))
    assert "night" not in names_of(int(pair_bits(table_of(abroad))[2][0]))


def test_pooled_counts_are_those_of_all_sets_that_contain_one() -> None:
    counts = np.random.default_rng(1).integers(0, 3, 1 << len(BITS)).astype(np.float64)

    pooled = pooled_supersets(counts)

    every = np.arange(len(counts))
    for one in (0, 1, 0b1011, 1 << 13, 0b110101):
        assert counts[(every & one) == one].sum() == pooled[one]


def test_what_is_seen_as_often_as_is_usual_weighs_one_half_and_what_is_seen_often_more() -> None:
    alone, often = np.arange(10), np.array([0, 1, 2, 3, 4, 4, 4, 4, 4, 4])

    [weight_alone] = fact_weights([alone])
    [weight_often] = fact_weights([often])

    assert pytest.approx(np.full(10, 0.5)) == weight_alone
    assert weight_often[-1] > 0.8 > weight_often[0]


def test_a_regression_learned_on_one_world_finds_a_script_in_another() -> None:
    """Seeds 1 and 2, fixed draws; a score by chance recalls nothing at precision .99."""
    assert recalled(learned([world(1)]).degrees(world(2).signups), world(2)) > 0.8


def test_names_of_accounts_and_the_order_of_labels_teach_nothing() -> None:
    turned = replace(world(1), truth=world(1).truth.take(pa.array(np.arange(len(world(1).truth))[::-1])))

    assert np.array_equal(learned([world(1)]).weights, learned([turned]).weights)


def test_unlikely_pairs_add_nothing_to_a_row() -> None:
    never = Ianus(np.array([-5.0, *np.zeros(len(BITS))]))

    assert not never.degrees(world(2).signups).any()


def test_without_labels_whoever_shares_nothing_has_no_community() -> None:
    apart = table_of([signup(k, 1 + k / 100, ip=f"10.{k}.0.1", username=f"n{k}") for k in range(50)])

    assert not ufa(replace(world(2), signups=apart)).any()


def test_what_a_row_shows_does_not_depend_on_where_it_stands() -> None:
    table = world(1).signups
    order = np.append(0, 1 + np.random.default_rng(1).permutation(len(table) - 1))  # the first tells which day it is

    features = row_features(table)
    assert len(features) == len(table)
    np.testing.assert_allclose(row_features(table.take(pa.array(order))), features[order])
    assert np.isnan(features).any()


def test_boosting_of_single_rows_finds_a_script_of_another_world() -> None:
    score = boosting([world(1), world(2)])

    assert recalled(score(world(3)), world(3)) > 0.5
