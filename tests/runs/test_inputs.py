"""Detection over datasets of every odd shape."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from samehand.errors import InputError, NotFoundError, UsageError
from samehand.records import RUN_TABLES, Run, schema_of
from samehand.runs import Detection, DetectParameters, detect
from tests.worlds import DAY_S, START, dataset_of

Post = dict[str, Any]


def _run(
    folder: Path, posts: Sequence[Post], *, activities: pa.Table | None = None, **parameters: Any
) -> tuple[Detection, Run]:
    dataset_of(folder / "data", posts, **({} if activities is None else {"activities": activities}))
    found = detect(folder / "data", folder / "run", DetectParameters(**parameters))
    return found, Run.open(folder / "run")


def _team(members: Sequence[str] = "abcde", days: int = 12, **fixed: Any) -> list[Post]:
    """Accounts that share one link a day within some seconds."""
    return [
        {"asset_id": member, "urls": [f"https://example.org/{day}"], "at_s": DAY_S * day + 2 * k, **fixed}
        for day in range(days)
        for k, member in enumerate(members)
    ]


def _crowd(accounts: int = 300, things: int = 60) -> list[Post]:
    """Ordinary people who come hours and days later to links of their own."""
    return [
        {
            "asset_id": f"o{(thing * 7 + k * k) % accounts}",
            "urls": [f"https://example.net/{thing}"],
            "at_s": DAY_S * (thing % 12) + 4_001 * k,
        }
        for thing in range(things)
        for k in range(30)
    ]


def _activities(rows: Sequence[tuple[str, str, str, float]]) -> pa.Table:
    schema = schema_of("activities")
    at = [int(START.timestamp() * 1e6 + second * 1e6) for *_, second in rows]
    columns = [["x"] * len(rows), *([row[k] for row in rows] for k in range(3)), at, [None] * len(rows)]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _step(run: Run, name: str) -> dict[str, Any]:
    return next(step for step in run.info["steps"] if step["step"] == name)


def test_an_empty_dataset_is_bad_input_and_leaves_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no posts and no activities"):
        _run(tmp_path, [])
    assert not (tmp_path / "run").exists()


def test_a_dataset_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        detect(tmp_path / "nowhere", tmp_path / "run")


@pytest.mark.parametrize(
    "posts",
    [
        [{"urls": ["https://example.org/a"]}],
        [{"asset_id": name, "text": None} for name in "abc"],
        [
            {"asset_id": name, "urls": [f"https://example.org/{name}"], "text": f"only {name} says that"}
            for name in "abc"
        ],
        [{"asset_id": "a", "urls": ["https://example.org/a"], "at_s": k} for k in range(9)],
        [{"asset_id": name, "urls": [""], "hashtags": [""], "text": ""} for name in "abcdef"],
    ],
    ids=["one post", "nothing said", "nothing shared", "one account", "everything empty"],
)
def test_posts_that_share_nothing_give_a_run_of_empty_tables(posts: list[Post], tmp_path: Path) -> None:
    found, run = _run(tmp_path, posts)

    assert (found.networks, found.edges) == (0, 0)
    assert [run.table(name).num_rows for name in RUN_TABLES] == [0] * len(RUN_TABLES)
    assert all(run.table(name).schema.equals(schema_of(name)) for name in RUN_TABLES)


def test_a_team_among_ordinary_people_is_found(tmp_path: Path) -> None:
    _, run = _run(tmp_path, [*_team(), *_crowd()])

    assert {row["asset_id"] for row in run.table("members").to_pylist()} == set("abcde")


def test_times_that_are_all_equal_are_one_occasion(tmp_path: Path) -> None:
    posts = [{"asset_id": name, "urls": [f"https://example.org/{k}"]} for name in "abcde" for k in range(30)]
    found, _ = _run(tmp_path, posts)

    assert found.networks == 0


def test_a_team_before_1970_is_a_team(tmp_path: Path) -> None:
    posts = [{**post, "at_s": post["at_s"] - START.timestamp() - 400 * DAY_S} for post in [*_team(), *_crowd()]]
    _, run = _run(tmp_path, posts)

    assert {row["asset_id"] for row in run.table("members").to_pylist()} == set("abcde")
    assert run.info["dataset"]["first_post"].startswith("1968-")
    assert all(row["at_a"].year < 1970 for row in run.table("receipts").to_pylist())


def test_the_same_name_on_two_platforms_is_two_accounts_and_links_tie_across(tmp_path: Path) -> None:
    posts = [
        *_team("ab", platform="x"),
        *({**post, "platform": "y", "at_s": post["at_s"] + 3} for post in _team("ab")),
        *_crowd(),
    ]
    _, run = _run(tmp_path, [{**post, "post_id": f"p{k}"} for k, post in enumerate(posts)])
    members = {(row["platform"], row["asset_id"]) for row in run.table("members").to_pylist()}

    assert members == {("x", "a"), ("x", "b"), ("y", "a"), ("y", "b")}
    assert {(row["platform_a"], row["platform_b"]) for row in run.table("edges").to_pylist()} >= {
        ("x", "x"),
        ("x", "y"),
        ("y", "y"),
    }


def test_a_reposted_id_of_one_platform_is_no_object_of_another(tmp_path: Path) -> None:
    posts = [
        {"platform": platform, "asset_id": "a", "kind": "repost", "ref_post_id": f"{day}", "at_s": DAY_S * day}
        for day in range(12)
        for platform in ("x", "y")
    ]
    found, run = _run(tmp_path, posts)

    assert found.networks == 0
    assert run.info["families"][0]["objects"] == 24


def test_activities_without_posts_are_searched_and_their_receipts_name_no_post(tmp_path: Path) -> None:
    rows = [(post["asset_id"], "url", post["urls"][0], post["at_s"]) for post in [*_team(), *_crowd()]]
    found, run = _run(tmp_path, [], activities=_activities(rows))
    receipts = run.table("receipts").to_pylist()

    assert {row["asset_id"] for row in run.table("members").to_pylist()} == set("abcde")
    assert found.posts == 0
    assert {(row["post_a"], row["post_b"]) for row in receipts} == {(None, None)}
    assert run.table("edges").column("co_activities").to_pylist() == [12] * 10


def test_what_a_post_and_an_activity_of_it_both_say_is_one_activity_and_counted(tmp_path: Path) -> None:
    row = ("a", "url", "example.org/a", 0.0)
    activities = _activities([row, ("a", "url", "example.org/a", 6.0)])
    activities = activities.set_column(5, activities.schema.field("post_id"), pa.array(["p0", None], pa.string()))
    _, run = _run(tmp_path, [{"urls": ["https://example.org/a"]}], activities=activities, traces=("url",))
    step = _step(run, "left the trace on an object")

    assert (step["kept"], step["dropped"], step["reason"]) == (2, 1, "said twice in one post")


def test_since_and_until_cut_posts_and_activities_and_are_counted(tmp_path: Path) -> None:
    rows = [("q", "url", "thing", DAY_S * float(day)) for day in range(12)]
    _, run = _run(
        tmp_path,
        _team(),
        activities=_activities(rows),
        since="2019-06-05",
        until="2019-06-10T00:00:00+00:00",
        traces=("url",),
    )
    step = _step(run, "in the time asked for")

    assert (step["kept"], step["dropped"]) == (25, 35)
    assert _step(run, "left the trace on an object")["kept"] == 30
    assert run.info["dataset"]["first_post"].startswith("2019-06-05")


def test_a_time_in_which_nothing_happened_gives_an_empty_run(tmp_path: Path) -> None:
    found, run = _run(tmp_path, _team(), since="2031-01-01")

    assert (found.networks, found.accounts) == (0, 0)
    assert run.table("edges").num_rows == 0


def test_a_condition_chooses_posts_and_is_counted(tmp_path: Path) -> None:
    posts = [*_team("abc", language="en"), *_team("de", language="fr")]
    found, run = _run(tmp_path, posts, where="language = 'en' and len(urls) > 0")
    step = _step(run, "where the condition holds")

    assert (step["kept"], step["dropped"], found.accounts) == (36, 24, 3)


@pytest.mark.parametrize(
    "where", ["langage = 'en'", "true)) --", "(", "1; drop table posts", "platform", "true); copy posts to 'stolen.csv"]
)
def test_a_condition_that_cannot_be_used_is_refused_with_the_columns_there_are(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"(?s)--where cannot be used: .*platform = 'twitter'"):
        _run(tmp_path, _team(), where=where)
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "stolen.csv").exists()


@pytest.mark.parametrize(
    "where",
    [
        "asset_id in (select column0 from read_csv('{secret}', header=false, columns={{'column0': 'VARCHAR'}}))",
        "true); copy posts to '{stolen}'; select (1",
        "true); set enable_external_access = true; select (1",
        "true); attach '{stolen}' as other; select (1",
        "length(getenv('HOME')) > 0",
    ],
)
def test_a_condition_reaches_no_file_and_no_environment(where: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n", encoding="utf-8")
    expression = where.format(secret=tmp_path / "secret.csv", stolen=tmp_path / "stolen.csv")

    with pytest.raises(UsageError, match="--where cannot be used"):
        _run(tmp_path, _team(), where=expression)
    assert not (tmp_path / "stolen.csv").exists()


def test_windows_below_the_time_resolution_are_widened_and_said(tmp_path: Path) -> None:
    posts = [{**post, "at_s": post["at_s"] // 60 * 60} for post in [*_team(), *_crowd()]]
    found, run = _run(tmp_path, posts)

    assert run.info["windows_s"] == [60, 600, 3600, 21_600]
    assert any("no finer than 60 s: windows of 10 s were widened" in note for note in found.notes)


def test_an_unknown_trace_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown trace 'retweet'; traces are repost, url"):
        detect(tmp_path / "nowhere", tmp_path / "run", DetectParameters(traces=("retweet",)))


def test_only_the_traces_asked_for_are_searched(tmp_path: Path) -> None:
    _, run = _run(tmp_path, _team(), traces=("hashtag", "url"))

    assert [family["trace"] for family in run.info["families"]] == ["url"]


def test_a_repost_without_a_target_is_said(tmp_path: Path) -> None:
    posts = [
        {"asset_id": name, "kind": "repost", "text": "brel dovan kiru mest", "at_s": k} for k, name in enumerate("abc")
    ]
    found, _ = _run(tmp_path, posts)

    assert any(note.startswith("3 reposts name no post") for note in found.notes)


def test_a_folder_that_is_no_run_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(InputError, match="is no run"):
        _run(tmp_path, _team())
    assert (tmp_path / "run" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_an_older_run_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    _run(tmp_path, _team())
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(UsageError):
        detect(tmp_path / "data", tmp_path / "run", DetectParameters(where="nonsense"))

    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_an_object_that_20000_share_within_minutes_hides_no_team(tmp_path: Path) -> None:
    hub = [
        {"asset_id": f"h{k}", "urls": ["https://example.com/hub"], "at_s": DAY_S * 3 + k % 600} for k in range(20_000)
    ]
    found, run = _run(tmp_path, [*hub, *_team(), *_crowd()], traces=("url",))

    assert {row["asset_id"] for row in run.table("members").to_pylist()} == set("abcde")
    assert run.info["families"][0]["banded_objects"] == 1
    assert any("banded" in note for note in found.notes)
