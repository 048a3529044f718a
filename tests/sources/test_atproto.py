"""Accounts of a PDS become assets and sign-ups, what they published posts, likes and relations; each is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from samehand.errors import InputError, JobError, UsageError
from samehand.records import Dataset
from samehand.sources import ImportReport, atproto_api, import_server, is_did
from samehand.sources.atproto import AtprotoServer
from tests.fake_pds import INFOS, PASSWORD, RECORDS, REPOS, FakePds, fake_pds
from tests.fake_server import json_fault
from tests.sources.files import rows

POST, REPOST, LIKE, FOLLOW = "app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.feed.like", "app.bsky.graph.follow"
TEN, ELEVEN = (datetime(2026, 11, 27, hour, tzinfo=UTC) for hour in (10, 11))


@pytest.fixture
def fake() -> Iterator[FakePds]:
    with fake_pds() as server:
        yield server


def _imported(fake: FakePds, into: Path, platform: str | None = None) -> tuple[ImportReport, Dataset]:
    with atproto_api(fake.url, PASSWORD) as api:
        api._sleep = lambda pause_s: None
        report = import_server("atproto", api, into, platform=platform)
    for file in report.files:
        assert file.source.read == file.source.kept + file.source.merged + file.source.rejected
    return report, Dataset.open(into)


def _counts(report: ImportReport) -> dict[str, tuple[int, int, int, int]]:
    sources = [file.source for file in report.files]
    return {one.table: (one.read, one.kept, one.merged, one.rejected) for one in sources}


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def test_an_account_is_an_asset_and_a_signup(fake: FakePds, tmp_path: Path) -> None:
    anna = fake.add("anna", email="Anna.lee84@Mail.test")
    bob = fake.add("bob", handle="handle.invalid", invitedBy={"code": "c", "forAccount": anna})
    fake.publish(
        anna, "app.bsky.actor.profile", displayName="Anna", description="cats", avatar={"ref": {"$link": "b1"}}
    )

    report, dataset = _imported(fake, tmp_path / "d")

    assert _counts(report) == {"assets": (2, 2, 0, 0), "relations": (1, 1, 0, 0)}
    key = {"platform": "bluesky", "asset_id": anna}
    asset, other = rows(dataset, "assets")
    assert _said(asset) == {
        **key, "kind": "account", "handle": "anna.test", "display_name": "Anna", "bio": "cats", "created_at": TEN,
        "avatar_hash": "id:b1", "status": "active",
    }  # fmt: skip
    assert "handle" not in _said(other)
    assert _said(rows(dataset, "signups")[0]) == {
        **key, "at": TEN, "email_domain": "mail.test", "email_pattern": "L4.L3D2", "username": "anna.test",
        "display_name": "Anna", "avatar_hash": "id:b1",
    }  # fmt: skip
    assert _said(rows(dataset, "relations")[0]) == {
        "platform": "bluesky", "asset_id": bob, "role": "invited_by", "target_id": anna, "since": TEN.replace(second=1),
    }  # fmt: skip


def test_no_address_gets_into_the_dataset(fake: FakePds, tmp_path: Path) -> None:
    fake.add("anna", email="verysecretname@x.org")
    fake.add("old", email="verysecretname@x.org", indexedAt="some day")

    _, dataset = _imported(fake, tmp_path / "d")

    everything = json.dumps([dataset.table(name).to_pylist() for name in dataset.manifest.tables], default=str)
    assert "x.org" in everything
    assert "verysecretname" not in everything


def test_posts_reposts_replies_and_quotes_are_posts_as_files_of_bluesky_have_them(
    fake: FakePds, tmp_path: Path
) -> None:
    anna, bob = fake.add("anna"), fake.add("bob")
    facets = [
        {"features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://cats.test/1"}]},
        {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "cats"}]},
        {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": bob}]},
    ]
    first = fake.publish(anna, POST, text="look", langs=["en", "de"], facets=facets)
    again = fake.publish(bob, REPOST, subject={"uri": first, "cid": "c"})
    reply = fake.publish(bob, POST, text="yes", reply={"root": {"uri": first}, "parent": {"uri": first}})
    quote = fake.publish(bob, POST, text="see", embed={"$type": "app.bsky.embed.record", "record": {"uri": first}})

    report, dataset = _imported(fake, tmp_path / "d")

    assert _counts(report)["posts"] == (4, 4, 0, 0)
    found = {row["post_id"]: _said(row) for row in rows(dataset, "posts")}
    assert found[first] == {
        "platform": "bluesky", "post_id": first, "asset_id": anna, "posted_at": ELEVEN, "kind": "original", "text": "look",
        "language": "en", "urls": ["https://cats.test/1"], "hashtags": ["cats"], "mentions": [bob],
    }  # fmt: skip
    assert {uri: (row["kind"], row["ref_post_id"], row["ref_asset_id"]) for uri, row in found.items() if uri != first} == {
        again: ("repost", first, anna), reply: ("reply", first, anna), quote: ("quote", first, anna),
    }  # fmt: skip


def test_likes_are_engagements_and_follows_relations(fake: FakePds, tmp_path: Path) -> None:
    anna, bob = fake.add("anna"), fake.add("bob")
    post = fake.publish(anna, POST, text="hello")
    fake.publish(bob, LIKE, subject={"uri": post, "cid": "c"})
    fake.publish(bob, FOLLOW, subject=anna)
    fake.publish(bob, FOLLOW, subject="did:plc:elsewhere", createdAt="soon")

    report, dataset = _imported(fake, tmp_path / "d")

    key = {"platform": "bluesky", "asset_id": bob}
    assert [_said(row) for row in rows(dataset, "engagements")] == [
        {**key, "target_id": post, "kind": "like", "at": ELEVEN}
    ]
    assert [_said(row) for row in rows(dataset, "relations")] == [
        {**key, "role": "follower", "target_id": anna, "since": ELEVEN},
        {**key, "role": "follower", "target_id": "did:plc:elsewhere"},
    ]
    assert [dict(file.source.unreadable) for file in report.files] == [{}, {}, {}, {"createdAt": 1}]


def test_what_cannot_be_read_is_rejected_with_its_reason(fake: FakePds, tmp_path: Path) -> None:
    anna = fake.add("anna")
    fake.infos["nonsense"] = {"did": "nonsense"}
    fake.publish(anna, POST, text="when?", createdAt="soon")
    fake.publish(anna, POST, text="ok")
    fake.records[anna, POST].append({"uri": f"at://{anna}/{POST}/9", "value": "no object"})
    fake.publish(anna, LIKE, subject="a post")
    fake.publish(anna, FOLLOW)

    report, dataset = _imported(fake, tmp_path / "d")

    assert {file.source.table: dict(file.source.reasons) for file in report.files} == {
        "assets": {"the value has no DID": 1},
        "posts": {
            "createdAt and indexedAt are missing, or no times that can be read": 1,
            "the value is no post of Bluesky": 1,
        },
        "engagements": {"the record does not say what it is about": 1},
        "relations": {"the record does not say what it is about": 1},
    }  # fmt: skip
    assert [row["text"] for row in rows(dataset, "posts")] == ["ok"]


def test_of_an_account_that_is_taken_down_the_status_is_read_and_nothing_else_is_asked(
    fake: FakePds, tmp_path: Path
) -> None:
    anna, bob = fake.add("anna"), fake.add("bob")
    fake.publish(anna, POST, text="gone")
    fake.takedowns[anna] = "k1"
    fake.deactivated.add(bob)

    report, dataset = _imported(fake, tmp_path / "d")

    assert [row["status"] for row in rows(dataset, "assets")] == ["takendown", "deactivated"]
    assert RECORDS not in fake.asked
    assert report.files[0].source.notes == (
        "1 accounts are deactivated: the server lists nothing that they published",
        "1 accounts are takendown: the server lists nothing that they published",
    )


def test_what_an_account_published_and_the_server_does_not_list_is_a_reject(fake: FakePds, tmp_path: Path) -> None:
    anna = fake.add("anna")
    fake.faults[RECORDS] = [json_fault(200, {"records": []}), json_fault(400, {"error": "RepoNotFound"})]

    report, dataset = _imported(fake, tmp_path / "d")

    assert _counts(report) == {"assets": (1, 1, 0, 0), "posts": (1, 0, 0, 1)}
    (reject,) = rows(dataset, "rejects")
    assert reject["reason"] == "the server does not list what the account published (HTTP 400 RepoNotFound)"
    assert json.loads(reject["raw"]) == {"repo": anna, "collection": POST}


def test_all_pages_are_read(fake: FakePds) -> None:
    dids = [fake.add(f"user{number:03}") for number in range(120)]
    posts = [fake.publish(dids[0], POST, text=str(number)) for number in range(7)]

    with atproto_api(fake.url, PASSWORD) as api:
        server = AtprotoServer(api, page=50, records=3)
        found = [one.did for one in server.accounts() if not hasattr(one, "reason")]
        read = [one["uri"] for page in server.pages(dids[0], POST) if isinstance(page, dict) for one in page["records"]]

    assert (found, read) == (dids, posts)
    assert (fake.asked.count(REPOS), fake.asked.count(INFOS), fake.asked.count(RECORDS)) == (3, 3, 3)


def test_a_second_import_of_the_same_changes_nothing(fake: FakePds, tmp_path: Path) -> None:
    fake.publish(fake.add("anna"), POST, text="hello")
    first, before = _imported(fake, tmp_path / "d")

    second, after = _imported(fake, tmp_path / "d")

    assert ({file.held for file in first.files}, {file.held for file in second.files}) == ({False}, {True})
    assert [file.source for file in second.files] == [file.source for file in first.files]
    assert after.manifest == before.manifest


def test_a_second_import_adds_only_what_is_new(fake: FakePds, tmp_path: Path) -> None:
    anna = fake.add("anna")
    post = fake.publish(anna, POST, text="hello")
    _imported(fake, tmp_path / "d")
    fake.infos[anna]["handle"] = "other.test"
    fake.publish(anna, POST, text="more")
    fake.publish(fake.add("bob"), LIKE, subject={"uri": post, "cid": "c"})

    report, dataset = _imported(fake, tmp_path / "d")

    assert _counts(report) == {"assets": (2, 1, 1, 0), "posts": (2, 1, 1, 0), "engagements": (1, 1, 0, 0)}
    assert [row["username"] for row in rows(dataset, "signups")] == ["anna.test", "bob.test"]
    assert [row["text"] for row in rows(dataset, "posts")] == ["hello", "more"]


def test_texts_that_no_table_can_hold_are_mended(fake: FakePds, tmp_path: Path) -> None:
    anna = fake.add("anna")
    fake.publish(anna, POST, text="a\ud800b\0c")
    fake.publish(anna, FOLLOW, subject="did:plc:\ud800")

    _, dataset = _imported(fake, tmp_path / "d")

    assert [row["text"] for row in rows(dataset, "posts")] == ["a?bc"]


def test_a_record_that_is_nested_too_deeply_ends_nothing(fake: FakePds, tmp_path: Path) -> None:
    anna, bob = fake.add("anna"), fake.add("bob")
    nested: list[Any] = []
    for _ in range(700):
        nested = [nested]
    fake.publish(anna, POST, text="deep", embed={"x": nested})
    fake.publish(bob, POST, text="plain")

    report, dataset = _imported(fake, tmp_path / "d")

    assert [row["text"] for row in rows(dataset, "posts")] == ["plain"]
    assert _counts(report)["posts"] == (2, 1, 0, 1)


def test_accounts_of_which_the_server_does_not_tell_are_rejected(fake: FakePds, tmp_path: Path) -> None:
    fake.add("anna")
    fake.faults[INFOS] = [json_fault(500)] * 5

    report, _ = _imported(fake, tmp_path / "d")

    assert dict(report.files[0].source.reasons) == {"the server does not tell about it (HTTP 500)": 1}


def test_a_server_that_goes_on_failing_ends_the_job_and_nothing_is_written(fake: FakePds, tmp_path: Path) -> None:
    for name in ("anna", "bob", "cem"):
        fake.add(name)
    fake.faults[RECORDS] = [json_fault(503)] * 50

    with pytest.raises(JobError, match="failed 10 times in a row"):
        _imported(fake, tmp_path / "d")

    assert not (tmp_path / "d").exists()


def test_a_page_that_is_no_list_of_accounts_ends_the_job(fake: FakePds, tmp_path: Path) -> None:
    fake.faults[REPOS] = [json_fault(200, {"repos": None})]

    with pytest.raises(JobError, match="did not list its accounts"):
        _imported(fake, tmp_path / "d")


def test_a_list_that_comes_back_to_where_it_was_ends_the_job(fake: FakePds, tmp_path: Path) -> None:
    fake.faults[REPOS] = [json_fault(200, {"repos": [], "cursor": "1"})] * 3

    with pytest.raises(JobError, match="same page of accounts again"):
        _imported(fake, tmp_path / "d")


def test_a_server_that_will_not_do_is_refused_before_anything_is_read(fake: FakePds, tmp_path: Path) -> None:
    with atproto_api(fake.url, "wrong") as api, pytest.raises(InputError, match="SAMEHAND_ATPROTO_ADMIN"):
        import_server("atproto", api, tmp_path / "d")

    assert REPOS not in fake.asked
    with pytest.raises(UsageError, match="password is empty"):
        atproto_api(fake.url, " ")


def test_an_empty_server_is_an_empty_dataset(fake: FakePds, tmp_path: Path) -> None:
    report, dataset = _imported(fake, tmp_path / "d")

    assert (_counts(report), dataset.rows("assets")) == ({"assets": (0, 0, 0, 0)}, 0)


@pytest.mark.parametrize("text", ["did:plc:abc", "did:web:example.org", "did:web:example.org%3A8080:u:bo"])
def test_a_did_is_told_by_its_form(text: str) -> None:
    assert is_did(text)
    assert not any(is_did(wrong) for wrong in (f"{text}:", f"{text}\n", f" {text}", f"{text}/x", text.upper(), ""))
