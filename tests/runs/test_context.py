from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from samehand.errors import FormatError, NotFoundError
from samehand.records import Run
from samehand.runs import DetectParameters, detect
from samehand.runs.context import read_context
from tests.worlds import DAY_S, dataset_of


def _dataset(folder: Path) -> Path:
    """Five accounts that share a link a day within seconds, among people who do not."""
    rng = np.random.default_rng(2)
    team = [
        {"asset_id": name, "urls": [f"https://example.org/{day}"], "at_s": DAY_S * day + 2.0 * k}
        for day in range(12)
        for k, name in enumerate("abcde")
    ]
    crowd = [
        {
            "asset_id": f"o{k % 200}",
            "urls": [f"https://example.net/{k // 30}"],
            "at_s": float(rng.uniform(0, 12 * DAY_S)),
        }
        for k in range(1_800)
    ]
    dataset_of(folder / "data", [*team, *crowd])
    return folder / "data"


def test_accounts_of_one_owner_who_says_so_are_counter_evidence_with_a_receipt(tmp_path: Path) -> None:
    file = tmp_path / "known.csv"
    rows = [f"x,{name},Brel Press" for name in "abcd"]
    file.write_text("platform,asset_id,owner\n" + "\n".join([*rows, "x,elsewhere,Brel Press"]) + "\n")
    detect(_dataset(tmp_path), tmp_path / "run", DetectParameters(context=str(file)))
    run = Run.open(tmp_path / "run")
    (row,) = [one for one in run.table("findings").to_pylist() if one["finding"] == "known_owner"]

    assert (row["axis"], row["state"]) == ("authentic", "strong")
    assert row["value"] == pytest.approx(0.8)
    assert "4 of 5 accounts of the context file are in the data" in run.info["notes"]
    assert any("known_owner" in line for line in run.info["verdicts"]["N1"])
    assert not run.table("networks").to_pylist()[0]["flagged"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("platform,asset_id\nx,a\n", "has no column owner"),
        ("platform,asset_id,owner\nx,,Brel\n", "row 1: asset_id is empty"),
        ("platform,asset_id,owner\nx,a\n", "row 1: owner is empty"),
    ],
)
def test_a_context_file_that_cannot_be_used_says_what_where_and_how_to_mend_it(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "known.csv").write_text(text)
    with pytest.raises(FormatError, match=message):
        read_context(tmp_path / "known.csv")


def test_a_context_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="is not there"):
        read_context(tmp_path / "known.csv")
    (tmp_path / "known.csv").write_bytes(b"platform,asset_id,owner\nx,a,\xff\xfe\n")
    with pytest.raises(FormatError, match="no text in UTF-8"):
        read_context(tmp_path / "known.csv")
