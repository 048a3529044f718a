from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from samehand.evaluation import PEERS, Peer, peer_verdicts
from samehand.evaluation.peers import run_limited
from samehand.records import Dataset
from tests.worlds import dataset_of

TOOLKIT, NULL_MODEL = PEERS
Edge = tuple[int, int, float]


@dataclass
class FakePeer:
    """Stands in for the process of a peer: writes what a driver would have written by the time that it ended."""

    edges: Mapping[str, list[Edge]]
    fault: str = ""
    installed: bool = True
    commands: list[list[str]] = field(default_factory=list)
    posts: list[dict[str, object]] = field(default_factory=list)

    def __call__(self, command: list[str], limit_s: float) -> str:
        if command[1] == "-c":
            return "" if self.installed else "failed: exit 1"
        self.commands.append(command)
        folder = Path(command[2])
        self.posts = [json.loads(line) for line in (folder / "posts.jsonl").read_text("utf-8").splitlines()]
        for trace, edges in self.edges.items():
            with (folder / f"{trace}.csv").open("w", newline="") as stream:
                csv.writer(stream).writerows([("user_a", "user_b", "first", "second"), *((*edge, 0) for edge in edges)])
        (folder / "seconds.json").write_text(json.dumps({"reading": 1.0, **dict.fromkeys(self.edges, 2.0)}))
        return self.fault


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Accounts a to f, numbered 0 to 5 in the order of their posts."""
    posts = [{"asset_id": name, "at_s": k, "urls": ["http://a.example/"]} for k, name in enumerate("abcdef")]
    return dataset_of(tmp_path / "set", [*posts, {"asset_id": "a", "kind": "repost", "ref_post_id": "p9", "at_s": 9}])


def _names(networks: tuple[object, ...]) -> list[str]:
    return ["".join(sorted(asset for _, asset in one.members)) for one in networks]  # type: ignore[attr-defined]


def test_networks_are_components_with_the_strongest_edge_first(dataset: Dataset) -> None:
    fake = FakePeer({"repost": [(0, 1, 2.0), (1, 2, 3.0)], "url": [(3, 4, 9.0)], "reply": [], "text": []})

    (verdicts,) = peer_verdicts(TOOLKIT, dataset.path, runner=fake)

    assert _names(verdicts.networks) == ["de", "abc"]
    assert [one.rank[0] for one in verdicts.networks] == [-9.0, -3.0]
    assert (verdicts.seconds, verdicts.note, verdicts.ran) == (9.0, "", True)


def test_a_peer_has_one_verdict_so_that_what_it_finds_is_flagged(dataset: Dataset) -> None:
    (verdicts,) = peer_verdicts(
        TOOLKIT, dataset.path, runner=FakePeer({trace: [(0, 1, 2.0)] for trace in TOOLKIT.traces})
    )

    assert [one.flagged for one in verdicts.networks] == [True]


def test_one_run_serves_every_choice_of_traces(dataset: Dataset) -> None:
    fake = FakePeer({"repost": [(0, 1, 2.0)], "url": [(1, 2, 2.0)], "hashtag": []})

    together, url, mention = peer_verdicts(NULL_MODEL, dataset.path, [None, ["url"], ["mention"]], runner=fake)

    assert (_names(together.networks), _names(url.networks)) == (["abc"], ["bc"])
    assert (mention.ran, mention.note) == (False, "has no such trace")
    assert [command[3:] for command in fake.commands] == [["repost", "url", "hashtag"]]


def test_posts_are_handed_over_with_numbers_for_accounts(dataset: Dataset) -> None:
    fake = FakePeer({})

    peer_verdicts(TOOLKIT, dataset.path, runner=fake)

    assert [post["user"] for post in fake.posts] == ["0", "1", "2", "3", "4", "5", "0"]
    assert (fake.posts[0]["urls"], fake.posts[6]["kind"], fake.posts[6]["ref"]) == (
        ["http://a.example/"],
        "repost",
        "p9",
    )


def test_a_peer_that_is_not_installed_is_said_to_be_so_and_nothing_is_run(dataset: Dataset) -> None:
    fake = FakePeer({}, installed=False)

    (verdicts,) = peer_verdicts(TOOLKIT, dataset.path, runner=fake)

    assert (verdicts.note, verdicts.ran, verdicts.networks, fake.commands) == ("not installed", False, (), [])


def test_what_a_peer_had_finished_when_its_time_was_over_counts_with_a_note(dataset: Dataset) -> None:
    fake = FakePeer({"repost": [(0, 1, 2.0)]}, fault="stopped after 5 s")

    together, text = peer_verdicts(TOOLKIT, dataset.path, [None, ["text"]], limit_s=5, runner=fake)

    assert _names(together.networks) == ["ab"]
    assert together.note == "stopped after 5 s; without url, reply, text"
    assert (together.ran, together.seconds) == (True, 5)
    assert (text.ran, text.note) == (False, "stopped after 5 s; without text")


def test_a_command_is_ended_with_its_children_when_its_time_is_over() -> None:
    assert run_limited([sys.executable, "-c", "import time; time.sleep(60)"], 0.5) == "stopped after 0.5 s"


def test_a_command_that_fails_tells_its_last_line() -> None:
    assert run_limited([sys.executable, "-c", "raise SystemExit('no memory left')"], 60) == "failed: no memory left"
    assert run_limited([sys.executable, "-c", ""], 60) == ""


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_real_peer_finds_two_accounts_that_do_the_same_at_once(peer: Peer, tmp_path: Path) -> None:
    """Two do the same 12 things within seconds; eight others do 12 things of their own."""
    posts = [
        {"asset_id": f"a{who}", "kind": "repost", "ref_post_id": f"r{thing if who < 2 else 100 * who + thing}",
         "at_s": 3600 * thing + who}
        for who in range(10)
        for thing in range(12)
    ]  # fmt: skip
    dataset = dataset_of(tmp_path / "set", posts)

    (verdicts,) = peer_verdicts(peer, dataset.path, [["repost"]], limit_s=300)

    if verdicts.note == "not installed":
        pytest.skip(f"{peer.name} is not installed (make bench installs it)")
    assert (_names(verdicts.networks), verdicts.note) == (["a0a1"], "")
