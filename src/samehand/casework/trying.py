"""A policy tried on past cases: what would have been decided otherwise under it. Nothing is kept of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

from samehand.casework.cases import Casework
from samehand.casework.policies import LADDER, in_force
from samehand.casework.scrutiny import REVERSE, Scrutiny
from samehand.casework.tables import CaseRow, DecisionRow
from samehand.errors import NotFoundError
from samehand.policy import ACTIONS, Action, Pack, unmet

__all__ = ["Trial", "TriedCase", "TriedDecision", "try_pack"]


@dataclass(frozen=True)
class TriedDecision:
    """A decision that was taken, under another policy.

    Attributes:
        decision_id, case_id, action, grounds, policy: as it was taken.
        accounts: it was about. still: of these, accounts that it could be about. why: what the others' networks lack.

    """

    decision_id: int
    case_id: int
    action: str
    grounds: tuple[str, ...]
    policy: str
    accounts: int
    still: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class TriedCase:
    """What the findings of a case bear at most, ground by ground: under the policy in force, and under the other."""

    case_id: int
    now: dict[str, Action]
    then: dict[str, Action]


@dataclass(frozen=True)
class Trial:
    """What a policy would change: decisions that were gone over, those that would differ, and cases that would."""

    tried: int
    decisions: tuple[TriedDecision, ...]
    cases: tuple[TriedCase, ...]


def try_pack(casework: Casework, pack: Pack) -> Trial:
    """Try a policy on all decisions and cases of a store; the ladder's own are left out, which no ground bears.

    Args:
        casework: of the store.
        pack: the policy; a draft, too.

    Raises:
        InputError: a finding or a verdict was changed after it came in.

    """
    with casework.store.reading() as session:
        look = Scrutiny(casework, session)
        try:
            held: Pack | None = in_force(session, look.roster, pack.pack, casework.now().date())
        except NotFoundError:
            held = None
        rows = session.scalars(
            select(DecisionRow).where(DecisionRow.action != REVERSE, DecisionRow.state.in_(("approved", "done", "reversed")))
            .order_by(DecisionRow.decision_id)
        ).all()  # fmt: skip
        tried = [_tried(look, row, pack) for row in rows if json.loads(row.body)["pack"] != LADDER]
        cases = session.scalars(select(CaseRow.case_id).where(CaseRow.origin != LADDER).order_by(CaseRow.case_id)).all()
        borne = [TriedCase(one, _bears(look, one, held), _bears(look, one, pack)) for one in cases]
        return Trial(
            len(tried), tuple(one for one in tried if one.still < one.accounts),
            tuple(one for one in borne if one.now != one.then),
        )  # fmt: skip


def _tried(look: Scrutiny, row: DecisionRow, pack: Pack) -> TriedDecision:
    body = json.loads(row.body)
    action, grounds = cast(Action, row.action), tuple(body["grounds"])
    gone = [name for name in grounds if name not in pack.grounds]
    bearing, lacking = ([], dict.fromkeys(gone, ("the policy has no such ground",))) if gone else look.bearing(
        row.case_id, action, grounds, pack
    )  # fmt: skip
    before = look.about(row.case_id, body["networks"], body["roles"])
    after = look.about(row.case_id, [one for one in bearing if one in body["networks"]], body["roles"])
    why = [f"{name}: {word}" for name, words in lacking.items() for word in words]
    return TriedDecision(
        row.decision_id, row.case_id, action, grounds, body["policy"], len(before), len(after),
        tuple(why) if len(after) < len(before) else (),
    )  # fmt: skip


def _bears(look: Scrutiny, case_id: int, pack: Pack | None) -> dict[str, Action]:
    """The strongest action that each ground bears in a case; grounds that bear none are left out."""
    found: dict[str, Action] = {}
    for shown in look.evidence(case_id).values() if pack else ():
        for name in pack.grounds if pack else ():
            able = [one for one in ACTIONS if not unmet(cast(Pack, pack), name, one, shown)]
            if able and ACTIONS.index(able[-1]) >= ACTIONS.index(found.get(name, "observe")):
                found[name] = able[-1]
    return found
