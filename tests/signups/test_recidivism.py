from __future__ import annotations

import json
import stat
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from samehand.errors import FormatError, InputError, NotFoundError
from samehand.records import TIME
from samehand.signups import FACTS, KeyRing, KnownBad
from samehand.signups.coding import DAY_US, Arrivals, code_rows
from samehand.signups.recidivism import account_hash
from tests.signups.streams import OTHER_RING, RING, START, people

ROTATED = KeyRing(("2", "1"), (b"n" * 32, *RING.keys))


@cache
def _table() -> pa.Table:
    """Twenty people who were taken down, one a day, the last one first."""
    moments = [START + timedelta(days=40 - k) for k in range(20)]
    return people().slice(0, 20).append_column("removed_at", pa.array(moments, TIME))


def _known(ring: KeyRing = RING) -> KnownBad:
    return KnownBad.of(_table(), ring)


def _shown(table: pa.Table, ring: KeyRing) -> list[npt.NDArray[np.uint64]]:
    return [rows.facts for rows in Arrivals.of(table, ring.keys).rows]


def _equal(one: KnownBad, other: KnownBad) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("account", "facts", "removed_us", "key")
    )


# --- the key file


def test_a_key_file_that_is_made_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    ring = KeyRing.open(tmp_path / "samehand.key")

    assert stat.S_IMODE((tmp_path / "samehand.key").stat().st_mode) == 0o600
    assert [len(key) for key in ring.keys] == [32]


def test_a_key_file_gives_the_same_keys_again_and_two_are_never_alike(tmp_path: Path) -> None:
    one, again, other = (KeyRing.open(tmp_path / name) for name in ("a", "a", "b"))

    assert one == again
    assert one.newest != other.newest


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    KeyRing.open(tmp_path / "key")
    (tmp_path / "key").chmod(mode)

    with pytest.raises(InputError, match=r"others can read this key file; run `chmod 600"):
        KeyRing.open(tmp_path / "key")


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", "{}", '{"keys": []}', '{"keys": [{"name": "1"}]}', '{"keys": [{"name": "1", "key": "zz"}]}',
     '{"keys": [{"name": "1", "key": "abcd"}]}', '{"keys": 3}'],
)  # fmt: skip
def test_what_is_no_key_file_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    (tmp_path / "key").chmod(0o600)

    with pytest.raises(FormatError, match="move it away, and a new one is made"):
        KeyRing.open(tmp_path / "key")
    assert (tmp_path / "key").read_text() == text


def test_a_rotated_ring_has_a_new_key_in_front_and_keeps_the_old_ones(tmp_path: Path) -> None:
    ring = RING.rotated().rotated()
    ring.write(tmp_path / "key")

    assert ring.names == ("3", "2", "1")
    assert ring.keys[2] == RING.newest
    assert len(set(ring.keys)) == 3
    assert KeyRing.open(tmp_path / "key") == ring


def test_older_keys_can_be_let_go_and_the_newest_cannot() -> None:
    assert ROTATED.without(frozenset({"1"})).names == ("2",)
    assert ROTATED.without(frozenset({"1", "2"})).names == ("2",)


def test_marks_tell_keys_apart_and_do_not_give_them_away() -> None:
    assert ROTATED.marks[1:] == RING.marks != OTHER_RING.marks
    assert all(key.hex() not in json.dumps(ROTATED.marks) for key in ROTATED.keys)


# --- what is kept


def test_accounts_are_kept_in_the_order_of_their_removal_with_their_own_facts() -> None:
    known = _known()
    expected = code_rows(people().slice(0, 20), RING.newest).facts[::-1]

    assert (np.diff(known.removed_us) > 0).all()
    assert known.facts.tolist() == expected.tolist()


def test_what_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    _known().write(tmp_path / "known.parquet", RING)

    assert _equal(KnownBad.open(tmp_path / "known.parquet", RING), _known())


def test_nobody_can_be_written_and_read_too(tmp_path: Path) -> None:
    KnownBad.empty().write(tmp_path / "known.parquet", RING)

    assert len(KnownBad.open(tmp_path / "known.parquet", RING)) == 0


def test_what_is_written_is_readable_by_its_owner_only_and_holds_no_value(tmp_path: Path) -> None:
    _known().write(tmp_path / "known.parquet", RING)
    content = (tmp_path / "known.parquet").read_bytes()
    texts = [value for name in _table().column_names for value in _table()[name].to_pylist() if isinstance(value, str)]
    telling = {value for value in texts if len(value) > 5}

    assert stat.S_IMODE((tmp_path / "known.parquet").stat().st_mode) == 0o600
    assert len(telling) > 100
    assert not [value for value in telling if value.encode() in content]
    assert not [key for key in RING.keys if key in content or key.hex().encode() in content]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no such file of accounts taken down"):
        KnownBad.open(tmp_path / "none.parquet", RING)


def test_entries_whose_key_is_gone_are_refused(tmp_path: Path) -> None:
    _known().write(tmp_path / "known.parquet", RING)

    with pytest.raises(InputError, match="is kept under key 1, which the key file does not hold"):
        KnownBad.open(tmp_path / "known.parquet", ROTATED.without(frozenset({"1"})))


# --- time


def test_an_account_is_known_from_its_removal_until_it_expires() -> None:
    known, days = _known(), 30
    for now in np.concatenate([known.removed_us - 1, known.removed_us, known.removed_us + days * DAY_US]).tolist():
        expected = [at for at in known.removed_us.tolist() if at <= now < at + days * DAY_US]
        assert known.at(now, days).removed_us.tolist() == expected


# --- forgetting


@pytest.mark.parametrize("ring", [RING, ROTATED], ids=["its own key", "a newer key in front"])
def test_one_account_is_forgotten_whichever_key_it_is_kept_under(tmp_path: Path, ring: KeyRing) -> None:
    _known().write(tmp_path / "known.parquet", RING)
    known = KnownBad.open(tmp_path / "known.parquet", ring)
    platform, asset = _table()["platform"][3].as_py(), _table()["asset_id"][3].as_py()
    left = known.forgotten(platform, asset, ring)

    assert set(known.account.tolist()) - set(left.account.tolist()) == {account_hash(platform, asset, RING.newest)}
    assert len(left) == 19


def test_forgetting_somebody_who_is_not_kept_forgets_nobody() -> None:
    assert _equal(_known().forgotten("sim", "nobody", RING), _known())


def test_an_account_of_the_same_id_elsewhere_is_not_forgotten() -> None:
    assert len(_known().forgotten("elsewhere", _table()["asset_id"][3].as_py(), RING)) == 20


# --- rotation


def _older(tmp_path: Path) -> KnownBad:
    """Entries kept under the older key, read with a ring that has a newer one."""
    _known().write(tmp_path / "known.parquet", RING)
    return KnownBad.open(tmp_path / "known.parquet", ROTATED)


def test_a_fact_that_is_met_again_is_taken_over_to_the_newest_key(tmp_path: Path) -> None:
    older = _older(tmp_path)
    taken = older.taken_over(_shown(people().slice(0, 20), ROTATED))

    assert not np.array_equal(older.facts, taken.facts)
    assert taken.facts.tolist() == code_rows(people().slice(0, 20), ROTATED.newest).facts[::-1].tolist()


def test_a_fact_that_is_not_met_stays_under_its_key(tmp_path: Path) -> None:
    older = _older(tmp_path)
    rows = people().slice(0, 1)
    taken = older.taken_over(_shown(rows, ROTATED))
    shown = code_rows(rows, RING.newest).facts[0]
    now = code_rows(rows, ROTATED.newest).facts[0]

    for f in range(len(FACTS)):
        same = (older.facts[:, f] == shown[f]) & (shown[f] != 0)
        assert (taken.facts[same, f] == now[f]).all()
        assert (taken.facts[~same, f] == older.facts[~same, f]).all()


def test_entries_under_the_newest_key_are_left_alone() -> None:
    known = _known()

    assert _equal(known.taken_over(_shown(people().slice(0, 20), ROTATED.without(frozenset()))), known)
