"""What is peculiar to Telegram's, Bluesky's and Mastodon's JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.errors import FormatError, SamehandError
from samehand.records import Dataset
from samehand.sources import FORMATS, FileReport, Options
from tests.sources.files import imported, rows, written
from tests.sources.test_jsonl import json_values

NAMES = ("telegram", "bluesky", "mastodon")


def _import(folder: Path, name: str, content: Any) -> tuple[FileReport, Dataset]:
    text = content if isinstance(content, str) else json.dumps(content)
    return imported(written(folder / "a.json", text), folder / "d", Options(name))


def _rejects(dataset: Dataset) -> list[tuple[int, str]]:
    return [(row["row"], row["reason"]) for row in rows(dataset, "rejects")]


def _message(number: int, **more: Any) -> dict[str, Any]:
    """A message of Telegram."""
    said = {"id": number, "type": "message", "date": "2024-05-01T14:00:00", "date_unixtime": "1714557600"}
    return {**said, "from": "Ann", "from_id": "user1", "text": "hello there", "text_entities": [], **more}


def _chat(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"name": "Cats", "type": "public_supergroup", "id": 77, **more, "messages": list(messages)}


def _view(key: str = "1", author: str = "ann", **record: Any) -> dict[str, Any]:
    """A post of Bluesky as its API shows it."""
    said = {"$type": "app.bsky.feed.post", "text": "hello", "createdAt": "2024-05-01T10:00:00.000Z", **record}
    shown = {
        "uri": _uri(author, key),
        "cid": "c",
        "author": {"did": f"did:plc:{author}", "handle": f"{author}.example"},
    }
    return {**shown, "record": said, "indexedAt": "2024-05-01T10:00:02.000Z"}


def _uri(author: str, key: str, kind: str = "post") -> str:
    return f"at://did:plc:{author}/app.bsky.feed.{kind}/{key}"


def _status(number: int = 1, author: str = "ann", **more: Any) -> dict[str, Any]:
    """A status of Mastodon as its own server shows it."""
    account = {"id": f"9{author}", "acct": author, "url": f"https://one.example/@{author}"}
    own = {"id": str(number), "uri": f"https://one.example/users/{author}/statuses/{number}", "account": account}
    said = {"created_at": "2024-05-01T10:00:00.000Z", "content": "<p>hello</p>", "mentions": [], "tags": []}
    return {**own, **said, "media_attachments": [], **more}


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(NAMES), json_values, st.data())
def test_any_value_in_any_place_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: Any, data: st.DataObject
) -> None:
    good: dict[str, Any] = {"telegram": _message(1), "bluesky": _view(), "mastodon": _status()}[name]
    holder, inner = good, data.draw(st.sampled_from(sorted(good)))
    if isinstance(good[inner], dict) and data.draw(st.booleans()):
        holder, inner = good[inner], data.draw(st.sampled_from(sorted(good[inner])))
    holder[inner] = value
    folder = tmp_path_factory.mktemp("fuzz")
    content = _chat(_message(2), good) if name == "telegram" else [good, good]
    try:
        report, dataset = _import(folder, name, content)
    except SamehandError:
        assert not (folder / "d").exists()
        return

    source = report.source
    assert source.read == source.kept + source.merged + source.rejected
    assert (source.kept, source.rejected) == (dataset.rows("posts"), dataset.rows("rejects"))
    assert all(row["text"] is None or row["text"].strip() for row in rows(dataset, "posts"))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_file_twice_and_again_in_another_layout_changes_nothing(tmp_path: Path, name: str) -> None:
    content = {"telegram": _chat(_message(1)), "bluesky": [_view()], "mastodon": [_status()]}[name]
    first, _ = _import(tmp_path, name, content)
    again, _ = _import(tmp_path, name, content)
    report, dataset = _import(tmp_path, name, json.dumps(content, indent=1))

    assert (first.source.kept, again.held) == (1, True)
    assert (report.source.read, report.source.kept, report.source.merged) == (1, 0, 1)
    assert (dataset.rows("posts"), dataset.rows("assets")) == (1, 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", ['{"x": 1}', "[1, 2]", "hello", "{", '{"messages": 1}'])
def test_a_file_of_another_kind_is_refused_with_what_was_expected_and_found(
    tmp_path: Path, name: str, content: str
) -> None:
    with pytest.raises(FormatError, match=r"(?s)cannot be read: expected .*; it begins with "):
        _import(tmp_path, name, content)

    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(("name", "content"), [("telegram", _chat()), ("bluesky", {"feed": []}), ("mastodon", [])])
def test_a_file_without_posts_is_a_file_without_rows(tmp_path: Path, name: str, content: Any) -> None:
    report, _ = _import(tmp_path, name, content)

    assert report.source.read == 0


def test_messages_are_of_their_chat_and_answer_in_it(tmp_path: Path) -> None:
    chats = [_chat(_message(1)), _chat(_message(1), _message(2, reply_to_message_id=1), id=78)]
    left = [_chat(_message(5, reply_to_message_id=1, reply_to_peer_id="channel78"), id=79)]
    export = {"about": "x", "chats": {"about": "y", "list": chats}, "left_chats": {"list": left}}
    _, dataset = _import(tmp_path, "telegram", export)

    assert [(row["post_id"], row["kind"], row["ref_post_id"]) for row in rows(dataset, "posts")] == [
        ("77/1", "original", None),
        ("78/1", "original", None),
        ("78/2", "reply", "78/1"),
        ("79/5", "reply", "78/1"),
    ]


def test_forwards_are_reposts_without_a_target(tmp_path: Path) -> None:
    forwards = (
        _message(1, forwarded_from="Dogs", reply_to_message_id=9),
        _message(2, forwarded_from="Dogs", forwarded_from_id="channel5"),
        _message(3, forwarded_from=None),
    )
    report, dataset = _import(tmp_path, "telegram", _chat(*forwards))

    assert [(row["kind"], row["ref_post_id"], row["ref_asset_id"]) for row in rows(dataset, "posts")] == [
        ("repost", None, None),
        ("repost", None, "channel5"),
        ("repost", None, None),
    ]
    assert report.source.notes == ("forwards name no message that they are of: they tie accounts by their text",)


def test_a_text_in_pieces_is_one_and_its_entities_are_read(tmp_path: Path) -> None:
    entities = [
        {"type": "plain", "text": "see "},
        {"type": "link", "text": "example.org/cat"},
        {"type": "text_link", "text": "this", "href": "https://example.org/dog"},
        {"type": "hashtag", "text": "#cats"},
        {"type": "mention", "text": "@bo_example"},
        {"type": "mention_name", "text": "Cy", "user_id": 12},
        {"type": "text_link", "text": "nowhere"},
    ]
    text = ["see ", *entities[1:]]
    old = {key: value for key, value in _message(2, text=text).items() if key != "text_entities"}
    _, dataset = _import(tmp_path, "telegram", _chat(_message(1, text=text, text_entities=entities), old))

    for row in rows(dataset, "posts"):
        assert row["text"] == "see example.org/catthis#cats@bo_exampleCynowhere"
        assert row["urls"] == ["https://example.org/cat", "https://example.org/dog"]
        assert (row["hashtags"], row["mentions"]) == (["cats"], ["bo_example", "user12"])


def test_the_time_in_seconds_goes_before_that_of_the_wall(tmp_path: Path) -> None:
    old = {key: value for key, value in _message(2).items() if key != "date_unixtime"}
    report, dataset = _import(tmp_path, "telegram", _chat(_message(1), old))

    assert [row["posted_at"].hour for row in rows(dataset, "posts")] == [10, 14]
    assert report.source.notes == ("1 times had no zone and were read as UTC; name theirs with --timezone",)


def test_messages_that_nobody_wrote_are_rejected_with_reasons(tmp_path: Path) -> None:
    messages = (
        {"id": 1, "type": "service", "date": "2024-05-01T14:00:00", "action": "invite_members", "actor_id": "user1"},
        {"id": 2, "type": "unsupported"},
        _message(3, from_id=None),
        _message(4, date_unixtime="soon"),
        "no message",
        _message(6, text=["", {"type": "bold"}]),
    )
    report, dataset = _import(tmp_path, "telegram", _chat(*messages))

    assert _rejects(dataset) == [
        (1, "a service message"),
        (2, "the export left out what the message holds"),
        (3, "from_id is missing"),
        (4, "date is no time that can be read"),
        (5, "the value is no message"),
    ]
    assert (report.source.read, rows(dataset, "posts", "text")) == (6, [{"text": None}])


def test_a_chat_of_service_messages_only_is_no_file_of_another_kind(tmp_path: Path) -> None:
    report, _ = _import(tmp_path, "telegram", _chat(*({"id": n, "type": "service"} for n in range(150))))

    assert dict(report.source.reasons) == {"a service message": 150}


def test_a_message_of_a_chat_without_id_is_rejected(tmp_path: Path) -> None:
    report, _ = _import(tmp_path, "telegram", _chat(_message(1), id=None))

    assert dict(report.source.reasons) == {"chat_id is missing": 1}


def test_what_stands_behind_an_export_is_rejected(tmp_path: Path) -> None:
    _, dataset = _import(tmp_path, "telegram", json.dumps(_chat(_message(1))) + ' 5 "x" {"messages": 3}')

    assert _rejects(dataset) == [(2, "the value is no message"), (3, "the value is no message")]


def test_an_export_that_was_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    text = json.dumps(_chat(_message(1), _message(2)))
    report, dataset = _import(tmp_path, "telegram", text[:-40])

    assert (report.source.kept, report.source.rejected) == (1, 1)
    assert _rejects(dataset) == [(2, "the JSON ends within a value; the rest of the file was not read")]


@pytest.mark.parametrize(
    ("author", "kind", "expected"),
    [
        ("user1", "public_supergroup", "account"),
        ("channel77", "public_supergroup", "group"),
        ("channel77", "public_channel", "channel"),
        ("channel5", "public_supergroup", "channel"),
        ("chat77", "private_group", "group"),
    ],
)
def test_ids_say_whether_an_account_a_group_or_a_channel_wrote(
    tmp_path: Path, author: str, kind: str, expected: str
) -> None:
    _, dataset = _import(tmp_path, "telegram", _chat(_message(1, from_id=author), type=kind))

    assert [(row["asset_id"], row["kind"]) for row in rows(dataset, "assets")] == [(author, expected)]


@pytest.mark.parametrize(
    "layout",
    [
        lambda posts: posts,
        lambda posts: {"posts": posts},
        lambda posts: {"hitsTotal": 2, "posts": posts, "cursor": "x"},
        lambda posts: {"feed": [{"post": post} for post in posts], "cursor": "x"},
        lambda posts: "\n".join(json.dumps(post) for post in posts),
        lambda posts: "\n".join(json.dumps({"posts": [post]}) for post in posts),
        lambda posts: "\n".join(json.dumps({"feed": [{"post": post}]}, indent=2) for post in posts),
    ],
)
def test_posts_are_the_same_in_any_layout_of_the_api(tmp_path: Path, layout: Any) -> None:
    report, dataset = _import(tmp_path, "bluesky", layout([_view("1"), _view("2")]))

    assert [row["post_id"] for row in rows(dataset, "posts")] == [_uri("ann", "1"), _uri("ann", "2")]
    assert (report.source.read, report.source.rejected) == (2, 0)


def test_a_reposted_post_is_two_rows_and_its_repost_names_it(tmp_path: Path) -> None:
    reason = {"by": {"did": "did:plc:bo", "handle": "bo.example"}, "indexedAt": "2024-05-01T11:00:00Z"}
    known = {**reason, "by": {"did": "did:plc:cy"}, "uri": _uri("cy", "8", "repost")}
    feed = [{"post": _view(), "reason": reason}, {"post": _view(), "reason": known}, {"post": _view(), "reason": {}}]
    report, dataset = _import(tmp_path, "bluesky", {"feed": feed})

    assert (report.source.read, report.source.kept, report.source.merged) == (5, 3, 2)
    found = [row for row in rows(dataset, "posts") if row["kind"] == "repost"]
    assert [(row["asset_id"], row["post_id"]) for row in found] == [
        ("did:plc:bo", f"did:plc:bo reposts {_uri('ann', '1')}"),
        ("did:plc:cy", _uri("cy", "8", "repost")),
    ]
    assert {(row["ref_post_id"], row["ref_asset_id"], row["text"]) for row in found} == {
        (_uri("ann", "1"), "did:plc:ann", "hello")
    }
    assert {row["posted_at"] for row in found} == {datetime(2024, 5, 1, 11, tzinfo=UTC)}


def test_facets_embeds_and_replies_are_read(tmp_path: Path) -> None:
    features = [
        {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/cat"},
        {"$type": "app.bsky.richtext.facet#tag", "tag": "cats"},
        {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:bo"},
    ]
    image = {"images": [{"alt": "", "image": {"$type": "blob", "ref": {"$link": "bafy1"}}}]}
    quote = {"record": {"record": {"uri": _uri("bo", "7")}}, "media": image}
    listed = {"record": {"uri": "at://did:plc:bo/app.bsky.graph.list/7"}}
    link = {"external": {"uri": "https://example.org/dog"}}
    answer = {"parent": {"uri": _uri("bo", "8")}, "root": {"uri": _uri("bo", "6")}}
    views = [
        _view("1", facets=[{"features": features}], embed=link, tags=["pets"], langs=["en", "de"]),
        _view("2", embed=quote),
        _view("3", embed={"record": {"uri": _uri("bo", "7")}}, reply=answer),
        _view("4", embed=listed),
        _view("5", embed={"video": {"ref": {"$link": "bafy2"}}}),
    ]
    _, dataset = _import(tmp_path, "bluesky", views)
    found = rows(dataset, "posts")

    assert found[0]["urls"] == ["https://example.org/cat", "https://example.org/dog"]
    assert (found[0]["hashtags"], found[0]["mentions"]) == (["cats", "pets"], ["did:plc:bo"])
    assert found[0]["language"] == "en"
    assert [(row["kind"], row["ref_post_id"], row["media_hashes"]) for row in found] == [
        ("original", None, None),
        ("quote", _uri("bo", "7"), ["id:bafy1"]),
        ("reply", _uri("bo", "8"), None),
        ("original", None, None),
        ("original", None, ["id:bafy2"]),
    ]


def test_a_post_is_never_later_than_the_network_saw_it(tmp_path: Path) -> None:
    views = [_view("1", createdAt=when) for when in ("2024-05-01T09:00:00+01:00", "2031-01-01T00:00:00Z", "soon")]
    for number, view in enumerate(views):
        view["uri"] = _uri("ann", str(number))
    _, dataset = _import(tmp_path, "bluesky", views)

    assert [row["posted_at"].isoformat() for row in rows(dataset, "posts")] == [
        "2024-05-01T08:00:00+00:00",
        "2024-05-01T10:00:02+00:00",
        "2024-05-01T10:00:02+00:00",
    ]


def test_records_and_commits_name_their_author_by_address(tmp_path: Path) -> None:
    repost = {
        "$type": "app.bsky.feed.repost",
        "subject": {"uri": _uri("ann", "1")},
        "createdAt": "2024-05-01T10:00:05Z",
    }
    commit = {"operation": "create", "collection": "app.bsky.feed.repost", "rkey": "9", "record": repost}
    event = {"did": "did:plc:bo", "time_us": 1714557606000000, "kind": "commit", "commit": commit}
    like = {**event, "commit": {**commit, "collection": "app.bsky.feed.like"}}
    gone = {**event, "commit": {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": "9"}}
    lines = [
        {"records": [{"uri": _uri("ann", "1"), "cid": "c", "value": _view()["record"]}]},
        {"uri": _uri("cy", "3", "repost"), "value": repost},
        event,
        like,
        gone,
        {"did": "did:plc:bo", "time_us": 1714557606000000, "kind": "identity"},
        {"uri": "at://did:plc:bo/app.bsky.feed.generator/1", "record": {"text": "x"}},
        {"uri": "https://example.org", "record": {"text": "x"}},
    ]
    report, dataset = _import(tmp_path, "bluesky", "\n".join(json.dumps(line) for line in lines))

    assert [(row["post_id"], row["asset_id"], row["ref_post_id"]) for row in rows(dataset, "posts")] == [
        (_uri("ann", "1"), "did:plc:ann", None),
        (_uri("cy", "3", "repost"), "did:plc:cy", _uri("ann", "1")),
        (_uri("bo", "9", "repost"), "did:plc:bo", _uri("ann", "1")),
    ]
    assert dict(report.source.reasons) == {
        "a record of another kind, no post and no repost": 4,
        "the value is no post of Bluesky": 1,
    }


def test_profiles_are_no_posts(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="the value is no post of Bluesky; it begins with"):
        _import(tmp_path, "bluesky", [{"did": "did:plc:ann", "handle": "ann.example"}])


def test_a_post_without_any_time_is_rejected_and_an_unproven_name_is_none(tmp_path: Path) -> None:
    timeless = {**_view("2", createdAt=None), "indexedAt": None}
    unproven = {**_view(), "author": {"did": "did:plc:ann", "handle": "handle.invalid"}}
    report, dataset = _import(tmp_path, "bluesky", [unproven, timeless])

    assert dict(report.source.reasons) == {"createdAt and indexedAt are missing, or no times that can be read": 1}
    assert [row["handle"] for row in rows(dataset, "assets")] == [None]


def test_the_same_status_seen_through_two_servers_is_one_post_of_one_account(tmp_path: Path) -> None:
    there = _status(1)
    here = {**there, "id": "777", "account": {**there["account"], "id": "55", "acct": "ann@one.example"}}
    report, dataset = _import(tmp_path, "mastodon", [there, here])

    assert (report.source.read, report.source.kept, report.source.merged) == (2, 1, 1)
    assert [(row["asset_id"], row["handle"]) for row in rows(dataset, "assets")] == [
        ("https://one.example/@ann", "ann@one.example")
    ]


def test_a_boost_is_a_repost_and_what_it_carries_a_post(tmp_path: Path) -> None:
    inner = _status(1, tags=[{"name": "cats"}], application={"name": "Web"})
    boost = _status(
        2, "bo", reblog=inner, content="<p>hello</p>", uri="https://one.example/users/bo/statuses/2/activity"
    )
    report, dataset = _import(tmp_path, "mastodon", [boost, inner])
    first, second = rows(dataset, "posts")

    assert (report.source.read, report.source.kept, report.source.merged) == (3, 2, 1)
    assert (first["kind"], first["ref_post_id"], first["ref_asset_id"], first["text"], first["hashtags"]) == (
        "repost",
        "https://one.example/users/ann/statuses/1",
        "https://one.example/@ann",
        "hello",
        ["cats"],
    )
    assert (second["kind"], second["client"]) == ("original", "Web")


def test_replies_and_quotes_have_targets_and_links_are_the_authors(tmp_path: Path) -> None:
    content = (
        '<p><span class="h-card"><a href="https://one.example/@bo" class="u-url mention">@bo</a></span> see '
        '<a href="https://example.org/cat">it</a> <a href="https://one.example/tags/cats" class="mention hashtag">#cats</a></p>'
    )
    mention = {"id": "9bo", "acct": "bo", "url": "https://one.example/@bo"}
    media = [{"id": "5", "url": "https://cdn.example/1", "remote_url": "https://two.example/1.jpg"}, {"id": "6"}]
    statuses = [
        _status(1, content=content, mentions=[mention], in_reply_to_id="4", in_reply_to_account_id="9bo"),
        _status(2, in_reply_to_id="1", in_reply_to_account_id="9ann", card={"url": "https://example.org/dog"}),
        _status(3, in_reply_to_account_id="404"),
        _status(4, quote={"state": "accepted", "quoted_status": _status(8, "cy")}, media_attachments=media),
        _status(5, spoiler_text="cats", content=""),
    ]
    _, dataset = _import(tmp_path, "mastodon", statuses)
    found = rows(dataset, "posts")

    assert [(row["kind"], row["ref_post_id"], row["ref_asset_id"]) for row in found] == [
        ("reply", "4", "https://one.example/@bo"),
        ("reply", "1", "https://one.example/@ann"),
        ("reply", None, None),
        ("quote", "https://one.example/users/cy/statuses/8", "https://one.example/@cy"),
        ("original", None, None),
    ]
    assert (found[0]["text"], found[0]["urls"]) == ("@bo see it #cats", ["https://example.org/cat"])
    assert found[0]["mentions"] == ["https://one.example/@bo"]
    assert (found[1]["urls"], found[3]["media_hashes"]) == (
        ["https://example.org/dog"],
        ["id:https://two.example/1.jpg"],
    )
    assert found[4]["text"] == "cats"


def test_statuses_of_searches_and_threads_are_read(tmp_path: Path) -> None:
    for number, page in enumerate(
        ({"accounts": [], "statuses": [_status()]}, {"ancestors": [], "descendants": [_status()]})
    ):
        (tmp_path / str(number)).mkdir()
        report, _ = _import(tmp_path / str(number), "mastodon", page)
        lines, _ = _import(tmp_path / str(number), "mastodon", json.dumps(page) + "\n" + json.dumps(_status(2)))

        assert (report.source.kept, report.source.rejected) == (1, 0)
        assert (lines.source.kept, lines.source.merged, lines.source.rejected) == (1, 1, 0)


def test_statuses_that_lack_what_is_needed_are_rejected(tmp_path: Path) -> None:
    statuses = [
        _status(1),
        _status(2, uri=None),
        _status(3, account={"id": "1", "acct": "x", "url": " "}),
        _status(4, created_at="soon"),
        {"id": "5"},
        _status(6, account={"acct": "x", "url": "http://[::1"}),
    ]
    _, dataset = _import(tmp_path, "mastodon", statuses)

    assert _rejects(dataset) == [
        (2, "uri is missing"),
        (3, "account is missing"),
        (4, "created_at is no time that can be read"),
        (5, "the value is no status of Mastodon"),
    ]


def test_a_group_is_one_and_a_bio_is_text(tmp_path: Path) -> None:
    account = {
        "acct": "cats@two.example",
        "url": "https://two.example/@cats",
        "group": True,
        "note": "<p>all of<br>us</p>",
    }
    counts = {"followers_count": 3, "following_count": 2, "statuses_count": 1, "created_at": "2020-01-01T00:00:00.000Z"}
    _, dataset = _import(tmp_path, "mastodon", [_status(1, account={**account, **counts})])
    found = rows(dataset, "assets")[0]

    assert (found["kind"], found["bio"], found["handle"]) == ("group", "all of\nus", "cats@two.example")
    assert (found["followers"], found["following"], found["posts_count"]) == (3, 2, 1)


def test_every_json_format_says_how_it_is_read() -> None:
    assert {one.name for one in FORMATS.values() if one.reading is not None} == set(NAMES)
