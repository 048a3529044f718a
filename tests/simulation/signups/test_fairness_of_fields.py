"""No field by itself tells the operation: what would give it away is no more common with it than with people."""

from __future__ import annotations

import numpy as np
import pytest

from samehand.simulation import SignupWorld
from tests.simulation.signups.reading import auc, column, frequency, of_role

LEFT_OUT = {"platform", "asset_id", "at", "username"}
ODD = {"country", "locale", "timezone", "asn", "app_version", "phone_country", "flow_ms"}
"""Fields in which a wave's homes, days and pace show; what people of those homes and days have is as odd."""


@pytest.mark.parametrize("level", ["E3", "E4"])
def test_the_rarity_of_no_field_separates_a_careful_operation(levels: dict[str, SignupWorld], level: str) -> None:
    world = levels[level]
    operation = of_role(world, "operation")
    found = {
        name: auc(frequency(column(world.signups, name)), operation)
        for name in world.signups.column_names
        if name not in LEFT_OUT
    }

    assert {name: value for name, value in found.items() if name not in ODD and not 0.36 < value < 0.64} == {}
    assert {name: value for name, value in found.items() if not 0.2 < value < 0.8} == {}


@pytest.mark.parametrize("level", ["E0", "E1", "E2", "E3", "E4"])
def test_fields_get_lost_as_often_for_the_operation_as_for_people(levels: dict[str, SignupWorld], level: str) -> None:
    world = levels[level]
    operation, genuine = of_role(world, "operation"), of_role(world, "genuine")
    chosen = {
        "email_domain",
        "email_pattern",
        "phone_prefix",
        "phone_country",
        "avatar_hash",
        "display_name",
        "device_id",
    }
    gaps = {}
    for name in set(world.signups.column_names) - chosen:
        null = np.array(world.signups[name].is_null())
        gaps[name] = abs(float(null[operation].mean() - null[genuine].mean()))

    # four standard errors at 2,100 accounts and a rate of .3
    assert {name: gap for name, gap in gaps.items() if gap > 0.04} == {}


@pytest.mark.parametrize("level", ["E0", "E1", "E2", "E3", "E4"])
def test_no_text_of_a_few_values_is_the_operations_alone(levels: dict[str, SignupWorld], level: str) -> None:
    world = levels[level]
    operation = of_role(world, "operation")
    for name in ("net_type", "os_version", "app_version", "locale", "timezone", "country"):
        values = column(world.signups, name)
        shared = set(values[~operation])
        # a rare value may fall to one or two of 2,100 accounts by chance
        assert sum(value not in shared for value in values[operation]) <= 4, name


def test_the_likelihood_ratio_falls_level_by_level_and_the_clairvoyant_stays_above_it(
    levels: dict[str, SignupWorld],
) -> None:
    ratio, clairvoyant = [], []
    for world in levels.values():
        kept = ~of_role(world, "spam")
        operation = of_role(world, "operation")[kept]
        ratio.append(auc(world.truth["llr"].to_numpy()[kept], operation))
        clairvoyant.append(auc(world.truth["clairvoyant"].to_numpy()[kept], operation))

    assert ratio[0] > 0.99
    assert ratio[2] < 0.99
    assert ratio[3] < 0.9
    assert 0.5 < ratio[4] < 0.85
    assert all(knowing > told for knowing, told in zip(clairvoyant, ratio, strict=True))
    assert clairvoyant[1] > 0.999


@pytest.mark.parametrize("level", ["E2", "E3", "E4"])
def test_the_likelihood_ratio_is_one_on_average_among_people(levels: dict[str, SignupWorld], level: str) -> None:
    world = levels[level]
    llr = world.truth["llr"].to_numpy()[of_role(world, "genuine")]

    assert llr.mean() < 0
    # exactly 1 for the true ratio; fields taken as independent make it larger
    assert 0.3 < np.exp(llr).mean() < 30


def test_a_quiet_world_has_a_ratio_and_no_clairvoyant(quiet: SignupWorld) -> None:
    assert np.isfinite(quiet.truth["llr"].to_numpy()).all()
    assert not quiet.truth["clairvoyant"].to_numpy().any()
