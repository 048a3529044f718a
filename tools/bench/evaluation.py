"""samehand and its peers on worlds and labelled sets: writes docs/measured/evaluation.md.

`python tools/bench/evaluation.py` measures every part (many hours); `--only grid --seeds 3` one part over three worlds. Each
part lies in bench/evaluation/ when it is done, and the page is made of those that are there.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

from samehand.evaluation import (
    evaluate_set,
    evaluate_worlds,
    findings_table,
    markdown_table,
    peer_detectors,
    read_labels,
    set_tables,
    world_tables,
    write_page,
)
from samehand.evaluation.held import SetResult, Watched
from samehand.evaluation.real_sets import data_folder, imported
from samehand.evaluation.truth import opened_text
from samehand.evaluation.verdicts import Account
from samehand.records import Dataset, Run
from samehand.runs import detect

WORLDS = {
    "grid": (25, 4, "Teams among genuine groups that bear the same marks."),
    "grid-organic": (59, 2, "The same worlds without their teams: whatever is flagged is a mistake."),
    "grid-withheld": (5, 1, "The same worlds as a platform hands them over that gives posts only."),
    "null": (20, 2, "Nothing is coordinated: networks here are false."),
    "null-communities": (20, 2, "Nothing is coordinated; strong interest communities."),
    "null-sessions": (20, 2, "Nothing is coordinated; readers of one timeline repost in the same quarter of an hour."),
}
"""Scenario -> worlds, worlds in which the peers run too (the first ones), and what it is."""
FIRST_SEED = 90_000
"""Of the worlds that are reported on: nothing was chosen while looking at them."""
PARTS = (*WORLDS, "mixture", "mayweather")
DONE = Path("bench/evaluation")
PAGE = Path("docs/measured/evaluation.md")
FINDABLE = 390
"""Operation accounts of the mixture that share two objects with another one, as counted when the set was made."""


def say(words: str) -> None:
    """Tell on stderr what is being done."""
    sys.stderr.write(words + "\n")


def worlds_part(scenario: str, peers: Sequence[Watched], seeds: int | None) -> list[str]:
    """The tables of one scenario."""
    count, with_peers, about = WORLDS[scenario]
    count = count if seeds is None else min(seeds, count)
    both = min(count, with_peers)
    first = FIRST_SEED
    scores = evaluate_worlds(scenario, range(first, first + both), peers=peers, say=say)
    scores += evaluate_worlds(scenario, range(first + both, first + count), say=say)
    words = f"{about} {count} worlds from seed {first} on; peers: the first {both}."
    return [f"## {scenario}", words, *world_tables(scores)]


def findable(dataset: Dataset, planted: set[Account]) -> set[Account]:
    """Planted accounts that share, with one other of them, two things among what they repost and the links as given."""
    sharers: defaultdict[tuple[str, str], set[Account]] = defaultdict(set)
    for batch in dataset.batches("posts", ["platform", "asset_id", "kind", "ref_post_id", "urls"]):
        for row in batch.to_pylist():
            who = (row["platform"], row["asset_id"])
            if who in planted:
                for url in row["urls"] or []:
                    sharers["url", url].add(who)
                if row["kind"] == "repost" and row["ref_post_id"]:
                    sharers["repost", row["ref_post_id"]].add(who)
    pairs = Counter(pair for group in sharers.values() for pair in combinations(sorted(group), 2))
    return {account for pair, shared in pairs.items() if shared >= 2 for account in pair}


def with_partners(truth: Path, platform: str) -> set[Account]:
    """Operation accounts for which the set's own column partners2 counts somebody: who shares two things with them."""
    with opened_text(truth) as stream:
        rows = list(csv.DictReader(stream))
    return {(platform, row["asset_id"]) for row in rows if row["label"] == "operation" and int(row["partners2"]) >= 1}


def recall_rows(results: Sequence[SetResult], sets: Sequence[set[Account]]) -> Iterator[tuple[object, ...]]:
    """Of each set of accounts those found, by detector, over all traces."""
    for one in results:
        if one.traces == "all" and one.score.ran:
            for over, flagged in (("in networks", False), ("flagged", True))[
                : 2 if one.score.detector == "samehand" else 1
            ]:
                chosen = [network for network in one.verdicts.networks if network.flagged or not flagged]
                inside = frozenset[Account]().union(*(network.members for network in chosen))
                tally = one.score.flagged if flagged else one.score.found
                yield (
                    one.score.detector, over, *(f"{len(inside & some)} of {len(some)}" for some in sets), tally.organic,
                    tally.beside,
                )  # fmt: skip


def organic_rows(run: Run, planted: set[Account]) -> Iterator[tuple[object, ...]]:
    """Networks without anybody planted, with what ties them: pairs and the most shared objects of a pair, by trace."""
    home: dict[Account, str] = {}
    inside: defaultdict[str, set[Account]] = defaultdict(set)
    for row in run.table("members", ["network_id", "platform", "asset_id"]).to_pylist():
        home[row["platform"], row["asset_id"]] = row["network_id"]
        inside[row["network_id"]].add((row["platform"], row["asset_id"]))
    ties: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in run.table("edges").to_pylist():
        network = home.get((row["platform_a"], row["asset_a"]))
        if network and network == home.get((row["platform_b"], row["asset_b"])) and row["trace"] != "fused":
            pairs, most = ties[network].get(row["trace"], (0, 0))
            ties[network][row["trace"]] = pairs + 1, max(most, row["shared_objects"])
    for row in run.table("networks").to_pylist():
        name = row["network_id"]
        if not inside[name] & planted:
            told = "; ".join(
                f"{trace}: {n} pairs, up to {most} objects" for trace, (n, most) in sorted(ties[name].items())
            )
            yield (
                name,
                row["size"],
                f"{row['p_value']:.1e}",
                row["inauthentic"],
                "yes" if row["flagged"] else "no",
                told,
            )


def mixture_part(peers: Sequence[Watched], _: int | None) -> list[str]:
    """The labelled mixture, with the accounts that could be found at all."""
    truth = data_folder() / "mixtures/ira-in-up/truth.csv.gz"
    with imported("ira_in_up") as dataset, tempfile.TemporaryDirectory() as folder:
        planted = {who for who, known in read_labels(truth, dataset).items() if known.role == "operation"}
        could = findable(dataset, planted)
        if len(could) != FINDABLE:
            sys.exit(
                f"{len(could)} operation accounts share two objects with another one, not {FINDABLE}: another mixture?"
            )
        results = evaluate_set(dataset.path, truth, each=True, peers=peers, say=say)
        detect(dataset.path, Path(folder) / "run", say=say)
        organic = list(organic_rows(Run.open(Path(folder) / "run"), planted))
    sets = (could, with_partners(truth, min(planted)[0]))
    return [
        "## Labelled mixture",
        "541 operation accounts of one week of 2015, time-shifted into 10,275 presumed organic accounts of another country and "
        "year.",
        *set_tables(results),
        f"Of the operation accounts {FINDABLE} share, with another one of them, two different things or more among what they "
        f"repost and the links as given; for {len(sets[1])} the set's own column `partners2` counts at least one such partner.",
        markdown_table(
            ("detector", "over", f"of the {len(sets[0])}", f"of the {len(sets[1])}", "organic", "organic beside operation"),
            recall_rows(results, sets),
        ),
        f"{len(organic)} networks of samehand have no operation account:",
        *([markdown_table(("network", "accounts", "p", "inauthentic", "flagged", "ties by trace"), organic)] if organic else []),
        *findings_table(results),
    ]  # fmt: skip


def mayweather_part(peers: Sequence[Watched], _: int | None) -> list[str]:
    """Seventy minutes of posts about a boxing match, nobody labelled: whatever is found counts as organic."""
    with imported("mayweather") as dataset, tempfile.TemporaryDirectory() as folder:
        truth = Path(folder) / "truth.csv"
        names = sorted(
            {name for batch in dataset.batches("posts", ["asset_id"]) for name in batch.column(0).to_pylist()}
        )
        with truth.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("asset_id", "label"), *((name, "organic") for name in names)])
        results = evaluate_set(dataset.path, truth, peers=peers, say=say)
        posts = dataset.rows("posts")
    about = f"{posts:,} posts of {len(names):,} presumed organic accounts in 70 minutes, texts only: networks here are false."
    return ["## Mayweather", about, *world_tables([one.score for one in results]), *findings_table(results)]


def measure(part: str, peers: Sequence[Watched], seeds: int | None) -> list[str]:
    """One part of the page."""
    if part in WORLDS:
        return worlds_part(part, peers, seeds)
    return (mixture_part if part == "mixture" else mayweather_part)(peers, seeds)


def main(words: Sequence[str]) -> None:
    """Measure some parts and write the page of all that were measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be given again")
    parser.add_argument("--seeds", type=int, help="at most so many worlds of a scenario")
    parser.add_argument("--no-peers", action="store_true", help="samehand alone")
    parser.add_argument("--peer-limit", type=float, default=900.0, help="seconds for a peer on a dataset (900)")
    parser.add_argument("--page", type=Path, default=PAGE, help=f"the page ({PAGE})")
    asked = parser.parse_args(words)
    peers = () if asked.no_peers else peer_detectors(limit_s=asked.peer_limit)
    DONE.mkdir(parents=True, exist_ok=True)
    for part in asked.only or PARTS:
        (DONE / f"{part}.md").write_text("\n\n".join(measure(part, peers, asked.seeds)), encoding="utf-8")
        done = [DONE / f"{name}.md" for name in PARTS if (DONE / f"{name}.md").is_file()]
        texts = [file.read_text(encoding="utf-8") for file in done]
        intro = "What the figures mean, and how the peers are run: [evaluating](../evaluating.md)."
        write_page(asked.page, "Evaluation", "make bench (tools/bench/evaluation.py)", [intro, *texts])
        say(f"{part} done")


if __name__ == "__main__":
    main(sys.argv[1:])
