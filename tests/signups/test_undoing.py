"""What persons undo, and what the stream forgets."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from samehand.errors import NotFoundError, UsageError
from samehand.policy import DECISIONS, read_signup_policy
from samehand.signups import SignupStream, load_stream, save_stream
from tests.signups.streams import RING, decided, highest, in_order, people, scripted, stream_of

DAY_US = 86_400_000_000
LATER = 1_600_000_000_000_000


@cache
def _world() -> pa.Table:
    return in_order(people(), scripted(120, 16.0, 2, 500))


def _after_the_wave() -> tuple[SignupStream, pa.Table]:
    stream = stream_of()
    return stream, decided(_world(), stream)


def _limited(decisions: pa.Table) -> list[str]:
    return [name for name, best in highest(decisions).items() if best >= DECISIONS.index("limit")]


def test_a_wave_is_rolled_back_as_a_whole_and_acts_on_nobody_any_more() -> None:
    stream, before = _after_the_wave()
    wave = max(stream.found)
    back = stream.roll_back(wave, LATER, "found to be a class")
    more = decided(scripted(20, 19.5, 3, 800), stream)

    assert len(_limited(before)) > 40
    assert set(_limited(before)) <= set(back["asset_id"].to_pylist())
    assert set(back["decision"].to_pylist()) == {"allow"}
    assert set(back["reasons"].combine_chunks().flatten().to_pylist()) == {"found to be a class"}
    assert not _limited(more)


def test_a_wave_that_is_not_there_cannot_be_rolled_back() -> None:
    with pytest.raises(NotFoundError, match="no wave W99"):
        stream_of().roll_back(99, LATER, "x")


def test_an_account_that_a_person_lifted_is_not_raised_again(tmp_path: Path) -> None:
    stream, before = _after_the_wave()
    name = _limited(before)[0]
    lifted = stream.lift("sim", name, LATER, "appeal upheld")
    again = stream.lift("sim", name, LATER, "appeal upheld")
    save_stream(stream, tmp_path / "state")
    stream = load_stream(tmp_path / "state", stream.policy, RING)
    more = decided(scripted(20, 19.5, 3, 800), stream)

    assert lifted["decision"].to_pylist() == ["allow"]
    assert len(again) == 0
    assert name not in more["asset_id"].to_pylist()
    assert len(_limited(more)) > 10


def test_an_account_that_is_not_in_memory_is_named() -> None:
    with pytest.raises(NotFoundError, match="sim:nobody"):
        stream_of().lift("sim", "nobody", LATER, "x")


def test_two_established_accounts_lift_a_newcomer() -> None:
    stream, before = _after_the_wave()
    newcomer = ("sim", _limited(before)[0])
    old = LATER - 200 * DAY_US

    assert len(stream.vouch(newcomer, ("sim", "a"), old, LATER)) == 0
    assert len(stream.vouch(newcomer, ("sim", "a"), old, LATER)) == 0
    assert stream.vouch(newcomer, ("sim", "b"), old, LATER)["decision"].to_pylist() == ["allow"]


def test_a_new_account_a_busy_one_and_the_newcomer_cannot_vouch() -> None:
    stream, old = stream_of(), LATER - 200 * DAY_US
    stream.feed(people().slice(0, 10))
    newcomers = [("sim", asset) for asset in people()["asset_id"].to_pylist()[:10]]
    a_month = read_signup_policy().vouching.a_month
    for newcomer in newcomers[:a_month]:
        stream.vouch(newcomer, ("sim", "busy"), old, LATER)

    with pytest.raises(UsageError, match="sim:busy has vouched for 5 newcomers"):
        stream.vouch(newcomers[a_month], ("sim", "busy"), old, LATER)
    with pytest.raises(UsageError, match="less than 90 days"):
        stream.vouch(newcomers[9], ("sim", "young"), LATER - 89 * DAY_US, LATER)
    with pytest.raises(UsageError, match="itself"):
        stream.vouch(newcomers[9], newcomers[9], old, LATER)
    with pytest.raises(NotFoundError, match="sim:nobody"):
        stream.vouch(("sim", "nobody"), ("sim", "a"), old, LATER)


def test_dropping_old_rows_changes_no_decision() -> None:
    policy = read_signup_policy()
    short = replace(policy, time=replace(policy.time, window_days=3, baseline_days=6, least_baseline_days=3))
    keeps, drops = stream_of(short), stream_of(short)
    drops.forget_from = 300
    world = in_order(people(6_000), scripted(120, 16.0, 2, 500))
    kept, dropped = decided(world, keeps), decided(world, drops)

    assert keeps.ledger.first == 0
    assert drops.ledger.first > 300
    assert pc.max(pc.index_in(kept["decision"], pa.array(DECISIONS))).as_py() >= DECISIONS.index("limit")
    assert kept.equals(dropped)
