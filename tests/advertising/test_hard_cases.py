"""The hard cases of the field, decided from the shipped registry as they are to be, on the day that is asked."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from samehand.advertising import Gate, Registry, Resolver, shipped_entities
from samehand.policy import read_ad_pack
from tests.advertising.cases import HARD, HELD, hard_advertiser


@cache
def _registry() -> Registry:
    return Registry(shipped_entities().values())


@cache
def _resolver() -> Resolver:
    return Resolver(_registry())


@pytest.mark.parametrize(
    "case", HARD, ids=lambda one: f"{one['entity_id']} {one['policy']} {one['on']} {one['countries']}"
)
def test_each_is_decided_as_its_row_says(case: dict[str, str]) -> None:
    on = date.fromisoformat(case["on"])
    gate = Gate(_registry(), read_ad_pack(case["policy"], on), on, HELD, resolver=_resolver())
    done = gate.decide(hard_advertiser(case, _registry()))

    assert (done.entity_id, done.decision, done.label or "", done.ground) == (
        case["entity_id"], case["decision"], case["label"], case["ground"]
    )  # fmt: skip
