"""A run on disk: `run.json` beside one Parquet file for each run table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from samehand.errors import InputError, NotFoundError
from samehand.records.files import private_file, replaced_folder
from samehand.records.schema import RUN_TABLES, SCHEMA_VERSION, empty_table, schema_of

_DICTIONARY_BYTES = 16 << 20
"""Up to this size a column's words are written once for each row group; beyond, they are written out row by row."""

__all__ = ["Run", "RunWriter", "write_run"]


@dataclass(frozen=True)
class Run:
    """A finished run, opened for reading.

    Attributes:
        path: the run's folder.
        info: what `run.json` holds: dataset, parameters, versions, seed, steps, timings.

    """

    path: Path
    info: dict[str, Any]

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Open a run folder.

        Raises:
            NotFoundError: the folder, or its `run.json`, is not there.
            InputError: `run.json` is not JSON, or a later version of samehand wrote it.

        """
        folder = Path(path)
        manifest = folder / "run.json"
        if not manifest.is_file():
            raise NotFoundError(
                f"{folder} is no run: it has no run.json (make one with `samehand detect DATASET --out {folder}`)"
            )
        try:
            info = json.loads(manifest.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{manifest} is damaged: {error}; run `samehand detect` again") from error
        if info.get("schema_version", 0) > SCHEMA_VERSION:
            raise InputError(
                f"{manifest} was written by a later samehand (schema {info['schema_version']}); upgrade samehand"
            )
        return cls(folder, info)

    def table(self, name: str, columns: list[str] | None = None, *, coded: bool = False) -> pa.Table:
        """Read one of the run's tables; `columns` selects some of them.

        Args:
            name: the table.
            columns: those to read, all if None.
            coded: texts as dictionary columns, which is much quicker where they repeat, as in receipts.

        Raises:
            NotFoundError: no run table bears that name, or its file is gone.

        """
        if name not in RUN_TABLES:
            raise NotFoundError(f"a run has no table '{name}'; it has {', '.join(RUN_TABLES)}")
        file = self.path / f"{name}.parquet"
        if not file.is_file():
            raise NotFoundError(f"{file} is missing from the run; run `samehand detect` again")
        texts = [field.name for field in RUN_TABLES[name] if pa.types.is_string(field.type)] if coded else None
        return pq.read_table(file, columns=columns, partitioning=None, read_dictionary=texts)


@dataclass
class RunWriter:
    """Collects a run's tables and facts inside a folder that replaces the old run only when all is written."""

    folder: Path
    info: dict[str, Any] = field(default_factory=dict)
    _written: set[str] = field(default_factory=set)

    def write(self, name: str, table: pa.Table) -> None:
        """Write one run table; its columns are cast to the declared schema, in declared order.

        Texts that come as dictionary columns are written as they are, which saves making millions of strings; the file
        says nothing of it, so that they are read as the texts they are.
        """
        schema = schema_of(name)
        file = self.folder / f"{name}.parquet"
        coded = [column for column in schema.names if pa.types.is_dictionary(table.schema.field(column).type)]
        for column in coded:
            declared = schema.field(column)
            kept = pa.field(column, table.schema.field(column).type, declared.nullable)
            schema = schema.set(schema.get_field_index(column), kept)
        ready = table.select(schema.names).cast(schema).unify_dictionaries()
        words = [chunk.dictionary.nbytes for column in coded for chunk in ready.column(column).chunks[:1]]
        # as a rule columns of more than a MiB of distinct values are written out: right for numbers, slow for words
        room = min(max([1 << 20, *(2 * size for size in words)]), _DICTIONARY_BYTES)
        pq.write_table(ready, file, compression="zstd", store_schema=not coded, dictionary_pagesize_limit=room)
        file.chmod(0o600)
        self._written.add(name)

    def finish(self) -> None:
        """Write `run.json` and an empty file for each table that nobody wrote."""
        for name in RUN_TABLES:
            if name not in self._written:
                self.write(name, empty_table(name))
        facts: Mapping[str, Any] = {"schema_version": SCHEMA_VERSION, **self.info}
        private_file(self.folder / "run.json", json.dumps(facts, indent=1, ensure_ascii=False, sort_keys=False) + "\n")


@contextmanager
def write_run(path: str | Path) -> Iterator[RunWriter]:
    """Write a run folder, whole or not at all; a folder at `path` that is no run is left alone.

    Raises:
        InputError: `path` exists and is not a run.

    """
    target = Path(path)
    if target.exists() and not (target / "run.json").is_file() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} exists and is no run; name another folder with --out, or remove it")
    with replaced_folder(target) as staging:
        writer = RunWriter(staging)
        yield writer
        writer.finish()
