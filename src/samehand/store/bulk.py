"""Many rows at once, past the mapper's bookkeeping, which costs more than the rows do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update
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
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in rows[0] if name != key.name}
    statement = update(table).where(key == bindparam("the_key")).values(values)
    session.execute(
        statement,
        [{"the_key": row[key.name], **{f"new_{name}": row[name] for name in values}} for row in rows],
    )
