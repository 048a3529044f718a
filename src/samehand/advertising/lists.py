"""What every list of others comes to: a layer of entities, each known by an id of its own and holding what no other holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from samehand.advertising.facts import Entity
from samehand.advertising.spelling import latin
from samehand.traces import canonical_url, host_of, registered_domain

__all__ = ["Layer", "distinct", "slug", "web_host"]

SHARED_HOSTS: Final = frozenset({
    "facebook.com", "google.com", "instagram.com", "linkedin.com", "t.me", "telegram.me", "twitter.com", "vk.com",
    "wikipedia.org", "x.com", "youtube.com",
})  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """A list as it was read.

    Attributes:
        name: of the layer. entities: one an outlet. read, kept: rows. merged: rows that told more of an outlet that another
            row had told of. rejected: reason -> rows that say nothing to hold; read = kept + merged + rejected.

    """

    name: str
    entities: tuple[Entity, ...]
    read: int
    kept: int
    merged: int
    rejected: Mapping[str, int]


def web_host(url: str) -> str | None:
    """The host of a link that is somebody's own; None where there is none, or one that many share."""
    canonical = canonical_url(url) if url else None
    if canonical is None or registered_domain(canonical) is None or canonical.startswith("test."):
        return None
    return None if registered_domain(canonical) in SHARED_HOSTS else host_of(canonical)


def slug(name: str) -> str:
    """A name as a part of an id."""
    return "-".join(re.findall(r"[a-z0-9]+", latin(name)))[:60].strip("-") or "unnamed"


def distinct(entities: list[Entity]) -> tuple[Entity, ...]:
    """Ids made different where two names come to the same, and a host or handle left with the first that holds it."""
    seen: Counter[str] = Counter()
    taken: set[tuple[str, str]] = set()
    out = []
    for one in entities:
        seen[one.entity_id] += 1
        number = seen[one.entity_id]
        mine = tuple(asset for asset in one.assets if (asset.platform, asset.value) not in taken)
        taken |= {(asset.platform, asset.value) for asset in mine}
        changed: dict[str, Any] = {**vars(one), "assets": mine}
        if number > 1:
            changed["entity_id"] = f"{one.entity_id}-{number}"
        out.append(Entity(**changed))
    return tuple(out)
