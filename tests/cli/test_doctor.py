"""`samehand doctor`: what it says when all is well, and when it is not."""

from __future__ import annotations

import json

import pytest

from samehand import __version__
from samehand.cli import doctor as module
from samehand.cli import main
from samehand.evaluation import Installation, Machine, SelfTest


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *arguments])
    output = capsys.readouterr()
    return ended.value.code, output.out, output.err


def test_a_working_installation_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys)

    assert code == 0
    assert out.splitlines()[0].startswith(f"samehand {__version__}, Python 3.")
    assert "12 of 12 planted accounts found and 0 of" in out
    assert out.splitlines()[-1] == "all is well"
    assert "searching a small made-up world" in err


def test_json_tells_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "--json")
    facts = json.loads(out)

    assert (code, facts["ok"], facts["problems"]) == (0, True, [])
    assert facts["self_test"]["passed"]
    assert "numba" in facts["libraries"]
    assert facts["machine"]["cores"] >= 1


def test_a_missing_library_is_named_and_nothing_is_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = Installation({"numpy": "2.0", "numba": None}, {"spark": ("pyspark",), "here": ()})
    monkeypatch.setattr(module, "examine_installation", lambda: lacking)

    code, out, err = _run(capsys)

    assert (code, err) == (1, "")
    assert "numba MISSING" in out
    assert "problem: numba is not installed; install samehand again" in out
    assert "extra spark: install it with pip install 'samehand[spark]'" in out
    assert "extra here: installed" in out


def test_a_detection_that_breaks_is_a_problem_with_its_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> SelfTest:
        raise OSError("no compiler here")

    monkeypatch.setattr(module, "run_self_test", broken)

    code, out, _ = _run(capsys, "--json")

    assert code == 1
    assert json.loads(out)["problems"] == ["the small detection failed: OSError: no compiler here"]


def test_a_wrong_answer_is_a_problem(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "run_self_test", lambda: SelfTest(12, 3, 400, 1, 0.1))
    monkeypatch.setattr(module, "examine_machine", lambda: Machine(1, 1, 1))

    code, out, _ = _run(capsys)

    assert code == 1
    assert "found 3 of 12 planted accounts and 1 others" in out
    assert out.count("warning: less than 1 GiB") == 2
