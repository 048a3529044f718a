"""How accounts look: what marks a group bears, and what ordinary accounts of a world bear of the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from samehand.errors import UsageError

__all__ = ["DAY_S", "HOUR_S", "LOOKS_ONLY", "MARKS", "PLAIN", "Disguise", "Population", "require"]

HOUR_S = 3600.0
DAY_S = 86_400.0

MARKS: Final = (
    "burst",
    "default_handles",
    "name_template",
    "bio_template",
    "avatar_reuse",
    "one_client",
    "shared_infrastructure",
    "repurposed",
    "follower_asymmetry",
    "deletion",
    "automation",
    "aloof",
    "badge",
    "site",
    "followership",
)
"""The marks of a Disguise: each is a share of the group's accounts that bear it."""


def require(holds: bool, message: str) -> None:
    """Refuse parameters that make no sense.

    Raises:
        UsageError: it does not hold.

    """
    if not holds:
        raise UsageError(message)


@dataclass(frozen=True, kw_only=True)
class Disguise:
    """How the accounts of a group look; a mark of 0 leaves them as all others are.

    Genuine groups bear marks too: a newsroom's accounts are made by one department in one week.

    Attributes:
        burst: share made within `burst_days` days, the last of them `burst_age_days` before the world's start (below
            0: after it). age_factor: on the age of all others.
        default_handles: share named by the platform: a name and 8 digits.
        name_template: share whose handle and display name follow one pattern.
        bio_template: share with one bio, a word or two changed.
        avatar_reuse: share that wear one of `avatars` pictures, a few bits of the hash apart.
        one_client: share that post through one client that few others use.
        shared_infrastructure: share that log in from `addresses` addresses on `devices` devices.
        repurposed: share with an earlier era of posts in another script through another client, `gap_days` before.
        follower_asymmetry: share with few followers that follow many.
        deletion: share that later delete most of what they posted.
        automation: share that post words of their own every `period_s` seconds, give or take `jitter_s`, round the
            clock for `automation_days` days.
        aloof: share that take part in no conversation: nobody answers them.
        badge: share with one word in the display name or the bio.
        site: share whose profile links to one site, which is also that of a newsroom's stories.
        followership: share that follow the account that the group is about.

    """

    burst: float = 0.0
    burst_days: float = 7.0
    burst_age_days: float = 60.0
    age_factor: float = 1.0
    default_handles: float = 0.0
    name_template: float = 0.0
    bio_template: float = 0.0
    avatar_reuse: float = 0.0
    avatars: int = 1
    one_client: float = 0.0
    shared_infrastructure: float = 0.0
    addresses: int = 2
    devices: int = 3
    repurposed: float = 0.0
    gap_days: float = 120.0
    follower_asymmetry: float = 0.0
    deletion: float = 0.0
    automation: float = 0.0
    period_s: float = 3_180.0
    jitter_s: float = 20.0
    automation_days: float = 5.0
    aloof: float = 0.0
    badge: float = 0.0
    site: float = 0.0
    followership: float = 0.0

    def __post_init__(self) -> None:
        for mark in MARKS:
            share = getattr(self, mark)
            require(0 <= share <= 1, f"a disguise's {mark} is a share in [0, 1], not {share}")
        require(min(self.avatars, self.addresses, self.devices) >= 1, "a disguise reuses one thing of a kind at least")
        require(self.burst_days > 0 and self.gap_days > 0, "a disguise's burst and gap last more than 0 days")
        require(self.period_s > 0 and self.jitter_s >= 0, "a disguise's period is above 0 s, its jitter not below 0")

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks that some of the accounts bear."""
        return tuple(mark for mark in MARKS if getattr(self, mark) > 0)


PLAIN: Final = Disguise()
"""No mark at all."""


@dataclass(frozen=True, kw_only=True)
class Population:
    """What ordinary accounts bear of the same marks; without one a world has the plain profiles of its archive.

    Attributes:
        default_handles: share named by the platform; three times as high among accounts younger than 90 days.
        null_bios, default_avatars: shares without a bio, with the platform's own picture (more among the young).
        popular_avatars: share that wear one of some 40 pictures that many like.
        newcomers: share made while the world runs; what they would have done before is left out.
        surges: days of the past on which 1 to 3 % of all accounts were made, as something happened.
        odd_clients: share that post through one of 200 clients of the long tail.
        conversations: of friends who answer each other, for each account.
        deleted: share of posts that are deleted later.
        past: share with posts of up to `past_days` days before the world; of these a tenth then fell silent for
            months, and some write in another script since.
        renamed: share that once changed what they are called.
        bots: share that post on a period of their own: weather, quotations, time.
        shared_devices: share that log in from a device that another one uses too.
        networks: share that also log in from one of a few dozen addresses of universities, offices and VPNs.
        named: whether accounts are named anew; if not, they keep the plain handles that the posts of older worlds name.

    """

    default_handles: float = 0.12
    null_bios: float = 0.4
    default_avatars: float = 0.1
    popular_avatars: float = 0.05
    newcomers: float = 0.05
    surges: int = 2
    odd_clients: float = 0.06
    conversations: float = 1.0
    deleted: float = 0.02
    past: float = 0.2
    past_days: float = 300.0
    renamed: float = 0.08
    bots: float = 0.004
    shared_devices: float = 0.03
    networks: float = 0.15
    named: bool = True

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name not in ("surges", "conversations", "past_days"):
                require(0 <= value <= 1, f"a population's {name} is a share in [0, 1], not {value}")
        require(min(self.surges, self.conversations) >= 0, "a population's surges and conversations are not below 0")
        require(self.past_days > 0, "a population's past lasts more than 0 days")


LOOKS_ONLY: Final = Population(conversations=0.0, past=0.0, bots=0.0, newcomers=0.0, named=False)
"""A population that adds no post and takes none away: a world's posts stay the same to the letter."""
