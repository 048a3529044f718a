from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from samehand.cli.main import main
from samehand.records import Dataset
from samehand.simulation import draw_signups, draw_world, scenario_parameters, signup_scenario


def _csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    assert isinstance(stop.value.code, int)
    return stop.value.code


def test_simulate_writes_a_dataset_with_its_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = _run("simulate", "hongkong", "--out", str(tmp_path / "hk"), "--seed", "4", "--scale", "0.2", "--json")
    said = json.loads(capsys.readouterr().out)
    dataset = Dataset.open(tmp_path / "hk")
    truth = _csv(tmp_path / "hk" / "truth.csv")

    assert code == 0
    assert said["posts"] == dataset.rows("posts") > 1_000
    assert said["accounts"] == dataset.rows("assets") == len(truth)
    assert said["roles"]["team"] == sum(row["role"] == "team" for row in truth)
    assert list(truth[0]) == ["platform", "asset_id", "role", "team"]


def test_a_simulated_dataset_holds_the_world_that_was_drawn(tmp_path: Path) -> None:
    _run("simulate", "null", "--out", str(tmp_path / "null"), "--seed", "2", "--scale", "0.05")
    world = draw_world(scenario_parameters("null", 2, 0.05), 2)
    held = Dataset.open(tmp_path / "null").table("posts")

    assert world.posts.sort_by("post_id").to_pylist() == held.sort_by("post_id").to_pylist()


def test_raw_files_bear_the_columns_of_the_archive(tmp_path: Path) -> None:
    _run("simulate", "hongkong", "--out", str(tmp_path / "hk"), "--raw", str(tmp_path / "raw"), "--scale", "0.1")
    tweets = _csv(tmp_path / "raw" / "tweets.csv")
    users = _csv(tmp_path / "raw" / "users.csv")
    dataset = Dataset.open(tmp_path / "hk")

    assert len(tweets) == dataset.rows("posts")
    assert len(users) == dataset.rows("assets")
    assert {"true", "false"} == {tweet["is_retweet"] for tweet in tweets}
    assert all(tweet["urls"] == "" or tweet["urls"][0] + tweet["urls"][-1] == "[]" for tweet in tweets)
    assert len(tweets[0]) == 31


def test_simulate_writes_signups_with_their_truth_and_the_known_bad(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "s"
    code = _run("simulate", "signups-recidivism", "--out", str(out), "--scale", "0.0004", "--seed", "2", "--json")
    said = json.loads(capsys.readouterr().out)
    dataset, truth = Dataset.open(out), _csv(out / "truth.csv")

    assert code == 0
    assert said["signups"] == dataset.rows("signups") == dataset.rows("assets") == len(truth)
    assert dataset.rows("posts") == 0
    assert said["known_bad"] == len(_csv(out / "known_bad.csv")) == 936
    assert said["roles"]["operation"] == sum(row["role"] == "operation" for row in truth)
    assert list(truth[0]) == [
        "platform", "asset_id", "role", "team", "evasion", "regime", "scenario", "signals", "first_post_at", "llr",
        "clairvoyant",
    ]  # fmt: skip
    assert set(said["hard_negatives"]) == {f"H{number}" for number in range(1, 15)}


def test_a_written_world_of_signups_is_the_one_that_was_drawn(tmp_path: Path) -> None:
    _run("simulate", "signups-e1", "--out", str(tmp_path / "s"), "--scale", "0.05", "--seed", "2")
    world = draw_signups(signup_scenario("signups-e1", 2, 0.05), 2)
    held = Dataset.open(tmp_path / "s").table("signups")

    assert world.signups.to_pylist() == held.sort_by("at").to_pylist()


def test_a_world_of_signups_has_no_posts_to_write_raw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("simulate", "signups", "--out", str(tmp_path / "s"), "--raw", str(tmp_path / "raw")) == 2
    assert "leave --raw out" in capsys.readouterr().err


def test_an_unknown_scenario_is_bad_usage_and_names_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = _run("simulate", "mixtur", "--out", str(tmp_path / "x"))

    assert code == 2
    assert "did you mean 'mixture'" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_folder_that_is_no_dataset_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x", encoding="utf-8")

    assert _run("simulate", "null", "--scale", "0.01", "--out", str(tmp_path / "mine")) == 2
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def _as_archived(dataset: Dataset, table: str, key: str) -> list[dict[str, Any]]:
    """The rows of a table as far as the archive has columns for them; it has the day that an account was made."""
    rows: list[dict[str, Any]] = dataset.table(table).sort_by(key).to_pylist()
    for row in rows:
        for column in ("avatar_hash", "posts_count", "status", "deleted_at"):
            row.pop(column, None)
        if "created_at" in row:
            row["created_at"] = row["created_at"].date()
    return rows


def test_raw_files_give_the_world_back_when_they_are_imported(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    _run("simulate", "hongkong", "--out", str(tmp_path / "hk"), "--raw", str(raw), "--scale", "0.1")
    code = _run(
        "import", "x-archive", str(raw / "users.csv"), str(raw / "tweets.csv"), "--into", str(tmp_path / "again")
    )
    drawn, again = Dataset.open(tmp_path / "hk"), Dataset.open(tmp_path / "again")

    assert code == 0
    for table, key in (("posts", "post_id"), ("assets", "asset_id")):
        assert _as_archived(drawn, table, key) == _as_archived(again, table, key)
