"""All formats by name; a new one is named here."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Final

from samehand.errors import UsageError
from samehand.sources.bluesky import BLUESKY
from samehand.sources.coortweet import COORTWEET
from samehand.sources.formats import Format
from samehand.sources.fourcat import FOURCAT
from samehand.sources.ira import IRA
from samehand.sources.mastodon import MASTODON
from samehand.sources.pictures import IMAGES
from samehand.sources.reddit import REDDIT
from samehand.sources.telegram import TELEGRAM
from samehand.sources.toolkit import TOOLKIT
from samehand.sources.x_api import X_API
from samehand.sources.x_archive import X_ARCHIVE

__all__ = ["FORMATS", "TABLE", "format_named"]

TABLE: Final = Format(
    name="table",
    title="any CSV, TSV, JSONL or Parquet file with the columns of a table, or with a map",
    platform="unknown",
    shapes=(),
)

PICTURES: Final = Format(
    name=IMAGES,
    title="image files, or folders of them, named by the posts that they belong to; their PDQ hashes are computed",
    platform="unknown",
    shapes=(),
)

FORMATS: Final[Mapping[str, Format]] = {
    one.name: one
    for one in (
        COORTWEET,
        X_ARCHIVE,
        TOOLKIT,
        IRA,
        REDDIT,
        X_API,
        FOURCAT,
        TELEGRAM,
        BLUESKY,
        MASTODON,
        TABLE,
        PICTURES,
    )
}


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        UsageError: there is none; the message has the nearest.

    """
    if name in FORMATS:
        return FORMATS[name]
    near = difflib.get_close_matches(name, list(FORMATS), 1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise UsageError(f"there is no format '{name}'; {hint}formats are {', '.join(FORMATS)}")
