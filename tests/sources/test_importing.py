"""Files into a dataset: all or none, every row accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.errors import FormatError, InputError, LimitError, NotFoundError, SamehandError, UsageError
from samehand.records import Dataset, write_csv
from samehand.sources import FORMATS, Limits, Options, import_files
from samehand.sources.tabular import TABLE_EXAMPLE
from tests.sources.files import imported, rows, written

SHARES = ("account_id,post_id,url_id,timestamp", "a,1,u,1600000000", "b,2,u,1600000005", "a,1,v,1600000000")


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", SHARES)
    imported(path, tmp_path / "d", Options("coortweet"))
    before = _bytes(tmp_path / "d")

    report, _ = imported(path, tmp_path / "d", Options("coortweet"))

    assert report.held
    assert (report.source.read, report.source.kept, report.source.merged) == (3, 2, 1)
    assert _bytes(tmp_path / "d") == before


def test_the_same_file_under_two_names_is_read_once(tmp_path: Path) -> None:
    paths = [written(tmp_path / name, SHARES) for name in ("a.csv", "b.csv")]

    report = import_files(paths, tmp_path / "d", Options("coortweet"))

    assert [file.held for file in report.files] == [False, True]
    assert len(Dataset.open(tmp_path / "d").manifest.sources) == 1


def test_overlapping_files_are_merged(tmp_path: Path) -> None:
    imported(written(tmp_path / "a.csv", SHARES), tmp_path / "d", Options("coortweet"))
    more = (*SHARES, "c,3,u,1600000010")
    report, dataset = imported(written(tmp_path / "b.csv", more), tmp_path / "d", Options("coortweet"))

    assert (report.source.read, report.source.kept, report.source.merged) == (4, 1, 3)
    assert [row["post_id"] for row in rows(dataset, "posts")] == ["1", "2", "3"]
    assert (dataset.rows("activities"), dataset.rows("assets")) == (4, 3)


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    paths = [written(tmp_path / "a.csv", SHARES), written(tmp_path / "sub" / "a.csv", (*SHARES, "c,3,u,16x"))]

    import_files(paths, tmp_path / "d", Options("coortweet"))
    dataset = Dataset.open(tmp_path / "d")

    assert [source.file for source in dataset.manifest.sources] == ["a.csv", "a.csv#2"]
    assert [row["source"] for row in rows(dataset, "rejects")] == ["a.csv#2"]


def test_a_bad_row_is_rejected_with_its_place_reason_and_text(tmp_path: Path) -> None:
    lines = (*SHARES, "c,3,u,soon", ",4,u,1600000000", "c,5,u,", "c,6", 'd,7,"x,y",1600000001')
    report, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("coortweet"))

    assert (report.source.read, report.source.kept, report.source.merged, report.source.rejected) == (8, 3, 1, 4)
    assert rows(dataset, "rejects") == [
        {"table": "posts", "source": "a.csv", "row": row, "reason": reason, "raw": raw}
        for row, reason, raw in (
            (4, "timestamp is no time that can be read", "c,3,u,soon"),
            (5, "account_id is missing", ",4,u,1600000000"),
            (6, "timestamp is missing", "c,5,u,"),
            (7, "2 cells where the header has 4", "c,6"),
        )
    ]


def test_nothing_stays_of_an_import_that_fails_halfway(tmp_path: Path) -> None:
    paths = [written(tmp_path / "a.csv", SHARES), written(tmp_path / "b.csv", ("x,y", "1,2"))]

    with pytest.raises(FormatError):
        import_files(paths, tmp_path / "d", Options("coortweet"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_an_archive_bomb_leaves_the_dataset_as_it_was(tmp_path: Path) -> None:
    imported(written(tmp_path / "a.csv", SHARES), tmp_path / "d", Options("coortweet"))
    before = _bytes(tmp_path / "d")
    bomb = written(tmp_path / "b.csv.gz", SHARES[0] + "\n" + "a,1,u,1600000000\n" * 500_000)

    with pytest.raises(LimitError):
        imported(bomb, tmp_path / "d", Options("coortweet", limits=Limits(ratio=20, ratio_from_bytes=1 << 20)))

    assert _bytes(tmp_path / "d") == before


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from([name for name, one in FORMATS.items() if one.shapes]),
    st.lists(st.text(st.sampled_from('a1,,,"\n[]{}:-Tü\x00 '), max_size=60) | st.text(max_size=20), max_size=5),
    st.data(),
)
def test_any_rows_are_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, name: str, lines: list[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    example = data.draw(st.sampled_from(FORMATS[name].shapes)).example
    text = "\n".join([*example, *lines, example[-1]]).encode("utf-8", "replace")
    try:
        report, dataset = imported(written(folder / "a.csv", text), folder / "d", Options(name))
    except SamehandError:
        assert not (folder / "d").exists()
        return

    source = report.source
    assert source.read == source.kept + source.merged + source.rejected
    assert source.kept == dataset.rows(source.table)
    assert source.rejected == sum(source.reasons.values())


def test_times_without_a_zone_are_said_to_be_read_as_utc(tmp_path: Path) -> None:
    lines = ("account_id,post_id,url_id,timestamp", "a,1,u,2021-07-01 12:00", "a,2,u,2021-07-01T12:00:00Z")
    path = written(tmp_path / "a.csv", lines)
    assumed, _ = imported(path, tmp_path / "d", Options("coortweet"))
    told, dataset = imported(path, tmp_path / "e", Options("coortweet", timezone="Europe/Berlin"))

    assert assumed.source.notes == ("1 times had no zone and were read as UTC; name theirs with --timezone",)
    assert told.source.notes == ("1 times had no zone and were read as Europe/Berlin",)
    assert [row["posted_at"].hour for row in rows(dataset, "posts")] == [10, 12]


def test_what_was_repaired_is_noted(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "\n".join(SHARES).encode() + b"\nc\xe9,9\x00,u,1600000000\n")
    report, _ = imported(path, tmp_path / "d", Options("coortweet"))
    wide, _ = imported(
        written(tmp_path / "b.csv", "\n".join(SHARES).encode("utf-16")), tmp_path / "e", Options("coortweet")
    )

    assert report.source.notes == ("1 bytes were no UTF-8 and were read as Windows-1252", "1 NUL bytes were left out")
    assert wide.source.notes == ("the file is in UTF-16-LE",)


def test_an_empty_link_is_never_a_shared_object(tmp_path: Path) -> None:
    lines = (
        "platform,post_id,asset_id,posted_at,text,urls",
        "f,1,a,1600000000,,",
        "f,2,b,1600000000, , | ",
        "f,3,c,1600000000,x,u|u",
    )
    _, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("table"))

    assert [(row["text"], row["urls"]) for row in rows(dataset, "posts")] == [(None, None), (None, None), ("x", ["u"])]


def test_extra_columns_are_kept_aside_with_the_key_of_their_row(tmp_path: Path) -> None:
    lines = (
        "platform,post_id,asset_id,posted_at,mood,row",
        "f,1,a,1600000000,calm,x",
        "f,2,b,soon,,",
        "f,3,c,1600000000,,y",
    )
    report, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("table"))
    extras = report.source.extras

    assert extras is not None
    assert dict(extras.columns) == {"mood": 1, "row (file)": 2}
    assert pq.read_table(dataset.path / extras.file).to_pylist() == [
        {"row": 1, "platform": "f", "post_id": "1", "mood": "calm", "row (file)": "x"},
        {"row": 3, "platform": "f", "post_id": "3", "mood": None, "row (file)": "y"},
    ]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    lines = ("platform,post_id,asset_id,posted_at,mood", "f,1,a,1600000000,calm", "f,1,a,1600000001,", "f,2,b,soon,")
    path = written(tmp_path / "a.csv", lines)
    for name in ("one", "two"):
        imported(path, tmp_path / name / "d", Options("table"))

    assert _bytes(tmp_path / "one" / "d") == _bytes(tmp_path / "two" / "d")


def test_only_the_owner_may_read_what_was_kept_aside_or_rejected(tmp_path: Path) -> None:
    lines = ("platform,post_id,asset_id,posted_at,mood", "f,1,a,1600000000,calm", "f,2,b,soon,")
    imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("table"))
    found = list((tmp_path / "d").rglob("*"))

    assert {path.stat().st_mode & 0o777 for path in found if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o700}


def test_extras_survive_the_next_import(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", ("platform,post_id,asset_id,posted_at,mood", "f,1,a,1600000000,calm"))
    imported(first, tmp_path / "d", Options("table"))
    second = written(tmp_path / "b.csv", ("platform,post_id,asset_id,posted_at,tone", "f,2,a,1600000000,flat"))
    _, dataset = imported(second, tmp_path / "d", Options("table"))

    files = [source.extras.file for source in dataset.manifest.sources if source.extras is not None]
    assert [pq.read_table(dataset.path / file).column_names[-1] for file in files] == ["mood", "tone"]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet", "csv.gz"])
def test_a_table_is_the_same_from_any_kind_of_file(tmp_path: Path, suffix: str) -> None:
    _, expected = imported(written(tmp_path / "a.csv", TABLE_EXAMPLE), tmp_path / "d", Options("table"))
    posts = expected.table("posts")
    path = tmp_path / f"b.{suffix}"
    if suffix == "parquet":
        pq.write_table(posts, path)
    elif suffix == "jsonl":
        written(path, "".join(pa_line(row) for row in posts.to_pylist()))
    else:
        write_csv(tmp_path / "plain.csv", posts)
        text = (tmp_path / "plain.csv").read_text()
        written(path, text.replace(",", "\t") if suffix == "tsv" else text)

    _, dataset = imported(path, tmp_path / "e", Options("table"))

    assert dataset.table("posts") == posts


def pa_line(row: dict[str, Any]) -> str:
    """A row as a line of JSON, times as text."""
    import json

    return json.dumps(row, default=lambda value: value.isoformat()) + "\n"


def test_parquet_columns_of_other_types_are_cast(tmp_path: Path) -> None:
    table = pa.table(
        {
            "platform": ["f"],
            "post_id": [12],
            "asset_id": [7.0],
            "posted_at": [1600000000],
            "like_count": ["3"],
            "odd": [[1, 2]],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    report, dataset = imported(tmp_path / "a.parquet", tmp_path / "d", Options("table"))

    row = rows(dataset, "posts", "post_id", "asset_id", "like_count")[0]
    assert row == {"post_id": "12", "asset_id": "7", "like_count": 3}
    assert report.source.extras is not None


def test_columns_with_other_names_are_guessed_and_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ("user,when posted,message,created_at", "a,x,hello #cats,1600000000"))

    with pytest.raises(FormatError) as refused:
        imported(path, tmp_path / "d", Options("table"))

    message = str(refused.value)
    assert "has no column 'asset_id', 'posted_at', which table 'posts' needs; it has user, when posted" in message
    assert 'asset_id = "user"\nposted_at = "created_at"\ntext = "message"' in message
    assert "check it, save it as map.toml and pass it with --map map.toml" in message


def test_the_guessed_map_reads_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ("user,message,created_at", "a,hello #cats https://example.org,1600000000"))
    with pytest.raises(FormatError) as refused:
        imported(path, tmp_path / "d", Options("table"))
    toml = str(refused.value).partition("\n\n")[2]

    options = Options("table", map_file=written(tmp_path / "map.toml", toml), platform="forum")
    report, dataset = imported(path, tmp_path / "d", options)

    row = rows(dataset, "posts", "platform", "asset_id", "kind", "hashtags", "urls")[0]
    assert row == {
        "platform": "forum",
        "asset_id": "a",
        "kind": "original",
        "hashtags": ["cats"],
        "urls": ["https://example.org"],
    }
    assert "links, hashtags and mentions were found in the text" in report.source.notes
    assert report.source.options["map"]


def test_what_cannot_be_guessed_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r'# posted_at = "\?"   # needed in \[columns\], and no column looks like it'):
        imported(written(tmp_path / "a.csv", ("user,x", "a,1")), tmp_path / "d", Options("table"))


def test_a_map_has_constants_separators_zones_and_patterns(tmp_path: Path) -> None:
    toml = (
        "[columns]", 'asset_id = "who"', 'posted_at = "when"', 'urls = "links"',
        "[constants]", 'platform = "forum"', 'like_count = "4"', 'hashtags = "h"',
        "[lists]", 'separator = " "',
        "[times]", 'timezone = "Europe/Berlin"', 'format = "%d.%m.%Y %H:%M"',
    )  # fmt: skip
    path = written(tmp_path / "a.csv", ("who,when,links", "a,01.07.2021 12:00,u v"))
    _, dataset = imported(path, tmp_path / "d", Options("table", map_file=written(tmp_path / "map.toml", toml)))
    row = rows(dataset, "posts")[0]

    assert (row["platform"], row["like_count"], row["hashtags"], row["urls"]) == ("forum", 4, ["h"], ["u", "v"])
    assert row["posted_at"].isoformat() == "2021-07-01T10:00:00+00:00"


_GOOD = '[columns]\nasset_id = "user"\nposted_at = "created_at"\n'


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[columns", "is no TOML"),
        ("[colums]\n", "'colums' is no section; did you mean 'columns'?"),
        ('[columns]\nasset = "user"\n', r"'asset' is no key of \[columns\]; did you mean 'asset_id'?"),
        ('[columns]\nqqq = "user"\n', r"'qqq' is no key of \[columns\]; known are platform"),
        ("[columns]\nasset_id = 1\n", r"asset_id in \[columns\] is no text"),
        ("columns = 3\n", r"\[columns\] is no section"),
        ('[columns]\nasset_id = "user"\n', "names no column for posted_at, which table 'posts' needs"),
        (_GOOD + '[lists]\nseparator = ""\n', r"the separator of \[lists\] is empty"),
        (_GOOD + 'text = "nope"\n', "has no column 'nope', which the map names; it has user, created_at"),
        (_GOOD + '[constants]\nlike_count = "x"\n', "the constant like_count = 'x' does not become int64"),
    ],
)
def test_a_faulty_map_is_refused_with_what_is_wrong(tmp_path: Path, toml: str, message: str) -> None:
    path = written(tmp_path / "a.csv", ("user,created_at", "a,1600000000"))

    with pytest.raises(FormatError, match=message):
        imported(path, tmp_path / "d", Options("table", map_file=written(tmp_path / "map.toml", toml)))


def test_a_map_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ("user,created_at", "a,1600000000"))

    with pytest.raises(NotFoundError, match="name a TOML file with --map"):
        imported(path, tmp_path / "d", Options("table", map_file=tmp_path / "map.toml"))


def test_a_kind_that_is_none_is_rejected(tmp_path: Path) -> None:
    lines = ("asset_id,posted_at,kind", "a,1600000000,retweet", "a,1600000000,repost", "a,1600000000,")
    report, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("table"))

    assert dict(report.source.reasons) == {"kind is none of original, repost, reply, quote": 1}
    assert [row["kind"] for row in rows(dataset, "posts")] == ["repost", "original"]


def test_other_tables_are_read_by_their_columns(tmp_path: Path) -> None:
    lines = (
        "platform,asset_id,at,ip,flow_ms",
        "f,a,2024-01-01T00:00:00Z,192.0.2.1,1200",
        "f,b,2024-01-01T00:00:01Z,,fast",
    )
    path = written(tmp_path / "a.csv", lines)
    report, dataset = imported(path, tmp_path / "d", Options("table", table="signups"))

    assert [(row["ip"], row["flow_ms"]) for row in rows(dataset, "signups")] == [("192.0.2.1", 1200), (None, None)]
    assert dict(report.source.unreadable) == {"flow_ms": 1}
    assert report.source.time_resolution == 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options("coortwet"), "there is no format 'coortwet'; did you mean 'coortweet'?"),
        (Options("zzz"), "there is no format 'zzz'; formats are coortweet"),
        (Options("ira", trace="url"), "--trace means nothing for format 'ira'"),
        (Options("coortweet", trace="urls"), "there is no trace 'urls'; did you mean 'url'?"),
        (Options("ira", table="posts"), "--table and --map are for format 'table'"),
        (Options("table", table="post"), "there is no table 'post'; did you mean 'posts'?"),
        (Options("table", table="rejects"), "there is no table 'rejects'"),
        (Options("table", platform="a:b"), "'a:b' is no name of a platform"),
        (Options("table", timezone="Mars"), "there is no time zone 'Mars'"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(tmp_path: Path, options: Options, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        imported(written(tmp_path / "a.csv", SHARES), tmp_path / "d", options)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name at least one file"):
        import_files([], tmp_path / "d", Options("ira"))
    with pytest.raises(NotFoundError, match="is not there; check the path"):
        import_files([tmp_path / "x.csv"], tmp_path / "d", Options("ira"))
    with pytest.raises(NotFoundError, match="is a folder, not a file"):
        import_files([tmp_path], tmp_path / "d", Options("ira"))


def test_files_that_are_no_parquet_and_no_jsonl_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is no Parquet file that can be read"):
        imported(written(tmp_path / "a.parquet", "x"), tmp_path / "d", Options("table"))
    with pytest.raises(FormatError, match="holds no JSON object among its first lines"):
        imported(written(tmp_path / "a.jsonl", "x"), tmp_path / "d", Options("table"))


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"asset_id": ["a" * 90] * 99, "posted_at": [1600000000] * 99}), tmp_path / "a.parquet")
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    data[4:90] = b"\xff" * 86
    (tmp_path / "a.parquet").write_bytes(data)

    with pytest.raises(InputError, match="is damaged"):
        imported(tmp_path / "a.parquet", tmp_path / "d", Options("table"))


def test_a_parquet_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"asset_id": ["a"] * 9_999, "posted_at": list(range(9_999))}), tmp_path / "a.parquet")

    with pytest.raises(LimitError, match="unpacks to more than 1,000 bytes"):
        imported(tmp_path / "a.parquet", tmp_path / "d", Options("table", limits=Limits(expanded_bytes=1_000)))
