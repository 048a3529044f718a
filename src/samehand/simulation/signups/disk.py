"""A world of sign-ups on disk: a dataset with its truth, and what was taken down before, beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from samehand.records import private_file, schema_of, write_dataset
from samehand.simulation.columns import Column, looked_up, strings
from samehand.simulation.signups.world import SignupWorld

__all__ = ["write_signups"]


def write_signups(world: SignupWorld, path: Path) -> None:
    """Write a world as a dataset with `truth.csv` and `known_bad.csv` beside its tables.

    The tables hold `signups` and `assets`, and `logins` and `labels` where the world has them; an
    earlier dataset at `path` is replaced. Empty cells are nulls.

    Raises:
        InputError: `path` exists and is no dataset.

    """
    with write_dataset(path, replace=True) as writer:
        writer.add("assets", _assets(world.signups))
        writer.add("signups", world.signups)
        for name, table in (("logins", world.logins), ("labels", world.labels)):
            if len(table):
                writer.add(name, table)
    for name, table in (("truth", world.truth), ("known_bad", world.known_bad)):
        private_file(path / f"{name}.csv", _csv(table))


def _assets(signups: pa.Table) -> pa.Table:
    """What the platform shows of each account right after it signed up."""
    rows, schema = signups.num_rows, schema_of("assets")
    language: Column = pc.list_element(pc.split_pattern(signups["locale"], "-"), 0)
    known = {
        "platform": signups["platform"],
        "asset_id": signups["asset_id"],
        "kind": looked_up(strings(["account"]), np.zeros(rows, dtype=np.int64)),
        "handle": signups["username"],
        "display_name": signups["display_name"],
        "created_at": signups["at"],
        "avatar_hash": signups["avatar_hash"],
        "language": language,
    }
    return pa.Table.from_arrays(
        [known[item.name] if item.name in known else pa.nulls(rows, item.type) for item in schema], schema=schema
    )


def _csv(table: pa.Table) -> str:
    """The table with ISO times and an empty cell for null."""
    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        columns[name] = column
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(pa.table(columns), sink, pa_csv.WriteOptions(quoting_style="needed"))
    return str(sink.getvalue().to_pybytes(), "utf-8")
