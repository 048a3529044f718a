"""How the tests look at a world."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from samehand.simulation import World

_ROWS: dict[int, tuple[World, list[dict[str, Any]]]] = {}


def accounts_of(world: World, role: str, team: str | None = None) -> set[str]:
    return {
        row["asset_id"]
        for row in world.truth.to_pylist()
        if row["role"] == role and (team is None or row["team"] == team)
    }


def rows_of(world: World) -> list[dict[str, Any]]:
    """All posts, made into rows once a world."""
    key = id(world.posts)
    if key not in _ROWS:
        _ROWS[key] = (world, world.posts.to_pylist())
    return _ROWS[key][1]


def posts_of(world: World, accounts: set[str], kind: str | None = None) -> list[dict[str, Any]]:
    return [row for row in rows_of(world) if row["asset_id"] in accounts and kind in (None, row["kind"])]


def by_url(world: World, accounts: set[str]) -> dict[str, list[dict[str, Any]]]:
    shared: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in posts_of(world, accounts):
        for url in row["urls"] or ():
            shared[url].append(row)
    return shared


def only_of(world: World, accounts: set[str]) -> dict[str, list[dict[str, Any]]]:
    """The addresses that nobody outside shares."""
    everyone = Counter(url for row in rows_of(world) for url in row["urls"] or ())
    return {url: rows for url, rows in by_url(world, accounts).items() if len(rows) == everyone[url] and len(rows) > 1}


def assets_of(world: World, accounts: set[str]) -> list[dict[str, Any]]:
    return [row for row in world.assets.to_pylist() if row["asset_id"] in accounts]


def table_of(world: World, table: str, accounts: set[str]) -> list[dict[str, Any]]:
    """The rows of a table about some accounts."""
    return [row for row in getattr(world, table).to_pylist() if row["asset_id"] in accounts]


def bits_apart(one: str, other: str) -> int:
    """How many bits two perceptual hashes differ in."""
    return (int(one[4:], 16) ^ int(other[4:], 16)).bit_count()
