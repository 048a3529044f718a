"""The files of `samehand expand`: what a tip names, and what a reviewer answered."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samehand.errors import FormatError, NotFoundError
from samehand.expansion import SEED_KINDS

__all__ = ["Answer", "Seed", "read_answers", "read_cells", "read_seeds"]


@dataclass(frozen=True)
class Seed:
    """One line of a tip: its row in the file or its place in the tip, the kind, and the value as it was written."""

    row: int
    kind: str
    value: str


@dataclass(frozen=True)
class Answer:
    """What a reviewer said of an asset."""

    row: int
    platform: str
    asset_id: str
    yes: bool


def read_seeds(path: str | Path) -> list[Seed]:
    """Read a CSV of kind and value.

    Raises:
        NotFoundError: no such file.
        FormatError: a column is missing, a kind is unknown or a value empty; the message says where.

    """
    file, found = Path(path), []
    for row, cells in read_cells(file, ("kind", "value"), "seeds"):
        kind, value = cells["kind"].lower(), cells["value"]
        if kind not in SEED_KINDS:
            raise FormatError(
                f"{file}, row {row}, kind: {cells['kind']!r} is none; write one of {', '.join(SEED_KINDS)}"
            )
        if not value:
            raise FormatError(f"{file}, row {row}, value: is empty; write what the {kind} is")
        found.append(Seed(row, kind, value))
    if not found:
        raise FormatError(f"{file}: has no rows; write at least one seed, such as asset,12345")
    return found


def read_answers(path: str | Path) -> list[Answer]:
    """Read a CSV of platform, asset_id and answer (yes or no).

    Raises:
        NotFoundError: no such file.
        FormatError: a column is missing, a cell cannot be read, or an asset is answered both ways; the message says where.

    """
    file, said = Path(path), dict[tuple[str, str], Answer]()
    for row, cells in read_cells(file, ("platform", "asset_id", "answer"), "answers"):
        for column in ("platform", "asset_id"):
            if not cells[column]:
                raise FormatError(f"{file}, row {row}, {column}: is empty; write the asset's")
        word = cells["answer"].lower()
        if word not in ("yes", "no"):
            raise FormatError(f"{file}, row {row}, answer: {cells['answer']!r} cannot be read; write yes or no")
        key = (cells["platform"], cells["asset_id"])
        before = said.setdefault(key, Answer(row, *key, word == "yes"))
        if before.yes != (word == "yes"):
            raise FormatError(
                f"{file}, row {row}, answer: says {word}, and row {before.row} says the other of {':'.join(key)}; keep one"
            )
    return list(said.values())


def read_cells(
    file: Path, columns: tuple[str, ...], what: str, *, also: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number in the file, and the cells of the columns without space around them; those of `also` may be absent.

    Raises:
        NotFoundError: no such file.
        FormatError: it is no CSV with these columns.

    """
    if file.is_dir():
        raise NotFoundError(f"{file}: is a folder; name the file of {what} in it")
    if not file.is_file():
        raise NotFoundError(f"{file}: there is no such file of {what}")
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
            missing = [column for column in columns if names.count(column) != 1]
            if missing:
                raise FormatError(
                    f"{file}: needs one column {missing[0]}, and has {', '.join(names) or 'none'}; write {','.join(columns)}"
                )
            reader.fieldnames = names
            for row, cells in enumerate(reader, start=2):
                if None in cells or None in cells.values():
                    raise FormatError(f"{file}, row {row}: has not as many cells as the header has")
                yield row, {column: cells.get(column, "").strip() for column in (*columns, *also)}
    except UnicodeDecodeError as error:
        raise FormatError(f"{file}: is no text in UTF-8 ({error}); save it as UTF-8") from error
    except csv.Error as error:
        raise FormatError(f"{file}: is no CSV ({error}); look for a quote that is not closed") from error
