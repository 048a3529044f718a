from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.coordination import SIZE_EDGES, measure_reference
from samehand.coordination.reference import LEAST, MOST, odds_scaled
from tests.worlds import WINDOWS_US, activities_of, draw_crowd


@pytest.mark.parametrize("seed", [0, 1])
def test_the_measured_chance_of_a_crowd_is_the_true_one(seed: int) -> None:
    """Births are alike for all: the chance is that of two lognormal delays; large classes are within a third of it."""
    rng = np.random.default_rng(seed)
    reference = measure_reference(draw_crowd(rng, actions=40_000).activities(), WINDOWS_US)
    one, two = (np.exp(np.log(3600) + 1.8 * rng.standard_normal(10**6)) for _ in range(2))
    truth = [float((np.abs(one - two) <= w / 1e6).mean()) for w in WINDOWS_US]
    (largest,) = (c for c in reference.classes if c.smallest == 51)

    assert list(largest.chance[2:]) == pytest.approx(truth[2:], rel=0.35)
    assert truth[1] / 1.5 < largest.chance[1] < truth[1] * 2


@settings(deadline=None, max_examples=100)
@given(
    actions=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5), st.integers(0, 10**6)), max_size=60),
    kinds=st.lists(st.integers(0, 2), min_size=6, max_size=6),
    roots=st.none() | st.lists(st.integers(-1, 2), min_size=8, max_size=8),
)
def test_a_chance_is_one_whatever_there_is_to_measure(
    actions: list[tuple[int, int, int]], kinds: list[int], roots: list[int] | None
) -> None:
    a = activities_of(actions, accounts=8, objects=6)
    root = None if roots is None else np.array(roots, np.int32)
    reference = measure_reference(a, WINDOWS_US, np.array(kinds), root)

    assert reference.chance.shape == (6, 4)
    assert ((reference.chance >= LEAST) & (reference.chance <= MOST)).all()
    assert (np.diff(reference.chance, axis=1) >= 0).all()
    assert (reference.pace >= 1).all()
    assert np.isfinite(reference.hours).all()
    assert ((reference.halves > 0) & (reference.halves <= 1)).all()
    assert sum(c.objects for c in reference.classes) == int((a.sharers >= 2).sum())


def test_the_reference_repeats() -> None:
    a = draw_crowd(np.random.default_rng(3)).activities()
    one, two = (measure_reference(a, WINDOWS_US) for _ in range(2))

    assert np.array_equal(one.chance, two.chance)
    assert np.array_equal(one.pace, two.pace)


def test_every_shared_object_falls_into_the_class_of_its_size() -> None:
    a = draw_crowd(np.random.default_rng(4)).activities()
    reference = measure_reference(a, WINDOWS_US)

    assert {c.smallest for c in reference.classes} <= set(SIZE_EDGES)
    for c in reference.classes:
        assert c.objects == int(((a.sharers >= c.smallest) & (a.sharers <= c.largest)).sum())
        assert 0 <= c.measured <= c.objects
        assert 0 <= c.related_share <= 1


def test_like_objects_of_a_small_size_have_one_chance_and_a_faster_crowd_has_its_own() -> None:
    """A small object's own curve is not believed: its sharers may be the team that made it."""
    rng = np.random.default_rng(5)
    crowd = draw_crowd(rng)
    crowd = crowd.with_rows(np.arange(3), [900] * 3, [5.0, 6.0, 7.0])
    crowd = crowd.with_rows(np.arange(400), [901] * 400, 10**6 + 120 * rng.random(400))
    a = crowd.activities()
    chance = measure_reference(a, WINDOWS_US).chance
    same = np.flatnonzero(a.sharers == 3)

    assert (chance[same] == chance[900]).all()
    assert chance[901, 2] > 0.8 > chance[np.flatnonzero((a.sharers > 50) & (np.arange(902) < 900)), 2].max()


@settings(deadline=None, max_examples=200)
@given(chance=st.floats(1e-6, 0.94), factor=st.floats(0.01, 100))
def test_scaled_odds_stay_a_chance_and_grow_with_the_factor(chance: float, factor: float) -> None:
    scaled = odds_scaled(chance, factor)

    assert 0 < scaled <= 0.95
    assert scaled == pytest.approx(min(0.95, chance * factor / (1 - chance + chance * factor)))
