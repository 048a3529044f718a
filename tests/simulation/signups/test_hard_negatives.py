"""Each hard negative has what it is named for, and is genuine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from samehand.simulation import SignupWorld
from tests.simulation.signups.conftest import world_of
from tests.simulation.signups.reading import column, of_group, of_role, share


def _most(values: Iterable[Any]) -> float:
    """Share of the commonest value among those that are there."""
    counts = Counter(value for value in values if value is not None)
    return counts.most_common(1)[0][1] / counts.total()


def _by(rows: pa.Table, key: str) -> list[list[dict[str, Any]]]:
    """Groups of ten rows and more with one value."""
    groups = defaultdict(list)
    for row in rows.to_pylist():
        if row[key] is not None:
            groups[row[key]].append(row)
    return [group for group in groups.values() if len(group) >= 10]


def _network(address: str | None) -> str | None:
    return None if address is None or ":" in address else address.rpartition(".")[0]


def _local_hours(rows: pa.Table) -> list[int]:
    kept = [row for row in rows.select(["at", "timezone"]).to_pylist() if row["timezone"]]
    return [row["at"].astimezone(ZoneInfo(row["timezone"])).hour for row in kept]


def test_all_fourteen_are_there_and_genuine(quiet: SignupWorld) -> None:
    scenario = column(quiet.truth, "scenario")

    assert set(scenario) == {"", *(f"H{number}" for number in range(1, 15))}
    assert set(column(quiet.truth, "role")[scenario != ""]) == {"genuine"}
    assert 0.03 < (scenario != "").mean() < 0.4
    assert not of_role(quiet, "operation").any()


def test_a_world_has_the_hard_negatives_that_it_names() -> None:
    world = world_of("signups-quiet", genuine=4_000, hard=("H7", "H13"))

    assert set(column(world.truth, "scenario")) == {"", "H7", "H13"}


def test_h1_is_behind_few_addresses_of_education(quiet: SignupWorld) -> None:
    rows = of_group(quiet, "H1")

    assert share(column(rows, "net_type"), lambda kind: kind == "education") > 0.5
    assert len(set(filter(None, map(_network, column(rows, "ip"))))) < 0.6 * rows.num_rows


def test_h2_surges_in_the_evening(quiet: SignupWorld) -> None:
    hours = _local_hours(of_group(quiet, "H2"))

    assert np.mean([17 <= hour <= 23 for hour in hours]) > 0.5


def test_h3_is_thousands_behind_one_or_two_networks(quiet: SignupWorld) -> None:
    rows = of_group(quiet, "H3")

    assert share(column(rows, "net_type"), lambda kind: kind == "cgnat") == 1
    assert len(set(filter(None, map(_network, column(rows, "ip"))))) <= 3


def test_h4_shares_devices(quiet: SignupWorld) -> None:
    counts = Counter(value for value in column(of_group(quiet, "H4"), "device_id") if value)

    assert np.mean([counts[device] > 1 for device in counts.elements()]) > 0.6


def test_h5_is_one_hour_one_school_and_one_shape(quiet: SignupWorld) -> None:
    classes = [rows for rows in _by(of_group(quiet, "H5"), "email_domain") if len(rows) < 60]

    assert classes
    for rows in classes:
        moments: list[datetime] = [row["at"] for row in rows]
        assert max(moments) - min(moments) < timedelta(hours=1.5)
        assert _most(row["user_agent"] for row in rows) > 0.4
        assert all("D" in row["email_pattern"] for row in rows)


def test_h6_is_veiled_far_from_its_language_and_often_at_night(quiet: SignupWorld) -> None:
    rows = of_group(quiet, "H6")
    away = [
        not str(locale).endswith(f"-{country}")
        for locale, country in zip(column(rows, "locale"), column(rows, "country"), strict=True)
        if locale and country
    ]

    assert share(column(rows, "net_type"), lambda kind: kind in {"vpn", "tor"}) > 0.95
    assert np.mean(away) > 0.8


def test_h7_is_an_office_at_work_with_forms_filled_by_people() -> None:
    rows = world_of("signups-quiet", hard=("H7",), genuine=20_000, hard_scale=3.0)
    office = of_group(rows, "H7")
    groups = _by(office, "email_domain")

    assert len(groups) >= 3
    for group in groups:
        assert _most(_network(row["ip"]) for row in group) > 0.5
        assert len({row["ip"] for row in group if row["ip"]}) < 0.6 * len(group) + 3
    hours = _local_hours(office)
    assert np.mean([8 <= hour <= 18 for hour in hours]) > 0.85
    assert 15_000 < np.median([value for value in column(office, "flow_ms") if value is not None]) < 90_000


def test_h8_comes_by_a_code(quiet: SignupWorld) -> None:
    assert share(column(of_group(quiet, "H8"), "referrer"), lambda way: way.startswith(("qr:", "invite:"))) > 0.6


def test_h9_has_older_systems_than_others(quiet: SignupWorld) -> None:
    def system(rows: pa.Table) -> float:
        return float(
            np.mean([int(name[6:]) for name in column(rows, "os_version") if name and name.startswith("Droid")])
        )

    assert system(of_group(quiet, "H9")) < system(of_group(quiet, "")) - 3


def test_h10_keeps_the_handle_that_the_platform_offers(quiet: SignupWorld) -> None:
    handles = column(of_group(quiet, "H10"), "username")

    assert share(handles, lambda name: name[-8:].isdigit()) == 1
    assert 0.05 < share(column(of_group(quiet, ""), "username"), lambda name: name[-8:].isdigit()) < 0.4


def test_h11_has_the_telephone_of_another_country(quiet: SignupWorld) -> None:
    rows = of_group(quiet, "H11")
    pairs = zip(column(rows, "phone_country"), column(rows, "country"), strict=True)

    assert np.mean([phone != land for phone, land in pairs if phone and land]) > 0.7


def test_h12_comes_back_with_the_same_device(quiet: SignupWorld) -> None:
    counts = Counter(value for value in column(of_group(quiet, "H12"), "device_id") if value)

    assert np.mean([counts[device] == 2 for device in counts.elements()]) > 0.7


def test_h13_flies_one_flag(quiet: SignupWorld) -> None:
    rows = of_group(quiet, "H13")
    flags = Counter(value for value in column(rows, "avatar_hash") if value).most_common(3)
    elsewhere = set(column(of_group(quiet, ""), "avatar_hash"))

    assert sum(count for _, count in flags) > 0.15 * rows.num_rows
    assert flags[0][0] in elsewhere


def test_h14_signs_up_at_night(quiet: SignupWorld) -> None:
    def late(rows: pa.Table) -> float:
        return float(np.mean([hour < 6 for hour in _local_hours(rows)]))

    assert late(of_group(quiet, "H14")) > 2 * late(of_group(quiet, ""))


def test_a_surge_brings_several_times_the_daily_rate() -> None:
    world = world_of("signups-surge", genuine=10_000)
    days = np.array([moment.toordinal() for moment in world.signups["at"].to_pylist()])
    counts = np.bincount(days - days.min())

    assert counts.max() > 3 * np.median(counts)


@pytest.mark.parametrize("quantile", [0.345])
def test_four_in_five_people_come_from_a_third_of_the_networks(quiet: SignupWorld, quantile: float) -> None:
    counts = np.sort(list(Counter(filter(None, map(_network, column(of_group(quiet, ""), "ip")))).values()))[::-1]

    assert 0.6 < counts[: int(quantile * len(counts))].sum() / counts.sum() < 0.9
