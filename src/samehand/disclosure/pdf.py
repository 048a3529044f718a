"""The report of a release as PDF: what its page says, block by block, so that the two never differ.

Nothing of the page is markup here: it is handed to the compiler as JSON and set as text. Only fonts inside the compiler are
used, and those of a folder that is named, so that the same page gives the same file on every machine; letters that none of them
has are told of, and are in the page.
"""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from samehand.errors import JobError, MissingExtraError

__all__ = ["NO_PDF", "Pdf", "has_pdf", "report_pdf"]

LETTER: Final = re.compile(r'text `"(.+?)"` could not be displayed')
STANDARD: Final = "ua-1"
"""PDF/UA: with a title, a language, and headings and tables that are marked as such, for readers who do not see it."""
NO_PDF: Final = "a report as PDF needs the optional library: pip install 'samehand[pdf]'; or leave it out with --no-pdf"
HEADINGS: Final = ("h1", "h2")
ROW: Final = ("th", "td")


@dataclass(frozen=True)
class Pdf:
    """A report as PDF.

    Attributes:
        data: of the file. missing: letters of the page that no font has, which are boxes in it.

    """

    data: bytes
    missing: tuple[str, ...]


def has_pdf() -> bool:
    """Whether the optional library is there."""
    return importlib.util.find_spec("typst") is not None


def report_pdf(page: str, *, name: str, at: datetime, fonts: Path | None = None) -> Pdf:
    """The page of a release as PDF.

    Args:
        page: as `release_page` has it. name: of the release, for the foot of each page. at: when it was made.
        fonts: a folder of more fonts, as for Chinese.

    Raises:
        MissingExtraError: the optional library is not there.

    """
    try:
        import typst
    except ImportError as error:
        raise MissingExtraError(NO_PDF) from error
    source = files("samehand.disclosure").joinpath("templates/report.typ").read_bytes()
    told = {"name": name, **_blocks_of(page)}
    more: dict[str, Any] = {
        "sys_inputs": {"told": json.dumps(told, ensure_ascii=False)}, "ignore_system_fonts": True,
        "timestamp": at.replace(microsecond=0), "font_paths": [] if fonts is None else [str(fonts)], "format": "pdf",
    }  # fmt: skip
    missing: tuple[str, ...] = ()
    try:
        data = typst.compile(source, pdf_standards=STANDARD, **more)
    except typst.TypstError as error:
        missing = tuple(dict.fromkeys(LETTER.findall(error.diagnostic)))
        if not missing:
            raise JobError(
                f"the report could not be made a PDF ({error.message}); leave it out with --no-pdf"
            ) from error
        data = typst.compile(source, **more)
    if not isinstance(data, bytes):
        raise JobError("the report could not be made a PDF; leave it out with --no-pdf")
    return Pdf(data, missing)


class _Reader(HTMLParser):
    """Blocks of our own page: headings, paragraphs, lists and tables, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[dict[str, Any]] = []
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (*HEADINGS, "p"):
            self._text = []
            self.blocks.append({"kind": dict(attrs).get("class") or tag, "text": ""})
        elif tag in ("ul", "table"):
            self.blocks.append({"kind": tag, "rows": []})
        elif tag == "tr":
            self.blocks[-1]["rows"].append([])
        elif tag in ("li", *ROW):
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._text is None or tag not in (*HEADINGS, "p", "li", *ROW):
            return
        text, block = " ".join("".join(self._text).split()), self.blocks[-1]
        self._text = None
        if tag == "li":
            block["rows"].append(text)
        elif tag in ROW:
            block["rows"][-1].append(text)
        else:
            block["text"] = text


def _blocks_of(page: str) -> dict[str, Any]:
    reader = _Reader()
    reader.feed(page)
    title = next(block["text"] for block in reader.blocks if block["kind"] == "h1")
    return {"title": title, "blocks": reader.blocks}
