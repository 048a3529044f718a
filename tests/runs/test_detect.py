from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from samehand.records import RUN_TABLES, Dataset, Run, write_dataset
from samehand.runs import detect
from samehand.simulation import World, draw_world, scenario_parameters, write_world
from tests.runs.conftest import Detected

EDGE_KEY = ("platform_a", "asset_a", "platform_b", "asset_b", "trace", "window_s")


def _roles(detected: Detected) -> dict[str, tuple[str, str | None]]:
    return {row["asset_id"]: (row["role"], row["team"]) for row in detected.world.truth.to_pylist()}


def _members(run: Run) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in run.table("members").to_pylist():
        found.setdefault(row["network_id"], set()).add(row["asset_id"])
    return found


def _bytes(run: Run) -> dict[str, bytes]:
    return {name: (run.path / f"{name}.parquet").read_bytes() for name in RUN_TABLES}


def test_the_planted_teams_are_found_whole_and_nobody_who_acts_alone(detected: Detected) -> None:
    """Two teams of 28 and 18 who act within a minute or two; the third is slow and small, and not asked for."""
    roles, networks = _roles(detected), _members(detected.run)
    teams = {team: {account for account, role in roles.items() if role[1] == team} for team in ("team-1", "team-2")}

    assert all(members in networks.values() for members in teams.values())
    assert {roles[account][0] for members in networks.values() for account in members} <= {"team", "newsroom", "mirror"}


def test_the_fans_of_one_author_are_named_with_their_author(detected: Detected) -> None:
    (explained,) = detected.run.info["explained"]
    fans = {account for account, role in _roles(detected).items() if role[0] == "fan"}
    posts = detected.world.posts
    reposted = Counter(
        posts.filter(pc.is_in(posts.column("asset_id"), value_set=pa.array(sorted(fans))))
        .column("ref_asset_id")
        .to_pylist()
    )
    del reposted[None]

    assert explained["accounts"] >= 0.9 * len(fans)
    assert explained["author"] == reposted.most_common(1)[0][0]


def test_every_table_is_there_and_only_networks_of_planted_teams_may_be_flagged(detected: Detected) -> None:
    networks = detected.run.table("networks").to_pylist()
    role = {row["asset_id"]: row["role"] for row in detected.world.truth.to_pylist()}
    findings = detected.run.table("findings").to_pylist()

    assert all((detected.run.path / f"{name}.parquet").is_file() for name in RUN_TABLES)
    assert {row["inauthentic"] for row in networks} <= {"no", "insufficient", "unknown", "some", "strong"}
    assert all(row["explanation"] for row in networks)
    assert all(0 <= row["p_value"] <= row["q_value"] <= 0.01 for row in networks)
    assert {row["network_id"] for row in findings} == {row["network_id"] for row in networks}
    for row in networks:
        members = _members(detected.run)[row["network_id"]]
        planted = sum(role[asset] == "team" for asset in members)
        assert not row["flagged"] or (planted > 0.9 * len(members) and row["coordinated"] == "strong")


def test_networks_are_disjoint_and_their_sizes_are_their_members(detected: Detected) -> None:
    networks = _members(detected.run)
    sizes = {row["network_id"]: row["size"] for row in detected.run.table("networks").to_pylist()}

    assert {name: len(members) for name, members in networks.items()} == sizes
    assert detected.run.table("members").num_rows == sum(sizes.values()) == len(set().union(*networks.values()))
    assert (detected.detection.networks, detected.detection.members) == (len(sizes), sum(sizes.values()))


def test_every_edge_opens_down_to_two_posts_within_its_window(detected: Detected) -> None:
    posts = {
        row["post_id"]: row for row in detected.world.posts.select(["post_id", "asset_id", "posted_at"]).to_pylist()
    }
    receipts: Counter[tuple[Any, ...]] = Counter()
    for row in detected.run.table("receipts").to_pylist():
        receipts[tuple(row[name] for name in EDGE_KEY)] += 1
        for side in ("a", "b"):
            if row[f"post_{side}"] is None:  # a login, a follow: an act without a post
                assert row["trace"] in ("login", "follow", "admin", "handle")
                continue
            post = posts[row[f"post_{side}"]]
            assert (post["asset_id"], post["posted_at"]) == (row[f"asset_{side}"], row[f"at_{side}"])
        assert abs((row["at_a"] - row["at_b"]).total_seconds()) <= row["window_s"]
        assert 0 < row["base_rate"] < 1
        assert row["post_a"] is None or row["post_a"] != row["post_b"]
    edges = detected.run.table("edges").to_pylist()

    assert {tuple(row[name] for name in EDGE_KEY): row["co_activities"] for row in edges} == dict(receipts)


def test_the_receipts_of_an_edge_are_posts_that_share_its_object(detected: Detected) -> None:
    """A row is flagged in a peer though its triple of link, time and account never occurred."""
    posts = {row["post_id"]: row for row in detected.world.posts.to_pylist()}
    for row in detected.run.table("receipts").to_pylist():
        if row["post_a"] is None:
            continue
        one, two = posts[row["post_a"]], posts[row["post_b"]]
        if row["trace"] == "repost":
            assert f"twitter:{one['ref_post_id']}" == f"twitter:{two['ref_post_id']}" == row["object_id"]
        elif row["trace"] == "hashtag":
            assert row["object_id"] in one["hashtags"]
            assert row["object_id"] in two["hashtags"]
        elif row["trace"] == "url":
            assert set(one["urls"]) & set(two["urls"])


def test_numbers_of_an_edge_agree_with_each_other(detected: Detected) -> None:
    networks = _members(detected.run)
    where = {account: name for name, members in networks.items() for account in members}
    for row in detected.run.table("edges").to_pylist():
        assert row["asset_a"] != row["asset_b"]
        assert where[row["asset_a"]] == where[row["asset_b"]]
        assert 1 <= row["occasions"] <= row["co_activities"] <= row["shared_objects"]
        assert 0 <= row["p_value"] <= 1
        assert row["p_value"] <= row["q_value"] <= 1
        assert row["bits"] == pytest.approx(-np.log2(max(row["p_value"], 1e-300)))
    edges = detected.run.table("edges")
    keys = list(zip(*(edges.column(name).to_pylist() for name in EDGE_KEY[:-1]), strict=True))
    assert len(set(keys)) == len(keys)


def test_run_json_counts_each_step_with_its_reason(detected: Detected) -> None:
    info = detected.run.info
    (first, *_) = info["steps"]

    assert first["kept"] == detected.world.posts.num_rows
    assert all(step["reason"] and step["kept"] >= 0 and step["dropped"] >= 0 for step in info["steps"])
    assert info["steps"][-1]["kept"] == detected.detection.networks
    assert info["family"] == sum(family["pairs_in_family"] for family in info["families"])
    assert info["dataset"]["hash"] == detected.dataset.hash
    assert {"parameters", "versions", "seed", "windows_s", "timings", "notes"} <= set(info)


def test_the_same_input_and_seed_give_the_same_bytes(detected: Detected, tmp_path: Path) -> None:
    detect(detected.dataset.path, tmp_path / "again")
    again = Run.open(tmp_path / "again")
    one, two = ({**run.info, "timings": None} for run in (detected.run, again))

    assert _bytes(again) == _bytes(detected.run)
    assert json.dumps(one) == json.dumps(two)


def _besides(world: World) -> dict[str, pa.Table]:
    """The tables of a world besides its posts."""
    names = ("assets", "asset_history", "relations", "logins", "events")
    return {name: getattr(world, name) for name in names if getattr(world, name).num_rows}


def test_the_order_of_import_changes_no_byte(detected: Detected, tmp_path: Path) -> None:
    order = np.random.default_rng(1).permutation(detected.world.posts.num_rows)
    with write_dataset(tmp_path / "shuffled") as writer:
        writer.add("posts", detected.world.posts.take(pa.array(order[:5000])))
        writer.add("posts", detected.world.posts.take(pa.array(order[5000:])))
        for name, table in _besides(detected.world).items():
            writer.add(name, table.take(pa.array(np.random.default_rng(2).permutation(table.num_rows))))
    detect(tmp_path / "shuffled", tmp_path / "run")

    assert _bytes(Run.open(tmp_path / "run")) == _bytes(detected.run)


class _Nonsense:
    """A nonsense word for each word, one-to-one, of the same length and script; links and handles stay."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.words: dict[str, str] = {}

    def letter(self, old: str) -> str:
        if "a" <= old <= "z":
            return chr(self.rng.randint(ord("a"), ord("z")))
        if "\u4e00" <= old <= "\u9fff":
            return chr(self.rng.randint(0x4E00, 0x9F00))
        return chr(self.rng.randint(0x0628, 0x063A)) if "\u0620" <= old <= "\u064a" else old

    def word(self, old: str) -> str:
        if old not in self.words:
            taken = set(self.words.values())
            new = "".join(map(self.letter, old))
            while new in taken:
                new = "".join(map(self.letter, old))
            self.words[old] = new
        return self.words[old]

    def text(self, old: str) -> str:
        def replaced(match: re.Match[str]) -> str:
            return match[0] if match[1] else self.word(match[0])

        return re.sub(r"(https?://\S+|@\w+)|\w+", replaced, old)


def test_nonsense_in_the_place_of_every_word_changes_no_bit_of_any_score(detected: Detected, tmp_path: Path) -> None:
    nonsense, posts = _Nonsense(5), detected.world.posts
    texts = [None if text is None else nonsense.text(text.lower()) for text in posts.column("text").to_pylist()]
    tags = [
        None if tags is None else [nonsense.word(tag) for tag in tags] for tags in posts.column("hashtags").to_pylist()
    ]
    for name, values in (("text", texts), ("hashtags", tags)):
        place = posts.column_names.index(name)
        posts = posts.set_column(place, posts.schema.field(name), pa.array(values, posts.schema.field(name).type))
    with write_dataset(tmp_path / "nonsense") as writer:
        writer.add("posts", posts)
        for name, table in _besides(detected.world).items():
            writer.add(name, table)
    detect(tmp_path / "nonsense", tmp_path / "run")
    run = Run.open(tmp_path / "run")

    assert len(nonsense.words) > 1000
    for name in ("edges", "networks", "members"):
        assert _bytes(run)[name] == _bytes(detected.run)[name]
    one, two = (opened.table("receipts").drop_columns(["object_id"]) for opened in (run, detected.run))
    assert one.equals(two)


def test_the_letters_of_ids_do_not_change_what_is_found(detected: Detected, tmp_path: Path) -> None:
    rng, posts = random.Random(6), detected.world.posts
    names: dict[str, str] = {}

    def renamed(old: str | None) -> str | None:
        if old is None:
            return None
        if old not in names:
            names[old] = f"{rng.choice('zay')}{len(names)}:{rng.randint(0, 9)}"
        return names[old]

    for column in ("post_id", "asset_id", "ref_post_id", "ref_asset_id"):
        values = pa.array([renamed(value) for value in posts.column(column).to_pylist()], pa.string())
        posts = posts.set_column(posts.column_names.index(column), posts.schema.field(column), values)
    with write_dataset(tmp_path / "renamed") as writer:
        writer.add("posts", posts)
    detect(tmp_path / "renamed", tmp_path / "run")
    before = {frozenset(names[account] for account in members) for members in _members(detected.run).values()}

    assert {frozenset(members) for members in _members(Run.open(tmp_path / "run")).values()} == before


@pytest.mark.parametrize("seed", [1, 2])
def test_where_nothing_is_planted_nothing_is_found(seed: int, tmp_path: Path) -> None:
    """Two worlds with communities and sessions. At most 2 of 100 may report a network: both hold with chance .96."""
    world = draw_world(scenario_parameters("null-sessions", seed, scale=0.25), seed)
    write_world(world, tmp_path / "null")
    found = detect(tmp_path / "null", tmp_path / "run")

    assert (found.networks, found.members, found.edges) == (0, 0, 0)
    assert Dataset.open(tmp_path / "null").rows("posts") == found.posts
