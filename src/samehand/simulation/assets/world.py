"""Throw the dice: a platform of accounts, pages and groups whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.records import schema_of, write_csv, write_dataset
from samehand.simulation.assets.lives import draw_audience, draw_onlookers, log_in_people
from samehand.simulation.assets.looks import clients_of, looks_of
from samehand.simulation.assets.operation import Operation, draw_operation, log_in_operation
from samehand.simulation.assets.organic import draw_people
from samehand.simulation.assets.parameters import DAY_S, AssetParameters
from samehand.simulation.assets.stage import Stage
from samehand.simulation.assets.talk import draw_talk

__all__ = ["AssetWorld", "draw_assets", "write_assets"]

_CURRENCIES: Final = ("HKD", "CNY", "TWD", "USD")


@dataclass(frozen=True)
class AssetWorld:
    """A drawn world.

    Attributes:
        parameters, seed: what it was drawn from.
        tables: of the declared schemas, by name: assets, relations, logins, posts, engagements, events, advertisers, ads.
        truth: platform, asset_id, role (organic, agency, activist, newsroom, public, team), team (null but for the
            operation's), kind.
        indicators: what a tip may name of the operation: kind, value.

    """

    parameters: AssetParameters
    seed: int
    tables: Mapping[str, pa.Table]
    truth: pa.Table
    indicators: pa.Table


def draw_assets(parameters: AssetParameters, seed: int) -> AssetWorld:
    """Draw a world; the same parameters and seed give the same tables."""
    stage = Stage(np.random.default_rng(seed), parameters)
    places = draw_people(stage)
    operation = draw_operation(stage)
    log_in_people(stage, places)
    log_in_operation(stage, operation, places)
    draw_talk(stage, operation)
    draw_audience(stage, operation)
    draw_onlookers(stage, operation)
    order = stage.rng.permutation(len(stage.assets))
    ids = [str(100_000 + int(place)) for place in order]
    platform = parameters.platform
    tables = {
        "assets": _table("assets", _assets(stage, ids, order.tolist()), platform),
        "relations": _table("relations", _relations(stage, ids), platform),
        "logins": _table("logins", _logins(stage, ids) if parameters.logins else [], platform),
        "posts": _table("posts", _posts(stage, ids), platform),
        "engagements": _table("engagements", _engagements(stage, ids), platform),
        **_spending(stage, operation, ids, platform),
    }
    return AssetWorld(parameters, seed, tables, _truth(stage, ids, platform), _indicators(stage, operation, ids))


def write_assets(world: AssetWorld, path: Path) -> None:
    """Write a world as a dataset, with `truth.csv` and `indicators.csv` beside its tables.

    An earlier dataset at `path` is replaced.

    Raises:
        InputError: `path` exists and is no dataset.

    """
    with write_dataset(path, replace=True) as writer:
        for name, table in world.tables.items():
            if table.num_rows:
                writer.add(name, table)
    write_csv(path / "truth.csv", world.truth)
    write_csv(path / "indicators.csv", world.indicators)


def _table(name: str, rows: Sequence[Mapping[str, Any]], platform: str) -> pa.Table:
    schema = schema_of(name)
    columns = [[platform if field.name == "platform" else row.get(field.name) for row in rows] for field in schema]
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _when(stage: Stage, seconds: float) -> Any:
    return stage.world.start + timedelta(seconds=int(seconds))


def _assets(stage: Stage, ids: list[str], order: list[int]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{}] * len(ids)
    low = min(order)
    looks = looks_of(stage) if stage.world.looks else [{}] * len(ids)
    for number, asset in enumerate(stage.assets):
        born = float(stage.rng.uniform(-900, -5) if asset.role != "team" else stage.rng.uniform(-500, -5))
        look = dict(looks[number])
        born = look.pop("born", born)
        rows[order[number] - low] = {
            **look, "asset_id": ids[number], "kind": asset.kind, "created_at": _when(stage, born * DAY_S),
            "handle": f"u{ids[number]}", "followers": asset.fans or None,
        }  # fmt: skip
    return rows


def _relations(stage: Stage, ids: list[str]) -> list[dict[str, Any]]:
    return [
        {"asset_id": ids[who], "role": role, "target_id": ids[target], "since": _when(stage, at)}
        for who, role, target, at in sorted(stage.relations, key=lambda row: row[3])
    ]


def _logins(stage: Stage, ids: list[str]) -> list[dict[str, Any]]:
    return [
        {"asset_id": ids[who], "at": _when(stage, at), "ip": ip, "asn": asn, "net_type": net, "device_id": device}
        for who, at, ip, asn, net, device in sorted(stage.logins, key=lambda row: row[1])
    ]


def _posts(stage: Stage, ids: list[str]) -> list[dict[str, Any]]:
    posts = sorted(stage.posts, key=lambda post: post.at)
    apps = clients_of(stage, [post.asset for post in posts]) if stage.world.looks else [None] * len(posts)
    return [
        {
            "post_id": f"p{number}", "client": apps[number], "asset_id": ids[post.asset],
            "posted_at": _when(stage, post.at), "kind": "original",
            "text": post.text, "urls": list(post.urls), "hashtags": list(post.tags),
            "media_hashes": [f"id:{name}" for name in post.media],
        }
        for number, post in enumerate(posts)
    ]  # fmt: skip


def _engagements(stage: Stage, ids: list[str]) -> list[dict[str, Any]]:
    return [
        {"asset_id": ids[who], "target_id": ids[target], "kind": kind, "at": _when(stage, at)}
        for who, target, kind, at in sorted(stage.engagements, key=lambda row: row[3])
    ]


def _spending(stage: Stage, operation: Operation, ids: list[str], platform: str) -> dict[str, pa.Table]:
    """Ads that pages buy, in several currencies, and events that they hold."""
    rng = stage.rng
    advertisers, ads, events = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for page in stage.of("page"):
        if rng.random() > (0.3 if page in operation.pages else 0.1):
            continue
        advertisers.append({"advertiser_id": ids[page], "page_name": f"u{ids[page]}"})
        for _ in range(int(rng.integers(1, 6))):
            ads.append(
                {"ad_id": f"ad{len(ads)}", "advertiser_id": ids[page], "spend": round(float(rng.lognormal(4, 1)), 2),
                 "currency": _CURRENCIES[int(rng.integers(4))], "starts_at": _when(stage, stage.moment(12))}
            )  # fmt: skip
        if rng.random() < 0.4:
            events.append(
                {"event_id": f"e{len(events)}", "host_id": ids[page], "starts_at": _when(stage, stage.moment(18)),
                 "interested": int(rng.integers(0, 500)), "going": int(rng.integers(0, 100))}
            )  # fmt: skip
    rows = {"events": events, "advertisers": advertisers, "ads": ads}
    return {name: _table(name, some, platform) for name, some in rows.items()}


def _truth(stage: Stage, ids: list[str], platform: str) -> pa.Table:
    return pa.table(
        {
            "platform": [platform] * len(ids),
            "asset_id": ids,
            "role": [asset.role for asset in stage.assets],
            "team": pa.array(["operation" if asset.role == "team" else None for asset in stage.assets], pa.string()),
            "kind": [asset.kind for asset in stage.assets],
        }
    )


def _indicators(stage: Stage, operation: Operation, ids: list[str]) -> pa.Table:
    """What somebody who found a part of the operation could name."""
    rows = [("asset", ids[number]) for number in operation.assets]
    rows += [("ip", address) for address, _ in operation.rented if stage.world.logins]
    rows += [("device", device) for some in operation.devices for device in some if stage.world.logins]
    rows += [("domain", site) for site in operation.sites]
    rows += [("media_hash", f"id:{name}") for name in operation.media]
    return pa.table({"kind": [kind for kind, _ in rows], "value": [value for _, value in rows]})
