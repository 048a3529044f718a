"""Readers of platforms' and tools' files, which turn them into records.

In: files of a format, told apart by their columns. Out: rows of a dataset's tables, each row of a file kept, merged or
rejected with a reason.
"""

from samehand.sources.catalogue import FORMATS, format_named
from samehand.sources.formats import Format, Shape
from samehand.sources.importing import TRACES, FileReport, ImportReport, Options, import_files
from samehand.sources.streams import Limits

__all__ = [
    "FORMATS",
    "TRACES",
    "FileReport",
    "Format",
    "ImportReport",
    "Limits",
    "Options",
    "Shape",
    "format_named",
    "import_files",
]
