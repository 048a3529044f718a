"""The real files of the shared data folder, with the counts that its README states."""

from __future__ import annotations

from pathlib import Path

import pytest

from samehand.records import Dataset
from samehand.sources import ImportReport, Options, import_files
from tests.sources.files import DATA, rows

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the shared data folder is not there"),
]


def _imported(into: Path, options: Options, *names: str) -> tuple[ImportReport, Dataset]:
    paths = [DATA / name for name in names]
    if missing := [path.name for path in paths if not path.is_file()]:
        pytest.skip(f"the shared data folder has no {', '.join(missing)}")
    return import_files(paths, into, options), Dataset.open(into)


def _counts(report: ImportReport) -> list[tuple[int, int, int, int]]:
    return [(one.source.read, one.source.kept, one.source.merged, one.source.rejected) for one in report.files]


def test_german_elections_are_merged_into_posts_of_two_platforms(tmp_path: Path) -> None:
    report, dataset = _imported(tmp_path / "d", Options("coortweet"), "coortweet/german_elections.csv.gz")

    assert _counts(report) == [(218_971, 194_326, 24_645, 0)]
    assert (dataset.rows("assets"), dataset.time_resolution_s) == (58_317, 1.0)
    assert set(dataset.table("posts", ["platform"]).column("platform").to_pylist()) == {"facebook", "twitter"}


def test_russian_tweets_are_reposts(tmp_path: Path) -> None:
    report, dataset = _imported(tmp_path / "d", Options("coortweet"), "coortweet/russian_coord_tweets.csv.gz")

    assert _counts(report) == [(35_125, 35_085, 40, 0)]
    assert dict(report.files[0].source.differing) == {"ref_post_id": 39}
    assert dataset.rows("assets") == 9_509


def test_the_archive_of_2019_has_744_users(tmp_path: Path) -> None:
    report, dataset = _imported(tmp_path / "d", Options("x-archive"), "hk2019/china_082019_1_users_csv_hashed.csv")

    assert _counts(report) == [(744, 744, 0, 0)]
    assert dataset.rows("assets") == 744


def test_the_week_of_the_ira_has_minute_resolution(tmp_path: Path) -> None:
    report, dataset = _imported(tmp_path / "d", Options("ira"), "ira/ira_english_2016-10-01_07.csv.gz")

    assert _counts(report) == [(31_751, 31_751, 0, 0)]
    assert (dataset.rows("assets"), dataset.time_resolution_s) == (213, 60.0)


def test_comments_and_users_of_reddit_come_together(tmp_path: Path) -> None:
    report, dataset = _imported(tmp_path / "d", Options("reddit"), "reddit-ira/comments.csv.gz", "reddit-ira/users.csv")

    assert _counts(report) == [(6_711, 6_691, 20, 0), (943, 940, 3, 0)]
    assert dataset.rows("assets") == 940


def test_the_mixture_needs_no_map(tmp_path: Path) -> None:
    _imported(tmp_path / "d", Options("table"), "mixtures/ira-in-up/posts.csv.gz")
    report, dataset = _imported(tmp_path / "d", Options("table", table="assets"), "mixtures/ira-in-up/assets.csv.gz")

    assert dataset.rows("posts") == 27_337
    assert _counts(report) == [(10_816, 10_816, 0, 0)]
    assert rows(dataset, "assets", "handle")[0]["handle"] is not None


def test_the_fight_night_needs_a_map(tmp_path: Path) -> None:
    toml = tmp_path / "map.toml"
    toml.write_text('[columns]\npost_id = "id"\nasset_id = "screen_name"\nposted_at = "created_at"\ntext = "text"\n')
    report, dataset = _imported(
        tmp_path / "d", Options("table", map_file=toml, platform="twitter"), "mayweather/tweets.csv.gz"
    )

    assert _counts(report) == [(12_118, 12_118, 0, 0)]
    assert dataset.rows("assets") == 11_037
