"""What ties the replay's worlds to one another: links, ids, delays, and who was taken down."""

from __future__ import annotations

import csv
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from samehand.policy import read_signup_policy
from samehand.records import Dataset, schema_of, write_dataset
from tools.replay.worlds import Cast, link_to_peer, raised_caps, rename, rewrite_delays, write_known_bad

CAST = Cast({"team": ("t1", "t2", "t3", "t4"), "organic": ("o1",)}, {"team-4": ("t1", "t2", "t3", "t4")})


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    rows = [
        {"platform": "p", "post_id": f"{who}{k}", "asset_id": who, "posted_at": datetime(2019, 8, 1, tzinfo=UTC),
         "kind": "original", "urls": [f"https://x.example/{k}"], "mentions": ["t1"]}
        for who in ("t1", "t2", "t3", "t4") for k in range(4)
    ]  # fmt: skip
    rows.append({**rows[0], "post_id": "o", "asset_id": "o1", "urls": ["https://x.example/3"]})
    with write_dataset(tmp_path / "drawn", name="made up") as writer:
        writer.add("posts", pa.Table.from_pylist(rows, schema_of("posts")))
    return tmp_path / "drawn"


def test_links_of_the_teams_alone_lead_to_the_peer_and_a_site(drawn: Path, tmp_path: Path) -> None:
    link_to_peer(drawn, tmp_path / "linked", CAST, ["team-4"], ["77"], "s.example")

    links = {
        link for some in Dataset.open(tmp_path / "linked").table("posts", ["urls"])["urls"].to_pylist() for link in some
    }
    assert links == {
        "https://metabook.example/77/posts/0", "https://s.example/1", "https://metabook.example/77/posts/2", "https://x.example/3",
    }  # fmt: skip
    assert not drawn.exists()


def test_accounts_get_their_ids_of_the_server_wherever_they_are_named(drawn: Path, tmp_path: Path) -> None:
    rename(drawn, tmp_path / "a", {"t1": "did:1"})

    posts = Dataset.open(tmp_path / "a").table("posts")
    assert set(posts["asset_id"].to_pylist()) == {"did:1", "t2", "t3", "t4", "o1"}
    assert posts["mentions"].to_pylist()[0] == ["did:1"]


def test_delays_of_the_operation_lie_between_an_hour_and_fourteen_days(tmp_path: Path) -> None:
    file = tmp_path / "truth.csv"
    rows = [("asset_id", "role"), *((f"{k}", "operation" if k % 2 else "genuine") for k in range(400))]
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    rewrite_delays(file, 1)

    with file.open(encoding="utf-8", newline="") as stream:
        told = list(csv.DictReader(stream))
    assert all(not row["delay_s"] for row in told if row["role"] == "genuine")
    delays = [float(row["delay_s"]) for row in told if row["delay_s"]]
    assert 110 < len(delays) < 190
    assert min(delays) >= 3_600
    assert max(delays) <= 14 * 86_400


def test_only_who_was_taken_down_is_known(tmp_path: Path) -> None:
    with (tmp_path / "drawn.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("asset_id", "ip"), ("k1", "a"), ("k2", "b")])

    assert write_known_bad(tmp_path / "drawn.csv", tmp_path / "known.csv", {"k2": "did:2"}) == 1
    assert (tmp_path / "known.csv").read_text("utf-8").splitlines() == ["asset_id,ip", "did:2,b"]


def test_raised_caps_are_a_policy_of_another_version(tmp_path: Path) -> None:
    shipped = Path("src/samehand/policy/packs/signups.toml").read_text("utf-8")
    (tmp_path / "incident.toml").write_text(raised_caps(shipped, "incident-1"), "utf-8")
    policy = read_signup_policy(tmp_path / "incident.toml")

    assert policy.version == "incident-1"
    assert set(asdict(policy.caps).values()) == {1_000_000}
