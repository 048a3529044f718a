"""What a correction says is taken by the stream once, whatever falls over in between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from samehand.policy import DECISIONS, read_signup_policy
from samehand.signups import Journal, KeyRing, KnownBad, corrections_of, labels_of, take_corrections
from samehand.store import Store, open_store, publish
from tests.signups.streams import START, decided, highest, in_order, people, scripted, stream_of
from tests.signups.test_stream import _known, _over_a_step, _stream

LATER = START + timedelta(days=30)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store.sqlite")


def _corrected(store: Store, accounts: Sequence[str], days: float = 0.0) -> None:
    with store.writing() as session:
        body = {"accounts": [["sim", account] for account in accounts]}
        publish(session, "correction", LATER + timedelta(days=days), body)


def test_a_correction_puts_an_account_back_and_forgets_what_it_was_taken_down_for(store: Store) -> None:
    stream = _stream()
    best = highest(decided(_over_a_step(), stream))
    taken_down = _known()["asset_id"].to_pylist()
    _corrected(store, ["planted-100", *taken_down])

    lifted = take_corrections(store, stream)

    assert best["planted-100"] >= DECISIONS.index("limit")
    rows = [row for table in lifted for row in table.to_pylist()]
    assert [(row["asset_id"], row["decision"]) for row in rows if row["asset_id"] == "planted-100"] == [
        ("planted-100", "allow")
    ]
    assert len(stream.known) == 0
    assert take_corrections(store, stream) == []


def test_who_is_not_in_memory_is_passed_over(store: Store) -> None:
    _corrected(store, ["nobody"])

    assert take_corrections(store, stream_of()) == []


def test_a_journal_has_the_correction_after_it_was_closed(store: Store, tmp_path: Path) -> None:
    ring = KeyRing.open(tmp_path / "key")
    known = KnownBad.of(_known(), ring)
    first = _known()["asset_id"].to_pylist()[0]
    _corrected(store, [first])
    with Journal(tmp_path / "journal", read_signup_policy(), ring, known=known) as journal:
        take_corrections(store, journal)
    with Journal(tmp_path / "journal", read_signup_policy(), ring) as journal:
        assert len(journal.stream.known) == len(known) - 1


def test_what_was_not_finished_is_handed_over_again(store: Store) -> None:
    stream = _stream()
    decided(_over_a_step(), stream)
    _corrected(store, ["planted-100"])
    _corrected(store, ["planted-101"])

    pardon, seen = stream.pardon, []

    def cut(platform: str, asset_id: str) -> None:
        seen.append(asset_id)
        if len(seen) == 2:
            raise KeyboardInterrupt
        pardon(platform, asset_id)

    stream.pardon = cut  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        take_corrections(store, stream)
    take_corrections(store, stream)

    assert seen == ["planted-100", "planted-101", "planted-100", "planted-101"]


def test_a_correction_said_twice_is_one_and_the_first_counts(store: Store) -> None:
    for days in (2.0, 1.0, 3.0):
        _corrected(store, ["a"], days)
    with store.reading() as session:
        (one,) = corrections_of(session)

    assert one.at == LATER + timedelta(days=2)
    assert labels_of([one]).to_pylist() == [
        {"platform": "sim", "asset_id": "a", "label": "genuine", "source": "correction", "known_at": one.at}
    ]


def test_people_who_are_corrected_stay_where_they_are(store: Store) -> None:
    table = in_order(people(), scripted(60, 16.0))
    stream = stream_of()
    decided(table, stream)
    _corrected(store, ["planted-3"])

    take_corrections(store, stream)

    more = highest(decided(scripted(40, 16.5, 7, 900), stream))
    assert "planted-3" not in more
