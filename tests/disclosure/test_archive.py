"""A release shows what was done and finds nobody who has few readers."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from samehand.disclosure import (
    POST_COLUMNS,
    USER_COLUMNS,
    Archive,
    ReleaseKeys,
    archive_of,
    attack,
    blunted,
    refuse_if_found,
)
from samehand.errors import InputError, UsageError
from samehand.records import schema_of

KEYS = ReleaseKeys.of(b"a test")
START = datetime(2019, 6, 1, tzinfo=UTC)


def _world(members: int, others: int, seed: int = 1) -> tuple[pa.Table, pa.Table, dict[tuple[str, str], str]]:
    """Accounts and posts of a network and of people around it, drawn from one set of habits."""
    draw = Random(seed)
    assets: list[dict[str, Any]] = []
    posts: list[dict[str, Any]] = []
    for number in range(members + others):
        many = number < members and number % 40 == 0
        assets.append({
            "platform": "sim", "asset_id": f"id{number:05d}", "kind": "account", "handle": f"handle{number}",
            "display_name": f"Name {number}", "bio": f"bio {number}", "location": "Town", "profile_url": f"https://u{number}.test/",
            "language": draw.choice(["en", "en", "zh-TW", "zh-CN"]),
            "created_at": START - timedelta(days=draw.randrange(3_000)),
            "followers": 10_000 if many else int(draw.lognormvariate(4, 1.5)), "following": int(draw.lognormvariate(5, 1)),
        })  # fmt: skip
        for k in range(draw.randrange(12)):
            member = number < members
            posts.append({
                "platform": "sim", "asset_id": f"id{number:05d}", "post_id": f"p{number}-{k}",
                "posted_at": START + timedelta(minutes=draw.randrange(40 * 24 * 60)),
                "kind": draw.choice(["original", "repost", "reply"]),
                "text": "the same words of the operation again and again" if member and k % 3 == 0 else f"words {number} {k}",
                "language": "en", "client": draw.choice(["Web", "Phone"]), "ref_post_id": f"p{draw.randrange(members)}-0",
                "ref_asset_id": f"id{draw.randrange(members + others):05d}",
                "urls": ["https://www.kite-news.test.com/a?b=1"] if member else [],
                "hashtags": [f"tag{number}" if k == 5 else "HongKong"],
                "mentions": [f"id{draw.randrange(members + others):05d}"],
                "like_count": draw.randrange(50),
            })  # fmt: skip
    return (
        pa.Table.from_pylist(assets, schema_of("assets")), pa.Table.from_pylist(posts, schema_of("posts")),
        {("sim", f"id{number:05d}"): f"N{number % 2}" for number in range(members)},
    )  # fmt: skip


def _truth(networks: dict[tuple[str, str], str]) -> dict[str, tuple[str, str]]:
    return {KEYS.hashed("account", *key): key for key in networks}


@pytest.fixture(scope="module")
def made() -> tuple[pa.Table, pa.Table, dict[tuple[str, str], str], Archive]:
    assets, posts, networks = _world(400, 4_000)
    return assets, posts, networks, archive_of(assets, posts, networks, KEYS)


def _cells(archive: Archive) -> list[str]:
    return [
        str(value)
        for table in archive.tables.values()
        for column in table.columns
        for value in column.to_pylist()
        if value
    ]


def _clear(archive: Archive) -> list[str]:
    return [row["userid"] for row in archive.users.to_pylist() if len(row["userid"]) != 43]


def test_columns_are_those_of_twitters_archives(made: Any) -> None:
    archive: Archive = made[3]
    assert tuple(archive.users.column_names) == USER_COLUMNS
    assert tuple(archive.posts.column_names) == POST_COLUMNS
    assert len(POST_COLUMNS) == 31
    assert len(archive.users) == 400


def test_nothing_of_a_small_account_stands_in_any_table(made: Any) -> None:
    assets, posts, networks, archive = made
    large = {
        row["asset_id"]
        for row in assets.to_pylist()
        if ("sim", row["asset_id"]) in networks and row["followers"] >= 5_000
    }
    small = [row for row in assets.to_pylist() if ("sim", row["asset_id"]) in networks and row["asset_id"] not in large]
    text = "\n".join(_cells(archive))
    for row in small:
        for name in ("asset_id", "handle", "display_name", "bio", "profile_url"):
            assert row[name] not in text.split("\n")
    for row in posts.to_pylist():
        assert row["post_id"] not in text.split("\n")
    assert "the same words of the operation" not in text
    assert "/a?b=1" not in text
    assert {row["userid"] for row in archive.posts.to_pylist()} <= large
    third = {one for cell in archive.posts["user_mentions"].to_pylist() for one in cell[1:-1].split(", ")}
    assert not third & {row["asset_id"] for row in small}


def test_profiles_and_posts_in_clear_hold_nothing_of_anybody_else(made: Any) -> None:
    assets, posts, networks, _ = made
    said = "感谢@handle401, eve@mail.test, +852 5550 1234 or 198.51.100.9, id00402, by handle0"
    theirs = {
        "display_name": "of handle401", "location": "at @handle401", "bio": said, "profile_url": "https://other.test/handle401"
    }  # fmt: skip
    profiles = pa.Table.from_pylist([{**row, **theirs} for row in assets.to_pylist()], assets.schema)
    used = {
        "client": "Bot of handle401",
        "hashtags": ["with_handle401", "handle401"],
        "urls": ["http://198.51.100.9/a"],
    }
    posted = pa.Table.from_pylist([{**row, **used} for row in posts.to_pylist()], posts.schema)
    archive = archive_of(profiles, posted, networks, KEYS)
    one, other = (KEYS.hashed("mention", "sim", f"id00{number}") for number in (401, 402))
    row = next(row for row in archive.users.to_pylist() if row["userid"] == "id00000")
    assert row["user_display_name"] == f"of {one}"
    assert row["user_reported_location"] == f"at @{one}"
    assert (
        row["user_profile_description"]
        == f"感谢@{one}, [e-mail address], [number] or [IP address], {other}, by handle0"
    )
    assert row["user_profile_url"] == "other.test"
    post = archive.posts.to_pylist()[0]
    assert (post["tweet_client_name"], post["hashtags"]) == (f"Bot of {one}", f"[with_handle401, {one}]")
    assert post["urls"] == "[]"
    assert archive.domains.num_rows == 0  # k accounts and more linked to the address


@pytest.mark.parametrize(("small", "told"), [(4, []), (5, [("rare", 5)])])
def test_no_count_falls_under_k_by_taking_away_what_is_shown_of_large_accounts(
    made: Any, small: int, told: list[tuple[str, int]]
) -> None:
    assets, posts, networks, _ = made
    large = {row["asset_id"] for row in assets.to_pylist() if row["followers"] >= 5_000}
    users = ["id00040", "id00080", "id00120", *(f"id00{number}" for number in range(101, 101 + 2 * small, 2))]
    assert len(large & set(users)) == 3
    tagged = [
        {**next(row for row in posts.to_pylist() if row["asset_id"] == one), "hashtags": ["rare"]} for one in ["id00040"]
    ]  # fmt: skip
    tagged = [{**tagged[0], "asset_id": one, "post_id": f"of {one}"} for one in users]
    archive = archive_of(assets, pa.Table.from_pylist(tagged, posts.schema), dict.fromkeys(networks, "N"), KEYS)
    assert [(row["value"], row["accounts"]) for row in archive.hashtags.to_pylist()] == told
    assert archive.posts["hashtags"].to_pylist() == ["[rare]"] * 3


def test_small_accounts_are_alike_in_fives_and_what_is_left_out_is_counted(made: Any) -> None:
    archive: Archive = made[3]
    hashed = [row for row in archive.users.to_pylist() if len(row["userid"]) == 43]
    assert len(hashed) == archive.small == 390
    alike = Counter(
        (row["account_language"], row["account_creation_date"], row["follower_count"], row["following_count"])
        for row in hashed
    )
    assert all(count >= 5 for key, count in alike.items() if set(key) != {"*"})
    assert archive.left.suppressed == alike.get(("*",) * 4, 0)
    for name in ("posts_daily", "hashtags", "domains", "clients", "templates"):
        assert all(count >= 5 for count in archive.tables[name]["accounts"].to_pylist())
    assert archive.left.rare["hashtags"] > 0
    assert "tag7" not in archive.hashtags["value"].to_pylist()
    assert {"hongkong"} == set(archive.hashtags["value"].to_pylist())
    assert archive.templates["value"].to_pylist()[0] == "template 1"


def test_an_attack_with_the_whole_platform_joins_nobody_and_finds_almost_nobody(made: Any) -> None:
    assets, _, networks, archive = made
    done = attack(archive.tables, assets, _truth(networks), _clear(archive))
    assert (done.small, done.joined, done.alone) == (390, 0, 0)
    assert 0 < done.share <= 0.01
    assert done.low < done.share < done.high
    refuse_if_found(done)


def test_a_release_in_which_people_are_found_again_is_refused_with_what_to_blunt(made: Any) -> None:
    assets, posts, networks, _ = made
    network_only = pa.Table.from_pylist(
        [row for row in assets.to_pylist() if ("sim", row["asset_id"]) in networks], schema_of("assets")
    )
    fine = archive_of(assets, posts, networks, KEYS, k=2)
    done = attack(fine.tables, network_only, _truth(networks), _clear(fine))
    with pytest.raises(
        InputError, match=r"finds .* of 390 small accounts again .* A larger --k .* without it: \w+ \(to"
    ):
        refuse_if_found(done)


def test_an_id_that_slips_through_is_found_by_the_join(made: Any) -> None:
    assets, _, networks, archive = made
    leaky = archive.users.set_column(0, "userid", pa.array(["id00001", *archive.users["userid"].to_pylist()[1:]]))
    kill_chain = pa.table({"Tactic": ["Acquiring"], "Indicator": ["id00001"]})
    bundle = {"objects": [{"pattern": "[user-account:user_id = 'id00001' AND user-account:account_type = 'sim']"}]}
    fine: dict[str, pa.Table] = archive.tables
    slips: list[Any] = [({**fine, "users": leaky}, None), ({**fine, "kill_chain": kill_chain}, None), (fine, bundle)]
    for tables, stix in slips:
        done = attack(tables, assets, _truth(networks), _clear(archive), stix)
        assert done.joined == 1
        with pytest.raises(InputError, match="stand in the release as they are"):
            refuse_if_found(done)


@pytest.mark.parametrize(
    ("table", "column", "said", "joined"),
    [
        ("users", "user_profile_description", "by 感谢handle401。", 1),
        ("users", "user_reported_location", "id00401/id00402", 2),
        ("users", "user_screen_name", "HANDLE401", 1), ("posts", "tweet_text", "RT @wordy: hi", 1),
        ("posts", "tweet_text", "谢谢＠wordy的支持", 1),
        ("posts", "hashtags", "[a, tv-handle401]", 1), ("posts", "user_mentions", "[id00000, handle401]", 1),
        ("posts", "tweet_text", "wordy people saw handle0 and id00000", 0), ("users", "user_profile_url", "other.test", 0),
    ],
)  # fmt: skip
def test_a_handle_or_id_within_a_cell_is_found_and_a_word_is_not(
    made: Any, table: str, column: str, said: str, joined: int
) -> None:
    assets, _, networks, archive = made
    wordy = {"handle": "Wordy"}
    crawl = [{**row, **(wordy if row["asset_id"] == "id00403" else {})} for row in assets.to_pylist()]
    tables = dict(archive.tables)
    rows = tables[table].to_pylist()
    rows[0][column] = said
    tables[table] = pa.Table.from_pylist(rows, tables[table].schema)
    done = attack(tables, pa.Table.from_pylist(crawl, assets.schema), _truth(networks), _clear(archive))
    assert done.joined == joined


def test_days_of_sign_up_that_are_told_narrow_down_who_an_account_is(made: Any) -> None:
    """Of each of these days the crawl has an account or two; whoever the release tells of it by, pays to guess among them."""
    assets, _, networks, archive = made
    days = {row["created_at"].date().isoformat() for row in assets.to_pylist() if ("sim", row["asset_id"]) in networks}

    def share(told: list[str]) -> float:
        tables = {**archive.tables, "preactivity_daily": pa.table({"created_on": pa.array(told, pa.string())})}
        return attack(tables, assets, _truth(networks), _clear(archive)).share

    without = attack(archive.tables, assets, _truth(networks), _clear(archive))
    assert share([]) == without.share
    assert share(sorted(days)) > 0.01 > share(sorted({day[:7] for day in days})) >= without.share
    done = attack(
        {**archive.tables, "preactivity_daily": pa.table({"created_on": sorted(days)})}, assets, _truth(networks)
    )
    assert done.by_column["preactivity_daily"] == without.share
    assert without.share < without.knowing_who <= 1 / 5


def test_accounts_of_platforms_that_the_release_is_not_about_hide_nobody(made: Any) -> None:
    assets, _, networks, archive = made
    elsewhere = pa.Table.from_pylist([{**row, "platform": "other"} for row in assets.to_pylist()], assets.schema)
    done, more = (
        attack(archive.tables, crawl, _truth(networks), _clear(archive))
        for crawl in (assets, pa.concat_tables([assets, elsewhere]))
    )
    assert done.share == more.share


def test_two_releases_and_two_kinds_of_id_have_no_hash_in_common() -> None:
    other = ReleaseKeys.make()
    values = {
        keys.hashed(kind, "sim", "1") for keys in (KEYS, other) for kind in ("account", "post", "mention", "group")
    }
    assert len(values) == 8
    assert KEYS.hashed("account", "a", "b") != KEYS.hashed("account", "a\0b", "")


def test_a_hash_is_43_letters_and_digits_so_that_no_spreadsheet_runs_it() -> None:
    values = {KEYS.hashed("account", "sim", str(number)) for number in range(500)}
    assert len(values) == 500
    assert all(len(value) == 43 and value.isascii() and value.isalnum() for value in values)


def test_rows_are_blunted_no_more_than_they_have_to_be() -> None:
    rows = [{"year": str(year), "name": k} for k, year in enumerate([2010] * 5 + [2011] * 5 + [2012] * 2)]
    steps = {"year": (str, lambda value: value[:3])}
    assert blunted(rows[:10], steps, 5).steps == {"year": 1}
    done = blunted(rows, steps, 5)
    assert (done.steps, done.suppressed, done.smallest) == ({"year": 2}, 0, 12)
    assert blunted(rows, {"year": (str,)}, 5).suppressed == 2
    with pytest.raises(UsageError):
        blunted(rows, steps, 1)
