"""From activities to networks: pairs, their significance, candidate groups, the test of groups.

In: sorted arrays of activities, one trace or several. Out: judged pairs and networks, each with its p-value; the
arrays of meetings behind them are the receipts.
"""

from samehand.coordination.arrays import Activities, sorted_activities
from samehand.coordination.authors import (
    UNKNOWN,
    Births,
    CommonAuthor,
    Delays,
    account_delays,
    common_author,
    paced_meetings,
    pairs_beyond_pace,
)
from samehand.coordination.evidence import PairEvidence, judge_pairs, owners, pair_evidence
from samehand.coordination.groups import ALL_TRACES, GroupTest, test_group
from samehand.coordination.kernel import Bands, PairCounts, Window, count_pairs, open_window, pairs_of_block
from samehand.coordination.lists import TextList, text_lists
from samehand.coordination.meetings import (
    Actions,
    Meetings,
    group_actions,
    group_meetings,
    pair_meetings,
    rare_objects_shared,
    shared_sittings,
)
from samehand.coordination.members import members_with_evidence
from samehand.coordination.networks import (
    PERIOD,
    GroupSearch,
    Network,
    merge_networks,
    networks_of_groups,
    networks_of_pairs,
    unite_networks,
)
from samehand.coordination.pairs import JudgedPairs, family_size, judge_trace, step_up
from samehand.coordination.reference import SIZE_EDGES, Reference, SpreadClass, measure_reference
from samehand.coordination.rhythm import PeriodPairs, period_pairs, session_starts
from samehand.coordination.search import Candidates, Ties, candidate_groups, measure_ties

__all__ = [
    "ALL_TRACES",
    "PERIOD",
    "SIZE_EDGES",
    "UNKNOWN",
    "Actions",
    "Activities",
    "Bands",
    "Births",
    "Candidates",
    "CommonAuthor",
    "Delays",
    "GroupSearch",
    "GroupTest",
    "JudgedPairs",
    "Meetings",
    "Network",
    "PairCounts",
    "PairEvidence",
    "PeriodPairs",
    "Reference",
    "SpreadClass",
    "TextList",
    "Ties",
    "Window",
    "account_delays",
    "candidate_groups",
    "common_author",
    "count_pairs",
    "family_size",
    "group_actions",
    "group_meetings",
    "judge_pairs",
    "judge_trace",
    "measure_reference",
    "measure_ties",
    "members_with_evidence",
    "merge_networks",
    "networks_of_groups",
    "networks_of_pairs",
    "open_window",
    "owners",
    "paced_meetings",
    "pair_evidence",
    "pair_meetings",
    "pairs_beyond_pace",
    "pairs_of_block",
    "period_pairs",
    "rare_objects_shared",
    "session_starts",
    "shared_sittings",
    "sorted_activities",
    "step_up",
    "test_group",
    "text_lists",
    "unite_networks",
]
