"""An invented town on a real PDS: people with words and hours of their own, and a team that a program drives."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.enforcement.real_pds import AT_ONCE, POST, PROFILE, REPOST, Person, RealPds, Record

PEOPLE, TEAM = 60, 12
DAYS, POSTS = 20, 30
ROUNDS, EVERY = 60, timedelta(hours=8)
"""What the team is told to push, and how often."""
SYLLABLES = ("ba", "ce", "do", "fi", "gu", "ha", "je", "ko", "li", "mu", "na", "pe", "ro", "si", "tu", "va", "we", "xo",
             "yi", "zu")  # fmt: skip


@dataclass(frozen=True)
class Town:
    """All who live on a server, and how many posts they made."""

    server: RealPds
    people: tuple[Person, ...]
    team: tuple[Person, ...]
    posts: int

    def dids(self, of: str) -> list[str]:
        return sorted(person.did for person in getattr(self, of))


def town_on(server: RealPds) -> Town:
    """Settle a server: sign everybody up, and let them live through the last twenty days.

    Seeds are fixed and days begin at midnight, so that only DIDs differ from run to run.
    """
    draw = random.Random(7)
    names = [_name(draw, number) for number in range(PEOPLE)]
    team = [f"proudmum{1_000 + draw.randrange(9_000)}" for _ in range(TEAM)]
    everybody = server.sign_up_all([*names, *team])
    people, team_of = tuple(everybody[:PEOPLE]), tuple(everybody[PEOPLE:])
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS + 1)
    lives = [_life(random.Random(100 + k), begin) for k in range(PEOPLE)]
    posts = _each(people, lambda k: lives[k])
    answers = _each(people, lambda k: _answers(random.Random(200 + k), begin, posts))
    orders = [_order(draw, begin + number * EVERY, posts) for number in range(ROUNDS)]
    pushed = _each(team_of, lambda k: _obeyed(random.Random(300 + k), begin, orders))
    return Town(server, people, team_of, len(posts) + len(answers) + len(pushed))


def _each(of: tuple[Person, ...], records: Callable[[int], list[Record]]) -> list[dict[str, str]]:
    """Let everybody publish; the posts and reposts that came of it."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        made = list(threads.map(lambda k: of[k].publish(records(k)), range(len(of))))
    return [one for each in made for one in each if PROFILE not in one["uri"]]


def _word(draw: random.Random, least: int = 2, most: int = 4) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(draw.randint(least, most)))


def _words(draw: random.Random, count: int) -> str:
    return " ".join(_word(draw) for _ in range(count))


def _name(draw: random.Random, number: int) -> str:
    ending = draw.choice(("", "-art", "-music", f"{draw.randrange(10, 99)}", f"-{draw.randrange(1950, 2010)}"))
    return f"{_word(draw, 2, 3)}{_word(draw, 1, 2)}{ending}"[:16].strip("-") + f"{'abcdefghij'[number % 10]}"


def _profile(at: datetime, name: str, bio: str) -> Record:
    return Record(PROFILE, at, {"displayName": name, "description": bio})


def _at(draw: random.Random, begin: datetime) -> datetime:
    """Some time of a day on which somebody is awake; of each person the hours are others."""
    return begin + timedelta(days=draw.randrange(DAYS), hours=draw.gauss(14, 3) % 24, seconds=draw.randrange(3_600))


def _life(draw: random.Random, begin: datetime) -> list[Record]:
    """A profile, and posts in words of one's own."""
    posts = sorted(_at(draw, begin) for _ in range(POSTS))
    return [
        _profile(begin, _words(draw, 2), _words(draw, draw.randint(3, 9))),
        *(Record(POST, at, {"text": _words(draw, draw.randint(4, 15)), "langs": ["en"]}) for at in posts),
    ]


def _answers(draw: random.Random, begin: datetime, posts: list[dict[str, str]]) -> list[Record]:
    """Answers to others, and what was worth handing on."""
    made: list[Record] = []
    for post in draw.sample(posts, 6):
        refs = {"root": post, "parent": post}
        made.append(Record(POST, _at(draw, begin), {"text": _words(draw, draw.randint(2, 8)), "reply": refs}))
    made += [Record(REPOST, _at(draw, begin), {"subject": post}) for post in draw.sample(posts[:200], 5)]
    return sorted(made, key=lambda one: one.at)


def _order(draw: random.Random, at: datetime, posts: list[dict[str, str]]) -> Callable[[random.Random], Record]:
    """To repost one post, or to say one thing with one link, within the minute."""
    target, text, link = draw.choice(posts), _words(draw, 12), f"https://{_word(draw)}.test/{draw.randrange(10**6)}"
    repost = draw.random() < 0.5

    def record(member: random.Random) -> Record:
        when = at + timedelta(seconds=member.uniform(0, 30))
        if repost:
            return Record(REPOST, when, {"subject": target})
        said = f"{text} {link}"
        place = {"byteStart": len(text) + 1, "byteEnd": len(said)}
        says: dict[str, Any] = {"text": said, "langs": ["en"]}
        feature = {"$type": "app.bsky.richtext.facet#link", "uri": link}
        return Record(POST, when, {**says, "facets": [{"index": place, "features": [feature]}]})

    return record


def _obeyed(draw: random.Random, begin: datetime, orders: list[Callable[[random.Random], Record]]) -> list[Record]:
    """A profile off the shelf, and what was ordered, but for what a member missed."""
    bio = f"Proud mum of {draw.randint(2, 5)} . Faith . Truth . {_word(draw)}"
    return [_profile(begin, f"Mum {_word(draw)}", bio), *(order(draw) for order in orders if draw.random() < 0.9)]
