"""Policy packs: what each step of a ladder, and each ground of a decision, requires, in versioned TOML.

In: a policy file, or the name of one that is shipped. Out: a policy that the rooms below ask before they act on anybody.
"""

from samehand.policy.expectations import SHARES, Expected, expected_precision
from samehand.policy.grounds import (
    ACTIONS,
    Action,
    Evidence,
    Ground,
    Pack,
    PackChange,
    Requirement,
    compare_packs,
    lint_pack,
    parse_pack,
    read_pack,
    unmet,
)
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
    "ACTIONS",
    "DECISIONS",
    "RUNGS",
    "SHARES",
    "Action",
    "Caps",
    "Evidence",
    "Expected",
    "Ground",
    "KnownBadRules",
    "LearningRules",
    "LoginRules",
    "Pack",
    "PackChange",
    "Requirement",
    "Rung",
    "SignupPolicy",
    "TimeRules",
    "Vouching",
    "WaveRules",
    "compare_packs",
    "expected_precision",
    "lint_pack",
    "parse_pack",
    "read_pack",
    "read_signup_policy",
    "unmet",
]
