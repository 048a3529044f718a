"""CSV and TSV: the fast reader against the slow one, and strangers' bytes."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from samehand.errors import FormatError, InputError, LimitError, NotFoundError, SamehandError
from samehand.sources.batches import RawBatch
from samehand.sources.delimited import Delimited, RefusedError, fast_batches, slow_batches
from samehand.sources.streams import Limits
from tests.sources.files import written

Read = tuple[list[tuple[int, tuple[str, ...]]], list[tuple[int, str, str]]]

LIMITS = Limits()
SMALL = Limits(field_bytes=40, line_bytes=400)
PIECES = ["a", "b", ",", ",", '"', '"', '""', "\n", "\r\n", "\r", "é", " ", "\t", "x,y\n", '"q"\n']
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def _read(batches: Iterable[RawBatch]) -> Read:
    good, rejects = [], []
    for batch in batches:
        cells = zip(*(column.to_pylist() for column in batch.table.columns), strict=True)
        good += list(zip(batch.rows.tolist(), cells, strict=True))
        rejects += [(reject.row, reject.reason, reject.raw) for reject in batch.rejects]
    return sorted(good), sorted(rejects)


def _slow(path: Path, limits: Limits) -> Read:
    file = Delimited(path, limits)
    return _read(slow_batches(file.stream, file.columns, file.delimiter, limits))


@settings(max_examples=300, deadline=None)
@given(texts, st.sampled_from([LIMITS, SMALL]))
@example('1,"unclosed\n2,3\n', LIMITS)
@example('1,""', LIMITS)
@example('1\n"a\n",2\n', LIMITS)
def test_both_parsers_give_the_same_rows(tmp_path_factory: pytest.TempPathFactory, body: str, limits: Limits) -> None:
    path = written(tmp_path_factory.mktemp("csv") / "a.csv", "x,y\n" + body)
    slow = _slow(path, limits)
    file = Delimited(path, limits)
    try:
        fast = _read(fast_batches(file.stream, file.columns, file.delimiter, limits))
    except RefusedError:
        fast = slow

    assert fast == slow
    assert _read(Delimited(path, limits).batches()) == slow


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_message(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = written(tmp_path_factory.mktemp("bytes") / "a.csv", content)
    with contextlib.suppress(SamehandError):
        good, rejects = _read(Delimited(path, SMALL).batches())
        numbers = sorted([row for row, _ in good] + [row for row, _, _ in rejects])
        assert numbers == list(range(1, len(numbers) + 1))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=9))
def test_quoted_cells_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    clean = [tuple(cell.encode("utf-8", "replace").decode().replace("\0", "") for cell in row) for row in cells]
    lines = ["x,y", *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in clean)]
    path = written(tmp_path_factory.mktemp("round") / "a.csv", "\n".join(lines) + "\n")

    good, rejects = _read(Delimited(path, LIMITS).batches())

    assert ([row for _, row in good], rejects) == (clean, [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfx,y\n1,\xc3\xa9\n", ("1", "é")),
        ("x,y\n1,é\n".encode("utf-16"), ("1", "é")),
        ("\ufeffx,y\r\n1,é\r\n".encode("utf-16-be"), ("1", "é")),
        ("\ufeffx,y\r\n1,é\r\n".encode("utf-32-le"), ("1", "é")),
        (b"x,y\n1,caf\xe9 \x93ok\x94\n", ("1", "café “ok”")),
        (b"x,y\n1,a\x00b\n", ("1", "ab")),
        (b'x,y\r\n1,"two\r\nlines"\r\n', ("1", "two\r\nlines")),
        (b"x,y\n\n\n1,2", ("1", "2")),
        (b"x;y\n1;2\n", ("1", "2")),
        (b"sep=;\nx;y\n1;2\n", ("1", "2")),
        (b"x\ty\n1\t2\n", ("1", "2")),
    ],
)
def test_mixed_encodings_and_line_ends_are_repaired(tmp_path: Path, content: bytes, expected: tuple[str, str]) -> None:
    file = Delimited(written(tmp_path / "a.csv", content), LIMITS)

    assert ([name.strip() for name in file.columns], _read(file.batches())) == (["x", "y"], ([(1, expected)], []))


def test_what_was_repaired_is_counted(tmp_path: Path) -> None:
    file = Delimited(written(tmp_path / "a.csv", b"x,y\n\xe9\xe9,a\x00\n"), LIMITS)
    list(file.batches())

    assert (file.stream.repaired, file.stream.nul) == (2, 1)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".csv.zst"])
def test_compressed_files_are_read_as_they_are(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"a{suffix}", "x,y\n1,2\n")

    assert _read(Delimited(path, LIMITS).batches()) == ([(1, ("1", "2"))], [])


def test_an_unclosed_quotation_mark_spoils_its_own_line_only(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", 'x,y\n1,2\n3,"never closed\n5,6\n7,8\n')

    good, rejects = _read(Delimited(path, LIMITS).batches())

    assert good == [(1, ("1", "2")), (3, ("5", "6")), (4, ("7", "8"))]
    assert rejects == [(2, "a quotation mark is never closed", '3,"never closed')]


def test_a_ragged_row_is_rejected_with_its_text(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "x,y\n1,2,3\n4,5\n6\n")

    assert _read(Delimited(path, LIMITS).batches()) == (
        [(2, ("4", "5"))],
        [(1, "3 cells where the header has 2", "1,2,3"), (3, "1 cells where the header has 2", "6")],
    )


def test_a_cell_beyond_the_limit_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"x,y\n1,2\n3,{'z' * 100}\n{'q' * 1000}\n5,6\n")

    good, rejects = _read(Delimited(path, SMALL).batches())

    assert [row for row, _ in good] == [1, 4]
    assert [(row, reason) for row, reason, _ in rejects] == [
        (2, "a cell or row is too long"),
        (3, "a cell or row is too long"),
    ]


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    assert Delimited(written(tmp_path / "a.csv", "x,x,,x\n"), LIMITS).columns == ["x", "x#2", "column 3", "x#3"]


def test_a_header_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    assert _read(Delimited(written(tmp_path / "a.csv", "x,y\n"), LIMITS).batches()) == ([], [])


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FormatError, match="is empty: there is not even a header line"):
        Delimited(written(tmp_path / "a.csv", content), LIMITS)


@pytest.mark.parametrize(
    "content", [b'{"id": 1, "text": "brel"}\n', b'[{"id": 1}]\n', b"[\n{}\n]\n", b'  {\n"a": 1}\n']
)
def test_json_that_is_named_csv_is_said_to_be_json(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FormatError, match="looks like JSON, not like CSV"):
        Delimited(written(tmp_path / "a.csv", content), LIMITS)


def test_a_file_without_a_header_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="has no header within its first"):
        Delimited(written(tmp_path / "a.csv", b"x" * 3_000_000), LIMITS)


def test_an_archive_bomb_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv.gz", b"x,y\n" + b"1,2\n" * 2_000_000)

    with pytest.raises(LimitError, match="times its size, as an archive bomb does"):
        list(Delimited(path, Limits(ratio=100, ratio_from_bytes=1 << 20)).batches())


def test_a_file_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv.zst", b"x,y\n" + b"1,2\n" * 2_000_000)

    with pytest.raises(LimitError, match="unpacks to more than 1,000,000 bytes; split it first"):
        list(Delimited(path, Limits(expanded_bytes=1_000_000)).batches())


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    data = gzip.compress(b"x,y\n" + b"".join(b"%d,2\n" % number for number in range(100_000)))
    path = tmp_path / "a.csv.gz"
    path.write_bytes(data[: len(data) // 2])

    with pytest.raises(InputError, match="cannot be unpacked"):
        list(Delimited(path, LIMITS).batches())


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"PK\x03\x04rest", "a zip archive"), (b"PAR1rest", "a Parquet file"), (b"BZh9", "compressed by bzip2")],
)
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(FormatError, match=f"is {what}, not a text file"):
        Delimited(written(tmp_path / "a.csv", content), LIMITS)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="is not there; check the path"):
        Delimited(tmp_path / "b.csv", LIMITS)
    with pytest.raises(NotFoundError, match="is a folder, not a file"):
        Delimited(tmp_path, LIMITS)
