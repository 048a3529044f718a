"""Each format by its example, and what makes it what it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from samehand.errors import FormatError
from samehand.sources import FORMATS, Options, Shape
from samehand.sources.tabular import TABLE_EXAMPLE
from tests.sources.files import imported, rows, written

SHAPES = [(one.name, shape) for one in FORMATS.values() for shape in one.shapes]
ROWS = {"telegram": 2, "bluesky": 3, "mastodon": 2}
"""Rows of the examples that are one document, or have lines of several posts."""
DOCS = Path(__file__).parents[2] / "docs" / "formats.md"


def _file(folder: Path, name: str, lines: tuple[str, ...]) -> Path:
    return written(folder / f"a.{'csv' if FORMATS[name].content == 'delimited' else FORMATS[name].content}", lines)


@pytest.mark.parametrize(("name", "shape"), SHAPES, ids=[f"{name}: {shape.name}" for name, shape in SHAPES])
def test_every_row_of_the_example_is_kept_or_merged(tmp_path: Path, name: str, shape: Shape) -> None:
    report, dataset = imported(_file(tmp_path, name, shape.example), tmp_path / "d", Options(name))

    expected = ROWS.get(name, len(shape.example) - (FORMATS[name].content != "jsonl"))
    assert (report.source.read, report.source.rejected, report.source.table) == (expected, 0, shape.table)
    assert report.source.read == report.source.kept + report.source.merged
    assert dataset.rows(shape.table) == report.source.kept


@pytest.mark.parametrize(("name", "shape"), SHAPES, ids=[f"{name}: {shape.name}" for name, shape in SHAPES])
def test_the_docs_show_each_format_with_its_columns_and_example(name: str, shape: Shape) -> None:
    docs = DOCS.read_text(encoding="utf-8")

    assert f"## `{name}`" in docs
    assert "\n".join(shape.example) in docs
    assert all(f"`{column}`" in docs for column in (*shape.required, *shape.optional))


def test_the_docs_show_the_example_of_a_table() -> None:
    assert "\n".join(TABLE_EXAMPLE) in DOCS.read_text(encoding="utf-8")


def test_several_rows_of_coortweet_make_one_post_with_all_its_objects(tmp_path: Path) -> None:
    shape = next(shape for shape in FORMATS["coortweet"].shapes if shape.name == "shares")
    report, dataset = imported(_file(tmp_path, "coortweet", shape.example), tmp_path / "d", Options("coortweet"))

    assert (report.source.kept, report.source.merged) == (3, 1)
    assert rows(dataset, "posts", "platform", "post_id") == [
        {"platform": "facebook", "post_id": "10"},
        {"platform": "facebook", "post_id": "11"},
        {"platform": "twitter", "post_id": "12"},
    ]
    found = [(row["post_id"], row["trace"], row["object_id"]) for row in rows(dataset, "activities")]
    assert sorted(found) == [
        ("10", "domain", "5"),
        ("10", "url", "77"),
        ("11", "domain", "5"),
        ("11", "hashtag", "31"),
        ("11", "hashtag", "32"),
        ("11", "url", "77"),
        ("12", "hashtag", "31"),
        ("12", "image", "9"),
    ]


def test_coortweet_ids_without_prefixes_are_of_the_platform_asked_for(tmp_path: Path) -> None:
    lines = ("account_id,post_id,url_id,timestamp", "fb_1,1,u,1600000000", "2,2,u,1600000000")
    path = written(tmp_path / "a.csv", lines)
    _, unknown = imported(path, tmp_path / "d", Options("coortweet"))
    _, given = imported(path, tmp_path / "e", Options("coortweet", platform="gab"))

    assert [row["platform"] for row in rows(unknown, "posts")] == ["unknown"] * 2
    assert [row["platform"] for row in rows(given, "posts")] == ["gab"] * 2


def test_a_post_without_an_id_gets_one_from_its_file_and_row(tmp_path: Path) -> None:
    lines = ("account_id,post_id,url_id,timestamp", "a,,u,1600000000", "b,,u,1600000001")
    report, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("coortweet"))

    ids = [row["post_id"] for row in rows(dataset, "posts")]

    assert ids == [f"{report.source.sha256[:16]}:1", f"{report.source.sha256[:16]}:2"]
    assert report.source.notes == ("2 posts have no id: theirs are made of the file's content and the row",)


def test_pairs_are_reposts_unless_another_trace_is_asked_for(tmp_path: Path) -> None:
    shape = next(shape for shape in FORMATS["coortweet"].shapes if shape.name == "pairs")
    path = _file(tmp_path, "coortweet", shape.example)
    _, reposts = imported(path, tmp_path / "d", Options("coortweet"))
    _, links = imported(path, tmp_path / "e", Options("coortweet", trace="url"))

    assert [(row["kind"], row["ref_post_id"]) for row in rows(reposts, "posts")] == [
        ("repost", "o1"),
        ("repost", "o1"),
        ("repost", "o2"),
    ]
    assert reposts.rows("activities") == 0
    assert [(row["trace"], row["object_id"], row["post_id"]) for row in rows(links, "activities")] == [
        ("url", "o1", "c1"),
        ("url", "o1", "c2"),
        ("url", "o2", "c3"),
    ]


def test_a_pair_without_an_object_is_kept_as_a_post_that_shares_nothing(tmp_path: Path) -> None:
    lines = ("object_id,account_id,content_id,timestamp_share", ",a,1,1600000000", " ,b,2,1600000000")
    path = written(tmp_path / "a.csv", lines)
    _, reposts = imported(path, tmp_path / "d", Options("coortweet"))
    _, links = imported(path, tmp_path / "e", Options("coortweet", trace="url"))

    assert [(row["kind"], row["ref_post_id"]) for row in rows(reposts, "posts")] == [("original", None)] * 2
    assert (links.rows("posts"), links.rows("activities")) == (2, 0)


def test_the_archive_has_posts_their_references_and_their_authors(tmp_path: Path) -> None:
    shape = FORMATS["x-archive"].shapes[0]
    _, dataset = imported(_file(tmp_path, "x-archive", shape.example), tmp_path / "d", Options("x-archive"))
    first, second = rows(dataset, "posts")

    assert (first["kind"], first["urls"], first["hashtags"], first["mentions"]) == (
        "original",
        ["https://example.org/cat"],
        ["cats", "pets"],
        ["12"],
    )
    assert (second["kind"], second["ref_post_id"], second["ref_asset_id"], second["urls"]) == (
        "repost",
        "501",
        "11",
        None,
    )
    assert [(row["asset_id"], row["handle"], row["created_at"]) for row in rows(dataset, "assets")] == [
        ("11", "ann_example", datetime(2017, 8, 30, tzinfo=UTC)),
        ("12", "bo_example", datetime(2017, 10, 16, tzinfo=UTC)),
    ]


def test_the_toolkit_goes_by_place(tmp_path: Path) -> None:
    lines = ("a,b,c,d,e,f,g,h", *FORMATS["toolkit"].shapes[0].example[1:])
    _, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("toolkit"))

    assert [(row["kind"], row["ref_post_id"], row["urls"], row["hashtags"]) for row in rows(dataset, "posts")] == [
        ("original", None, ["https://example.org/cat", "https://example.org/dog"], ["cats"]),
        ("repost", "m1", None, ["cats"]),
        ("reply", "m1", None, None),
    ]
    assert [row["handle"] for row in rows(dataset, "assets")] == ["ann", "bo", "cy"]


def test_reposts_of_the_ira_have_no_target(tmp_path: Path) -> None:
    for number, shape in enumerate(FORMATS["ira"].shapes):
        report, dataset = imported(_file(tmp_path, "ira", shape.example), tmp_path / f"d{number}", Options("ira"))

        assert [(row["kind"], row["ref_post_id"]) for row in rows(dataset, "posts")] == [
            ("original", None),
            ("repost", None),
        ]
        assert "reposts have no target: they tie accounts by their text" in report.source.notes


def test_american_dates_of_the_ira_are_read(tmp_path: Path) -> None:
    _, dataset = imported(_file(tmp_path, "ira", FORMATS["ira"].shapes[0].example), tmp_path / "d", Options("ira"))

    assert rows(dataset, "posts")[0]["posted_at"] == datetime(2017, 10, 1, 19, 58, tzinfo=UTC)


def test_the_link_of_a_thread_is_no_link_of_its_comments(tmp_path: Path) -> None:
    shape = FORMATS["reddit"].shapes[0]
    _, dataset = imported(_file(tmp_path, "reddit", shape.example), tmp_path / "d", Options("reddit"))

    assert [(row["kind"], row["ref_post_id"], row["urls"]) for row in rows(dataset, "posts")] == [
        ("reply", "t3_x", None),
        ("reply", "t1_a", ["https://example.org/dog"]),
    ]


def test_the_link_of_a_submission_is_its_authors_unless_it_leads_to_itself(tmp_path: Path) -> None:
    shape = FORMATS["reddit"].shapes[1]
    _, dataset = imported(_file(tmp_path, "reddit", shape.example), tmp_path / "d", Options("reddit"))

    assert [(row["text"], row["urls"]) for row in rows(dataset, "posts")] == [
        ("A cat", ["https://example.org/cat"]),
        ("Ask\n\nwho knows?", None),
    ]


def test_submissions_that_say_nothing_are_kept(tmp_path: Path) -> None:
    lines = ("name,author.name,title,selftext,created_utc", "t3_x,ann_example,,,1470600000")
    _, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("reddit"))

    assert rows(dataset, "posts", "text") == [{"text": None}]


def test_deleted_authors_are_nobody(tmp_path: Path) -> None:
    lines = (*FORMATS["reddit"].shapes[0].example, "t1_c,[deleted],x,1470604422,c,t3_x,,t1_c,t3_x,1")
    report, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("reddit"))

    assert dict(report.source.reasons) == {"author was deleted": 1}
    assert dataset.rows("posts") == 2


def test_pages_and_tweets_of_the_api_are_posts_with_their_users(tmp_path: Path) -> None:
    _, dataset = imported(
        _file(tmp_path, "x-api", FORMATS["x-api"].shapes[0].example), tmp_path / "d", Options("x-api")
    )
    first, second = rows(dataset, "posts")

    assert (first["kind"], first["ref_post_id"], first["ref_asset_id"], first["repost_count"]) == (
        "repost",
        "1",
        "11",
        1,
    )
    assert (second["kind"], second["urls"], second["hashtags"]) == ("original", ["https://example.org/cat"], ["cats"])
    assert [(row["asset_id"], row["handle"]) for row in rows(dataset, "assets")] == [("12", "bo_example"), ("13", None)]


def test_no_line_of_a_long_file_of_the_api_is_lost(tmp_path: Path) -> None:
    tweet = '{"id":"%d","author_id":"13","created_at":"2021-06-01T10:00:09.000Z","text":"x"}'
    path = written(tmp_path / "a.jsonl", tuple(tweet % number for number in range(250)))
    report, _ = imported(path, tmp_path / "d", Options("x-api"))

    assert report.source.read == 250


def test_odd_lines_of_the_api_are_rejected(tmp_path: Path) -> None:
    lines = (
        *FORMATS["x-api"].shapes[0].example,
        '{"errors": []}',
        "{",
        '{"meta": {"result_count": 0}}',
        '{"data": [{"id": "9", "text": "no author", "created_at": "2021-06-01T10:00:05Z", "entities": 3}, 7]}',
        '{"data": {"id": 10, "author_id": 4, "text": "x", "created_at": "soon"}}',
    )
    report, dataset = imported(written(tmp_path / "a.jsonl", lines), tmp_path / "d", Options("x-api"))

    assert (report.source.read, report.source.kept, report.source.rejected) == (6, 2, 4)
    assert [(row["row"], row["reason"]) for row in rows(dataset, "rejects")] == [
        (3, "the line holds no tweet"),
        (4, "the line is no JSON"),
        (6, "author_id is missing"),
        (7, "created_at is no time that can be read"),
    ]


def test_a_file_of_no_tweets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"holds no tweets of API version 2.*found x"):
        imported(written(tmp_path / "a.jsonl", ('{"x": 1}',)), tmp_path / "d", Options("x-api"))


def test_ids_that_a_spreadsheet_rounded_are_no_ids(tmp_path: Path) -> None:
    lines = (
        "tweetid,userid,tweet_time,retweet_tweetid",
        "1,9.06E+17,2020-01-01 00:00,",
        "2,5.0,2020-01-01 00:00,1.2E+18",
    )
    report, dataset = imported(written(tmp_path / "a.csv", lines), tmp_path / "d", Options("x-archive"))

    assert dict(report.source.reasons) == {"userid was rounded by a spreadsheet": 1}
    assert dict(report.source.unreadable) == {"retweet_tweetid": 1}
    assert [row["asset_id"] for row in rows(dataset, "posts")] == ["5"]


def test_a_file_of_another_format_is_refused_with_what_was_expected_and_found(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", FORMATS["coortweet"].shapes[1].example)

    with pytest.raises(FormatError) as refused:
        imported(path, tmp_path / "d", Options("x-archive"))

    message = str(refused.value)
    assert "does not have the columns of format 'x-archive'" in message
    assert "expected (users): userid, account_creation_date" in message
    assert "found: account_id, post_id, url_id" in message
    assert "these columns fit format 'coortweet'" in message
    assert not (tmp_path / "d").exists()


def test_a_misspelt_column_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ("account,post_ids,times", "a,1,2"))

    with pytest.raises(
        FormatError, match=r"(?s)missing: post_id \(nearest: post_ids\).*rename the columns, or read the file"
    ):
        imported(path, tmp_path / "d", Options("coortweet"))


def test_a_toolkit_file_with_another_number_of_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"8 columns in this order: message_id, .*; found 3"):
        imported(written(tmp_path / "a.csv", ("a,b,c", "1,2,3")), tmp_path / "d", Options("toolkit"))
