"""What is peculiar to 4CAT's files."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.errors import FormatError, SamehandError
from samehand.records import Dataset
from samehand.sources import FORMATS, FileReport, Options, Shape
from tests.sources.files import imported, rows, written

SHAPES = {shape.name: shape for shape in FORMATS["4cat"].shapes}


def _import(folder: Path, *records: dict[str, str]) -> tuple[FileReport, Dataset]:
    """Import a file of these rows; each has the columns of the first."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), restval="")
    writer.writeheader()
    writer.writerows(records)
    return imported(written(folder / "a.csv", text.getvalue()), folder / "d", Options("4cat"))


def _row(name: str, **cells: str) -> dict[str, str]:
    """The first row of a shape's example, with some cells changed."""
    header, *lines = csv.reader(SHAPES[name].example)
    return {**dict(zip(header, lines[0], strict=True)), **cells}


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("X and Twitter", "twitter"),
        ("Telegram", "telegram"),
        ("TikTok", "tiktok"),
        ("Instagram", "instagram"),
        ("Reddit", "reddit"),
        ("4chan and other boards", "4chan"),
        ("any other", "unknown"),
    ],
)
def test_the_header_tells_the_platform_unless_it_is_named(tmp_path: Path, name: str, platform: str) -> None:
    path = written(tmp_path / "a.csv", SHAPES[name].example)
    _, told = imported(path, tmp_path / "d", Options("4cat"))
    _, named = imported(path, tmp_path / "e", Options("4cat", platform="gab"))

    assert {row["platform"] for table in ("posts", "assets") for row in rows(told, table)} == {platform}
    assert {row["platform"] for row in rows(named, "posts")} == {"gab"}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_the_example_twice_changes_nothing(tmp_path: Path, shape: Shape) -> None:
    imported(written(tmp_path / "a.csv", shape.example), tmp_path / "d", Options("4cat"))
    report, _ = imported(written(tmp_path / "b.csv", (*shape.example, "")), tmp_path / "d", Options("4cat"))

    assert (report.source.read, report.source.kept) == (report.source.merged, 0)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(SHAPES)), st.data())
def test_any_cells_are_accounted_for(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=9) | st.sampled_from(
        ["-1", "1.0", "yes", ",http"]
    )
    row = _row(name)
    for column in data.draw(st.sets(st.sampled_from(sorted(row)), min_size=1, max_size=4)):
        row[column] = data.draw(cells)
    folder = tmp_path_factory.mktemp("cells")
    try:
        report, dataset = _import(folder, row, _row(name, id="0"))
    except SamehandError:
        return

    source = report.source
    assert source.read == source.kept + source.merged + source.rejected
    assert (source.kept, source.rejected) == (dataset.rows("posts"), dataset.rows("rejects"))


def test_the_time_in_seconds_goes_first_and_is_enough(tmp_path: Path) -> None:
    records = (
        _row("any other", id="1", unix_timestamp="1714557600", timestamp="2024-05-01 12:00:00"),
        _row("any other", id="2", unix_timestamp="", timestamp="2024-05-01 12:00:00"),
        _row("any other", id="3", unix_timestamp="1714557600", timestamp="soon"),
        _row("any other", id="4", unix_timestamp="", timestamp="soon"),
    )
    report, dataset = _import(tmp_path, *records)

    assert [row["posted_at"].hour for row in rows(dataset, "posts")] == [10, 12, 10]
    assert dict(report.source.reasons) == {"timestamp and unix_timestamp are missing, or no times that can be read": 1}


@pytest.mark.parametrize("author", ["[deleted]", "Anonymous"])
def test_what_nobody_wrote_is_rejected(tmp_path: Path, author: str) -> None:
    report, _ = _import(tmp_path, _row("Reddit"), _row("Reddit", id="y", author=author))

    assert dict(report.source.reasons) == {"author is nobody: deleted or anonymous": 1}


def test_a_link_with_a_comma_is_one_link(tmp_path: Path) -> None:
    urls = "https://example.org/a,b,http://example.org/c"
    images = "https://pbs.example/1.jpg,https://pbs.example/2.jpg"
    _, dataset = _import(tmp_path, _row("X and Twitter", urls=urls, images=images, mentions="bo,cy"))
    row = rows(dataset, "posts")[0]

    assert row["urls"] == ["https://example.org/a,b", "http://example.org/c"]
    assert row["media_hashes"] == ["id:https://pbs.example/1.jpg", "id:https://pbs.example/2.jpg"]
    assert row["mentions"] == ["bo", "cy"]


def test_tweets_say_what_they_are_but_not_of_which(tmp_path: Path) -> None:
    records = [
        _row("X and Twitter", id=str(number), **flags)
        for number, flags in enumerate(
            ({"is_retweet": "yes"}, {"is_reply": "yes", "is_quote_tweet": "yes"}, {"is_quote_tweet": "yes"}, {})
        )
    ]
    report, dataset = _import(tmp_path, *records)

    assert [(row["kind"], row["ref_post_id"]) for row in rows(dataset, "posts")] == [
        ("repost", None),
        ("reply", None),
        ("quote", None),
        ("original", None),
    ]
    assert report.source.notes == ("reposts have no target: they tie accounts by their text",)


def test_messages_of_telegram_have_their_chat_in_the_id(tmp_path: Path) -> None:
    records = (
        _row("Telegram", id="7", author="", body="see https://example.org/dog"),
        _row("Telegram", id="cats-8", reply_to="7", link_attached=""),
        _row("Telegram", id="cats-9", author_forwarded_from_username="dogs", reply_to="7"),
    )
    _, dataset = _import(tmp_path, *records)
    found = rows(dataset, "posts")

    assert [(row["post_id"], row["kind"], row["ref_post_id"]) for row in found] == [
        ("cats-7", "original", None),
        ("cats-8", "reply", "cats-7"),
        ("cats-9", "repost", None),
    ]
    assert [row["urls"] for row in found[:2]] == [["https://example.org/dog", "https://example.org/cat"], None]
    assert [(row["asset_id"], row["kind"], row["handle"]) for row in rows(dataset, "assets")] == [
        ("cats", "channel", "cats"),
        ("77", "account", "cats"),
    ]


def test_reddits_posts_merge_with_those_of_its_own_files(tmp_path: Path) -> None:
    own = "https://www.reddit.com/r/cats/comments/y/a_cat/"
    records = (
        _row("Reddit"),
        _row("Reddit", id="y", url=own, body="see https://example.org/dog"),
        _row("Reddit", id="a", parent="t3_x", body="nice", subject="", url="https://example.org/cat"),
    )
    _import(tmp_path, *records)
    shape = FORMATS["reddit"].shapes[1]
    report, dataset = imported(written(tmp_path / "b.csv", shape.example), tmp_path / "d", Options("reddit"))
    found = {row["post_id"]: row for row in rows(dataset, "posts")}

    assert (report.source.read, report.source.merged) == (2, 2)
    assert {key: row["kind"] for key, row in found.items()} == {"t3_x": "original", "t3_y": "original", "t1_a": "reply"}
    assert (found["t3_y"]["urls"], found["t1_a"]["urls"]) == (["https://example.org/dog"], None)


def test_numbers_of_a_board_are_its_own(tmp_path: Path) -> None:
    board = "4chan and other boards"
    records = (_row(board), _row(board, id="6", subject="", image_md5=""), _row(board, board="", id="5"))
    _, dataset = _import(tmp_path, *records)

    assert [
        (row["post_id"], row["kind"], row["ref_post_id"], row["media_hashes"]) for row in rows(dataset, "posts")
    ] == [
        ("pets/5", "original", None, ["id:md5-q1w2e3=="]),
        ("pets/6", "reply", "pets/5", None),
        ("5", "original", None, ["id:md5-q1w2e3=="]),
    ]


def test_old_comments_of_instagram_answer_and_unknown_counts_are_none(tmp_path: Path) -> None:
    records = (_row("Instagram"), _row("Instagram", id="9", type="comment", num_comments="2"))
    _, dataset = _import(tmp_path, *records)

    assert [(row["kind"], row["ref_post_id"], row["reply_count"]) for row in rows(dataset, "posts")] == [
        ("original", None, None),
        ("reply", "Cx1", 2),
    ]


def test_a_video_has_its_hashtags_and_its_author_followers(tmp_path: Path) -> None:
    _, dataset = _import(tmp_path, _row("TikTok"))

    assert rows(dataset, "posts")[0]["hashtags"] == ["cats", "pets"]
    assert [(row["asset_id"], row["followers"]) for row in rows(dataset, "assets")] == [("ann_example", 5)]


def test_a_post_of_nothing_is_null(tmp_path: Path) -> None:
    _, dataset = _import(tmp_path, _row("any other", subject=" ", body=""))
    row = rows(dataset, "posts")[0]

    assert (row["text"], row["urls"], row["hashtags"], row["mentions"]) == (None, None, None, None)


def test_a_file_that_is_none_of_4cats_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ("id,auther,body,time", "1,a,b,2"))

    with pytest.raises(FormatError, match=r"(?s)expected \(any other\): id, author, body, timestamp.*nearest: auther"):
        imported(path, tmp_path / "d", Options("4cat"))


def test_the_time_of_an_example_is_what_it_says(tmp_path: Path) -> None:
    _, dataset = _import(tmp_path, _row("TikTok"))

    assert rows(dataset, "posts")[0]["posted_at"] == datetime(2024, 5, 1, 10, tzinfo=UTC)
