"""`samehand evaluate truth` as a script sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samehand.cli import main
from tests.evaluation.test_truth import made_run, made_truth


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return ended.value.code, output.out, output.err


def test_two_lines_tell_who_was_found_and_who_should_not_have_been(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, truth = made_run(tmp_path, ("4", "5", "1"), ("6",)), made_truth(tmp_path)

    code, out, err = _run(capsys, "evaluate", "truth", run, truth)

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "1 of 2 planted teams found, 3 of their 5 accounts in networks",
        "other accounts in networks: 0 of 1 newsroom, 1 of 2 organic",
    ]


def test_a_match_by_id_alone_and_unknown_members_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, truth = made_run(tmp_path, ("4", "99"), platform="twitter"), made_truth(tmp_path)

    _, out, _ = _run(capsys, "evaluate", "truth", run, truth)

    assert out.splitlines()[2:] == [
        "1 accounts in networks are not in the truth",
        "note: the run and the truth name different platforms; accounts were matched by asset_id alone",
    ]


def test_json_is_one_object_with_the_same_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, truth = made_run(tmp_path, ("4", "5", "1")), made_truth(tmp_path)

    code, out, _ = _run(capsys, "evaluate", "truth", run, truth, "--json")
    facts = json.loads(out)

    assert code == 0
    assert facts["teams"][0] == {"team": "team-1", "accounts": 2, "in_networks": 2, "found": True}
    assert facts["roles"][1] == {"role": "organic", "accounts": 2, "in_networks": 1}


def test_a_missing_run_or_truth_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = made_truth(tmp_path)

    code, out, err = _run(capsys, "evaluate", "truth", tmp_path / "none", truth)
    again, _, said = _run(capsys, "evaluate", "truth", made_run(tmp_path), tmp_path / "none.csv")

    assert (code, out, again) == (2, "", 2)
    assert f"{tmp_path / 'none'} is no run" in err
    assert f"{tmp_path / 'none.csv'} is not there" in said
