"""Groups that act together and are no operation: fans, newsrooms, protests, mirrors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from samehand.simulation.clocks import awake, lognormal, moments
from samehand.simulation.ledger import REPOST, Rows
from samehand.simulation.organic import Stage
from samehand.simulation.parameters import DAY_S, HOUR_S, Fans, Mirrors, Newsroom, Protest, WorldParameters
from samehand.simulation.people import Integers, People, Reals
from samehand.simulation.things import Things

__all__ = ["adored", "fans", "mirrors", "newsroom", "protest"]


def adored(
    rng: np.random.Generator, world: WorldParameters, people: People, things: Things, plan: Fans, fan: Integers
) -> tuple[Things, Integers]:
    """Give one author the posts that its fans will repost; the author is of the fans' community."""
    shelf = things.posts
    home = np.flatnonzero(shelf.community == people.community[fan[0]])
    pool = home if len(home) >= plan.posts else np.arange(len(shelf))
    posts = rng.choice(pool, size=min(plan.posts, len(pool)), replace=False)
    author = int(things.owner[posts[0]])
    owner, born_s = things.owner.copy(), things.post_born_s.copy()
    owner[posts] = author
    born_s[posts] = moments(rng, world, people, np.full(len(posts), author, dtype=np.int64))
    return replace(things, owner=owner, post_born_s=born_s), posts.astype(np.int64)


def fans(stage: Stage, plan: Fans, fan: Integers, posts: Integers) -> Rows:
    """Each fan reposts each post of the one author with the chance given, within a minute or so."""
    who, what = np.meshgrid(fan, posts, indexing="ij")
    joins = stage.rng.random(who.shape) < plan.participation
    account, target = who[joins], what[joins]
    delay_s = lognormal(stage.rng, len(account), median_s=plan.delay_median_s, sigma=plan.delay_sigma)
    return Rows.of(account, stage.things.post_born_s[target] + delay_s, REPOST, target=target)


def newsroom(stage: Stage, plan: Newsroom, staff: Integers) -> Rows:
    """Each headline, with its link, by most of the accounts, seconds apart."""
    rng = stage.rng
    lead = np.full(plan.headlines, staff[0], dtype=np.int64)
    begins_s = moments(rng, stage.world, stage.people, lead)
    url = stage.ledger.new_urls(plan.headlines)
    if plan.look.site > 0:
        stage.ledger.new_site(url)
    text = stage.ledger.new_texts(plan.headlines, int(stage.people.script[staff[0]]))
    place, story = np.meshgrid(np.arange(len(staff)), np.arange(plan.headlines), indexing="ij")
    joins = rng.random(place.shape) < plan.participation
    story = story[joins]
    at_s = begins_s[story] + rng.exponential(plan.lag_s, len(story))
    return Rows.of(staff[place[joins]], at_s, url=url[story], text=text[story])


def mirrors(stage: Stage, plan: Mirrors, account: Integers, group: Integers) -> Rows:
    """What the first account of a group posts, the others post too, seconds later."""
    parts = []
    for number in range(plan.groups):
        members = account[group == number]
        parts.append(
            newsroom(
                stage, Newsroom(size=len(members), headlines=plan.posts, participation=0.95, lag_s=plan.lag_s), members
            )
        )
    return Rows.joined(parts)


def protest(stage: Stage, plan: Protest) -> tuple[Rows, Integers]:
    """An event, and the accounts that it moves: reposts of its posts, posts with its hashtags.

    Returns:
        The rows, the event's own posts among them, and the organic accounts that took part.

    """
    rng, ledger = stage.rng, stage.ledger
    chance = stage.people.weight[: stage.people.organic] ** 0.5
    crowd = rng.choice(stage.people.organic, size=plan.size, replace=False, p=chance / chance.sum()).astype(np.int64)
    event_s = plan.day * DAY_S
    author = crowd[rng.integers(0, max(1, plan.size // 50), plan.posts)]
    born_s = event_s + rng.exponential(plan.hours * HOUR_S / 2, plan.posts)
    source = ledger.new_sources(author, born_s)
    tags = ledger.new_tags(plan.hashtags)
    own = Rows.of(author, born_s, source=source, tag=tags[rng.integers(0, len(tags), plan.posts)])
    account = np.repeat(crowd, 1 + rng.poisson(max(plan.activities - 1, 0), plan.size))
    shares = rng.random(len(account)) < 0.5
    return Rows.joined(
        [own, _marching(stage, plan, account[shares], source, born_s), _chanting(stage, plan, account[~shares], tags)]
    ), crowd


def _zipf(rng: np.random.Generator, things: int, count: int) -> Integers:
    chance = np.arange(1, things + 1) ** -1.0
    return rng.choice(things, size=count, p=chance / chance.sum()).astype(np.int64)


def _marching(stage: Stage, plan: Protest, account: Integers, source: Integers, born_s: Reals) -> Rows:
    what = _zipf(stage.rng, len(source), len(account))
    at_s = born_s[what] + lognormal(stage.rng, len(account), median_s=plan.hours * HOUR_S / 2, sigma=1.2)
    rows = Rows.of(account, at_s, REPOST, target=source[what])
    return rows.take(stage.rng.random(len(rows)) < 0.2 + 0.8 * awake(stage.world, stage.people, account, at_s))


def _chanting(stage: Stage, plan: Protest, account: Integers, tags: Integers) -> Rows:
    rng = stage.rng
    at_s = plan.day * DAY_S + lognormal(rng, len(account), median_s=plan.hours * HOUR_S, sigma=1.0)
    first = _zipf(rng, len(tags), len(account))
    second = _zipf(rng, len(tags), len(account))
    return Rows.of(account, at_s, tag=tags[first], tag2=np.where(second != first, tags[second], -1))
