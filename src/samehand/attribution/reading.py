"""Evidence as people write it down: a TOML or JSON file of pieces, each read as strictly as one that is typed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from samehand.attribution.evidence import EvidenceItem, read_evidence
from samehand.errors import FormatError, LimitError, NotFoundError

__all__ = ["read_evidence_file"]

LARGEST: Final = 4 << 20
MOST: Final = 1_000


def read_evidence_file(path: Path) -> list[EvidenceItem]:
    """The pieces of a file: `[[evidence]]` tables of TOML, or of JSON a list or an object with `evidence`.

    Raises:
        NotFoundError: there is no such file. LimitError: it has more than 4 MiB or 1,000 pieces. FormatError, UsageError: a
            piece is not as it has to be; the message names file and place.

    """
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file")
    if path.stat().st_size > LARGEST:
        raise LimitError(f"{path} has more than {LARGEST >> 20} MiB; evidence is said in a few words")
    rows = _rows(path)
    if not rows:
        raise FormatError(f"{path} has no evidence; write [[evidence]] tables, or a list of objects in JSON")
    if len(rows) > MOST:
        raise LimitError(f"{path} has {len(rows):,} pieces of evidence; {MOST:,} at most go in at once")
    return [_piece(row, f"{path}, evidence {number}") for number, row in enumerate(rows, start=1)]


def _rows(path: Path) -> list[Any]:
    try:
        text = path.read_text("utf-8")
        said: Any = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is no {'JSON' if path.suffix.lower() == '.json' else 'TOML'}: {error}") from error
    rows = said.get("evidence", []) if isinstance(said, dict) else said
    if isinstance(said, dict) and (more := sorted(set(said) - {"evidence"})):
        raise FormatError(
            f"{path}: '{more[0]}' is nothing that a file of evidence has; it has [[evidence]] tables alone"
        )
    return rows if isinstance(rows, list) else [rows]


def _piece(row: Any, where: str) -> EvidenceItem:
    if not isinstance(row, dict):
        raise FormatError(f"{where}: it is no table of a kind, what was found, and whose it is")
    return read_evidence(row, where)
