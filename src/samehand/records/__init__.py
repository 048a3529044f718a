"""What platforms hand over, on disk: table schemas, datasets, runs, provenance and rejects.

In: Arrow batches from a source, or tables from a job. Out: dataset and run folders that open again as Arrow tables.
"""

from samehand.records.arrow import Chunked, Column, mask, places
from samehand.records.cells import neutralise, write_csv, write_table
from samehand.records.dataset import Dataset
from samehand.records.disarm import Technique, disarm_techniques
from samehand.records.files import private_file, replaced_folder, sha256_of
from samehand.records.manifest import Extras, Manifest, Source, TableFile
from samehand.records.runs import Run, RunWriter, write_run
from samehand.records.schema import (
    DATASET_TABLES,
    KEYS,
    POST_KINDS,
    RUN_TABLES,
    SCHEMA_VERSION,
    TIME,
    empty_table,
    required_columns,
    schema_of,
)
from samehand.records.writing import DatasetWriter, SourceWriter, write_dataset

__all__ = [
    "DATASET_TABLES",
    "KEYS",
    "POST_KINDS",
    "RUN_TABLES",
    "SCHEMA_VERSION",
    "TIME",
    "Technique",
    "disarm_techniques",
    "Chunked",
    "Column",
    "Dataset",
    "DatasetWriter",
    "Extras",
    "Manifest",
    "Run",
    "RunWriter",
    "Source",
    "SourceWriter",
    "TableFile",
    "empty_table",
    "mask",
    "neutralise",
    "places",
    "private_file",
    "replaced_folder",
    "required_columns",
    "schema_of",
    "sha256_of",
    "write_csv",
    "write_dataset",
    "write_run",
    "write_table",
]
