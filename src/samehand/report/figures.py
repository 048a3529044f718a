"""Figures as SVG text: histogram, hour x weekday heat map, small graph. Pure functions of their data.

Every figure names itself to a screen reader (`title`, `desc`), carries presentation attributes so that it stands alone,
and classes so that a page's style sheet may recolour it. Nothing here needs a script or an inline style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt

from samehand.report.layout import force_layout
from samehand.report.wording import cleaned

__all__ = ["WEEKDAYS", "Bar", "Dot", "Line", "graph", "heat_map", "histogram"]

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
INK, MUTED, ACCENT, RULE, PAPER = "#1b1f24", "#57606a", "#1f5a92", "#d0d7de", "#ffffff"


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, and how many."""

    label: str
    count: int


@dataclass(frozen=True)
class Dot:
    """One account in a graph: its number in the table of members, its name for the tool tip, its score in [0, 1]."""

    number: int
    name: str
    score: float


@dataclass(frozen=True)
class Line:
    """A tie between two dots (by place in the sequence of dots): strength in [0, 1], and words for the tool tip."""

    source: int
    target: int
    strength: float
    note: str


def _text(value: str) -> str:
    return escape(cleaned(value))


def _frame(identity: str, width: int, height: int, title: str, description: str, body: Sequence[str]) -> str:
    """The outer element, which names the figure."""
    name = quoteattr(f"{identity}-title {identity}-desc")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby={name} '
            f'class="figure" font-family="system-ui, sans-serif" font-size="12">',
            f"<title id={quoteattr(identity + '-title')}>{_text(title)}</title>",
            f"<desc id={quoteattr(identity + '-desc')}>{_text(description)}</desc>",
            *body,
            "</svg>",
        ]
    )


def _label(x: float, y: float, text: str, *, anchor: str = "middle", size: int = 12) -> str:
    return (
        f'<text class="label" x="{x:.1f}" y="{y:.1f}" fill="{MUTED}" text-anchor="{anchor}" font-size="{size}">'
        f"{_text(text)}</text>"
    )


def _rule(name: str, start: tuple[float, float], end: tuple[float, float], colour: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{name}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _ceiling(most: int) -> int:
    """The least even round number that is not below `most`; 1 for 1."""
    if most <= 1:
        return 1
    power = 1
    while True:
        for step in (2, 4, 6, 8, 10, 12, 16):
            if step * power >= most:
                return step * power
        power *= 10


def histogram(bars: Sequence[Bar], *, identity: str, title: str, description: str, unit: str) -> str:
    """Bars side by side, counts on the left, some labels below.

    Args:
        bars: in order; labels are shown where there is room, all of them in tool tips.
        identity: unique in the page; prefix of the ids of title and description.
        title: read by screen readers, with `description`.
        description: one sentence that says what there is to see.
        unit: of the counts, plural.

    """
    width, height, left, bottom, top = 760, 220, 56, 186, 24
    ceiling = _ceiling(max([bar.count for bar in bars], default=1) or 1)
    step = (width - left - 8) / max(len(bars), 1)
    body = [_label(left, 14, unit, anchor="start", size=11)]
    for tick in sorted({0, ceiling // 2, ceiling} if ceiling > 1 else {0, 1}):
        y = bottom - (bottom - top) * tick / ceiling
        body.append(_rule("rule", (left, y), (width - 8, y), RULE))
        body.append(_label(left - 8, y + 4, f"{tick:,}", anchor="end"))
    every = max(1, -(-len(bars) // 6))
    for place, bar in enumerate(bars):
        x, tall = left + place * step, (bottom - top) * bar.count / ceiling
        gap = min(1.5, step * 0.15)
        body.append(
            f'<rect class="bar" x="{x + gap:.2f}" y="{bottom - tall:.2f}" width="{step - 2 * gap:.2f}" '
            f'height="{tall:.2f}" fill="{ACCENT}"><title>{_text(bar.label)}: {bar.count:,}</title></rect>'
        )
        if place % every == 0:
            body.append(_rule("axis", (x, bottom), (x, bottom + 5), MUTED))
            body.append(_label(x, bottom + 20, bar.label, size=11))
    return _frame(identity, width, height, title, description, body)


def heat_map(counts: npt.NDArray[np.int64], *, identity: str, title: str, description: str) -> str:
    """Seven rows of 24 cells, Monday first, midnight first; the darker, the more.

    Args:
        counts: int64[7, 24].
        identity: as in `histogram`.
        title: as there.
        description: as there.

    """
    cell, left, top = 26, 92, 26
    most = max(int(counts.max(initial=0)), 1)
    body = [_label(left + cell * (hour + 0.5), 16, f"{hour:02d}", size=11) for hour in range(24)]
    for weekday, name in enumerate(WEEKDAYS):
        y = top + weekday * cell
        body.append(_label(left - 10, y + cell * 0.66, name, anchor="end"))
        for hour in range(24):
            count = int(counts[weekday, hour])
            tip = f"{name} {hour:02d}:00 to {hour:02d}:59: {count:,}"
            box = f'x="{left + hour * cell + 1}" y="{y + 1}" width="{cell - 2}" height="{cell - 2}"'
            # the square root lets single posts be seen beside bursts
            shade = 0.0 if count == 0 else 0.12 + 0.88 * (count / most) ** 0.5
            body.append(
                f'<rect class="empty" {box} fill="none" stroke="{RULE}"><title>{tip}</title></rect>'
                if count == 0
                else f'<rect class="cell" {box} fill="{ACCENT}" fill-opacity="{shade:.3f}"><title>{tip}</title></rect>'
            )
    return _frame(identity, left + 24 * cell + 8, top + 7 * cell + 6, title, description, body)


def graph(dots: Sequence[Dot], lines: Sequence[Line], *, identity: str, title: str, description: str) -> str:
    """Accounts as numbered dots, ties as lines, thicker where the evidence is stronger; positions are always the same.

    Args:
        dots: the accounts; `number` is written into each dot.
        lines: the ties.
        identity: as in `histogram`.
        title: as there.
        description: as there.

    """
    width, height, margin = 760, 460, 26
    place = force_layout(len(dots), [(line.source, line.target) for line in lines])
    x = margin + place[:, 0] * (width - 2 * margin)
    y = margin + place[:, 1] * (height - 2 * margin)
    # hundreds of lines over one another turn into a grey sheet unless each is faint
    faint, thick = (0.55, 2.6) if len(lines) < 120 else (0.25, 1.8)
    body = []
    for line in lines:
        a, b = line.source, line.target
        body.append(
            f'<line class="tie" x1="{x[a]:.1f}" y1="{y[a]:.1f}" x2="{x[b]:.1f}" y2="{y[b]:.1f}" stroke="{MUTED}" '
            f'stroke-opacity="{faint}" stroke-width="{0.5 + thick * line.strength**2:.2f}">'
            f"<title>{_text(line.note)}</title></line>"
        )
    radius = 11 if len(dots) <= 40 else 9
    for number, dot in enumerate(dots):
        body.append(
            f'<g><title>{dot.number}: {_text(dot.name)}</title><circle class="dot" cx="{x[number]:.1f}" '
            f'cy="{y[number]:.1f}" r="{radius}" fill="{ACCENT}" stroke="{PAPER}" stroke-width="1.5"/>'
            f'<text class="number" x="{x[number]:.1f}" y="{y[number] + 3.6:.1f}" fill="{PAPER}" text-anchor="middle" '
            f'font-size="{radius - 1}">{dot.number}</text></g>'
        )
    return _frame(identity, width, height, title, description, body)
