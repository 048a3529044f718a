"""`samehand signups` as a script sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samehand.cli import main
from samehand.policy import DECISIONS, read_signup_policy
from samehand.records import write_dataset
from samehand.signups import FACTS
from tests.signups.streams import in_order, people, scripted


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return ended.value.code, output.out, output.err


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of people with a script among them, and a run over it."""
    folder = tmp_path_factory.mktemp("signing-up")
    with write_dataset(folder / "world") as writer:
        writer.add("signups", in_order(people(), scripted(40, 16.0)))
    with pytest.raises(SystemExit):
        main(["signups", "replay", str(folder / "world"), "--out", str(folder / "run")])
    return folder


def test_replay_as_json_prints_one_object_and_progress_elsewhere(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = _run(capsys, "signups", "replay", folder / "world", "--out", tmp_path / "run", "--json")
    facts = json.loads(out)

    assert code == 0
    assert (facts["signups"], facts["path"]) == (3_040, str(tmp_path / "run"))
    assert set(facts["decided"]) == set(DECISIONS)
    assert sum(facts["decided"].values()) == 3_040
    assert "3,040 of 3,040 sign-ups" in err


def test_replay_tells_in_words_how_far_accounts_got(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = _run(capsys, "signups", "replay", folder / "world", "--out", tmp_path / "run")

    assert code == 0
    assert out.startswith("3,040 sign-ups, 1 waves; by the highest rung that each reached: ")
    assert f"run: {tmp_path / 'run'}" in out


def test_explain_names_what_was_shared_and_whom_it_hits(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, "signups", "explain", folder / "run", "planted-20")
    client = next(fact for fact in FACTS if fact.name == "client")

    assert (code, err) == (0, "")
    assert out.startswith("sim:planted-20, signed up 2019-06-19")
    assert f"policy {read_signup_policy().version}" in out
    assert "wave W1: " in out
    assert client.sees in out
    assert f"may hit: client: {client.wrongs}" in out


def test_explain_as_json_has_every_step(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "signups", "explain", folder / "run", "sim:planted-20", "--json")
    found = json.loads(out)

    assert found["asset_id"] == "planted-20"
    assert [step["decision"] for step in found["steps"]] == sorted(
        (step["decision"] for step in found["steps"]), key=DECISIONS.index
    )
    assert found["waves"][0]["network_id"] == "W1"


def test_a_person_who_was_let_in_is_explained_in_two_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "signups", "explain", folder / "run", people()["asset_id"][0].as_py())

    assert code == 0
    assert [line.split()[2] for line in out.splitlines()[1:]] == ["allow"]


@pytest.mark.parametrize("account", ["nobody", "sim:nobody", "elsewhere:planted-20"])
def test_an_unknown_account_is_exit_2(folder: Path, capsys: pytest.CaptureFixture[str], account: str) -> None:
    code, out, err = _run(capsys, "signups", "explain", folder / "run", account)

    assert (code, out) == (2, "")
    assert f"has no decision about {account}; give the asset id, or platform:asset_id" in err


def test_a_policy_that_is_not_there_is_exit_2_and_leaves_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = _run(
        capsys, "signups", "replay", folder / "world", "--out", tmp_path / "run", "--policy", tmp_path / "none.toml"
    )

    assert code == 2
    assert "there is no such policy file" in err
    assert list(tmp_path.iterdir()) == []


def test_a_dataset_that_is_not_there_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, "signups", "replay", tmp_path / "none", "--out", tmp_path / "run")

    assert code == 2
    assert str(tmp_path / "none") in err
