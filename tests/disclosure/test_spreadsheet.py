"""The harmonised report as a spreadsheet says what its parts say."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from samehand.disclosure import HARMONISED, MEASURES, Counts, harmonised_book, harmonised_parts
from samehand.errors import MissingExtraError

AT = datetime(2026, 10, 1, tzinfo=UTC)
COUNTS = Counts(
    datetime(2026, 7, 1, tzinfo=UTC), AT, {**dict.fromkeys(MEASURES, 0), "account_suspension": 30}, {}, {}, {}, {}, {},
    {"received": 2}, {},
)  # fmt: skip
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _read(book: bytes) -> dict[str, list[list[str | float | None]]]:
    """By sheet its cells, row by row."""
    with zipfile.ZipFile(io.BytesIO(book)) as whole:
        strings = [
            "".join(one.itertext())
            for one in ElementTree.fromstring(whole.read("xl/sharedStrings.xml")).iter(f"{MAIN}si")
        ]
        names = [
            str(one.get("name")) for one in ElementTree.fromstring(whole.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        ]
        sheets = {}
        for number, name in enumerate(names, start=1):
            sheet = ElementTree.fromstring(whole.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(sheet.iter(f"{MAIN}f")), "a formula"
            sheets[name] = [[_cell(row, letter, strings) for letter in "ABCDE"] for row in sheet.iter(f"{MAIN}row")]
    return sheets


def _cell(row: ElementTree.Element, letter: str, strings: list[str]) -> str | float | None:
    for cell in row.iter(f"{MAIN}c"):
        value = cell.findtext(f"{MAIN}v")
        if str(cell.get("r")).startswith(letter) and value is not None:
            return strings[int(value)] if cell.get("t") == "s" else float(value)
    return None


def test_each_part_is_a_sheet_in_its_order_with_the_cells_of_its_table() -> None:
    parts = harmonised_parts(COUNTS)
    sheets = _read(harmonised_book(parts, AT))
    assert list(sheets) == list(HARMONISED)
    for name, table in parts.items():
        head, *rows = sheets[name]
        assert head == table.column_names
        assert rows == [[value if value != "" else None for value in row.values()] for row in table.to_pylist()]
    own = {row[2]: row[3] for row in sheets["own_initiative_TC"]}
    assert (own["account_suspension"], own["monetary_other"]) == (30, 0)
    assert sheets["AMAR"][1][3] is None  # not known, and not 0


def test_the_same_parts_give_the_same_file_and_no_text_is_a_formula() -> None:
    parts = harmonised_parts(COUNTS)
    assert harmonised_book(parts, AT) == harmonised_book(parts, AT)
    sheets = _read(harmonised_book({"one": pa.table({"note": ["=1+1", "https://e.test", "{=2}"]})}, AT))
    assert [row[0] for row in sheets["one"]] == ["note", "=1+1", "https://e.test", "{=2}"]


def test_without_its_library_it_is_refused_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match=r"samehand\[xlsx\].*--no-xlsx"):
        harmonised_book(harmonised_parts(COUNTS), AT)
