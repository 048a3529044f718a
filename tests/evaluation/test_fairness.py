from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from samehand.evaluation import group_rates, pooled_groups, rate_ratio, spread
from samehand.evaluation.newcomers import groups_of


def test_the_counts_of_worlds_add_up_group_by_group() -> None:
    worlds = [{"network": {"vpn": (10, 2, 1)}}, {"network": {"vpn": (5, 1, 0), "mobile": (7, 0, 0)}}]

    assert pooled_groups(worlds) == {"network": {"vpn": (15, 3, 1), "mobile": (7, 0, 0)}}


def test_a_group_is_held_against_everybody_else_and_not_against_itself() -> None:
    [first, _] = group_rates({"vpn": (1_000, 40), "home": (9_000, 90)})

    assert first.group == "vpn"
    assert pytest.approx(4.0) == first.ratio


def test_a_group_too_small_to_have_a_row_is_among_the_others() -> None:
    rates = group_rates({"a": (1_000, 10), "b": (1_000, 10), "few": (10, 10)}, least=500)

    assert [one.group for one in rates] == ["a", "b"]
    assert rates[0].ratio < 0.6


def test_the_interval_of_a_ratio_holds_the_truth_about_as_often_as_it_says() -> None:
    """Seed 5, 2,000 draws of 3 and 20 expected hits: the share covered is .95 or a little more; .93 is seven deviations off."""
    rng = np.random.default_rng(5)
    few, many = rng.binomial(1_000, 0.003, 2_000), rng.binomial(20_000, 0.001, 2_000)

    within = [rate_ratio(int(a), 1_000, int(b), 20_000)[1] for a, b in zip(few, many, strict=True)]

    assert np.mean([low <= 3.0 <= high for low, high in within]) > 0.93


def test_groups_hit_alike_have_an_interval_that_holds_1_and_unequal_ones_have_not() -> None:
    alike, unequal = rate_ratio(10, 1_000, 100, 10_000)[1], rate_ratio(100, 1_000, 100, 10_000)[1]

    assert alike[0] < 1 < alike[1]
    assert unequal[0] > 1


@pytest.mark.parametrize(("here", "elsewhere"), [(0, 0), (0, 1), (1, 0), (1, 8)])
def test_a_handful_who_are_hit_show_no_difference(here: int, elsewhere: int) -> None:
    low, high = rate_ratio(here, 6_000, elsewhere, 50_000)[1]

    assert low < 1 < high


def test_the_interval_of_a_ratio_is_that_of_the_share_of_hits() -> None:
    """Clopper-Pearson for 5 of 20 is .0866 to .4910, as tables have it."""
    low, high = rate_ratio(5, 1_000, 15, 1_000)[1]

    assert pytest.approx([0.0866, 0.4910], abs=1e-4) == [low / (1 + low), high / (1 + high)]


def test_where_a_side_has_nobody_nothing_is_known_of_the_ratio() -> None:
    ratio, between = rate_ratio(0, 0, 3, 100)

    assert math.isnan(ratio)
    assert (0.0, math.inf) == between


def test_the_spread_is_of_the_highest_and_the_lowest_rate_and_needs_two_groups() -> None:
    rates = group_rates({"a": (1_000, 20), "b": (1_000, 10), "c": (1_000, 5)})

    assert pytest.approx(4.0) == spread(rates)
    assert math.isnan(spread(rates[:1]))


def test_the_spread_is_infinite_where_only_some_groups_are_hit_and_unknown_where_none_is() -> None:
    assert math.isinf(spread(group_rates({"a": (1_000, 1), "b": (1_000, 0)})))
    assert math.isnan(spread(group_rates({"a": (1_000, 0), "b": (1_000, 0)})))


def test_every_genuine_account_is_in_one_group_of_each_kind_and_nobody_else_is() -> None:
    signups = pa.table(
        {
            "net_type": ["vpn", None, "mobile", "tor"],
            "locale": ["zh-HK", "zh-HK", None, "en-GB"],
            "country": ["HK", None, "GB", "GB"],
        }
    )
    scenario, genuine = np.array(["H6", "H9", "", ""]), np.array([True, True, True, False])

    groups = groups_of(signups, scenario, genuine, np.array([3, 2, 0, 5], np.int8))

    assert groups["VPN or Tor"] == {"on": (1, 1, 1), "unknown": (1, 1, 0), "off": (1, 0, 0)}
    assert groups["old handset (H9)"] == {"yes": (1, 1, 0), "no": (2, 1, 1)}
    assert {3} == {sum(counts[0] for counts in kind.values()) for kind in groups.values()}
