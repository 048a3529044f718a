"""Genuine people who do the same thing since somebody asked them to, or since they believe the same."""

from __future__ import annotations

import numpy as np

from samehand.simulation.clocks import arrivals, lognormal, moments
from samehand.simulation.ledger import REPOST, Rows
from samehand.simulation.organic import Stage
from samehand.simulation.parameters import DAY_S, HOUR_S, Campaign, Patriots, Rally, Volunteers
from samehand.simulation.people import Integers, Reals
from samehand.simulation.teams import camouflage

__all__ = ["campaign", "everyday", "leaders", "patriots", "rally", "volunteers"]


def everyday(stage: Stage, account: Integers, mean: float) -> Rows:
    """What a group's accounts do besides: `mean` organic activities each on average, as unevenly as all others."""
    weight = np.minimum(stage.people.weight[account], 8.0)
    count = stage.rng.poisson(mean * weight / weight.mean()).astype(np.int64)
    return camouflage(stage, np.repeat(account, count), 1.0)


def leaders(stage: Stage, account: Integers, count: int) -> Integers:
    """Organic accounts of the group's community that others repost; of any community where it has too few."""
    authors = np.unique(stage.things.owner)
    home = authors[stage.people.community[authors] == stage.people.community[account[0]]]
    pool = home if len(home) >= count else authors
    return stage.rng.choice(pool, size=min(count, len(pool)), replace=False).astype(np.int64)


def _asked(stage: Stage, author: Integers, born_s: Reals, others: int) -> tuple[Integers, Rows]:
    """New posts of leaders, and what others who are of no group repost of them."""
    source = stage.ledger.new_sources(author, born_s)
    own = Rows.of(author, born_s, source=source)
    if not others:
        return source, own
    what = stage.rng.integers(0, len(source), others)
    who = stage.people.pick(stage.rng, others)
    at_s = arrivals(stage.rng, stage.world, stage.people, who, born_s[what], np.ones(others))
    return source, Rows.joined([own, Rows.of(who, at_s, REPOST, target=source[what])])


def patriots(stage: Stage, plan: Patriots, account: Integers, official: Integers) -> Rows:
    """The officials' posts, and each patriot's reposts of them with the chance given."""
    author = official[stage.rng.integers(0, len(official), plan.posts)]
    born_s = moments(stage.rng, stage.world, stage.people, author)
    joins = stage.rng.random((plan.size, plan.posts)) < plan.participation
    who, what = np.nonzero(joins)
    source, own = _asked(stage, author, born_s, round(0.3 * len(who)))
    speed = lognormal(stage.rng, len(who), median_s=1.0, sigma=max(plan.delay_sigma - 1.0, 0.1))
    delay_s = lognormal(stage.rng, len(who), median_s=plan.delay_median_s, sigma=1.0) * speed
    acts = Rows.of(account[who], born_s[what] + delay_s, REPOST, target=source[what])
    return Rows.joined([own, acts, everyday(stage, account, plan.activities)])


def rally(stage: Stage, plan: Rally, account: Integers, leader: int) -> Rows:
    """The leader's posts, and the followers' reposts: nine in ten within the minutes given."""
    rng = stage.rng
    author = np.full(plan.posts, leader, dtype=np.int64)
    born_s = plan.day * DAY_S + rng.uniform(0, HOUR_S, plan.posts)
    who, what = np.nonzero(rng.random((plan.size, plan.posts)) < plan.participation)
    source, own = _asked(stage, author, born_s, round(0.1 * len(who)))
    at_s = born_s[what] + rng.exponential(plan.minutes * 60 / np.log(10), len(who))
    acts = Rows.of(account[who], at_s, REPOST, target=source[what])
    return Rows.joined([own, acts, everyday(stage, account, plan.activities)])


def campaign(stage: Stage, plan: Campaign, account: Integers) -> Rows:
    """Presses of the button: its text, its link, through it; each when the supporter gets to it."""
    rng, ledger = stage.rng, stage.ledger
    begins_s = stage.world.days * DAY_S * np.sort(rng.uniform(0.05, 0.9, plan.texts))
    texts = ledger.new_texts(plan.texts, int(stage.people.script[account[0]]))
    urls = ledger.new_urls(plan.texts)
    who, what = np.nonzero(rng.random((plan.size, plan.texts)) < plan.participation)
    speed = np.full(len(who), plan.hours * HOUR_S / stage.world.delay_median_s)
    at_s = arrivals(rng, stage.world, stage.people, account[who], begins_s[what], speed)
    edits = np.where(rng.random(len(who)) < plan.personal, rng.integers(1, 3, len(who)), 0)
    pressed = Rows.of(account[who], at_s, url=urls[what], text=texts[what]).with_edits(edits)
    return Rows.joined([pressed.through(ledger.new_tool()), everyday(stage, account, plan.activities)])


def volunteers(stage: Stage, plan: Volunteers, account: Integers) -> Rows:
    """Texts of the kit, each posted by those who take it up in the days after it came."""
    rng = stage.rng
    lead = np.full(plan.texts, account[0], dtype=np.int64)
    begins_s = moments(rng, stage.world, stage.people, lead)
    texts = stage.ledger.new_texts(plan.texts, int(stage.people.script[account[0]]))
    who, what = np.nonzero(rng.random((plan.size, plan.texts)) < plan.participation)
    speed = np.full(len(who), plan.days * DAY_S / 4 / stage.world.delay_median_s)
    at_s = arrivals(rng, stage.world, stage.people, account[who], begins_s[what], speed)
    posted = Rows.of(account[who], at_s, text=texts[what]).with_edits(rng.integers(0, plan.edits + 1, len(who)))
    return Rows.joined([posted, everyday(stage, account, plan.activities)])
