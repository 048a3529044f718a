"""What a reader sees of a post's HTML."""

from __future__ import annotations

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.sources.html_text import read_html


@pytest.mark.parametrize(
    ("source", "text", "links"),
    [
        ("", "", ()),
        ("plain", "plain", ()),
        ("<p>one</p><p>two<br />three</p>", "one\n\ntwo\nthree", ()),
        ("<p>a &amp; b &lt;c&gt;</p>", "a & b <c>", ()),
        ('<a href="https://a.example/x"><span class="invisible">https://</span>a.example/x</a>',) * 1
        + ("https://a.example/x", ("https://a.example/x",)),
        ('<a href="javascript:alert(1)">x</a><a>y</a>', "xy", ()),
        ('<a class="u-url mention" href="https://a.example/@b">@b</a>', "@b", ()),
        ("<script>no</script><style>no</style>yes", "yes", ()),
        ("</script>yes", "yes", ()),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb", ()),
        ("a <![CDATA[ b", "a <![CDATA[ b", ()),
        ("1 < 2", "1 < 2", ()),
    ],
)
def test_text_and_links_of_html(source: str, text: str, links: tuple[str, ...]) -> None:
    read = read_html(source)

    assert (read.text, read.links) == (text, links)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('<>!/-[]&;"= aphref?'), max_size=60) | st.text(max_size=40))
def test_anything_is_read(source: str) -> None:
    read_html(source)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_escaped_text_comes_back(text: str) -> None:
    assert read_html(f"<p>{html.escape(text)}</p>").text == text.strip()
