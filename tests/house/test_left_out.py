"""Tests that are left out are counted, and under CI those that need a real browser or server must run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TESTS = """
import pytest

@pytest.mark.data
def test_a_file(): pytest.skip("no file")

@pytest.mark.browser
def test_a_page(): pytest.skip("no browser")

@pytest.mark.server
@pytest.mark.skipif(True, reason="no server")
def test_a_service(): pass

def test_plain(): pass
"""


def _ran(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  data\n  browser\n  server\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_it.py"]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False
    )


def test_what_is_left_out_is_counted_by_its_reason(tmp_path: Path) -> None:
    done = _ran(tmp_path, ci="")

    assert done.returncode == 0
    for mark in ("data", "browser", "server"):
        assert f"left out: 1 tests marked '{mark}' did not find what they need" in done.stdout
    assert "1 passed, 3 skipped" in done.stdout


@pytest.mark.parametrize("needed", ["browser", "server"])
def test_under_ci_a_missing_browser_or_server_is_a_failure(needed: str, tmp_path: Path) -> None:
    done = _ran(tmp_path, ci="true")

    assert done.returncode == 1
    assert f"skipped under CI, where a real {needed} must be there: Skipped: no {needed}" in done.stdout
    assert "1 failed, 1 passed, 1 skipped, 1 error" in done.stdout
