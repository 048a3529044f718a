"""Groups that act together and are no operation, as parameters: each with its size, its pace and its look."""

from __future__ import annotations

from dataclasses import dataclass

from samehand.simulation.looks import PLAIN, Disguise

__all__ = ["Campaign", "Fans", "Mirrors", "Newsroom", "Patriots", "Protest", "Rally", "Sessions", "Volunteers"]


@dataclass(frozen=True, kw_only=True)
class Fans:
    """Accounts that repost what one author posts, fast: coordinated by devotion only.

    Attributes:
        size: accounts; posts: of the author; participation: chance to repost each of them.
        delay_median_s, delay_sigma: of the lognormal delay in seconds.
        activities: organic activities of each fan besides.
        look: of the accounts.

    """

    size: int = 200
    posts: int = 40
    participation: float = 0.4
    delay_median_s: float = 60.0
    delay_sigma: float = 1.0
    activities: int = 0
    look: Disguise = PLAIN


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """Accounts of one owner that post the same headline with the same link, `lag_s` seconds apart on average.

    With `admins` the accounts are pages, and so many organic accounts administer each of them.
    """

    size: int = 20
    headlines: int = 60
    participation: float = 0.8
    lag_s: float = 60.0
    admins: int = 0
    look: Disguise = PLAIN


@dataclass(frozen=True, kw_only=True)
class Protest:
    """Genuine accounts that share an event's hashtags and reposts within hours.

    Attributes:
        size: organic accounts that take part; posts: that they repost; hashtags: that they use.
        activities: on average of each account, one at least.
        day: of the event, since the world's start; hours: median time from the event to an activity.
        look: of the accounts; a burst at a negative age is a surge of sign-ups around the event.

    """

    size: int = 2000
    posts: int = 40
    hashtags: int = 4
    activities: float = 4.0
    day: float = 10.0
    hours: float = 4.0
    look: Disguise = PLAIN


@dataclass(frozen=True, kw_only=True)
class Mirrors:
    """Groups of 2 to 5 accounts that one widget feeds: the same text and link within `lag_s` seconds."""

    groups: int = 5
    posts: int = 20
    lag_s: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Patriots:
    """Genuine supporters of their government, who repost the same official accounts within minutes to hours.

    Attributes:
        size: accounts; officials: accounts of officials; posts: of all officials together.
        participation: chance to repost each of the posts.
        delay_median_s, delay_sigma: of the lognormal delay in seconds.
        activities: organic activities besides, on average.
        look: of the accounts.

    """

    size: int = 150
    officials: int = 3
    posts: int = 40
    participation: float = 0.2
    delay_median_s: float = 3_000.0
    delay_sigma: float = 1.3
    activities: float = 10.0
    look: Disguise = PLAIN


@dataclass(frozen=True, kw_only=True)
class Rally:
    """Followers who repost one or a few posts of their leader, who asked them to.

    Attributes:
        size: accounts; posts: to repost; participation: chance to repost each of them.
        day: of the request, since the world's start; minutes: within which nine in ten follow it.
        activities: organic activities besides, on average.
        look: of the accounts.

    """

    size: int = 300
    posts: int = 2
    participation: float = 0.8
    day: float = 8.0
    minutes: float = 60.0
    activities: float = 5.0
    look: Disguise = PLAIN


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Supporters who press a button that posts a text and a link for them, each in their own time.

    Attributes:
        size: accounts; texts: that the button offers at random, one after the other in the world's days.
        participation: chance to press the button for each of the texts.
        hours: median time from the call to the press.
        personal: share who write a word or two of their own into the text.
        activities: organic activities besides, on average.
        look: of the accounts.

    """

    size: int = 150
    texts: int = 3
    participation: float = 0.6
    hours: float = 5.0
    personal: float = 0.2
    activities: float = 8.0
    look: Disguise = PLAIN


@dataclass(frozen=True, kw_only=True)
class Volunteers:
    """Volunteers of a party who post from one kit of texts, some of them with their own words.

    Attributes:
        size: accounts; texts: in the kit; participation: chance to post each of the texts.
        days: within which a text is posted after it came with the kit.
        edits: words at most that one changes in a copy.
        activities: organic activities besides, on average.
        look: of the accounts.

    """

    size: int = 60
    texts: int = 20
    participation: float = 0.3
    days: float = 3.0
    edits: int = 2
    activities: float = 10.0
    look: Disguise = PLAIN


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Readers of one timeline who repost 3 to 8 of its things within the same quarter of an hour.

    Attributes:
        share: of the world's reposts that arise this way.
        readers: accounts on one timeline at once, on average (two at least).
        participation: chance that a reader reposts each of the things.

    """

    share: float = 0.4
    readers: float = 4.0
    participation: float = 0.7
