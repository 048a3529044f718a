"""The page of a run in a real browser: it shows itself, and asks nothing of anybody."""

from __future__ import annotations

import os
import re
import struct
import subprocess
from pathlib import Path

import pytest

from samehand.cli import main

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> str:
    """The command of a Chromium; nothing is installed here."""
    found = subprocess.run(
        [ROOT / "tools" / "chromium", "--find"], capture_output=True, text=True, check=False, env=os.environ
    )
    if found.returncode:
        pytest.skip("there is no chromium (Debian: apt-get install chromium)")
    return found.stdout.strip()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small simulated world, made by the commands themselves."""
    folder = tmp_path_factory.mktemp("page")
    for arguments in (
        ["simulate", "hongkong", "--scale", "0.2", "--out", str(folder / "world")],
        ["detect", str(folder / "world"), "--out", str(folder / "run")],
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    return folder / "run" / "report.html"


def _browse(chromium: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        chromium,
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--hide-scrollbars",
        "--enable-logging=stderr",
        f"--user-data-dir={folder / 'profile'}",
        *(["--no-sandbox"] if os.getuid() == 0 else []),
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


def test_the_page_breaks_no_rule_of_its_own_content_policy(chromium: str, page: Path, tmp_path: Path) -> None:
    done = _browse(chromium, tmp_path, "--dump-dom", page.as_uri())

    assert "<h1" in done.stdout
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []


def test_the_browser_runs_no_script_that_is_put_into_the_page(chromium: str, page: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.html"
    harm = "<script>document.title = 'harmed'</script><img src=x onerror=\"document.title = 'harmed'\">"
    spoilt.write_text(
        re.sub(r"(<body[^>]*>)", rf"\1{harm}", page.read_text(encoding="utf-8"), count=1), encoding="utf-8"
    )

    done = _browse(chromium, tmp_path, "--dump-dom", spoilt.as_uri())

    assert "<title>harmed" not in done.stdout
    assert "Content Security Policy" in done.stderr


def test_the_page_fills_the_screen_with_more_than_blank(chromium: str, page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"

    _browse(chromium, tmp_path, "--window-size=1200,900", f"--screenshot={picture}", page.as_uri())

    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1200, 900)
    assert len(data) > 20_000
