"""Corrections: accounts that were acted on wrongly are held against nobody, teach as genuine ones, and are not raised again.

They come from the store's outbox, topic `correction`: an event's `accounts` are pairs of platform and id. A stream that lives,
as in a `Journal`, takes each once (`take_corrections`); a replay reads all there are (`corrections_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import pyarrow as pa
from sqlalchemy.orm import Session

from samehand.errors import NotFoundError
from samehand.records import schema_of
from samehand.signups.learning import can_learn
from samehand.store import Event, Store, consume, events_of, micros

__all__ = ["LIFTED", "Correction", "Corrigible", "corrections_of", "labels_of", "take_corrections"]

TOPIC: Final = "correction"
SOURCE: Final = "correction"
LIFTED: Final = "corrected: what was done to it was taken back"


@dataclass(frozen=True, order=True)
class Correction:
    """An account that was acted on wrongly, and when that was said."""

    at: datetime
    platform: str
    asset_id: str


class Corrigible(Protocol):
    """A stream of sign-ups, or the journal of one."""

    def pardon(self, platform: str, asset_id: str) -> None:
        """Forget an account that was taken down wrongly."""
        ...

    def lift(self, platform: str, asset_id: str, at_us: int, why: str) -> pa.Table:
        """Put an account back to `allow`, for good."""
        ...

    def label(self, table: pa.Table) -> None:
        """Take labels."""
        ...


def _of(event: Event) -> list[Correction]:
    return [Correction(event.at, platform, asset_id) for platform, asset_id in event.body["accounts"]]


def corrections_of(session: Session) -> list[Correction]:
    """All corrections of a store, in order of time; of an account that was corrected twice the first."""
    first: dict[tuple[str, str], Correction] = {}
    for event in events_of(session, TOPIC):
        for one in _of(event):
            first.setdefault((one.platform, one.asset_id), one)
    return sorted(first.values())


def labels_of(corrections: Sequence[Correction]) -> pa.Table:
    """The corrections as rows of `labels`: genuine, known from when they were said."""
    rows = [
        {"platform": one.platform, "asset_id": one.asset_id, "label": "genuine", "source": SOURCE, "known_at": one.at}
        for one in corrections
    ]
    return pa.Table.from_pylist(rows, schema=schema_of("labels"))


def take_corrections(store: Store, stream: Corrigible, consumer: str = "signups") -> list[pa.Table]:
    """Hand a stream the corrections that it has not had.

    Args:
        store: whose outbox.
        stream: what remembers accounts taken down, and who stands on which rung.
        consumer: whose place in the outbox it is; one a stream.

    Returns:
        The rows of `decisions` that put accounts back to `allow`. When the process ends in the middle, what was handed over
        is handed over again, which changes nothing more.

    """
    lifted: list[pa.Table] = []

    def take(event: Event) -> None:
        found = _of(event)
        for one in found:
            stream.pardon(one.platform, one.asset_id)
            try:
                lifted.append(stream.lift(one.platform, one.asset_id, micros(one.at), LIFTED))
            except NotFoundError:
                continue  # it has left the stream's memory, where nothing is held against it any more
        if can_learn():
            stream.label(labels_of(found))

    with store.writing() as session:
        while consume(session, consumer, TOPIC, take):
            pass
    return [table for table in lifted if len(table)]
