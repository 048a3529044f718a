from __future__ import annotations

from pathlib import Path

import pytest

from samehand.errors import FormatError, NotFoundError
from samehand.evaluation import Known, read_labels
from samehand.records import Dataset
from tests.worlds import dataset_of


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return dataset_of(tmp_path / "set", [{"asset_id": "a"}, {"asset_id": "b"}, {"asset_id": "b", "platform": "y"}])


def _written(folder: Path, *lines: str) -> Path:
    file = folder / "labels.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_a_label_is_a_role_and_the_dataset_tells_the_platform(tmp_path: Path, dataset: Dataset) -> None:
    labels = _written(tmp_path, "asset_id,label,posts", "a,operation,3", "gone,organic,1")

    assert read_labels(labels, dataset) == {("x", "a"): Known("operation", ""), ("", "gone"): Known("organic", "")}


def test_a_platform_column_tells_ids_apart_that_are_on_two(tmp_path: Path, dataset: Dataset) -> None:
    labels = _written(tmp_path, "platform,asset_id,label", "x,b,operation", "y,b,organic")

    assert {key: one.role for key, one in read_labels(labels, dataset).items()} == {
        ("x", "b"): "operation",
        ("y", "b"): "organic",
    }


def test_a_truth_of_roles_and_teams_is_read_as_it_is(tmp_path: Path, dataset: Dataset) -> None:
    truth = _written(tmp_path, "platform,asset_id,role,team", "x,a,team,team-1")

    assert read_labels(truth, dataset) == {("x", "a"): Known("team", "team-1")}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("asset_id,kind", "a,organic"), "has no column label"),
        (("asset_id,label", "a,"), "row 1: a has no label"),
        (("asset_id,label", "b,organic"), "row 1: b is on x and y; add a column platform"),
        (("asset_id,label", "a,organic", "a,organic"), "row 2: a comes twice"),
    ],
)
def test_labels_that_cannot_be_read_say_where(
    tmp_path: Path, dataset: Dataset, lines: tuple[str, ...], message: str
) -> None:
    with pytest.raises(FormatError, match=message):
        read_labels(_written(tmp_path, *lines), dataset)


def test_labels_that_are_not_there_are_said_to_be_missing(tmp_path: Path, dataset: Dataset) -> None:
    with pytest.raises(NotFoundError, match="is not there"):
        read_labels(tmp_path / "none.csv", dataset)
