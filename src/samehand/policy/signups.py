"""The ladder for sign-ups: allow, observe, challenge, limit, review, suspend, and what each rung requires."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar

from samehand.errors import FormatError, NotFoundError

__all__ = [
    "DECISIONS",
    "RUNGS",
    "Caps",
    "KnownBadRules",
    "LearningRules",
    "LoginRules",
    "Rung",
    "SignupPolicy",
    "TimeRules",
    "Vouching",
    "WaveRules",
    "read_signup_policy",
]

DECISIONS: Final = ("allow", "observe", "challenge", "limit", "review", "suspend")
"""From the mildest on; an account climbs, and comes down only by a person, a voucher or a passed challenge."""
RUNGS: Final = DECISIONS[1:]
SHIPPED: Final = "packs/signups.toml"
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class TimeRules:
    """Minutes between looks, days of the window and of the baseline, and of baseline without which nobody is limited."""

    epoch_minutes: int
    window_days: float
    baseline_days: float
    least_baseline_days: float


@dataclass(frozen=True, kw_only=True)
class WaveRules:
    """When there is a wave, and when it counts against its members.

    Attributes:
        false_discovery_rate: of the waves that one look shows.
        least_members: of a wave.
        strong_nats: a family holds a wave together when its members fit by this much on average.
        least_families: families of makers, those that a venue explains left out, that a wave which counts is held by.
        least_lift: how many times as common as usual its strongest pair of facts is.
        least_owned: of those who have the rarer of the two facts, the share that are members.
        whole_members, whole_odds: instead of these two, so many members who fit one another by these log odds, the median.

    """

    false_discovery_rate: float
    least_members: int
    strong_nats: float
    least_families: int
    least_lift: float
    least_owned: float
    whole_members: int
    whole_odds: float


@dataclass(frozen=True, kw_only=True)
class Rung:
    """What it takes to be put on a rung.

    Attributes:
        log_odds: least log odds that the account belongs to a wave, or is a known one's.
        families: least number of independent families of evidence that say so.
        members: least size of the wave, where it is not a tie to known accounts that says so.
        venue: whether evidence counts that one place explains (an office, a school, one invitation).
        known_bad: whether a tie to accounts already taken down is needed.
        automatic: whether the machine may do it at all.

    """

    log_odds: float
    families: int
    members: int
    venue: bool
    known_bad: bool = False
    automatic: bool = True


@dataclass(frozen=True, kw_only=True)
class Caps:
    """How many accounts a day the machine may put on a rung by itself."""

    challenge: int
    limit: int
    review: int
    suspend: int


@dataclass(frozen=True, kw_only=True)
class KnownBadRules:
    """How long, how far and how readily accounts are held against those already taken down."""

    expires_days: int
    hops: int
    prior_odds: float


@dataclass(frozen=True, kw_only=True)
class LearningRules:
    """When labels teach, and when the model that they make may speak.

    Attributes:
        every_days: a model is trained so often.
        least_labels: of operations' accounts, and as many of genuine ones, without which there is no model.
        prior: share of accounts made by a hand among sign-ups, at which its probabilities hold; the share of the window's
            sign-ups that stand at limit or above, where that is larger.
        wrong: share of the accounts made by a hand that reviewers label genuine; at the least.
        abstain_below, abstain_above: between them the model abstains.

    """

    every_days: int
    least_labels: int
    prior: float
    wrong: float
    abstain_below: float
    abstain_above: float


@dataclass(frozen=True, kw_only=True)
class LoginRules:
    """When newcomers who log in on one device are too many.

    Attributes:
        least_accounts: newcomers on one device within the window.
        times: as many times as the device had in the busiest window of the baseline.
        least_share: of all who log in there within the window, newcomers are so many.
        usual: share of devices' windows before, each by itself, in which there were as many newcomers: at most.

    """

    least_accounts: int
    times: float
    least_share: float
    usual: float


@dataclass(frozen=True, kw_only=True)
class Vouching:
    """How many established accounts lift a newcomer, how old they must be, and for how many one may vouch in a month."""

    vouchers: int
    standing_days: int
    a_month: int


@dataclass(frozen=True, kw_only=True)
class SignupPolicy:
    """A version of the policy. `ladder` has a rung for each of `RUNGS`."""

    version: str
    time: TimeRules
    waves: WaveRules
    ladder: Mapping[str, Rung]
    caps: Caps
    known_bad: KnownBadRules
    learning: LearningRules
    logins: LoginRules
    vouching: Vouching


def _number(value: Any, kind: str, where: str) -> Any:
    """A value checked against the type that its field declares."""
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "int" and isinstance(value, int) and not isinstance(value, bool):
        good = value >= 0
    elif kind == "float" and isinstance(value, (int, float)) and not isinstance(value, bool):
        good = math.isfinite(value)
    else:
        good = False
    if not good:
        wanted = {"bool": "true or false", "int": "a whole number from 0 on", "float": "a number"}[kind]
        raise FormatError(f"{where} = {value!r}: write {wanted}")
    return float(value) if kind == "float" else value


def _part(kind: type[Made], table: Any, where: str, defaults: frozenset[str] = frozenset()) -> Made:
    if not isinstance(table, dict):
        raise FormatError(f"{where}: there is no such table; copy it from the policy that is shipped")
    known = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(table) - set(known)):
        raise FormatError(f"{where}: {unknown[0]!r} means nothing here; there are {', '.join(known)}")
    if missing := sorted(set(known) - set(table) - defaults):
        raise FormatError(f"{where}: {missing[0]} is missing; copy it from the policy that is shipped")
    return kind(**{name: _number(table[name], known[name], f"{where}.{name}") for name in known if name in table})


_OPTIONAL = frozenset({"known_bad", "automatic"})


def _ladder(table: Any, file: str) -> dict[str, Rung]:
    if not isinstance(table, dict) or (unknown := sorted(set(table) - set(RUNGS))):
        named = f"{unknown[0]!r} is no rung" if isinstance(table, dict) else "there is no such table"
        raise FormatError(f"{file}, ladder: {named}; the rungs are {', '.join(RUNGS)}")
    rungs = {name: _part(Rung, table.get(name), f"{file}, ladder.{name}", _OPTIONAL) for name in RUNGS}
    for lower, higher in itertools.pairwise(RUNGS):
        for name in ("log_odds", "families", "members"):
            if getattr(rungs[higher], name) < getattr(rungs[lower], name):
                raise FormatError(
                    f"{file}, ladder.{higher}.{name}: asks for less than ladder.{lower}; a rung may not be easier to reach"
                )
    if rungs["suspend"].families < 2:
        raise FormatError(f"{file}, ladder.suspend.families: a suspension takes two independent families at least")
    if not rungs["suspend"].known_bad:
        raise FormatError(
            f"{file}, ladder.suspend.known_bad: a suspension takes a tie to accounts already taken down; write true"
        )
    for name in ("limit", "review", "suspend"):
        if rungs[name].venue:
            raise FormatError(
                f"{file}, ladder.{name}.venue: what one place explains can challenge at most; write false from limit on"
            )
    return rungs


def read_signup_policy(path: str | Path | None = None) -> SignupPolicy:
    """Read a policy file; the one that is shipped when None.

    Raises:
        NotFoundError: no such file.
        FormatError: it is no TOML, or a table or number of it is missing, unknown or out of range.

    """
    file = str(path) if path else "the shipped policy"
    try:
        if path:
            text = Path(path).read_text(encoding="utf-8")
        else:
            text = files("samehand.policy").joinpath(SHIPPED).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"{file}: there is no such policy file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{file}: cannot be read as a policy: {error}") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"{file}: is no TOML: {error}") from error
    known = ("version", "time", "waves", "ladder", "caps", "known_bad", "learning", "logins", "vouching")
    if unknown := sorted(set(tables) - set(known)):
        raise FormatError(f"{file}: {unknown[0]!r} means nothing here; there are {', '.join(known)}")
    version = tables.get("version")
    if not isinstance(version, str) or not version:
        raise FormatError(f"{file}: version is missing; decisions cite it, so give every change of the file a new one")
    policy = SignupPolicy(
        version=version,
        time=_part(TimeRules, tables.get("time"), f"{file}, time"),
        waves=_part(WaveRules, tables.get("waves"), f"{file}, waves"),
        ladder=_ladder(tables.get("ladder"), file),
        caps=_part(Caps, tables.get("caps"), f"{file}, caps"),
        known_bad=_part(KnownBadRules, tables.get("known_bad"), f"{file}, known_bad"),
        learning=_part(LearningRules, tables.get("learning"), f"{file}, learning"),
        logins=_part(LoginRules, tables.get("logins"), f"{file}, logins"),
        vouching=_part(Vouching, tables.get("vouching"), f"{file}, vouching"),
    )
    return _in_range(policy, file)


def _in_range(policy: SignupPolicy, file: str) -> SignupPolicy:
    checks = (
        (policy.time.epoch_minutes >= 1, "time.epoch_minutes", "at least 1"),
        (policy.time.window_days > 0, "time.window_days", "more than 0"),
        (policy.time.baseline_days > 0, "time.baseline_days", "more than 0"),
        (policy.time.least_baseline_days >= 0, "time.least_baseline_days", "0 or more"),
        (0 < policy.waves.false_discovery_rate < 1, "waves.false_discovery_rate", "between 0 and 1"),
        (policy.waves.least_members >= 2, "waves.least_members", "at least 2"),
        (policy.waves.least_families >= 2, "waves.least_families", "at least 2: one family is never enough"),
        (policy.waves.least_lift >= 1, "waves.least_lift", "at least 1"),
        (0 <= policy.waves.least_owned <= 1, "waves.least_owned", "from 0 to 1"),
        (
            policy.waves.whole_members >= policy.waves.least_members,
            "waves.whole_members",
            "waves.least_members or more",
        ),
        (policy.waves.whole_odds >= 0, "waves.whole_odds", "0 or more"),
        (policy.known_bad.hops <= 2, "known_bad.hops", "0, 1 or 2: further out a tie says nothing"),
        (policy.learning.every_days >= 1, "learning.every_days", "at least 1"),
        (policy.learning.least_labels >= 20, "learning.least_labels", "at least 20"),
        (0 < policy.learning.prior < 1, "learning.prior", "between 0 and 1"),
        (0 <= policy.learning.wrong <= 0.5, "learning.wrong", "from 0 to 0.5"),
        (
            0 <= policy.learning.abstain_below < policy.learning.abstain_above <= 1,
            "learning.abstain_below",
            "0 or more and less than learning.abstain_above, which is 1 at most",
        ),
        (policy.logins.least_accounts >= 2, "logins.least_accounts", "at least 2"),
        (policy.logins.times >= 1, "logins.times", "at least 1"),
        (0 <= policy.logins.least_share <= 1, "logins.least_share", "from 0 to 1"),
        (0 <= policy.logins.usual < 1, "logins.usual", "from 0 to less than 1"),
        (policy.vouching.vouchers >= 1, "vouching.vouchers", "at least 1"),
    )
    for good, name, wanted in checks:
        if not good:
            raise FormatError(f"{file}, {name}: has to be {wanted}")
    return policy
