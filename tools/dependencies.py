"""Prints what is installed here of the libraries that pyproject.toml names: version, licence, size.

`python -m tools.dependencies`; docs/dependencies.md takes its figures from it.
"""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def asked_for() -> dict[str, list[str]]:
    """The names of the libraries of the core and of each group."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    groups = {"core": project["project"]["dependencies"], **project["dependency-groups"]}
    return {group: [re.split(r"[<>=!~;\[ ]", line)[0] for line in lines] for group, lines in groups.items()}


def licence_of(name: str) -> str:
    """What a library's own metadata says of its licence: the expression, or the classifiers, or its first words."""
    about = metadata.metadata(name)
    said = [line.split("\n")[0] for field in ("License-Expression", "License") for line in about.get_all(field) or []]
    kinds = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    return said[0] if about.get_all("License-Expression") else ", ".join(kinds or said) or "not said"


def with_what_they_need(names: list[str]) -> list[str]:
    """These libraries and all that they need on this machine, extras left out."""
    found: list[str] = []
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # asked for on another system or Python
        found.append(name)
        waiting += [re.split(r"[<>=!~;\[( ]", line)[0] for line in needs if "extra ==" not in line]
    return sorted(found)


def main() -> None:
    """Print one line a library."""
    for group, names in asked_for().items():
        print(f"{group}: with what they need {', '.join(with_what_they_need(names))}")
        for name in names:
            try:
                files = metadata.distribution(name).files or []
            except metadata.PackageNotFoundError:
                print(f"  {name}: not installed here")
                continue
            size = sum(file.size or 0 for file in files) / 1e6
            print(f"  {name} {metadata.version(name)}: {licence_of(name)}; {size:.1f} MB")


if __name__ == "__main__":
    main()
