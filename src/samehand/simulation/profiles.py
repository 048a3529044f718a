"""What a platform shows of each account, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from samehand.simulation import names
from samehand.simulation.looks import DAY_S, Population
from samehand.simulation.marks import Marks
from samehand.simulation.names import Words
from samehand.simulation.people import Integers, People, Reals

__all__ = ["Profiles", "profiles"]

POPULAR_PICTURES = 40
HOSTS = 12


@dataclass(frozen=True)
class Profiles:
    """One entry an account; None is null.

    Attributes:
        made_s: when it was made, in seconds since the world's start.
        kind: account, or page for what several persons run in a group's name.
        handle, display_name, bio, avatar_hash, profile_url, location, status: as the table has them.
        followers, following, posts_count: numbers. sites: host of each site of a group's.
        words: of which the names are made.

    """

    made_s: Reals
    kind: list[str]
    handle: list[str]
    display_name: list[str]
    bio: list[str | None]
    avatar_hash: list[str | None]
    profile_url: list[str | None]
    location: list[str | None]
    status: list[str]
    followers: Integers
    following: Integers
    posts_count: Integers
    sites: Sequence[str]
    words: Words


def profiles(
    rng: np.random.Generator,
    population: Population,
    people: People,
    marks: Marks,
    made_s: Reals,
    posted: Integers,
    sites: int,
    handles: list[str],
) -> Profiles:
    """Draw what accounts look like: all alike, but for the marks that groups bear.

    Args:
        rng: the randomness of looks.
        population: what ordinary accounts look like.
        people: the accounts.
        marks: who bears which mark.
        made_s: when each was made.
        posted: how many posts of each the world holds.
        sites: how many sites groups have.
        handles: what accounts are called where the population does not name them.

    """
    words = names.words_of(rng)
    handle = names.handles(rng, population, words, marks, made_s) if population.named else handles
    shown = names.display_names(rng, words, marks, people)
    bio = names.bios(rng, population, words, marks, people)
    names.with_badges(rng, words, marks, shown, bio)
    hosts = [words.one(rng) + words.one(rng) for _ in range(sites)]
    followers, following = _followings(rng, people, marks, made_s)
    return Profiles(
        made_s=made_s,
        kind=_kinds(marks, len(people)),
        handle=handle,
        display_name=shown,
        bio=bio,
        avatar_hash=_avatars(rng, population, marks, made_s),
        profile_url=_links(rng, words, marks, hosts, handle),
        location=_places(rng, words, len(people)),
        status=np.where(rng.random(len(people)) < 0.04, "protected", "active").tolist(),
        followers=followers,
        following=following,
        posts_count=posted + _older_posts(rng, made_s),
        sites=hosts,
        words=words,
    )


def _kinds(marks: Marks, count: int) -> list[str]:
    kind = np.full(count, "account")
    for group in marks.groups:
        if group.admins:
            kind[group.accounts] = "page"
    named: list[str] = kind.tolist()
    return named


def _places(rng: np.random.Generator, words: Words, count: int) -> list[str | None]:
    """Half say where they are, most of them in a few towns."""
    places = [words.one(rng).title() for _ in range(300)]
    where = np.floor(300 * rng.random(count) ** 3).astype(np.int64)
    told = rng.random(count) < 0.45
    return [places[at] if says else None for at, says in zip(where.tolist(), told.tolist(), strict=True)]


def _older_posts(rng: np.random.Generator, made_s: Reals) -> Integers:
    """Posts that are not in the world, more of them by those who are older."""
    before = np.exp(rng.normal(4.5, 1.6, len(made_s))) * np.clip(-made_s / DAY_S / 500, 0.0, 4.0)
    older: Integers = np.floor(before).astype(np.int64)
    return older


def _followings(rng: np.random.Generator, people: People, marks: Marks, made_s: Reals) -> tuple[Integers, Integers]:
    """Followers and following: lognormal, more for the old and the active; few and many where a group is lopsided."""
    count = len(people)
    age = np.clip((-made_s / DAY_S + 20) / 600, 0.02, 3.0)
    drive = np.log(age) * 0.6 + np.log(np.minimum(people.weight, 50.0)) * 0.5
    followers = np.exp(rng.normal(4.6, 1.5, count) + drive)
    following = np.exp(rng.normal(5.0, 1.1, count) + 0.5 * drive)
    lopsided = np.flatnonzero(marks.borne["follower_asymmetry"])
    followers[lopsided] = np.exp(rng.normal(1.8, 1.0, len(lopsided)))
    following[lopsided] = np.exp(rng.normal(6.8, 0.6, len(lopsided)))
    return np.round(followers).astype(np.int64), np.round(following).astype(np.int64)


def _avatars(rng: np.random.Generator, population: Population, marks: Marks, made_s: Reals) -> list[str | None]:
    """Perceptual hashes: a picture of one's own, the platform's own, a popular one; groups reuse a few of theirs."""
    count = len(made_s)
    bits = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    popular = rng.integers(0, 256, (POPULAR_PICTURES, 32), dtype=np.uint8)
    likes = np.flatnonzero(rng.random(count) < population.popular_avatars)
    bits[likes] = popular[np.floor(POPULAR_PICTURES * rng.random(len(likes)) ** 2).astype(np.int64)]
    share = names.more_of_the_young(population.default_avatars, made_s, 2.5)
    bits[rng.random(count) < share] = rng.integers(0, 256, 32, dtype=np.uint8)
    for group, accounts in marks.bearers("avatar_reuse"):
        own = rng.integers(0, 256, (group.look.avatars, 32), dtype=np.uint8)
        worn = own[rng.integers(0, group.look.avatars, len(accounts))]
        # a picture saved and uploaded again is a few of its 256 bits away
        flips = rng.random((len(accounts), 256)) < np.where(rng.random(len(accounts)) < 0.5, 0.0, 0.01)[:, None]
        bits[accounts] = worn ^ np.packbits(flips, axis=1)
    none = rng.random(count) < 0.03
    return [None if lacks else f"pdq:{row.tobytes().hex()}" for lacks, row in zip(none.tolist(), bits, strict=True)]


def _links(
    rng: np.random.Generator, words: Words, marks: Marks, sites: Sequence[str], handle: Sequence[str]
) -> list[str | None]:
    """Where profiles link to: a site of one's own, a page on a popular host, mostly nowhere; groups to their site."""
    hosts = [words.one(rng) for _ in range(HOSTS)]
    drawn = rng.random(len(handle))
    made: list[str | None] = [None] * len(handle)
    for account in np.flatnonzero(drawn < 0.2).tolist():
        own = drawn[account] < 0.08
        host = words.one(rng) + words.one(rng) if own else hosts[int(HOSTS * rng.random() ** 2)]
        made[account] = f"https://{host}.example/" + ("" if own else handle[account])
    for group, accounts in marks.bearers("site"):
        host = sites[group.site] if group.site >= 0 else words.one(rng) + words.one(rng)
        for account in accounts.tolist():
            made[account] = f"https://{host}.example/{handle[account]}"
    return made
