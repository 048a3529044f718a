"""Decisions: proposed by one person, answered by another, each with a signature that is good for this decision alone.

What a proposal says is frozen in what is signed: the case, the action, the grounds, the policy with its text's hash, the
accounts and the findings by their commitments, and how far it reaches. An answer names the proposal by the hash of what was
signed and the sample that was looked at. Whoever carries a decision out goes over all of it again (`Decisions.authorised`):
the store's word that something was approved is not enough.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append
from samehand.casework.cases import Casework, Member, Role
from samehand.casework.corrections import correct, taken_back
from samehand.casework.evidence import networks_of
from samehand.casework.judgements import Authorised, BlastRadius, Decision, DryRun
from samehand.casework.keys import SigningKey, is_signed_by
from samehand.casework.policies import in_force, policy_digest
from samehand.casework.scrutiny import IRREVERSIBLE, REVERSE, Scrutiny, Verdict, answer_of, decision_row
from samehand.casework.statements import Statement, digest
from samehand.casework.tables import CaseRow, DecisionRow, MemberRow, NoticeRow, SampleRow
from samehand.errors import InputError, UsageError
from samehand.policy import ACTIONS, Action, Pack

__all__ = ["Decisions", "enter_decision", "read_decision", "settle_decision"]

SAMPLE: Final = 20
PACK: Final = "platform-manipulation"


class Decisions:
    """Proposals and answers in the cases of a store.

    Args:
        casework: of the store.
        pack: the policy that is cited.

    """

    def __init__(self, casework: Casework, pack: str = PACK) -> None:
        self.casework, self.store, self.pack = casework, casework.store, pack

    # --- proposing

    def dry_run(
        self, case_id: int, action: Action, grounds: Sequence[str], roles: Sequence[Role] = ("core",)
    ) -> DryRun:
        """What a decision would be and reach, without taking it.

        Raises:
            NotFoundError: no such case or ground, or no policy is in force. UsageError: the action or a role is none.

        """
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            look = Scrutiny(self.casework, session)
            policy = in_force(session, look.roster, self.pack, self.casework.now().date())
            return self._tried(look, case_id, action, grounds, roles, policy)[0]

    def _tried(
        self,
        look: Scrutiny,
        case_id: int,
        action: Action,
        grounds: Sequence[str],
        roles: Sequence[Role],
        policy: Pack,
    ) -> tuple[DryRun, list[Member], list[int]]:
        if action not in ACTIONS:
            raise UsageError(f"an action is one of {', '.join(ACTIONS)}, not {action}")
        if action == "observe":
            raise UsageError("to observe accounts takes no decision; leave the case open, or note it")
        if not grounds:
            raise UsageError(f"a decision cites a ground; {policy.version} has {', '.join(policy.grounds)}")
        if not roles or set(roles) - {"core", "amplifier", "bystander"}:
            raise UsageError("say whom it is about: core, amplifier")
        if "bystander" in roles:
            raise UsageError("a bystander is nobody to act on; who is more than that gets another role first")
        bearing, lacking = look.bearing(case_id, action, grounds, policy)
        reached = bearing or [one.case_network_id for one in networks_of(look.session, case_id)]
        members = [one for one in look.about(case_id, reached, roles) if not one.cleared]
        followers = [one.followers for one in members if one.followers is not None]
        posts = [one.posts for one in members if one.posts is not None]
        unknown = sum(one.followers is None and one.posts is None for one in members)
        radius = BlastRadius(
            len(members), sum(followers) if followers else None, sum(posts) if posts else None, unknown,
            sum(one.protected for one in members), len(reached),
        )  # fmt: skip
        two = len(members) > 1 or action in IRREVERSIBLE or look.was_one_alone(case_id)
        return DryRun(radius, lacking, policy.version, two, radius.protected > 0), members, bearing

    def propose(
        self,
        case_id: int,
        action: Action,
        grounds: Sequence[str],
        why: str,
        key: SigningKey,
        roles: Sequence[Role] = ("core",),
    ) -> Decision:
        """Propose what is done with the accounts of a case; where one person is enough, it is approved with that.

        Args:
            case_id: the case, which is open.
            action: what is done.
            grounds: clauses of the policy in force; each has to be met by the findings.
            why: in the proposer's own words.
            key: who proposes.
            roles: whom it is about.

        Raises:
            NotFoundError, UsageError: as in `dry_run`; or a ground is not met, nobody is reached, or `key` may not.

        """
        if not why.strip():
            raise UsageError("say why: a decision has its reasons in its proposer's words")
        with self.store.writing() as session:
            look = Scrutiny(self.casework, session)
            look.roster.holder(key, "propose")
            row = self.casework.held(session, case_id, key.name, "propose")
            policy = in_force(session, look.roster, self.pack, self.casework.now().date())
            tried, members, bearing = self._tried(look, case_id, action, grounds, roles, policy)
            if not tried.possible:
                lacking = [f"{name}: {'; '.join(words)}" for name, words in tried.unmet.items() if words]
                raise UsageError(
                    f"its findings do not bear it: {' | '.join(lacking)}" if lacking
                    else f"case {case_id} has nobody of {', '.join(roles)}"
                )  # fmt: skip
            return self._proposed(look, row, key, action, grounds, why, roles, policy, tried, members, bearing)

    def _proposed(
        self, look: Scrutiny, row: CaseRow, key: SigningKey, action: Action, grounds: Sequence[str], why: str,
        roles: Sequence[Role], policy: Pack, tried: DryRun, members: Sequence[Member],
        bearing: Sequence[int],
    ) -> Decision:  # fmt: skip
        session = look.session
        reason = self.casework.noted(session, row.case_id, why, key.name).body["text"]
        body: dict[str, Any] = {
            "case": row.case_id, "version": row.version, "action": action, "grounds": list(dict.fromkeys(grounds)),
            "pack": self.pack, "policy": policy.version, "policy_digest": policy_digest(policy.text), "roles": list(roles),
            "members": digest(sorted(one.commitment for one in members)), "networks": list(bearing),
            "findings": look.frozen(bearing),
            "radius": asdict(tried.radius), "two": tried.two, "escalated": tried.escalated, "why": reason,
            "nonce": secrets.token_hex(16),
        }  # fmt: skip
        self.casework.move(session, row, "propose")
        decision = read_decision(enter_decision(self.casework, session, row.case_id, key, body))
        if decision.state == "approved":
            self.casework.move(session, row, "approve")
        return decision

    def propose_reversal(self, decision_id: int, why: str, key: SigningKey) -> Decision:
        """Propose to take back all that a decision did; whatever has changed in its case since does not stand in the way.

        Raises:
            NotFoundError: there is no such decision. UsageError: nothing was done for it, it is a reversal itself, one is
            proposed already, or `key` may not.

        """
        if not why.strip():
            raise UsageError("say why: a reversal has its reasons in its proposer's words")
        with self.store.writing() as session:
            self.casework.roster(session).holder(key, "propose")
            row = decision_row(session, decision_id, for_update=True)
            before = json.loads(row.body)
            if row.state not in ("approved", "done") or row.action == REVERSE:
                raise UsageError(
                    f"decision {decision_id} is {row.state}, to {row.action}; there is nothing to take back"
                )
            if row.action == "remove":
                raise UsageError(f"decision {decision_id} removes accounts, and nothing undoes a removal")
            for other in session.scalars(select(DecisionRow).where(DecisionRow.case_id == row.case_id)):
                body = json.loads(other.body)
                same = body.get("reverses") == decision_id and "only" not in body
                if other.state in ("proposed", "approved") and same:
                    raise UsageError(f"decision {other.decision_id} reverses decision {decision_id} already")
            reason = self.casework.noted(session, row.case_id, why, key.name).body["text"]
            kept = ("case", "pack", "policy", "policy_digest", "roles", "members", "networks", "findings", "radius")
            two = before["two"] or before["escalated"] or before["radius"]["accounts"] > 1
            body = {
                **{name: before[name] for name in kept}, "version": before["version"], "action": REVERSE, "grounds": [],
                "two": two, "escalated": False, "why": reason, "nonce": secrets.token_hex(16), "reverses": decision_id,
            }  # fmt: skip
            entered = enter_decision(self.casework, session, row.case_id, key, body)
            if entered.state == "approved":
                correct(self.casework, session, row, self._told(session, row))
            return read_decision(entered)

    def _told(self, session: Session, row: DecisionRow) -> list[Member]:
        """Of those whom a decision was about, those to whom something was done for it."""
        of = select(MemberRow.commitment).join(NoticeRow, NoticeRow.member_id == MemberRow.member_id)
        acted_on = set(session.scalars(of.where(NoticeRow.decision_id == row.decision_id)))
        return [one for one in self._reached(session, row) if one.commitment in acted_on]

    def _reached(self, session: Session, row: DecisionRow) -> list[Member]:
        """Whom a decision was about."""
        body = json.loads(row.body)
        return Scrutiny(self.casework, session).about(row.case_id, body["networks"], body["roles"])

    # --- answering

    def decision(self, decision_id: int) -> Decision:
        """A decision by its number.

        Raises:
            NotFoundError: there is none.

        """
        with self.store.reading() as session:
            return read_decision(decision_row(session, decision_id))

    def of_case(self, case_id: int) -> list[Decision]:
        """The decisions of a case, in order."""
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            chosen = select(DecisionRow).where(DecisionRow.case_id == case_id).order_by(DecisionRow.decision_id)
            return [read_decision(row) for row in session.scalars(chosen).all()]

    def waiting(self) -> list[Decision]:
        """Proposals that nobody has answered, the oldest first."""
        with self.store.reading() as session:
            chosen = select(DecisionRow).where(DecisionRow.state == "proposed").order_by(DecisionRow.decision_id)
            return [read_decision(row) for row in session.scalars(chosen).all()]

    def sample(self, decision_id: int, by: str) -> list[Member]:
        """Twenty accounts of a proposal, drawn at random when somebody first asks; to look at before they answer it.

        Raises:
            NotFoundError: there is no such decision. UsageError: `by` may not approve, or it has an answer.

        """
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "approve")
            row = decision_row(session, decision_id)
            members = {one.commitment: one for one in self._reached(session, row)}
            shown = session.get(SampleRow, (decision_id, by))
            if shown is None:
                if row.state != "proposed":
                    raise UsageError(f"decision {decision_id} is {row.state}; there is nothing left to approve")
                drawn = random.SystemRandom().sample(sorted(members), min(SAMPLE, len(members)))
                shown = SampleRow(
                    decision_id=decision_id,
                    reviewer=by,
                    members=json.dumps(drawn),
                    digest=digest(drawn),
                    at=self.casework.now(),
                )
                session.add(shown)
                session.flush()
            entered = {"what": "sample", "decision": decision_id, "sample": shown.digest}
            append(session, self.casework.now(), [Entry("viewed", by, entered, row.case_id)])
            return [members[one] for one in json.loads(shown.members) if one in members]

    def answer_statement(self, decision_id: int, by: str, verdict: Verdict) -> Statement:
        """What somebody signs to answer a proposal.

        Raises:
            NotFoundError: there is no such decision. UsageError: to approve, they have to look at the sample first.

        """
        with self.store.reading() as session:
            row = decision_row(session, decision_id)
            if verdict == "approve":
                look = Scrutiny(self.casework, session)
                look.is_anothers(row, look.signed(row), by)
            shown = session.get(SampleRow, (decision_id, by))
            if shown is None and verdict == "approve":
                raise UsageError(
                    f"look at the sample of decision {decision_id} before you approve it: samehand case sample {decision_id}"
                )
            return answer_of(self.store.store_id, row, by, verdict, shown.digest if shown is not None else None)

    def approve(self, decision_id: int, key: SigningKey, confirmation: str) -> Decision:
        """Approve a proposal.

        Args:
            decision_id: the proposal.
            key: somebody else's than the proposer's.
            confirmation: the action and the number of accounts, typed: `suspend 936`.

        Raises:
            NotFoundError: there is no such decision. UsageError: they may not, it is their own, it has an answer, something
            changed since, or what is typed is something else. InputError: a signature is not good.

        """
        decision = self.decision(decision_id)
        if confirmation.split() != decision.confirmation.split():
            raise UsageError(f"to approve decision {decision_id}, type: {decision.confirmation}")
        with self.store.reading() as session:
            self.casework.roster(session).holder(key, "approve")
        statement = self.answer_statement(decision_id, key.name, "approve")
        return self.record(decision_id, key.name, "approve", key.sign(statement))

    def refuse(self, decision_id: int, key: SigningKey, why: str) -> Decision:
        """Refuse a proposal; the case is open again.

        Raises:
            As in `approve`.

        """
        if not why.strip():
            raise UsageError("say why: the proposer wants to know")
        with self.store.reading() as session:
            self.casework.roster(session).holder(key, "approve")
        statement = self.answer_statement(decision_id, key.name, "refuse")
        return self.record(decision_id, key.name, "refuse", key.sign(statement), why)

    def record(self, decision_id: int, by: str, verdict: Verdict, signature: str, why: str = "") -> Decision:
        """Enter an answer that was signed elsewhere.

        Args:
            decision_id: the proposal.
            by: who signed.
            verdict: approve or refuse.
            signature: over `answer_statement`, in hex.
            why: a note with it.

        Raises:
            As in `approve`.

        """
        with self.store.writing() as session:
            look = Scrutiny(self.casework, session)
            person = look.roster.allow(by, "approve")
            row = decision_row(session, decision_id, for_update=True)
            if row.state != "proposed":
                raise UsageError(
                    f"decision {decision_id} is {row.state}, by {row.approver or row.proposer}; it has its answer"
                )
            case = self.casework.held(session, row.case_id, by, "approve")
            shown = session.get(SampleRow, (decision_id, by))
            statement = answer_of(self.store.store_id, row, by, verdict, shown.digest if shown is not None else None)
            if not is_signed_by(person.public, statement, signature):
                raise InputError(f"the signature is not {by}'s on this answer to decision {decision_id}")
            if verdict == "approve":
                if shown is None:
                    raise UsageError(f"{by} has not looked at the sample of decision {decision_id}")
                look.may_be_approved(row, by)
            row.state = "approved" if verdict == "approve" else "refused"
            row.approver, row.answered_at, row.answer = by, self.casework.now(), json.dumps(statement.body)
            row.answer_signature = signature
            if row.action != REVERSE:
                self.casework.move(session, case, verdict)
            entered = {
                "decision": decision_id,
                "answer": statement.digest,
                "proposal": row.digest,
                "sample": statement.body["sample"],
                "why": self.casework.noted(session, row.case_id, why, by).body["text"] if why else None,
            }
            append(session, self.casework.now(), [Entry(f"decision.{row.state}", by, entered, row.case_id)])
            if row.action == REVERSE and verdict == "approve":
                reversed_row = decision_row(session, json.loads(row.body)["reverses"])
                correct(self.casework, session, reversed_row, self._told(session, reversed_row))
            return read_decision(row)

    def withdraw(self, decision_id: int, key: SigningKey) -> Decision:
        """Take one's own proposal back, while it has no answer.

        Raises:
            NotFoundError: there is no such decision. UsageError: it is somebody else's, or has an answer.

        """
        with self.store.writing() as session:
            self.casework.roster(session).holder(key, "propose")
            row = decision_row(session, decision_id, for_update=True)
            if row.proposer != key.name or row.state != "proposed":
                raise UsageError(f"decision {decision_id} is {row.state}, and was proposed by {row.proposer}")
            row.state = "withdrawn"
            case = self.casework.held(session, row.case_id, key.name, "propose")
            if row.action != REVERSE:
                self.casework.move(session, case, "withdraw")
            append(
                session,
                self.casework.now(),
                [Entry("decision.withdrawn", key.name, {"decision": decision_id}, row.case_id)],
            )
            return read_decision(row)

    # --- going over it all

    def authorised(self, decision_id: int) -> Authorised:
        """Go over a decision that is about to be carried out, signature by signature.

        Returns:
            It, with the accounts that it is about; none for one that reverses another, whose acts say whom it is about.

        Raises:
            NotFoundError: there is none. UsageError: it is not approved. InputError: something in it is not what was signed.

        """
        with self.store.reading() as session:
            row = decision_row(session, decision_id)
            members = Scrutiny(self.casework, session).may_be_carried_out(row)
            return Authorised(read_decision(row), tuple(members))

    def carried_out(self, case_id: int, actions: Sequence[str]) -> list[Authorised]:
        """The decisions of a case that were carried out, signatures gone over, also those that were reversed as a whole since.

        Returns:
            Each with those only to whom it was done: who had notice of it. `cleared` of a member says whether it was taken back
            for them, whatever was said of them later.

        Raises:
            InputError: something in one is not what was signed.

        """
        with self.store.reading() as session:
            chosen = select(DecisionRow).where(
                DecisionRow.case_id == case_id,
                DecisionRow.state.in_(("done", "reversed")),
                DecisionRow.action.in_(actions),
            )
            rows = session.scalars(chosen.order_by(DecisionRow.decision_id)).all()
            scrutiny, back, found = Scrutiny(self.casework, session), taken_back(session), list[Authorised]()
            for row in rows:
                if row.state == "done":
                    members = scrutiny.may_be_carried_out(row)
                else:
                    members = scrutiny.unchanged(row, scrutiny.signed(row))
                told = set(session.scalars(
                    select(MemberRow.commitment).join(NoticeRow, NoticeRow.member_id == MemberRow.member_id)
                    .where(NoticeRow.decision_id == row.decision_id)
                ))  # fmt: skip
                of_it, whole = back.get(row.decision_id, set()), row.state == "reversed"
                found.append(Authorised(read_decision(row), tuple(
                    replace(one, cleared=whole or one.cleared or (one.platform, one.asset_id) in of_it)
                    for one in members if one.commitment in told
                )))  # fmt: skip
            return found


def enter_decision(
    casework: Casework, session: Session, case_id: int, key: SigningKey, body: dict[str, Any]
) -> DecisionRow:
    """Sign a proposal and enter it; it is approved with that where it takes one person."""
    at, statement = casework.now(), Statement("decision.propose", casework.store.store_id, body)
    alone = not (body["two"] or body["escalated"])
    row = DecisionRow(
        case_id=case_id, state="approved" if alone else "proposed", action=body["action"], proposer=key.name,
        proposed_at=at, body=json.dumps(body), digest=statement.digest, signature=key.sign(statement),
    )  # fmt: skip
    session.add(row)
    session.flush()
    entered = {"decision": row.decision_id, "statement": statement.digest, **body}
    entries = [Entry("decision.proposed", key.name, entered, case_id)]
    if alone:
        entries.append(Entry("decision.approved", key.name, {"decision": row.decision_id, "alone": True}, case_id))
    append(session, at, entries)
    return row


def settle_decision(session: Session, decision_id: int) -> None:
    """Say that a decision is carried out, and of the one that it takes back as a whole that it is undone."""
    row = decision_row(session, decision_id, for_update=True)
    row.state = "done"
    body = json.loads(row.body)
    if (reverses := body.get("reverses")) is not None and "only" not in body:
        decision_row(session, reverses, for_update=True).state = "reversed"


def read_decision(row: DecisionRow) -> Decision:
    """A decision, from its row."""
    body = json.loads(row.body)
    return Decision(
        row.decision_id, row.case_id, row.state, row.action, tuple(body["grounds"]), body["policy"],  # type: ignore[arg-type]
        tuple(body["roles"]), body.get("reverses"), row.proposer, row.proposed_at, row.approver,
        BlastRadius(**body["radius"]), body["two"], body["escalated"], row.digest, tuple(body.get("only", ())),
    )  # fmt: skip
