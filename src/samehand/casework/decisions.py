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
from dataclasses import asdict
from typing import Any, Final, Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from samehand.casework.audit import Entry, append
from samehand.casework.cases import Casework, Member, Role
from samehand.casework.evidence import findings_of, networks_of
from samehand.casework.judgements import Authorised, BlastRadius, CaseEvidence, Decision, DryRun
from samehand.casework.keys import SigningKey, is_signed_by
from samehand.casework.policies import in_force, policy_digest
from samehand.casework.roster import Roster
from samehand.casework.statements import Statement, digest
from samehand.casework.tables import (
    CaseRow,
    DecisionRow,
    FindingRow,
    NetworkRow,
    PolicyRow,
    SampleRow,
)
from samehand.errors import InputError, NotFoundError, UsageError
from samehand.policy import ACTIONS, Action, Pack, unmet

__all__ = ["Decisions", "settle_decision"]

SAMPLE: Final = 20
REVERSE: Final = "reverse"
"""What a decision does that takes another one back."""
IRREVERSIBLE: Final = ("suspend", "remove")
"""Two persons, for a single account too."""
PACK: Final = "platform-manipulation"
Verdict = Literal["approve", "refuse"]
NOTHING: Final = CaseEvidence({}, {}, flagged=False, known_bad=False)


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
            roster = self.casework.roster(session)
            policy = in_force(session, roster, self.pack, self.casework.now().date())
            return self._tried(session, case_id, action, grounds, roles, policy)[0]

    def _tried(
        self,
        session: Session,
        case_id: int,
        action: Action,
        grounds: Sequence[str],
        roles: Sequence[Role],
        policy: Pack,
    ) -> tuple[DryRun, list[Member], list[int]]:
        if action not in ACTIONS:
            raise UsageError(f"an action is one of {', '.join(ACTIONS)}, not {action}")
        if not grounds:
            raise UsageError(f"a decision cites a ground; {policy.version} has {', '.join(policy.grounds)}")
        if not roles or set(roles) - {"core", "amplifier", "bystander"}:
            raise UsageError("say whom it is about: core, amplifier")
        if "bystander" in roles:
            raise UsageError("a bystander is nobody to act on; who is more than that gets another role first")
        bearing, lacking = self._bearing(session, case_id, action, grounds, policy)
        reached = bearing or [one.case_network_id for one in networks_of(session, case_id)]
        members = self._about(session, case_id, reached, roles)
        followers = [one.followers for one in members if one.followers is not None]
        posts = [one.posts for one in members if one.posts is not None]
        unknown = sum(one.followers is None and one.posts is None for one in members)
        radius = BlastRadius(
            len(members), sum(followers) if followers else None, sum(posts) if posts else None, unknown,
            sum(one.protected for one in members), len(reached),
        )  # fmt: skip
        two = len(members) > 1 or action in IRREVERSIBLE
        return DryRun(radius, lacking, policy.version, two, radius.protected > 0), members, bearing

    def evidence(self, session: Session, case_id: int) -> dict[int, CaseEvidence]:
        """What each network of a case has to show, by its number; all of it is held against what was frozen first.

        Raises:
            InputError: a finding or a verdict was changed.

        """
        strong: dict[tuple[int, str], set[str]] = {}
        tied: set[int] = set()
        for one in findings_of(session, case_id):
            if one.state == "strong" and not one.of_account:
                strong.setdefault((one.case_network, one.axis), set()).add(one.independence_group)
                tied |= {one.case_network} if one.independence_group == "known_bad" else set()
        return {
            row.case_network_id: CaseEvidence(
                {"coordinated": row.coordinated, "inauthentic": row.inauthentic},
                {axis: len(strong.get((row.case_network_id, axis), ())) for axis in ("coordinated", "inauthentic")},
                row.flagged, row.case_network_id in tied,
            )
            for row in networks_of(session, case_id)
        }  # fmt: skip

    def _about(self, session: Session, case_id: int, networks: Sequence[int], roles: Sequence[str]) -> list[Member]:
        """The accounts of some networks that have one of these roles, and are not erased."""
        members = self.casework.members_within(session, case_id, networks)
        return [one for one in members if one.role in roles and one.asset_id]

    def _bearing(
        self, session: Session, case_id: int, action: Action, grounds: Sequence[str], policy: Pack
    ) -> tuple[list[int], dict[str, tuple[str, ...]]]:
        """The networks that meet every ground by themselves; where none does, what the one that comes nearest lacks."""
        lacking = {
            network: {name: unmet(policy, name, action, shown) for name in dict.fromkeys(grounds)}
            for network, shown in self.evidence(session, case_id).items()
        }
        if not lacking:
            lacking[0] = {name: unmet(policy, name, action, NOTHING) for name in dict.fromkeys(grounds)}
        bearing = [network for network, words in lacking.items() if network and not any(words.values())]
        nearest = min(lacking, key=lambda network: (sum(len(words) for words in lacking[network].values()), network))
        return bearing, lacking[nearest]

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
            roster = self.casework.roster(session)
            roster.holder(key, "propose")
            row = self.casework.held(session, case_id, key.name, "propose")
            policy = in_force(session, roster, self.pack, self.casework.now().date())
            tried, members, bearing = self._tried(session, case_id, action, grounds, roles, policy)
            if not tried.possible:
                lacking = [f"{name}: {'; '.join(words)}" for name, words in tried.unmet.items() if words]
                raise UsageError(
                    f"its findings do not bear it: {' | '.join(lacking)}" if lacking
                    else f"case {case_id} has nobody of {', '.join(roles)}"
                )  # fmt: skip
            return self._proposed(session, row, key, action, grounds, why, roles, policy, tried, members, bearing)

    def _proposed(
        self, session: Session, row: CaseRow, key: SigningKey, action: Action, grounds: Sequence[str], why: str,
        roles: Sequence[Role], policy: Pack, tried: DryRun, members: Sequence[Member],
        bearing: Sequence[int],
    ) -> Decision:  # fmt: skip
        reason = self.casework.noted(session, row.case_id, why, key.name).body["text"]
        body: dict[str, Any] = {
            "case": row.case_id, "version": row.version, "action": action, "grounds": list(dict.fromkeys(grounds)),
            "pack": self.pack, "policy": policy.version, "policy_digest": policy_digest(policy.text), "roles": list(roles),
            "members": digest(sorted(one.commitment for one in members)), "networks": list(bearing),
            "findings": self._frozen(session, bearing),
            "radius": asdict(tried.radius), "two": tried.two, "escalated": tried.escalated, "why": reason,
            "nonce": secrets.token_hex(16),
        }  # fmt: skip
        self.casework.move(session, row, "propose")
        decision = self._entered(session, row.case_id, key, body)
        if decision.state == "approved":
            self.casework.move(session, row, "approve")
        return decision

    def _entered(self, session: Session, case_id: int, key: SigningKey, body: dict[str, Any]) -> Decision:
        """Sign a proposal and enter it; it is approved with that where it takes one person."""
        at, statement = self.casework.now(), Statement("decision.propose", self.store.store_id, body)
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
            entered = {"decision": row.decision_id, "alone": True}
            entries.append(Entry("decision.approved", key.name, entered, case_id))
        append(session, at, entries)
        return _read(row)

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
            row = _row(session, decision_id, for_update=True)
            before = json.loads(row.body)
            if row.state not in ("approved", "done") or row.action == REVERSE:
                raise UsageError(
                    f"decision {decision_id} is {row.state}, to {row.action}; there is nothing to take back"
                )
            for other in session.scalars(select(DecisionRow).where(DecisionRow.case_id == row.case_id)):
                if other.state in ("proposed", "approved") and json.loads(other.body).get("reverses") == decision_id:
                    raise UsageError(f"decision {other.decision_id} reverses decision {decision_id} already")
            reason = self.casework.noted(session, row.case_id, why, key.name).body["text"]
            kept = ("case", "pack", "policy", "policy_digest", "roles", "members", "networks", "findings", "radius")
            body = {
                **{name: before[name] for name in kept}, "version": before["version"], "action": REVERSE, "grounds": [],
                "two": before["two"] or before["escalated"], "escalated": False, "why": reason, "nonce": secrets.token_hex(16),
                "reverses": decision_id,
            }  # fmt: skip
            return self._entered(session, row.case_id, key, body)

    def _frozen(self, session: Session, networks: Sequence[int]) -> str:
        """The hash of some networks' verdicts and findings, by their commitments."""
        of = NetworkRow.case_network_id.in_(networks)
        verdicts = session.scalars(select(NetworkRow.commitment).where(of)).all()
        findings = session.scalars(select(FindingRow.commitment).where(FindingRow.case_network_id.in_(networks))).all()
        return digest([sorted(verdicts), sorted(findings)])

    # --- answering

    def decision(self, decision_id: int) -> Decision:
        """A decision by its number.

        Raises:
            NotFoundError: there is none.

        """
        with self.store.reading() as session:
            return _read(_row(session, decision_id))

    def of_case(self, case_id: int) -> list[Decision]:
        """The decisions of a case, in order."""
        with self.store.reading() as session:
            self.casework.row(session, case_id)
            chosen = select(DecisionRow).where(DecisionRow.case_id == case_id).order_by(DecisionRow.decision_id)
            return [_read(row) for row in session.scalars(chosen).all()]

    def waiting(self) -> list[Decision]:
        """Proposals that nobody has answered, the oldest first."""
        with self.store.reading() as session:
            chosen = select(DecisionRow).where(DecisionRow.state == "proposed").order_by(DecisionRow.decision_id)
            return [_read(row) for row in session.scalars(chosen).all()]

    def sample(self, decision_id: int, by: str) -> list[Member]:
        """Twenty accounts of a proposal, drawn at random when somebody first asks; to look at before they answer it.

        Raises:
            NotFoundError: there is no such decision. UsageError: `by` may not approve, or it has an answer.

        """
        with self.store.writing() as session:
            self.casework.roster(session).allow(by, "approve")
            row = _row(session, decision_id)
            body = json.loads(row.body)
            members = {
                one.commitment: one for one in self._about(session, row.case_id, body["networks"], body["roles"])
            }
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
            row = _row(session, decision_id)
            shown = session.get(SampleRow, (decision_id, by))
            if shown is None and verdict == "approve":
                raise UsageError(
                    f"look at the sample of decision {decision_id} before you approve it: samehand case sample {decision_id}"
                )
            return self._answer(row, by, verdict, shown.digest if shown is not None else None)

    def _answer(self, row: DecisionRow, by: str, verdict: Verdict, sample: str | None) -> Statement:
        body = {"decision": row.decision_id, "proposal": row.digest, "by": by, "verdict": verdict, "sample": sample}
        return Statement("decision.answer", self.store.store_id, body)

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
            roster = self.casework.roster(session)
            person = roster.allow(by, "approve")
            row = _row(session, decision_id, for_update=True)
            if row.state != "proposed":
                raise UsageError(
                    f"decision {decision_id} is {row.state}, by {row.approver or row.proposer}; it has its answer"
                )
            case = self.casework.held(session, row.case_id, by, "approve")
            shown = session.get(SampleRow, (decision_id, by))
            statement = self._answer(row, by, verdict, shown.digest if shown is not None else None)
            if not is_signed_by(person.public, statement, signature):
                raise InputError(f"the signature is not {by}'s on this answer to decision {decision_id}")
            if verdict == "approve":
                if shown is None:
                    raise UsageError(f"{by} has not looked at the sample of decision {decision_id}")
                self._to_approve(session, roster, row, by)
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
            return _read(row)

    def withdraw(self, decision_id: int, key: SigningKey) -> Decision:
        """Take one's own proposal back, while it has no answer.

        Raises:
            NotFoundError: there is no such decision. UsageError: it is somebody else's, or has an answer.

        """
        with self.store.writing() as session:
            self.casework.roster(session).holder(key, "propose")
            row = _row(session, decision_id, for_update=True)
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
            return _read(row)

    # --- going over it all

    def _signed(self, roster: Roster, row: DecisionRow) -> dict[str, Any]:
        """What the proposer of a decision signed.

        Raises:
            InputError: the store holds something else.

        """
        body: dict[str, Any] = json.loads(row.body)
        statement = Statement("decision.propose", self.store.store_id, body)
        if statement.digest != row.digest or not is_signed_by(
            roster.who(row.proposer).public, statement, row.signature
        ):
            raise InputError(f"decision {row.decision_id} is not what {row.proposer} signed; somebody changed it")
        if (row.case_id, row.action) != (body["case"], body["action"]):
            raise InputError(f"decision {row.decision_id} says something else than what {row.proposer} signed")
        return body

    def _is_anothers(self, roster: Roster, row: DecisionRow, body: dict[str, Any], approver: str) -> None:
        """Refuse an approval by the proposer, or where a lead is needed and neither is one."""
        proposer, person = roster.who(row.proposer), roster.who(approver)
        if approver == row.proposer or person.public == proposer.public:
            raise UsageError(f"{approver} proposed decision {row.decision_id}; another person has to approve it")
        if body["escalated"] and not (person.may("escalate") or proposer.may("escalate")):
            raise UsageError(f"decision {row.decision_id} is about protected accounts; a lead has to approve it")

    def _unchanged(self, session: Session, row: DecisionRow, body: dict[str, Any]) -> list[Member]:
        """The accounts of a decision, if policy, accounts and findings are those that were signed.

        Raises:
            InputError: they are others by now.

        """
        policy = session.get(PolicyRow, body["policy"])
        if policy is None or policy_digest(policy.text) != body["policy_digest"]:
            raise InputError(f"the policy {body['policy']} is not the one that decision {row.decision_id} cites")
        members = self._about(session, row.case_id, body["networks"], body["roles"])
        if digest(sorted(one.commitment for one in members)) != body["members"]:
            raise InputError(
                f"the accounts of case {row.case_id} are not those that decision {row.decision_id} is about"
            )
        if self._frozen(session, body["networks"]) != body["findings"]:
            raise InputError(
                f"the findings of case {row.case_id} are not those that decision {row.decision_id} rests on"
            )
        return members

    def _is_borne(self, session: Session, roster: Roster, row: DecisionRow, body: dict[str, Any]) -> None:
        """Refuse a decision whose policy is not in force any more, or whose grounds are not met."""
        now = in_force(session, roster, body["pack"], self.casework.now().date())
        if now.version != body["policy"]:
            raise UsageError(
                f"decision {row.decision_id} cites {body['policy']}, and {now.version} is in force; "
                "withdraw it and propose anew"
            )
        action = cast(Action, row.action)
        bearing, lacking = self._bearing(session, row.case_id, action, body["grounds"], now)
        if not set(body["networks"]) <= set(bearing):
            said = "; ".join(words for each in lacking.values() for words in each)
            raise UsageError(f"the findings do not bear decision {row.decision_id} for all of its networks: {said}")

    def _to_approve(self, session: Session, roster: Roster, row: DecisionRow, approver: str) -> None:
        """Go over a proposal that somebody is about to approve: signature, persons, policy, accounts, findings, grounds."""
        body = self._signed(roster, row)
        self._is_anothers(roster, row, body, approver)
        if row.action == REVERSE:
            return
        members = self._unchanged(session, row, body)
        if any(one.protected for one in members) and not body["escalated"]:
            raise UsageError(
                f"decision {row.decision_id} is about protected accounts by now; withdraw it and propose anew"
            )
        self._is_borne(session, roster, row, body)

    def _is_answered(self, roster: Roster, row: DecisionRow, body: dict[str, Any]) -> None:
        """Refuse a decision that takes two persons and that no second one signed."""
        if row.answer is None or row.approver is None:
            raise InputError(f"decision {row.decision_id} takes two persons, and nobody answered it")
        person = roster.who(row.approver)
        statement = Statement("decision.answer", self.store.store_id, json.loads(row.answer))
        expected = self._answer(row, person.name, "approve", statement.body.get("sample"))
        if statement != expected or not is_signed_by(person.public, statement, row.answer_signature or ""):
            raise InputError(
                f"nobody signed that decision {row.decision_id} is approved; the store says so, and somebody wrote it there"
            )
        self._is_anothers(roster, row, body, person.name)

    def authorised(self, decision_id: int) -> Authorised:
        """Go over a decision that is about to be carried out, signature by signature.

        Returns:
            It, with the accounts that it is about; none for one that reverses another, whose acts say whom it is about.

        Raises:
            NotFoundError: there is none. UsageError: it is not approved. InputError: something in it is not what was signed.

        """
        with self.store.reading() as session:
            roster = self.casework.roster(session)
            row = _row(session, decision_id)
            if row.state not in ("approved", "done"):
                raise UsageError(f"decision {decision_id} is {row.state}; only what is approved is carried out")
            body = self._signed(roster, row)
            members: list[Member] = []
            if row.action == REVERSE:
                before = self._signed(roster, _row(session, body["reverses"]))
                two = before["two"] or before["escalated"]
            else:
                members = self._unchanged(session, row, body)
                two = len(members) > 1 or row.action in IRREVERSIBLE
            if two or body["two"] or body["escalated"]:
                self._is_answered(roster, row, body)
            elif row.action != REVERSE:  # nobody else has looked at it
                self._is_borne(session, roster, row, body)
            return Authorised(_read(row), tuple(members))


def settle_decision(session: Session, decision_id: int) -> None:
    """Say that a decision is carried out, and of the one that it takes back that it is undone."""
    row = _row(session, decision_id, for_update=True)
    row.state = "done"
    if (reverses := json.loads(row.body).get("reverses")) is not None:
        _row(session, reverses, for_update=True).state = "reversed"


def _row(session: Session, decision_id: int, *, for_update: bool = False) -> DecisionRow:
    row = session.get(DecisionRow, decision_id, with_for_update=for_update)
    if row is None:
        raise NotFoundError(f"there is no decision {decision_id}")
    return row


def _read(row: DecisionRow) -> Decision:
    body = json.loads(row.body)
    return Decision(
        row.decision_id, row.case_id, row.state, row.action, tuple(body["grounds"]), body["policy"],  # type: ignore[arg-type]
        tuple(body["roles"]), body.get("reverses"), row.proposer, row.proposed_at, row.approver,
        BlastRadius(**body["radius"]), body["two"], body["escalated"], row.digest,
    )  # fmt: skip
