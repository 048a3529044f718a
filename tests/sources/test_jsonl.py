"""JSON Lines within limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.sources.batches import Reject
from samehand.sources.jsonl import JsonLines
from samehand.sources.streams import Limits
from tests.sources.files import written

characters = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | characters,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(characters, inner, max_size=3),
    max_leaves=6,
)


def _read(path: Path, limits: Limits) -> list[tuple[int, Any]]:
    return [
        (number, value.reason if isinstance(value, Reject) else value)
        for number, value in JsonLines(path, limits).objects()
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(characters, json_values, max_size=3), max_size=4), st.booleans())
def test_objects_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, Any]], ascii_only: bool
) -> None:
    lines = tuple(json.dumps(one, ensure_ascii=ascii_only) for one in objects)
    path = written(tmp_path_factory.mktemp("jsonl") / "a.jsonl", lines)

    assert [value for _, value in _read(path, Limits())] == objects


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_objects_or_rejects(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = written(tmp_path_factory.mktemp("jsonl") / "a.jsonl", b"\n" + content)

    numbers = [number for number, _ in _read(path, Limits(line_bytes=50))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_bad_lines_are_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = (
        '{"a": 1}',
        "",
        "{",
        "[1]",
        '{"a": ' + "[" * 100 + "]" * 100 + "}",
        '{"a": "' + "x" * 500 + '"}',
        '{"a": NaN}',
    )
    path = written(tmp_path / "a.jsonl.gz", lines)

    assert _read(path, Limits(line_bytes=300, depth=20)) == [
        (1, {"a": 1}),
        (2, "the line is no JSON"),
        (3, "the line is no JSON object"),
        (4, "the JSON is nested too deeply"),
        (5, "the line is longer than 300 bytes"),
        (6, {"a": None}),
    ]


def test_nesting_that_would_exhaust_the_stack_is_rejected(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", ('{"a":' * 200_000,))

    assert _read(path, Limits()) == [(1, "the JSON is nested too deeply")]


def test_half_characters_become_question_marks(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", ('{"a": ["\\ud800x", {"\\udfff": 1}]}',))

    assert _read(path, Limits()) == [(1, {"a": ["?x", {"?": 1}]})]
