"""Many rows at once, past the mapper's bookkeeping, which costs more than the rows do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Column, ColumnElement, Table, bindparam, column, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session

from samehand.store.base import Base

__all__ = ["among", "change", "put"]

COPIED: Final = 100
"""From so many rows on PostgreSQL takes them faster as one stream than as statements."""


def among(session: Session, attribute: InstrumentedAttribute[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """That a column is one of some values, of which there may be thousands.

    PostgreSQL is given one array, since parameters cost more than rows, to join with: a plan that it keeps for any array would
    go through all of it for each row.
    """
    if not _on_postgresql(session):
        return attribute.in_(values)
    return attribute.in_(select(func.unnest(bindparam(None, list(values), type_=ARRAY(attribute.type)))))


def put(session: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, each with the same columns, in the transaction at hand."""
    table = cast(Table, kind.__table__)
    if len(rows) >= COPIED and _on_postgresql(session):
        _copy(session, table, rows)
    elif rows:
        session.execute(insert(table), list(rows))


def change(session: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Change rows, each with its primary key and the same other columns, in the transaction at hand."""
    if not rows:
        return
    table = cast(Table, kind.__table__)
    (key,) = table.primary_key.columns
    columns = [table.c[name] for name in rows[0] if name != key.name]
    if _on_postgresql(session):
        _change_at_once(session, table, key, columns, rows)
        return
    values = {one.name: bindparam(f"new_{one.name}", type_=one.type) for one in columns}
    statement = update(table).where(key == bindparam("the_key")).values(values)
    session.execute(
        statement, [{"the_key": row[key.name], **{f"new_{name}": row[name] for name in values}} for row in rows]
    )


def _on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _copy(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stream rows into PostgreSQL, each value as its column's type would have it bound."""
    connection = session.connection()
    columns = [table.c[name] for name in rows[0]]
    quoted = connection.dialect.identifier_preparer.quote
    by_column = []
    for one in columns:
        bound = one.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        by_column.append([row[one.name] if bound is None else bound(row[one.name]) for row in rows])
    into = f"COPY {quoted(table.name)} ({', '.join(quoted(one.name) for one in columns)}) FROM STDIN"
    raw = cast(Any, connection.connection.driver_connection)
    base = connection.dialect.loaded_dbapi.Error
    try:
        with raw.cursor() as cursor, cursor.copy(into) as stream:
            for values in zip(*by_column, strict=True):
                stream.write_row(values)
    except base as error:
        lost = connection.dialect.is_disconnect(error, raw, None)
        raise DBAPIError.instance(into, None, error, base, connection_invalidated=lost) from error


def _change_at_once(
    session: Session, table: Table, key: Column[Any], columns: Sequence[Column[Any]], rows: Sequence[Mapping[str, Any]]
) -> None:
    """One statement over arrays, where PostgreSQL would answer row by row."""
    every = [key, *columns]
    arrays = [bindparam(f"of_{one.name}", [row[one.name] for row in rows], type_=ARRAY(one.type)) for one in every]
    given = (
        func.unnest(*arrays).table_valued(*(column(one.name, one.type) for one in every), name="given").render_derived()
    )
    values = {one.name: given.c[one.name] for one in columns}
    session.execute(update(table).where(key == given.c[key.name]).values(values))
