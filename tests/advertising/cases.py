"""Hard cases and names, each a row of a file that tests hold and the measured page tells of."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Final

from samehand.advertising import Advertiser, Registry

__all__ = ["HARD", "HELD", "NAMES", "hard_advertiser", "named_advertiser"]

HELD: Final = date(2026, 12, 31)
HERE: Final = Path(__file__).parent
HARD: Final = tuple(csv.DictReader((HERE / "hard_cases.csv").read_text("utf-8").splitlines()))
NAMES: Final = tuple(csv.DictReader((HERE / "matcher_cases.csv").read_text("utf-8").splitlines()))


def hard_advertiser(case: dict[str, str], registry: Registry) -> Advertiser:
    """The entity of a hard case as an advertiser that names its domain of the day, or else its name and country."""
    entity, on = registry.entity(case["entity_id"]), date.fromisoformat(case["on"])
    domains = [one.value for one in entity.assets if one.platform == "domain" and one.span.holds(on, HELD)]
    shown = tuple(case["countries"].split("|"))
    if domains:
        return Advertiser(landing_url=f"https://{domains[0]}/", target_countries=shown)
    return Advertiser(payer=entity.name, country=entity.country, target_countries=shown)


def named_advertiser(case: dict[str, str]) -> Advertiser:
    """An advertiser that tells one name of itself."""
    return Advertiser(**{case["field"]: case["value"], "country": case["country"]})  # type: ignore[arg-type]
