from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from samehand.cli.main import main
from samehand.records import Run
from samehand.simulation import draw_world, scenario_parameters, write_world
from tests.worlds import DAY_S, dataset_of


def _run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    assert isinstance(stop.value.code, int)
    return stop.value.code


def _only_object(text: str) -> Mapping[str, Any]:
    """What is on stdout must be one JSON object and nothing else."""
    said = json.loads(text)
    assert isinstance(said, dict)
    assert text.count("\n") == 1
    return said


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("cli")
    write_world(draw_world(scenario_parameters("hongkong", 3, scale=0.2), 3), folder / "world")
    with pytest.raises(SystemExit):
        main(["detect", str(folder / "world"), "--out", str(folder / "run")])
    return folder


def _pair(run: Path) -> tuple[str, str]:
    edge = Run.open(run).table("edges").sort_by([("p_value", "ascending")]).slice(0, 1).to_pylist()[0]
    return edge["asset_a"], edge["asset_b"]


def test_detect_prints_one_object_and_tells_its_steps_on_stderr(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = _run("detect", world / "world", "--out", tmp_path / "run", "--json")
    printed = capsys.readouterr()
    said = _only_object(printed.out)
    run = Run.open(tmp_path / "run")

    assert code == 0
    assert said["networks"] == run.table("networks").num_rows > 0
    assert said["members"] == run.table("members").num_rows
    assert said["edges"] == run.table("edges").num_rows
    assert (said["path"], said["report"]) == (str(tmp_path / "run"), str(tmp_path / "run" / "report.html"))
    assert Path(said["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "reading the dataset" in printed.err
    assert "writing the report" in printed.err


def test_detect_tells_people_what_it_found_and_where_it_lies(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        _run("detect", world / "world", "--out", tmp_path / "run", "--traces", "url, repost", "--window", "1h,60s") == 0
    )
    said = capsys.readouterr().out
    info = Run.open(tmp_path / "run").info

    assert "networks of" in said
    assert f"report: {tmp_path / 'run' / 'report.html'}" in said
    assert info["parameters"]["traces"] == ["url", "repost"]
    assert [family["trace"] for family in info["families"]] == ["repost", "url", "fused"]
    assert info["windows_s"] == [60, 3600]


def test_options_of_detect_reach_the_run(world: Path, tmp_path: Path) -> None:
    options = (
        "--fdr",
        "0.05",
        "--since",
        "2019-01-01",
        "--until",
        "2030-01-01",
        "--where",
        "kind <> 'reply'",
        "--seed",
        "7",
    )
    assert _run("detect", world / "world", "--out", tmp_path / "run", *options) == 0
    parameters = Run.open(tmp_path / "run").info["parameters"]

    assert (parameters["fdr"], parameters["seed"], parameters["where"]) == (0.05, 7, "kind <> 'reply'")
    assert (parameters["since"], parameters["until"]) == ("2019-01-01", "2030-01-01")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fdr", "2"), "--fdr 2.0 is not between 0 and 1"),
        (("--fdr", "nan"), "--fdr nan is not between 0 and 1"),
        (("--fdr", "little"), "'little' is not a valid float"),
        (("--traces", "retweet"), "unknown trace 'retweet'; traces are repost"),
        (("--window", "60"), "--window cannot be read at '60'"),
        (("--since", "yesterday"), "--since 'yesterday' is no date or time"),
        (("--where", "colour = 'red'"), "--where cannot be used"),
        (("--engine", "abacus"), "'abacus' is not 'local'"),
        (("--colour", "red"), "No such option"),
    ],
)
def test_bad_usage_exits_2_and_says_what_was_wrong_on_stderr(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, str], message: str
) -> None:
    code = _run("detect", world / "world", "--out", tmp_path / "run", *options, "--json")
    printed = capsys.readouterr()

    assert code == 2
    assert message in printed.err
    assert printed.out == ""
    assert not (tmp_path / "run").exists()


def test_detect_needs_a_dataset_and_a_place_for_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("detect", tmp_path / "nowhere", "--out", tmp_path / "run") == 2
    assert str(tmp_path / "nowhere") in capsys.readouterr().err
    assert _run("detect", tmp_path) == 2
    assert "--out" in capsys.readouterr().err


def test_detect_over_nothing_shared_is_done_and_finds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset_of(tmp_path / "data", [{"asset_id": name, "text": f"only {name}", "at_s": DAY_S} for name in "abc"])

    assert _run("detect", tmp_path / "data", "--out", tmp_path / "run", "--json") == 0
    assert _only_object(capsys.readouterr().out)["networks"] == 0


def test_explain_prints_the_posts_behind_a_pair(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = _pair(world / "run")
    assert _run("explain", world / "run", one, other, "--json") == 0
    said = _only_object(capsys.readouterr().out)

    assert [account["asset_id"] for account in said["accounts"]] == [one, other]
    assert said["receipts"][0]["post_a"]
    assert said["receipts"][0]["at_a"].startswith("2019-")
    assert _run("explain", world / "run", one, other) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(
        f"  {said['receipts'][0]['object_id']}: " in line or said["receipts"][0]["object_id"] in line for line in lines
    )
    assert any(line.startswith("network N") for line in lines)
    assert sum("s apart; unrelated people" in line for line in lines) == len(said["receipts"])


def test_explain_shows_one_account_with_its_strongest_ties(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("explain", world / "run", _pair(world / "run")[0], "--json") == 0
    said = _only_object(capsys.readouterr().out)

    assert len(said["accounts"]) == 1
    assert 0 < len(said["edges"]) <= 10


def test_explain_refuses_a_stranger_and_a_folder_that_is_no_run(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("explain", world / "run", "nobody") == 2
    assert "account 'nobody' is in no network" in capsys.readouterr().err
    assert _run("explain", tmp_path, "nobody") == 2
    assert "is no run" in capsys.readouterr().err


def test_compare_of_a_run_with_itself_finds_everything_again(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("compare", world / "run", world / "run", "--json") == 0
    said = _only_object(capsys.readouterr().out)

    assert all(match["jaccard"] == 1.0 for match in said["matches"])
    assert said["members_kept"] == said["members_before"] > 0
    assert _run("compare", world / "run", world / "run") == 0
    assert f"{said['members_kept']} in both" in capsys.readouterr().out


def test_compare_refuses_what_is_no_run(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("compare", world / "run", tmp_path) == 2
    assert "is no run" in capsys.readouterr().err


def test_a_process_of_its_own_prints_nothing_but_the_object_on_stdout(world: Path) -> None:
    command = [sys.executable, "-m", "samehand", "explain", str(world / "run"), _pair(world / "run")[0], "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert _only_object(done.stdout)["edges"]
