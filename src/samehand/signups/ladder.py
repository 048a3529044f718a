"""The ladder: what the evidence about a sign-up asks for, and what the policy and the day's caps allow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from samehand.errors import UsageError
from samehand.policy import DECISIONS, RUNGS, SignupPolicy, Vouching
from samehand.signups.coding import DAY_US

__all__ = ["Caps", "Evidence", "Vouches", "wanted_rungs"]

I8 = npt.NDArray[np.int8]
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

ALLOW, OBSERVE, CHALLENGE, LIMIT, REVIEW, SUSPEND = range(len(DECISIONS))


@dataclass(frozen=True)
class Evidence:
    """What speaks against some sign-ups, one entry each.

    Attributes:
        odds: float64, log odds of belonging to a wave or to a known hand, whichever is larger.
        families: int8, independent families that say so, those that a venue explains left out.
        all_families: int8, with those.
        known_families: int8, families that tie it to accounts already taken down.
        known_odds: float64, log odds of that tie.
        members: int32, of the wave; 0 for none.
        learned: float64, how likely a model finds it made by a hand; NaN where none speaks.
        device: int32, newcomers on the device on which it logs in, where they are too many; 0 else.
        by_device: bool, whether the wave's families that it fits have the device among them already.

    """

    odds: F64
    families: I8
    all_families: I8
    known_families: I8
    known_odds: F64
    members: I32
    learned: F64
    device: I32
    by_device: Flags


def wanted_rungs(policy: SignupPolicy, evidence: Evidence, *, seasoned: Flags, suspends: bool) -> I8:
    """int8[n]: the highest rung whose requirements are met, as a place in DECISIONS.

    Args:
        policy: what each rung requires.
        evidence: about the sign-ups.
        seasoned: bool[n], whether there is baseline enough at the moment of each; without, nobody is limited without a tie
            to accounts taken down.
        suspends: whether the machine may suspend at all; it never does without a tie to accounts taken down.

    """
    wanted = np.zeros(len(evidence.odds), np.int8)
    tied = (evidence.known_odds > 0) & (evidence.known_families > 0)
    for place, name in enumerate(RUNGS, start=1):
        rung = policy.ladder[name]
        if not (suspends if name == "suspend" else rung.automatic):
            continue
        families = evidence.all_families if rung.venue else evidence.families
        by_tie = (evidence.known_odds >= rung.log_odds) & (evidence.known_families >= rung.families)
        met = (evidence.odds >= rung.log_odds) & (families >= rung.families)
        met &= (evidence.members >= rung.members) | by_tie
        if rung.known_bad or place == SUSPEND:
            met &= tied
        if place >= LIMIT:
            met &= seasoned | (tied & (evidence.known_odds >= rung.log_odds))
        wanted[met] = place
    if not evidence.device.any() and np.isnan(evidence.learned).all():
        return wanted
    may_limit = seasoned | (tied & (evidence.known_odds >= policy.ladder["limit"].log_odds))
    return _besides(policy, evidence, wanted, may_limit=may_limit, tied=tied)


def _besides(policy: SignupPolicy, evidence: Evidence, wanted: I8, *, may_limit: Flags, tied: Flags) -> I8:
    """What a device at login and a model add: a rung, to `limit` at most; by itself the one challenges, the other observes."""
    rules, spoken = policy.learning, evidence.families > 0
    crowd, sure = evidence.device > 0, evidence.learned >= rules.abstain_above
    may_limit = may_limit & spoken & _allows(policy, "limit", tied)
    may_challenge = _allows(policy, "challenge", tied)
    found = wanted.copy()
    found[(wanted == CHALLENGE) & may_limit & ((crowd & ~evidence.by_device) | sure)] = LIMIT
    found[(wanted < CHALLENGE) & may_challenge & (crowd | (sure & spoken & (wanted == OBSERVE)))] = CHALLENGE
    found[(found == ALLOW) & sure & _allows(policy, "observe", tied)] = OBSERVE
    found[(evidence.learned < rules.abstain_below) & (wanted > CHALLENGE) & ~tied] -= 1
    return found


def _allows(policy: SignupPolicy, name: str, tied: Flags) -> Flags:
    """Whether the machine may put accounts on a rung by itself, and what it asks for besides evidence is there."""
    rung = policy.ladder[name]
    return (tied | (not rung.known_bad)) & rung.automatic


@dataclass
class Caps:
    """How many accounts were put on each rung on the day at hand."""

    day: int = -1
    used: Counter[int] = field(default_factory=Counter)

    def allowed(self, policy: SignupPolicy, rung: int, day: int, held: int = 0) -> int:
        """The rung that may be taken today: one lower for each that is full. Counts it, if it is above the one held."""
        if day != self.day:
            self.day, self.used = day, Counter()
        while rung > held and rung >= CHALLENGE and self.used[rung] >= getattr(policy.caps, DECISIONS[rung]):
            rung -= 1
        if rung > held:
            self.used[rung] += 1
        return rung


Account = tuple[str, str]


@dataclass
class Vouches:
    """Who spoke for whom, and when: (newcomer, voucher, microseconds since 1970)."""

    spoken: list[tuple[Account, Account, int]] = field(default_factory=list)

    def enough(self, rules: Vouching, newcomer: Account, voucher: Account, since_us: int, at_us: int) -> bool:
        """Take down that an account vouches for a newcomer; whether enough different ones have.

        Raises:
            UsageError: it may not vouch; the message says why.

        """
        name = ":".join(voucher)
        if newcomer == voucher:
            raise UsageError(f"{name} cannot vouch for itself")
        if at_us - since_us < rules.standing_days * DAY_US:
            raise UsageError(f"{name} has been here for less than {rules.standing_days} days, and cannot vouch yet")
        recent = [one for one in self.spoken if one[1] == voucher and at_us - one[2] < 30 * DAY_US]
        if len(recent) >= rules.a_month and all(one[0] != newcomer for one in recent):
            raise UsageError(
                f"{name} has vouched for {len(recent)} newcomers in thirty days; {rules.a_month} are allowed"
            )
        if all(one[:2] != (newcomer, voucher) for one in self.spoken):
            self.spoken.append((newcomer, voucher, at_us))
        return len({one[1] for one in self.spoken if one[0] == newcomer}) >= rules.vouchers
