"""What a world of pages, groups and accounts is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from samehand.errors import UsageError

__all__ = ["DAY_S", "HOUR_S", "AssetParameters", "Mistakes"]

HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """How often an operation is careless; each a share.

    Attributes:
        device: accounts that log in on their operator's device, not only on one of their own.
        address: accounts that log in from an address which the operation rents.
        home: operators who once log in from home, where others live.
        media: posts with an image of the operation's own making, uploaded again.
        domain: posts with a link to a site of the operation's own.
        copying: posts that repeat a text of the operation's.
        cross_admin: pages and groups run by more than one of its accounts.
        together: posts made within seconds of one another.

    """

    device: float = 0.6
    address: float = 0.7
    home: float = 0.2
    media: float = 0.3
    domain: float = 0.2
    copying: float = 0.2
    cross_admin: float = 0.6
    together: float = 0.2


@dataclass(frozen=True, kw_only=True)
class AssetParameters:
    """A platform of accounts, pages and groups over some days.

    Attributes:
        name: of the scenario. start, days: when, and how long.
        accounts, pages, groups: genuine ones; those of agencies, activists, newsrooms and public pages come on top.
        communities: of interest; people follow, join, run and talk mostly within their own.
        agencies: each an office that runs many unrelated genuine pages.
        activists: movements, each with a group, pages, an office, and much in common with the operation.
        newsrooms, venues, publics: outlets; places with one address; big pages with many who run them.
        size: assets of the operation; 0 for none. page_share, group_share: of them, pages and groups.
        operators: accounts that one person of the operation moves.
        mistakes: what the operation is careless about.
        infiltrates: whether an account of the operation helps to run an activist group and a big public page.
        contracts: whether an agency's employee helps to run a page of the operation.
        audience: accounts that do nothing but follow one or more of the operation's pages, and join one or more of its groups;
            with them nobody else but the operation follows or joins these. None for an audience like everybody's.
        looks: whether there are profiles, and apps behind posts.
        logins: whether the platform hands over logins.
        platform: its name.

    """

    name: str = "assets"
    start: datetime = field(default=datetime(2019, 6, 3, tzinfo=UTC))
    days: float = 60.0
    accounts: int = 3_000
    pages: int = 220
    groups: int = 120
    communities: int = 12
    agencies: int = 4
    activists: int = 4
    newsrooms: int = 2
    venues: int = 40
    publics: int = 6
    size: int = 60
    page_share: float = 0.3
    group_share: float = 0.1
    operators: int = 8
    mistakes: Mistakes = field(default_factory=Mistakes)
    infiltrates: bool = False
    contracts: bool = False
    audience: tuple[int, int] | None = None
    looks: bool = False
    logins: bool = True
    platform: str = "metabook"

    def __post_init__(self) -> None:
        if self.accounts < 100 or self.communities < 1:
            raise UsageError("a world of assets needs 100 accounts or more, and a community")
        if self.size and self.size < 5:
            raise UsageError(f"an operation has 5 assets or more, not {self.size}")
