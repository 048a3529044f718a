"""Many rows at once, past the mapper's bookkeeping, which costs more than the rows do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Column, Table, bindparam, column, func, insert, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from samehand.store.base import Base

__all__ = ["change", "put"]


def put(session: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, each with the same columns, in the transaction at hand."""
    if rows:
        session.execute(insert(cast(Table, kind.__table__)), list(rows))


def change(session: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Change rows, each with its primary key and the same other columns, in the transaction at hand."""
    if not rows:
        return
    table = cast(Table, kind.__table__)
    (key,) = table.primary_key.columns
    columns = [table.c[name] for name in rows[0] if name != key.name]
    if session.get_bind().dialect.name == "postgresql":
        _change_at_once(session, table, key, columns, rows)
        return
    values = {one.name: bindparam(f"new_{one.name}", type_=one.type) for one in columns}
    statement = update(table).where(key == bindparam("the_key")).values(values)
    session.execute(
        statement, [{"the_key": row[key.name], **{f"new_{name}": row[name] for name in values}} for row in rows]
    )


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
