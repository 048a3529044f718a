"""Crowds of ordinary accounts for tests, and what may be done to some of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.authenticity import Judged, Material, NetworkToJudge, SharedOwner, build_material, judge_networks
from samehand.coordination import Activities, sorted_activities
from samehand.records import DATASET_TABLES

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

DAY = 86_400 * 1_000_000
HOUR = DAY // 24
BEGIN = 1_559_520_000 * 1_000_000
"""3 June 2019; a crowd is watched for thirty days from here."""
DAYS = 30
OBJECTS = 300
WORDS = 3_000
TABLES = ("assets", "asset_history", "logins", "relations", "events")

Row = dict[str, Any]


@cache
def word(number: int) -> str:
    """A nonsense word."""
    letters = "bcdfghklmnprstvz"
    return (
        "".join(letters[(number >> (4 * k)) & 15] + "aeiou"[(number >> k) % 5] for k in range(3)) + "rsn"[: number % 4]
    )


@dataclass
class Crowd:
    """Accounts with profiles, posts and activities; rows are changed in place before `judged`."""

    profiles: list[Row]
    posts: list[Row]
    tables: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def accounts(self) -> int:
        return len(self.profiles)

    def of(self, account: int) -> list[Row]:
        return [post for post in self.posts if post["account"] == account]


def draw_crowd(seed: int, accounts: int = 500, *, posts: float = 30.0) -> Crowd:
    """Ordinary people: made over eight years, awake by day, each with an interest in objects of its topic and day."""
    rng = np.random.default_rng([7, seed])
    profiles = [_profile(rng, number) for number in range(accounts)]
    rows = []
    for number in range(accounts):
        count = int(np.clip(rng.lognormal(np.log(posts), 0.6), 4, 400))
        rows += _posts(rng, number, count, float(rng.normal(15, 2)))
    return Crowd(profiles, rows)


def _profile(rng: np.random.Generator, number: int) -> Row:
    followers = int(rng.lognormal(4.5, 1.5))
    digits = str(rng.integers(10**7, 10**8)) if rng.random() < 0.1 else str(rng.integers(100)) * int(rng.integers(2))
    said = " ".join(word(int(w)) for w in rng.integers(WORDS, size=rng.integers(1, 12)))
    return {
        "platform": "chirp",
        "asset_id": str(1000 + number),
        "kind": "account",
        "handle": "".join(word(int(w)) for w in rng.integers(WORDS, size=2))[: rng.integers(5, 13)] + digits,
        "display_name": " ".join(word(int(w)) for w in rng.integers(200, size=2)),
        "bio": said if rng.random() < 0.7 else None,
        "profile_url": f"https://{word(int(rng.integers(WORDS)))}.example.net/" if rng.random() < 0.2 else None,
        "created_at": BEGIN - int(rng.uniform(10, 3000) * DAY),
        "followers": followers,
        "following": int(followers * rng.lognormal(0.3, 0.8)),
        "avatar_hash": "pdq:" + rng.bytes(32).hex(),
    }


def _posts(rng: np.random.Generator, account: int, count: int, noon: float) -> list[Row]:
    day = rng.integers(DAYS, size=count)
    at = BEGIN + day * DAY + (rng.normal(noon, 3.5, count) % 24 * HOUR).astype(np.int64)
    kind = rng.choice(["original", "repost", "reply"], count, p=[0.5, 0.3, 0.2]).tolist()
    client = rng.choice(["android", "iphone", "web", "deck"], count, p=[0.4, 0.35, 0.2, 0.05]).tolist()
    obj = ((day * 10 + np.minimum(rng.geometric(0.15, count), 10) - 1) % OBJECTS).tolist()
    said = np.minimum(rng.zipf(1.3, (count, 9)), WORDS).tolist()
    target, site = rng.integers(500, size=count).tolist(), rng.integers(300, size=count).tolist()
    deleted = (rng.random(count) < 0.03).tolist()
    return [
        {
            "account": account,
            "at": int(at[k]),
            "kind": kind[k],
            "client": client[k],
            "text": " ".join(word(w) for w in said[k]),
            "urls": [f"https://{word(site[k])}.example.org/{obj[k]}"] if site[k] < 60 else [],
            "target": None if kind[k] == "original" else target[k],
            "deleted": deleted[k],
            "obj": obj[k],
        }
        for k in range(count)
    ]


def _stamp(rows: list[Row], table: str) -> pa.Table:
    """Rows as a table of the declared schema; columns that no row has are left out."""
    schema = DATASET_TABLES[table]
    kept = [f for f in schema if any(f.name in row for row in rows)]
    return pa.table({f.name: pa.array([row.get(f.name) for row in rows], f.type) for f in kept})


def world_of(crowd: Crowd, *, without: tuple[str, ...] = (), shuffle: int | None = None) -> tuple[Material, Activities]:
    """The room's material, and the activities; `without` names tables or `table.column` that were not supplied."""
    posts = sorted(crowd.posts, key=lambda post: (post["at"], post["account"]))
    account = np.array([post["account"] for post in posts], np.int32)
    rows = [_post_row(crowd, number, post) for number, post in enumerate(posts)]
    tables = {"posts": _stamp(rows, "posts"), "assets": _stamp(crowd.profiles, "assets")}
    tables |= {name: _stamp(found, name) for name, found in crowd.tables.items()}
    for name in without:
        table, _, column = name.partition(".")
        if column:
            tables[table] = tables[table].drop_columns([column])
        else:
            tables.pop(table, None)
    if shuffle is not None:
        rng = np.random.default_rng(shuffle)
        tables |= {n: t.take(pa.array(rng.permutation(t.num_rows))) for n, t in tables.items() if n != "posts"}
    material = build_material(
        platforms=pa.array(["chirp"] * crowd.accounts), assets=pa.array([p["asset_id"] for p in crowd.profiles]),
        account=account, posts=tables.get("posts"), profiles=tables.get("assets"), history=tables.get("asset_history"),
        logins=tables.get("logins"), relations=tables.get("relations"), events=tables.get("events"),
    )  # fmt: skip
    return material, activities_of(posts, crowd.accounts)


def _post_row(crowd: Crowd, number: int, post: Row) -> Row:
    target = post["target"]
    return {
        "platform": "chirp",
        "post_id": f"p{number:07d}",
        "asset_id": crowd.profiles[post["account"]]["asset_id"],
        "posted_at": post["at"],
        "kind": post["kind"],
        "client": post["client"],
        "text": post["text"],
        "urls": post["urls"],
        "ref_asset_id": None if target is None else crowd.profiles[target]["asset_id"],
        "deleted_at": post["at"] + DAY if post["deleted"] else None,
    }


def activities_of(posts: list[Row], accounts: int) -> Activities:
    rows = [(number, post) for number, post in enumerate(posts) if post["obj"] is not None]
    return sorted_activities(
        np.array([post["account"] for _, post in rows], np.int32), np.array([post["obj"] for _, post in rows], np.int32),
        np.array([post["at"] for _, post in rows], np.int64), np.array([number for number, _ in rows], np.int32),
        accounts=accounts, objects=1 + max((post["obj"] for _, post in rows), default=-1),
    )  # fmt: skip


def judged(
    crowd: Crowd,
    *networks: npt.NDArray[Any] | list[int],
    without: tuple[str, ...] = (),
    shuffle: int | None = None,
    seed: int = 0,
    context: tuple[SharedOwner, ...] = (),
    coordinated: str = "strong",
) -> list[Judged]:
    """Judge networks of a crowd."""
    material, activities = world_of(crowd, without=without, shuffle=shuffle)
    asked = [NetworkToJudge(np.asarray(members, np.int32), coordinated) for members in networks]
    return judge_networks(material, activities, asked, seed=seed, context=context)


def states(one: Judged) -> dict[str, str]:
    """The state of every finding and item of counter-evidence."""
    return {row.finding: row.state for row in one.findings}
