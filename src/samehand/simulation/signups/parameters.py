"""What a world of sign-ups is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from samehand.errors import UsageError
from samehand.records import schema_of

__all__ = ["DAY_S", "HARD", "HOUR_S", "LEVELS", "MISSING", "Evasion", "Regime", "SignupParameters"]

HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0
Evasion: TypeAlias = Literal["E0", "E1", "E2", "E3", "E4"]
Regime: TypeAlias = Literal["fresh", "stock", "both"]
LEVELS: Final[tuple[Evasion, ...]] = ("E0", "E1", "E2", "E3", "E4")
HARD: Final = tuple(f"H{number}" for number in range(1, 15))
MISSING: Final[tuple[tuple[str, float], ...]] = (
    ("ip", 0.01),
    ("asn", 0.02),
    ("country", 0.01),
    ("net_type", 0.05),
    ("user_agent", 0.01),
    ("os_version", 0.04),
    ("app_version", 0.03),
    ("device_id", 0.08),
    ("display_name", 0.03),
    ("locale", 0.02),
    ("timezone", 0.06),
    ("referrer", 0.25),
    ("flow_ms", 0.04),
)
"""Fields that get lost, and how often; a world draws .5 to 1.5 times each rate. It is the same for everybody."""


@dataclass(frozen=True, kw_only=True)
class SignupParameters:
    """The sign-ups of one platform over some days.

    Attributes:
        name: of the scenario. start: when the world begins.
        genuine: people who sign up, those of the hard negatives included (each group has two or more, whatever is asked).
        days: length of the world. baseline_days: first days in which no fresh operation signs up (aged stock does).
        prevalence: the operation's share of all sign-ups of the whole world, spam included.
        evasion: the operation's level, or several for waves of different levels.
        regime: `fresh` in bursts, `stock` slowly over all days, or `both`, drawn for each wave.
        waves: how many waves an operation has, drawn between two bounds.
        hard: names of the hard negatives in the world; `("all",)` is all of them. hard_scale: factor on their sizes.
        rings: commercial spam rings. ring_scale: factor on their sizes.
        surges: marketing bursts. surge: bounds of the factor on the daily rate of a surge of the whole platform, or None.
        withheld: columns that the platform does not hand over, null for everybody.
        missing: fields that get lost and the rate of each.
        known_bad: accounts of the same operator that were taken down before; 0 for an operator nobody knows.
        kept: bounds of the share of its things that a known operator goes on using.
        logins, labels: whether the platform hands over logins, and what its reviewers say of accounts.
        platform: its name.

    """

    name: str = "signups"
    start: datetime = datetime(2019, 6, 3, tzinfo=UTC)
    platform: str = "sim"
    genuine: int = 40_000
    days: float = 45.0
    baseline_days: float = 22.0
    prevalence: float = 0.01
    evasion: Evasion | tuple[Evasion, ...] = "E1"
    regime: Regime = "both"
    waves: tuple[int, int] = (1, 4)
    hard: tuple[str, ...] = ("all",)
    hard_scale: float = 1.0
    rings: int = 4
    ring_scale: float = 1.0
    surges: int = 3
    surge: tuple[float, float] | None = None
    withheld: tuple[str, ...] = ()
    missing: tuple[tuple[str, float], ...] = field(default=MISSING)
    known_bad: int = 0
    kept: tuple[float, float] = (0.3, 0.8)
    logins: bool = False
    labels: bool = False

    def __post_init__(self) -> None:
        """Refuse what no world can have.

        Raises:
            UsageError: a share outside [0, 1), a baseline longer than the world, or a name that is none.

        """
        if not 0 <= self.prevalence < 1:
            raise UsageError(f"prevalence is a share from 0 to below 1, not {self.prevalence}")
        if self.genuine < 1 or not 1 <= self.baseline_days < self.days:
            raise UsageError("a world has at least one person, and a baseline of a day or more shorter than its days")
        columns = {item.name for item in schema_of("signups") if item.nullable}
        wrong = [name for name in self.withheld if name not in columns]
        wrong += [name for name, _ in self.missing if name not in columns]
        wrong += [name for name in self.hard if name not in {*HARD, "all"}]
        wrong += [level for level in self.levels if level not in LEVELS]
        if wrong:
            raise UsageError(f"no column, scenario or level bears the name {', '.join(map(repr, wrong))}")

    @property
    def levels(self) -> tuple[Evasion, ...]:
        """The levels of the operation's waves."""
        return (self.evasion,) if isinstance(self.evasion, str) else self.evasion

    @property
    def groups(self) -> tuple[str, ...]:
        """The hard negatives in the world, by name."""
        return HARD if "all" in self.hard else tuple(name for name in HARD if name in self.hard)
