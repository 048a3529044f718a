"""Opens a store, keeps its schema up to date, and runs transactions that are whole or not there."""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, String, create_engine, event, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from samehand.errors import InputError, JobError, MissingExtraError, NotFoundError, UsageError
from samehand.store.base import Base

__all__ = ["Store", "open_store"]

DEFAULT = "samehand.sqlite"
BUSY_S = 30
UPGRADE_LOCK = 7_263_584_213_001
"""Of PostgreSQL's advisory locks: two processes that open one new store do not both make its tables."""


class StoreRow(Base):
    """What a store is called; signatures name it, so that none is good in another store."""

    __tablename__ = "store"

    store_id: Mapped[str] = mapped_column(String(36), primary_key=True)


class Store:
    """A store that is open.

    Args:
        engine: its database, at the newest schema.

    Attributes:
        store_id: its name, which signatures bear.

    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with self.reading() as session:
            found = session.scalar(select(StoreRow.store_id))
        if found is None:
            raise InputError("the store has no name; it was not made by samehand")
        self.store_id: str = found

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is whole at the end, or not there if an error leaves it.

        Raises:
            JobError: the database is locked for too long, full, or gone; nothing of the transaction is kept.

        """
        with _told(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at one state of the store, whatever others write meanwhile; what is changed in it is not kept."""
        options: dict[str, Any] = {"samehand_reads": True}
        if self.engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with _told(), Session(self.engine.execution_options(**options), expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _told() -> Iterator[None]:
    """What a database says of locks, disks and lost connections, in words."""
    try:
        yield
    except OperationalError as error:
        said = str(error.orig).strip()
        if "is locked" in said:
            raise JobError(
                f"the store is locked by another process for more than {BUSY_S} s; nothing was changed"
            ) from error
        if "full" in said or "No space left" in said:
            raise JobError(
                f"there is no room for the store ({said}); nothing was changed: make room and repeat"
            ) from error
        raise JobError(f"the store does not answer ({said}); nothing was changed") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise JobError("the connection to the store is lost; nothing was changed") from error
        raise


def _url(target: str | Path) -> Any:
    """A database's URL; a path is an SQLite file."""
    if isinstance(target, Path) or "://" not in target:
        return make_url("sqlite://").set(database=str(Path(target).absolute()))
    try:
        url = make_url(target)
    except ArgumentError as error:
        raise UsageError(
            "the store's URL is not one; write sqlite:///PATH or postgresql://USER@HOST:PORT/NAME"
        ) from error
    if url.get_backend_name() == "postgresql" and url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"a store is kept in SQLite or PostgreSQL, not in {url.get_backend_name()}")
    return url


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; SQLite does not wait by itself where another process switches just then."""
    end = time.monotonic() + BUSY_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say so, below
        for pragma in (f"busy_timeout={BUSY_S * 1000}", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # who is going to write says so at once: a reader that turns writer would have to give up where two do so
        reads = connection.get_execution_options().get("samehand_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _engine(url: Any) -> Engine:
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise UsageError("a store is a file or a server, never in memory: what is decided has to stay")
        folder = Path(url.database).parent
        if not folder.is_dir():
            raise NotFoundError(f"{folder}: there is no such folder for the store; make it first")
        if not Path(url.database).exists():  # it holds what is nobody else's business
            os.close(os.open(url.database, os.O_WRONLY | os.O_CREAT, 0o600))
        engine = create_engine(url, connect_args={"timeout": BUSY_S})
        _prepare_sqlite(engine)
        return engine
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": BUSY_S})
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise MissingExtraError(
            "a store in PostgreSQL needs one more library: pip install 'samehand[postgres]'"
        ) from error


def migrations(connection: Connection) -> Config:
    """Alembic's configuration for one connection."""
    config = Config()
    config.set_main_option("script_location", str(files("samehand.store") / "migrations"))
    config.attributes["connection"] = connection
    return config


def open_store(target: str | Path = DEFAULT) -> Store:
    """Open a store, and make it, or bring its schema up to date, where that is needed.

    Args:
        target: a URL (`sqlite:///PATH`, `postgresql://USER@HOST:PORT/NAME`) or the path of an SQLite file.

    Raises:
        UsageError: it is no URL of either. NotFoundError: the file's folder is not there. InputError: it is no store, or
        one of a newer samehand. MissingExtraError: PostgreSQL's library is not installed. JobError: it does not answer.

    """
    engine = _engine(_url(target))
    try:
        with _told():
            _upgrade(engine)
        return Store(engine)
    except DBAPIError as error:
        engine.dispose()
        raise InputError(f"it is no store of samehand's ({str(error.orig).strip()})") from error
    except BaseException:
        engine.dispose()
        raise


def _is_newest(engine: Engine) -> bool:
    """Whether the schema needs nothing; asked without waiting for anybody who writes."""
    with engine.connect().execution_options(samehand_reads=True) as connection:
        at = MigrationContext.configure(connection).get_current_revision()
        return at == ScriptDirectory.from_config(migrations(connection)).get_current_head()


def _upgrade(engine: Engine) -> None:
    if _is_newest(engine):
        return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        config = migrations(connection)
        scripts = ScriptDirectory.from_config(config)
        at = MigrationContext.configure(connection).get_current_revision()
        if at == scripts.get_current_head():
            return
        if at is not None and at not in {script.revision for script in scripts.walk_revisions()}:
            raise InputError(f"the store is of a newer samehand (schema {at}); update samehand")
        if at is None and (tables := set(engine.dialect.get_table_names(connection)) - {"alembic_version"}):
            raise InputError(f"it is no store of samehand's: it holds other tables ({', '.join(sorted(tables)[:3])})")
        command.upgrade(config, "head")
        if connection.execute(select(StoreRow.store_id)).first() is None:
            connection.execute(StoreRow.__table__.insert().values(store_id=str(uuid.uuid4())))  # type: ignore[attr-defined]
