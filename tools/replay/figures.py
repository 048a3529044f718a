"""The page of the replay: each figure of the article beside what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Final, Literal

from samehand.evaluation import markdown_table

__all__ = ["TITLE", "Figure", "Page"]

TITLE: Final = "19 August 2019 again"
HEAD: Final = ["what", "reported in August 2019", "planted", "found", "kind", "off", "allowed", "holds"]
INTRODUCTION: Final = (
    "Each figure of that day beside what the replay produced on simulated people. An input is a number that we planted; "
    "found is what samehand came to without having seen it. Reported: Twitter and Facebook, 19 August 2019.",
)
PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }}
table {{ border-collapse: collapse; }} td, th {{ border-bottom: 1px solid #999; padding: .3rem .6rem; text-align: left; }}
td:nth-child(n+2):nth-child(-n+4) {{ text-align: right; font-variant-numeric: tabular-nums; }}
.missed {{ font-weight: bold; }}
</style></head>
<body><h1>{title}</h1>
{said}
<table><thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody></table>
</body></html>
"""


@dataclass(frozen=True)
class Figure:
    """One line of the page.

    Attributes:
        what: it counts. article: what was reported in August 2019; null where nothing was.
        planted: what the worlds hold, `input`. found: what samehand came to; null for a line that is input alone.
        kind: input or found. allowed: in words. holds: whether `found` is within that.
        repeats: whether it is the same in every replay; how long it took is not.

    """

    what: str
    article: float | None
    planted: float | None
    found: float | None
    kind: Literal["input", "found"]
    allowed: str = ""
    holds: bool = True
    repeats: bool = True

    @property
    def off(self) -> str:
        """How far what was found is from what was planted."""
        if self.found is None or not self.planted:
            return ""
        return f"{(self.found - self.planted) / self.planted:+.1%}"


@dataclass
class Page:
    """The lines, in the order of the day, and what is said beside them."""

    figures: list[Figure] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def given(self, what: str, article: float | None, planted: float) -> None:
        """A number that we planted."""
        self.figures.append(Figure(what, article, planted, None, "input"))

    def found(
        self, what: str, article: float | None, planted: float | None, found: float, allowed: str,
        holds: Callable[[float], bool],
    ) -> None:  # fmt: skip
        """A number that samehand came to, with what is allowed."""
        self.figures.append(Figure(what, article, planted, found, "found", allowed, holds(found)))

    def near(self, what: str, article: float | None, planted: float, found: float, share: float) -> None:
        """A number that may be off by a share of what was planted."""
        self.found(
            what, article, planted, found, f"within {share:.0%}", lambda one: abs(one - planted) <= share * planted
        )

    def exactly(self, what: str, article: float | None, planted: float, found: float) -> None:
        """A number that has to be what was planted."""
        self.found(what, article, planted, found, "exactly", lambda one: one == planted)

    def at_least(self, what: str, article: float | None, planted: float, found: float, share: float) -> None:
        """A number that has to reach a share of what was planted, and not go beyond it."""
        self.found(
            what,
            article,
            planted,
            found,
            f"{share:.0%} or more, none beyond",
            lambda one: share * planted <= one <= planted,
        )

    def nobody(self, what: str, found: float, among: int) -> None:
        """A number that has to be 0, of those whom it might have been about: nobody of none would show nothing."""
        self.found(what, None, 0, found, "0", lambda one: one == 0 and among > 0)

    def share(self, what: str, found: float, least: float) -> None:
        """A share of all that was planted, which has to reach a bound."""
        self.found(what, None, 1, round(found, 4), f"{least:.0%} or more", lambda one: one >= least)

    def took(self, minutes: float, most: float) -> None:
        """How long it took."""
        said, holds = f"{most:g} or fewer", minutes <= most
        self.figures.append(Figure("minutes that it took", None, None, minutes, "found", said, holds, repeats=False))

    @property
    def missed(self) -> list[Figure]:
        """The lines that are outside of what is allowed."""
        return [one for one in self.figures if not one.holds]

    def numbers(self) -> str:
        """The lines that repeat, as JSON: two replays are the same where these are."""
        return json.dumps([asdict(one) for one in self.figures if one.repeats], indent=1) + "\n"

    def _rows(self) -> list[list[str]]:
        def shown(value: float | None) -> str:
            return "" if value is None else f"{value:,.4g}" if value != int(value) else f"{int(value):,}"

        return [
            [one.what, shown(one.article), shown(one.planted), shown(one.found), one.kind, one.off, one.allowed,
             "" if one.kind == "input" or not one.allowed else "yes" if one.holds else "NO"]
            for one in self.figures
        ]  # fmt: skip

    def markdown(self) -> list[str]:
        """The page's parts."""
        return [*INTRODUCTION, markdown_table(HEAD, self._rows()), *self.parts]

    def html(self) -> str:
        """The page by itself."""
        head = "".join(f"<th>{escape(cell)}</th>" for cell in HEAD)
        rows = "\n".join(
            f"<tr{' class=missed' if row[-1] == 'NO' else ''}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
            for row in self._rows()
        )
        said = "\n".join(f"<p>{escape(part)}</p>" for part in (*INTRODUCTION, *self.parts))
        return PAGE.format(title=TITLE, said=said, head=head, rows=rows)

    def write(self, folder: Path) -> None:
        """Write `figures.json`, `page.md` and `page.html`."""
        (folder / "figures.json").write_text(self.numbers(), encoding="utf-8")
        (folder / "page.md").write_text("\n\n".join([f"# {TITLE}", *self.markdown()]) + "\n", encoding="utf-8")
        (folder / "page.html").write_text(self.html(), encoding="utf-8")
