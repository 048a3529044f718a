from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from samehand.policy import DECISIONS, read_signup_policy
from samehand.records import schema_of
from samehand.signups import load_stream, save_stream
from samehand.signups.logins import Crowds, Logins
from tests.signups.streams import RING, START, decided, highest, in_order, people, scripted, stream_of

POLICY = read_signup_policy()
CHALLENGE, LIMIT = DECISIONS.index("challenge"), DECISIONS.index("limit")
DAY_US = 86_400_000_000


def _logins(rows: Sequence[tuple[str, datetime, str | None]]) -> pa.Table:
    """Asset, time, device."""
    filled = [{"platform": "sim", "asset_id": asset, "at": at, "device_id": device} for asset, at, device in rows]
    return pa.Table.from_pylist(filled, schema=schema_of("logins"))


@cache
def _arrived() -> list[tuple[str, datetime]]:
    return list(zip(people()["asset_id"].to_pylist(), people()["at"].to_pylist(), strict=True))


@cache
def _own() -> pa.Table:
    """Everybody on a device of their own, an hour after signing up, and once more two days later."""
    hour, two = timedelta(hours=1), timedelta(days=2)
    return _logins([(a, at + wait, f"own-{a}") for a, at in _arrived() for wait in (hour, two)])


def _between(low: float, high: float) -> list[tuple[str, datetime]]:
    return [one for one in _arrived() if timedelta(days=low) <= one[1] - START < timedelta(days=high)]


def _on_one(count: int, low: float, high: float, device: str = "phone") -> list[tuple[str, datetime, str | None]]:
    """So many people who signed up between two days, on one device a little later."""
    return [(asset, at + timedelta(hours=3), device) for asset, at in _between(low, high)[:count]]


def _decided(*more: pa.Table) -> dict[str, int]:
    stream = stream_of()
    for table in (_own(), *more):
        stream.log_in(table)
    return highest(decided(people(), stream))


def test_newcomers_on_one_device_are_challenged_and_no_more() -> None:
    farm = _on_one(20, 15.0, 16.0)
    found = _decided(_logins(farm))

    assert {found[asset] for asset, _, _ in farm} == {CHALLENGE}
    assert sum(found.values()) == 20 * CHALLENGE


def test_the_reason_names_the_device_and_how_many() -> None:
    farm, stream = _on_one(20, 15.0, 16.0), stream_of()
    stream.log_in(pa.concat_tables([_own(), _logins(farm)]))
    table = decided(people(), stream)

    said = zip(table["asset_id"].to_pylist(), table["reasons"].to_pylist(), strict=True)
    reasons = {asset: words for asset, words in said if words}
    assert reasons.keys() == {asset for asset, _, _ in farm}
    assert all("logs in on one device with" in words[-1] for words in reasons.values())


@pytest.mark.parametrize("count", [2, 5, 7])
def test_a_family_and_a_telephone_sold_on_are_left_alone(count: int) -> None:
    assert max(_decided(_logins(_on_one(count, 15.0, 16.0))).values()) == 0


def test_a_cafe_whose_customers_are_no_newcomers_is_left_alone() -> None:
    old = [(f"old-{k}", START + timedelta(days=14.9), "phone") for k in range(30)]

    assert max(_decided(_logins([*_on_one(20, 15.0, 16.0), *old])).values()) == 0


def test_a_device_that_always_had_as_many_newcomers_is_left_alone() -> None:
    before = [one for low in range(1, 14, 2) for one in _on_one(10, low, low + 2.0)]

    assert max(_decided(_logins([*before, *_on_one(20, 15.0, 16.0)])).values()) == 0


def test_where_many_devices_have_as_many_nobody_is_challenged() -> None:
    kiosks = [one for k in range(40) for one in _on_one(400, 1.0, 6.0, f"kiosk-{k}")[k * 10 : k * 10 + 10]]

    assert max(_decided(_logins([*kiosks, *_on_one(9, 15.0, 16.0)])).values()) == 0


def test_in_the_first_window_nothing_is_known_of_devices() -> None:
    assert max(_decided(_logins(_on_one(20, 3.0, 4.0))).values()) == 0


def test_a_login_without_a_device_says_nothing() -> None:
    nameless = [(asset, at, None) for asset, at, _ in _on_one(20, 15.0, 16.0)]

    assert max(_decided(_logins(nameless)).values()) == 0


def test_one_device_limits_whom_a_wave_challenges() -> None:
    world = in_order(people(), scripted(8, 18.0, 4, 950, hand=6))
    rows = [(f"planted-{950 + k}", START + timedelta(days=18.4), "phone") for k in range(8)]
    stream = stream_of()
    stream.log_in(pa.concat_tables([_own(), _logins(rows)]))
    alone, found = highest(decided(world)), highest(decided(world, stream))

    assert CHALLENGE in {alone[asset] for asset, _, _ in rows}
    for asset, _, _ in rows:
        assert found[asset] == max(CHALLENGE, min(LIMIT, alone[asset] + 1))


def _busy() -> tuple[pa.Table, pa.Table]:
    world = in_order(people(), scripted(60, 16.0, 2, 500))
    rows = [(f"planted-{500 + k}", START + timedelta(days=16.0 + k / 60), f"phone-{k // 15}") for k in range(60)]
    return world, pa.concat_tables([_own(), _logins([*rows, *_on_one(20, 15.0, 16.0)])])


@pytest.mark.parametrize("size", [1, 700])
def test_one_by_one_decides_as_all_together(size: int) -> None:
    world, logins = _busy()
    whole, parts = stream_of(), stream_of()
    whole.log_in(logins)
    expected = decided(world, whole)
    logins, found, low = logins.sort_by("at"), [], 0
    at = logins["at"].cast(pa.int64()).to_numpy()
    for begin in range(0, len(world), size):
        some = world.slice(begin, size)
        high = int(np.searchsorted(at, some["at"][-1].value, side="right"))
        parts.log_in(logins.slice(low, high - low))
        found.append(parts.feed(some))
        low = high
    parts.log_in(logins.slice(low))

    assert pa.concat_tables([*found, parts.finish()]).equals(expected)
    assert (whole.standing.device > 0).sum() >= 70


def test_a_state_keeps_what_is_known_of_devices(tmp_path: Path) -> None:
    world, logins = _busy()
    whole, part = stream_of(), stream_of()
    for one in (whole, part):
        one.log_in(logins)
    expected = decided(world, whole)
    first = part.feed(world.slice(0, 2_500))
    save_stream(part, tmp_path / "state")
    again = load_stream(tmp_path / "state", POLICY, RING)

    assert pa.concat_tables([first, again.feed(world.slice(2_500)), again.finish()]).equals(expected)


def _counted(crowds: Crowds, day: float, devices: list[int], newcomers: list[int]) -> dict[int, int]:
    at = np.full(len(devices), int(day * DAY_US))
    device, account = np.array(devices, np.uint64), np.array(newcomers, np.uint64)
    crowds.expect(Logins(at, account, device))
    rows, many = crowds.count(np.arange(1_000).astype(np.uint64), 0, int(at[0]) + 1, seasoned=True)
    return dict(zip(rows.tolist(), many.tolist(), strict=True))


def test_an_account_counts_once_on_a_device_however_often_it_logs_in() -> None:
    crowds = Crowds(POLICY.logins, 7 * DAY_US)
    _counted(crowds, 1.0, list(range(1, 30)), list(range(1, 30)))

    assert _counted(crowds, 8.0, [99] * 14, [1, 2, 3, 4, 5, 6, 7] * 2) == {}
    assert _counted(crowds, 8.1, [99], [8]) == dict.fromkeys(range(1, 9), 8)


def test_a_crowded_device_does_not_teach_that_it_is_usual() -> None:
    crowds = Crowds(POLICY.logins, 7 * DAY_US)
    _counted(crowds, 1.0, list(range(1, 30)), list(range(1, 30)))

    assert len(_counted(crowds, 8.0, [99] * 12, list(range(100, 112)))) == 12
    assert len(_counted(crowds, 15.0, [99] * 12, list(range(200, 212)))) == 12
