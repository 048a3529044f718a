"""From seeds and tips outward, each inclusion with its path and its price.

In: tables of assets, relations, log-ins and posts; seeds, and a reviewer's answers. Out: who is taken in, by which shared
object, through whom, at what chance; and why others were left out.
"""

from samehand.expansion.attributes import ATTRIBUTES, FAMILIES, SEED_KINDS, STAFF_ROLES, Attribute
from samehand.expansion.growing import Answers, ExpansionParameters, Grown, Hop, Inclusion, grow
from samehand.expansion.holdings import COLUMNS, Holdings, gather
from samehand.expansion.scoring import Shared
