"""The operational store: cases, decisions, what was done, and the events that tell other rooms of it.

In: a URL, SQLite's or PostgreSQL's. Out: a `Store` whose transactions are whole or not there, on a schema that is brought up
to date when it is opened; the rooms below declare their tables on `Base`.
"""

from samehand.store.base import Base, Big, Moment, micros
from samehand.store.bulk import among, change, put
from samehand.store.database import Store, open_store
from samehand.store.events import Event, consume, event_of, events_of, publish, waiting

__all__ = [
    "Base",
    "Big",
    "Event",
    "Moment",
    "Store",
    "among",
    "change",
    "consume",
    "event_of",
    "events_of",
    "micros",
    "open_store",
    "publish",
    "put",
    "waiting",
]
