"""Where the real files are: a folder `shared/data` beside the repository, or the one that SAMEHAND_DATA names."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    """The folder of real files; ends the program with a reason where there is none."""
    folder = Path(os.environ.get("SAMEHAND_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    if not folder.is_dir():
        sys.stderr.write(f"skipped: no real files at {folder} (SAMEHAND_DATA names another folder)\n")
        sys.exit(0)
    return folder


@contextmanager
def imported(name: str) -> Iterator[Dataset]:
    """One of the real sets as a dataset in a folder that is removed afterwards."""
    form, file = REAL_SETS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        import_files([data_folder() / file], path, Options(format=form))
        yield Dataset.open(path)


if __name__ == "__main__":
    sys.stderr.write("nothing to measure here: this holds the paths of the real files\n")
