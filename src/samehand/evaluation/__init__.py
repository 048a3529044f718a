"""Detectors and peers on worlds and labelled sets: how well, how calibrated, how fast; the docs' tables come from here.

In: scenarios, seeds, runs and what is known to be true. Out: figures as frozen dataclasses, and Markdown tables.
"""

from samehand.evaluation.calibration import Calibration, Curve, calibrate
from samehand.evaluation.discoveries import Discoveries, discoveries_in
from samehand.evaluation.drawn import Searched, drawn_worlds, loaded, searched_worlds
from samehand.evaluation.installation import Installation, Machine, examine_installation, examine_machine
from samehand.evaluation.pages import markdown_table, write_page
from samehand.evaluation.power import (
    PowerCell,
    SeedResult,
    TeamResult,
    count_rule,
    found_in_scenario,
    power_map,
    wilson,
)
from samehand.evaluation.redraw import redrawn
from samehand.evaluation.selftest import SelfTest, run_self_test
from samehand.evaluation.speed import Measured, draw_activities, measure
from samehand.evaluation.truth import (
    FOUND_SHARE,
    Known,
    RoleCount,
    TeamCount,
    TruthComparison,
    compare_with_truth,
    read_truth,
)

__all__ = [
    "FOUND_SHARE",
    "Calibration",
    "Curve",
    "Discoveries",
    "Installation",
    "Known",
    "Machine",
    "Measured",
    "PowerCell",
    "RoleCount",
    "Searched",
    "SeedResult",
    "SelfTest",
    "TeamCount",
    "TeamResult",
    "TruthComparison",
    "calibrate",
    "compare_with_truth",
    "count_rule",
    "discoveries_in",
    "draw_activities",
    "drawn_worlds",
    "examine_installation",
    "examine_machine",
    "found_in_scenario",
    "loaded",
    "markdown_table",
    "measure",
    "power_map",
    "read_truth",
    "redrawn",
    "run_self_test",
    "searched_worlds",
    "wilson",
    "write_page",
]
