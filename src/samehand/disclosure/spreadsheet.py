"""The harmonised report as a spreadsheet: a sheet for each part, in their order, as the Union publishes it beside CSV."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import pyarrow as pa

from samehand.errors import MissingExtraError

__all__ = ["harmonised_book", "has_xlsx"]

WIDTHS: Final[Mapping[str, int]] = {"part": 24, "category": 34, "indicator": 30, "value": 12, "note": 80}
NO_XLSX: Final = (
    "a spreadsheet needs the optional library: pip install 'samehand[xlsx]'; or leave it out with --no-xlsx"
)


def has_xlsx() -> bool:
    """Whether the optional library is there."""
    return importlib.util.find_spec("xlsxwriter") is not None


def harmonised_book(parts: Mapping[str, pa.Table], at: datetime) -> bytes:
    """The parts of the harmonised report as an XLSX file; the same parts give the same bytes.

    Args:
        parts: as `harmonised_parts` has them. at: when it was made, as the file says.

    Raises:
        MissingExtraError: the optional library is not there.

    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtraError(NO_XLSX) from error
    whole = io.BytesIO()
    book = xlsxwriter.Workbook(whole, {"in_memory": True})
    book.set_properties({"title": "Harmonised transparency report", "created": at.replace(tzinfo=None)})
    bold = book.add_format({"bold": True})
    for name, table in parts.items():
        sheet = book.add_worksheet(name)
        for column, field in enumerate(table.column_names):
            sheet.set_column(column, column, WIDTHS.get(field, 20))
            sheet.write_string(0, column, field, bold)
            for row, value in enumerate(table[field].to_pylist(), start=1):
                # a text is never a formula, and a number that is not known is an empty cell, never 0
                if isinstance(value, int):
                    sheet.write_number(row, column, value)
                elif value:
                    sheet.write_string(row, column, str(value))
        sheet.freeze_panes(1, 0)
    book.close()
    return whole.getvalue()
