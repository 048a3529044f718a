"""The second axis of a run: what is known of the accounts of each network, held against others of the same data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.authenticity import Judged, NetworkToJudge, SharedOwner, build_material, judge_networks
from samehand.coordination import Activities
from samehand.records import Dataset
from samehand.runs.loading import World, between, named, read_posts
from samehand.runs.parameters import DetectParameters, parse_time
from samehand.runs.search import Found

__all__ = ["STRONG", "Verdicts", "coordinated_state", "judge_found", "judge_groups"]

STRONG = 0.1
"""A network is strongly coordinated when its q-value is at most this share of the rate asked for."""
COLUMNS = [
    "platform", "post_id", "asset_id", "posted_at", "kind", "text", "language", "client", "ref_post_id", "ref_asset_id",
    "urls", "mentions", "deleted_at",
]  # fmt: skip


@dataclass(frozen=True)
class Verdicts:
    """What is said of each network, in their order; context: how many of the accounts in the list are in the data."""

    judged: tuple[Judged, ...]
    context: int = 0


def coordinated_state(q_value: float, level: float) -> str:
    """The state of a network on the first axis."""
    return "strong" if q_value <= STRONG * level else "some"


def _whole(column: pa.ChunkedArray[Any]) -> pa.Array[Any]:
    return column.combine_chunks()


def _table(dataset: Dataset, name: str, time: str | None = None, until: datetime | None = None) -> pa.Table | None:
    """A table that holds anything; where it has a time, what was before `until` and what has no date."""
    if not dataset.rows(name):
        return None
    table = dataset.table(name)
    if time is None or until is None:
        return table
    undated = table.filter(pc.is_null(table.column(time)))
    return pa.concat_tables([between(table, time, None, until), undated])


def judge_found(
    dataset: Dataset, world: World, found: Found, parameters: DetectParameters, context: tuple[SharedOwner, ...] = ()
) -> Verdicts:
    """Judge every network of a search.

    What accounts did before `since` is looked at, too: it says how long they have been there. What happened after `until`
    is not; profiles are as the dataset has them.

    Args:
        dataset: the one that was searched.
        world, found: what was loaded and found.
        parameters: of the run.
        context: accounts known to act together in the open.

    """
    if not found.networks:
        return Verdicts(())
    networks = [
        NetworkToJudge(network.members, coordinated_state(network.q_value, found.level)) for network in found.networks
    ]
    until = parse_time(parameters.until, "--until")
    judged = judge_groups(
        dataset,
        world,
        found.fused,
        networks,
        until=until,
        where=parameters.where,
        seed=parameters.seed,
        context=context,
    )
    known = pa.array([f"{one.platform}:{one.asset_id}" for one in context], pa.string())
    inside = int(pc.sum(pc.is_in(known, value_set=named(world.platforms, world.assets))).as_py() or 0)
    return Verdicts(tuple(judged), inside)


def judge_groups(
    dataset: Dataset, world: World, activities: Activities, networks: Sequence[NetworkToJudge], *,
    until: datetime | None = None, where: str | None = None, seed: int = 0, context: Sequence[SharedOwner] = (),
) -> list[Judged]:  # fmt: skip
    """Judge groups of accounts, however they were found.

    Args:
        dataset, world: the data, and what was loaded of it.
        activities: of all traces together.
        networks: members numbered as in `world`, and the state of each on the first axis.
        until, where: as the world was loaded. seed: of the choices. context: accounts known to act together in the open.

    """
    names = named(world.platforms, world.assets)
    posts, _ = read_posts(dataset, COLUMNS, until=until, where=where)
    author = pc.index_in(named(_whole(posts.column("platform")), _whole(posts.column("asset_id"))), value_set=names)
    if author.null_count:
        posts, author = posts.filter(pc.is_valid(author)), author.drop_null()
    material = build_material(
        platforms=world.platforms, assets=world.assets, account=author.to_numpy().astype(np.int32), posts=posts,
        profiles=_table(dataset, "assets"), history=_table(dataset, "asset_history", "at", until),
        logins=_table(dataset, "logins", "at", until), relations=_table(dataset, "relations", "since", until),
        events=_table(dataset, "events"),
    )  # fmt: skip
    return judge_networks(material, activities, networks, seed=seed, context=context)
