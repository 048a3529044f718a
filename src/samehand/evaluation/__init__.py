"""Detectors and peers on worlds and labelled sets: how well, how calibrated, how fast; the docs' tables come from here.

In: scenarios, seeds, runs and what is known to be true. Out: figures as frozen dataclasses, and Markdown tables.
"""

from samehand.evaluation.attributions import Attributed, attributed_worlds
from samehand.evaluation.calibration import Calibration, Curve, calibrate
from samehand.evaluation.comparison import findings_table, set_tables, world_tables
from samehand.evaluation.detectors import detected, verdicts_of_run
from samehand.evaluation.discoveries import Discoveries, discoveries_in
from samehand.evaluation.drawn import Searched, drawn_worlds, loaded, searched_worlds
from samehand.evaluation.fairness import GroupRate, group_rates, pooled_groups, rate_ratio, spread
from samehand.evaluation.held import SetResult, evaluate_set, evaluate_worlds, peer_detectors
from samehand.evaluation.installation import Installation, Machine, examine_installation, examine_machine
from samehand.evaluation.intervals import bootstrap, drawn_anew
from samehand.evaluation.labels import read_labels
from samehand.evaluation.newcomers import NewcomerScore, recall_at_precision, score_newcomers, uncapped
from samehand.evaluation.pages import markdown_table, write_page
from samehand.evaluation.peers import LIMIT_S, PEERS, Peer, peer_verdicts
from samehand.evaluation.power import (
    PowerCell,
    SeedResult,
    TeamResult,
    found_in_scenario,
    power_map,
    wilson,
)
from samehand.evaluation.redraw import redrawn
from samehand.evaluation.scoring import Tally, WorldScore, add_up, recall_at, score
from samehand.evaluation.selftest import SelfTest, run_self_test
from samehand.evaluation.speed import Measured, draw_activities, measure
from samehand.evaluation.tips import TIPS, TipScore, expand_tips, expansion_tables
from samehand.evaluation.truth import (
    FOUND_SHARE,
    Known,
    RoleCount,
    TeamCount,
    TruthComparison,
    compare_with_truth,
    read_truth,
)
from samehand.evaluation.verdicts import FindingCount, NamedNetwork, Verdicts

__all__ = [
    "Attributed",
    "attributed_worlds",
    "FOUND_SHARE",
    "LIMIT_S",
    "NewcomerScore",
    "PEERS",
    "TIPS",
    "Calibration",
    "Curve",
    "Discoveries",
    "FindingCount",
    "GroupRate",
    "Installation",
    "Known",
    "Machine",
    "Measured",
    "NamedNetwork",
    "Peer",
    "PowerCell",
    "RoleCount",
    "Searched",
    "SeedResult",
    "SelfTest",
    "SetResult",
    "Tally",
    "TeamCount",
    "TeamResult",
    "TipScore",
    "TruthComparison",
    "Verdicts",
    "WorldScore",
    "add_up",
    "bootstrap",
    "calibrate",
    "compare_with_truth",
    "detected",
    "discoveries_in",
    "draw_activities",
    "drawn_anew",
    "drawn_worlds",
    "evaluate_set",
    "evaluate_worlds",
    "examine_installation",
    "expand_tips",
    "expansion_tables",
    "examine_machine",
    "findings_table",
    "found_in_scenario",
    "group_rates",
    "loaded",
    "markdown_table",
    "measure",
    "peer_detectors",
    "peer_verdicts",
    "pooled_groups",
    "power_map",
    "rate_ratio",
    "read_labels",
    "recall_at_precision",
    "read_truth",
    "recall_at",
    "redrawn",
    "run_self_test",
    "score",
    "score_newcomers",
    "searched_worlds",
    "set_tables",
    "spread",
    "verdicts_of_run",
    "wilson",
    "world_tables",
    "write_page",
    "uncapped",
]
