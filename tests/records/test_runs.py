from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from samehand.records import Run, schema_of, write_run
from tests.report.made_runs import receipt, table


def _receipts() -> pa.Table:
    return table("receipts", [receipt("1", "2", "a", 0.0), receipt("1", "3", "b", 5.0, post_b=None)])


def _coded(plain: pa.Table) -> pa.Table:
    columns = [c.dictionary_encode() if pa.types.is_string(c.type) else c for c in plain.columns]
    return pa.table(dict(zip(plain.column_names, columns, strict=True)))


def test_texts_written_as_dictionary_columns_are_read_as_the_texts_they_are(tmp_path: Path) -> None:
    with write_run(tmp_path / "run") as writer:
        writer.write("receipts", _coded(_receipts()))

    assert pq.read_schema(tmp_path / "run" / "receipts.parquet").equals(schema_of("receipts"))
    assert Run.open(tmp_path / "run").table("receipts").equals(_receipts())


def test_coded_reading_gives_the_same_values_as_dictionary_columns(tmp_path: Path) -> None:
    with write_run(tmp_path / "run") as writer:
        writer.write("receipts", _receipts())
    coded = Run.open(tmp_path / "run").table("receipts", ["asset_a", "post_b"], coded=True)

    assert all(pa.types.is_dictionary(column.type) for column in coded.columns)
    assert coded.to_pylist() == _receipts().select(["asset_a", "post_b"]).to_pylist()
