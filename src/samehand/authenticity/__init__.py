"""Is anybody real? Findings about each network against matched controls, counter-evidence, and a verdict.

In: what is known of the accounts as Arrow tables, activities, and the networks that were found. Out: for each network the
rows of the run table `findings`, its state on the axis `inauthentic`, whether it is flagged, and sentences that say why.
"""

from samehand.authenticity.catalogue import DETECTORS
from samehand.authenticity.counter import COUNTER_EVIDENCE, SHARED_HOSTS, CounterEvidence, SharedOwner
from samehand.authenticity.findings import Detector, FindingRow
from samehand.authenticity.judging import Judged, NetworkToJudge, findings_table, judge_networks
from samehand.authenticity.material import Material, build_material
from samehand.authenticity.verdict import FLAG_RULE, STATE_RULE, Verdict, verdict_of

__all__ = [
    "COUNTER_EVIDENCE",
    "DETECTORS",
    "FLAG_RULE",
    "SHARED_HOSTS",
    "STATE_RULE",
    "CounterEvidence",
    "Detector",
    "FindingRow",
    "Judged",
    "Material",
    "NetworkToJudge",
    "SharedOwner",
    "Verdict",
    "build_material",
    "findings_table",
    "judge_networks",
    "verdict_of",
]
