from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.errors import UsageError
from samehand.records import POST_KINDS
from samehand.traces import TRACES, Trace, named_traces
from tests.traces.posts import found, keys, posts_table

OF_POSTS = [name for name, trace in TRACES.items() if trace.table == "posts"]
FOUR_WORDS = "brel dovan kiru mest"
LISTS = {"url": "urls", "domain": "urls", "hashtag": "hashtags", "image": "media_hashes", "mention": "mentions"}

_ELEMENTS = st.one_of(
    st.none(),
    st.sampled_from(["", "#", " ", "velor", "#Velor", "https://example.org/a", "example.org/a"]),
    st.text(max_size=6),
)
_POSTS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(POST_KINDS),
            "text": st.one_of(st.none(), st.sampled_from(["", FOUR_WORDS, "yes"]), st.text(max_size=12)),
            "ref_post_id": st.one_of(st.none(), st.sampled_from(["", "7", "8"])),
            "platform": st.just("x"),
            "post_id": st.sampled_from(["7", "8", "9"]),
            "asset_id": st.sampled_from(["1", "2"]),
            "posted_at": st.sampled_from(["2019-06-03", "2019-06-04"]),
            "client": st.one_of(st.none(), st.sampled_from(["", "velor-post"])),
            **{name: st.one_of(st.none(), st.lists(_ELEMENTS, max_size=4)) for name in set(LISTS.values())},
        }
    ),
    max_size=6,
)


@pytest.mark.parametrize("trace", TRACES.values(), ids=list(TRACES))
def test_each_example_of_a_trace_yields_its_object(trace: Trace) -> None:
    assert len(trace.example) >= 2
    assert any(expected is None for _, expected in trace.example)
    for row, expected in trace.example:
        assert set(row) <= set(trace.columns)
        assert keys(trace.name, row) == ([expected] if expected is not None else [])


@settings(deadline=None, max_examples=150)
@given(rows=_POSTS)
@pytest.mark.parametrize("name", OF_POSTS)
def test_what_a_trace_finds_and_what_it_drops_add_up_and_nothing_is_empty(
    name: str, rows: list[dict[str, Any]]
) -> None:
    objects = found(name, *rows)
    candidates = sum(len(row[LISTS[name]] or ()) for row in rows) if name in LISTS else len(rows)

    assert len(objects) == len(objects.keys) == len(objects.rows)
    assert objects.keys.null_count == 0
    assert "" not in objects.keys.to_pylist()
    assert objects.rows.tolist() == sorted(objects.rows.tolist())
    assert all(0 <= row < len(rows) for row in objects.rows.tolist())
    assert candidates == len(objects) + sum(objects.dropped.values())
    assert all(count > 0 for count in objects.dropped.values())


@settings(deadline=None, max_examples=60)
@given(rows=_POSTS)
@pytest.mark.parametrize("name", ["url", "domain", "hashtag"])
def test_one_post_leaves_a_trace_on_one_object_once(name: str, rows: list[dict[str, Any]]) -> None:
    objects = found(name, *rows)
    pairs = list(zip(objects.rows.tolist(), objects.keys.to_pylist(), strict=True))

    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("name", TRACES)
def test_no_posts_leave_no_trace(name: str) -> None:
    objects = TRACES[name].find(posts_table([], TRACES[name].table).select(list(TRACES[name].columns)))

    assert (len(objects), dict(objects.dropped)) == (0, {})


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("url", {"urls": [""]}),
        ("url", {"urls": [" "]}),
        ("url", {"urls": [None]}),
        ("url", {"urls": []}),
        ("domain", {"urls": [""]}),
        ("hashtag", {"hashtags": [""]}),
        ("hashtag", {"hashtags": ["#"]}),
        ("hashtag", {"hashtags": [" # "]}),
        ("text", {"text": ""}),
        ("text", {"text": "   "}),
        ("text", {"text": "https://example.org/a @velor"}),
        ("image", {"media_hashes": [""]}),
        ("mention", {"mentions": [""]}),
        ("repost", {"kind": "repost", "ref_post_id": "", "text": ""}),
        ("reply", {"kind": "reply", "ref_post_id": ""}),
    ],
)
def test_nothing_is_never_a_shared_object(name: str, row: Mapping[str, Any]) -> None:
    """A peer splits an empty URL into [""], so that every post without a link joins every other."""
    assert keys(name, row, row) == []


@pytest.mark.parametrize("name", [*LISTS, "text"])
def test_the_content_of_a_repost_is_not_its_authors(name: str) -> None:
    row = {
        "text": FOUR_WORDS, "urls": ["https://example.org/a"], "hashtags": ["velor"], "mentions": ["81"],
        "media_hashes": ["id:9"],
    }  # fmt: skip

    assert len(keys(name, {"kind": "original", **row})) == 1
    assert keys(name, {"kind": "repost", **row}) == []
    assert sum(found(name, {"kind": "repost", **row}).dropped.values()) == 1


def test_quotes_and_replies_are_their_authors_own_words() -> None:
    assert (
        keys("text", {"kind": "quote", "text": FOUR_WORDS}, {"kind": "reply", "text": FOUR_WORDS}) == [FOUR_WORDS] * 2
    )


def test_a_repost_without_a_target_is_tied_by_its_text_only_if_that_says_something() -> None:
    long, short = {"kind": "repost", "text": FOUR_WORDS}, {"kind": "repost", "text": "yes"}

    assert keys("repost", long, short, {**long, "ref_post_id": "7"}) == [f"text:{FOUR_WORDS}", "7"]


def test_only_a_reply_replies_and_only_a_repost_reposts() -> None:
    rows = [{"kind": kind, "ref_post_id": "7"} for kind in POST_KINDS]

    assert [POST_KINDS[i] for i in found("reply", *rows).rows] == ["reply"]
    assert [POST_KINDS[i] for i in found("repost", *rows).rows] == ["repost"]


def test_a_hashtag_is_one_in_any_case_and_with_any_sign_before_it() -> None:
    assert keys("hashtag", {"hashtags": ["#Velor", "velor", "＃VELOR", "Velo"]}) == ["velor", "velo"]


def test_an_unknown_trace_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UsageError) as error:
        named_traces(["repost", "retweet"])

    assert "'retweet'" in str(error.value)
    assert all(name in str(error.value) for name in TRACES)


def test_named_traces_come_in_the_order_of_the_catalogue() -> None:
    assert [trace.name for trace in named_traces(["text", "repost", "text"])] == ["repost", "text"]
    assert [trace.name for trace in named_traces(None)] == list(TRACES)


def test_a_hashtag_sequence_is_three_tags_or_more_in_their_order() -> None:
    tags = ["velor", "brel", "kiru"]
    rows = [
        {"hashtags": tags},
        {"hashtags": ["#Velor", "#brel", "#Kiru"]},
        {"hashtags": tags[::-1]},
        {"hashtags": tags[:2]},
    ]

    assert keys("hashtag_sequence", *rows) == ["velor brel kiru", "velor brel kiru", "kiru brel velor"]


def _repost(number: int, target: str, minute: int) -> dict[str, object]:
    return {
        "platform": "x", "post_id": f"r{target}{number}", "kind": "repost", "ref_post_id": target,
        "posted_at": f"2019-06-03T01:{minute:02d}:00",
    }  # fmt: skip


def test_a_fast_repost_is_among_the_fastest_tenth_of_its_own_post() -> None:
    original = {"platform": "x", "posted_at": "2019-06-03T01:00:00"}
    slow = [_repost(k, "a", 20 + k) for k in range(20)]
    quick = [_repost(k, "b", 1 + k) for k in range(20)]
    objects = found("fast_repost", {**original, "post_id": "a"}, {**original, "post_id": "b"}, *slow, *quick)

    assert objects.keys.to_pylist() == ["a"] * 2 + ["b"] * 2
    assert objects.rows.tolist() == [2, 3, 22, 23]
    assert dict(objects.dropped) == {
        "no repost, or the original is not in the data": 2, "not among the fastest tenth": 36,
    }  # fmt: skip


def test_a_client_that_many_use_ties_nobody() -> None:
    rows = [{"platform": "x", "asset_id": str(k), "client": "web" if k > 1 else "velor-post"} for k in range(60)]

    assert keys("client", *rows) == ["velor-post"] * 2


def test_an_address_and_a_device_are_two_objects_of_one_login() -> None:
    rows: list[dict[str, str | None]] = [{"ip": "192.0.2.7", "device_id": "d1"}, {"ip": None, "device_id": "d1"}]

    assert keys("login", *rows) == ["ip:192.0.2.7", "device:d1", "device:d1"]
    assert found("login", *rows).rows.tolist() == [0, 0, 1]
    assert dict(found("login", *rows).dropped) == {"no address, or no device": 1}
