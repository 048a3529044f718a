"""What a platform does not hand over."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from samehand.records import empty_table, required_columns
from samehand.simulation.parameters import ALL_PROFILE_DATA

__all__ = ["without"]

_POST_COLUMNS = ("client", "deleted_at")


def without(tables: Mapping[str, pa.Table], withheld: tuple[str, ...]) -> dict[str, pa.Table]:
    """The tables with what is withheld left out: whole tables empty, columns null.

    Args:
        tables: by name.
        withheld: `TABLE`, `TABLE.COLUMN`, or `all profile data`: every nullable column of assets, asset_history,
            relations, logins, and the client and the deletion of posts.

    """
    names = set(withheld)
    if ALL_PROFILE_DATA in names:
        optional = set(tables["assets"].column_names) - set(required_columns("assets"))
        names |= {"asset_history", "relations", "logins"} | {f"assets.{column}" for column in optional}
        names |= {f"posts.{column}" for column in _POST_COLUMNS}
    return {
        name: empty_table(name) if name in names else _blanked(name, table, names) for name, table in tables.items()
    }


def _blanked(name: str, table: pa.Table, withheld: set[str]) -> pa.Table:
    for place, field in enumerate(table.schema):
        if f"{name}.{field.name}" in withheld:
            table = table.set_column(place, field, pa.nulls(table.num_rows, field.type))
    return table
