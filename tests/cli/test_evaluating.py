"""`samehand evaluate truth` as a script sees it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from samehand.cli import main
from samehand.cli.evaluating import read_seeds
from samehand.errors import UsageError
from tests.evaluation.test_truth import made_run, made_truth
from tests.worlds import dataset_of


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return ended.value.code, output.out, output.err


def test_a_few_lines_tell_who_was_found_and_who_should_not_have_been(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, truth = made_run(tmp_path, ("4", "5", "1"), ("6",)), made_truth(tmp_path)

    code, out, err = _run(capsys, "evaluate", "truth", run, truth)

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "1 of 2 planted teams found, 3 of their 5 accounts in networks",
        "other accounts in networks: 0 of 1 newsroom, 1 of 2 organic",
        "0 networks flagged: 0 accounts of planted teams in them, 0 others",
    ]


def test_a_match_by_id_alone_and_unknown_members_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, truth = made_run(tmp_path, ("4", "99"), platform="twitter"), made_truth(tmp_path)

    _, out, _ = _run(capsys, "evaluate", "truth", run, truth)

    assert out.splitlines()[3:] == [
        "1 accounts in networks are not in the truth",
        "note: the run and the truth name different platforms; accounts were matched by asset_id alone",
    ]


def test_json_is_one_object_with_the_same_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, truth = made_run(tmp_path, ("4", "5", "1")), made_truth(tmp_path)

    code, out, _ = _run(capsys, "evaluate", "truth", run, truth, "--json")
    facts = json.loads(out)

    assert code == 0
    assert facts["teams"][0] == {"team": "team-1", "accounts": 2, "in_networks": 2, "flagged": 0, "found": True}
    assert facts["roles"][1] == {"role": "organic", "accounts": 2, "in_networks": 1, "flagged": 0}


def test_a_missing_run_or_truth_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = made_truth(tmp_path)

    code, out, err = _run(capsys, "evaluate", "truth", tmp_path / "none", truth)
    again, _, said = _run(capsys, "evaluate", "truth", made_run(tmp_path), tmp_path / "none.csv")

    assert (code, out, again) == (2, "", 2)
    assert f"{tmp_path / 'none'} is no run" in err
    assert f"{tmp_path / 'none.csv'} is not there" in said


def test_seeds_are_one_or_a_range_with_both_ends() -> None:
    assert (list(read_seeds("7")), list(read_seeds("0-2"))) == ([7], [0, 1, 2])


@pytest.mark.parametrize("words", ["", "a", "3-1", "1-", "-1", "0..4"])
def test_what_is_no_range_of_seeds_is_refused(words: str) -> None:
    with pytest.raises(UsageError, match="write it like 0-24, or 7"):
        read_seeds(words)


def test_worlds_give_tables_a_page_that_names_its_command_and_progress_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"

    code, out, err = _run(capsys, "evaluate", "worlds", "null", "--seeds", "3", "--scale", "0.05", "--page", page)

    assert code == 0
    assert "| samehand | in networks | 0 of 0 |" in out
    assert "null, seed 3: drawing" in err
    assert "Written by `samehand evaluate worlds null --seeds 3 --scale 0.05`" in page.read_text(encoding="utf-8")


def test_a_planted_world_as_json_has_counts_and_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """Seed 1 of the grid at a tenth of its organic accounts: 140 planted accounts in 5 teams, 69 of them found when written."""
    code, out, _ = _run(capsys, "evaluate", "worlds", "grid", "--seeds", "1", "--scale", "0.1", "--json")
    (world,) = json.loads(out)["worlds"]

    assert code == 0
    assert (world["planted"], world["teams"], world["everyone"]["newsroom"]) == (140, 5, 31)
    assert world["found"]["planted"] > 40
    assert world["figures"]["found"]["recall"] == pytest.approx(world["found"]["planted"] / 140)


def test_a_set_is_held_against_labels_and_missing_peers_are_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setenv("SAMEHAND_PEER_PYTHON", str(bare))
    dataset = dataset_of(tmp_path / "set", [{"asset_id": "a"}, {"asset_id": "b"}])
    labels = tmp_path / "labels.csv"
    labels.write_text("asset_id,label\na,operation\nb,organic\n", encoding="utf-8")

    code, out, _ = _run(capsys, "evaluate", "set", dataset.path, labels, "--peers")

    assert code == 0
    assert "| all | samehand | 0 / 0 | – | 0.000 | 0 / 0 | 0 | 0 | 0 |" in out
    assert "coordination-network-toolkit over all: not installed; coordinationz over all: not installed" in out


def test_a_set_as_json_has_recall_at_each_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = dataset_of(tmp_path / "set", [{"asset_id": "a"}, {"asset_id": "b"}])
    labels = tmp_path / "labels.csv"
    labels.write_text("asset_id,label\na,operation\nb,organic\n", encoding="utf-8")

    _, out, _ = _run(capsys, "evaluate", "set", dataset.path, labels, "--traces", "each", "--json")
    results = json.loads(out)["results"]

    assert [one["traces"] for one in results] == ["all", "repost", "url", "hashtag", "text", "mention", "reply"]
    assert results[0]["recall_at"] == {"0": 0, "10": 0, "100": 0}
    assert results[0]["score"]["figures"]["found"]["precision"] is None
