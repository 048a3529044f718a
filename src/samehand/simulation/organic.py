"""What ordinary accounts do: repost, link, write, answer; alone, or several readers of one timeline at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samehand.simulation.clocks import arrivals, moments
from samehand.simulation.ledger import REPLY, REPOST, Ledger, Rows
from samehand.simulation.parameters import HOUR_S, Sessions, WorldParameters
from samehand.simulation.people import Integers, People
from samehand.simulation.things import Things

__all__ = ["Stage", "links", "plain", "reposts", "sessions", "written"]

QUARTER_S = HOUR_S / 4
PHRASES = 60
"""Common phrases of one to three words; ledger texts 0 to 59 of every world."""


@dataclass(frozen=True)
class Stage:
    """All that a scene needs: randomness, parameters, accounts, objects and the ledger."""

    rng: np.random.Generator
    world: WorldParameters
    people: People
    things: Things
    ledger: Ledger


def _fresh(stage: Stage, account: Integers, posts: Integers) -> Integers:
    """Redraw what an account would repost a second time; after a few rounds the rest stays and is dropped later."""
    for _ in range(4):
        key = account * len(stage.things.posts) + posts
        order = np.argsort(key, kind="stable")
        again = np.zeros(len(key), dtype=bool)
        again[order[1:]] = key[order[1:]] == key[order[:-1]]
        if not again.any():
            break
        posts[again] = stage.things.posts.pick(stage.rng, stage.people.community[account[again]], stage.world.homophily)
    return posts


def reposts(stage: Stage, account: Integers) -> Rows:
    """One repost an entry: an object by interest and popularity, at a time by its spread and the account's day."""
    posts = stage.things.posts.pick(stage.rng, stage.people.community[account], stage.world.homophily)
    if not stage.world.repeats:
        posts = _fresh(stage, account, posts)
    things = stage.things
    at_s = arrivals(stage.rng, stage.world, stage.people, account, things.post_born_s[posts], things.post_speed[posts])
    return Rows.of(account, at_s, REPOST, target=posts)


def links(stage: Stage, account: Integers) -> Rows:
    """One post with a link an entry, some with a hashtag."""
    things = stage.things
    urls = things.urls.pick(stage.rng, stage.people.community[account], stage.world.homophily)
    at_s = arrivals(stage.rng, stage.world, stage.people, account, things.url_born_s[urls], things.url_speed[urls])
    return Rows.of(account, at_s, url=urls, tag=_tags(stage, account))


def _tags(stage: Stage, account: Integers) -> Integers:
    tags = stage.things.hashtags.pick(stage.rng, stage.people.community[account], stage.world.homophily)
    return np.where(stage.rng.random(len(account)) < stage.world.hashtag_share, tags, -1)


def plain(stage: Stage, account: Integers) -> Rows:
    """One text an entry: words of its own or a common phrase, perhaps a hashtag, a mention, an answer to a post."""
    rng, world, count = stage.rng, stage.world, len(account)
    at_s = moments(rng, world, stage.people, account)
    phrase = np.where(rng.random(count) < world.phrase_share, rng.integers(0, PHRASES, count), -1)
    said = Rows.of(account, at_s, tag=_tags(stage, account), text=phrase)
    mention = np.where(rng.random(count) < world.mention_share, stage.people.pick(rng, count), -1)
    replies = rng.random(count) < world.reply_share
    said = said.with_mentions(np.where(replies, -1, mention))
    answers = _answers(stage, account[replies])
    return Rows.joined([said.take(~replies), answers])


def _answers(stage: Stage, account: Integers) -> Rows:
    things = stage.things
    posts = things.posts.pick(stage.rng, stage.people.community[account], stage.world.homophily)
    at_s = arrivals(stage.rng, stage.world, stage.people, account, things.post_born_s[posts], things.post_speed[posts])
    return Rows.of(account, at_s, REPLY, target=posts).with_mentions(things.owner[posts])


def written(stage: Stage) -> Rows:
    """The posts that get reposted, each by its author at its birth."""
    things = stage.things
    numbers = np.arange(len(things.posts), dtype=np.int64)
    return Rows.of(things.owner, things.post_born_s, source=numbers, tag=_tags(stage, things.owner))


def sessions(stage: Stage, plan: Sessions, rows: int) -> Rows:
    """About `rows` reposts by readers who see the same 3 to 8 newest things of their community at the same time."""
    rng, things = stage.rng, stage.things
    seen_mean = 5.5
    count = max(1, round(rows / (plan.readers * seen_mean * plan.participation)))
    newest = np.lexsort((things.post_born_s, things.posts.community))
    seen = rng.integers(3, 9, count)
    last = rng.integers(0, len(newest), count)
    floor = things.posts.first[things.posts.community[newest[last]]]
    seen = np.minimum(seen, last - floor + 1)
    opened_s = things.post_born_s[newest[last]] + rng.exponential(HOUR_S, count)
    readers = 2 + rng.poisson(max(plan.readers - 2, 0), count)
    session = np.repeat(np.arange(count), readers)
    reader = _readers(stage, things.posts.community[newest[last]][session])
    begins_s = opened_s[session] + rng.uniform(0, QUARTER_S / 3, len(session))
    visit = np.repeat(np.arange(len(session)), seen[session])
    place = np.arange(len(visit)) - np.repeat(np.cumsum(seen[session]) - seen[session], seen[session])
    posts = newest[last[session[visit]] - place].astype(np.int64)
    at_s = begins_s[visit] + place * rng.uniform(15, 60, len(session))[visit] + rng.exponential(10, len(visit))
    done = Rows.of(reader[visit], at_s, REPOST, target=posts)
    return done.take(rng.random(len(visit)) < plan.participation)


def _readers(stage: Stage, community: Integers) -> Integers:
    """An organic account of each community named, by weight; a community without accounts gets anyone."""
    people = stage.people
    order = np.argsort(people.community[: people.organic], kind="stable")
    heap = np.concatenate([[0.0], np.cumsum(people.weight[order])])
    ends = np.searchsorted(people.community[order], np.arange(stage.world.communities + 1))
    low, high = heap[ends[community]], heap[ends[community + 1]]
    found = np.searchsorted(heap, low + stage.rng.random(len(community)) * (high - low), side="right") - 1
    reader: Integers = order[np.clip(found, 0, people.organic - 1)].astype(np.int64)
    return reader
