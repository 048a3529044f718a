"""Events are there if what they tell of is, and each consumer has each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from samehand.store import Event, Store, consume, open_store, publish

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as opened:
        yield opened


def _had(store: Store, consumer: str, topic: str = "correction") -> list[Event]:
    had: list[Event] = []
    with store.writing() as session:
        consume(session, consumer, topic, had.append)
    return had


def test_each_consumer_has_each_event_once_and_in_order(store: Store) -> None:
    for number in range(3):
        with store.writing() as session:
            publish(session, "correction", AT, {"n": number, "word": "día"})

    assert [event.body["n"] for event in _had(store, "labels")] == [0, 1, 2]
    assert _had(store, "labels") == []
    assert [event.body for event in _had(store, "known-bad")] == [{"n": n, "word": "día"} for n in range(3)]


def test_an_event_of_what_did_not_happen_is_not_there(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as session:
        publish(session, "correction", AT, {})
        raise ZeroDivisionError

    assert _had(store, "labels") == []


def test_an_event_on_which_its_consumer_fails_comes_again(store: Store) -> None:
    with store.writing() as session:
        publish(session, "correction", AT, {"n": 1})

    def fail(event: Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.writing() as session:
        consume(session, "labels", "correction", fail)
    assert [event.at for event in _had(store, "labels")] == [AT]


def test_topics_are_apart(store: Store) -> None:
    with store.writing() as session:
        publish(session, "correction", AT, {})
        publish(session, "release", AT, {})

    assert len(_had(store, "labels", "correction")) == 1
    assert len(_had(store, "labels", "release")) == 1


def test_events_are_handed_over_so_many_at_a_time(store: Store) -> None:
    with store.writing() as session:
        for number in range(5):
            publish(session, "correction", AT, {"n": number})
    counts = []
    for _ in range(3):
        with store.writing() as session:
            counts.append(consume(session, "labels", "correction", lambda event: None, most=2))

    assert counts == [2, 2, 1]
