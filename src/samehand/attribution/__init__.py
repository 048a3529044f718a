"""Attribution: who is behind a network, how likely that is, how sure anybody can be, and how much of it may be claimed.

In: graded evidence of declared kinds. Out: five rival hypotheses weighed, a level of claim, and words that say no more.
"""

from samehand.attribution.claims import ACTOR_TYPES, ActorType, ClaimDraft, claim_block, draft_claim
from samehand.attribution.countries import country_in_words, country_named
from samehand.attribution.datasets import genuine_of, infrastructure_of, logins_of, stated_of, times_of
from samehand.attribution.evidence import EvidenceItem, EvidenceKind, evidence_kinds, read_evidence
from samehand.attribution.hours import (
    CALENDARS,
    CalendarFit,
    HoursFit,
    calendar_fit,
    days_off,
    hours_evidence,
    hours_fit,
)
from samehand.attribution.hypotheses import HYPOTHESES, IN_WORDS, Hypothesis
from samehand.attribution.indications import hours_found, languages_found, networks_found, overlap_found
from samehand.attribution.ladder import BEARS, LEVELS, Level, Reached, borne, claim_text, names_a_state, reach
from samehand.attribution.languages import (
    InterfaceOdds,
    Stated,
    interface_of,
    language_evidence,
    language_odds,
)
from samehand.attribution.networks import Odds, country_odds, network_evidence, overlap_evidence
from samehand.attribution.reading import read_evidence_file
from samehand.attribution.weighing import LIKELY, UNIFORM, Confidence, Weighed, likelihood_word, weigh

__all__ = [
    "ACTOR_TYPES",
    "BEARS",
    "ActorType",
    "ClaimDraft",
    "InterfaceOdds",
    "Stated",
    "borne",
    "claim_block",
    "hours_found",
    "languages_found",
    "networks_found",
    "overlap_found",
    "read_evidence_file",
    "country_in_words",
    "country_named",
    "draft_claim",
    "genuine_of",
    "infrastructure_of",
    "interface_of",
    "language_evidence",
    "language_odds",
    "logins_of",
    "stated_of",
    "times_of",
    "CALENDARS",
    "CalendarFit",
    "HoursFit",
    "Odds",
    "calendar_fit",
    "country_odds",
    "days_off",
    "hours_evidence",
    "hours_fit",
    "network_evidence",
    "overlap_evidence",
    "HYPOTHESES",
    "IN_WORDS",
    "LEVELS",
    "LIKELY",
    "UNIFORM",
    "Confidence",
    "EvidenceItem",
    "EvidenceKind",
    "Hypothesis",
    "Level",
    "Reached",
    "Weighed",
    "claim_text",
    "evidence_kinds",
    "likelihood_word",
    "names_a_state",
    "reach",
    "read_evidence",
    "weigh",
]
