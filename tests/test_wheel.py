"""What users install: the wheel holds the package and nothing else, and works where nothing else of this checkout is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from samehand import __version__

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "samehand"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout without any network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a clean environment: the wheel, and by a path file the libraries of this one, which tests ran with."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [
        str(python),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(command, check=True, capture_output=True)
    ours = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(ours.stdout.strip(), "libraries.pth").write_text("\n".join(sorted(libraries)) + "\n", encoding="utf-8")
    return folder / "bin"


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def test_the_wheel_holds_the_package_its_licence_and_nothing_else(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "src/samehand"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    tracked = {name.removeprefix("src/") for name in listed.stdout.split() if (ROOT / name).is_file()}
    names = set(zipfile.ZipFile(wheel).namelist())
    about = {name for name in names if ".dist-info/" in name}

    assert {name.split(".dist-info/")[1] for name in about} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    }
    assert tracked - names == set()
    assert [name for name in names - about if not (ROOT / "src" / name).is_file()] == []
    assert [name for name in names if "__pycache__" in name or Path(name).suffix in {".pyc", ".nbi", ".nbc"}] == []
    assert "samehand/py.typed" in names
    assert {f"samehand/{file.relative_to(PACKAGE)}" for file in PACKAGE.rglob("templates/*")} <= names


def test_the_wheel_asks_for_no_library_of_the_tests(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()

    assert f"Version: {__version__}" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist: pytest")] == []


def test_doctor_is_well_in_a_clean_environment(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "samehand"), "doctor", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path, env=_clean_environment(), check=False, capture_output=True, text=True, timeout=600
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["ok"]


def test_the_clean_environment_runs_the_wheel_and_not_this_checkout(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "python"), "-c", "import samehand; print(samehand.__file__)"]
    done = subprocess.run(command, cwd=tmp_path, env=_clean_environment(), check=True, capture_output=True, text=True)

    assert Path(done.stdout.strip()).is_relative_to(installed.parent)
