"""What the bench of evaluation computes by itself."""

from __future__ import annotations

from pathlib import Path

from samehand.records import Run
from tests.evaluation.test_truth import made_run
from tests.worlds import dataset_of
from tools.bench.evaluation import findable, organic_rows


def test_findable_are_planted_accounts_that_share_two_different_things_with_one_other_of_them(tmp_path: Path) -> None:
    def repost(who: str, of: str) -> dict[str, object]:
        return {"asset_id": who, "kind": "repost", "ref_post_id": of}

    posts: list[dict[str, object]] = [
        repost("a", "r1"), repost("b", "r1"),
        {"asset_id": "a", "urls": ["http://u.example/1"]}, {"asset_id": "b", "urls": ["http://u.example/1"]},
        repost("c", "r1"), repost("c", "r1"),
        repost("organic", "r1"), {"asset_id": "organic", "urls": ["http://u.example/1"]},
        {"asset_id": "d", "kind": "reply", "ref_post_id": "r2"}, {"asset_id": "e", "kind": "reply", "ref_post_id": "r2"},
        {"asset_id": "d", "kind": "reply", "ref_post_id": "r3"}, {"asset_id": "e", "kind": "reply", "ref_post_id": "r3"},
    ]  # fmt: skip
    dataset = dataset_of(tmp_path / "set", posts)

    assert findable(dataset, {("x", name) for name in "abcde"}) == {("x", "a"), ("x", "b")}


def test_only_networks_without_anybody_planted_are_listed(tmp_path: Path) -> None:
    run = Run.open(made_run(tmp_path, ("1", "2"), ("3", "4")))

    rows = list(organic_rows(run, {("x", "4")}))

    assert rows == [("n1", 2, "1.0e-09", "unknown", "no", "")]
