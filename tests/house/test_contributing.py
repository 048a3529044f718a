"""The worked examples of CONTRIBUTING.md work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from samehand.records import Dataset, schema_of
from samehand.sources import Options, catalogue, import_files
from samehand.traces import Trace
from samehand.traces import catalogue as traces

PAGE = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
SOURCE, FUNCTION, DECLARATION = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
FILE = re.findall(r"```\n(id,author.*?)```", PAGE, re.DOTALL)[0]


def test_the_source_reads_the_file_that_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    exec(SOURCE, made)  # the page is part of this project
    monkeypatch.setattr(catalogue, "FORMATS", {**catalogue.FORMATS, "chirp": made["CHIRP"]})
    file = tmp_path / "chirps.csv"
    file.write_text(FILE, encoding="utf-8")

    import_files([file], tmp_path / "dataset", Options("chirp"))

    posts = Dataset.open(tmp_path / "dataset").table("posts", ["asset_id", "kind", "ref_post_id"]).to_pylist()
    assert sorted(tuple(row.values()) for row in posts) == [("ann", "original", None), ("bo", "repost", "1")]
    assert "\n".join(made["CHIRP"].shapes[0].example) == FILE.strip()


def test_the_trace_finds_what_its_examples_say() -> None:
    made = dict(vars(traces))
    exec(FUNCTION, made)
    trace: Trace = eval(DECLARATION, made)

    for post, wanted in trace.example:
        row = {name: [post.get(name)] for name in trace.columns}
        table = pa.table(row, schema=pa.schema([schema_of("posts").field(name) for name in trace.columns]))
        assert trace.find(table).keys.to_pylist() == ([] if wanted is None else [wanted])
