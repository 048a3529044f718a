"""Prices, held against sums by hand and against worlds in which nothing is an operation's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from samehand.expansion import COLUMNS, Shared, gather
from samehand.expansion.chance import eligible, false_discovery_q, local_fdr, measure_chance
from samehand.expansion.scoring import Circle, score
from samehand.simulation import asset_scenario, draw_assets

P_VALUES = st.lists(st.floats(1e-6, 1), min_size=1, max_size=30)


@given(P_VALUES, st.integers(0, 1000))
def test_q_values_are_benjamini_and_hochbergs(p_values: list[float], more: int) -> None:
    tried = len(p_values) + more
    found = false_discovery_q(np.array(p_values), tried)

    ordered = sorted(p_values)
    for p, q in zip(p_values, found.tolist(), strict=True):
        by_hand = min(ordered[k] * tried / (k + 1) for k in range(len(ordered)) if ordered[k] >= p)
        assert abs(q - min(1.0, by_hand)) < 1e-9


@given(P_VALUES, st.integers(0, 1000))
def test_local_rates_rise_with_p_and_their_mean_is_the_rate_of_all_unless_cut(p_values: list[float], more: int) -> None:
    tried = len(p_values) + more
    local = local_fdr(np.array(p_values), tried)

    order = np.argsort(p_values, kind="stable")
    assert (np.diff(local[order]) >= -1e-9).all()
    if local.max() < 1:
        assert abs(local.sum() - tried * max(p_values)) < 1e-6 * tried


def test_networks_of_strangers_are_tied_as_often_as_their_p_values_say() -> None:
    """Twelve networks (seeds 0 to 11) of 20 genuine assets of one quiet world.

    Assets of one world hang together (homes, offices), so shares scatter more than a binomial's: the bounds are 2.5 times
    the level, which by the scatter over networks fails by luck less than once in a thousand times.
    """
    world = draw_assets(asset_scenario("assets-quiet", 3, scale=0.3), 3)
    holdings = gather({name: world.tables[name].select(list(columns)) for name, columns in COLUMNS.items()})
    shared, small = Shared.of(holdings, []), []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        member = np.zeros(len(holdings), bool)
        member[rng.choice(len(holdings), 20, replace=False)] = True
        circle = Circle(member, shared.named)
        scores = score(shared, circle)
        reference = measure_chance(shared, circle, scores, rng)
        p = reference.p_values(eligible(scores), holdings.is_account)[~member]
        small.append([float((p <= level).mean()) for level in (0.02, 0.005)])

    assert np.mean(small, axis=0)[0] < 2.5 * 0.02
    assert np.mean(small, axis=0)[1] < 2.5 * 0.005
