"""How the tests read a page: as a browser would, by its elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: list[str] = field(default_factory=list)


@dataclass
class Parsed(HTMLParser):
    """All elements in order, and what is wrong with how they nest."""

    elements: list[Element] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    open_tags: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self.open_tags.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open_tags or self.open_tags[-1].tag != tag:
            self.wrong.append(f"</{tag}> closes {self.open_tags[-1].tag if self.open_tags else 'nothing'}")
        else:
            self.open_tags.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open_tags:
            element.text.append(data)

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def text(self) -> str:
        return " ".join(" ".join("".join(element.text) for element in self.all("body")).split())


def parsed(html: str) -> Parsed:
    page = Parsed()
    page.feed(html)
    page.close()
    return page
