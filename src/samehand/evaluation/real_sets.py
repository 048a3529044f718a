"""The public files that benches read: in the folder that SAMEHAND_DATA names, or in `../shared/data`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samehand.errors import NotFoundError
from samehand.records import Dataset
from samehand.sources import Options, import_files

__all__ = ["MAPS", "REAL_SETS", "data_folder", "imported"]

REAL_SETS = {
    "german_elections": ("coortweet", "coortweet/german_elections.csv.gz"),
    "russian_coord_tweets": ("coortweet", "coortweet/russian_coord_tweets.csv.gz"),
    "ira_week": ("ira", "ira/ira_english_2016-10-01_07.csv.gz"),
    "ira_in_up": ("table", "mixtures/ira-in-up/posts.csv.gz"),
    "mayweather": ("table", "mayweather/tweets.csv.gz"),
}
"""Name of a set -> format and file."""

MAPS = {
    "mayweather": """
[columns]
post_id = "id"
asset_id = "screen_name"
posted_at = "created_at"
text = "text"

[constants]
platform = "twitter"
kind = "original"

[times]
timezone = "America/New_York"
"""
}
"""Name of a set of format `table` -> the map of its columns, where they do not bear the schema's names.

The mayweather file has no lists of links, hashtags and mentions: it has text only, of posts that are no reposts.
"""


def data_folder() -> Path:
    """The folder of real files.

    Raises:
        NotFoundError: there is none.

    """
    folder = Path(os.environ.get("SAMEHAND_DATA", "../shared/data"))
    if not folder.is_dir():
        raise NotFoundError(f"there are no real files at {folder}; set SAMEHAND_DATA to the folder that holds them")
    return folder


@contextmanager
def imported(name: str) -> Iterator[Dataset]:
    """One of the real sets as a dataset in a folder that is removed afterwards."""
    form, file = REAL_SETS[name]
    with tempfile.TemporaryDirectory() as folder:
        path, columns = Path(folder) / name, None
        if name in MAPS:
            columns = Path(folder) / f"{name}.toml"
            columns.write_text(MAPS[name], encoding="utf-8")
        options = Options(format=form, table="posts" if columns else None, map_file=columns)
        import_files([data_folder() / file], path, options)
        yield Dataset.open(path)
