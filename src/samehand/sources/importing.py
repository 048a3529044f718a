"""Files into a dataset: all of them or none, every row kept, merged or rejected with a reason."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from samehand.errors import NotFoundError, UsageError
from samehand.records import (
    DATASET_TABLES,
    KEYS,
    Dataset,
    DatasetWriter,
    Extras,
    Source,
    SourceWriter,
    sha256_of,
    write_dataset,
)
from samehand.sources.catalogue import FORMATS, format_named
from samehand.sources.delimited import Delimited
from samehand.sources.documents import Documents
from samehand.sources.formats import Format, Shape, fitting
from samehand.sources.mapping import ColumnMap, read_map
from samehand.sources.pictures import IMAGES, read_pictures
from samehand.sources.rows import Context, Rows
from samehand.sources.streams import Limits
from samehand.sources.tabular import TableFile, open_table, table_shape
from samehand.sources.times import zone_named
from samehand.sources.x_api import Pages

__all__ = ["TRACES", "FileReport", "ImportReport", "Options", "import_files", "platform_named"]

TRACES = (
    "repost", "fast_repost", "url", "domain", "hashtag", "hashtag_sequence", "text", "image", "reply", "quote",
    "mention", "follow", "handle", "client", "period", "login", "admin",
)  # fmt: skip

Progress = Callable[[Path, int], None]
Reader = TableFile | Pages | Documents


@dataclass(frozen=True)
class Options:
    """How files are to be read.

    Attributes:
        format: the format's name.
        table: for format `table`, the table that the rows become.
        map_file: for format `table`, a TOML map of columns.
        platform: the platform of rows that do not say their own; the format's own if None.
        trace: for `coortweet` pairs, the trace that an object belongs to.
        timezone: the zone of times without one; UTC if None.
        limits: what is safe to open.

    """

    format: str
    table: str | None = None
    map_file: Path | None = None
    platform: str | None = None
    trace: str | None = None
    timezone: str | None = None
    limits: Limits = field(default_factory=Limits)

    def facts(self) -> dict[str, str]:
        """What a source of the manifest says about them; a map counts by its content."""
        given = {"table": self.table, "platform": self.platform, "trace": self.trace, "timezone": self.timezone}
        if self.map_file is not None and self.map_file.is_file():
            given["map"] = sha256_of(self.map_file)
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class FileReport:
    """What became of one file, or of one server.

    Attributes:
        path: the file; of a server its address.
        source: its entry in the manifest.
        held: whether the dataset had it already, so that nothing was done.

    """

    path: Path | str
    source: Source
    held: bool


@dataclass(frozen=True)
class ImportReport:
    """What became of an import.

    Attributes:
        dataset: the dataset's folder.
        files: one report a file, in the order given.
        rows: rows of each table of the dataset that has any.
        time_resolution_s: of the dataset, in seconds.

    """

    dataset: Path
    files: tuple[FileReport, ...]
    rows: Mapping[str, int]
    time_resolution_s: float


def import_files(
    paths: list[Path], into: str | Path, options: Options, *, progress: Progress | None = None
) -> ImportReport:
    """Read files of one format into a dataset; a file that it holds already changes nothing.

    Args:
        paths: the files.
        into: the dataset's folder; made when it is not there.
        options: how they are to be read.
        progress: called with a file and how many of its bytes have been read.

    Raises:
        UsageError: an option makes no sense; InputError: a file cannot be used. Nothing has changed then.

    """
    if options.format == IMAGES:
        return _import_pictures(paths, Path(into), options)
    chosen = _checked(paths, options)
    hashes = [sha256_of(path) for path in paths]
    folder = Path(into)
    held = _held(folder, options)
    fresh = {sha256: path for path, sha256 in reversed(list(zip(paths, hashes, strict=True))) if sha256 not in held}
    if fresh:
        with write_dataset(folder) as writer:
            for sha256 in dict.fromkeys(hashes):
                if sha256 in fresh:
                    _FileImport(fresh[sha256], sha256, chosen, options, writer, progress).run()
    dataset, sources = Dataset.open(folder), _held(folder, options)
    reports = []
    for path, sha256 in zip(paths, hashes, strict=True):
        reports.append(FileReport(path, sources[sha256], held=fresh.pop(sha256, None) is None))
    rows = {name: table.rows for name, table in dataset.manifest.tables.items() if table.rows}
    return ImportReport(folder, tuple(reports), rows, dataset.time_resolution_s)


def _import_pictures(paths: list[Path], into: Path, options: Options) -> ImportReport:
    """Hash image files; a path that is held already changes nothing."""
    if options.table or options.map_file or options.trace or options.timezone:
        raise UsageError(f"format '{IMAGES}' takes --platform only; its files have no columns")
    if not paths:
        raise UsageError("name at least one image file, or a folder of them")
    before = {one.file for one in Dataset.open(into).manifest.sources}
    sources = read_pictures(paths, into, options.platform)
    dataset = Dataset.open(into)
    reports = tuple(FileReport(path, one, held=one.file in before) for path, one in zip(paths, sources, strict=True))
    rows = {name: table.rows for name, table in dataset.manifest.tables.items() if table.rows}
    return ImportReport(into, reports, rows, dataset.time_resolution_s)


def _checked(paths: list[Path], options: Options) -> Format:
    chosen = format_named(options.format)
    if not paths:
        raise UsageError("name at least one file to import")
    for path in paths:
        if not path.is_file():
            raise NotFoundError(f"{path} is {'a folder, not a file' if path.is_dir() else 'not there'}; check the path")
    if options.timezone is not None:
        zone_named(options.timezone)
    platform_named(options.platform)
    if options.trace is not None and not chosen.takes_trace:
        raise UsageError(
            f"--trace means nothing for format '{chosen.name}'; it is for coortweet's pairs of object and share"
        )
    if options.trace is not None:
        _known(options.trace, TRACES, "trace")
    if chosen.name != "table" and (options.table or options.map_file):
        raise UsageError(f"--table and --map are for format 'table'; '{chosen.name}' knows its columns")
    if options.table is not None:
        _known(options.table, [name for name in DATASET_TABLES if name != "rejects"], "table")
    return chosen


def platform_named(platform: str | None) -> str | None:
    """A platform's name as it was given.

    Raises:
        UsageError: it is blank, or holds the colon that parts a platform from an account.

    """
    if platform is not None and (not platform.strip() or ":" in platform):
        raise UsageError(f"'{platform}' is no name of a platform; use a word without a colon, such as mastodon")
    return platform


def _known(word: str, words: tuple[str, ...] | list[str], what: str) -> None:
    if word not in words:
        near = difflib.get_close_matches(word, words, 1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise UsageError(f"there is no {what} '{word}'; {hint}known are {', '.join(words)}")


def _held(folder: Path, options: Options) -> dict[str, Source]:
    """Sources that the dataset has and that were read in the same way, by SHA-256."""
    if not (folder / "dataset.json").is_file():
        return {}
    facts = options.facts()
    sources = Dataset.open(folder).manifest.sources
    return {one.sha256: one for one in sources if one.format == options.format and one.options == facts and one.sha256}


@dataclass
class _FileImport:
    """One file on its way into a dataset."""

    path: Path
    sha256: str
    chosen: Format
    options: Options
    writer: DatasetWriter
    progress: Progress | None
    reasons: Counter[str] = field(default_factory=Counter)
    extras_counts: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Read the file, batch by batch."""
        reader = self._reader()
        shape, given = self._shape(reader.columns)
        context = self._context(shape, given)
        names = dict(given.columns) if given is not None else shape.names(reader.columns)
        if isinstance(reader, Pages):
            names, extras = {name: name for name in (*shape.optional,)}, []
        elif given is not None:
            extras = [column for column in reader.columns if column not in names.values()]
        else:
            extras = shape.extras(reader.columns)
        facts = Source(
            self.writer.unique_name(self.path.name), self.chosen.name, self.sha256, shape.table, self.options.facts()
        )
        source = self.writer.source(facts)
        aside = _Aside(extras, shape.table, source)
        for batch in reader.batches():
            self._take(Rows(batch, names, context), shape, source, aside)
            if self.progress is not None and reader.stream is not None:
                self.progress(self.path, reader.stream.position)
        self._close(source, context, aside, _repairs(reader))

    def _reader(self) -> Reader:
        limits = self.options.limits
        if self.chosen.content == "jsonl":
            return Pages(self.path, limits)
        if self.chosen.reading is not None:
            return Documents(self.path, limits, self.chosen.reading, self.chosen.shapes[0].optional)
        if self.chosen.name == "table":
            return open_table(self.path, limits)
        return Delimited(self.path, limits)

    def _shape(self, columns: list[str]) -> tuple[Shape, ColumnMap | None]:
        if self.chosen.name == "table":
            table = self.options.table or "posts"
            given = read_map(self.options.map_file, table) if self.options.map_file else None
            return table_shape(table, columns, given, self.path)
        if self.chosen.content != "delimited":
            return self.chosen.shapes[0], None
        return fitting(self.chosen, columns, self.path, FORMATS.values()), None

    def _context(self, shape: Shape, given: ColumnMap | None) -> Context:
        zone = self.options.timezone or (given.timezone if given else None) or shape.zone
        zone_named(zone or "UTC")
        return Context(
            platform=self.options.platform or shape.platform or self.chosen.platform,
            trace=self.options.trace,
            zone=zone or "UTC",
            zone_known=zone is not None,
            identity=self.sha256[:16],
            pattern=shape.pattern,
            folder=self.path.parent,
        )

    def _take(self, rows: Rows, shape: Shape, source: SourceWriter, aside: _Aside) -> None:
        records = shape.read(rows)
        for name, table in records.items():
            source.add(name, table)
        aside.take(rows, records[shape.table])
        rejects = rows.rejects()
        self.reasons.update(reject.reason for reject in rejects)
        source.reject([(reject.row, reject.reason, reject.raw) for reject in rejects])

    def _close(self, source: SourceWriter, context: Context, aside: _Aside, repairs: list[str]) -> None:
        notes = [*repairs, *context.notes]
        if context.made_ids:
            notes.append(f"{context.made_ids:,} posts have no id: theirs are made of the file's content and the row")
        if context.zoneless and not context.zone_known:
            notes.append(f"{context.zoneless:,} times had no zone and were read as UTC; name theirs with --timezone")
        elif context.zoneless and context.zone != "UTC":
            notes.append(f"{context.zoneless:,} times had no zone and were read as {context.zone}")
        source.facts = replace(
            source.facts,
            rejected=sum(self.reasons.values()),
            reasons=dict(self.reasons.most_common()),
            unreadable=dict(sorted(context.unreadable.items())),
            extras=aside.close(),
            notes=tuple(notes),
        )


def _repairs(reader: Reader) -> list[str]:
    stream = reader.stream
    if stream is None:
        return []
    notes = []
    if stream.encoding != "utf-8":
        notes.append(f"the file is in {stream.encoding.upper()}")
    if stream.repaired:
        notes.append(f"{stream.repaired:,} bytes were no UTF-8 and were read as Windows-1252")
    if stream.nul:
        notes.append(f"{stream.nul:,} NUL bytes were left out")
    return notes


class _Aside:
    """Columns that no table has, in a Parquet file of their own: row number, the record's key, the columns as text."""

    def __init__(self, names: list[str], table: str, source: SourceWriter) -> None:
        self._names = names
        self._keys = KEYS.get(table, ())
        self._source = source
        self._counts = Counter(dict.fromkeys(names, 0))
        # a file may have a column of the name of one of ours
        self._written = {name: name if name not in ("row", *self._keys) else f"{name} (file)" for name in names}
        texts: list[pa.Field[Any]] = [pa.field(name, pa.string()) for name in (*self._keys, *self._written.values())]
        self._sink = source.extras(pa.schema([pa.field("row", pa.int64()), *texts])) if names else None

    def take(self, rows: Rows, records: pa.Table) -> None:
        if self._sink is None:
            return
        aside = rows.aside(self._names)
        numbers, *cells = aside.columns
        for name, column in zip(self._names, cells, strict=True):
            self._counts[name] += len(column) - column.null_count
        columns = [numbers, *(records.column(key) for key in self._keys), *cells]
        self._sink[0].write(pa.Table.from_arrays(columns, schema=self._sink[0].schema))

    def close(self) -> Extras | None:
        if self._sink is None:
            return None
        sink, file = self._sink
        sink.close()
        return Extras(file, {self._written[name]: count for name, count in self._counts.items()})
