"""What a world is made of: every number that a generator may turn, with its unit and its default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from samehand.records import schema_of
from samehand.simulation.groups import (
    Campaign,
    Fans,
    Mirrors,
    Newsroom,
    Patriots,
    Protest,
    Rally,
    Sessions,
    Volunteers,
)
from samehand.simulation.looks import DAY_S, HOUR_S, LOOKS_ONLY, PLAIN, Disguise, Population
from samehand.simulation.looks import require as _require

__all__ = [
    "ALL_PROFILE_DATA",
    "DAY_S",
    "HOUR_S",
    "LOOKS_ONLY",
    "Campaign",
    "Disguise",
    "Fans",
    "Mirrors",
    "Newsroom",
    "Patriots",
    "Population",
    "Protest",
    "Rally",
    "Script",
    "Sessions",
    "Style",
    "Team",
    "TeamTrace",
    "Volunteers",
    "WorldParameters",
]

TeamTrace = Literal["repost", "url", "hashtag", "text"]
Style = Literal["burst", "slow", "staggered", "list"]
Script = Literal["latin", "han", "arabic"]

ALL_PROFILE_DATA = "all profile data"
"""In `withheld`: whatever is known of accounts beside their posts."""

_WITHHOLDABLE = ("asset_history", "relations", "logins", "events")


@dataclass(frozen=True, kw_only=True)
class Team:
    """Accounts moved by one hand.

    Attributes:
        size: accounts.
        objects: things (posts, addresses, hashtags, texts) that the team works on.
        participation: the chance of each member to join in each object.
        window_s: seconds within which the members who join do so.
        trace: what the members share. `also` names further traces: the objects take turns.
        style: `burst` joins uniformly within the window; `slow` is the same over hours, sooner rather than later;
            `staggered` gives each member an offset of its own, and all work through one list in that order; `list` is
            the same for texts of which each copy is edited.
        camouflage: organic activities for each planted one.
        first_day, days: when the team acts, in days since the world's start; it may end before the world does.
        borrowed: the share of its repost and url objects that others share too, as ordinary objects of the world.
        session_objects: objects that are worked on one after the other within a quarter of an hour.
        resolution_s: to how many seconds the team's times are cut, as some archives do.
        script: of the team's texts.
        edits: words at most that a copy of a text has changed or added.
        addressed: share of the copies that greet somebody by name: `Dear @X, ...`.
        look: of the accounts.

    """

    size: int
    objects: int
    participation: float
    window_s: float
    trace: TeamTrace = "url"
    also: tuple[TeamTrace, ...] = ()
    style: Style = "burst"
    camouflage: float = 0.0
    first_day: float = 0.0
    days: float | None = None
    borrowed: float = 0.0
    session_objects: int = 1
    resolution_s: int = 1
    script: Script = "latin"
    edits: int = 0
    addressed: float = 0.0
    look: Disguise = PLAIN

    def __post_init__(self) -> None:
        _require(self.size >= 2 and self.objects >= 1, "a team needs two accounts and one object at least")
        _require(0 < self.participation <= 1, f"a team's participation lies in (0, 1], not {self.participation}")
        _require(0 <= self.borrowed <= 1, f"a team's borrowed share lies in [0, 1], not {self.borrowed}")
        _require(self.window_s > 0 and self.camouflage >= 0, "a team's window is above 0 s, its camouflage not below 0")
        for trace in self.traces:
            _require(trace in get_args(TeamTrace), f"a team's trace is one of {get_args(TeamTrace)}, not '{trace}'")
        _require(self.style in get_args(Style), f"a team's style is one of {get_args(Style)}, not '{self.style}'")
        _require(
            self.style == "burst" or self.window_s >= HOUR_S, f"a {self.style} team acts over hours: window_s >= 3600"
        )
        _require(0 <= self.edits <= 3, f"a team changes 0 to 3 words of a copy, not {self.edits}")
        _require(0 <= self.addressed <= 1, f"a team's addressed share lies in [0, 1], not {self.addressed}")
        _require(
            self.style != "list" or (self.traces == ("text",) and self.edits > 0),
            "a list team shares texts only, and edits them: trace='text', edits >= 1",
        )

    @property
    def traces(self) -> tuple[TeamTrace, ...]:
        """The traces that the objects take in turn."""
        return (self.trace, *self.also)


@dataclass(frozen=True, kw_only=True)
class WorldParameters:
    """A world before the dice are thrown.

    Attributes:
        name, platform: of the world and of its accounts.
        start: the world's first moment; objects are born during `days` days, and what happens to them runs on.
        accounts, activities: organic accounts and their activities, posts that get reposted included.
        repost_share, url_share: of the activities; the rest are plain texts.
        posts, urls, hashtags: how many there are to repost, to link and to use.
        authors: accounts that write what gets reposted.
        pareto: exponent of the accounts' activity weights, Pareto + 1; zipf: exponent of objects' popularity.
        delay_median_s, delay_sigma, delay_cap_s: lognormal delay from an object's birth to an activity, in seconds.
        communities, homophily: interest communities, and the share of its objects that an account takes from its own.
        rhythm: 0 for none; else the strength (von Mises kappa) of each account's daily profile.
        pace_sigma, speed_sigma: spread (log) of accounts' and objects' own medians of delay.
        hashtag_share, reply_share, mention_share, phrase_share: of plain and link posts: with a hashtag; of plain
            posts: that reply, that mention, that say a common phrase.
        scripts: the share of accounts, or of communities where there are several, that write each script.
        repeats: whether an account may repost one thing twice.
        camouflage_reposts: whether the camouflage of teams is reposts only.
        population: what ordinary accounts look like; None leaves profiles plain, and then no group has a look.
        withheld: what the platform does not hand over: tables (asset_history, relations, logins, events), columns
            (`assets.bio`, `posts.client`), or `all profile data`.

    """

    name: str = "world"
    platform: str = "twitter"
    start: datetime = datetime(2019, 6, 3, tzinfo=UTC)
    days: float = 30.0
    accounts: int = 20_000
    activities: int = 200_000
    repost_share: float = 0.5
    url_share: float = 0.3
    posts: int = 10_000
    urls: int = 6_666
    hashtags: int = 1_000
    authors: int = 1_000
    pareto: float = 1.3
    zipf: float = 1.1
    delay_median_s: float = 3_600.0
    delay_sigma: float = 1.8
    delay_cap_s: float = 10 * DAY_S
    communities: int = 1
    homophily: float = 0.85
    rhythm: float = 1.0
    zones: tuple[float, ...] = (-8.0, -5.0, 0.0, 1.0, 3.0, 5.5, 8.0)
    pace_sigma: float = 0.4
    speed_sigma: float = 0.5
    hashtag_share: float = 0.25
    reply_share: float = 0.15
    mention_share: float = 0.1
    phrase_share: float = 0.05
    scripts: tuple[tuple[Script, float], ...] = (("latin", 1.0),)
    repeats: bool = False
    camouflage_reposts: bool = False
    sessions: Sessions | None = None
    fans: tuple[Fans, ...] = ()
    newsrooms: tuple[Newsroom, ...] = ()
    protests: tuple[Protest, ...] = ()
    mirrors: Mirrors | None = None
    patriots: tuple[Patriots, ...] = ()
    rallies: tuple[Rally, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    volunteers: tuple[Volunteers, ...] = ()
    teams: tuple[Team, ...] = ()
    population: Population | None = None
    withheld: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(
            min(self.accounts, self.posts, self.urls, self.hashtags) >= 1, "a world has one of each thing at least"
        )
        _require(
            1 <= self.communities <= min(self.accounts, self.posts, self.urls), "too many communities for the world"
        )
        _require(0 <= self.repost_share + self.url_share <= 1, "repost_share and url_share are shares of one whole")
        _require(0 <= self.homophily <= 1, f"homophily lies in [0, 1], not {self.homophily}")
        _require(self.start.tzinfo is not None, "a world's start needs a time zone")
        _require(
            self.days > 0 and self.pareto > 0, "a world lasts more than 0 days, and its Pareto exponent is above 0"
        )
        for protest in self.protests:
            _require(protest.size <= self.accounts, "a protest cannot be larger than the world")
        looks = [group.look for group in (*self.crowds, *self.teams)]
        _require(
            self.population is not None or not any(look.marks for look in looks),
            "a group bears marks only among a population that has looks too: give the world a population",
        )
        for name in self.withheld:
            _require(_can_be_withheld(name), f"'{name}' cannot be withheld: name a table, a column or all profile data")

    @property
    def crowds(
        self,
    ) -> tuple[Fans | Newsroom | Protest | Patriots | Rally | Campaign | Volunteers, ...]:
        """The groups that bear looks and are no operation."""
        groups = (self.fans, self.newsrooms, self.protests, self.patriots, self.rallies, self.campaigns)
        return tuple(group for kind in (*groups, self.volunteers) for group in kind)


def _can_be_withheld(name: str) -> bool:
    table, _, column = name.partition(".")
    if not column:
        return name == ALL_PROFILE_DATA or name in _WITHHOLDABLE
    schema = schema_of(table) if table in ("assets", "posts") else None
    return schema is not None and column in schema.names and schema.field(column).nullable
