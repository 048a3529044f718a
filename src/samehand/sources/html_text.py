"""HTML of a post -> what a reader sees, and the links that are the author's."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

__all__ = ["HtmlText", "read_html"]

_MOST: Final = 1 << 16
"""So many characters are read: posts are shorter, and the parser takes time by the square on what was made to harm it."""

_BREAKS: Final = {
    "br": "\n",
    "p": "\n\n",
    "div": "\n",
    "blockquote": "\n\n",
    "li": "\n",
    "ul": "\n",
    "ol": "\n",
    "pre": "\n",
}
_UNSEEN: Final = ("script", "style")
_NOT_LINKS: Final = {"mention", "hashtag"}


@dataclass(frozen=True)
class HtmlText:
    """What a piece of HTML says.

    Attributes:
        text: its text; paragraphs are parted by an empty line.
        links: addresses that it links to, but for those of mentions and hashtags.

    """

    text: str
    links: tuple[str, ...]


@lru_cache(maxsize=256)
def read_html(source: str) -> HtmlText:
    """Read a piece of HTML; what is no HTML is text. An account's bio comes with each of its posts, so some are remembered."""
    reader = _Reader()
    # the parser gives up on declarations that HTML does not have
    reader.feed(source[:_MOST].replace("<![", "&lt;!["))
    reader.close()
    return HtmlText("".join(reader.parts).strip(), tuple(reader.links))


@dataclass
class _Reader(HTMLParser):
    parts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    unseen: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in _UNSEEN
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BREAKS and self.parts:
            self._part(_BREAKS[tag])
        given = dict(attrs)
        href = given.get("href") or ""
        ours = _NOT_LINKS.isdisjoint((given.get("class") or "").split())
        if tag == "a" and ours and href.startswith(("http://", "https://")):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in _UNSEEN and self.unseen > 0

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)

    def _part(self, gap: str) -> None:
        """Part what follows from what went before, once."""
        if not self.parts[-1].endswith(gap):
            self.parts.append(gap)
