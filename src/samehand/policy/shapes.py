"""Tables of TOML held to a shape, with errors that say in words where one is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from samehand.errors import FormatError

__all__ = ["shaped", "toml_table"]

ShapeT = TypeVar("ShapeT", bound=BaseModel)
FIRST: Final = 3
"""So many errors are told; of the others how many there are."""
WORDS: Final = {
    "missing": "it is missing",
    "extra_forbidden": "nothing is called so here",
    "date_type": "it has to be a day, written 2021-03-01 without quotes",
    "bool_type": "it has to be true or false",
    "string_type": "it has to be a text",
    "string_too_long": "it is too long",
    "string_too_short": "it is empty",
}


def toml_table(text: str, where: str) -> dict[str, Any]:
    """A TOML text as a table; `where` names it in errors.

    Raises:
        FormatError: it is no TOML.

    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"{where} is no TOML: {error}") from error


def shaped(kind: type[ShapeT], table: Mapping[str, Any], where: str) -> ShapeT:
    """A table as a model of pydantic.

    Args:
        kind: the model. table: as it was read. where: what errors call it.

    Raises:
        FormatError: it has another shape; places are told by names and by numbers from 1.

    """
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        lines = []
        for one in error.errors()[:FIRST]:
            place = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in one["loc"])
            lines.append(f"{place}: {WORDS.get(one['type'], one['msg'])}")
        more = error.error_count() - len(lines)
        raise FormatError(f"{where}: {'; '.join(lines)}" + (f"; and {more} more" if more else "")) from error
