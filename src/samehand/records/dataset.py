"""A dataset on disk: `dataset.json` beside one Parquet file, or a folder of parts, for each table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from samehand.errors import InputError, NotFoundError
from samehand.records.manifest import Manifest
from samehand.records.schema import DATASET_TABLES

__all__ = ["Dataset", "table_files"]

BATCH_ROWS = 65_536


def table_files(folder: Path, name: str) -> list[Path]:
    """The Parquet files of one table in order: `NAME.parquet` itself, or the parts of the folder of that name."""
    path = folder / f"{name}.parquet"
    if path.is_dir():
        return sorted(path.glob("*.parquet"))
    return [path] if path.is_file() else []


@dataclass(frozen=True)
class Dataset:
    """A dataset, opened for reading.

    Attributes:
        path: the dataset's folder.
        manifest: what `dataset.json` holds.

    """

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: str | Path) -> Dataset:
        """Open a dataset folder.

        Raises:
            NotFoundError: the folder, or its `dataset.json`, is not there.
            InputError: `dataset.json` is damaged, or a later samehand wrote it.

        """
        folder = Path(path)
        return cls(folder, Manifest.read(folder))

    @property
    def hash(self) -> str:
        """SHA-256 over the content of all tables; equal content written in the same order gives the same hash."""
        digest = hashlib.sha256()
        for name in DATASET_TABLES:
            table = self.manifest.tables.get(name)
            digest.update(f"{name}:{table.sha256 if table else ''}\n".encode())
        return digest.hexdigest()

    @property
    def time_resolution_s(self) -> float:
        """The coarsest time resolution of the sources of posts and activities, in seconds; 1e-6 when there is none."""
        steps = [
            source.time_resolution
            for source in self.manifest.sources
            if source.table in ("posts", "activities") and source.time_resolution is not None
        ]
        return max(steps, default=1e-6)

    def rows(self, name: str) -> int:
        """How many rows a table has.

        Raises:
            NotFoundError: no dataset table bears that name.

        """
        return sum(pq.read_metadata(file).num_rows for file in self.files(name))

    def files(self, name: str) -> list[Path]:
        """The Parquet files of a table in order.

        Raises:
            NotFoundError: no dataset table bears that name, or its file is gone.

        """
        if name not in DATASET_TABLES:
            raise NotFoundError(f"a dataset has no table '{name}'; it has {', '.join(DATASET_TABLES)}")
        files = table_files(self.path, name)
        if not files:
            raise NotFoundError(f"{self.path / name}.parquet is missing from the dataset; import its files again")
        return files

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a whole table; `columns` selects some of them, in that order.

        Raises:
            NotFoundError: no table or column bears that name, or a file is gone.

        """
        schema = self._schema(name, columns)
        return pa.Table.from_batches(self.batches(name, columns), schema=schema)

    def batches(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Read a table in a stream, in order, some ten thousand rows at a time.

        Raises:
            NotFoundError: no table or column bears that name, or a file is gone.
            InputError: a file is no Parquet file of ours.

        """
        schema = self._schema(name, columns)
        for file in self.files(name):
            try:
                with pq.ParquetFile(file) as parquet:
                    for batch in parquet.iter_batches(batch_size=BATCH_ROWS, columns=schema.names):
                        yield batch.select(schema.names).cast(schema)
            except pa.ArrowException as error:
                raise InputError(f"{file} cannot be read ({error}); import its files again") from error

    def _schema(self, name: str, columns: Sequence[str] | None) -> pa.Schema:
        if name not in DATASET_TABLES:
            self.files(name)
        schema = DATASET_TABLES[name]
        if columns is None:
            return schema
        for column in columns:
            if column not in schema.names:
                raise NotFoundError(f"table '{name}' has no column '{column}'; it has {', '.join(schema.names)}")
        return pa.schema([schema.field(column) for column in columns])
