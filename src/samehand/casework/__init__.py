"""Casework: cases, what was found, who decided what on which grounds, and the log of all of it.

In: networks and waves of runs, and what people say and sign. Out: cases with their findings frozen, decisions whose every
signature can be gone over again, and an audit log in which no edit goes unseen.
"""

from samehand.casework.answers import Answer, write_answers
from samehand.casework.appeals import GROUPS, Appeal, Appeals, OverturnRate, Ruling
from samehand.casework.audit import Break, Entry, Verification, append, commit, opens, read_entries, verify
from samehand.casework.cases import HARMS, Case, Casework, Harm, Member, Note, Origin, Role, members_named
from samehand.casework.claim_evidence import ClaimEvidence, HeldEvidence
from samehand.casework.claims import CLAIM_RETRACTED, Claim, Claims, ClaimState
from samehand.casework.corrections import CORRECTION
from samehand.casework.decisions import Decisions, settle_decision
from samehand.casework.evidence import (
    Brought,
    CaseNetwork,
    Finding,
    bring,
    families_of,
    findings_of,
    networks_in,
    protect,
    protected,
    unprotect,
)
from samehand.casework.export import export_case
from samehand.casework.head import Heads, add_head, sign_head, verify_with_heads, write_head
from samehand.casework.judgements import Authorised, BlastRadius, Decision, DryRun
from samehand.casework.keys import SigningKey, make_key, read_key
from samehand.casework.ladder import Step, take_steps
from samehand.casework.notices import Notice, Notices, give_notice
from samehand.casework.policies import adopt, adopt_ladder, in_force, retire
from samehand.casework.recipients import (
    ClaimRecipient,
    ClaimRecipients,
    RecipientKind,
    claims_taken_back,
    give_claim,
    settle_claim,
)
from samehand.casework.retention import Due, Retention, erase_account, hold, read_retention, release
from samehand.casework.roster import (
    Permission,
    Reviewer,
    Roster,
    add_reviewer,
    change_roles,
    found_roster,
    is_founded,
    read_roster,
    remove_reviewer,
)
from samehand.casework.scrutiny import CLEARED, REVERSE, Scrutiny, decision_row
from samehand.casework.statements import Statement
from samehand.casework.states import STATES, TRANSITIONS, WAITING
from samehand.casework.tables import AppealRow, CaseRow, DecisionRow, MemberRow, NoticeRow
from samehand.casework.trying import Trial, TriedCase, TriedDecision, try_pack
from samehand.casework.wording import LANGUAGES, language_of

__all__ = [
    "AppealRow",
    "CaseRow",
    "NoticeRow",
    "CLAIM_RETRACTED",
    "Claim",
    "ClaimEvidence",
    "ClaimRecipient",
    "ClaimRecipients",
    "ClaimState",
    "Claims",
    "HeldEvidence",
    "RecipientKind",
    "claims_taken_back",
    "give_claim",
    "settle_claim",
    "Permission",
    "is_founded",
    "Answer",
    "write_answers",
    "CaseNetwork",
    "networks_in",
    "CLEARED",
    "CORRECTION",
    "GROUPS",
    "LANGUAGES",
    "REVERSE",
    "Appeal",
    "Appeals",
    "Notice",
    "Notices",
    "OverturnRate",
    "Ruling",
    "Scrutiny",
    "give_notice",
    "HARMS",
    "STATES",
    "TRANSITIONS",
    "WAITING",
    "Authorised",
    "BlastRadius",
    "Break",
    "Brought",
    "Case",
    "Casework",
    "Decision",
    "DecisionRow",
    "Decisions",
    "DryRun",
    "Due",
    "Entry",
    "Finding",
    "Harm",
    "Heads",
    "Member",
    "MemberRow",
    "Note",
    "Origin",
    "Retention",
    "Reviewer",
    "Role",
    "Roster",
    "SigningKey",
    "Statement",
    "Step",
    "Trial",
    "TriedCase",
    "TriedDecision",
    "Verification",
    "add_head",
    "add_reviewer",
    "adopt",
    "adopt_ladder",
    "append",
    "bring",
    "change_roles",
    "commit",
    "decision_row",
    "erase_account",
    "export_case",
    "families_of",
    "findings_of",
    "found_roster",
    "hold",
    "in_force",
    "language_of",
    "make_key",
    "members_named",
    "opens",
    "protect",
    "protected",
    "read_entries",
    "read_key",
    "read_retention",
    "read_roster",
    "release",
    "remove_reviewer",
    "retire",
    "settle_decision",
    "sign_head",
    "take_steps",
    "try_pack",
    "unprotect",
    "verify",
    "verify_with_heads",
    "write_head",
]
