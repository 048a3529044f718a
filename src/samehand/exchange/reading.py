"""A file of indicators, whatever its form: told apart by what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from samehand.errors import FormatError, NotFoundError
from samehand.exchange.drafts import TipDraft
from samehand.exchange.lists import read_plain, read_table
from samehand.exchange.misp import read_misp
from samehand.exchange.stix_reading import read_stix

__all__ = ["TIP_FORMATS", "read_tips"]

TABLES: Final = (".csv", ".tsv", ".parquet", ".jsonl")
READERS: Final[Mapping[str, str]] = {
    "stix": "a bundle of STIX 2.1", "misp": "one MISP event or a list of them", "table": "Meta's two forms",
    "plain": "one value a line",
}  # fmt: skip
TIP_FORMATS: Final = tuple(READERS)
HEAD: Final = 1 << 16


def read_tips(path: Path, form: str | None = None) -> list[TipDraft]:
    """The tips of a file.

    Args:
        path: STIX 2.1 or MISP as JSON, a table, or one value a line. form: of `TIP_FORMATS`; told from the file if None.

    Raises:
        NotFoundError: there is no such file. FormatError: it is none of these, or not what `form` says. LimitError: it is too
            large.

    """
    if path.is_dir():
        raise NotFoundError(f"{path}: is a folder; name the files in it")
    if not path.is_file():
        raise NotFoundError(f"{path}: there is no such file")
    chosen = form or _told(path)
    if chosen == "stix":
        return [read_stix(path)]
    if chosen == "misp":
        return read_misp(path)
    return [read_table(path) if chosen == "table" else read_plain(path)]


def _told(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz").removesuffix(".zst")
    if name.endswith(TABLES):
        return "table"
    with open(path, "rb") as file:
        head = file.read(HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise FormatError(f"{path} is empty")
    if head[:1] in (b"{", b"["):
        if b'"objects"' in head or b'"bundle"' in head:
            return "stix"
        if b'"Event"' not in head and b'"info"' not in head:
            raise FormatError(
                f"{path} is no STIX bundle (it has no list 'objects') and no MISP event (no 'Event' with an 'info'); --form "
                "says which it is if this is wrong"
            )
        return "misp"
    return "plain"
