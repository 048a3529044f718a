"""Planted teams: one hand, many accounts."""

from __future__ import annotations

import numpy as np

from samehand.simulation.clocks import moments
from samehand.simulation.ledger import REPOST, Rows
from samehand.simulation.organic import QUARTER_S, Stage, links, plain, reposts
from samehand.simulation.parameters import Team, TeamTrace
from samehand.simulation.people import SCRIPTS, Integers, Reals
from samehand.simulation.things import Shelf

__all__ = ["camouflage", "team"]


def team(stage: Stage, plan: Team, member: Integers) -> Rows:
    """The team's planted activities, and the posts that they repost."""
    parts = []
    begins_s = _begins(stage, plan, int(member[0]))
    offset = stage.rng.permutation(plan.size) / plan.size
    for turn, trace in enumerate(plan.traces):
        items = np.arange(turn, plan.objects, len(plan.traces))
        if not len(items):
            continue
        who, item = np.meshgrid(np.arange(plan.size), items, indexing="ij")
        joins = stage.rng.random(who.shape) < plan.participation
        who, item = who[joins], item[joins]
        at_s = begins_s[item] + _lag(stage, plan, offset[who])
        parts.append(_marked(stage, plan, trace, member, who, (item - turn) // len(plan.traces), at_s, begins_s[items]))
    return Rows.joined(parts)


def _begins(stage: Stage, plan: Team, lead: int) -> Reals:
    """When the team sets to work on each object: by its lead's day, several in one session."""
    sessions = -(-plan.objects // plan.session_objects)
    days = plan.days if plan.days is not None else max(stage.world.days - plan.first_day, 0.1)
    opens_s = np.sort(
        moments(
            stage.rng,
            stage.world,
            stage.people,
            np.full(sessions, lead, dtype=np.int64),
            first_day=plan.first_day,
            days=days,
        )
    )
    place = np.arange(plan.objects)
    step_s = QUARTER_S * stage.rng.random(plan.objects)
    return opens_s[place // plan.session_objects] + np.where(plan.session_objects > 1, step_s, 0.0)


def _lag(stage: Stage, plan: Team, offset: Reals) -> Reals:
    """Seconds from the start of an object to a member's activity."""
    rng, count = stage.rng, len(offset)
    if plan.style == "burst":
        return plan.window_s * rng.random(count)
    if plan.style == "slow":
        return plan.window_s * rng.beta(1.0, 2.0, count)
    return plan.window_s * np.clip(0.9 * offset + 0.1 * rng.random(count), 0, 1)


def _marked(
    stage: Stage,
    plan: Team,
    trace: TeamTrace,
    member: Integers,
    who: Integers,
    item: Integers,
    at_s: Reals,
    begins_s: Reals,
) -> Rows:
    """Rows that leave the trace: `item` numbers the trace's own objects, which begin at `begins_s`."""
    ledger, rng, count = stage.ledger, stage.rng, len(begins_s)
    account = member[who]
    cut = plan.resolution_s
    if trace == "url":
        known = _newest(stage, member, stage.things.urls, stage.things.url_born_s, begins_s)
        borrows = (rng.random(count) < plan.borrowed) & (known >= 0)
        urls = np.where(borrows, known, ledger.new_urls(count))
        return Rows.of(account, at_s, url=urls[item], resolution_s=cut)
    if trace == "hashtag":
        tags = ledger.new_tags(count)
        return Rows.of(account, at_s, tag=tags[item], resolution_s=cut)
    if trace == "text":
        texts = ledger.new_texts(count, SCRIPTS.index(plan.script))
        return _worded(stage, plan, Rows.of(account, at_s, text=texts[item], resolution_s=cut))
    author = member[rng.integers(0, plan.size, count)]
    source = ledger.new_sources(author, begins_s - 60 * (1 + rng.exponential(10, count)))
    own = Rows.of(author, ledger.born_s[-1], source=source, resolution_s=cut)
    known = _newest(stage, member, stage.things.posts, stage.things.post_born_s, begins_s)
    borrows = (rng.random(count) < plan.borrowed) & (known >= 0)
    target = np.where(borrows, known, source)
    acts = Rows.of(account, at_s, REPOST, target=target[item], resolution_s=cut)
    return Rows.joined([own.take(~borrows), acts.take(acts.account != author[item])])


def _worded(stage: Stage, plan: Team, copies: Rows) -> Rows:
    """Copies with up to `edits` words changed each, some greeting somebody by name."""
    rng, count = stage.rng, len(copies)
    if plan.edits:
        copies = copies.with_edits(rng.integers(0, plan.edits + 1, count))
    if plan.addressed:
        greets = rng.random(count) < plan.addressed
        greeting = np.where(greets, stage.ledger.new_greetings(1)[0], -1)
        copies = copies.greeting_someone(greeting, stage.people.pick(rng, count))
    return copies


def _newest(stage: Stage, member: Integers, shelf: Shelf, born_s: Reals, begins_s: Reals) -> Integers:
    """For each moment one of the ten newest objects of the team's community that were there by then; -1 for none."""
    pool = np.flatnonzero(shelf.community == stage.people.community[member[0]])
    order = pool[np.argsort(born_s[pool], kind="stable")]
    at = np.searchsorted(born_s[order], begins_s) - 1 - stage.rng.integers(0, 10, len(begins_s))
    return np.where(at >= 0, order[np.maximum(at, 0)], -1)


def camouflage(stage: Stage, account: Integers, each: float) -> Rows:
    """`each` organic activities an account, by the world's shares of kinds or reposts only."""
    count = np.floor(each + stage.rng.random(len(account)) * (each % 1 > 0)).astype(np.int64)
    who = np.repeat(account, count)
    if stage.world.camouflage_reposts:
        return reposts(stage, who)
    kind = stage.rng.random(len(who))
    shared = kind < stage.world.repost_share
    linked = ~shared & (kind < stage.world.repost_share + stage.world.url_share)
    return Rows.joined([reposts(stage, who[shared]), links(stage, who[linked]), plain(stage, who[~shared & ~linked])])
