from __future__ import annotations

import json
from pathlib import Path

import pytest

from samehand.cli.main import main
from tests.report.made_runs import small_run


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    assert isinstance(stop.value.code, int)
    return stop.value.code


def test_report_writes_its_page_into_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_run(tmp_path / "run", networks=2)
    code = _run("report", str(tmp_path / "run"), "--json")
    said = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (said["networks"], said["accounts"], said["shown"], said["texts"]) == (2, 6, 2, False)
    assert said["report"] == str(tmp_path / "run" / "report.html")
    assert (tmp_path / "run" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_report_says_why_it_shows_no_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_run(tmp_path / "run")
    _run("report", str(tmp_path / "run"), "--html", str(tmp_path / "page.html"))
    said = capsys.readouterr().out

    assert "1 networks of 3 accounts" not in said
    assert "1 network of 3 accounts, 1 shown in full" in said
    assert "does not say where its dataset is" in said
    assert not (tmp_path / "run" / "report.html").exists()


def test_a_redacted_report_holds_pseudonyms(tmp_path: Path) -> None:
    small_run(tmp_path / "run")
    _run("report", str(tmp_path / "run"), "--redact", "--html", str(tmp_path / "page.html"))
    html = (tmp_path / "page.html").read_text(encoding="utf-8")

    assert "0000-0001" not in html
    assert ">A2<" in html


def test_a_folder_that_is_no_run_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("report", str(tmp_path)) == 2
    assert "is no run" in capsys.readouterr().err


@pytest.mark.parametrize(("graph_format", "name"), [("gexf", "g.gexf"), ("graphml", "g.graphml"), ("csv", "tables")])
def test_export_writes_each_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], graph_format: str, name: str
) -> None:
    small_run(tmp_path / "run")
    code = _run("export", str(tmp_path / "run"), "--format", graph_format, "--out", str(tmp_path / name), "--json")
    said = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (said["nodes"], said["edges"]) == (3, 3)
    assert all(Path(file).is_file() for file in said["files"])


def test_export_refuses_a_format_it_does_not_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_run(tmp_path / "run")

    assert _run("export", str(tmp_path / "run"), "--format", "xlsx", "--out", str(tmp_path / "x")) == 2
    assert "'gexf', 'graphml', 'csv'" in capsys.readouterr().err
