"""A file of advertisers: every row has a decision or a reason, in whatever format."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.advertising import AdRecord, Gate, check_file
from samehand.errors import FormatError, NotFoundError, UsageError
from samehand.policy import read_ad_pack
from tests.advertising.made_up import DAY, HELD, assessed, asset, entity, registry

KITE = entity("cn-kite", assessments=(assessed("SC"),), assets=(asset("domain", "kite.test.com"),))
GATE = Gate(registry(KITE), read_ad_pack("tiktok-2024", DAY), DAY, HELD)
ROWS = [
    {"advertiser_id": "1", "landing_url": "https://kite.test.com/a", "target_countries": "CN|FR", "colour": "red"},
    {"advertiser_id": "2", "landing_url": "https://kite.test.com/a", "target_countries": "CN", "colour": "red"},
    {"advertiser_id": "3", "landing_url": "https://shop.test.com", "target_countries": "", "colour": ""},
    {"advertiser_id": "4", "landing_url": "https://kite.test.com/a", "target_countries": "", "colour": ""},
]
EXPECTED = [
    ("1", "block", "shown-abroad"),
    ("2", "allow", "shown-at-home"),
    ("3", "allow", "no-match"),
    ("4", "review", "place-not-known"),
]


def _file(folder: Path, suffix: str) -> Path:
    path = folder / f"ads{suffix}"
    if suffix == ".parquet":
        lists = [
            {**row, "target_countries": row["target_countries"].split("|") if row["target_countries"] else None}
            for row in ROWS
        ]
        pq.write_table(pa.Table.from_pylist(lists), path)
    elif suffix == ".jsonl":
        lists = [
            {**row, "target_countries": [one for one in row["target_countries"].split("|") if one]} for row in ROWS
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in lists), "utf-8")
    else:
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(ROWS[0]), delimiter="\t" if suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(ROWS)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_every_row_is_decided_in_the_order_of_the_file_whatever_its_format(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / "out.parquet"
    done = check_file(_file(tmp_path, suffix), out, GATE)

    rows = pq.read_table(out).to_pylist()
    assert [(row["advertiser_id"], row["decision"], row["ground"]) for row in rows] == EXPECTED
    assert (done.read, done.decided, done.rejected) == (4, 4, 0)
    assert done.decisions == {"block": 1, "allow": 2, "review": 1}
    assert done.unused == ("colour",)
    assert rows[0]["matched_by"] == "landing_url: domain"
    assert rows[0]["citations"][0].startswith(
        "source0: On it, by source0, 2020-05-01 https://source0.test/ - It says so."
    )


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_decisions_are_written_in_the_format_that_is_named(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    check_file(_file(tmp_path, ".csv"), out, GATE)

    text = out.read_text("utf-8")
    rows = (
        list(csv.DictReader(text.splitlines()))
        if suffix == ".csv"
        else [json.loads(line) for line in text.splitlines()]
    )
    assert [(row["advertiser_id"], row["decision"], row["ground"]) for row in rows] == EXPECTED


def test_a_row_that_cannot_be_read_is_counted_with_its_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text("advertiser_id,landing_url\n1,https://kite.test.com\n2,a,b,c\n3,https://shop.test.com\n", "utf-8")
    done = check_file(path, tmp_path / "out.jsonl", GATE)

    assert (done.read, done.decided, done.rejected) == (3, 2, 1)
    assert (done.rejects[0].row, done.rejects[0].reason) == (2, "4 cells where the header has 2")


def test_a_file_that_tells_of_nobody_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text("advertiser_id,colour\n1,red\n", "utf-8")
    with pytest.raises(FormatError, match="tells of nobody"):
        check_file(path, tmp_path / "out.csv", GATE)
    with pytest.raises(NotFoundError):
        check_file(tmp_path / "none.csv", tmp_path / "out.csv", GATE)
    with pytest.raises(UsageError, match="suffix"):
        check_file(_file(tmp_path, ".csv"), tmp_path / "out.xlsx", GATE)
    assert not (tmp_path / "out.csv").exists()


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text("advertiser_id,landing_url\n=1+1,https://shop.test.com\n", "utf-8")
    check_file(path, tmp_path / "out.csv", GATE)
    assert (tmp_path / "out.csv").read_text("utf-8").splitlines()[1].startswith("'=1+1,allow")


def test_ads_are_kept_with_what_was_decided_of_them(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text(
        "ad_id,platform,advertiser_id,legal_name,landing_url,target_countries,ad_text\n"
        "7,X,1,,https://kite.test.com/a,China|fr,Look up\n"
        "8,,2,Shop,https://shop.test.com,,\n,,3,Shop,https://shop.test.com,,\n",
        "utf-8",
    )  # fmt: skip
    kept: list[AdRecord] = []
    done = check_file(path, tmp_path / "out.csv", GATE, keep=kept.extend)

    assert (done.decided, done.unused) == (3, ())
    first, second = kept
    assert (first.platform, first.ad_id, first.text, first.countries) == ("x", "7", "Look up", ("CN", "FR"))
    assert (first.decision, first.ground, first.entity_id, first.status) == (
        "block",
        "shown-abroad",
        "cn-kite",
        "blocked",
    )
    assert (second.platform, second.decision, second.status, second.entity_id) == ("unknown", "allow", "active", "")
    with pytest.raises(FormatError, match="no column ad_id"):
        check_file(_file(tmp_path, ".tsv"), tmp_path / "out.csv", GATE, keep=kept.extend)


def test_a_campaign_that_ran_before_the_notice_goes_on_and_a_day_that_is_none_is_told_of(tmp_path: Path) -> None:
    path, gate = tmp_path / "ads.csv", Gate(registry(KITE), read_ad_pack("twitter-2019-08", DAY), DAY, HELD)
    path.write_text(
        "advertiser_id,landing_url,notified_on,running_since\n1,https://kite.test.com,2026-11-20,2026-10-01\n"
        "2,https://kite.test.com,2026-11-20,2026-11-21\n3,https://kite.test.com,,\n4,https://kite.test.com,soon,2026-10-01\n",
        "utf-8",
    )
    done = check_file(path, tmp_path / "out.parquet", gate)

    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(row["advertiser_id"], row["decision"], row["ground"]) for row in rows] == [
        ("1", "allow", "transition"), ("2", "block", "state-controlled-news-media"),
        ("3", "block", "state-controlled-news-media"),
    ]  # fmt: skip
    assert (done.read, done.decided, done.rejected, done.unused) == (4, 3, 1, ())
    assert done.rejects[0].row == 4
    assert "notified_on is no day: 'soon'" in done.rejects[0].reason
