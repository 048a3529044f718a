"""What a decision is, what it would be, and how far it reaches: plain data, for those who decide and those who act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from samehand.casework.cases import Member, Role
from samehand.policy import Action

__all__ = ["Authorised", "BlastRadius", "CaseEvidence", "Decision", "DryRun"]


@dataclass(frozen=True)
class CaseEvidence:
    """What a case has to show, as grounds ask for it (`samehand.policy.Evidence`)."""

    verdicts: Mapping[str, str]
    groups: Mapping[str, int]
    flagged: bool
    known_bad: bool
    attribution: str = "L0"


@dataclass(frozen=True)
class BlastRadius:
    """How far a decision reaches.

    Attributes:
        accounts: it is about. followers, posts: of those of whom it is known; None where it is known of nobody.
        unknown: accounts of which neither is known. protected: accounts on the list of protected ones.
        networks: that it cuts: of which it takes a member.

    """

    accounts: int
    followers: int | None
    posts: int | None
    unknown: int
    protected: int
    networks: int


@dataclass(frozen=True)
class DryRun:
    """What a decision would be: nothing is kept of it.

    Attributes:
        radius: how far it reaches. unmet: for each ground why it does not bear the action; empty where it does.
        policy: the version in force. two: whether it takes two persons. escalated: whether one of them has to be a lead.

    """

    radius: BlastRadius
    unmet: Mapping[str, tuple[str, ...]]
    policy: str
    two: bool
    escalated: bool

    @property
    def possible(self) -> bool:
        """Whether every ground bears it, and it reaches somebody."""
        return self.radius.accounts > 0 and not any(self.unmet.values())


@dataclass(frozen=True)
class Decision:
    """A decision as it stands.

    Attributes:
        decision_id, case_id: its number, and its case's. state: proposed, approved, refused, withdrawn, done or reversed.
        action, grounds, policy: what is done, why, under which version. roles: of the accounts that it is about.
        reverses: the decision that it takes back, if it takes one back (its action is `reverse`).
        proposer, approver: who signed. radius: how far it reaches. confirmation: what whoever approves types.
        two, escalated: as in DryRun. digest: of what the proposer signed.
        only: of a reversal for an appeal, the commitment of the one account that it is about; empty for all others.

    """

    decision_id: int
    case_id: int
    state: str
    action: Action | Literal["reverse"]
    grounds: tuple[str, ...]
    policy: str
    roles: tuple[Role, ...]
    reverses: int | None
    proposer: str
    proposed_at: datetime
    approver: str | None
    radius: BlastRadius
    two: bool
    escalated: bool
    digest: str
    only: tuple[str, ...] = ()

    @property
    def confirmation(self) -> str:
        """What has to be typed to approve it."""
        return f"{self.action} {self.radius.accounts}"


@dataclass(frozen=True)
class Authorised:
    """A decision whose signatures were all gone over, with the accounts that it is about."""

    decision: Decision
    members: tuple[Member, ...]
