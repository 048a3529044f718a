"""Policy packs: what each step of a ladder requires, in versioned TOML.

In: a policy file, or the name of one that is shipped. Out: a policy that the rooms below ask before they act on anybody.
"""

from samehand.policy.expectations import SHARES, Expected, expected_precision
from samehand.policy.signups import (
    DECISIONS,
    RUNGS,
    Caps,
    KnownBadRules,
    LearningRules,
    LoginRules,
    Rung,
    SignupPolicy,
    TimeRules,
    Vouching,
    WaveRules,
    read_signup_policy,
)

__all__ = [
    "DECISIONS",
    "RUNGS",
    "SHARES",
    "Caps",
    "Expected",
    "KnownBadRules",
    "LearningRules",
    "LoginRules",
    "Rung",
    "SignupPolicy",
    "TimeRules",
    "Vouching",
    "WaveRules",
    "expected_precision",
    "read_signup_policy",
]
