"""Files and datasets for the tests of sources."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa

from samehand.records import Dataset
from samehand.sources import FileReport, Options, import_files

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def written(path: Path, content: str | bytes | tuple[str, ...]) -> Path:
    """A file with this content; lines if a tuple; compressed where the suffix says so."""
    if isinstance(content, tuple):
        content = "\n".join(content) + "\n"
    data = content.encode() if isinstance(content, str) else content
    if path.suffix == ".zst":
        with pa.output_stream(str(path), compression="zstd") as stream:
            stream.write(data)
    else:
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def imported(path: Path, into: Path, options: Options) -> tuple[FileReport, Dataset]:
    """One file's report and the dataset after its import."""
    report = import_files([path], into, options)
    return report.files[0], Dataset.open(into)


def rows(dataset: Dataset, table: str, *columns: str) -> list[dict[str, Any]]:
    """Some columns of a table's rows."""
    found: list[dict[str, Any]] = dataset.table(table, list(columns) or None).to_pylist()
    return found
