"""The public names of samehand: every room's `__all__`, and the errors.

`python -m tools.public_names` writes them to tests/house/public_names.txt (`make docs`). A name that goes or changes breaks
somebody's script: say so in CHANGELOG.md.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import samehand

FILE = Path(__file__).parents[1] / "tests" / "house" / "public_names.txt"


def rooms() -> list[str]:
    """The rooms, by name."""
    return sorted(found.name for found in pkgutil.iter_modules(samehand.__path__) if found.name != "__main__")


def public_names() -> list[str]:
    """`room.Name` of each public name, sorted."""
    names = []
    for room in rooms():
        module = importlib.import_module(f"samehand.{room}")
        names += [f"samehand.{room}.{name}" for name in module.__all__]
    return sorted(names)


def main() -> None:
    """Write the file."""
    FILE.write_text("\n".join(public_names()) + "\n", encoding="utf-8")
    print(FILE.relative_to(Path.cwd()) if FILE.is_relative_to(Path.cwd()) else FILE)


if __name__ == "__main__":
    main()
