from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.errors import InputError, NotFoundError
from samehand.policy import DECISIONS, read_signup_policy
from samehand.records import TIME, empty_table, schema_of
from samehand.signups import KeyRing, KnownBad, SignupStream, load_stream, save_stream
from tests.signups.streams import OTHER_RING, RING, START, decided, highest, in_order, people, scripted, stream_of

POLICY = read_signup_policy()
ROTATED = KeyRing(("2", "1"), (b"n" * 32, *RING.keys))
LIMIT = DECISIONS.index("limit")


def _sorted(known: pa.Table, removed_day: float) -> pa.Table:
    moment = pa.array([START + timedelta(days=removed_day)] * len(known), TIME)
    return known.append_column("removed_at", moment)


@cache
def _known() -> pa.Table:
    """Thirty of the same script, taken down on the twelfth day."""
    return _sorted(scripted(30, 2.0, seed=9, first=5_000), 12.0)


@cache
def _world() -> pa.Table:
    """A script when there is no baseline yet and a large, a small and a smallest one when there is, among people."""
    scripts = scripted(120, 16.0, 2, 500), scripted(12, 17.0, 3, 900, hand=5), scripted(8, 18.0, 4, 950, hand=6)
    return in_order(people(), scripted(40, 5.0, hand=4), *scripts)


def _stream(ring: KeyRing = RING, known_ring: KeyRing = RING, **more: Any) -> SignupStream:
    known = KnownBad.of(_known(), known_ring)
    if ring is not known_ring:
        known = replace(known, key=np.full(len(known), len(ring.keys) - 1, np.int32))
    return stream_of(ring=ring, known=known, **more)


def _in_chunks(table: pa.Table, sizes: list[int], stream: SignupStream) -> pa.Table:
    out, low, k = [], 0, 0
    while low < len(table):
        out.append(stream.feed(table.slice(low, sizes[k % len(sizes)])))
        low, k = low + sizes[k % len(sizes)], k + 1
    return pa.concat_tables([*out, stream.finish()])


@cache
def _at_once() -> pa.Table:
    return decided(_world(), _stream())


def test_the_world_has_somebody_on_every_rung_that_tests_speak_of() -> None:
    assert set(_at_once()["decision"].to_pylist()) >= {"allow", "challenge", "limit", "review"}


@pytest.mark.parametrize("sizes", [[1], [13], [997], [1, 500, 3]], ids=str)
def test_decisions_are_the_same_however_many_signups_come_at_a_time(sizes: list[int]) -> None:
    assert _in_chunks(_world(), sizes, _stream()).equals(_at_once())


@pytest.mark.parametrize("sizes", [[61], [700]], ids=str)
def test_that_holds_while_a_key_is_being_replaced(sizes: list[int]) -> None:
    at_once = decided(_world(), _stream(ROTATED))

    assert _in_chunks(_world(), sizes, _stream(ROTATED)).equals(at_once)


def test_that_holds_where_the_baseline_becomes_long_enough_within_an_epoch() -> None:
    """Of a wave that stands, five come in the minutes before fourteen days have passed and four after, in one epoch."""
    crowd, script = people(6_000), scripted(200, 13.5, seed=3, first=700)
    begun = crowd["at"][0].as_py()
    moments = [begun + timedelta(days=14, minutes=k - 5) for k in range(9)]
    late = script.slice(191).set_column(2, schema_of("signups").field("at"), pa.array(moments, TIME))
    before = in_order(crowd, script.slice(0, 191)).filter(pc.field("at") < pa.scalar(moments[0], TIME))
    table, policy = in_order(before, late), replace(POLICY, time=replace(POLICY.time, epoch_minutes=24 * 60))
    stream, parts = stream_of(policy), stream_of(policy)
    at_once = stream.feed(table)
    one_by_one = [parts.feed(before), *(parts.feed(late.slice(k, 1)) for k in range(len(late)))]

    assert at_once.equals(pa.concat_tables(one_by_one))
    rungs = at_once["decision"].to_pylist()[-9:]
    assert [DECISIONS.index(rung) >= LIMIT for rung in rungs] == [False] * 5 + [True] * 4


@pytest.mark.parametrize("at", [0, 1, 1_500, 2_790, 3_100])
def test_a_stream_that_is_saved_and_loaded_goes_on_as_if_nothing_had_been(tmp_path: Path, at: int) -> None:
    stream = _stream()
    first = stream.feed(_world().slice(0, at))
    save_stream(stream, tmp_path / "state")
    loaded = load_stream(tmp_path / "state", POLICY, RING)

    assert pa.concat_tables([first, decided(_world().slice(at), loaded)]).equals(_at_once())


def test_a_stream_that_is_saved_after_its_end_has_the_same_waves(tmp_path: Path) -> None:
    stream = _stream()
    decided(_world(), stream)
    save_stream(stream, tmp_path / "state")
    loaded = load_stream(tmp_path / "state", POLICY, RING)

    told = [
        [(w.number, w.members.tolist(), w.p_value, w.makers) for w in one.found.values()] for one in (stream, loaded)
    ]
    assert told[0] == told[1]
    assert told[0]


def test_a_state_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    save_stream(_stream(), tmp_path / "state")

    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


def test_a_state_of_another_policy_is_refused(tmp_path: Path) -> None:
    save_stream(_stream(), tmp_path / "state")

    with pytest.raises(InputError, match="was made under policy signups-3; replay the sign-ups"):
        load_stream(tmp_path / "state", replace(POLICY, version="own-1"), RING)


def test_a_state_of_other_keys_is_refused(tmp_path: Path) -> None:
    """Its hashes would never meet those of new sign-ups, and nothing would be found any more."""
    save_stream(_stream(), tmp_path / "state")

    with pytest.raises(InputError, match="was made under other keys; give its key file"):
        load_stream(tmp_path / "state", POLICY, OTHER_RING)


def test_a_state_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no state of sign-ups here"):
        load_stream(tmp_path, POLICY, RING)


def test_a_state_holds_no_address_and_no_name(tmp_path: Path) -> None:
    """All but the accounts' ids, which decisions are about."""
    stream = _stream()
    decided(_world().slice(0, 400), stream)
    save_stream(stream, tmp_path / "state")
    bytes_ = b"".join(file.read_bytes() for file in sorted((tmp_path / "state").iterdir()))

    for column in ("ip", "username", "email_domain", "device_id", "phone_prefix"):
        shown = {value for value in _world().slice(0, 400)[column].to_pylist() if value and len(value) > 6}
        assert not [value for value in shown if value.encode() in bytes_]


@pytest.mark.parametrize("size", [100, 2_400, 2_950])
def test_nothing_is_learnt_from_what_comes_later(size: int) -> None:
    prefix = _stream().feed(_world().slice(0, size))

    assert _at_once().slice(0, len(prefix)).equals(prefix)


def test_an_event_that_comes_late_counts_as_of_the_time_of_the_one_before_it() -> None:
    table = people().slice(0, 60)
    at = table["at"].to_pylist()
    at[30] -= timedelta(days=1)
    late = table.set_column(2, table.schema.field("at"), pa.array(at, TIME))
    decisions = stream_of().feed(late)

    assert decisions["at"].to_pylist() == [*at[:30], at[29], *at[31:]]


@settings(max_examples=15)
@given(st.lists(st.integers(0, 59), max_size=20), st.lists(st.floats(0, 3), min_size=20, max_size=20))
def test_decisions_are_in_the_order_of_time_however_late_events_are(late: list[int], days: list[float]) -> None:
    table = people().slice(0, 60)
    at = table["at"].to_pylist()
    for row, by in zip(late, days, strict=False):
        at[row] -= timedelta(days=by)
    moved = decided(table.set_column(2, table.schema.field("at"), pa.array(at, TIME)))

    assert moved["decided_at"].to_pylist() == sorted(moved["decided_at"].to_pylist())
    assert pc.all(pc.greater_equal(moved["decided_at"], moved["at"])).as_py()


def test_every_signup_is_decided_about_at_its_own_moment() -> None:
    first: dict[str, dict[str, Any]] = {}
    for row in _at_once().select(["asset_id", "at", "decided_at"]).to_pylist():
        first.setdefault(row["asset_id"], row)

    assert list(first) == _world()["asset_id"].to_pylist()
    assert [row["decided_at"] for row in first.values()] == _world()["at"].to_pylist()


def test_an_account_never_comes_down() -> None:
    reached: dict[str, int] = {}
    for asset, decision in zip(_at_once()["asset_id"].to_pylist(), _at_once()["decision"].to_pylist(), strict=True):
        rung = DECISIONS.index(decision)
        assert asset not in reached or rung > reached[asset]
        reached[asset] = rung


def test_whoever_is_put_on_a_rung_is_told_why_and_who_is_allowed_is_told_nothing() -> None:
    for row in _at_once().to_pylist():
        assert bool(row["reasons"]) == (row["decision"] != "allow")
        assert row["policy_version"] == POLICY.version


def test_decisions_have_the_declared_columns() -> None:
    assert _at_once().schema == schema_of("decisions")
    assert stream_of().feed(empty_table("signups")).equals(empty_table("decisions"))


def test_without_fourteen_days_nobody_is_limited_without_a_tie() -> None:
    table = in_order(people(12_000), scripted(60, 11.0)).filter(
        pc.field("at") < pa.scalar(START.astimezone(UTC) + timedelta(days=13.5), TIME)
    )
    best = highest(decided(table))
    planted = [rung for asset, rung in best.items() if asset.startswith("planted")]

    assert max(planted) == DECISIONS.index("challenge")
    assert max(best.values()) < LIMIT


def test_with_a_tie_they_are_limited_from_the_first_day_on_that_the_tie_is_known() -> None:
    table = in_order(people(6_000), scripted(60, 13.0)).filter(
        pc.field("at") < pa.scalar(START + timedelta(days=13.9), TIME)
    )
    best = highest(decided(table, _stream()))
    planted = [rung for asset, rung in best.items() if asset.startswith("planted")]

    assert sum(rung >= LIMIT for rung in planted) > 0.8 * len(planted)
    assert sum(rung >= LIMIT for rung in best.values()) <= len(planted) + 1


def test_nobody_is_suspended_unless_the_machine_was_told_that_it_may() -> None:
    assert "suspend" not in set(_at_once()["decision"].to_pylist())
    assert "suspend" in set(decided(_world(), _stream(suspends=True))["decision"].to_pylist())


def test_whoever_is_suspended_is_tied_to_accounts_taken_down() -> None:
    rows = decided(_world(), _stream(suspends=True)).filter(pc.field("decision") == "suspend").to_pylist()

    assert all(any("ties to accounts taken down" in reason for reason in row["reasons"]) for row in rows)


@pytest.mark.parametrize("cap", [0, 7])
def test_no_day_limits_more_than_its_cap(cap: int) -> None:
    policy = replace(POLICY, caps=replace(POLICY.caps, limit=cap, review=cap))
    decisions = decided(_world(), stream_of(policy))
    for rung in ("limit", "review"):
        days = decisions.filter(pc.field("decision") == rung)["decided_at"].to_pylist()
        assert all(days.count(day) <= cap for day in {day.date() for day in days})
        assert len(days) <= cap * len({day.date() for day in days})


def test_a_wave_whose_cluster_is_united_with_a_larger_one_goes_on_in_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of()
    stream.feed(in_order(people(), scripted(60, 16.0)))
    wave = stream.waves[0]
    old, other = wave.cluster, wave.cluster + 1
    united = iter([(other, old)])
    monkeypatch.setattr(stream.clusters, "unite", lambda *_: next(united, None))
    stream._look_at(old, stream.last_us)

    assert wave.cluster == other
    assert stream.of_cluster[other] is wave
    assert old not in stream.of_cluster


# --- accounts taken down


def test_an_account_is_not_known_before_its_removal() -> None:
    """The same sign-ups before and after the day of the removals: only those after it are tied to them."""
    script = in_order(scripted(8, 11.0, first=100), scripted(8, 12.5, seed=4, first=200))
    table = in_order(people(), script).filter(pc.field("at") < pa.scalar(START + timedelta(days=13), TIME))
    decisions = decided(table, _stream())
    acted = decisions.filter(pc.not_equal(decisions["decision"], "allow"))

    assert len(acted) > 0
    assert pc.min(acted["decided_at"]).as_py() >= START + timedelta(days=12)


def test_what_is_forgotten_ties_nobody() -> None:
    policy = replace(POLICY, known_bad=replace(POLICY.known_bad, expires_days=2))
    table = in_order(people(), scripted(4, 15.0, first=100)).filter(
        pc.field("at") < pa.scalar(START + timedelta(days=16), TIME)
    )
    planted = [
        max(rung for asset, rung in highest(decided(table, _stream(policy=one))).items() if asset.startswith("planted"))
        for one in (POLICY, policy)
    ]

    assert planted[0] >= LIMIT
    assert planted[1] == 0


def test_accounts_kept_under_an_older_key_tie_newcomers_all_the_same() -> None:
    """From the first look after what they share is met again on."""
    table = in_order(people(), scripted(12, 15.0, first=100)).filter(
        pc.field("at") < pa.scalar(START + timedelta(days=16), TIME)
    )
    best = highest(decided(table, _stream(ROTATED)))
    planted = [rung for asset, rung in best.items() if asset.startswith("planted")]

    assert min(planted) >= LIMIT


def _changed(table: pa.Table, **columns: str | None) -> pa.Table:
    """The same rows with one value in a column for all of them."""
    for name, value in columns.items():
        table = table.set_column(
            table.column_names.index(name), table.field(name), pa.array([value] * len(table), table.field(name).type)
        )
    return table


def _over_a_step() -> pa.Table:
    """People; sign-ups with the telephones and names of the accounts taken down; later ones with what those have besides."""
    changed = {
        "user_agent": "Other/2.0 (Box 9)",
        "os_version": "Box 9",
        "app_version": "2.0",
        "avatar_hash": "feed" * 4,
    }
    near = _changed(scripted(20, 12.2, 7, 100), **changed)
    alone = _changed(scripted(20, 12.7, 8, 300, hand=9), phone_prefix=None, phone_country=None, **changed)
    table = in_order(people(6_000), near, alone)
    return table.filter(pc.field("at") < pa.scalar(START + timedelta(days=13.2), TIME))


@pytest.mark.parametrize(("hops", "near", "far"), [(0, False, False), (1, True, False), (2, True, True)])
def test_a_tie_reaches_as_far_as_the_policy_lets_it(hops: int, near: bool, far: bool) -> None:
    policy = replace(POLICY, known_bad=replace(POLICY.known_bad, hops=hops))
    best = highest(decided(_over_a_step(), _stream(policy=policy)))
    limited = [[best[f"planted-{number}"] >= LIMIT for number in range(first, first + 20)] for first in (100, 300)]

    assert [sum(one) > 15 for one in limited] == [near, far]
    assert [any(one) for one in limited] == [near, far]


def test_a_pardon_unties_who_was_tied_to_the_account_and_newcomers() -> None:
    stream = _stream()
    before = highest(decided(_over_a_step(), stream))
    for platform, asset in zip(_known()["platform"].to_pylist(), _known()["asset_id"].to_pylist(), strict=True):
        stream.pardon(platform, asset)
    more = decided(scripted(6, 13.4, 9, 500), stream)
    told = more["reasons"].combine_chunks().flatten().to_pylist()

    assert before["planted-100"] >= LIMIT
    assert len(stream.known) == 0
    assert not stream.standing.known_families[: stream.ledger.end].any()
    assert max(highest(more)[f"planted-{number}"] for number in range(500, 506)) < LIMIT
    assert not any("taken down" in reason for reason in told)


@pytest.mark.parametrize("count", [6, 30])
def test_accounts_taken_down_do_not_teach_that_their_things_are_usual(count: int) -> None:
    """Their own sign-ups are in memory; with many of them as with few, who shares their things is tied to them."""
    first = scripted(count, 2.0, seed=9, first=5_000)
    known = KnownBad.of(_sorted(first, 12.0), RING)
    table = in_order(people(6_000), first, scripted(30, 13.0)).filter(
        pc.field("at") < pa.scalar(START + timedelta(days=13.9), TIME)
    )
    stream = stream_of(known=known)
    decisions = decided(table, stream)
    best, late = (
        highest(decisions),
        decisions.filter(pc.field("decided_at") > pa.scalar(START + timedelta(days=12.1), TIME)),
    )

    assert sum(best[f"planted-{number}"] >= LIMIT for number in range(30)) > 24
    assert not {f"planted-{number}" for number in range(5_000, 5_000 + count)} & set(late["asset_id"].to_pylist())
