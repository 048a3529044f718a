"""Writing a dataset, whole or not at all, beside what it held before."""

from __future__ import annotations

import difflib
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from samehand.errors import FormatError, InputError, JobError
from samehand.records.arrow import Chunked, places
from samehand.records.dataset import Dataset, table_files
from samehand.records.files import private_file, replaced_folder, sha256_of
from samehand.records.manifest import MANIFEST_NAME, Manifest, Source, TableFile
from samehand.records.resolution import ResolutionMeter, time_column
from samehand.records.schema import DATASET_TABLES, schema_of
from samehand.records.staging import HELD, MergeCounts, Stage, TableSink

__all__ = ["DatasetWriter", "SourceWriter", "fitted", "write_dataset"]

_ACCOUNT_TABLES = ("posts", "activities")


def fitted(name: str, table: pa.Table) -> pa.Table:
    """A table with exactly the declared columns of `name`, cast, missing ones null.

    Raises:
        FormatError: a column is unknown, cannot be cast, or holds nulls where none are allowed.

    """
    schema = schema_of(name)
    for column in table.column_names:
        if column not in schema.names:
            near = difflib.get_close_matches(column, schema.names, 1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; it has {', '.join(schema.names)}"
            raise FormatError(f"table '{name}' has no column '{column}'{hint}")
    columns: list[Chunked] = []
    for declared in schema:
        if declared.name not in table.column_names:
            cells: Chunked = pa.chunked_array([pa.nulls(table.num_rows, declared.type)])
        else:
            try:
                cells = table.column(declared.name).cast(declared.type)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise FormatError(
                    f"column '{declared.name}' of '{name}' does not become {declared.type}: {error}"
                ) from error
        if not declared.nullable and cells.null_count:
            raise FormatError(f"column '{declared.name}' of '{name}' may not be null, and {cells.null_count} rows are")
        columns.append(cells)
    return pa.Table.from_arrays(columns, schema=schema)


@dataclass
class SourceWriter:
    """Takes the rows of one source, and keeps its counts.

    Attributes:
        facts: the source as it will stand in the manifest; `kept` and `merged` are known when all is written.
        number: its number among the sources of this writing.

    """

    writer: DatasetWriter
    facts: Source
    number: int
    meter: ResolutionMeter = field(default_factory=ResolutionMeter)
    rows: int = 0

    def add(self, name: str, table: pa.Table) -> None:
        """Add rows to a table; rows of the source's own table are counted as rows of the file.

        Raises:
            FormatError: the columns do not fit the table.

        """
        rows = fitted(name, table)
        mine = name == self.facts.table
        if mine:
            if name == "assets":
                self.writer.settle_along()
            self.writer.stage(name).add(rows, self.number)
            self.rows += rows.num_rows
            if (column := time_column(name)) is not None:
                self.meter.take(rows.column(column))
        elif name == "assets":
            self.writer.along(rows)
        else:
            self.writer.stage(name).add(rows, HELD)
        if name in _ACCOUNT_TABLES:
            self.writer.accounts(rows)

    def reject(self, rejects: Sequence[tuple[int, str, str]]) -> None:
        """Keep rows that could not be read: number in the file, reason, raw text; the caller counts them in `facts`."""
        if rejects:
            rows, reasons, raws = zip(*rejects, strict=True)
            count = len(rejects)
            columns = {"table": [self.facts.table] * count, "source": [self.facts.file] * count}
            table = pa.table({**columns, "row": rows, "reason": reasons, "raw": raws})
            self.writer.stage("rejects").add(fitted("rejects", table), HELD)

    def extras(self, schema: pa.Schema) -> tuple[TableSink, str]:
        """A file for the columns of this source that no table has, and its name in the dataset."""
        return self.writer.extras(schema, self.number)

    def finished(self, counts: MergeCounts) -> Source:
        """The source with its counts."""
        merged = counts.merged.get(self.number, 0)
        return replace(
            self.facts,
            time_resolution=self.meter.step_s,
            read=self.rows + self.facts.rejected,
            kept=self.rows - merged,
            merged=merged,
            differing=dict(sorted(counts.differing.get(self.number, {}).items())),
        )


class DatasetWriter:
    """Collects new rows of a dataset in a folder that replaces the old one only when all is written."""

    def __init__(self, folder: Path, target: Path, found: Dataset | None, held: Dataset | None, name: str) -> None:
        self.manifest = held.manifest if held else Manifest(name)
        self.sources: list[SourceWriter] = []
        self._folder = folder
        self._found = found
        self._held = held
        self._target = target
        self._work = folder / ".work"
        self._work.mkdir(mode=0o700)
        self._stages: dict[str, Stage] = {}
        self._direct: dict[str, SourceWriter] = {}
        self._accounts: list[pa.Table] = []
        self._along: list[pa.Table] = []
        self._along_names: list[Chunked] = []
        self._placeholders: list[pa.Table] = []
        self._accounts_rows = 0

    def add(self, table_name: str, table: pa.Table) -> None:
        """Add rows that a program made; a column that is missing is null, a row whose key is held is merged.

        Raises:
            FormatError: a column is unknown, of another type, or null where it may not be.

        """
        if table_name not in self._direct:
            schema_of(table_name)
            self._direct[table_name] = self.source(Source("", "direct", "", table_name))
        self._direct[table_name].add(table_name, table)

    def source(self, facts: Source) -> SourceWriter:
        """Begin a source: a file whose rows are added through what is returned."""
        self.sources.append(SourceWriter(self, facts, len(self.sources)))
        return self.sources[-1]

    def unique_name(self, file: str) -> str:
        """The file's name, or `name#2`, `name#3` where the dataset has a source of that name."""
        taken = {source.file for source in self.manifest.sources} | {source.facts.file for source in self.sources}
        name, number = file, 1
        while name in taken:
            number += 1
            name = f"{file}#{number}"
        return name

    def extras(self, schema: pa.Schema, source: int) -> tuple[TableSink, str]:
        """A file below `extras/` for the columns of one source that no table has, and its name in the dataset."""
        folder = self._folder / "extras"
        folder.mkdir(mode=0o700, exist_ok=True)
        name = f"extras/source-{len(self.manifest.sources) + source:04d}.parquet"
        return TableSink(self._folder / name, schema), name

    def stage(self, name: str) -> Stage:
        """Where new rows of a table are collected."""
        if name not in self._stages:
            held = table_files(self._held.path, name) if self._held else []
            stage = self._stages[name] = Stage(name, self._work, [] if name == "assets" else held)
            if name == "assets":
                self._restage_assets(stage)
        return self._stages[name]

    def _restage_assets(self, stage: Stage) -> None:
        """Rows that only say that an account exists make way for rows that say more: they go last."""
        if self._held is None:
            return
        for batch in self._held.batches("assets"):
            rows = pa.Table.from_batches([batch])
            bare = pc.equal(rows.column("kind"), "account")
            for column in rows.column_names[3:]:
                bare = pc.and_(bare, pc.is_null(rows.column(column)))
            stage.add(rows.filter(pc.invert(bare)), HELD)
            self._placeholders.append(rows.filter(bare))

    def along(self, rows: pa.Table) -> None:
        """Take assets that came along with posts: the same row again and again, so that it is kept once."""
        self._along.append(_distinct([rows]))
        if sum(part.num_rows for part in self._along) > 4 * max(250_000, self._along[0].num_rows):
            self._along = [_distinct(self._along)]

    def settle_along(self) -> None:
        """Stage what came along so far, so that rows are staged in the order in which they came."""
        if self._along:
            rows = _distinct(self._along)
            self._along_names.append(_names(rows))
            self.stage("assets").add(rows, HELD)
            self._along = []

    def accounts(self, rows: pa.Table) -> None:
        """Note whose posts or activities these are, so that each has an asset."""
        self._accounts.append(rows.group_by(["platform", "asset_id"], use_threads=False).aggregate([]))
        self._accounts_rows += self._accounts[-1].num_rows
        if self._accounts_rows > 4 * max(250_000, self._accounts[0].num_rows):
            together = pa.concat_tables(self._accounts)
            self._accounts = [together.group_by(["platform", "asset_id"], use_threads=False).aggregate([])]
            self._accounts_rows = self._accounts[0].num_rows

    def _derive_assets(self) -> None:
        """An asset for each account that published something, unless there is one."""
        self.settle_along()
        if not self._accounts and "assets" not in self._stages:
            return
        stage = self.stage("assets")
        for rows in self._placeholders:
            stage.add(rows, HELD)
        for rows in [_distinct(self._accounts)] if self._accounts else []:
            for names in self._along_names:  # to say only that an account exists which came along adds nothing
                rows = rows.filter(pc.invert(pc.is_in(_names(rows), value_set=names.combine_chunks())))
            kind = pa.array(["account"], pa.string()).take(places(np.zeros(rows.num_rows, np.int32)))
            stage.add(fitted("assets", rows.append_column("kind", kind)), HELD)
        self._accounts, self._placeholders = [], []

    def finish(self) -> Manifest:
        """Write every table and `dataset.json`; the sources' counts are in what is returned."""
        self._derive_assets()
        counts = {name: stage.finish(self._folder) for name, stage in self._stages.items()}
        self._keep_untouched()
        shutil.rmtree(self._work)
        sources = [source.finished(counts.get(source.facts.table, MergeCounts())) for source in self.sources]
        tables = {name: self._described(name) for name in DATASET_TABLES}
        manifest = replace(self.manifest, sources=(*self.manifest.sources, *sources), tables=tables)
        private_file(self._folder / MANIFEST_NAME, manifest.text())
        self._refuse_overtaking()
        return manifest

    def _keep_untouched(self) -> None:
        """Give tables that got no rows a second name in the new folder, or make them empty; the same for extras."""
        for name in DATASET_TABLES:
            if name not in self._stages:
                held = table_files(self._held.path, name) if self._held else []
                Stage(name, self._work, held).finish(self._folder)
        if self._held is not None and (self._held.path / "extras").is_dir():
            (self._folder / "extras").mkdir(mode=0o700, exist_ok=True)
            for file in (self._held.path / "extras").iterdir():
                (self._folder / "extras" / file.name).hardlink_to(file)

    def _described(self, name: str) -> TableFile:
        files = table_files(self._folder, name)
        rows = sum(pq.read_metadata(file).num_rows for file in files)
        hashes = [sha256_of(file) for file in files]
        return TableFile(rows, hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest())

    def _refuse_overtaking(self) -> None:
        now = Manifest.read(self._target) if (self._target / MANIFEST_NAME).is_file() else None
        if now != (self._found.manifest if self._found else None):
            raise JobError(
                f"{self._target} was changed by another process meanwhile; nothing was written: run this again"
            )


def _distinct(parts: list[pa.Table]) -> pa.Table:
    """Each row once, in the order of its first appearance."""
    together = pa.concat_tables(parts)
    numbered = together.append_column("row", places(np.arange(together.num_rows)))
    first = numbered.group_by(together.column_names, use_threads=False).aggregate([("row", "min")]).column("row_min")
    return together.take(places(np.sort(np.asarray(first))))


def _names(rows: pa.Table) -> Chunked:
    """platform:asset_id; a platform's name has no colon."""
    names: Chunked = pc.binary_join_element_wise(rows.column("platform"), rows.column("asset_id"), ":")
    return names


def _found(target: Path) -> Dataset | None:
    if (target / MANIFEST_NAME).is_file():
        return Dataset.open(target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} exists and is no dataset; name another folder, or remove it")
    return None


@contextmanager
def write_dataset(path: str | Path, *, name: str | None = None, replace: bool = False) -> Iterator[DatasetWriter]:
    """Write a dataset folder, whole or not at all; to one that exists the rows are added.

    Args:
        path: the dataset's folder.
        name: the dataset's name when it is new; the folder's name if not given.
        replace: leave what an earlier dataset at `path` held behind instead of adding to it.

    Raises:
        InputError: `path` exists and is no dataset.
        JobError: another process changed the dataset meanwhile.

    """
    target = Path(path)
    found = _found(target)
    with replaced_folder(target) as staging:
        writer = DatasetWriter(staging, target, found, None if replace else found, name or target.absolute().name)
        yield writer
        writer.finish()
