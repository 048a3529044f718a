"""How assets look: profiles and apps of everybody, and what the operation's have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from samehand.simulation.assets.stage import Stage
from samehand.simulation.words import vocabulary

__all__ = ["clients_of", "looks_of"]

BURST_DAYS, BURST_AGE_DAYS = 12.0, 45.0
POPULAR = ("app one", "app two")


def looks_of(stage: Stage) -> list[dict[str, Any]]:
    """Display name, bio, picture and age (`born`, days) of each asset, by dice of their own.

    The operation's were made within days, seven in ten with one bio, half with one of two pictures.
    """
    rng = np.random.default_rng([int(stage.rng.bit_generator.seed_seq.entropy), 99])  # type: ignore[attr-defined]
    words = [str(word) for word in vocabulary(rng, "latin", 3_000).to_pylist()]

    def some(count: int) -> str:
        return " ".join(words[k] for k in rng.integers(len(words), size=count).tolist())

    template, pictures = some(7), [_picture(rng) for _ in range(2)]
    rows = list[dict[str, Any]]()
    for asset in stage.assets:
        team = asset.role == "team"
        bio = some(int(rng.integers(3, 12))) if rng.random() < 0.6 else None
        look: dict[str, Any] = {"display_name": some(2), "bio": bio, "avatar_hash": _picture(rng)}
        if team:
            look["bio"] = template if rng.random() < 0.7 else bio
            look["avatar_hash"] = pictures[int(rng.integers(2))] if rng.random() < 0.5 else look["avatar_hash"]
            look["born"] = -(BURST_AGE_DAYS + float(rng.uniform(0, BURST_DAYS)))
        rows.append(look)
    return rows


def clients_of(stage: Stage, authors: list[int]) -> list[str]:
    """The app behind each post: one of two for most, the operation's own tool for eight in ten of its assets."""
    rng = np.random.default_rng([int(stage.rng.bit_generator.seed_seq.entropy), 98])  # type: ignore[attr-defined]
    own = [POPULAR[int(one)] if rest > 0.06 else f"tool {int(1000 * rest)}" for one, rest in
           zip(rng.integers(2, size=len(stage.assets)), rng.random(len(stage.assets)), strict=True)]  # fmt: skip
    used = [
        "tool x" if asset.role == "team" and rng.random() < 0.8 else own[number]
        for number, asset in enumerate(stage.assets)
    ]
    return [used[author] for author in authors]


def _picture(rng: np.random.Generator) -> str:
    return "pdq:" + rng.bytes(32).hex()
