from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.report import Bar, Dot, Line, graph, heat_map, histogram
from samehand.report.layout import force_layout
from samehand.report.timelines import timeline, week

SVG = "{http://www.w3.org/2000/svg}"
DAY_US = 86_400_000_000


def _named(kind: str, svg: str) -> list[ElementTree.Element]:
    return [e for e in ElementTree.fromstring(svg).iter() if e.attrib.get("class") == kind]


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 10**9)), max_size=40))
def test_a_histogram_is_well_formed_whatever_its_labels_and_has_a_bar_for_each(rows: list[tuple[str, int]]) -> None:
    bars = [Bar(label, count) for label, count in rows]
    svg = histogram(bars, identity="h", title="t", description="d", unit="posts")

    assert len(_named("bar", svg)) == len(bars)


def test_bars_are_as_high_as_their_counts() -> None:
    svg = histogram([Bar("a", 10), Bar("b", 5), Bar("c", 0)], identity="h", title="t", description="d", unit="posts")
    heights = [float(bar.attrib["height"]) for bar in _named("bar", svg)]

    assert heights[0] == 2 * heights[1]
    assert heights[2] == 0


@given(st.text(max_size=30))
def test_titles_and_descriptions_are_escaped(text: str) -> None:
    svg = heat_map(np.zeros((7, 24), dtype=np.int64), identity="w", title=text, description=text)
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}

    assert tags == {"svg", "title", "desc", "text", "rect"}


def test_a_heat_map_shows_each_count_where_it_belongs() -> None:
    counts = np.zeros((7, 24), dtype=np.int64)
    counts[0, 0], counts[6, 23] = 1, 9
    svg = heat_map(counts, identity="w", title="t", description="d")
    tips = {next(iter(cell)).text: float(cell.attrib["fill-opacity"]) for cell in _named("cell", svg)}

    assert tips.keys() == {"Monday 00:00 to 00:59: 1", "Sunday 23:00 to 23:59: 9"}
    assert tips["Sunday 23:00 to 23:59: 9"] == 1.0


def test_a_graph_has_every_dot_and_line_and_is_the_same_each_time() -> None:
    dots = [Dot(n + 1, f"account <{n}>", 1.0) for n in range(5)]
    lines = [Line(0, 1, 1.0, "strong"), Line(1, 2, 0.0, "weak")]
    first, second = (graph(dots, lines, identity="g", title="t", description="d") for _ in range(2))
    thick = [float(line.attrib["stroke-width"]) for line in _named("tie", first)]

    assert first == second
    assert len(_named("dot", first)) == 5
    assert thick[0] > thick[1]


@given(st.integers(0, 30), st.data())
def test_layout_stays_in_the_unit_square(nodes: int, data: st.DataObject) -> None:
    ends = st.tuples(st.integers(0, max(nodes - 1, 0)), st.integers(0, max(nodes - 1, 0)))
    edges = data.draw(st.lists(ends, max_size=40)) if nodes > 1 else []
    at = force_layout(nodes, edges)

    assert at.shape == (nodes, 2)
    assert np.isfinite(at).all()
    assert ((at >= 0) & (at <= 1)).all()


def test_tied_dots_lie_closer_than_strangers() -> None:
    pairs = [(a, b) for group in (range(6), range(6, 12)) for a in group for b in group if a < b]
    at = force_layout(12, pairs)
    apart = np.sqrt(((at[:, None] - at[None, :]) ** 2).sum(axis=2))
    within = np.mean([apart[a, b] for a, b in pairs])
    between = apart[:6, 6:].mean()

    assert within < 0.6 * between


@given(st.lists(st.integers(0, 2 * 10**15), max_size=60))
def test_a_timeline_counts_every_moment_in_few_bars(moments: list[int]) -> None:
    line = timeline(moments)

    assert sum(bar.count for bar in line.bars) == len(moments)
    assert len(line.bars) <= 66


@pytest.mark.parametrize(
    ("span_us", "width"),
    [(30 * 60_000_000, "minute"), (2 * DAY_US, "hour"), (20 * DAY_US, "12 hours"), (60 * DAY_US, "day")],
)
def test_bars_have_a_natural_width(span_us: int, width: str) -> None:
    assert timeline([0, span_us]).width == width


def test_a_week_starts_on_monday_at_midnight_utc() -> None:
    monday = 4 * DAY_US  # 1970-01-05
    counts = week([monday, monday + 3_600_000_000 - 1, monday - 1])

    assert counts[0, 0] == 2
    assert counts[6, 23] == 1
    assert counts.sum() == 3
