"""Names in five scripts, in disguise, and innocents that look alike: what is found, and that nobody innocent is blocked."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from samehand.advertising import Advertiser, Gate, Registry, shipped_entities
from samehand.policy import read_ad_pack

DAY = date(2026, 11, 27)
HELD = date(2026, 12, 31)
CASES = list(csv.DictReader((Path(__file__).parent / "matcher_cases.csv").read_text("utf-8").splitlines()))
MISSED = {
    "العالم": "the registry has the longer name only, and a common word is not looked for within it",
    "Rossija Segodnja": "two letters of sixteen differ, and one in ten may",
    "A1 Jazeera Media Network": "in a word of two letters a digit may be a number",
}
"""Names that are not found, and why; the measured page counts them as missed."""


@cache
def _gate() -> Gate:
    return Gate(Registry(shipped_entities().values()), read_ad_pack("twitter-2019-08", DAY), DAY, HELD)


def _advertiser(case: dict[str, str]) -> Advertiser:
    return Advertiser(**{case["field"]: case["value"], "country": case["country"], "platform": case["platform"]})  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [one for one in CASES if one["kind"] != "innocent"], ids=lambda one: one["value"])
def test_a_name_is_found_and_sends_to_a_person_at_most(case: dict[str, str]) -> None:
    done = _gate().decide(_advertiser(case))

    assert done.decision != "block"
    assert (done.entity_id == case["expected"]) != (case["value"] in MISSED), done


@pytest.mark.parametrize("case", [one for one in CASES if one["kind"] == "innocent"], ids=lambda one: one["value"])
def test_nobody_innocent_is_blocked(case: dict[str, str]) -> None:
    assert _gate().decide(_advertiser(case)).decision != "block"
