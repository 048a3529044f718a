"""Runs coordination-network-toolkit: `python network_toolkit.py FOLDER TRACE...`.

Settings are those of its own manual: `--time_window 60` in every example of its README, and the command line's defaults
for the rest (`--min_edge_weight 2`, similarity .8, shortest document 1 token). Links are handed over as lists. Its CSV
reader makes one shared link of all posts without any (its issue 46): with it every account would be tied to every other.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WINDOW_S = 60
LEAST_WEIGHT = 2
SIMILARITY = 0.8
SHORTEST_TOKENS = 1


def messages(file: Path) -> Iterator[tuple[Any, ...]]:
    """Posts in the eight columns of the toolkit, links as a list."""
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            post = json.loads(line)
            repost = post["ref"] if post["kind"] == "repost" else ""
            reply = post["ref"] if post["kind"] == "reply" else ""
            yield (
                post["id"], post["user"], post["user"], repost, reply, post["text"], post["at_s"], post["urls"]
            )  # fmt: skip


def networks(store: str) -> dict[str, tuple[tuple[str, Callable[[], Any]], ...]]:
    """For each trace the toolkit's networks for it, and what computes them."""
    from coordination_network_toolkit import compute_networks as compute
    from coordination_network_toolkit.similarity import get_similarity_fn_from_min_size

    common = {"n_threads": len(os.sched_getaffinity(0)), "min_edge_weight": LEAST_WEIGHT}
    similar = {
        **common,
        "similarity_threshold": SIMILARITY,
        "similarity_function": get_similarity_fn_from_min_size(SHORTEST_TOKENS),
    }
    return {
        "repost": (("co_retweet", lambda: compute.compute_co_retweet_parallel(store, WINDOW_S, **common)),),
        "url": (("co_link", lambda: compute.compute_co_link_network(store, WINDOW_S, **common)),),
        "reply": (("co_reply", lambda: compute.compute_co_reply_network(store, WINDOW_S, **common)),),
        "text": (
            ("co_tweet", lambda: compute.compute_co_tweet_network(store, WINDOW_S, **common)),
            ("co_similar_tweet", lambda: compute.compute_co_similar_tweet(store, WINDOW_S, **similar)),
        ),
    }


def write_edges(store: str, names: list[str], file: Path) -> None:
    """Write the edges of some of its networks; a pair once for each network and direction, none with itself."""
    with sqlite3.connect(store) as connection, file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("user_a", "user_b", "first", "second"))
        for name in names:
            writer.writerows(
                connection.execute(
                    f"select user_1, user_2, weight, 0 from {name}_network where user_1 <> user_2 and weight >= ?",
                    (LEAST_WEIGHT,),
                )
            )


def main(folder: Path, traces: list[str]) -> None:
    """Compute the networks of each trace."""
    from coordination_network_toolkit.preprocess import preprocess_data

    store = str(folder / "toolkit.sqlite")
    begun = time.perf_counter()
    preprocess_data(store, messages(folder / "posts.jsonl"))
    seconds = {"reading": time.perf_counter() - begun}
    for trace in traces:
        begun = time.perf_counter()
        computed = networks(store)[trace]
        for _, compute in computed:
            compute()
        write_edges(store, [name for name, _ in computed], folder / f"{trace}.csv")
        seconds[trace] = time.perf_counter() - begun
        (folder / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
