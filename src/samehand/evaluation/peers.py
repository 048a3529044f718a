"""Peers at their own documented settings, each in a process of its own with a time limit.

In: a dataset. Out: one `Verdicts` for each peer and choice of traces; where a peer is not installed, that says so.
A peer has one verdict: what it finds counts as flagged.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from samehand.evaluation.verdicts import Account, NamedNetwork, Verdicts, by_rank
from samehand.records import Dataset

__all__ = ["LIMIT_S", "PEERS", "Peer", "Runner", "peer_verdicts", "run_limited"]

LIMIT_S: Final = 900.0
PYTHON: Final = "SAMEHAND_PEER_PYTHON"
"""The environment variable that names the Python which has the peers; this one's when it is not set."""

Runner = Callable[[list[str], float], str]
"""Runs a command for at most so many seconds; returns what went wrong, empty where nothing did."""


@dataclass(frozen=True)
class Peer:
    """A peer that can be run here.

    Attributes:
        name: as its project calls it.
        version: the one that is pinned for benches.
        module: what it is imported by.
        driver: the script in `drivers/` that runs it.
        traces: those of ours that it has.
        setting: how it is run, in a few words.

    """

    name: str
    version: str
    module: str
    driver: str
    traces: tuple[str, ...]
    setting: str


PEERS: Final = (
    Peer(
        "coordination-network-toolkit", "1.5.2", "coordination_network_toolkit", "network_toolkit.py",
        ("repost", "url", "reply", "text"),
        "co_retweet, co_link, co_reply, co_tweet and co_similar_tweet; two within 60 s; components, by largest weight",
    ),
    Peer(
        "coordinationz", "0.2.2", "coordinationz", "null_model.py", ("repost", "url", "hashtag"),
        "coretweet, courl and cohashtag; IDF cosine from .1 on, accounts with 10 objects or more, p < .01 over 1,000 draws of "
        "its null model; components, by smallest p, then largest cosine",
    ),
)  # fmt: skip


class _Edge(NamedTuple):
    trace: str
    a: int
    b: int
    strength: tuple[float, float]


def run_limited(command: list[str], limit_s: float) -> str:
    """Run a command in a process group of its own, ended with all its children when the limit is over.

    Returns:
        What went wrong, empty where nothing did.

    """
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)
        try:
            status = child.wait(limit_s)
        except subprocess.TimeoutExpired:
            return f"stopped after {limit_s:g} s"
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines()
    return f"failed: {said[-1] if said else f'exit {status}'}" if status else ""


def _write_posts(dataset: Dataset, file: Path) -> list[Account]:
    """Write the posts as JSON lines, accounts and posts as numbers; the accounts by number."""
    numbers: dict[Account, int] = {}
    columns = ["platform", "asset_id", "posted_at", "kind", "text", "ref_post_id", "urls", "hashtags"]
    count = 0
    with file.open("w", encoding="utf-8") as stream:
        for batch in dataset.batches("posts", columns):
            for row in batch.to_pylist():
                count += 1
                post = {
                    "id": str(count),
                    "user": str(numbers.setdefault((row["platform"], row["asset_id"]), len(numbers))),
                    "at_s": int(row["posted_at"].timestamp()),
                    "kind": row["kind"],
                    "ref": row["ref_post_id"] or "",
                    "text": row["text"] or "",
                    "urls": row["urls"] or [],
                    "hashtags": row["hashtags"] or [],
                }
                stream.write(json.dumps(post, ensure_ascii=False) + "\n")
    return list(numbers)


def _edges(folder: Path, traces: Sequence[str]) -> Iterator[_Edge]:
    for trace in traces:
        file = folder / f"{trace}.csv"
        if file.is_file():
            with file.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    strength = float(row["first"]), float(row["second"])
                    yield _Edge(trace, int(row["user_a"]), int(row["user_b"]), strength)


def _components(edges: Sequence[_Edge], accounts: Sequence[Account]) -> tuple[NamedNetwork, ...]:
    """Connected components, the one with the strongest edge first."""
    above = list(range(len(accounts)))

    def top(u: int) -> int:
        while above[u] != u:
            above[u] = above[above[u]]
            u = above[u]
        return u

    for edge in edges:
        above[top(edge.a)] = top(edge.b)
    members: dict[int, set[int]] = {}
    strongest: dict[int, tuple[float, float]] = {}
    for edge in edges:
        root = top(edge.a)
        members.setdefault(root, set()).update((edge.a, edge.b))
        strongest[root] = max(strongest.get(root, edge.strength), edge.strength)
    return by_rank(
        NamedNetwork(frozenset(accounts[u] for u in group), True, tuple(-value for value in strongest[root]))
        for root, group in members.items()
    )


def _installed(peer: Peer, python: str, runner: Runner) -> bool:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({peer.module!r}) is None)"
    return not runner([python, "-c", code], 60)


def _seconds(folder: Path) -> dict[str, float]:
    file = folder / "seconds.json"
    return {} if not file.is_file() else {name: float(s) for name, s in json.loads(file.read_text("utf-8")).items()}


def _judged(
    peer: Peer, folder: Path, wanted: Sequence[str], accounts: Sequence[Account], fault: str, limit_s: float
) -> Verdicts:
    """What a peer said over some traces, from what its driver has written by now."""
    seconds = _seconds(folder)
    missing = [trace for trace in wanted if trace not in seconds]
    networks = _components(list(_edges(folder, [trace for trace in wanted if trace in seconds])), accounts)
    spent = seconds.get("reading", 0.0) + sum(seconds.get(trace, 0.0) for trace in wanted)
    if missing and fault.startswith("stopped"):
        spent = limit_s
    note = f"{fault}; without {', '.join(missing)}" if missing else ""
    return Verdicts(peer.name, networks, spent, note, ran=len(missing) < len(wanted))


def peer_verdicts(
    peer: Peer,
    dataset: Path,
    choices: Sequence[Sequence[str] | None] = (None,),
    *,
    limit_s: float = LIMIT_S,
    runner: Runner = run_limited,
) -> list[Verdicts]:
    """Run a peer once on a dataset and read its networks for each choice of traces.

    Args:
        peer: which one.
        dataset: the dataset's folder.
        choices: each some traces, all that the peer has when None.
        limit_s: the peer is ended after so long; what it had finished by then counts, with a note.
        runner: runs a command with a limit.

    """
    python = os.environ.get(PYTHON) or sys.executable
    if not _installed(peer, python, runner):
        return [Verdicts(peer.name, note="not installed", ran=False) for _ in choices]
    asked = [[t for t in peer.traces if choice is None or t in choice] for choice in choices]
    every = [trace for trace in peer.traces if any(trace in traces for traces in asked)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        accounts = _write_posts(Dataset.open(dataset), folder / "posts.jsonl")
        driver = Path(__file__).parent / "drivers" / peer.driver
        fault = runner([python, str(driver), name, *every], limit_s) if every else ""
        return [
            _judged(peer, folder, traces, accounts, fault or "failed", limit_s)
            if traces
            else Verdicts(peer.name, note="has no such trace", ran=False)
            for traces in asked
        ]
