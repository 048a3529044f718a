from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pytest

from samehand.errors import UsageError
from samehand.records import required_columns, schema_of
from samehand.simulation import SIGNUP_SCENARIOS, SignupParameters, SignupWorld, draw_signups, signup_scenario
from tests.simulation.signups.conftest import world_of
from tests.simulation.signups.reading import column, of_role


def _bytes(table: pa.Table) -> str:
    sink = io.BytesIO()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()


@pytest.mark.parametrize("name", ["signups", "signups-recidivism-mixed"])
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    parameters = signup_scenario(name, 2, scale=0.1 if name == "signups" else 0.001)
    one, two, other = draw_signups(parameters, 2), draw_signups(parameters, 2), draw_signups(parameters, 3)

    for table in ("signups", "truth", "known_bad"):
        assert _bytes(getattr(one, table)) == _bytes(getattr(two, table))
    assert _bytes(one.signups) != _bytes(other.signups)


@pytest.mark.parametrize("name", list(SIGNUP_SCENARIOS))
def test_every_scenario_has_the_declared_columns_in_the_order_of_time(name: str) -> None:
    world = draw_signups(signup_scenario(name, 1, scale=0.002 if "recidivism" in name else 0.1), 1)

    assert world.signups.schema.equals(schema_of("signups"))
    assert world.known_bad.column_names == [*schema_of("signups").names, "removed_at"]
    assert world.signups.num_rows == world.truth.num_rows
    assert world.signups["asset_id"].equals(world.truth["asset_id"])
    assert [name for name in required_columns("signups") if world.signups[name].null_count] == []
    at_us = world.signups["at"].cast(pa.int64()).to_numpy()
    assert (np.diff(at_us) >= 0).all()
    numbers = np.array([int(key) for key in world.signups["asset_id"].to_pylist()])
    assert (np.diff(numbers) > 0).all()
    start, days = world.parameters.start, world.parameters.days
    assert at_us[0] >= start.timestamp() * 1e6
    assert at_us[-1] < (start.timestamp() + days * 86_400) * 1e6


@pytest.mark.parametrize("prevalence", [0.0, 0.01, 0.2, 0.45])
def test_the_operation_has_its_share_of_all_signups(prevalence: float) -> None:
    world = world_of("signups-e1", genuine=5_000, prevalence=prevalence)

    assert of_role(world, "operation").sum() == pytest.approx(prevalence * world.signups.num_rows, abs=1)
    assert of_role(world, "genuine").sum() == 5_000


def test_the_truth_of_people_and_rings_names_no_level_and_no_signal(levels: dict[str, SignupWorld]) -> None:
    for level, world in levels.items():
        operation = of_role(world, "operation")
        assert set(column(world.truth, "evasion")[operation]) == {level}
        assert set(column(world.truth, "evasion")[~operation]) == {""}
        assert set(column(world.truth, "regime")[operation]) <= {"fresh", "stock"}
        assert column(world.truth, "signals")[~operation].sum() == 0
        assert set(column(world.truth, "scenario")[~of_role(world, "genuine")]) == {""}
        assert all(team.startswith("wave-") for team in column(world.truth, "team")[operation])


def test_signals_get_fewer_level_by_level(levels: dict[str, SignupWorld]) -> None:
    left = [column(world.truth, "signals")[of_role(world, "operation")].mean() for world in levels.values()]

    assert left == sorted(left, reverse=True)
    assert left[0] > 5
    assert left[-1] < 1.5


def test_a_fresh_operation_stays_out_of_the_baseline_and_stock_does_not() -> None:
    first = {}
    for regime in ("fresh", "stock"):
        world = world_of("signups-e2", genuine=5_000, prevalence=0.1, regime=regime)
        at = world.signups["at"].filter(pa.array(of_role(world, "operation")))
        first[regime] = (pc.min(at).as_py() - world.parameters.start).total_seconds() / 86_400
    # an operator's day may begin half a day before that of UTC
    assert first["fresh"] > SignupParameters().baseline_days - 0.6
    assert first["stock"] < 3


def test_withheld_columns_are_null_for_everybody() -> None:
    world = draw_signups(signup_scenario("signups-forum", 1, scale=0.1), 1)
    filled = [name for name in world.signups.column_names if world.signups[name].null_count < world.signups.num_rows]

    assert filled == ["platform", "asset_id", "at", "ip", "username"]


def test_people_post_within_days_and_the_operation_lies_still(levels: dict[str, SignupWorld]) -> None:
    def waits(world: SignupWorld, role: str) -> float:
        rows = pa.array(of_role(world, role))
        first = world.truth["first_post_at"].filter(rows).cast(pa.int64()).to_numpy(zero_copy_only=False)
        at = world.signups["at"].filter(rows).cast(pa.int64()).to_numpy()
        return float(np.nanmedian((first - at) / 3.6e9))

    for world in levels.values():
        assert waits(world, "genuine") < 6
        assert waits(world, "operation") > 4


def test_usernames_are_unlike_and_nobody_has_the_address_of_anybody() -> None:
    world = world_of("signups-quiet", genuine=8_000)
    names = [name for name in world.signups["username"].to_pylist() if name]
    addresses = [address for address in world.signups["ip"].to_pylist() if address]

    assert len(set(names)) == len(names)
    assert all(
        re.fullmatch(r"24\d\.\d+\.\d+\.\d+|2001:db8(:[0-9a-f]{1,4}){6}|25[0-5]\.\d+\.\d+\.\d+", ip) for ip in addresses
    )
    assert all(domain.endswith(".example") for domain in world.signups["email_domain"].to_pylist() if domain)
    assert all(
        re.fullmatch(r"L\d+([._]?L\d+)?(D\d+)?", shape) for shape in world.signups["email_pattern"].to_pylist() if shape
    )
    assert all(re.fullmatch(r"\+\d{7,9}", prefix) for prefix in world.signups["phone_prefix"].to_pylist() if prefix)


def test_known_bad_accounts_were_removed_in_the_first_weeks_and_left_their_things(recidivism: SignupWorld) -> None:
    parameters, bad = recidivism.parameters, recidivism.known_bad
    days = [(moment - parameters.start).total_seconds() / 86_400 for moment in bad["removed_at"].to_pylist()]
    operation = of_role(recidivism, "operation")

    assert bad.num_rows == 936
    assert pc.max(bad["at"]).as_py() < parameters.start
    assert 0 < min(days) < max(days) < parameters.baseline_days + 1
    assert not set(bad["asset_id"].to_pylist()) & set(recidivism.signups["asset_id"].to_pylist())
    again = {}
    for role in ("operation", "genuine"):
        rows = recidivism.signups.filter(pa.array(of_role(recidivism, role)))
        known = pa.array([name for name in set(bad["user_agent"].to_pylist()) if name])
        again[role] = pc.mean(pc.is_in(rows["user_agent"], known).cast(pa.float64())).as_py()
    assert operation.any()
    assert again["operation"] > 0.1 or again["genuine"] < again["operation"]


@pytest.mark.parametrize(
    "changed",
    [{"prevalence": 1.0}, {"genuine": 0}, {"baseline_days": 60.0}, {"withheld": ("asset_id",)}, {"hard": ("H15",)}],
)
def test_what_no_world_can_have_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        replace(SignupParameters(), **changed)  # type: ignore[arg-type]


def test_a_scenario_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'signups-quiet'"):
        signup_scenario("signups-quite", 1)
    with pytest.raises(UsageError, match="above 0"):
        signup_scenario("signups", 1, scale=0)
