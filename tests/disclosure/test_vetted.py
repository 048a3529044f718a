"""The vetted tier has the operation as it was, and nobody else."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import stix2
from pypdf import PdfReader

from samehand.casework import Appeals, Statement, read_entries
from samehand.casework.keys import is_signed_by
from samehand.disclosure import ReleaseKeys, Releases, Vetted
from samehand.errors import InputError, UsageError
from samehand.records import Dataset, schema_of, write_dataset
from tests.casework.scenes import Office, accounts
from tests.disclosure.test_releases import TOLD, decided  # noqa: F401 (a case that was decided)
from tests.enforcement.test_appeals import _appealed

NEVER = (
    "198.51.100.7", "2001:db8::7", "device-7", "mail.test", "p.smith@mail.test", "+852 5550 1234", "h-o3", "o3", "n-o3", "p-o3",
    "theirs-blog.test/o3", "secret of o3", "token=abc",
)  # fmt: skip
"""What is about somebody else, or could reach anybody."""
SAID = (
    "Kites rise @h-a1 and @h-o3! Write to p.smith@mail.test, +852 5550 1234, or 198.51.100.7 and 2001:db8::7, "
    "see https://kite-news.test/a/1?token=abc and https://theirs-blog.test/o3"
)


def _dataset(folder: Path, others: int = 40, **member: Any) -> Dataset:
    """30 accounts of an operation, others that they talk to, and what nobody is to get."""
    names = [*accounts(30), *(f"o{number}" for number in range(others))]
    rows = [
        {
            "platform": "sim", "asset_id": name, "kind": "account", "handle": f"h-{name}", "display_name": f"n-{name}",
            "language": "en", "created_at": datetime(2018, 1, 1 + number % 28, tzinfo=UTC), "followers": number, "following": 7,
            **({"bio": "Call +852 5550 1234", **member} if name in accounts(30) else {}),
        }
        for number, name in enumerate(names)
    ]  # fmt: skip
    at = datetime(2019, 8, 1, 12, 34, 56, tzinfo=UTC)
    common = {"platform": "sim", "posted_at": at, "language": "en"}
    posts = [
        {
            **common, "asset_id": name, "post_id": f"p-{name}", "kind": "reply", "text": SAID, "mentions": ["a1", "o3"],
            "ref_post_id": "p-o3", "ref_asset_id": "o3",
            "urls": ["https://kite-news.test/a/1?token=abc", "https://theirs-blog.test/o3"],
        }
        for name in accounts(30)
    ]  # fmt: skip
    reposts: list[tuple[str, str, str, str]] = [
        ("r1", "p-o3", "o3", "RT secret of o3"), ("r2", "p-a1", "a1", "RT kites of a1")
    ]  # fmt: skip
    posts += [
        {**common, "asset_id": "a0", "post_id": name, "kind": "repost", "text": text, "ref_post_id": ref, "ref_asset_id": whose}
        for name, ref, whose, text in reposts
    ]  # fmt: skip
    posts += [
        {
            **common, "asset_id": f"o{number}", "post_id": f"p-o{number}", "kind": "original", "text": f"secret of o{number}",
            "urls": ["https://theirs-blog.test/o3"],
        }
        for number in range(others)
    ]  # fmt: skip
    seen = {"platform": "sim", "ip": "198.51.100.7", "device_id": "device-7", "at": at}
    with write_dataset(folder, name="made up", replace=True) as writer:
        writer.add("assets", pa.Table.from_pylist(rows, schema_of("assets")))
        writer.add("posts", pa.Table.from_pylist(posts, schema_of("posts")))
        came = [
            {**seen, "asset_id": name, "email_domain": "mail.test", "referrer": "invite:x"} for name in accounts(30)
        ]
        writer.add("signups", pa.Table.from_pylist(came, schema_of("signups")))
        logins = [{**seen, "asset_id": name} for name in accounts(30)]
        writer.add("logins", pa.Table.from_pylist(logins, schema_of("logins")))
    return Dataset.open(folder)


def _make(office: Office, tmp_path: Path, second: str = "cem", recipient: str = "Kite Institute", **more: Any) -> Any:
    dataset = more.pop("dataset", None) or _dataset(tmp_path / "dataset")
    vetted = Vetted(recipient, office.keys[second])
    return Releases(office.casework).make(
        1, dataset, TOLD, tmp_path / "release", office.keys["ada"], vetted=vetted, **more
    )


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """All that can be read in a release, by file."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".parquet":
            yield path.name, json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
        elif path.suffix == ".pdf":
            yield path.name, "".join(page.extract_text() for page in PdfReader(path).pages)
        else:
            yield path.name, path.read_text("utf-8")


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / f"{name}.csv").read_text("utf-8"))))


def test_it_has_ids_texts_and_times_of_the_operation(decided: Office, tmp_path: Path) -> None:  # noqa: F811
    _make(decided, tmp_path)
    folder = tmp_path / "release"
    users, posts = _rows(folder, "users"), {row["tweetid"]: row for row in _rows(folder, "posts")}

    assert {row["userid"] for row in users} == set(accounts(30))
    assert {(row["user_screen_name"], row["account_creation_date"]) for row in users} >= {("h-a4", "2018-01-05")}
    assert users[0]["user_profile_description"] == "Call [number]"
    post = posts["p-a5"]
    assert post["tweet_time"] == "2019-08-01 12:34:56"
    assert post["tweet_text"].startswith("Kites rise @h-a1 and @")
    assert "see kite-news.test/a/1 and [link to theirs-blog.test]" in post["tweet_text"]
    assert post["urls"] == "[kite-news.test/a/1, theirs-blog.test]"
    assert (posts["r1"]["tweet_text"], posts["r2"]["tweet_text"]) == ("", "RT kites of a1")
    assert (posts["r2"]["retweet_tweetid"], posts["r2"]["retweet_userid"]) == ("p-a1", "a1")
    bundle = (folder / "stix.json").read_text("utf-8")
    stix2.parse(bundle, allow_custom=True)
    assert set(re.findall(r"user_id = '([^']+)'", bundle)) == set(accounts(30))
    assert "TLP:AMBER" in bundle
    assert "TLP:CLEAR" not in bundle


def test_nothing_of_anybody_else_and_nothing_that_reaches_anybody_is_in_any_file(
    decided: Office,  # noqa: F811
    tmp_path: Path,
) -> None:
    _make(decided, tmp_path, keys=ReleaseKeys.of(b"one"))
    for name, text in _texts(tmp_path / "release"):
        for one in NEVER:
            assert not re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", text), (name, one)
    hashed = ReleaseKeys.of(b"one").hashed("mention", "sim", "o3")
    post = _rows(tmp_path / "release", "posts")[0]
    assert f"@{hashed}!" in post["tweet_text"]  # the same hash in a text as in the columns
    assert (post["in_reply_to_userid"], post["user_mentions"]) == (hashed, f"[a1, {hashed}]")


def test_it_says_for_whom_it_is_and_is_signed_and_noted_with_its_mark(decided: Office, tmp_path: Path) -> None:  # noqa: F811
    made = _make(decided, tmp_path)
    folder = tmp_path / "release"
    body = json.loads((folder / "release.json").read_text("utf-8"))

    assert (body["recipient"], body["mark"], body["privacy"]["tier"]) == ("Kite Institute", made.tier.mark, "vetted")
    assert (body["licence"], len(made.tier.mark)) == ("none: not to be published", 16)
    for name, text in _texts(folder):
        if name in ("release.json", "report.html", "report.pdf", "NOT-TO-BE-PUBLISHED.txt"):
            for said in ("Kite Institute", "ot to be published", made.tier.mark):
                assert said in " ".join(text.split()), (name, said)
    assert "NOT-TO-BE-PUBLISHED.txt" in (folder / "SHA256SUMS").read_text("utf-8")
    for page in PdfReader(folder / "report.pdf").pages:
        assert f"for Kite Institute, not to be published, mark {made.tier.mark}" in page.extract_text().splitlines()[-1]
    signature = json.loads((folder / "signature.json").read_text("utf-8"))
    said_ = Statement("release", signature["store"], signature["statement"])
    for who, one in (("ada", signature), ("cem", signature["second"])):
        assert is_signed_by(decided.keys[who].public, said_, one["signature"])
    (known,) = Releases(decided.casework).all()
    assert (known.release_id, known.tier, known.recipient, known.mark) == (
        made.release_id, "vetted", "Kite Institute", made.tier.mark,
    )  # fmt: skip
    with decided.store.reading() as session:
        (entry,) = [one for one in read_entries(session) if one["kind"] == "released"]
    assert (entry["body"]["mark"], entry["body"]["signed"]) == (made.tier.mark, ["ada", "cem"])
    assert "Kite Institute" not in json.dumps(entry, default=str)


def test_the_attack_on_it_is_told_and_refuses_nothing_but_others(decided: Office, tmp_path: Path) -> None:  # noqa: F811
    dataset = _dataset(tmp_path / "alone", others=4)
    with pytest.raises(InputError, match="nothing is released"):
        Releases(decided.casework).make(1, dataset, TOLD, tmp_path / "public", decided.keys["ada"])
    made = _make(decided, tmp_path, dataset=dataset)
    told = json.loads((tmp_path / "release" / "release.json").read_text("utf-8"))["privacy"]
    assert (told["shown_as_they_were"], told["attack"]["joined_on_ids"]) == (30, 0)
    assert told["attack"]["found_again"] == made.attack.share > 0.9
    leaky = _dataset(tmp_path / "leaky", handle="o3")
    with pytest.raises(InputError, match="ids of the crawl stand in the release as they are"):
        _make(decided, tmp_path, dataset=leaky)


def test_two_copies_have_no_hash_and_no_mark_in_common(decided: Office, tmp_path: Path) -> None:  # noqa: F811
    def hashes(name: str) -> set[str]:
        made = _make(decided, tmp_path / name, recipient=name)
        posts = (tmp_path / name / "release" / "posts.csv").read_text("utf-8")
        return {*re.findall(r"(?<![\w-])[\w-]{43}(?![\w-])", posts), made.tier.mark}

    first, other = hashes("one"), hashes("other")
    assert len(first) > 2
    assert not first & other


def test_whoever_an_appeal_cleared_is_in_no_tier_and_a_correction_names_them_to_who_has_them(
    decided: Office,  # noqa: F811
    tmp_path: Path,
) -> None:
    releases = Releases(decided.casework)
    made = _make(decided, tmp_path)
    appeal = _appealed(decided)
    Appeals(decided.casework).decide(appeal.appeal_id, "overturned", "It is hers.", decided.keys["eva"])
    assert releases.take_corrections() == 1
    assert releases.corrections(made.release_id)["userid"].to_pylist() == ["a2"]
    assert [one.taken_back for one in releases.all()] == [1]
    _make(decided, tmp_path)
    for name, text in _texts(tmp_path / "release"):
        assert not re.search(r"(?<![\w-])(?:h-|p-|n-)?a2(?![\w-])", text), name


def test_it_takes_two_persons_of_whom_the_second_may_approve(
    decided: Office,  # noqa: F811
    tmp_path: Path,
) -> None:
    dataset = _dataset(tmp_path / "dataset")
    with pytest.raises(UsageError, match="ada makes the release; another person"):
        _make(decided, tmp_path, "ada", dataset=dataset)
    with pytest.raises(UsageError, match="dia may not approve"):
        _make(decided, tmp_path, "dia", dataset=dataset)
    for name in ("", " ", "two\nlines", "x" * 300):
        with pytest.raises(UsageError, match="a name in one line"):
            _make(decided, tmp_path, recipient=name, dataset=dataset)
    assert not (tmp_path / "release").exists()
