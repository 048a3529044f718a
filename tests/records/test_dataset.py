"""Datasets on disk: whole or nothing, each thing once, the same bytes for the same rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.errors import FormatError, InputError, JobError, NotFoundError
from samehand.records import DATASET_TABLES, TIME, Dataset, write_dataset
from samehand.records import staging as staging_module


def _posts(ids: list[str], *, text: str | None = "hello", urls: list[str] | None = None, step_s: int = 60) -> pa.Table:
    count = len(ids)
    return pa.table(
        {
            "platform": ["forum"] * count,
            "post_id": ids,
            "asset_id": [f"a{len(one)}" for one in ids],
            "posted_at": pa.array(np.arange(count) * step_s * 1_000_000, TIME),
            "kind": ["original"] * count,
            "text": pa.array([text] * count, pa.string()),
            "urls": pa.array([urls] * count, pa.list_(pa.string())),
        }
    )


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts(["1", "22"]))

    dataset = Dataset.open(tmp_path / "d")

    assert dataset.table("posts", ["post_id", "text"]).to_pylist() == [
        {"post_id": "1", "text": "hello"},
        {"post_id": "22", "text": "hello"},
    ]
    assert dataset.rows("posts") == sum(batch.num_rows for batch in dataset.batches("posts")) == 2


def test_every_table_is_there_even_when_empty(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d"):
        pass

    dataset = Dataset.open(tmp_path / "d")

    assert {name: dataset.table(name).num_rows for name in DATASET_TABLES} == dict.fromkeys(DATASET_TABLES, 0)


def test_posts_alone_make_their_assets(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts(["1", "2", "33"]))

    assets = Dataset.open(tmp_path / "d").table("assets", ["platform", "asset_id", "kind"]).to_pylist()

    assert assets == [{"platform": "forum", "asset_id": name, "kind": "account"} for name in ("a1", "a2")]


def test_an_asset_that_is_described_later_replaces_the_one_made_from_posts(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts(["1", "22"]))
    with write_dataset(tmp_path / "d") as writer:
        writer.add("assets", pa.table({"platform": ["forum"], "asset_id": ["a2"], "kind": ["page"], "handle": ["two"]}))

    assets = Dataset.open(tmp_path / "d").table("assets", ["asset_id", "kind", "handle"]).to_pylist()

    assert assets == [
        {"asset_id": "a2", "kind": "page", "handle": "two"},
        {"asset_id": "a1", "kind": "account", "handle": None},
    ]


def test_a_post_already_held_is_merged_and_its_differences_counted(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts(["1", "2"], urls=["u"]))
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts(["2", "3"], text="other", urls=["v", "u"]))

    dataset = Dataset.open(tmp_path / "d")
    rows = dataset.table("posts", ["post_id", "text", "urls"]).to_pylist()
    source = dataset.manifest.sources[1]

    assert rows == [
        {"post_id": "1", "text": "hello", "urls": ["u"]},
        {"post_id": "2", "text": "hello", "urls": ["u", "v"]},
        {"post_id": "3", "text": "other", "urls": ["v", "u"]},
    ]
    assert (source.read, source.kept, source.merged, dict(source.differing)) == (2, 1, 1, {"text": 1, "posted_at": 1})


def test_identical_activities_are_one(tmp_path: Path) -> None:
    row = {"platform": "f", "asset_id": "a", "trace": "url", "object_id": "u", "at": 5, "post_id": None}
    table = pa.Table.from_pylist([row, {**row, "at": 6}, row], schema=DATASET_TABLES["activities"])

    with write_dataset(tmp_path / "d") as writer:
        writer.add("activities", table)

    assert Dataset.open(tmp_path / "d").rows("activities") == 2


def test_the_same_rows_give_the_same_bytes_however_they_are_handed_in(tmp_path: Path) -> None:
    table = _posts([str(number % 70) for number in range(100)])
    with write_dataset(tmp_path / "one", name="d") as writer:
        writer.add("posts", table)
    with write_dataset(tmp_path / "two", name="d") as writer:
        for start in range(0, 100, 7):
            writer.add("posts", table.slice(start, 7))

    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")
    assert Dataset.open(tmp_path / "one").hash == Dataset.open(tmp_path / "two").hash


def test_other_content_gives_another_hash(tmp_path: Path) -> None:
    for name, text in (("one", "x"), ("two", "y")):
        with write_dataset(tmp_path / name) as writer:
            writer.add("posts", _posts(["1"], text=text))

    assert Dataset.open(tmp_path / "one").hash != Dataset.open(tmp_path / "two").hash


def _fail_halfway(folder: Path) -> None:
    with write_dataset(folder) as writer:
        writer.add("posts", _posts(["2"]))
        raise RuntimeError("no more")


def _write_while_another_writes(folder: Path) -> None:
    with write_dataset(folder) as slow:
        slow.add("posts", _posts(["1"]))
        with write_dataset(folder) as quick:
            quick.add("posts", _posts(["2"]))


def test_a_failure_leaves_the_earlier_dataset_as_it_was(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts(["1"]))
    before = _bytes(tmp_path / "d")

    with pytest.raises(RuntimeError, match="no more"):
        _fail_halfway(tmp_path / "d")

    assert _bytes(tmp_path / "d") == before
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_a_dataset_that_another_process_changed_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="changed by another process"):
        _write_while_another_writes(tmp_path / "d")

    assert Dataset.open(tmp_path / "d").table("posts", ["post_id"]).to_pylist() == [{"post_id": "2"}]


def test_replacing_leaves_the_old_rows_behind(tmp_path: Path) -> None:
    for ids in (["1"], ["2"]):
        with write_dataset(tmp_path / "d", replace=True) as writer:
            writer.add("posts", _posts(ids))

    dataset = Dataset.open(tmp_path / "d")

    assert (dataset.rows("posts"), len(dataset.manifest.sources)) == (1, 1)


def test_only_the_owner_may_read_a_dataset(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts(["1"]))

    modes = {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "d").rglob("*")}

    assert (modes, oct((tmp_path / "d").stat().st_mode & 0o777)) == ({"0o600"}, "0o700")


def test_a_large_table_grows_by_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging_module, "ONE_FILE_ROWS", 2)
    for ids in (["1", "2"], ["3"], ["4"]):
        with write_dataset(tmp_path / "d") as writer:
            writer.add("posts", _posts(ids))

    dataset = Dataset.open(tmp_path / "d")

    assert len(dataset.files("posts")) == 3
    assert [row["post_id"] for row in dataset.table("posts").to_pylist()] == ["1", "2", "3", "4"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), max_size=12), max_size=4), st.integers(1, 4))
def test_ranges_of_any_size_keep_first_appearances_in_order(
    tmp_path_factory: pytest.TempPathFactory, imports: list[list[int]], most: int
) -> None:
    folder = tmp_path_factory.mktemp("ranges") / "d"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging_module, "_RANGE_BYTES", most * 40)
        patch.setattr(staging_module, "GROUP_ROWS", 3)
        for numbers in imports:
            with write_dataset(folder) as writer:
                writer.add("posts", _posts([str(number) for number in numbers]))
    if not imports:
        return

    ids = [row["post_id"] for row in Dataset.open(folder).table("posts", ["post_id"]).to_pylist()]

    assert ids == list(dict.fromkeys(str(number) for numbers in imports for number in numbers))


@pytest.mark.parametrize(
    ("step_s", "count", "expected"),
    [(60, 10, 60.0), (1, 10, 1.0), (3600, 10, 3600.0), (86400, 9, 86400.0), (60, 3, 1.0)],
)
def test_the_time_resolution_is_measured(tmp_path: Path, step_s: int, count: int, expected: float) -> None:
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts([str(number) for number in range(count)], step_s=step_s))

    assert Dataset.open(tmp_path / "d").time_resolution_s == expected


def test_one_odd_second_in_ten_thousand_does_not_hide_the_minutes(tmp_path: Path) -> None:
    table = _posts([str(number) for number in range(10_000)])
    ticks = table.column("posted_at").cast(pa.int64()).to_numpy().copy()
    ticks[17] += 1_000_000
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", table.set_column(3, "posted_at", pa.array(ticks, TIME)))

    assert Dataset.open(tmp_path / "d").time_resolution_s == 60.0


def test_a_dataset_without_times_has_the_finest_resolution(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d"):
        pass

    assert Dataset.open(tmp_path / "d").time_resolution_s == 1e-6


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"platfrom": ["x"]}), "has no column 'platfrom'; did you mean 'platform'"),
        (pa.table({"zzzz": ["x"]}), "it has platform, post_id"),
        (pa.table({"platform": ["x"]}), "column 'post_id' of 'posts' may not be null, and 1 rows are"),
        (
            _posts(["1"]).set_column(3, "posted_at", pa.array(["soon"])),
            "'posted_at' of 'posts' does not become timestamp",
        ),
    ],
)
def test_rows_that_do_not_fit_are_refused(tmp_path: Path, table: pa.Table, message: str) -> None:
    with pytest.raises(FormatError, match=message), write_dataset(tmp_path / "d") as writer:
        writer.add("posts", table)

    assert not (tmp_path / "d").exists()


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no table 'poasts'"), write_dataset(tmp_path / "d") as writer:
        writer.add("poasts", _posts(["1"]))


def test_a_folder_that_is_no_dataset_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "thesis.txt").write_text("years of work")

    with pytest.raises(InputError, match="exists and is no dataset"), write_dataset(tmp_path / "d"):
        pass

    assert (tmp_path / "d" / "thesis.txt").exists()


def test_opening_what_is_no_dataset_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="make one with `samehand import"):
        Dataset.open(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema_version": "x"}'])
def test_a_damaged_manifest_is_said_to_be_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "dataset.json").write_text(text)

    with pytest.raises(InputError, match="is damaged"):
        Dataset.open(tmp_path)


def test_a_dataset_of_a_later_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text(json.dumps({"schema_version": 99, "name": "d", "sources": [], "tables": {}}))

    with pytest.raises(InputError, match="written by a later samehand"):
        Dataset.open(tmp_path)


def test_unknown_tables_and_columns_of_a_dataset_are_named(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d"):
        pass
    dataset = Dataset.open(tmp_path / "d")

    with pytest.raises(NotFoundError, match="a dataset has no table 'nets'"):
        dataset.table("nets")
    with pytest.raises(NotFoundError, match="table 'posts' has no column 'txet'"):
        dataset.table("posts", ["txet"])


def test_a_table_whose_file_is_gone_or_damaged_is_named(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d"):
        pass
    (tmp_path / "d" / "posts.parquet").unlink()
    (tmp_path / "d" / "ads.parquet").write_bytes(b"PAR1 no more")
    dataset = Dataset.open(tmp_path / "d")

    with pytest.raises(NotFoundError, match="is missing from the dataset"):
        dataset.table("posts")
    with pytest.raises(InputError, match="cannot be read"):
        dataset.table("ads")


def test_the_manifest_survives_a_round_trip(tmp_path: Path) -> None:
    with write_dataset(tmp_path / "d") as writer:
        writer.add("posts", _posts(["1", "1"]))
    manifest = Dataset.open(tmp_path / "d").manifest
    facts: dict[str, Any] = json.loads(manifest.text())

    assert facts["sources"][0]["merged"] == 1
    assert type(manifest).read(tmp_path / "d") == manifest
