from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import schema_of
from samehand.simulation import SignupParameters, SignupWorld, draw_signups


@cache
def _world(seed: int = 3) -> SignupWorld:
    parameters = SignupParameters(genuine=8_000, prevalence=0.1, evasion="E1", regime="fresh", logins=True, labels=True)
    return draw_signups(parameters, seed)


def _roles() -> dict[str, str]:
    truth = _world().truth
    return dict(zip(truth["asset_id"].to_pylist(), truth["role"].to_pylist(), strict=True))


def test_tables_have_the_declared_columns_and_are_in_order() -> None:
    for name, at in (("logins", "at"), ("labels", "known_at")):
        table: pa.Table = getattr(_world(), name)
        assert table.schema.equals(schema_of(name))
        moments = table[at].cast(pa.int64()).to_numpy()
        assert (np.diff(moments) >= 0).all()
        assert len(table) > 1_000


def test_what_comes_afterwards_changes_no_sign_up() -> None:
    parameters = SignupParameters(genuine=8_000, prevalence=0.1, evasion="E1", regime="fresh")

    assert draw_signups(parameters, 3).signups.equals(_world().signups)
    assert len(draw_signups(parameters, 3).logins) == 0


def test_nobody_logs_in_before_signing_up() -> None:
    signed = dict(zip(_world().signups["asset_id"].to_pylist(), _world().signups["at"].to_pylist(), strict=True))
    logins = _world().logins
    rows = zip(logins["asset_id"].to_pylist(), logins["at"].to_pylist(), strict=True)

    assert all(at >= signed[asset] for asset, at in rows if asset in signed)


def test_people_share_devices_in_families_and_cafes_and_operations_on_farms() -> None:
    roles, accounts = _roles(), dict[str, set[str]]()
    for asset, device in zip(
        _world().logins["asset_id"].to_pylist(), _world().logins["device_id"].to_pylist(), strict=True
    ):
        accounts.setdefault(device, set()).add(asset)
    people = Counter(
        len(some) for some in accounts.values() if {roles.get(one, "old") for one in some} <= {"genuine", "old"}
    )

    assert people[1] > 5_000
    assert sum(count for size, count in people.items() if 2 <= size <= 6) > 100
    assert max(people) > 20


def test_in_a_world_without_an_operation_labels_are_labels_too() -> None:
    parameters = SignupParameters(genuine=4_000, prevalence=0.0, logins=True, labels=True)

    assert set(draw_signups(parameters, 4).labels["label"].to_pylist()) == {"genuine", "spam", "operation"}


def test_reviewers_are_late_see_a_part_and_err() -> None:
    roles, labels, world = _roles(), _world().labels, _world()
    said = dict(zip(labels["asset_id"].to_pylist(), labels["label"].to_pylist(), strict=True))
    signed = pc.index_in(labels["asset_id"], world.signups["asset_id"].combine_chunks())
    wait = pc.subtract(
        labels["known_at"].cast(pa.int64()), world.signups["at"].take(signed.combine_chunks()).cast(pa.int64())
    )
    wrong = Counter((roles[asset], label) for asset, label in said.items() if roles[asset] != label)
    made = sum(label == "operation" for label in said.values())

    assert 0.15 < len(said) / len(roles) < 0.6
    assert pc.min(wait).as_py() >= 2 * 86_400_000_000 - 1_000
    assert 0 < wrong["operation", "genuine"] < 0.2 * made
    assert 0 < wrong["genuine", "operation"] < 0.2 * made
