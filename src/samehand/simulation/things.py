"""Objects that are there to share: posts, addresses and hashtags, by community and popularity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.clocks import moments
from samehand.simulation.parameters import DAY_S, WorldParameters
from samehand.simulation.people import Integers, People, Reals

__all__ = ["Shelf", "Things", "draw_things"]


@dataclass(frozen=True)
class Shelf:
    """Objects of one kind, those of a community side by side, each community's in falling order of popularity.

    Attributes:
        first: for each community its first object, and the end after the last.
        heap: cumulative weight before each object, and the total.
        community: of each object.

    """

    first: Integers
    heap: Reals
    community: Integers

    def __len__(self) -> int:
        return len(self.community)

    def pick(self, rng: np.random.Generator, community: Integers, homophily: float) -> Integers:
        """Draw an object for each entry: from its community with the chance given, else from all."""
        home = rng.random(len(community)) < homophily
        low = np.where(home, self.heap[self.first[community]], 0.0)
        high = np.where(home, self.heap[self.first[community + 1]], self.heap[-1])
        found = np.searchsorted(self.heap, low + rng.random(len(community)) * (high - low), side="right") - 1
        picked: Integers = np.clip(found, 0, len(self) - 1).astype(np.int64)
        return picked


@dataclass(frozen=True)
class Things:
    """All that organic accounts share; births in seconds since the world's start.

    Attributes:
        posts, urls, hashtags: the shelves.
        owner: account that wrote each post; post_born_s, url_born_s: births; post_speed, url_speed: factors on delays.

    """

    posts: Shelf
    urls: Shelf
    hashtags: Shelf
    owner: Integers
    post_born_s: Reals
    post_speed: Reals
    url_born_s: Reals
    url_speed: Reals


def _shelf(world: WorldParameters, people: People, count: int) -> Shelf:
    """Lay `count` objects out: to each community as many as it has accounts for, one at least."""
    accounts = np.bincount(people.community[: people.organic], minlength=world.communities)
    share = np.maximum(accounts / accounts.sum(), 1e-9)
    first = np.concatenate([[0], np.cumsum(1 + np.floor(share * (count - world.communities)))]).astype(np.int64)
    first[-1] = count
    community = np.repeat(np.arange(world.communities), np.diff(first))
    rank = np.arange(count) - first[community] + 1
    weight = rank ** -float(world.zipf)
    total = np.bincount(community, weights=weight, minlength=world.communities)
    weight *= (share / total)[community]
    return Shelf(first, np.concatenate([[0.0], np.cumsum(weight)]), community)


def _owners(rng: np.random.Generator, world: WorldParameters, people: People, posts: Shelf) -> Integers:
    """Give each post an author of its community; a few authors write most."""
    order = np.lexsort((rng.random(people.organic), people.community[: people.organic]))
    accounts = np.bincount(people.community[: people.organic], minlength=world.communities)
    first = np.concatenate([[0], np.cumsum(accounts)[:-1]])
    authors = np.minimum(np.maximum(1, np.round(world.authors * accounts / accounts.sum())), np.maximum(accounts, 1))
    at = np.floor(authors[posts.community] * rng.random(len(posts)) ** 2).astype(np.int64)
    owner: Integers = order[np.minimum(first[posts.community] + at, people.organic - 1)].astype(np.int64)
    return owner


def draw_things(rng: np.random.Generator, world: WorldParameters, people: People) -> Things:
    """Draw every shelf, who wrote what, and when each thing was born."""
    posts = _shelf(world, people, world.posts)
    urls = _shelf(world, people, world.urls)
    owner = _owners(rng, world, people, posts)
    return Things(
        posts=posts,
        urls=urls,
        hashtags=_shelf(world, people, max(world.hashtags, world.communities)),
        owner=owner,
        post_born_s=moments(rng, world, people, owner),
        post_speed=np.exp(world.speed_sigma * rng.standard_normal(world.posts)),
        url_born_s=world.days * DAY_S * rng.random(world.urls),
        url_speed=np.exp(world.speed_sigma * rng.standard_normal(world.urls)),
    )
