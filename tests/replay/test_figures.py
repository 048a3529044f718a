"""The page of the replay says what missed, and two pages are the same where their numbers are."""

from __future__ import annotations

import json
from pathlib import Path

from tools.replay.figures import Page


def _page(found: int, touched: int = 0, movement: int = 2437) -> Page:
    page = Page()
    page.given("accounts planted", 936, 936)
    page.at_least("accounts found", 936, 936, found, 0.9)
    page.near("followers", 15_500, 15_500, 15_505, 0.01)
    page.nobody("accounts of the movement", touched, movement)
    return page


def test_a_page_whose_numbers_hold_misses_nothing(tmp_path: Path) -> None:
    page = _page(900)
    page.write(tmp_path)

    assert page.missed == []
    lines = (tmp_path / "page.md").read_text("utf-8")
    assert "| accounts found | 936 | 936 | 900 | found | -3.8% | 90% or more, none beyond | yes |" in lines
    assert json.loads((tmp_path / "figures.json").read_text("utf-8"))[1]["found"] == 900


def test_too_few_too_many_and_anybody_of_the_movement_are_missed(tmp_path: Path) -> None:
    assert [one.what for one in _page(800).missed] == ["accounts found"]
    assert [one.what for one in _page(937).missed] == ["accounts found"]
    page = _page(900, touched=1)
    page.write(tmp_path)
    assert [one.what for one in page.missed] == ["accounts of the movement"]
    assert "<tr class=missed><td>accounts of the movement</td>" in (tmp_path / "page.html").read_text("utf-8")


def test_nobody_of_none_shows_nothing() -> None:
    assert [one.what for one in _page(900, movement=0).missed] == ["accounts of the movement"]


def test_a_share_has_a_bound() -> None:
    page = Page()
    page.share("stopped", 0.899, 0.9)
    assert [one.what for one in page.missed] == ["stopped"]


def test_an_input_never_misses_and_words_are_escaped() -> None:
    page = Page()
    page.given("a < b", None, 3)
    assert page.missed == []
    assert "a &lt; b" in page.html()
    assert page.numbers() == _same().numbers()


def _same() -> Page:
    page = Page()
    page.given("a < b", None, 3)
    return page
