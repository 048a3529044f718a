"""Before the first post: signals of sign-ups, waves, ties to accounts taken down, and the ladder.

In: rows of `signups` in order of time, a policy, and what is kept of accounts taken down. Out: rows of `decisions`, the
waves behind them, and a state that can be saved and loaded.
"""

from samehand.signups.coding import COLUMNS, CodedRows, code_rows
from samehand.signups.corrections import LIFTED, Correction, Corrigible, corrections_of, labels_of, take_corrections
from samehand.signups.facts import FACTS, FAMILIES, Fact
from samehand.signups.journal import Journal
from samehand.signups.learning import can_learn, check_labels
from samehand.signups.recidivism import KeyRing, KnownBad
from samehand.signups.snapshot import load_stream, save_stream
from samehand.signups.stream import SignupStream, StandingWave

__all__ = [
    "COLUMNS",
    "FACTS",
    "FAMILIES",
    "LIFTED",
    "CodedRows",
    "Correction",
    "Corrigible",
    "Fact",
    "Journal",
    "KeyRing",
    "KnownBad",
    "SignupStream",
    "StandingWave",
    "can_learn",
    "check_labels",
    "code_rows",
    "corrections_of",
    "labels_of",
    "load_stream",
    "save_stream",
    "take_corrections",
]
