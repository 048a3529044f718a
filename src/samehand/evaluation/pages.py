"""Markdown pages of measured figures: each says which command wrote it, and on what machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from samehand import __version__

__all__ = ["markdown_table", "write_page"]


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; numbers to the right."""
    body = [[str(cell) for cell in row] for row in rows]
    numeric = [
        bool(body) and all(row[k][:1].isdigit() or row[k][:1] in "-.–" for row in body) for k in range(len(head))
    ]
    rule = ["---:" if right else "---" for right in numeric]
    return "\n".join("| " + " | ".join(row) + " |" for row in [list(head), rule, *body])


def write_page(path: Path, title: str, command: str, parts: Iterable[str]) -> None:
    """Write one page.

    Args:
        path: the Markdown file.
        title: its heading.
        command: what writes it anew.
        parts: paragraphs and tables.

    """
    load = os.getloadavg()[0]
    machine = (
        f"Written by `{command}`, samehand {__version__}, Python {platform.python_version()}, "
        f"{len(os.sched_getaffinity(0))} cores, load {load:.1f} at the end. Do not edit by hand."
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join([f"# {title}", machine, *parts]) + "\n", encoding="utf-8")
