"""Small worlds for tests: activities by hand, crowds with a planted team, datasets of a few posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.coordination import UNKNOWN, Activities, Births, Reference, measure_reference, sorted_activities
from samehand.engine import LocalEngine
from samehand.records import Dataset, write_dataset
from samehand.runs.loading import LoadedTrace, World
from samehand.runs.search import Found, search_world
from tests.traces.posts import posts_table

I64 = npt.NDArray[np.int64]

START = datetime(2019, 6, 3, tzinfo=UTC)
DAY_S = 86_400
WINDOWS_S = (10, 60, 600, 3600)
WINDOWS_US = np.array(WINDOWS_S, np.int64) * 1_000_000

Action = tuple[int, int, float] | tuple[int, int, float, int]
"""(account, object, seconds) or (account, object, seconds, post)."""


def activities_of(actions: Iterable[Action], *, accounts: int | None = None, objects: int | None = None) -> Activities:
    """Sorted activities of actions written by hand; those without a post have one of their own (-1)."""
    rows = [(*action, -1)[:4] for action in actions]
    who, what, at, post = (np.array([row[k] for row in rows]) for k in range(4)) if rows else [np.zeros(0)] * 4
    return sorted_activities(
        who.astype(np.int64), what.astype(np.int64), np.round(at.astype(np.float64) * 1e6).astype(np.int64),
        post.astype(np.int64),
        accounts=int(who.max(initial=-1)) + 1 if accounts is None else accounts,
        objects=int(what.max(initial=-1)) + 1 if objects is None else objects,
    )  # fmt: skip


def flat_reference(activities: Activities, chance: Sequence[float], windows_us: I64 = WINDOWS_US) -> Reference:
    """A reference with the same chance for every object, and nobody faster or more often about than others."""
    measured = measure_reference(activities, windows_us)
    return replace(
        measured,
        chance=np.tile(np.asarray(chance, np.float64), (activities.objects, 1)),
        pace=np.ones_like(measured.pace),
        hours=np.zeros_like(measured.hours),
    )


@dataclass(frozen=True)
class Crowd:
    """Actions of people who have nothing to do with one another, and of whoever is added to them."""

    account: I64
    obj: I64
    at_us: I64
    accounts: int
    objects: int
    born_s: npt.NDArray[np.float64]

    def with_rows(
        self, account: Sequence[int] | I64, obj: Sequence[int] | I64, at_s: Sequence[float] | npt.NDArray[Any]
    ) -> Crowd:
        """More actions, on objects and by accounts that may be new."""
        who, what = np.asarray(account, np.int64), np.asarray(obj, np.int64)
        return replace(
            self,
            account=np.append(self.account, who),
            obj=np.append(self.obj, what),
            at_us=np.append(self.at_us, np.round(np.asarray(at_s, np.float64) * 1e6).astype(np.int64)),
            accounts=max(self.accounts, int(who.max(initial=-1)) + 1),
            objects=max(self.objects, int(what.max(initial=-1)) + 1),
        )

    def with_team(
        self,
        rng: np.random.Generator,
        members: Sequence[int] | I64,
        things: int,
        *,
        window_s: float = 60.0,
        participation: float = 0.7,
    ) -> Crowd:
        """A team: each member joins in each of `things` new objects, at moments of its own, with the chance given."""
        begins = np.sort(rng.random(things)) * 28 * DAY_S
        who, item = np.meshgrid(np.asarray(members), np.arange(things), indexing="ij")
        joins = rng.random(who.shape) < participation
        who, item = who[joins], item[joins]
        return self.with_rows(who, self.objects + item, begins[item] + window_s * rng.random(len(who)))

    def activities(self) -> Activities:
        return sorted_activities(
            self.account,
            self.obj,
            self.at_us,
            np.full(len(self.account), -1),
            accounts=self.accounts,
            objects=self.objects,
        )


def draw_crowd(
    rng: np.random.Generator, *, accounts: int = 1500, objects: int = 900, actions: int = 15_000, communities: int = 1
) -> Crowd:
    """Zipf activity and popularity; an object is born some time in 28 days, everyone comes a lognormal delay later.

    With communities, nine of ten actions stay among the account's own objects.
    """
    weight = rng.permutation((1 + np.arange(accounts)) ** -0.7)
    who = rng.choice(accounts, actions, p=weight / weight.sum())
    popular = (1 + np.arange(objects)) ** -0.9
    what = rng.choice(objects, actions, p=popular / popular.sum())
    if communities > 1:
        home = rng.random(actions) < 0.9
        what = np.where(home, what // communities * communities + who % communities, what)
        what = np.minimum(what, objects - 1)
    born = rng.random(objects) * 28 * DAY_S
    at_s = born[what] + np.minimum(np.exp(np.log(3600) + 1.8 * rng.standard_normal(actions)), 10 * DAY_S)
    _, first = np.unique(who * objects + what, return_index=True)
    return Crowd(who[first], what[first], np.round(at_s[first] * 1e6).astype(np.int64), accounts, objects, born)


def dataset_of(folder: Path, posts: Sequence[Mapping[str, Any]], **tables: Any) -> Dataset:
    """A dataset of posts written by hand; a post needs `at_s`, the rest is made up where it is missing."""
    rows = []
    for number, post in enumerate(posts):
        row = {"platform": "x", "post_id": f"p{number}", "asset_id": "a", **post}
        row["posted_at"] = START + timedelta(seconds=row.pop("at_s", 0))
        rows.append(row)
    with write_dataset(folder, replace=True) as writer:
        if rows:
            writer.add("posts", posts_table(rows))
        for name, table in tables.items():
            writer.add(name, table)
    return Dataset.open(folder)


def search_of(
    activities: Activities,
    *,
    births: Births | None = None,
    level: float = 0.01,
    windows_s: tuple[int, ...] = WINDOWS_S,
    seed: int = 0,
) -> Found:
    """The whole search over activities of one trace."""
    names = pa.array([f"o{k}" for k in range(activities.objects)], pa.string())
    unknown = Births(np.full(activities.objects, -1, np.int32), np.full(activities.objects, UNKNOWN, np.int64))
    active = len(np.unique(activities.account))
    trace = LoadedTrace("repost", activities, names, active, {}, births or unknown)
    accounts = pa.array([f"a{k}" for k in range(activities.accounts)], pa.string())
    world = World(pa.array(["x"] * activities.accounts, pa.string()), accounts, pa.array([], pa.string()), (trace,))
    return search_world(world, windows_s, level=level, engine=LocalEngine(2), seed=seed)


def members_of(found: Found) -> list[set[int]]:
    """The accounts of each network found."""
    return [set(network.members.tolist()) for network in found.networks]
