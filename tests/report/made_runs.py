"""Runs as `detect` would write them, made from the truth of a simulated world or by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa

from samehand.records import Run, schema_of, write_run
from samehand.simulation import World

Row = Mapping[str, Any]
START = datetime(2019, 8, 1, 12, 0, tzinfo=UTC)


def table(name: str, rows: Sequence[Row]) -> pa.Table:
    schema = schema_of(name)
    return pa.Table.from_pylist([{field: row.get(field) for field in schema.names} for row in rows], schema=schema)


def write(folder: Path, info: Mapping[str, Any], **tables: Sequence[Row]) -> Run:
    with write_run(folder) as writer:
        writer.info.update(info)
        for name, rows in tables.items():
            writer.write(name, table(name, rows))
    return Run.open(folder)


def edge(a: str, b: str, trace: str = "url", platform: str = "x", **changed: Any) -> dict[str, Any]:
    row = {"platform_a": platform, "asset_a": a, "platform_b": platform, "asset_b": b, "trace": trace, "window_s": 60}
    numbers = {"shared_objects": 5, "co_activities": 4, "occasions": 3, "expected": 0.1, "p_value": 1e-6}
    return {**row, **numbers, "q_value": 1e-4, "bits": 20.0, "sampled": False, **changed}


def receipt(a: str, b: str, thing: str, at_s: float, lag_s: float = 10.0, **changed: Any) -> dict[str, Any]:
    at = START + timedelta(seconds=at_s)
    row = {name: value for name, value in edge(a, b).items() if name in schema_of("receipts").names}
    times = {"at_a": at, "at_b": at + timedelta(seconds=lag_s)}
    posts = {"post_a": f"p-{a}-{thing}"[:90], "post_b": f"p-{b}-{thing}"[:90]}
    return {**row, "object_id": thing, **posts, **times, "base_rate": 0.01, **changed}


def network(name: str, size: int, **changed: Any) -> dict[str, Any]:
    judged = {"coordinated": "strong", "inauthentic": "unknown", "flagged": False, "explanation": None}
    return {"network_id": name, "size": size, "p_value": 1e-9, "q_value": 1e-7, **judged, **changed}


def member(name: str, account: str, score: float = 1.0, platform: str = "x") -> dict[str, Any]:
    return {"network_id": name, "platform": platform, "asset_id": account, "role": "member", "score": score}


def small_run(folder: Path, *, networks: int = 1, size: int = 3, info: Mapping[str, Any] | None = None) -> Run:
    """Networks of `size` accounts each, all tied pairwise by two objects a day apart."""
    tables: dict[str, list[Row]] = defaultdict(list)
    for number in range(networks):
        name, accounts = f"n{number:04d}", [f"{number:04d}-{place:04d}" for place in range(size)]
        tables["networks"].append(network(name, size, p_value=10.0 ** -(9 + number % 3)))
        tables["members"] += [member(name, account, 1 - place / 2 / size) for place, account in enumerate(accounts)]
        for a, b in combinations(accounts, 2):
            tables["edges"].append(edge(a, b))
            tables["receipts"] += [receipt(a, b, f"https://o{number}.example/{n}", 86_400.0 * n) for n in range(2)]
    return write(folder, info or {}, **tables)


def _touched(world: World, accounts: set[str]) -> dict[tuple[str, str], list[Row]]:
    """What the accounts left each trace on."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in world.posts.to_pylist():
        if row["asset_id"] not in accounts:
            continue
        if row["kind"] == "repost":
            found["repost", row["ref_post_id"]].append(row)
        for url in row["urls"] or ():
            found["url", url].append(row)
        if row["kind"] == "original" and not row["urls"]:
            found["text", row["text"]].append(row)
    return found


def _pairs(world: World, accounts: set[str], window_s: int) -> Iterable[tuple[Row, Sequence[Row]]]:
    """An edge and its receipts for each pair that meets three times within the window on one trace."""
    meetings: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for (trace, thing), rows in _touched(world, accounts).items():
        for one, other in combinations(rows, 2):
            lag = abs((one["posted_at"] - other["posted_at"]).total_seconds())
            a, b = sorted((one, other), key=lambda row: str(row["asset_id"]))
            if lag > window_s or a["asset_id"] == b["asset_id"]:
                continue
            key = {"platform_a": "twitter", "asset_a": a["asset_id"], "platform_b": "twitter", "asset_b": b["asset_id"]}
            ends = {"post_a": a["post_id"], "post_b": b["post_id"], "at_a": a["posted_at"], "at_b": b["posted_at"]}
            facts = {
                "trace": trace,
                "window_s": window_s,
                "object_id": thing,
                "base_rate": 0.004 + len(thing) % 7 / 900,
            }
            meetings[a["asset_id"], b["asset_id"], trace].append({**key, **ends, **facts})
    for (a_id, b_id, trace), met in meetings.items():
        if len(met) >= 3:
            found = len(met)
            numbers: dict[str, Any] = {"shared_objects": found + 1, "co_activities": found, "occasions": found}
            tail = {"p_value": 10.0 ** (-1.7 * found), "q_value": 10.0 ** (-1.4 * found), "bits": 5.6 * found}
            found_facts: dict[str, Any] = {"window_s": window_s, **numbers, **tail}
            yield edge(a_id, b_id, trace, "twitter", **found_facts), met


def run_of(world: World, folder: Path, dataset: Path, dataset_hash: str) -> Run:
    """A run that found the teams and the newsroom of a world, as far as three meetings show them."""
    groups: dict[str, set[str]] = defaultdict(set)
    for row in world.truth.to_pylist():
        if row["role"] in ("team", "newsroom"):
            groups[row["team"] or row["role"]].add(row["asset_id"])
    tables: dict[str, list[Row]] = defaultdict(list)
    for order, (name, accounts) in enumerate(sorted(groups.items())):
        tied: set[str] = set()
        for found, rows in _pairs(world, accounts, 600):
            tables["edges"].append(found)
            tables["receipts"] += rows
            tied |= {found["asset_a"], found["asset_b"]}
        if not tied:
            continue
        said = (
            "One owner may run these accounts openly: all link to one site.\nA shared posting tool would do the same."
        )
        tables["networks"].append(network(name, len(tied), p_value=10.0 ** -(31 - 9 * order), explanation=said))
        tables["members"] += [member(name, account, 1 - 0.02 * n, "twitter") for n, account in enumerate(sorted(tied))]
    return write(folder, run_info(world, dataset, dataset_hash), **tables)


def run_info(world: World, dataset: Path, dataset_hash: str) -> dict[str, Any]:
    posts, accounts = world.posts.num_rows, world.assets.num_rows
    source = {"read": posts, "kept": posts, "merged": 0, "rejected": 0, "reasons": {}, "time_resolution": 1.0}
    times = world.posts["posted_at"]
    return {
        "dataset": {
            "path": str(dataset),
            "name": dataset.name,
            "hash": dataset_hash,
            "rows": {"posts": posts, "assets": accounts},
            "sources": [{"file": "tweets.csv", "format": "x-archive", "table": "posts", **source, "notes": []}],
            "time_resolution_s": 1.0,
            "first_post": times[0].as_py().isoformat(),
            "last_post": times[-1].as_py().isoformat(),
        },
        "parameters": {"traces": ["repost", "url", "text"], "windows_s": [10, 60, 600, 3600], "fdr": 0.01, "seed": 0},
        "versions": {"samehand": "0.1.0"},
        "seed": 0,
        "steps": [
            {"step": "posts", "trace": None, "kept": posts, "dropped": 0, "unit": "posts", "reason": "in the period"},
            {"step": "objects", "trace": "text", "kept": 9_012, "dropped": 611, "unit": "posts", "reason": "too short"},
        ],
        "families": [
            {"trace": "repost", "accounts": 2_871, "activities": 16_801, "objects": 2_031, "pairs_in_family": 4_119_885,
             "candidate_pairs": 211_301, "edges": 204, "groups_tested": 118, "networks": 1},
            {"trace": "url", "accounts": 2_204, "activities": 11_871, "objects": 1_391, "pairs_in_family": 2_427_706,
             "candidate_pairs": 98_014, "edges": 161, "groups_tested": 77, "networks": 2},
        ],
        "notes": ["Popular objects were looked at in bands: 3 objects of more than 2,000 sharers."],
        "timings": {"pairs": 1.4},
    }  # fmt: skip
