"""The hard cases of the field, decided from the shipped registry as they are to be, on the day that is asked."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from samehand.advertising import Advertiser, Gate, Registry, Resolver, shipped_entities
from samehand.policy import read_ad_pack

HELD = date(2026, 12, 31)
CASES = list(csv.DictReader((Path(__file__).parent / "hard_cases.csv").read_text("utf-8").splitlines()))


@cache
def _registry() -> Registry:
    return Registry(shipped_entities().values())


@cache
def _resolver() -> Resolver:
    return Resolver(_registry())


def _asked(entity_id: str, on: date, countries: str) -> Advertiser:
    """The entity as an advertiser that names its domain of the day, or else its official name and country."""
    entity = _registry().entity(entity_id)
    domains = [one.value for one in entity.assets if one.platform == "domain" and one.span.holds(on, HELD)]
    shown = tuple(countries.split("|"))
    if domains:
        return Advertiser(landing_url=f"https://{domains[0]}/", target_countries=shown)
    return Advertiser(payer=entity.name, country=entity.country, target_countries=shown)


@pytest.mark.parametrize(
    "case", CASES, ids=lambda one: f"{one['entity_id']} {one['policy']} {one['on']} {one['countries']}"
)
def test_each_is_decided_as_its_row_says(case: dict[str, str]) -> None:
    on = date.fromisoformat(case["on"])
    gate = Gate(_registry(), read_ad_pack(case["policy"], on), on, HELD, resolver=_resolver())
    done = gate.decide(_asked(case["entity_id"], on, case["countries"]))

    assert (done.entity_id, done.decision, done.label or "", done.ground) == (
        case["entity_id"], case["decision"], case["label"], case["ground"]
    )  # fmt: skip
