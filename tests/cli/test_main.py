"""The root command: what it lists, and what scripts can count on when something is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from samehand import __version__
from samehand.cli import main
from samehand.cli.main import COMMANDS


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return ended.value.code, output.out, output.err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "--help")

    assert code == 0
    listed = [line.split()[0] for line in out.split("Commands:")[1].splitlines() if line.strip()]
    assert listed == list(COMMANDS)


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(capsys, "--version")[:2] == (0, f"samehand, version {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["detect", "none", "--out", "run"], "samehand: none is no dataset"),
        (["report", "none"], "samehand: none is no run"),
        (["explain", "none", "a"], "samehand: none is no run"),
        (["export", "none", "--format", "csv", "--out", "x"], "samehand: none is no run"),
        (["compare", "none", "none"], "samehand: none is no run"),
        (["simulate", "no-such-scenario", "--out", "x"], "samehand: "),
        (["detect", "none"], "Missing option '--out'"),
        (["doctor", "--colour"], "No such option"),
        (["evaluate", "truth"], "Missing argument"),
        (["detct"], "No such command 'detct'"),
    ],
)
def test_bad_usage_and_bad_input_are_exit_2_with_a_message(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)

    code, out, err = _run(capsys, *arguments)

    assert (code, out) == (2, "")
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_the_module_runs_as_the_command_does() -> None:
    done = subprocess.run([sys.executable, "-m", "samehand", "--version"], check=True, capture_output=True, text=True)

    assert done.stdout == f"samehand, version {__version__}\n"
