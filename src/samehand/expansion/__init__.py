"""From seeds and tips outward, each inclusion with its path and its price.

In: tables of assets, relations, log-ins and posts; seeds, and a reviewer's answers. Out: who is taken in, by which shared
object, through whom, at what chance; and why others were left out.
"""

from samehand.expansion.attributes import ATTRIBUTES, FAMILIES, SEED_KINDS, STAFF_ROLES, Attribute
from samehand.expansion.growing import Among, Answers, ExpansionParameters, Grown, Hop, Inclusion, Lead, grow
from samehand.expansion.holdings import COLUMNS, Holdings, gather
from samehand.expansion.scoring import Shared

__all__ = [
    "gather",
    "grow",
    "Shared",
    "Holdings",
    "COLUMNS",
    "ExpansionParameters",
    "Answers",
    "Among",
    "Grown",
    "Inclusion",
    "Lead",
    "Hop",
    "Attribute",
    "ATTRIBUTES",
    "FAMILIES",
    "SEED_KINDS",
    "STAFF_ROLES",
]
