"""Runs coordinationz: `python null_model.py FOLDER TRACE...`.

Settings are those of its `config_template.toml`, the one its README says to copy: smoothlog IDF, similarity from .1 on,
accounts with at least 10 different objects of the trace, edges with p < .01; but 1,000 draws of the null model where it
has 10,000, which decide p < .01 alike (docs/evaluating.md) in a tenth of the time. (Without a config `parseParameters` of
its indicator_utilities.py has the same draws, IDF and similarity, but p < 1: any edge.) A repost counts for the trace
repost only: its URL and hashtag builders leave reposts out. Its text traces load language models that its package does
not bring, and are not run. Its draws take no seed: two runs may differ by an edge.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

DRAWS = 1_000
LEAST_SIMILARITY = 0.1
LEAST_OBJECTS = 10
P_VALUE = 0.01

Pair = tuple[str, str]


def pairs(file: Path, trace: str) -> Iterator[Pair]:
    """(account, object) of one trace, repeats and all."""
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            post = json.loads(line)
            reposted = post["kind"] == "repost"
            if trace == "repost":
                objects = [post["ref"]] if reposted and post["ref"] else []
            else:
                objects = [] if reposted else post["urls" if trace == "url" else "hashtags"]
            for one in objects:
                yield post["user"], one


def active(edges: list[Pair]) -> list[Pair]:
    """Those of accounts with enough different objects."""
    objects: defaultdict[str, set[str]] = defaultdict(set)
    for user, one in edges:
        objects[user].add(one)
    return [edge for edge in edges if len(objects[edge[0]]) >= LEAST_OBJECTS]


def significant(edges: list[Pair]) -> Iterator[tuple[str, str, float, float]]:
    """Pairs of accounts with p below the threshold: 1 - p and the similarity."""
    if len({user for user, _ in edges}) < 2:
        return
    import coordinationz

    found = coordinationz.nullmodel.bipartiteNullModelSimilarity(
        edges, scoreType=["pvalue"], realizations=DRAWS, batchSize=100, minSimilarity=LEAST_SIMILARITY, idf="smoothlog",
        workers=len(os.sched_getaffinity(0)), showProgress=False,
    )  # fmt: skip
    if not len(found["indexedEdges"]):
        return
    for (a, b), similarity, p_value in zip(found["indexedEdges"], found["similarities"], found["pvalues"], strict=True):
        if p_value < P_VALUE:
            yield found["labels"][a], found["labels"][b], 1 - float(p_value), float(similarity)


def main(folder: Path, traces: list[str]) -> None:
    """Compute the significant pairs of each trace."""
    warnings.simplefilter("ignore")  # it looks for a config file in the folder it is called in
    seconds = {}
    for trace in traces:
        begun = time.perf_counter()
        rows = list(significant(active(list(pairs(folder / "posts.jsonl", trace)))))
        with (folder / f"{trace}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("user_a", "user_b", "first", "second"))
            writer.writerows(rows)
        seconds[trace] = time.perf_counter() - begun
        (folder / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
