"""Walking JSON that is too large to hold, against a parser that holds it."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.sources.batches import Reject
from samehand.sources.json_stream import ITEM, JsonStream, Mark, Place, json_file
from samehand.sources.streams import Limits
from tests.sources.files import written
from tests.sources.test_jsonl import characters, json_values


def _top(place: Place, _: bytes) -> bool:
    return len(place) < 2


def _read(path: Path, limits: Limits | None = None, chunk: int = 1 << 20) -> list[tuple[Place, Any]]:
    entries = JsonStream(path, limits or Limits(), _top, chunk=chunk).entries()
    return [(place, value.reason if isinstance(value, Reject) else value) for place, value in entries]


def _expected(value: Any, place: Place = ()) -> list[tuple[Place, Any]]:
    """What a walk of two levels finds, by recursion over the whole value."""
    if not isinstance(value, dict | list) or len(place) == 2:
        return [(place, value)]
    inner = value.items() if isinstance(value, dict) else ((ITEM, one) for one in value)
    return [(place, Mark.OPENED), *(entry for name, one in inner for entry in _expected(one, (*place, name)))]


@settings(max_examples=150, deadline=None)
@given(json_values, st.booleans(), st.sampled_from([None, 1]), st.integers(1, 9))
def test_a_walk_finds_what_a_parser_finds(
    tmp_path_factory: pytest.TempPathFactory, value: Any, ascii_only: bool, indent: int | None, chunk: int
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    path = written(tmp_path_factory.mktemp("walk") / "a.json", text)

    assert _read(path, chunk=chunk) == _expected(value)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from('{}[]",:\\x1 \n"a"'), max_size=40).map(lambda p: "".join(p).encode()),
    st.integers(1, 9),
)
def test_any_bytes_come_to_an_end_whatever_the_size_of_a_chunk(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, chunk: int
) -> None:
    path = written(tmp_path_factory.mktemp("bytes") / "a.json", b" " + content)

    small, whole = _read(path, chunk=chunk), _read(path)

    assert small == whole


@given(characters)
@settings(max_examples=50, deadline=None)
def test_a_text_with_brackets_is_no_container(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    value = [{"a": {"b": f'[{text}"\\'}}, f"{{{text}"]
    path = written(tmp_path_factory.mktemp("text") / "a.json", json.dumps(value))

    assert [entry[1] for entry in _read(path) if entry[0] == (ITEM,)][-1] == value[1]


def test_a_bad_member_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    deep = "[" * 70 + "]" * 70
    content = f'[[{{"a": nope}}, 1], ["{"x" * 300}"], [{deep}], {{"a": {{"b": "{"y" * 300}"}}}}, [{{"c": 2}}], tru]'
    path = written(tmp_path / "a.json", content)

    assert [entry for entry in _read(path, Limits(line_bytes=200)) if entry[1] is not Mark.OPENED] == [
        ((ITEM, ITEM), "the value is no JSON"),
        ((ITEM, ITEM), 1),
        ((ITEM, ITEM), "the value is longer than 200 bytes"),
        ((ITEM, ITEM), "the JSON is nested too deeply"),
        ((ITEM, "a"), "the value is longer than 200 bytes"),
        ((ITEM, ITEM), {"c": 2}),
        ((ITEM,), "the value is no JSON"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[1, {"a": 2', "the JSON ends within an object"),
        ("[1, 2", "the JSON ends within a list"),
        ("[1}", "the JSON ends within a list"),
        ('[[{"a": [1', "the JSON ends within a value"),
        ('[[{"a": "', "the JSON ends within a value"),
        ("{1: 2}", "the JSON has a member without a name"),
        ('{"a"', "the JSON has a member without a name"),
        ("] 1", "the JSON has something else where a value belongs"),
        ('[[{"a": "' + "x" * 900, "the JSON has a text longer than 200 bytes, or one that never ends"),
    ],
)
def test_a_file_that_cannot_be_followed_is_said_to_be_read_no_further(
    tmp_path: Path, content: str, reason: str
) -> None:
    found = _read(written(tmp_path / "a.json", content), Limits(line_bytes=200), chunk=50)

    assert found[-1] == ((), f"{reason}; the rest of the file was not read")


def test_what_telegram_writes_for_control_characters_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", r'[[{"a": "x\x0By \\x0B"}]]')

    assert _read(path)[-1] == ((ITEM, ITEM), {"a": "x\x0by \\x0B"})


def test_a_long_file_is_never_held_whole(tmp_path: Path) -> None:
    member = json.dumps({"a": ["x" * 1_000]})
    path = written(tmp_path / "a.json.gz", "[" + ",".join([member] * 20_000) + "]")
    tracemalloc.start()
    count = sum(1 for _ in JsonStream(path, Limits(), lambda place, _: not place).entries())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (count, peak < 10 << 20) == (20_001, True)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"a": 1}\nbad\n{"a": 2}\n', [{"a": 1}, "the line is no JSON", {"a": 2}]),
        ('bad\n{"a": 2}\n', ["the line is no JSON", {"a": 2}]),
        ('{\n"a":\n1}\n{"a":\n2}', [{"a": 1}, {"a": 2}]),
        ('{"a": 1}', [{"a": 1}]),
    ],
)
def test_lines_are_told_from_other_layouts(tmp_path: Path, content: str, expected: list[Any]) -> None:
    file = json_file(written(tmp_path / "a.json", content), Limits(), lambda place, head: False)

    assert [value.reason if isinstance(value, Reject) else value for _, value in file.entries()] == expected
