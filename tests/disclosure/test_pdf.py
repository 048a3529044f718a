"""The report as PDF says what the page says, and tells of letters that it has not."""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from samehand.disclosure import Pdf, release_page, report_pdf
from samehand.errors import MissingExtraError
from tests.casework.scenes import Office
from tests.disclosure.test_releases import TOLD, _make, decided  # noqa: F401 (a case that was decided)

DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
AT = datetime(2019, 8, 19, 12, 0, 0, 5, tzinfo=UTC)


def _words(text: str) -> str:
    """Text without spaces and hyphens, which lines and columns move."""
    return re.sub(r"[\s\u200b\u00ad-]", "", text)


def _read(made: Pdf) -> PdfReader:
    return PdfReader(io.BytesIO(made.data))


def _page(title: str, *more: str) -> str:
    return f"<html><body><h1>{title}</h1>{''.join(f'<p>{one}</p>' for one in more)}</body></html>"


def _pdf(page: str, **more: Any) -> Pdf:
    return report_pdf(page, name="Release 1", at=AT, **more)


@pytest.fixture
def released(decided: Office, tmp_path: Path) -> Path:  # noqa: F811
    _make(decided, tmp_path)
    return tmp_path / "release"


def test_all_that_the_page_says_is_in_the_pdf_under_its_headings(released: Path) -> None:
    reader = PdfReader(released / "report.pdf")
    text = _words("".join(page.extract_text() for page in reader.pages))
    page = (released / "report.html").read_text("utf-8").partition("<body>")[2]
    said = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<(?:h1|h2|p|li|td|th)[^>]*>(.*?)</", page)]
    assert len(said) > 40
    for one in said:
        plain = one.replace("&#39;", "'").replace("&amp;", "&").replace("&#34;", '"')
        assert _words(plain) in text
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert [one.title for one in _flat(reader.outline)] == [TOLD.title, *headings]


def _flat(outline: Any) -> list[Any]:
    return [one for part in outline for one in (_flat(part) if isinstance(part, list) else [part])]


def test_the_pdf_has_title_language_tags_and_page_numbers_and_stands_under_the_sums(released: Path) -> None:
    reader = PdfReader(released / "report.pdf")
    root: Any = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert (reader.metadata.title, root["/Lang"], root["/MarkInfo"]["/Marked"]) == (TOLD.title, "en", True)
    body = json.loads((released / "release.json").read_text("utf-8"))
    for number, page in enumerate(reader.pages, start=1):
        foot = page.extract_text().splitlines()[-1]
        assert body["release_id"] in foot
        assert foot.endswith(f"{number} / {len(reader.pages)}")
    digest = hashlib.sha256((released / "report.pdf").read_bytes()).hexdigest()
    assert {"name": "report.pdf", "rows": None, "sha256": digest} in body["files"]
    assert f"{digest}  report.pdf" in (released / "SHA256SUMS").read_text("utf-8")


def test_the_same_release_gives_the_same_file(released: Path) -> None:
    body = json.loads((released / "release.json").read_text("utf-8"))
    del body["files"]
    again = report_pdf(
        release_page(body, TOLD), name=f"Release {body['release_id']}", at=datetime.fromisoformat(body["published_at"])
    )
    assert again.data == (released / "report.pdf").read_bytes()


def test_letters_that_no_font_has_are_told_of_and_others_are_not_lost() -> None:
    made = _pdf(_page("Сеть воздушных змеев", "Η Ελλάδα, Łódź, مرحبا", "風箏 and 風 🪁"))
    assert made.missing == ("風", "箏", "🪁")
    text = _read(made).pages[0].extract_text()
    assert "Сеть воздушных змеев" in text
    assert "Ελλάδα" in text
    assert "Łódź" in text
    assert _pdf(_page("Сеть", "Ελλάδα, مرحبا")).missing == ()


@pytest.mark.skipif(not (DEJAVU / "DejaVuSans.ttf").is_file(), reason="there is no folder of fonts")
def test_a_folder_of_fonts_has_the_letters_that_were_missing() -> None:
    page = _page("T", "\u2d30\u2d31\u2d33")  # Tifinagh
    assert _pdf(page).missing == ("\u2d30", "\u2d31", "\u2d33")
    made = _pdf(page, fonts=DEJAVU)
    assert made.missing == ()
    assert "\u2d30\u2d31\u2d33" in _read(made).pages[0].extract_text()


def test_what_a_person_wrote_is_text_and_no_markup() -> None:
    markup = "#panic() = *a* _b_ $x$ @c &lt;d&gt; https://e.test #read(&quot;/etc/hostname&quot;) \\ `f`"
    said = 'Said: #panic() = *a* _b_ $x$ @c <d> https://e.test #read("/etc/hostname") \\ `f`'
    text = _read(_pdf(_page("Title", f"Said: {markup}"))).pages[0].extract_text()
    assert said in " ".join(text.split())


def _places(page: Any) -> list[float]:
    """How far from the left edge texts begin, in points."""
    places: list[float] = []

    def visit(text: str, _matrix: Any, place: Any, _font: Any, _size: Any) -> None:
        if text.strip():
            places.append(place[4])

    page.extract_text(visitor_text=visit)
    return places


def test_long_words_and_many_rows_stay_within_the_paper() -> None:
    row = f'<tr><td>{"x" * 300}</td><td>{"word " * 40}</td><td class="n">12</td></tr>'
    made = _pdf(f"<h1>T</h1><table><tr><th>one</th><th>two</th><th>three</th></tr>{row * 30}</table>")
    reader = _read(made)
    assert len(reader.pages) > 3
    for page in reader.pages:
        assert max(_places(page)) < float(page.mediabox.width) - 50
        assert "three" in page.extract_text()  # the head of a table is on each page


def test_a_pdf_that_is_asked_for_without_its_library_is_refused_and_by_default_it_is_left_out(
    decided: Office,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("samehand.disclosure.releases.has_pdf", lambda: False)
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match=r"samehand\[pdf\].*--no-pdf"):
        _make(decided, tmp_path, pdf=True)
    assert not (tmp_path / "release").exists()
    with pytest.raises(MissingExtraError, match="optional library"):
        _pdf(_page("T"))
    made = _make(decided, tmp_path)
    assert (made.pdf, (tmp_path / "release" / "report.pdf").exists()) == (False, False)
    monkeypatch.undo()
    assert not _make(decided, tmp_path, pdf=False).pdf
    assert _make(decided, tmp_path).pdf
