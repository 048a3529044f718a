"""Objects of STIX that come together as the tips that they are: one for each report, one for what no report names.

What is taken back later comes with its own report or with none, so that tips are kept apart from the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from samehand.exchange.drafts import TipDraft
from samehand.exchange.stix_reading import stix_tip

__all__ = ["tips_of"]

REPORTS: Final = ("report", "grouping")
CONTEXT: Final = (
    "identity",
    "marking-definition",
    "extension-definition",
    "attack-pattern",
    "threat-actor",
    "location",
)
"""Objects that say nothing by themselves and may belong to each report."""


def tips_of(objects: Sequence[Any], ref: str) -> list[TipDraft]:
    """Tips from objects of STIX; rows that are refused are places among all of them, from 1.

    Args:
        objects: as JSON has them. ref: what is known by it that no report names.

    """
    reports = [place for place, one in enumerate(objects) if _type(one) in REPORTS and isinstance(one.get("id"), str)]
    if len({objects[place]["id"] for place in reports}) < 2:
        return [stix_tip(list(objects), ref)]
    groups: dict[str, set[int]] = {}
    of_object: dict[str, set[str]] = {}
    for place in reports:
        one = objects[place]
        groups.setdefault(one["id"], set()).add(place)
        refs = one.get("object_refs")
        for named in refs if isinstance(refs, list) else ():
            of_object.setdefault(str(named), set()).add(one["id"])
    context, rest = set[int](), set[int]()
    for place, one in enumerate(objects):
        if place in reports:
            continue
        if _type(one) in CONTEXT:
            context.add(place)
            continue
        names = (one.get("id"), one.get("source_ref")) if isinstance(one, dict) else ()
        mine = {report for name in names for report in of_object.get(str(name), ())}
        for report in mine:
            groups[report].add(place)
        if not mine:
            rest.add(place)
    drafts = [_draft(objects, sorted(places | context), ref) for places in groups.values()]
    return [*drafts, _draft(objects, sorted(rest | context), ref)] if rest else drafts


def _type(one: Any) -> str:
    return str(one.get("type")) if isinstance(one, dict) else ""


def _draft(objects: Sequence[Any], places: list[int], ref: str) -> TipDraft:
    draft = stix_tip([objects[place] for place in places], ref)
    return replace(draft, refused=tuple(replace(one, row=places[one.row - 1] + 1) for one in draft.refused))
