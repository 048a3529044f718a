"""Goes over a decision: what its proposer signed, what the store holds, whether its grounds are met, and who answered it.

Whoever approves a decision and whoever carries it out goes over all of it: the store's word for anything is not enough.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from samehand.casework.audit import AuditRow
from samehand.casework.cases import LARGEST, Casework, Member
from samehand.casework.claims import claim_that_stands, no_longer_borne
from samehand.casework.evidence import findings_of, networks_of
from samehand.casework.judgements import CaseEvidence
from samehand.casework.keys import is_signed_by
from samehand.casework.policies import LADDER, in_force, policy_digest, signers_of
from samehand.casework.statements import Statement, digest
from samehand.casework.tables import (
    AppealRow,
    DecisionRow,
    FindingRow,
    MemberRow,
    NetworkMemberRow,
    NetworkRow,
    NoticeRow,
    PolicyRow,
    ProtectedRow,
)
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.policy import ACTIONS, Action, Pack, unmet
from samehand.store import among

__all__ = ["CLEARED", "IRREVERSIBLE", "REVERSE", "Scrutiny", "Verdict", "answer_of", "decision_row"]

REVERSE: Final = "reverse"
"""What a decision does that takes another one back."""
CLEARED: Final = "an appeal cleared it"
PROTECTED: Final = "it is protected by now"
IRREVERSIBLE: Final = ("suspend", "remove")
"""Two persons, for a single account too."""
NOTHING: Final = CaseEvidence({}, {}, flagged=False, known_bad=False)
Verdict = Literal["approve", "refuse"]


def decision_row(session: Session, decision_id: int, *, for_update: bool = False) -> DecisionRow:
    """A decision's row.

    Raises:
        NotFoundError: there is none.

    """
    row = session.get(DecisionRow, decision_id, with_for_update=for_update) if 0 < decision_id < LARGEST else None
    if row is None:
        raise NotFoundError(f"there is no decision {decision_id}")
    return row


def answer_of(store_id: str, row: DecisionRow, by: str, verdict: Verdict, sample: str | None) -> Statement:
    """What somebody signs to answer a proposal: it by the hash of what was signed, and the sample that they looked at."""
    body = {"decision": row.decision_id, "proposal": row.digest, "by": by, "verdict": verdict, "sample": sample}
    return Statement("decision.answer", store_id, body)


def _takes_back(body: dict[str, Any], decision_id: int) -> bool:
    """Whether a reversal, or what the log says of one, takes back a decision as a whole."""
    return bool(body.get("reverses") == decision_id and "only" not in body and not body.get("of_one"))


class Scrutiny:
    """A look at decisions of a store, within one transaction.

    Args:
        casework: of the store.
        session: the transaction.

    """

    def __init__(self, casework: Casework, session: Session) -> None:
        self.casework, self.session = casework, session
        self.store_id = casework.store.store_id
        self.roster = casework.roster(session)

    # --- what a case has to show

    def evidence(self, case_id: int) -> dict[int, CaseEvidence]:
        """What each network of a case has to show, by its number; all of it is held against what was frozen first.

        A claim of who is behind the case counts while it stands, its signatures are good, and its evidence still bears it.

        Raises:
            InputError: a finding, a verdict or a claim was changed.

        """
        claim = claim_that_stands(self.casework, self.session, case_id)
        level = "L0" if claim is None or no_longer_borne(self.session, claim) else claim.level
        strong: dict[tuple[int, str], set[str]] = {}
        tied: set[int] = set()
        for one in findings_of(self.session, case_id):
            if one.state == "strong" and not one.of_account:
                strong.setdefault((one.case_network, one.axis), set()).add(one.independence_group)
                tied |= {one.case_network} if one.independence_group == "known_bad" else set()
        return {
            row.case_network_id: CaseEvidence(
                {"coordinated": row.coordinated, "inauthentic": row.inauthentic},
                {axis: len(strong.get((row.case_network_id, axis), ())) for axis in ("coordinated", "inauthentic")},
                row.flagged, row.case_network_id in tied, level,
            )
            for row in networks_of(self.session, case_id)
        }  # fmt: skip

    def about(self, case_id: int, networks: Sequence[int], roles: Sequence[str]) -> list[Member]:
        """The accounts of some networks that have one of these roles, and are not erased."""
        members = self.casework.members_within(self.session, case_id, networks)
        return [one for one in members if one.role in roles and one.asset_id]

    def bearing(
        self, case_id: int, action: Action, grounds: Sequence[str], policy: Pack
    ) -> tuple[list[int], dict[str, tuple[str, ...]]]:
        """The networks that meet every ground by themselves; where none does, what the one that comes nearest lacks."""
        lacking = {
            network: {name: unmet(policy, name, action, shown) for name in dict.fromkeys(grounds)}
            for network, shown in self.evidence(case_id).items()
        }
        if not lacking:
            lacking[0] = {name: unmet(policy, name, action, NOTHING) for name in dict.fromkeys(grounds)}
        bearing = [network for network, words in lacking.items() if network and not any(words.values())]
        nearest = min(lacking, key=lambda network: (sum(len(words) for words in lacking[network].values()), network))
        return bearing, lacking[nearest]

    def frozen(self, networks: Sequence[int]) -> str:
        """The hash of some networks' verdicts and findings, by their commitments."""
        of = NetworkRow.case_network_id.in_(networks)
        verdicts = self.session.scalars(select(NetworkRow.commitment).where(of)).all()
        inside = FindingRow.case_network_id.in_(networks)
        findings = self.session.scalars(select(FindingRow.commitment).where(inside)).all()
        return digest([sorted(verdicts), sorted(findings)])

    def could_be_about(self, row: DecisionRow) -> set[int]:
        """The numbers of the accounts that are in the networks of a decision, whatever has become of their roles since.

        Raises:
            InputError: the networks are not those that it rests on.

        """
        body = self.signed(row)
        networks_of(self.session, row.case_id)  # who is in a network is frozen with its verdict
        self._rests_on(row, body)
        inside = NetworkMemberRow.case_network_id.in_(body["networks"])
        return set(self.session.scalars(select(NetworkMemberRow.member_id).where(inside)))

    def _rests_on(self, row: DecisionRow, body: dict[str, Any]) -> None:
        if self.frozen(body["networks"]) != body["findings"]:
            raise InputError(
                f"the findings of case {row.case_id} are not those that decision {row.decision_id} rests on"
            )

    def spared(self, numbers: Sequence[int], *, escalated: bool) -> dict[int, str]:
        """Those of some accounts that are not to be acted on by now, and why: cleared, or protected where no lead decided."""
        same = (ProtectedRow.platform == MemberRow.platform) & (ProtectedRow.asset_id == MemberRow.asset_id)
        rows = self.session.execute(
            select(MemberRow.member_id, MemberRow.cleared_at, ProtectedRow.why).outerjoin(ProtectedRow, same)
            .where(among(self.session, MemberRow.member_id, numbers))
        )  # fmt: skip
        return {
            one.member_id: CLEARED if one.cleared_at is not None else PROTECTED
            for one in rows if one.cleared_at is not None or (one.why is not None and not escalated)
        }  # fmt: skip

    # --- what was signed

    def signed(self, row: DecisionRow) -> dict[str, Any]:
        """What the proposer of a decision signed.

        Raises:
            InputError: the store holds something else.

        """
        body: dict[str, Any] = json.loads(row.body)
        statement = Statement("decision.propose", self.store_id, body)
        public = self.roster.who(row.proposer).public
        if statement.digest != row.digest or not is_signed_by(public, statement, row.signature):
            raise InputError(f"decision {row.decision_id} is not what {row.proposer} signed; somebody changed it")
        if (row.case_id, row.action) != (body["case"], body["action"]):
            raise InputError(f"decision {row.decision_id} says something else than what {row.proposer} signed")
        return body

    def unchanged(self, row: DecisionRow, body: dict[str, Any]) -> list[Member]:
        """The accounts of a decision, whom an appeal cleared too, if policy, accounts and findings are those signed.

        Raises:
            InputError: they are others by now.

        """
        policy = self.session.get(PolicyRow, body["policy"])
        if policy is None or policy_digest(policy.text) != body["policy_digest"]:
            raise InputError(f"the policy {body['policy']} is not the one that decision {row.decision_id} cites")
        members = self.about(row.case_id, body["networks"], body["roles"])
        if digest(sorted(one.commitment for one in members)) != body["members"]:
            raise InputError(
                f"the accounts of case {row.case_id} are not those that decision {row.decision_id} is about"
            )
        self._rests_on(row, body)
        return members

    def is_borne(self, row: DecisionRow, body: dict[str, Any]) -> None:
        """Refuse a decision whose policy is not in force any more, or whose grounds are not met."""
        now = in_force(self.session, self.roster, body["pack"], self.casework.now().date())
        if now.version != body["policy"]:
            raise UsageError(
                f"decision {row.decision_id} cites {body['policy']}, and {now.version} is in force; "
                "withdraw it and propose anew"
            )
        bearing, lacking = self.bearing(row.case_id, cast(Action, row.action), body["grounds"], now)
        if not set(body["networks"]) <= set(bearing):
            said = "; ".join(words for each in lacking.values() for words in each)
            raise UsageError(f"the findings do not bear decision {row.decision_id} for all of its networks: {said}")

    # --- who answered

    def is_anothers(self, row: DecisionRow, body: dict[str, Any], approver: str) -> None:
        """Refuse an approval by the proposer, or where a lead is needed and neither is one."""
        proposer, person = self.roster.who(row.proposer), self.roster.who(approver)
        self._are_two(row, approver)
        if body["escalated"] and not (person.may("escalate") or proposer.may("escalate")):
            raise UsageError(f"decision {row.decision_id} is about protected accounts; a lead has to approve it")

    def _are_two(self, row: DecisionRow, approver: str) -> None:
        if approver == row.proposer or self.roster.who(approver).public == self.roster.who(row.proposer).public:
            raise UsageError(f"{approver} proposed decision {row.decision_id}; another person has to approve it")

    def may_be_approved(self, row: DecisionRow, approver: str) -> None:
        """Go over a proposal that somebody is about to approve: signature, persons, policy, accounts, findings, grounds."""
        body = self.signed(row)
        self.roster.allow(row.proposer, "propose")
        self.is_anothers(row, body, approver)
        if row.action == REVERSE:
            return
        self._is_escalated(row, body, self.unchanged(row, body))
        self.is_borne(row, body)

    def _is_escalated(self, row: DecisionRow, body: dict[str, Any], members: Sequence[Member]) -> None:
        """Refuse a decision about accounts that are protected by now, and that asked for no lead."""
        if any(one.protected and not one.cleared for one in members) and not body["escalated"]:
            raise UsageError(
                f"decision {row.decision_id} is about protected accounts by now; take it back and propose anew"
            )

    def is_answered(self, row: DecisionRow, body: dict[str, Any]) -> None:
        """Refuse a decision that takes two persons and that no second one signed who may approve."""
        self.is_signed_by_another(row)
        self.roster.allow(str(row.approver), "approve")
        self.is_anothers(row, body, str(row.approver))

    def is_signed_by_another(self, row: DecisionRow) -> None:
        """Refuse a decision that nobody else signed who might approve; they may have left since.

        Raises:
            InputError: nobody did. UsageError: it was the proposer.

        """
        if row.answer is None or row.approver is None:
            raise InputError(f"decision {row.decision_id} takes two persons, and nobody answered it")
        person = self.roster.who(row.approver)
        statement = Statement("decision.answer", self.store_id, json.loads(row.answer))
        expected = answer_of(self.store_id, row, person.name, "approve", statement.body.get("sample"))
        good = is_signed_by(person.public, statement, row.answer_signature or "") and person.might("approve")
        if statement != expected or not good:
            raise InputError(
                f"nobody signed that decision {row.decision_id} is approved; the store says so, and somebody wrote it there"
            )
        self._are_two(row, person.name)

    def may_be_carried_out(self, row: DecisionRow) -> list[Member]:
        """Go over a decision that is about to be carried out.

        Returns:
            The accounts that it is about; none for one that reverses another, whose acts say whom it is about.

        Raises:
            UsageError: it is not approved. InputError: something in it is not what was signed.

        """
        if row.state not in ("approved", "done"):
            raise UsageError(f"decision {row.decision_id} is {row.state}; only what is approved is carried out")
        body = self.signed(row)
        self._is_on_record(row)
        self.stands(row)
        if row.action == REVERSE:
            self._is_reversal(row, body)
            return []
        members = self.unchanged(row, body)
        if body["pack"] == LADDER:
            self.is_of_the_ladder(row, body, members)
            return members
        self.roster.allow(row.proposer, "propose")
        if row.state != "done":  # who is protected since then was not when it was done
            self._is_escalated(row, body, members)
        alone = (
            len(members) == 1
            and row.action not in IRREVERSIBLE
            and not self.was_one_alone(row.case_id, row.decision_id)
        )
        if not alone or body["two"] or body["escalated"]:
            self.is_answered(row, body)
        else:  # nobody else has looked at it
            self.is_borne(row, body)
        return members

    def stands(self, row: DecisionRow, *, log: bool = True) -> None:
        """Refuse a decision that is taken back as a whole, by a reversal that is approved or by one that the log knows of.

        Args:
            row: the decision.
            log: whether the log is asked, too.

        Raises:
            UsageError: it is; the message says by which.

        """
        others = self.session.scalars(
            select(DecisionRow).where(
                DecisionRow.case_id == row.case_id, DecisionRow.action == REVERSE,
                DecisionRow.state.in_(("approved", "done")),
            )
        )  # fmt: skip
        taken = [one.decision_id for one in others if _takes_back(json.loads(one.body), row.decision_id)]
        if log:
            approved = {one["decision"] for one in self._logged(row.case_id, "decision.approved")}
            proposed = self._logged(row.case_id, "decision.proposed")
            taken += [
                one["decision"] for one in proposed
                if one["decision"] in approved and _takes_back(one, row.decision_id)
            ]  # fmt: skip
        if taken:
            raise UsageError(f"decision {row.decision_id} is taken back, by decision {taken[0]}")

    def was_one_alone(self, case_id: int, before: int | None = None) -> bool:
        """Whether one person alone has decided about an account of a case already: the second time it takes two."""
        alone = {one["decision"] for one in self._logged(case_id, "decision.approved") if one.get("alone")}
        return any(
            one["decision"] in alone and one["action"] != REVERSE and one["pack"] != LADDER
            and (before is None or one["decision"] < before)
            for one in self._logged(case_id, "decision.proposed")
        )  # fmt: skip

    def _logged(self, case_id: int, kind: str) -> list[dict[str, Any]]:
        """What the log says of a case, of one kind, in order."""
        chosen = (
            select(AuditRow.body).where(AuditRow.case_id == case_id, AuditRow.kind == kind).order_by(AuditRow.number)
        )
        return [json.loads(body) for body in self.session.scalars(chosen)]

    def _is_on_record(self, row: DecisionRow) -> None:
        """Refuse a decision that the log knows under another number, or not at all."""
        proposed = self._logged(row.case_id, "decision.proposed")
        if row.decision_id not in [one["decision"] for one in proposed if one["statement"] == row.digest]:
            raise InputError(f"the log does not know decision {row.decision_id} as it is; somebody wrote it there")

    def cleared_by_appeal(self, row: DecisionRow) -> set[str]:
        """The accounts of a decision, by commitment, of which the log knows that an appeal against it was right."""
        return {
            one["account"] for one in self._logged(row.case_id, "appeal.overturned") if one["decision"] == row.digest
        }

    def _is_reversal(self, row: DecisionRow, body: dict[str, Any]) -> None:
        if "appeal" in body:
            self._is_for_an_appeal(row, body)
            return
        before = self.signed(decision_row(self.session, body["reverses"]))
        if before["action"] == REVERSE or "only" in body:
            raise InputError(f"decision {row.decision_id} takes back what is no decision about accounts")
        many = before["radius"]["accounts"] > 1
        if many or before["two"] or before["escalated"] or body["two"] or body["escalated"]:
            self.is_signed_by_another(row)  # both may have left since: what is to be given back is given back
            if not self.roster.who(row.proposer).might("propose"):
                raise InputError(f"{row.proposer}, who proposed decision {row.decision_id}, never might propose")
        else:
            self.roster.allow(row.proposer, "propose")

    def _is_for_an_appeal(self, row: DecisionRow, body: dict[str, Any]) -> None:
        """Refuse a reversal for an appeal that nobody overturned, or that is about anybody else."""
        found = self.session.execute(
            select(AppealRow, MemberRow.commitment, NoticeRow.decision_id)
            .join(NoticeRow, NoticeRow.notice_id == AppealRow.notice_id)
            .join(MemberRow, MemberRow.member_id == NoticeRow.member_id)
            .where(AppealRow.appeal_id == body["appeal"])
        ).first()
        appeal = found[0] if found else None
        statement = Statement("appeal.answer", self.store_id, json.loads(appeal.answer or "{}")) if appeal else None
        person = self.roster.who(row.proposer)
        before = decision_row(self.session, body["reverses"])
        good = (
            found is not None and appeal is not None and statement is not None
            and is_signed_by(person.public, statement, appeal.signature or "")
            and statement.body.get("appeal") == body["appeal"] and statement.body.get("verdict") == "overturned"
            and body["only"] == [found[1]] == [statement.body.get("account")]
            and body["reverses"] == found[2] and statement.body.get("decision") == before.digest and person.might("appeal")
        )  # fmt: skip
        if not good:
            raise InputError(
                f"decision {row.decision_id} says that it is for an appeal, and nobody signed such an answer"
            )
        self.is_a_third(before, person.name)

    def is_a_third(self, row: DecisionRow, by: str) -> None:
        """Refuse somebody who took part in a decision as the judge of an appeal against it.

        Raises:
            UsageError: they proposed or approved it. InputError: the store says of others than those who signed that they did.

        """
        body = self.signed(row)
        if row.approver is not None or body["two"] or body["escalated"]:
            self.is_signed_by_another(row)
        own = self.roster.who(by).public
        for name in filter(None, (row.proposer, row.approver)):
            if by == name or own == self.roster.who(name).public:
                raise UsageError(f"{by} took part in decision {row.decision_id}; the appeal goes to a third person")

    def is_of_the_ladder(self, row: DecisionRow, body: dict[str, Any], members: Sequence[Member]) -> None:
        """Refuse a step of the ladder that goes beyond `limit`, touches the protected, or has no policy that two signed.

        Raises:
            InputError, UsageError: what is wrong with it.

        """
        person, policy = self.roster.who(row.proposer), self.session.get(PolicyRow, body["policy"])
        if not person.may("ladder"):
            raise InputError(
                f"decision {row.decision_id} is said to be of the ladder, and {row.proposer} is no service"
            )
        if ACTIONS.index(cast(Action, row.action)) > ACTIONS.index("limit"):
            raise InputError(f"decision {row.decision_id} says {row.action}; the ladder goes up to limit by itself")
        if any(one.protected and not one.cleared for one in members):
            raise UsageError(f"decision {row.decision_id} is about protected accounts by now; a person has to decide")
        told = select(func.count()).where(
            FindingRow.case_network_id.in_(body["networks"]), FindingRow.of_account, FindingRow.body != "",
            FindingRow.independence_group == "ladder",
        )  # fmt: skip
        if (self.session.scalar(told) or 0) < len(members):
            raise InputError(f"decision {row.decision_id} is about accounts of which no run says anything")
        if (
            policy is None
            or policy.pack != LADDER
            or policy.retired_at is not None
            or len(signers_of(self.roster, policy)) < 2
        ):
            raise UsageError(f"{body['policy']} is not in force: two leads sign it (samehand case policy sign-ladder)")
