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

__all__ = ["REAL_SETS", "data_folder", "imported"]

REAL_SETS = {
    "german_elections": ("coortweet", "coortweet/german_elections.csv.gz"),
    "russian_coord_tweets": ("coortweet", "coortweet/russian_coord_tweets.csv.gz"),
    "ira_week": ("ira", "ira/ira_english_2016-10-01_07.csv.gz"),
    "ira_in_up": ("table", "mixtures/ira-in-up/posts.csv.gz"),
}
"""Name of a set -> format and file."""


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
        path = Path(folder) / name
        import_files([data_folder() / file], path, Options(format=form))
        yield Dataset.open(path)
