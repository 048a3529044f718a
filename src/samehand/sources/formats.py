"""What a format is: the columns of its files, an example of each, and how a batch of rows becomes records.

A format has one or more shapes, told apart by the header. A new format is one module with a `Format` in it, named in
`catalogue`; its example feeds the tests and `docs/formats.md`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa

from samehand.errors import FormatError
from samehand.sources.documents import Reading
from samehand.sources.rows import Rows, plain_name

__all__ = ["Format", "Records", "Shape", "fitting"]

Records = Mapping[str, pa.Table]
"""Table name -> rows; those of the shape's own table are counted as rows of the file."""


@dataclass(frozen=True)
class Shape:
    """One kind of file of a format.

    Attributes:
        name: what the file holds, as people call it.
        table: the table that its rows become.
        required: columns without which it is not such a file.
        optional: columns that are read when they are there.
        read: accepted rows of a batch by table.
        example: lines of a made-up file, header first.
        spellings: other names of a column that are met.
        positional: whether columns go by place and the header may say anything; then `required` is the order.
        ignored: columns that are known and on purpose neither read nor kept.
        zone: the zone of its times when the format fixes it.
        pattern: how its times are written where that is unusual.
        platform: the platform of its rows, where that is not the format's.

    """

    name: str
    table: str
    required: tuple[str, ...]
    read: Callable[[Rows], Records]
    example: tuple[str, ...]
    optional: tuple[str, ...] = ()
    spellings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    positional: bool = False
    ignored: tuple[str, ...] = ()
    zone: str | None = None
    pattern: str | None = None
    platform: str | None = None

    def names(self, columns: list[str]) -> dict[str, str]:
        """For each column that this shape knows and the file has, the file's own name of it."""
        if self.positional:
            return dict(zip(self.required, columns, strict=False))
        found = {plain_name(column): column for column in reversed(columns)}
        known = {}
        for name in (*self.required, *self.optional):
            for spelling in (name, *self.spellings.get(name, ())):
                if plain_name(spelling) in found:
                    known[name] = found[plain_name(spelling)]
                    break
        return known

    def fits(self, columns: list[str]) -> bool:
        """Whether a file with these columns is one of this shape."""
        if self.positional:
            return len(columns) == len(self.required)
        return set(self.required) <= self.names(columns).keys()

    def extras(self, columns: list[str]) -> list[str]:
        """Columns of the file that this shape does not know."""
        known = {*self.names(columns).values()}
        ignored = {plain_name(name) for name in self.ignored}
        return [column for column in columns if column not in known and plain_name(column) not in ignored]


@dataclass(frozen=True)
class Format:
    """A platform's or a tool's way to write files.

    Attributes:
        name: as on the command line.
        title: what it is, in a line.
        platform: the platform of rows that do not say their own.
        shapes: the kinds of its files.
        content: `delimited` (CSV or TSV), `jsonl` or `json`.
        reading: how JSON becomes rows of cells, for `json`.
        takes_trace: whether `--trace` means something for it.

    """

    name: str
    title: str
    platform: str
    shapes: tuple[Shape, ...]
    content: Literal["delimited", "jsonl", "json"] = "delimited"
    reading: Reading | None = None
    takes_trace: bool = False


def fitting(chosen: Format, columns: list[str], path: Path, others: Iterable[Format]) -> Shape:
    """The shape of a format that fits a file's columns; of several the one that knows most of them.

    Raises:
        FormatError: none fits; the message has what was expected, what was found, and what is nearest.

    """
    fits = [shape for shape in chosen.shapes if shape.fits(columns)]
    if fits:
        return max(fits, key=lambda shape: len(shape.names(columns)))
    lines = [f"{path} does not have the columns of format '{chosen.name}'"]
    for shape in chosen.shapes:
        if shape.positional:
            expected = (
                f"expected ({shape.name}): {len(shape.required)} columns in this order: {', '.join(shape.required)}"
            )
            lines.append(f"  {expected}; found {len(columns)}")
            continue
        lines.append(f"  expected ({shape.name}): {', '.join(shape.required)}")
        lines += _missing(shape, columns)
    lines.append(f"  found: {', '.join(columns)}")
    better = [one.name for one in others if _takes(one, columns)]
    lines.append(f"  {_advice(better, chosen)}")
    raise FormatError("\n".join(lines))


def _takes(other: Format, columns: list[str]) -> bool:
    return other.content == "delimited" and any(shape.fits(columns) and not shape.positional for shape in other.shapes)


def _missing(shape: Shape, columns: list[str]) -> list[str]:
    known = shape.names(columns)
    lines = []
    for name in shape.required:
        if name not in known:
            near = difflib.get_close_matches(name, [plain_name(column) for column in columns], 1, cutoff=0.5)
            lines.append(f"    missing: {name}" + (f" (nearest: {near[0]})" if near else ""))
    return lines


def _advice(better: list[str], chosen: Format) -> str:
    if better:
        return f"these columns fit format '{better[0]}': `samehand import {better[0]} ...`"
    if chosen.name == "table":
        return "name the columns in a map: `samehand import table FILE --into DATASET --map MAP.toml`"
    return "rename the columns, or read the file with `samehand import table FILE --into DATASET --map MAP.toml`"
