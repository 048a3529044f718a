"""A store is whole or not there: opened, made, brought up to date, and busy."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, select, text

import samehand.advertising
import samehand.disclosure
import samehand.enforcement
import samehand.exchange
import samehand.service  # noqa: F401
from samehand.errors import InputError, JobError, NotFoundError, UsageError
from samehand.store import Base, Store, open_store
from samehand.store.base import Moment, micros
from samehand.store.database import StoreRow, migrations
from samehand.store.events import EventRow


def test_a_store_is_made_on_first_use_and_keeps_its_name(store_url: str) -> None:
    with open_store(store_url) as one:
        name = one.store_id
    with open_store(store_url) as again:
        assert again.store_id == name


def test_migrations_make_the_tables_that_the_rooms_declare(store_url: str) -> None:
    with open_store(store_url) as store, store.engine.connect() as connection:
        differ = compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert [one for one in differ if "alembic_version" not in str(one)] == []


def test_the_way_down_leaves_nothing_and_the_way_up_makes_it_anew(store_url: str) -> None:
    from alembic import command

    with open_store(store_url) as store:
        with store.engine.begin() as connection:
            command.downgrade(migrations(connection), "base")
            left = set(store.engine.dialect.get_table_names(connection)) - {"alembic_version"}
        assert left == set()
    with open_store(store_url) as store, store.reading() as session:
        assert session.scalars(select(StoreRow.store_id)).all() == [store.store_id]


def test_two_who_make_one_store_at_once_make_one(store_url: str) -> None:
    names: list[str] = []

    def opened() -> None:
        with open_store(store_url) as store:
            names.append(store.store_id)

    threads = [threading.Thread(target=opened) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(names) == 4
    assert len(set(names)) == 1


def test_what_ends_in_an_error_is_not_there(store_url: str) -> None:
    with open_store(store_url) as store:
        with pytest.raises(ZeroDivisionError), store.writing() as session:
            session.add(EventRow(topic="t", at=datetime(2026, 1, 1, tzinfo=UTC), body="{}"))
            session.flush()
            raise ZeroDivisionError
        with store.reading() as session:
            assert session.scalars(select(EventRow)).all() == []


def test_what_a_reader_changes_is_not_kept(store_url: str) -> None:
    with open_store(store_url) as store:
        with store.reading() as session:
            session.add(EventRow(topic="t", at=datetime(2026, 1, 1, tzinfo=UTC), body="{}"))
            session.flush()
        with store.reading() as session:
            assert session.scalars(select(EventRow)).all() == []


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 27, 2, 5, 32, 999_999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_to_the_microsecond(store_url: str, at: datetime) -> None:
    with open_store(store_url) as store:
        with store.writing() as session:
            session.execute(insert(EventRow).values(topic="t", at=at, body="{}"))
        with store.reading() as session:
            assert session.scalar(select(EventRow.at)) == at


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    hongkong = timezone(timedelta(hours=8))

    assert micros(datetime(2026, 1, 1, 8, tzinfo=hongkong)) == micros(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_moment_without_a_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        Moment().process_bind_param(datetime(2026, 1, 1), create_engine("sqlite://").dialect)


def test_a_path_is_a_file(tmp_path: Path) -> None:
    open_store(tmp_path / "a.sqlite").close()

    assert (tmp_path / "a.sqlite").is_file()


@pytest.mark.parametrize(
    ("target", "error", "says"),
    [
        ("mysql://localhost/x", UsageError, "SQLite or PostgreSQL"),
        ("sqlite://", UsageError, "never in memory"),
        ("nowhere/store.sqlite", NotFoundError, "no such folder"),
        ("postgresql://postgres@127.0.0.1:1/x", JobError, "does not answer"),
    ],
)
def test_what_is_no_store_is_told(target: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        open_store(target)


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear all, this is no database, and it is long enough to be looked at as one." * 20)
    before = file.read_bytes()

    with pytest.raises(InputError, match="no store of samehand's"):
        open_store(file)
    assert file.read_bytes() == before


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")

    with pytest.raises(InputError, match="recipes"):
        open_store(tmp_path / "other.sqlite")
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_a_store_of_a_newer_samehand_is_refused(store_url: str) -> None:
    with open_store(store_url) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(InputError, match="newer samehand"):
        open_store(store_url)


def test_a_store_that_another_process_holds_for_too_long_says_so(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with open_store(path) as store:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with store.engine.connect() as connection:  # the same wait, made short
            connection.connection.dbapi_connection.execute("PRAGMA busy_timeout=50")  # type: ignore[union-attr]
            connection.rollback()
        with pytest.raises(JobError, match="locked by another process"), store.writing() as session:
            session.add(EventRow(topic="t", at=datetime(2026, 1, 1, tzinfo=UTC), body="{}"))
            session.flush()
        holder.execute("ROLLBACK")
        holder.close()
        with store.writing() as session:
            session.add(EventRow(topic="t", at=datetime(2026, 1, 1, tzinfo=UTC), body="{}"))


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        with store.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            pages = raw.execute("PRAGMA page_count").fetchone()[0]
            raw.execute(f"PRAGMA max_page_count={pages + 2}")
            connection.rollback()
        row = {"topic": "t", "at": datetime(2026, 1, 1, tzinfo=UTC), "body": "x" * 100_000}
        with pytest.raises(JobError, match="no room for the store"), store.writing() as session:
            session.execute(insert(EventRow), [row])
        with store.reading() as session:
            assert session.scalars(select(EventRow)).all() == []


def test_stores_have_different_names(tmp_path: Path) -> None:
    stores: list[Store] = [open_store(tmp_path / f"{name}.sqlite") for name in "ab"]

    assert stores[0].store_id != stores[1].store_id
    for one in stores:
        one.close()
