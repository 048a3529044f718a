"""Names in five scripts, in disguise, and innocents that look alike: what is found, and that nobody innocent is blocked."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from samehand.advertising import Gate, Registry, shipped_entities
from samehand.policy import read_ad_pack
from tests.advertising.cases import HELD, NAMES, named_advertiser

DAY = date(2026, 11, 27)
MISSED = {
    "العالم": "the registry has the longer name only, and a common word is not looked for within it",
    "Rossija Segodnja": "two letters of sixteen differ, and one in ten may",
    "A1 Jazeera Media Network": "in a word of two letters a digit may be a number",
}
"""Names that are not found, and why; the measured page counts them as missed."""


@cache
def _gate() -> Gate:
    return Gate(Registry(shipped_entities().values()), read_ad_pack("twitter-2019-08", DAY), DAY, HELD)


@pytest.mark.parametrize("case", [one for one in NAMES if one["kind"] != "innocent"], ids=lambda one: one["value"])
def test_a_name_is_found_and_sends_to_a_person_at_most(case: dict[str, str]) -> None:
    done = _gate().decide(named_advertiser(case))

    assert done.decision != "block"
    assert (done.entity_id == case["expected"]) != (case["value"] in MISSED), done


@pytest.mark.parametrize("case", [one for one in NAMES if one["kind"] == "innocent"], ids=lambda one: one["value"])
def test_nobody_innocent_is_blocked(case: dict[str, str]) -> None:
    assert _gate().decide(named_advertiser(case)).decision != "block"
