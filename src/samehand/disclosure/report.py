"""The report of a release, for a reader without tools: one page that loads nothing and runs nothing, from the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from samehand.disclosure.telling import Telling

__all__ = ["release_page"]


def release_page(body: Mapping[str, Any], told: Telling) -> str:
    """The page of a release.

    Args:
        body: what `release.json` says. told: what a person says beside it.

    """
    environment = Environment(
        loader=PackageLoader("samehand.disclosure"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("release.html.j2").render(body=body, objections=told.objections, count=_count)


def _count(number: int | None) -> str:
    """A number, or that it is not told."""
    return "a number that is left out" if number is None else f"{number:,}"
